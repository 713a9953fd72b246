//! Whether a selector has a key: only that one is there, not yet what it is worth.

use super::input::MAX_SELECTORS;
use crate::Name;
use crate::dkim::{Key, KeyData};
use crate::dmarc::Leg;
use crate::dns::{Failure, Lookup, Question, RecordType, Snapshot, Step};

/// A selector, and what stands there.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Selector {
    /// The selector.
    pub selector: Name,
    /// `selector._domainkey.domain`
    pub owner: Name,
    /// What stands there.
    pub state: KeyState,
}

/// What stands at a selector.
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

/// What stands at each selector; all are asked in one round.
pub(super) fn selectors(dns: &Snapshot, domain: &Name, selectors: &[Name]) -> Step<Vec<Selector>> {
    let mut open = Vec::new();
    let mut found = Vec::with_capacity(selectors.len());
    for selector in selectors.iter().take(MAX_SELECTORS) {
        // A name that does not fit into the DNS holds nothing.
        let Ok(owner) = domain.prefixed(&format!("{selector}._domainkey")) else { continue };
        let Some(answer) = dns.lookup(owner.as_str(), RecordType::Txt) else {
            open.push(Question::new(owner, RecordType::Txt));
            continue;
        };
        let has_key = |text| matches!(Key::parse(text).data, KeyData::Rsa(_) | KeyData::Ed25519(_));
        let state = match answer.lookup {
            Lookup::Records(_) if answer.txts().iter().any(has_key) => KeyState::Present,
            Lookup::Records(_) => KeyState::Unusable,
            Lookup::NoData | Lookup::NxDomain => KeyState::Missing,
            Lookup::Failure(failure) => KeyState::Unknown(failure),
        };
        found.push(Selector { selector: selector.clone(), owner, state });
    }
    if open.is_empty() { Step::Done(found) } else { Step::Ask(open) }
}

/// Whether DKIM can give an aligned pass. Without a selector nobody can know.
pub(super) fn leg(selectors: &[Selector]) -> Leg {
    let any = |wanted: fn(&KeyState) -> bool| selectors.iter().any(|selector| wanted(&selector.state));
    if any(|state| matches!(state, KeyState::Present)) {
        Leg::Works
    } else if selectors.is_empty() || any(|state| matches!(state, KeyState::Unknown(_))) {
        Leg::Unknown
    } else {
        Leg::Broken
    }
}
