//! The stations of a way, and what they do to a message.

/// One station of the way.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Author, Hop, List, predict}};
///
/// // First through a list that changes nothing, then by the redirect of a subscriber.
/// let way = [Hop::List(List::default()), Hop::Redirect { srs: false }];
/// assert_eq!(predict(&Author::signed(Policy::Reject), &way).dmarc, DmarcResult::Pass);
/// assert_eq!(predict(&Author::unsigned(Policy::Reject), &way).dmarc, DmarcResult::Fail);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Hop {
    /// A redirect of one mailbox to another one; nothing in the message is changed.
    Redirect {
        /// Whether MAIL FROM is rewritten.
        srs: bool,
    },
    /// A redirect that adds a disclaimer, signed by the forwarder or not.
    Disclaimer {
        /// Whether MAIL FROM is rewritten.
        srs: bool,
        /// Whether the forwarder signs in its own name.
        signs: bool,
    },
    /// A mailing list.
    List(List),
    /// A gateway that encodes the body anew (8bit to quoted-printable, charset).
    Recode,
    /// A gateway that folds header fields anew.
    Refold,
    /// The receiver already has a message with this Message-ID: Gmail shows one's own post to a list, or one's own message
    /// that comes back, only once.
    SameMessageId,
}

/// A mailing list.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Author, Hop, List, predict}};
///
/// let list = List { tag: true, footer: true, ..List::default() };
/// let end = predict(&Author::signed(Policy::Reject), &[Hop::List(list)]);
/// assert_eq!((end.author_dkim, end.dmarc), (vec![false], DmarcResult::Fail));
/// assert_eq!(end.advice[0].actor, mailproof::Actor::ListOperator);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct List {
    /// It writes a tag into Subject.
    pub tag: bool,
    /// It adds a footer at the end.
    pub footer: bool,
    /// What it does about From.
    pub munging: Munging,
    /// It signs in its own name.
    pub signs: bool,
    /// It seals with ARC, and the receiver trusts it or not.
    pub arc: Option<Trust>,
}

/// Whether a receiver trusts an ARC sealer.
///
/// ```
/// use mailproof::{dmarc::Policy, forwarding::{Author, Hop, List, Trust, predict}};
///
/// let through = |trust| {
///     let list = List { footer: true, arc: Some(trust), ..List::default() };
///     predict(&Author::signed(Policy::Reject), &[Hop::List(list)])
/// };
/// // The seal is the same. Whether it helps depends on the receiver.
/// assert!(through(Trust::Trusted).arc_override);
/// assert!(!through(Trust::Untrusted).arc_override);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Trust {
    /// It does.
    Trusted,
    /// It does not.
    Untrusted,
}

/// What a list does about From.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Author, Hop, List, Munging, predict}};
///
/// let through = |munging| {
///     let list = List { footer: true, signs: true, munging, ..List::default() };
///     predict(&Author::signed(Policy::Reject), &[Hop::List(list)]).dmarc
/// };
/// assert_eq!(through(Munging::None), DmarcResult::Fail);
/// // With the list's own address in From, DMARC asks about the list, which signs.
/// assert_eq!(through(Munging::From), DmarcResult::Pass);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Munging {
    /// Nothing.
    #[default]
    None,
    /// It writes its own address there (Mailman's `munge_from`).
    From,
    /// It puts the message into a new one of its own (`message/rfc822`).
    Wrap,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Hop, List, Munging, Trust};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads, reads_words};

    reads! { strict default List { needs; takes tag, footer, munging, signs, arc } }
    reads_words!(Munging, Trust);

    impl Read for Hop {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant()? {
                ("redirect", held) => {
                    fields!(held, { needs srs; takes });
                    Ok(Self::Redirect { srs })
                }
                ("disclaimer", held) => {
                    fields!(held, { needs srs, signs; takes });
                    Ok(Self::Disclaimer { srs, signs })
                }
                ("list", held) => Read::read(held).map(Self::List),
                ("recode", _) => Ok(Self::Recode),
                ("refold", _) => Ok(Self::Refold),
                ("same-message-id", _) => Ok(Self::SameMessageId),
                (other, _) => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(Hop);
}
