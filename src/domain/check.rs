//! The check: everything is asked in as few rounds as the protocols allow, then told together.

use super::bimi::bimi_facts;
use super::input::{GUESSED_SELECTORS, Input, MAX_SELECTORS};
use super::mx::{Mx, mail_servers};
use super::policies::{Policies, policies};
use super::registry;
use super::rules::{self, Context};
use super::spf_facts::{SpfFacts, SpfState};
use crate::Name;
use crate::dkim::{self, KeyState, Selector};
use crate::dmarc::{self, Leg};
use crate::dns::{Lookup, Question, RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Effect, Findings, Severity};
use crate::order::distinct_by;
use crate::{bimi, mta_sts, spf, tls_rpt};

/// What is known about a domain, and what there is to say about it.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ipv4:192.0.2.1 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject"
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// assert!(known.findings.iter().any(|found| found.code == "spf-mechanism-typo"));
/// assert_eq!(known.facts.unwrap().spf.state, domain::SpfState::Broken);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Assessment {
    /// The facts; `None` if the text is no domain, which then is the one finding.
    pub facts: Option<Facts>,
    /// What was found, protocol by protocol.
    pub findings: Vec<Diagnostic>,
}

/// What is known about a domain.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// example.com. MX 10 mail.example.com.
/// mail.example.com. A 192.0.2.25
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let facts = known.facts.unwrap();
/// assert!(facts.exists && facts.mx.takes_mail());
/// assert_eq!(facts.spf.state, domain::SpfState::Usable);
/// assert!(facts.policies.own.record().is_none(), "no DMARC record anywhere above it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// The domain.
    pub domain: Name,
    /// Whether it exists: the DNS did not answer NXDOMAIN.
    pub exists: bool,
    /// What SPF can do.
    pub spf: SpfFacts,
    /// The given selectors, and whether they have keys.
    pub selectors: Vec<Selector>,
    /// Whether DKIM can give an aligned pass.
    pub dkim: Leg,
    /// What DMARC asks of receivers.
    pub policies: Policies,
    /// How mail reaches it.
    pub mx: Mx,
}

/// Whether mail that pretends to be from a domain is stopped.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject; sp=none"
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// // Nobody can pretend to be `example.com`, but anybody can be `billing.example.com`.
/// assert_eq!(known.facts.unwrap().protection(), domain::Protection::WithoutSubdomains);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Protection {
    /// Receivers are asked to act on mail in its name, and in the name of what lies below it.
    Full,
    /// Only on mail in its own name.
    WithoutSubdomains,
    /// They are, and its own mail fails too: neither SPF nor DKIM can pass.
    AgainstItself,
    /// They are, and its own mail may fail too: SPF cannot pass because receivers cannot use the record.
    BrokenSpf,
    /// They are; what SPF comes to, the DNS did not tell.
    UnknownSpf,
    /// SPF passes everybody, so that DMARC does too.
    OpenSpf,
    /// DMARC asks receivers for nothing.
    MonitoringOnly,
    /// DMARC does not apply.
    NoDmarc,
    /// The DNS did not tell.
    Unknown,
}

impl Facts {
    /// Whether mail that pretends to be from it is stopped.
    pub fn protection(&self) -> Protection {
        let policies = &self.policies;
        if matches!(policies.own, super::EffectivePolicy::Unknown(_)) {
            return Protection::Unknown;
        }
        match policies.own.policy() {
            None => Protection::NoDmarc,
            Some(dmarc::Policy::None) => Protection::MonitoringOnly,
            Some(_) if self.spf.state == SpfState::Everybody => Protection::OpenSpf,
            Some(_) if self.fails_itself() => Protection::AgainstItself,
            Some(_) if self.exists && self.spf.state == SpfState::Broken => Protection::BrokenSpf,
            Some(_) if self.exists && self.spf.state == SpfState::Unknown => Protection::UnknownSpf,
            // Below a name that does not exist nothing exists either.
            Some(_) if self.exists && policies.subdomain.is_open() => Protection::WithoutSubdomains,
            Some(_) if policies.nonexistent.is_open() => Protection::WithoutSubdomains,
            Some(_) => Protection::Full,
        }
    }

    /// Whether it says that it sends no mail, or nobody could send any.
    pub(super) fn sends_nothing(&self) -> bool {
        self.spf.state == SpfState::Nobody && !self.mx.takes_mail()
    }

    /// Whether it says that it sends no mail: SPF lets nobody send, and no key is there to sign with.
    pub(super) fn sends_no_mail(&self) -> bool {
        self.spf.state == SpfState::Nobody && !self.spf.has_unused_redirect && self.dkim != Leg::Works
    }

    /// Whether neither SPF nor DKIM can pass although the domain does not say that it sends nothing.
    fn fails_itself(&self) -> bool {
        self.exists && self.spf.state != SpfState::Nobody && self.spf.leg() == Leg::Broken && self.dkim == Leg::Broken
    }
}

/// Looks at SPF, DMARC, and the DNS of a domain; all questions of a round are asked together.
///
/// See [the module](crate::domain) for an example.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// parked.example. TXT "v=spf1 -all"
/// parked.example. MX 0 .
/// _dmarc.parked.example. TXT "v=DMARC1; p=reject"
/// "#)?;
/// let input = domain::Input::new("parked.example");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// assert_eq!(known.facts.unwrap().protection(), domain::Protection::Full);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(dns: &Snapshot, input: &Input) -> Step<Assessment> {
    let domain = match input.name() {
        Ok(domain) => domain,
        Err(why) => {
            let mut out = Findings::default();
            rules::not_a_domain(input, &why, &mut out);
            return Step::Done(Assessment { facts: None, findings: out.into_vec() });
        }
    };
    let mut open = Vec::new();
    let suffix = registry::is_public_suffix(&domain);
    let options = spf::LintOptions::default().public_suffix(suffix);
    let of_spf = spf::lint_domain(dns, &domain, &options).or_ask(&mut open);
    let tree = spf::tree(dns, &domain).or_ask(&mut open);
    let selectors = selectors(dns, &domain, input).or_ask(&mut open);
    let of_keys = selectors.as_deref().and_then(|selectors| lint_keys(dns, selectors).or_ask(&mut open));
    let policies = policies(dns, &domain).or_ask(&mut open);
    let mx = mail_servers(dns, &domain).or_ask(&mut open);
    if let Some(mx) = &mx {
        rules::ask_tlsa(dns, mx, &mut open);
    }
    if let Some(main) = &input.alias_of {
        rules::ask_main(dns, main, input, &mut open);
    }
    let of_transport = transport(dns, &domain, input).or_ask(&mut open);
    rules::ask_early(dns, &domain, &mut open);
    let facts = match (of_spf.as_ref(), tree, selectors, policies, mx) {
        (Some(of_spf), Some(tree), Some(selectors), Some(policies), Some(mx)) => Some(Facts {
            exists: exists(dns, &domain),
            spf: SpfFacts::of(&tree, of_spf),
            dkim: leg(&selectors),
            selectors,
            policies,
            mx,
            domain: domain.clone(),
        }),
        _ => None,
    };
    // Before the facts are known, only its questions matter.
    let mut options = dmarc::LintOptions::default();
    if let Some(facts) = &facts {
        (options.spf, options.dkim) = (facts.spf.leg(), facts.dkim);
    }
    let of_dmarc = dmarc::lint_domain(dns, &domain, &options).or_ask(&mut open);
    let (Some(of_spf), Some(of_keys), Some(of_dmarc), Some(of_transport), Some(mut facts), true) =
        (of_spf, of_keys, of_dmarc, of_transport, facts, open.is_empty())
    else {
        return Step::Ask(distinct(open));
    };
    facts.policies.spoiled = of_dmarc.iter().any(discards_a_text);
    let mut out = Findings::default();
    out.extend(of_spf);
    out.extend(of_dmarc);
    out.extend(of_transport);
    let context = Context { dns, input, facts: &facts };
    let findings = rules::together(&context, of_keys, out.into_vec());
    Step::Done(Assessment { facts: Some(facts), findings })
}

/// Whether receivers discard a text that was meant as a DMARC record. Where nothing stands, as behind an alias that leads nowhere, there
/// is none to discard.
fn discards_a_text(found: &Diagnostic) -> bool {
    (found.severity, found.effect) == (Severity::Error, Effect::NoDmarc)
        && !found.primary.subject.source().text().is_empty()
}

/// The given selectors, and of those that are guessed the ones that are there.
pub(super) fn selectors(dns: &Snapshot, domain: &Name, input: &Input) -> Step<Vec<Selector>> {
    let given = &input.selectors[..input.selectors.len().min(MAX_SELECTORS)];
    let mut open = Vec::new();
    let found = dkim::selectors(dns, domain, given).or_ask(&mut open);
    let names = GUESSED_SELECTORS.iter().filter(|_| input.guess_selectors);
    let guesses: Vec<Name> = names.filter_map(|name| name.parse().ok()).filter(|name| !given.contains(name)).collect();
    let guessed = dkim::selectors(dns, domain, &guesses).or_ask(&mut open);
    let (Some(mut found), Some(mut guessed)) = (found, guessed) else { return Step::Ask(open) };
    // Where all are there, a wildcard answers, and one of them tells as much.
    let is_wildcard = !guesses.is_empty() && guessed.iter().all(|one| one.state == KeyState::Present);
    guessed.truncate(if is_wildcard { 1 } else { guessed.len() });
    let there = guessed.into_iter().filter(|one| one.state == KeyState::Present);
    found.extend(there.map(|one| Selector { is_guess: true, ..one }));
    Step::Done(found)
}

/// What there is to say about MTA-STS, TLS-RPT and BIMI.
fn transport(dns: &Snapshot, domain: &Name, input: &Input) -> Step<Vec<Diagnostic>> {
    let mut open = Vec::new();
    let policy = match &input.mta_sts {
        Some(file) => mta_sts::lint_policy(dns, domain, file),
        None => mta_sts::lint_host(dns, domain),
    };
    let policy = policy.or_ask(&mut open);
    let of_bimi = match bimi_facts(dns, domain) {
        Step::Done(facts) => bimi::lint_domain(dns, domain, &facts),
        Step::Ask(questions) => Step::Ask(questions),
    };
    let told = [mta_sts::lint_domain(dns, domain), tls_rpt::lint_domain(dns, domain), of_bimi];
    let told: Vec<_> = told.into_iter().filter_map(|told| told.or_ask(&mut open)).collect();
    if open.is_empty() {
        let mut found: Vec<Diagnostic> = policy.into_iter().chain(told).flatten().collect();
        // One wildcard answers at the names of all three.
        let mut is_told = false;
        found.retain(|found| found.code != "dns-wildcard-txt" || !std::mem::replace(&mut is_told, true));
        Step::Done(found)
    } else {
        Step::Ask(open)
    }
}

/// What there is to say about each key; what is true of the whole domain is told once.
fn lint_keys(dns: &Snapshot, selectors: &[Selector]) -> Step<Vec<Diagnostic>> {
    let mut open = Vec::new();
    let mut told: Vec<Diagnostic> = Vec::new();
    let owners = selectors.iter().map(|selector| selector.owner.clone());
    let options = owners.fold(dkim::LintOptions::default(), dkim::LintOptions::other_key);
    for selector in selectors {
        for found in dkim::lint_key_at(dns, &selector.owner, &options).or_ask(&mut open).into_iter().flatten() {
            if !is_told(&told, &found, selector) {
                told.push(found);
            }
        }
    }
    if open.is_empty() { Step::Done(told) } else { Step::Ask(open) }
}

/// Whether a finding about `selector` says nothing new: it is about the whole domain, or about a pair of keys.
fn is_told(told: &[Diagnostic], found: &Diagnostic, selector: &Selector) -> bool {
    let names_it = |other: &Diagnostic| {
        let others = other.params.get("others").unwrap_or_default();
        others.split(", ").any(|name| name.trim_matches('`') == selector.owner.as_str())
    };
    told.iter().filter(|other| other.code == found.code).any(|other| match found.code.as_str() {
        "dkim-key-ed25519-only" | "more-not-looked-at" => true,
        "dkim-key-shared" => names_it(other),
        _ => other == found,
    })
}

/// Whether DKIM can give an aligned pass. Without a selector nobody can know.
fn leg(selectors: &[Selector]) -> Leg {
    let any = |wanted: fn(&KeyState) -> bool| selectors.iter().any(|selector| wanted(&selector.state));
    if any(|state| matches!(state, KeyState::Present)) {
        Leg::Works
    } else if selectors.is_empty() || any(|state| matches!(state, KeyState::Unknown(_))) {
        Leg::Unknown
    } else {
        Leg::Broken
    }
}

fn exists(dns: &Snapshot, domain: &Name) -> bool {
    let answers = [RecordType::Txt, RecordType::A].map(|of| dns.lookup(domain.as_str(), of));
    answers.into_iter().flatten().any(|answer| answer.lookup != Lookup::NxDomain || !answer.aliases.is_empty())
}

/// Each question once: several protocols want the same answers.
fn distinct(mut open: Vec<Question>) -> Vec<Question> {
    distinct_by(&mut open, Ord::cmp);
    open
}
