//! Where keys are (RFC 6376 §3.6.2.1), and whether one is there: not yet what it is worth.

use super::key::Key;
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Snapshot, Step};

/// A selector, and what stands there.
///
/// ```
/// use mailproof::dkim::{self, KeyState};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let (domain, selectors) = ("papershop.example".parse()?, ["s2026".parse()?]);
/// let ask = |question: &_| zone.answer(question);
/// let found = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::selectors(dns, &domain, &selectors));
/// assert_eq!(found[0].owner, "s2026._domainkey.papershop.example");
/// assert_eq!(found[0].state, KeyState::Present);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Selector {
    /// The selector.
    pub selector: Name,
    /// `selector._domainkey.domain`
    pub owner: Name,
    /// What stands there.
    pub state: KeyState,
    /// Nobody said that it is in use: many domains have one of this name.
    pub is_guess: bool,
}

/// What stands at a selector.
///
/// ```
/// use mailproof::{dkim::KeyState, dns::{Answer, Failure, Lookup}};
///
/// assert_eq!(KeyState::of(&Answer::txt(["v=DKIM1; p="])), KeyState::Unusable);
/// assert_eq!(KeyState::of(&Answer::new(Lookup::NxDomain)), KeyState::Missing);
/// // No answer is no news about the key.
/// let timeout = Answer::new(Lookup::Failure(Failure::Timeout));
/// assert_eq!(KeyState::of(&timeout), KeyState::Unknown(Failure::Timeout));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// A record with a key.
    Present,
    /// Records, but none with a key that can be used: `p=` is empty, absent, damaged or of an unknown kind.
    Unusable,
    /// No TXT record.
    Missing,
    /// The DNS gave no answer.
    Unknown(Failure),
}

impl KeyState {
    /// What `answer`, to a question for TXT, has.
    pub fn of(answer: &Answer) -> Self {
        match answer.lookup {
            Lookup::Records(_) if answer.txts().iter().any(|text| Key::parse(text).has_key()) => Self::Present,
            Lookup::Records(_) => Self::Unusable,
            Lookup::NoData | Lookup::NxDomain => Self::Missing,
            Lookup::Failure(failure) => Self::Unknown(failure),
        }
    }
}

/// What stands at each selector of `domain`; all are asked in one round.
///
/// A selector whose name does not fit into the DNS is left out: nothing can stand there.
///
/// ```
/// use mailproof::dkim::{self, KeyState};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("s1._domainkey.d.example. TXT \"v=DKIM1; p=\"")?;
/// let domain = "d.example".parse()?;
/// let selectors = ["s1".parse()?, "s2".parse()?];
/// let resolve = |question: &mailproof::dns::Question| zone.answer(question);
/// let found = drive_sync(&mut Snapshot::new(), resolve, |dns| dkim::selectors(dns, &domain, &selectors));
/// assert_eq!(found[0].state, KeyState::Unusable);
/// assert_eq!(found[1].state, KeyState::Missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn selectors(dns: &Snapshot, domain: &Name, selectors: &[Name]) -> Step<Vec<Selector>> {
    let mut open = Vec::new();
    let mut found = Vec::with_capacity(selectors.len());
    for selector in selectors {
        let Some(owner) = key_name(domain, selector) else { continue };
        match dns.lookup(owner.as_str(), RecordType::Txt) {
            Some(answer) => {
                found.push(Selector {
                    selector: selector.clone(),
                    owner,
                    state: KeyState::of(answer),
                    is_guess: false,
                });
            }
            None => open.push(Question::new(owner, RecordType::Txt)),
        }
    }
    if open.is_empty() { Step::Done(found) } else { Step::Ask(open) }
}

/// Where the key of a signature is (§3.6.2.1).
pub(crate) fn key_name(domain: &Name, selector: &Name) -> Option<Name> {
    domain.prefixed(&format!("{selector}.{DOMAIN_KEY}")).ok()
}

/// Selector and domain of the name of a key; `None` if it is no such name.
pub(crate) fn parts_of(name: &Name) -> Option<(Name, Name)> {
    let (selector, domain) = name.as_str().split_once("._domainkey.")?;
    Some((Name::parse(selector).ok()?, Name::parse(domain).ok()?))
}

/// The label above which all keys of a domain are.
pub(crate) const DOMAIN_KEY: &str = "_domainkey";

#[cfg(test)]
mod tests {
    use super::*;

    /// §3.6.2.2: of several records one with a key is enough; a text that is none, or a revoked key, is none at all.
    #[test]
    fn what_stands_at_a_selector() {
        let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        for (texts, state) in [
            (&[key][..], KeyState::Present),
            (&["hello", key], KeyState::Present),
            (&["hello"], KeyState::Unusable),
            (&["v=DKIM1; p="], KeyState::Unusable),
            (&["v=DKIM1; p=", "v=spf1 -all"], KeyState::Unusable),
        ] {
            assert_eq!(KeyState::of(&Answer::txt(texts.iter().copied())), state, "{texts:?}");
        }
        assert_eq!(KeyState::of(&Answer::new(Lookup::NoData)), KeyState::Missing);
    }
}
