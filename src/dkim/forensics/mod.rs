//! What changed in a message after it was signed.
//!
//! A failed signature is evidence. `bh=` is the hash of the signed body, and an RSA signature raised to the public
//! exponent is the hash of the signed header. So every guess at the original costs one hash, and a guess whose hash
//! is the signer's is the original. Nothing here changes a verdict.

mod body;
mod coding;
mod evidence;
mod header;
mod key;
mod lines;
mod recode;
mod suspect;
#[cfg(test)]
mod tests;
mod transform;
mod values;

use super::outcome::{KeyLookup, Outcome};
use crate::dns::Snapshot;
use crate::message::Message;
pub use evidence::{Alteration, Certainty, Edit, Evidence, KeyEvidence, Part, Scope, SignedAs, Spent, What};
use key::key_evidence;

/// How much work a search may do. The same budget gives the same findings on every machine.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Certainty}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let search = |budget| forensics::investigate(&dns, &message, &outcomes[0], &budget).body.unwrap();
/// assert_eq!(search(Budget::default()).certainty, Certainty::Proven);
/// // Without work there is no proof; the verdict is the same.
/// assert_ne!(search(Budget { octets: 0, hashes: 0 }).certainty, Certainty::Proven);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Octets hashed. A signature check of Ed25519 counts as [`ED25519_COST`] of them.
    pub octets: u64,
    /// Hashes compared.
    pub hashes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { octets: MAX_HASHED, hashes: MAX_HASHES }
    }
}

/// Octets hashed for one signature, unless the caller gives another budget: about 30 ms with SHA-256 at 1.5 GB/s. What a guess writes
/// before it is hashed is paid for with it.
const MAX_HASHED: u64 = 40 << 20;
/// Hashes compared for one signature, unless the caller gives another budget. The alterations of the corpus need fewer.
const MAX_HASHES: usize = 60_000;

/// What a signature check of Ed25519 costs, in octets hashed.
pub const ED25519_COST: u64 = 60_000;

/// Searches for what changed since `outcome`'s signature was made. Asks the DNS nothing: other keys are looked for
/// among what `dns` holds already.
///
/// The search has limits beside `budget`: places, fields, parts and footers of each kind up to a number. What nobody found is
/// [`Certainty::Unknown`], and never a claim that nothing was changed.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Certainty, What}};
/// use mailproof::dns::{Answer, Snapshot};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// // Signed with an empty body; somebody appended a line.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; c=relaxed/relaxed\r\nFrom: a@d.example\r\n\r\nad\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let body = evidence.body.unwrap();
/// assert_eq!((body.what, body.at, body.length), (What::Appended, Some(0), 4));
/// assert_eq!(body.certainty, Certainty::Proven);
/// ```
pub fn investigate(dns: &Snapshot, message: &Message<'_>, outcome: &Outcome, budget: &Budget) -> Evidence {
    let mut evidence = Evidence::default();
    let mut work = Work::new(budget);
    if let Some(body) = outcome.body.filter(|body| !body.matches || body.signed > body.octets) {
        evidence.body = body::search(message, outcome, &body, &mut work);
        // What the body did not use is left for the header, and half of everything at least.
        work.limit = *budget;
    }
    if outcome.header.is_some_and(|header| !header.verified) {
        evidence.key = key_evidence(dns, message, outcome);
        evidence.header = header::search(dns, message, outcome, &evidence, &mut work);
    }
    if matches!(outcome.keys, KeyLookup::Missing { .. }) {
        evidence.key = key_evidence(dns, message, outcome);
    }
    evidence.spent = work.spent;
    evidence
}

/// The budget, and what of it is spent.
struct Work {
    limit: Budget,
    spent: Spent,
}

impl Work {
    /// The body may use half of the budget.
    fn new(budget: &Budget) -> Self {
        let limit = Budget { octets: budget.octets / 2, hashes: budget.hashes / 2 };
        Self { limit, spent: Spent::default() }
    }

    /// Whether `hashes` over `octets` in all can still be done.
    fn affords(&self, octets: u64, hashes: usize) -> bool {
        self.spent.octets + octets <= self.limit.octets && self.spent.hashes + hashes <= self.limit.hashes
    }

    /// The same; if so they are counted as done.
    fn spend(&mut self, octets: u64, hashes: usize) -> bool {
        let within = self.affords(octets, hashes);
        if within {
            self.spent.octets += octets;
            self.spent.hashes += hashes;
        }
        within
    }

    fn left(&self) -> u64 {
        self.limit.octets.saturating_sub(self.spent.octets)
    }
}
