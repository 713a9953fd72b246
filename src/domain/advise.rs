//! Records for what somebody wants, looked at as if they were published before they are given out.

use ipnet::IpNet;

use super::cautions::{Caution, cautions, weaker};
use super::policies::policies;
use super::{Assessment, Input, check, dmarc_tags, proof};
use crate::Name;
use crate::dmarc::{Policy, Record};
use crate::dns::{Answer, Lookup, Mx, Question, RecordType, Records, Snapshot, Step, master};
use crate::finding::Diagnostic;
use crate::mta_sts::{Fetched, Mode};
use crate::spf;
use crate::text::Source;

/// What a domain is to do with mail.
///
/// ```
/// use mailproof::{dmarc::Policy, dns::Snapshot, domain::{self, Intent}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. MX 10 mail.example.com.
/// mail.example.com. A 192.0.2.25
/// _spf.esp.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
/// "#)?;
/// // Its own mail servers and a newsletter service send, and nobody else.
/// let services = vec!["_spf.esp.example".parse()?];
/// let mut intent = Intent::these("example.com".parse()?, true, services, Vec::new(), Policy::Reject);
/// intent.reports = Some("dmarc@example.com".to_owned());
/// let advised = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::advise(dns, &intent))?;
/// assert_eq!(advised.records[0].value, "v=spf1 mx include:_spf.esp.example ~all");
/// assert_eq!(advised.records[1].value, "v=DMARC1; p=reject; rua=mailto:dmarc@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Intent {
    /// The domain.
    pub domain: Name,
    /// Who sends in its name.
    pub senders: Senders,
    /// What receivers are to do with other mail.
    pub policy: Policy,
    /// Where reports go: an address.
    pub reports: Option<String>,
    /// DKIM keys: the selector, and the public key in base64, as in `p=`. RSA keys only.
    pub keys: Vec<(Name, String)>,
    /// How mail to it is protected on its way, and a number that grows whenever this changes, such as a Unix time.
    pub tls: Option<(Mode, u64)>,
}

/// Who sends in the name of a domain.
///
/// ```
/// use mailproof::{dmarc::Policy, domain::{Intent, Senders}};
///
/// // Without a word about senders, a domain sends nothing.
/// assert!(matches!(Intent::nobody("parked.example".parse()?).senders, Senders::Nobody));
/// let office = vec!["192.0.2.0/24".parse()?];
/// let intent = Intent::these("example.com".parse()?, false, Vec::new(), office, Policy::Quarantine);
/// assert!(matches!(intent.senders, Senders::These { mx: false, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Senders {
    /// Nobody; and nobody receives.
    #[default]
    Nobody,
    /// These, and nobody else.
    These {
        /// The servers that receive its mail.
        mx: bool,
        /// The names that services tell their customers to include; [`spf::services`](crate::spf::services) has them.
        includes: Vec<Name>,
        /// Its own networks.
        networks: Vec<IpNet>,
    },
}

/// Records to publish, and what there is to say about the domain once they are.
///
/// ```
/// use mailproof::{dns::Snapshot, domain::{self, Intent, Protection}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"parked.example. TXT "site-verification=1""#)?;
/// let intent = Intent::nobody("parked.example".parse()?);
/// let advised = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::advise(dns, &intent))?;
/// // The records were looked at as if they were published.
/// let facts = advised.assessment.facts.unwrap();
/// assert_eq!(facts.protection(), Protection::Full);
/// assert!(advised.policy_file.is_none(), "MTA-STS was not wanted");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Advised {
    /// The records.
    pub records: Vec<ToPublish>,
    /// The file to serve at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
    pub policy_file: Option<String>,
    /// What to know before they are published.
    pub cautions: Vec<Caution>,
    /// What the check says then.
    pub assessment: Assessment,
}

/// A record to publish.
///
/// ```
/// use mailproof::{dns::Snapshot, domain::{self, Intent}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"parked.example. TXT "v=spf1 a mx ~all""#)?;
/// let intent = Intent::nobody("parked.example".parse()?);
/// let advised = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::advise(dns, &intent))?;
/// let spf = &advised.records[0];
/// assert_eq!((spf.owner.as_str(), spf.value.as_str()), ("parked.example", "v=spf1 -all"));
/// // Two SPF records would be a permerror: the old one has to go.
/// assert_eq!(spf.replaces, ["v=spf1 a mx ~all"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ToPublish {
    /// Where.
    pub owner: Name,
    /// TXT, or MX.
    pub record_type: RecordType,
    /// The value, in one piece.
    pub value: String,
    /// Records of that purpose that it stands in the place of: of its type, or `CNAME target.` for an alias, beside which a name has
    /// no other record (RFC 1034 §3.6.2).
    pub replaces: Vec<String>,
}

/// The records that were built do not do what is wanted.
///
/// ```
/// use mailproof::{dmarc::Policy, dns::Snapshot, domain::{self, Intent}, resolver::{Zone, drive_sync}};
///
/// // The service to include publishes no SPF record (any more).
/// let zone = Zone::parse("example.com. MX 10 mail.example.com.\nmail.example.com. A 192.0.2.25")?;
/// let services = vec!["_spf.gone.example".parse()?];
/// let intent = Intent::these("example.com".parse()?, true, services, Vec::new(), Policy::Reject);
/// let advised = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::advise(dns, &intent));
/// assert!(advised.unwrap_err().to_string().starts_with("the check finds errors in the records: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unproven {
    /// A name does not fit into the DNS.
    #[error("a name does not fit into the DNS: {0}")]
    Name(#[from] crate::name::NameError),
    /// A text is no name that records can stand at.
    #[error(
        "`{found}` cannot be the name of {what}: a name has letters, digits, hyphens and underscores, with dots between"
    )]
    NotAName {
        /// What was given: the domain, a service, a selector.
        what: &'static str,
        /// The text.
        found: Name,
    },
    /// The check finds errors in them.
    #[error("the check finds errors in the records: {}", .0.first().map(Diagnostic::message).unwrap_or_default())]
    Errors(Vec<Diagnostic>),
    /// They would come to something else.
    #[error("the records would not have the effect that is wanted: {0}")]
    Effect(&'static str),
}

impl Intent {
    /// A domain without mail, which receivers are asked to reject.
    pub fn nobody(domain: Name) -> Self {
        let senders = Senders::Nobody;
        Self { domain, senders, policy: Policy::Reject, reports: None, keys: Vec::new(), tls: None }
    }

    /// A domain for which these send.
    pub fn these(domain: Name, mx: bool, includes: Vec<Name>, networks: Vec<IpNet>, policy: Policy) -> Self {
        let senders = Senders::These { mx, includes, networks };
        Self { senders, policy, ..Self::nobody(domain) }
    }
}

/// The records for `intent`. They are looked at by [`check`](super::check) together with everything that the DNS says already; what
/// has an error, or another effect than wanted, is not given out: everybody who is to send must pass SPF, each key must be one, and
/// DMARC must ask for the policy.
///
/// ```
/// use mailproof::dns::Snapshot;
/// use mailproof::domain::{self, Intent, Protection};
/// use mailproof::resolver::{Zone, drive_sync};
///
/// let zone = Zone::parse("example.com. TXT \"site-verification=1\"")?;
/// let intent = Intent::nobody("example.com".parse()?);
/// let mut dns = Snapshot::new();
/// let advised = drive_sync(&mut dns, |question| zone.answer(question), |dns| domain::advise(dns, &intent))?;
/// let values: Vec<&str> = advised.records.iter().map(|record| record.value.as_str()).collect();
/// assert_eq!(values, ["v=spf1 -all", "v=DMARC1; p=reject", "0 .", "v=DKIM1; p="]);
/// assert_eq!(advised.assessment.facts.unwrap().protection(), Protection::Full);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn advise(dns: &Snapshot, intent: &Intent) -> Step<Result<Advised, Unproven>> {
    if let Err(error) = proof::names(intent) {
        return Step::Done(Err(error));
    }
    let domain = &intent.domain;
    let needed = [RecordType::Txt, RecordType::Mx].map(|of| Question::new(domain.clone(), of));
    let mut open: Vec<Question> = needed.into_iter().filter(|question| dns.get(question).is_none()).collect();
    let today = policies(dns, domain).or_ask(&mut open);
    let Some(today) = today.filter(|_| open.is_empty()) else { return Step::Ask(open) };
    let (mut records, lost_tags) = match records(dns, intent) {
        Ok(records) => records,
        Err(error) => return Step::Done(Err(error)),
    };
    // RFC 1034 §3.6.2: no other record can stand beside an alias, and what it leads to is lost with it, mail servers included.
    if dns.lookup(domain.as_str(), RecordType::Txt).is_some_and(|answer| !answer.aliases.is_empty()) {
        return Step::Done(Err(Unproven::Effect(
            "the domain is an alias (CNAME) of another one, by itself or by a wildcard, and where a record of its own stands all that the \
             alias leads to is lost: give it all its records first",
        )));
    }
    let open = see_what_is_there(dns, domain, &mut records);
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let policy_file = policy_file(dns, intent);
    let mut input = Input::new(domain.as_str());
    input.selectors = intent.keys.iter().map(|(selector, _)| selector.clone()).collect();
    input.mta_sts = policy_file.as_ref().map(|text| Fetched::body(text.as_bytes()));
    let then = published(dns, &records);
    let mut open = Vec::new();
    let assessment = check(&then, &input).or_ask(&mut open);
    let passing = proof::senders(&then, intent).or_ask(&mut open);
    match (assessment, passing) {
        (Some(assessment), Some(passing)) if open.is_empty() => {
            let mut cautions = cautions(intent, &records, lost_tags);
            if let Some(facts) = &assessment.facts {
                cautions.extend(weaker(&today, &facts.policies));
            }
            let advised = Advised { records, policy_file, cautions, assessment };
            Step::Done(proof::records(intent, advised).and_then(|advised| passing.map(|()| advised)))
        }
        _ => Step::Ask(open),
    }
}

/// The records, and the tags of the DMARC record of today that are not in the new one.
fn records(dns: &Snapshot, intent: &Intent) -> Result<(Vec<ToPublish>, Vec<String>), Unproven> {
    let domain = &intent.domain;
    let text = |owner: &Name, value: String| ToPublish {
        owner: owner.clone(),
        record_type: RecordType::Txt,
        value,
        replaces: Vec::new(),
    };
    let old_spf = texts(dns, domain).filter(|text| spf::Record::is_spf(text)).map(str::to_owned).collect();
    let mut records = vec![ToPublish { replaces: old_spf, ..text(domain, spf_record(intent)) }];
    let at_dmarc = domain.prefixed("_dmarc")?;
    // Several are none (RFC 9989 §4.10.1).
    let mut old_dmarc = texts(dns, &at_dmarc).map(Record::parse).filter(Record::is_dmarc);
    let old_dmarc = old_dmarc.next().filter(|_| old_dmarc.next().is_none());
    let (dmarc, lost_tags) = dmarc_tags::with_policy(old_dmarc.as_ref(), intent);
    records.push(text(&at_dmarc, dmarc));
    match intent.senders {
        // RFC 7505: a null MX says that no mail is received; an empty key below a wildcard, that none was signed (RFC 6376 §3.6.1).
        Senders::Nobody => {
            let null = text(domain, "0 .".to_owned());
            records.push(ToPublish { record_type: RecordType::Mx, replaces: exchanges(dns, domain), ..null });
            records.push(text(&domain.prefixed("*._domainkey")?, "v=DKIM1; p=".to_owned()));
        }
        Senders::These { .. } => {
            for (selector, key) in &intent.keys {
                let owner = domain.prefixed(&format!("{selector}._domainkey"))?;
                records.push(text(&owner, format!("v=DKIM1; k=rsa; p={key}")));
            }
        }
    }
    if let Some((_, id)) = intent.tls {
        records.push(text(&domain.prefixed("_mta-sts")?, format!("v=STSv1; id={id}")));
        if let Some(to) = &intent.reports {
            records.push(text(&domain.prefixed("_smtp._tls")?, format!("v=TLSRPTv1; rua=mailto:{to}")));
        }
    }
    Ok((records, lost_tags))
}

/// Names below the domain are for one record each: what stands there has to go, and so has an alias anywhere. Gives the questions
/// that are open.
fn see_what_is_there(dns: &Snapshot, domain: &Name, records: &mut [ToPublish]) -> Vec<Question> {
    let mut open = Vec::new();
    for record in records.iter_mut() {
        let question = Question::new(record.owner.clone(), RecordType::Txt);
        let Some(answer) = dns.get(&question) else {
            open.push(question);
            continue;
        };
        // The records that it leads to are somebody else's, and stay where they are.
        if let Some(target) = answer.aliases.first() {
            record.replaces = vec![format!("CNAME {target}.")];
            continue;
        }
        if record.owner == *domain {
            continue;
        }
        let others = texts(dns, &record.owner).filter(|text| **text != *record.value);
        record.replaces = others.map(str::to_owned).collect();
    }
    open
}

/// What costs no look-up comes first, so that most mail is decided before any.
fn spf_record(intent: &Intent) -> String {
    let Senders::These { mx, includes, networks } = &intent.senders else { return "v=spf1 -all".to_owned() };
    let mut out = String::from("v=spf1");
    for network in networks {
        let (kind, full) = match network {
            IpNet::V4(_) => ("ip4", 32),
            IpNet::V6(_) => ("ip6", 128),
        };
        out += &match network.prefix_len() {
            length if length == full => format!(" {kind}:{}", network.addr()),
            _ => format!(" {kind}:{}", network.trunc()),
        };
    }
    if *mx {
        out += " mx";
    }
    for (at, include) in includes.iter().enumerate() {
        // Twice is the same senders for twice the look-ups (RFC 7208 §4.6.4).
        if !includes[..at].contains(include) {
            out += &format!(" include:{include}");
        }
    }
    // A forwarder's mail still passes by DKIM where receivers read on after SPF.
    out + " ~all"
}

fn policy_file(dns: &Snapshot, intent: &Intent) -> Option<String> {
    let (mode, _) = intent.tls.as_ref()?;
    let mode = match mode {
        Mode::Enforce => "enforce",
        Mode::Testing => "testing",
        Mode::None => "none",
    };
    let hosts: String = servers(dns, &intent.domain).map(|mx| format!("mx: {}\r\n", mx.exchange)).collect();
    // A week while it is tried, and as RFC 8461 §3.2 advises, longer once it is enforced.
    let max_age = if mode == "enforce" { 2_592_000 } else { 604_800 };
    Some(format!("version: STSv1\r\nmode: {mode}\r\n{hosts}max_age: {max_age}\r\n"))
}

fn texts<'a>(dns: &'a Snapshot, name: &Name) -> impl Iterator<Item = &'a str> {
    let answer = dns.lookup(name.as_str(), RecordType::Txt);
    answer.into_iter().flat_map(Answer::txts).map(Source::text)
}

pub(super) fn servers<'a>(dns: &'a Snapshot, name: &Name) -> impl Iterator<Item = &'a Mx> {
    let records = dns.lookup(name.as_str(), RecordType::Mx).and_then(Answer::records);
    let servers = match records {
        Some(Records::Mx(servers)) => servers.as_slice(),
        _ => &[],
    };
    servers.iter()
}

fn exchanges(dns: &Snapshot, name: &Name) -> Vec<String> {
    servers(dns, name).map(|mx| format!("{} {}.", mx.preference, mx.exchange)).collect()
}

/// What the DNS would say.
fn published(dns: &Snapshot, records: &[ToPublish]) -> Snapshot {
    let mut then = dns.clone();
    for record in records {
        let answer = match record.record_type {
            RecordType::Mx => Answer::from(Records::Mx(vec![Mx { preference: 0, exchange: Name::root() }])),
            _ => {
                let source = Source::from_strings(master::strings(&record.value));
                let question = Question::new(record.owner.clone(), RecordType::Txt);
                let others = then.get(&question).into_iter().flat_map(Answer::txts);
                // Other texts stay where SPF stands; the other names are for one record each.
                let is_apex = spf::Record::is_spf(&record.value);
                let kept = others.filter(|text| is_apex && !spf::Record::is_spf(text.text())).cloned();
                Answer::from(Records::Txt(kept.chain([source]).collect()))
            }
        };
        then.replace(Question::new(record.owner.clone(), record.record_type), answer);
        // An alias has to go.
        then.replace(Question::new(record.owner.clone(), RecordType::Cname), Answer::new(Lookup::NoData));
    }
    // A name with records exists, and so do those above it.
    let exists = |name: &Name| records.iter().any(|record| record.owner.is_within(name));
    let gone: Vec<Question> = then
        .iter()
        .filter(|(question, answer)| answer.lookup == Lookup::NxDomain && exists(&question.name))
        .map(|(question, _)| question.clone())
        .collect();
    for question in gone {
        then.replace(question, Answer::new(Lookup::NoData));
    }
    then
}

#[cfg(test)]
mod tests;
