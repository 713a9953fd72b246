//! A signature with what an investigation found out about it.

use super::facts::Owners;
use super::mail::Mail;
use crate::dkim::forensics::{Alteration, Certainty, Evidence, KeyEvidence, What, investigate};
use crate::dkim::{Cause, DkimResult, Outcome};
use crate::dns::Snapshot;
use crate::order::sort_by_key;

/// A DKIM signature: the verdict, and what was changed since it was made.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Timestamp, dkim::forensics::What, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let input = Input::new(&mail, Timestamp(1_795_255_400));
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// let signed = &diagnosis.signatures[0];
/// assert!(!signed.passes());
/// let changes: Vec<What> = signed.alterations().map(|found| found.what).collect();
/// assert_eq!(changes, [What::Appended]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Signed {
    /// The verdict; of a header section alone, what the header says.
    pub outcome: Outcome,
    /// What was changed, and what is known of the key; empty where nothing was looked for.
    pub evidence: Evidence,
    is_investigated: bool,
}

/// Signatures that are investigated; the budget is for each.
pub(super) const MAX_INVESTIGATED: usize = 4;

impl Signed {
    pub(super) fn new(outcome: Outcome) -> Self {
        Self { outcome, evidence: Evidence::default(), is_investigated: false }
    }

    /// Whether it passes.
    pub fn passes(&self) -> bool {
        self.outcome.result == DkimResult::Pass
    }

    /// Whether the message was changed, and not the signature or its key at fault.
    pub(super) fn is_altered(&self) -> bool {
        let about_message =
            matches!(self.outcome.cause, Cause::BodyHash | Cause::BodyTooShort | Cause::HeaderSignature);
        !self.passes() && about_message && !self.key_is_another()
    }

    /// Whether the message seems untouched, so that the key must be another one.
    pub(super) fn key_is_another(&self) -> bool {
        let untouched = self.is_investigated
            && self.outcome.cause == Cause::HeaderSignature
            && self.evidence.header.iter().all(|found| found.certainty == Certainty::Unknown);
        match &self.evidence.key {
            KeyEvidence::Signed { .. } => false,
            KeyEvidence::Other | KeyEvidence::PublishedElsewhere { .. } => self.outcome.cause == Cause::HeaderSignature,
            KeyEvidence::Unknown => untouched,
        }
    }

    /// Whether the owner of the domain made it for this header or this body: a forger can write a signature, and cannot make it fit.
    /// That its key made it is not enough, since whoever has a mail of the domain can copy its signature. Who copies all of its
    /// signed header, or all of its body, gets past this.
    pub(super) fn is_genuine(&self) -> bool {
        let is_proven = |found: &Alteration| found.certainty == Certainty::Proven;
        let header = self.outcome.header.is_some_and(|header| header.verified);
        let body =
            self.outcome.body.is_none_or(|body| body.matches) || self.evidence.body.as_ref().is_some_and(is_proven);
        header || self.evidence.header.iter().any(is_proven) || self.is_made_by_key() && body
    }

    /// Whether the key of the domain made it, and it fits nothing of this message: no change of something in it is even likely. That
    /// a signed field is not there says nothing of what is.
    pub(super) fn is_copied(&self) -> bool {
        let fits_nothing =
            |found: &Alteration| found.certainty == Certainty::Unknown || found.what == What::HeaderRemoved;
        self.is_of_unproven_mail() && self.alterations().all(fits_nothing)
    }

    /// Whether the header is as it was signed, and nothing that was tried gives the signed body.
    pub(super) fn has_other_body(&self) -> bool {
        let is_lost = self.evidence.body.as_ref().is_some_and(|found| found.certainty == Certainty::Unknown);
        is_lost && self.outcome.header.is_some_and(|header| header.verified)
    }

    /// Whether the key of the domain made it, without a proof that it was for this message.
    pub(super) fn is_of_unproven_mail(&self) -> bool {
        self.is_made_by_key() && !self.is_genuine()
    }

    fn is_made_by_key(&self) -> bool {
        matches!(self.evidence.key, KeyEvidence::Signed { .. })
    }

    /// Whether a search could have told more, and there were too many signatures for it.
    pub(super) fn is_left_out(&self) -> bool {
        self.is_worth_a_search() && !self.is_investigated
    }

    fn is_worth_a_search(&self) -> bool {
        let about_message =
            matches!(self.outcome.cause, Cause::BodyHash | Cause::BodyTooShort | Cause::HeaderSignature);
        // The body can be told apart without the key.
        !self.passes() && (about_message || self.outcome.body.is_some_and(|body| !body.matches))
    }

    /// What was changed: the body first.
    pub fn alterations(&self) -> impl Iterator<Item = &Alteration> {
        self.evidence.body.iter().chain(&self.evidence.header)
    }
}

/// Looks for what was changed in the signatures that fail, first in those that count for DMARC.
pub(super) fn search(dns: &Snapshot, mail: &Mail<'_>, signatures: &mut [Signed]) {
    let owners = Owners::of(mail.input);
    let is_authors = |signed: &Signed| {
        let pair = mail.author_domain().zip(signed.outcome.domain());
        pair.is_some_and(|(author, domain)| owners.same(author, domain))
    };
    let mut failing: Vec<&mut Signed> = signatures.iter_mut().filter(|signed| signed.is_worth_a_search()).collect();
    sort_by_key(&mut failing, |signed| !is_authors(signed));
    for signed in failing.into_iter().take(MAX_INVESTIGATED) {
        signed.evidence = investigate(dns, &mail.message, &signed.outcome, &mail.input.budget);
        signed.is_investigated = true;
    }
}
