//! What becomes of the verdicts on a way: each hop in its turn, as RFC 7960 §3 describes them.

use crate::Actor;
use crate::dmarc::{DmarcResult, Policy};
use crate::spf::SpfResult;

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

#[cfg(feature = "serde")]
mod as_data {
    use super::{Author, Hop, List, Munging, Signature, Trust};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads, reads_words};

    reads! {
        strict Author { needs spf_elsewhere, spf_pass, spf_aligned, null_sender, signatures, policy; takes }
    }
    reads! { strict Signature { needs aligned, relaxed, partial_body; takes } }
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

/// The state of the message between two hops.
struct Way<'a> {
    author: &'a Author,
    spf: SpfResult,
    spf_aligned: bool,
    /// MAIL FROM is that of a forwarder or list.
    rewritten: bool,
    intact: Vec<bool>,
    /// From is the list's, and so is DMARC's question.
    munged: bool,
    list_signed: bool,
    sealed: Option<Trust>,
    forwarded: bool,
    changed: Option<Actor>,
    shown: bool,
}

impl<'a> Way<'a> {
    fn new(author: &'a Author) -> Self {
        Self {
            author,
            spf: if author.spf_pass { SpfResult::Pass } else { author.spf_elsewhere },
            spf_aligned: author.spf_aligned,
            rewritten: false,
            intact: vec![true; author.signatures.len()],
            munged: false,
            list_signed: false,
            sealed: None,
            forwarded: false,
            changed: None,
            shown: true,
        }
    }

    fn pass(&mut self, hop: Hop) {
        match hop {
            Hop::Redirect { srs } => self.redirect(srs),
            Hop::Disclaimer { srs, signs: _ } => {
                self.redirect(srs);
                // The forwarder's own signature passes, but is not aligned with the author.
                self.append(Actor::Forwarder);
            }
            Hop::List(list) => self.list(list),
            Hop::Recode => self.break_where(Actor::Forwarder, |_| true),
            Hop::Refold => self.break_where(Actor::Forwarder, |signature| !signature.relaxed),
            Hop::SameMessageId => self.shown = false,
        }
    }

    /// RFC 7208 §10.3, RFC 7960 §3.2.1: the address is another one, and with SRS the domain too.
    fn redirect(&mut self, srs: bool) {
        self.forwarded = true;
        if self.author.null_sender && !self.rewritten {
            // RFC 7208 §2.4: the HELO identity is that of the host that sends now. There is nothing to rewrite.
            (self.spf, self.spf_aligned) = (SpfResult::Pass, false);
        } else if srs {
            (self.spf, self.spf_aligned, self.rewritten) = (SpfResult::Pass, false, true);
        } else {
            // A list or forwarder lists its own hosts only, too; what it says of others is not known, so as the author.
            self.spf = self.author.spf_elsewhere;
        }
    }

    fn list(&mut self, list: List) {
        self.forwarded = true;
        // A list always sends with its own MAIL FROM.
        (self.spf, self.spf_aligned, self.rewritten) = (SpfResult::Pass, false, true);
        if list.tag {
            self.break_where(Actor::ListOperator, |_| true);
        }
        if list.footer {
            self.append(Actor::ListOperator);
        }
        match list.munging {
            Munging::None => {}
            // From is signed always (RFC 6376 §5.4), so the author's signatures go.
            Munging::From | Munging::Wrap => {
                self.intact.fill(false);
                (self.munged, self.spf_aligned, self.list_signed) = (true, true, list.signs);
            }
        }
        self.sealed = list.arc;
    }

    fn append(&mut self, actor: Actor) {
        self.break_where(actor, |signature| !signature.partial_body);
    }

    /// Breaks the signatures of which it is true; those of a list that munged as well.
    fn break_where(&mut self, actor: Actor, is_broken: impl Fn(&Signature) -> bool) {
        for (intact, signature) in self.intact.iter_mut().zip(&self.author.signatures) {
            if *intact && is_broken(signature) {
                *intact = false;
                self.changed = Some(actor);
            }
        }
        let list = Signature { aligned: true, relaxed: true, partial_body: false };
        self.list_signed &= !is_broken(&list);
        // What was changed after sealing breaks the seal (RFC 8617 §5.1.2); a list seals last, so this is a later hop.
        self.sealed = None;
    }

    fn end(self) -> Prediction {
        let spf_aligned = self.spf_aligned && self.spf == SpfResult::Pass;
        let survives = self.intact.iter().zip(&self.author.signatures).any(|(intact, s)| *intact && s.aligned);
        let dkim_aligned = if self.munged { self.list_signed } else { survives };
        let dmarc = if spf_aligned || dkim_aligned { DmarcResult::Pass } else { DmarcResult::Fail };
        // The policy of a list's domain is not known: it passes or the list is misconfigured.
        let disposition = if dmarc == DmarcResult::Pass { Policy::None } else { self.author.policy };
        let mut advice = Vec::new();
        self.advise(dmarc, dkim_aligned, &mut advice);
        Prediction {
            spf: self.spf,
            spf_aligned,
            author_dkim: self.intact,
            dkim_aligned,
            dmarc,
            disposition,
            arc_override: dmarc == DmarcResult::Fail && self.sealed == Some(Trust::Trusted),
            shown: self.shown,
            advice,
        }
    }

    fn advise(&self, dmarc: DmarcResult, dkim_aligned: bool, advice: &mut Vec<Advice>) {
        let mut tell = |actor, text| advice.push(Advice { actor, text });
        let aligned = self.author.signatures.iter().any(|signature| signature.aligned);
        if !aligned && !self.munged {
            if self.author.signatures.is_empty() {
                tell(
                    Actor::SendingService,
                    "sign with DKIM in the name of the author's domain: SPF alone breaks at every redirect",
                );
            } else {
                tell(
                    Actor::SendingService,
                    "sign with a `d=` that is aligned with From: only such a signature counts for DMARC",
                );
            }
        }
        match self.changed {
            Some(Actor::ListOperator) if !self.munged && dmarc == DmarcResult::Fail => {
                tell(
                    Actor::ListOperator,
                    "put the list's address into From (Mailman: munge_from), or send without tag and footer",
                );
            }
            Some(Actor::Forwarder) if dmarc == DmarcResult::Fail => {
                tell(
                    Actor::Forwarder,
                    "pass the message on without changing it: no disclaimer, no other encoding or folding",
                );
            }
            _ => {}
        }
        if self.munged && !dkim_aligned {
            tell(
                Actor::ListOperator,
                "sign with DKIM in the name of the list: its own SPF breaks at the next redirect",
            );
        }
        if self.forwarded && self.spf != SpfResult::Pass {
            tell(Actor::Forwarder, "rewrite MAIL FROM by SRS: some receivers reject by SPF before they look at DKIM");
        }
        if self.author.signatures.iter().any(|signature| signature.partial_body) {
            tell(Actor::SendingService, "sign without `l=`: anybody can add text to the message, and it passes");
        }
        if self.author.signatures.iter().any(|signature| !signature.relaxed) {
            tell(Actor::SendingService, "sign with relaxed header canonicalization: folding on the way breaks simple");
        }
        if dmarc == DmarcResult::Fail && self.sealed.is_some() {
            tell(Actor::Recipient, "a receiver may trust the ARC seal of the list, but none must: do not rely on it");
        }
        if !self.shown {
            tell(Actor::Nobody, "the message is there already: Gmail shows messages with one Message-ID once");
        }
    }
}
