//! Records for what somebody wants, looked at as if they were published before they are given out.

use ipnet::IpNet;

use super::{Assessment, Input, check, panel, proof};
use crate::Name;
use crate::dmarc::Policy;
use crate::dns::{Answer, Lookup, Mx, Question, RecordType, Records, Snapshot, Step};
use crate::finding::Diagnostic;
use crate::mta_sts::{Fetched, Mode};
use crate::text::Source;

/// What a domain is to do with mail.
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Advised {
    /// The records.
    pub records: Vec<ToPublish>,
    /// The file to serve at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
    pub policy_file: Option<String>,
    /// What the check says then.
    pub assessment: Assessment,
}

/// A record to publish.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ToPublish {
    /// Where.
    pub owner: Name,
    /// TXT, or MX.
    pub record_type: RecordType,
    /// The value, in one piece.
    pub value: String,
    /// Records of that type and purpose that it stands in the place of.
    pub replaces: Vec<String>,
}

/// The records that were built do not do what is wanted.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unproven {
    /// A name does not fit into the DNS.
    #[error("a name does not fit into the DNS: {0}")]
    Name(#[from] crate::name::NameError),
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
    let domain = &intent.domain;
    let needed = [RecordType::Txt, RecordType::Mx].map(|of| Question::new(domain.clone(), of));
    let open: Vec<Question> = needed.into_iter().filter(|question| dns.get(question).is_none()).collect();
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let mut records = match records(dns, intent) {
        Ok(records) => records,
        Err(error) => return Step::Done(Err(error)),
    };
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
            let advised = Advised { records, policy_file, assessment };
            Step::Done(proof::records(intent, advised).and_then(|advised| passing.map(|()| advised)))
        }
        _ => Step::Ask(open),
    }
}

fn records(dns: &Snapshot, intent: &Intent) -> Result<Vec<ToPublish>, Unproven> {
    let domain = &intent.domain;
    let text = |owner: &Name, value: String| ToPublish {
        owner: owner.clone(),
        record_type: RecordType::Txt,
        value,
        replaces: Vec::new(),
    };
    let old_spf = texts(dns, domain).filter(|text| is_spf(text)).map(str::to_owned).collect();
    let mut records = vec![ToPublish { replaces: old_spf, ..text(domain, spf(intent)) }];
    let reports = intent.reports.as_ref().map(|to| format!("; rua=mailto:{to}")).unwrap_or_default();
    let dmarc = format!("v=DMARC1; p={}{reports}", intent.policy.as_str());
    records.push(text(&domain.prefixed("_dmarc")?, dmarc));
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
    Ok(records)
}

/// Names below the domain are for one record each: what stands there has to go. Gives the questions that are open.
fn see_what_is_there(dns: &Snapshot, domain: &Name, records: &mut [ToPublish]) -> Vec<Question> {
    let mut open = Vec::new();
    for record in records.iter_mut().filter(|record| record.owner != *domain) {
        let question = Question::new(record.owner.clone(), RecordType::Txt);
        if dns.get(&question).is_none() {
            open.push(question);
        }
        let others = texts(dns, &record.owner).filter(|text| **text != *record.value);
        record.replaces = others.map(str::to_owned).collect();
    }
    open
}

/// What costs no look-up comes first, so that most mail is decided before any.
fn spf(intent: &Intent) -> String {
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

fn is_spf(text: &str) -> bool {
    text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("v=spf1"))
}

/// What the DNS would say.
fn published(dns: &Snapshot, records: &[ToPublish]) -> Snapshot {
    let mut then = dns.clone();
    for record in records {
        let answer = match record.record_type {
            RecordType::Mx => Answer::from(Records::Mx(vec![Mx { preference: 0, exchange: Name::root() }])),
            _ => {
                let source = Source::from_strings(panel::strings(&record.value));
                let question = Question::new(record.owner.clone(), RecordType::Txt);
                let others = then.get(&question).into_iter().flat_map(Answer::txts);
                // Other texts stay where SPF stands; the other names are for one record each.
                let is_apex = is_spf(&record.value);
                let kept = others.filter(|text| is_apex && !is_spf(text.text())).cloned();
                Answer::from(Records::Txt(kept.chain([source]).collect()))
            }
        };
        then.replace(Question::new(record.owner.clone(), record.record_type), answer);
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
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::resolver::{Zone, drive_sync};

    const WORLD: &str = r#"
        d.example.          TXT "v=spf1 a -all"
        d.example.          TXT "other=1"
        d.example.          MX 10 mail.d.example.
        mail.d.example.     A 192.0.2.25
        mail.d.example.     AAAA 2001:db8::25
        _spf.s.example.     TXT "v=spf1 ip4:198.51.100.0/24 -all"
        _spf.all.example.   TXT "v=spf1 +all"
        _spf.none.example.  TXT "v=spf1 -all"
        _spf.down.example.  SERVFAIL
        old.example.        MX 10 mail.d.example.
        _dmarc.old.example. TXT "v=DMARC1; p=none"
        *._domainkey.old.example. TXT "v=DKIM1; p=AAAA"
    "#;

    fn advised(intent: &Intent) -> Result<Advised, Unproven> {
        let zone = Zone::parse(WORLD).unwrap();
        drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| advise(dns, intent))
    }

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn a_service_named_twice_is_included_once() {
        let twice = vec![name("_spf.s.example"), name("_spf.s.example")];
        let advised = advised(&Intent::these(name("d.example"), true, twice, Vec::new(), Policy::None)).unwrap();
        assert_eq!(advised.records[0].value, "v=spf1 mx include:_spf.s.example ~all");
    }

    #[test]
    fn a_sender_with_a_service() {
        let networks = vec!["203.0.113.7/32".parse().unwrap(), "2001:db8::/48".parse().unwrap()];
        let mut intent =
            Intent::these(name("d.example"), true, vec![name("_spf.s.example")], networks, Policy::Quarantine);
        intent.reports = Some("reports@d.example".to_owned());
        intent.tls = Some((Mode::Testing, 20_260_101));
        let advised = advised(&intent).unwrap();
        let values: Vec<_> = advised.records.iter().map(|record| record.value.as_str()).collect();
        assert_eq!(
            values,
            [
                "v=spf1 ip4:203.0.113.7 ip6:2001:db8::/48 mx include:_spf.s.example ~all",
                "v=DMARC1; p=quarantine; rua=mailto:reports@d.example",
                "v=STSv1; id=20260101",
                "v=TLSRPTv1; rua=mailto:reports@d.example",
            ]
        );
        assert_eq!(advised.records[0].replaces, ["v=spf1 a -all"]);
        assert!(advised.policy_file.unwrap().contains("mx: mail.d.example\r\n"));
    }

    #[test]
    fn what_stands_there_already_is_replaced() {
        let advised = advised(&Intent::nobody(name("old.example"))).unwrap();
        let replaces: Vec<_> = advised.records.iter().map(|record| record.replaces.join(" ")).collect();
        assert_eq!(replaces, ["", "v=DMARC1; p=none", "10 mail.d.example.", "v=DKIM1; p=AAAA"]);
    }

    #[test]
    fn what_does_not_work_is_not_given_out() {
        let of = |include: &str| Intent::these(name("d.example"), false, vec![name(include)], vec![], Policy::Reject);
        assert!(matches!(advised(&of("nowhere.example")), Err(Unproven::Errors(_))));
        assert!(advised(&of("_spf.all.example")).is_err());
        let mut broken = of("_spf.s.example");
        broken.keys.push((name("s1"), "AAAA".to_owned()));
        assert!(matches!(advised(&broken), Err(Unproven::Errors(_))));
        broken.keys[0].1 = String::new();
        assert!(advised(&broken).is_err(), "an empty `p` revokes");
        for to in ["r@d.example; sp=none", "r@d.example,x@e.example", "r@d.example!1m", "nobody", ""] {
            let reports = Intent { reports: Some(to.to_owned()), ..of("_spf.s.example") };
            assert!(advised(&reports).is_err(), "{to}");
        }
    }

    #[test]
    fn who_is_to_send_passes() {
        let of = |include: &str| Intent::these(name("d.example"), true, vec![name(include)], vec![], Policy::Reject);
        assert!(advised(&of("_spf.s.example")).is_ok());
        assert!(matches!(advised(&of("_spf.none.example")), Err(Unproven::Effect(_))), "it authorises nobody");
        assert!(matches!(advised(&of("_spf.down.example")), Err(Unproven::Effect(_))), "nothing is known of it");
        let without_mx = Intent { domain: name("s.example"), ..of("_spf.s.example") };
        assert!(matches!(advised(&without_mx), Err(Unproven::Effect(_))), "no server could send");
        // Receivers see IPv4 clients as IPv4, so this never matches.
        let mapped = vec!["::ffff:192.0.2.0/120".parse().unwrap()];
        let mapped = Intent::these(name("d.example"), false, vec![], mapped, Policy::Reject);
        assert!(advised(&mapped).is_err());
    }

    #[test]
    fn a_domain_without_mail() {
        let advised = advised(&Intent::nobody(name("parked.example"))).unwrap();
        let findings = advised.assessment.findings.iter();
        let grave: Vec<_> =
            findings.filter(|found| found.severity < Severity::Note).map(|found| found.code.as_str()).collect();
        // No address for reports was given.
        assert_eq!(grave, ["dmarc-rua-missing"]);
    }
}
