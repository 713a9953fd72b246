//! What becomes of the verdicts on a way: what is asked, and what is answered.

mod hop;
mod way;

use crate::Actor;
use crate::dmarc::{DmarcResult, Policy};
use crate::spf::SpfResult;
pub use hop::{Hop, List, Munging, Trust};
use way::Way;

/// What the author's domain and message bring along.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Author, Hop, predict}, spf::SpfResult};
///
/// // A newsletter: SPF passes for the service, and only the signature is aligned.
/// let newsletter = Author { spf_aligned: false, ..Author::signed(Policy::Reject) };
/// // A redirect changes nothing in the message: SPF fails, and the signature holds.
/// let end = predict(&newsletter, &[Hop::Redirect { srs: false }]);
/// assert_eq!((end.spf, end.dmarc), (SpfResult::Fail, DmarcResult::Pass));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Author {
    /// What SPF says of a host that the record does not list: fail (`-all`), softfail (`~all`) or neutral.
    pub spf_elsewhere: SpfResult,
    /// Whether SPF passes for the author's own server.
    pub spf_pass: bool,
    /// Whether the domain of MAIL FROM is aligned with From.
    pub spf_aligned: bool,
    /// MAIL FROM is null: a bounce. SPF then looks at HELO, at each hop that of the host that sends.
    pub null_sender: bool,
    /// The signatures; each passes when the author sends the message.
    pub signatures: Vec<Signature>,
    /// What the policy asks for messages that fail.
    pub policy: Policy,
}

/// A signature.
///
/// ```
/// use mailproof::{dmarc::Policy, forwarding::{Author, Hop, Signature, predict}};
///
/// let simple = Signature { aligned: true, relaxed: false, partial_body: false };
/// let author = Author { signatures: vec![simple], ..Author::unsigned(Policy::Reject) };
/// // A gateway that folds header fields anew breaks simple canonicalization, and not relaxed.
/// assert!(!predict(&author, &[Hop::Refold]).dkim_aligned);
/// assert!(predict(&Author::signed(Policy::Reject), &[Hop::Refold]).dkim_aligned);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Signature {
    /// Whether its domain is aligned with From.
    pub aligned: bool,
    /// Whether the header canonicalization is relaxed.
    pub relaxed: bool,
    /// Whether `l=` leaves what is added at the end unsigned.
    pub partial_body: bool,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Author, Signature};
    use crate::reading::reads;

    reads! {
        strict Author { needs spf_elsewhere, spf_pass, spf_aligned, null_sender, signatures, policy; takes }
    }
    reads! { strict Signature { needs aligned, relaxed, partial_body; takes } }
}

/// The verdicts of the last receiver.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Author, Hop, predict}, spf::SpfResult};
///
/// let end = predict(&Author::signed(Policy::Reject), &[Hop::Redirect { srs: false }]);
/// // SPF fails as it must, and DMARC passes by the signature: nobody is asked to refuse the message.
/// assert_eq!((end.spf, end.author_dkim, end.dmarc), (SpfResult::Fail, vec![true], DmarcResult::Pass));
/// assert_eq!(end.disposition, Policy::None);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Prediction {
    /// SPF.
    pub spf: SpfResult,
    /// Whether the SPF identifier is aligned and passes.
    pub spf_aligned: bool,
    /// Each signature of the author: whether it still passes.
    pub author_dkim: Vec<bool>,
    /// Whether an aligned signature passes.
    pub dkim_aligned: bool,
    /// DMARC.
    pub dmarc: DmarcResult,
    /// What the policy asks for this message; none if it passes.
    pub disposition: Policy,
    /// A receiver that trusts the ARC sealer may let it through all the same.
    pub arc_override: bool,
    /// Whether the message is shown to the recipient, if it is accepted.
    pub shown: bool,
    /// What to change, and who has to; the most useful first.
    pub advice: Vec<Advice>,
}

/// What to change.
///
/// ```
/// use mailproof::{Actor, dmarc::Policy, forwarding::{Author, Hop, predict}};
///
/// let end = predict(&Author::unsigned(Policy::Reject), &[Hop::Redirect { srs: false }]);
/// let advice = end.advice[0];
/// assert_eq!(advice.actor, Actor::SendingService);
/// assert!(advice.text.contains("DKIM"), "{}", advice.text);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Who has to.
    pub actor: Actor,
    /// What, in a sentence without its full stop.
    pub text: &'static str,
}

/// What the last receiver finds after `hops`.
///
/// ```
/// use mailproof::dmarc::{DmarcResult, Policy};
/// use mailproof::forwarding::{Author, Hop, predict};
/// use mailproof::spf::SpfResult;
///
/// // Nothing signed, redirected with SRS: SPF passes, for the forwarder.
/// let author = Author::unsigned(Policy::Reject);
/// let end = predict(&author, &[Hop::Redirect { srs: true }]);
/// assert_eq!((end.spf, end.spf_aligned, end.dmarc), (SpfResult::Pass, false, DmarcResult::Fail));
/// assert_eq!(end.advice[0].actor, mailproof::Actor::SendingService);
/// ```
pub fn predict(author: &Author, hops: &[Hop]) -> Prediction {
    let mut way = Way::new(author);
    for hop in hops {
        way.pass(*hop);
    }
    way.end()
}

impl Author {
    /// A domain with `-all` whose server sends, unsigned.
    pub fn unsigned(policy: Policy) -> Self {
        Self {
            spf_elsewhere: SpfResult::Fail,
            spf_pass: true,
            spf_aligned: true,
            null_sender: false,
            signatures: Vec::new(),
            policy,
        }
    }

    /// The same with an aligned signature, relaxed and over all of the body.
    pub fn signed(policy: Policy) -> Self {
        let signature = Signature { aligned: true, relaxed: true, partial_body: false };
        Self { signatures: vec![signature], ..Self::unsigned(policy) }
    }
}
