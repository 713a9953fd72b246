//! A signature with what an investigation found out about it.

use super::mail::Mail;
use crate::dkim::forensics::{Alteration, Certainty, Evidence, KeyEvidence, investigate};
use crate::dkim::{Cause, DkimResult, Outcome};
use crate::dns::Snapshot;

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
}

/// Signatures that are investigated; the budget is for each.
const MAX_INVESTIGATED: usize = 4;

impl Signed {
    pub(super) fn new(outcome: Outcome) -> Self {
        Self { outcome, evidence: Evidence::default() }
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
        let untouched = self.outcome.cause == Cause::HeaderSignature
            && self.evidence.header.iter().all(|found| found.certainty == Certainty::Unknown);
        match &self.evidence.key {
            KeyEvidence::Signed { .. } => false,
            KeyEvidence::Other | KeyEvidence::PublishedElsewhere { .. } => self.outcome.cause == Cause::HeaderSignature,
            KeyEvidence::Unknown => untouched,
        }
    }

    /// Whether the owner of the domain made it: a forger can write a signature, and cannot make it fit.
    pub(super) fn is_genuine(&self) -> bool {
        let header = self.outcome.header.is_some_and(|header| header.verified);
        header || matches!(self.evidence.key, KeyEvidence::Signed { .. })
    }

    /// What was changed: the body first.
    pub fn alterations(&self) -> impl Iterator<Item = &Alteration> {
        self.evidence.body.iter().chain(&self.evidence.header)
    }
}

/// Looks for what was changed, in the signatures that fail.
pub(super) fn search(dns: &Snapshot, mail: &Mail<'_>, signatures: &mut [Signed]) {
    let failing = signatures.iter_mut().filter(|signed| !signed.passes());
    let worth = |signed: &&mut Signed| {
        matches!(signed.outcome.cause, Cause::BodyHash | Cause::BodyTooShort | Cause::HeaderSignature)
            // The body can be told apart without the key.
            || signed.outcome.body.is_some_and(|body| !body.matches)
    };
    for signed in failing.filter(worth).take(MAX_INVESTIGATED) {
        signed.evidence = investigate(dns, &mail.message, &signed.outcome, &mail.input.budget);
    }
}
