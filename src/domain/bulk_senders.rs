//! What large mailbox providers ask of those who send much mail: a checklist.

use super::check::Facts;
use super::{EffectivePolicy, SpfState};
use crate::dkim::KeyState;
use crate::dmarc::Leg;

/// A provider with published requirements.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"mail.example. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let input = domain::Input::new("mail.example");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let list = domain::bulk_sender_requirements(&known.facts.unwrap());
/// // Who asks that replies can be delivered?
/// let replies = list.iter().find(|one| one.what.contains("replies")).unwrap();
/// assert_eq!(replies.providers, [domain::Provider::Microsoft]);
/// assert_eq!(replies.providers[0].as_str(), "Microsoft");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Provider {
    /// Gmail (since February 2024).
    Google,
    /// Yahoo and AOL (since February 2024).
    Yahoo,
    /// outlook.com, hotmail.com, live.com (since May 2025).
    Microsoft,
}

/// A requirement, and whether the domain meets it.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"parked.example. TXT "v=spf1 -all""#)?;
/// let input = domain::Input::new("parked.example");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let list = domain::bulk_sender_requirements(&known.facts.unwrap());
/// let spf = &list[0];
/// assert_eq!((spf.what, spf.met.told()), ("an SPF record that lets senders pass", "not met"));
/// assert_eq!(spf.why, "the record lets nobody send");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Requirement {
    /// Who asks for it.
    pub providers: &'static [Provider],
    /// What, in words: "SPF passes".
    pub what: &'static str,
    /// Whether it is met.
    pub met: Met,
    /// Why, in words.
    pub why: String,
}

/// Whether a requirement is met.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let list = domain::bulk_sender_requirements(&known.facts.unwrap());
/// let met = |what: &str| list.iter().find(|one| one.what.contains(what)).unwrap().met;
/// assert_eq!((met("SPF record"), met("DMARC record")), (domain::Met::Yes, domain::Met::No));
/// // Selectors cannot be listed, and none was given.
/// assert_eq!(met("DKIM signatures").told(), "not checkable");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Met {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The DNS alone does not tell.
    NotCheckable,
}

impl Met {
    /// The word for people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Yes => "met",
            Self::No => "not met",
            Self::NotCheckable => "not checkable",
        }
    }
}

impl Provider {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Yahoo => "Yahoo",
            Self::Microsoft => "Microsoft",
        }
    }
}

const ALL: &[Provider] = &[Provider::Google, Provider::Yahoo, Provider::Microsoft];
const TWO: &[Provider] = &[Provider::Google, Provider::Yahoo];

/// The checklist for a domain, as the providers state it (looked up in November 2026). What depends on single messages cannot be
/// checked here. That replies can be delivered stands among the recommendations of Microsoft.
///
/// ```
/// use mailproof::{dns::Snapshot, domain::{self, Input, Met}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 mx -all\"\nd.example. MX 10 mx.d.example.\nmx.d.example. A 192.0.2.1")?;
/// let input = Input::new("d.example");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let list = domain::bulk_sender_requirements(&known.facts.unwrap());
/// let dmarc = list.iter().find(|one| one.what.starts_with("a DMARC record")).unwrap();
/// assert_eq!(dmarc.met, Met::No);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bulk_sender_requirements(facts: &Facts) -> Vec<Requirement> {
    let line = |providers, what, (met, why): (Met, &str)| Requirement { providers, what, met, why: why.to_owned() };
    vec![
        line(ALL, "an SPF record that lets senders pass", spf(facts)),
        line(ALL, "DKIM signatures that verify", dkim(facts)),
        line(ALL, "a DMARC record, at least with p=none", dmarc(facts)),
        line(ALL, "From aligned with SPF or DKIM", (Met::NotCheckable, "each message shows it")),
        line(&[Provider::Microsoft], "mail and replies can be delivered to the domain", mail(facts)),
        line(
            TWO,
            "forward and reverse DNS of the sending servers agree",
            (Met::NotCheckable, "the servers are not known here"),
        ),
        line(&[Provider::Google], "TLS on the way", (Met::NotCheckable, "each connection shows it")),
        line(TWO, "one-click unsubscribe in advertising", (Met::NotCheckable, "each message shows it (RFC 8058)")),
        line(
            TWO,
            "fewer than 3 complaints in 1000 messages",
            (Met::NotCheckable, "the providers' postmaster tools show it"),
        ),
    ]
}

fn spf(facts: &Facts) -> (Met, &'static str) {
    match facts.spf.state {
        SpfState::Usable | SpfState::Everybody => (Met::Yes, "there is a record that can be used"),
        SpfState::Nobody => (Met::No, "the record lets nobody send"),
        SpfState::Neutral => (Met::No, "the record lets no sender pass"),
        SpfState::Broken => (Met::No, "receivers cannot use the record"),
        SpfState::Missing => (Met::No, "there is no record"),
        SpfState::Unknown => (Met::NotCheckable, "the DNS gave no answer"),
    }
}

fn dkim(facts: &Facts) -> (Met, &'static str) {
    match facts.dkim {
        Leg::Works => (Met::Yes, "a selector has a key; whether mail is signed, each message shows"),
        Leg::Broken => (Met::No, "no given selector has a key"),
        Leg::Unknown if facts.selectors.iter().any(|one| matches!(one.state, KeyState::Unknown(_))) => {
            (Met::NotCheckable, "the DNS gave no answer")
        }
        Leg::Unknown => (Met::NotCheckable, "no selector is known, and the DNS cannot list them"),
    }
}

fn dmarc(facts: &Facts) -> (Met, &'static str) {
    match &facts.policies.own {
        EffectivePolicy::Applies { .. } => (Met::Yes, "a record applies"),
        EffectivePolicy::Nothing => (Met::No, "no record applies"),
        EffectivePolicy::Unknown(_) => (Met::NotCheckable, "the DNS gave no answer"),
    }
}

fn mail(facts: &Facts) -> (Met, &'static str) {
    if facts.mx.is_null() {
        (Met::No, "the domain says that it takes no mail")
    } else if facts.mx.takes_mail() {
        (Met::Yes, "a mail server has an address")
    } else {
        (Met::No, "no mail server can be reached")
    }
}
