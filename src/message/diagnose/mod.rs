//! One message, diagnosed: every check together, the one root cause, who acts, and what to do.
//!
//! [`diagnose`](super::diagnose()) takes a message and what is known around it ([`Input`]) and gives a [`Diagnosis`]: SPF, DKIM, ARC and
//! DMARC, the alignment table, what was changed since it was signed, one primary [`Cause`](crate::cause::Cause) and
//! ordered secondary ones, each with its evidence. That nothing is wrong is an answer too, and says why an alarming
//! detail is harmless.

mod alignment;
mod checks;
mod connection;
mod facts;
mod findings;
mod gateway;
mod input;
mod mail;
mod path;
mod pointers;
mod rank;
mod signatures;
#[cfg(test)]
mod tests;

pub use alignment::Row;
pub use connection::{Known, Session};
pub use input::{Connection, Input, Recipient, SrsDomain, Stage, Submission};
pub use signatures::Signed;

use crate::cause::Found;
use crate::dkim::forensics::Alteration;
use crate::dmarc::{Author, DmarcResult, Policy, Verdict};
use crate::dns::{Snapshot, Step};
use crate::finding::Diagnostic;
use crate::message::Path;
use crate::{arc, dmarc, spf};
use mail::Mail;
use rank::Case;

/// What is known of a message, and the one thing behind it.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Actor, Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let input = Input::new(&mail, Timestamp(1_795_255_400));
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.primary.cause, Cause::MailingListModified);
/// assert_eq!(diagnosis.primary.actor, Actor::ListOperator);
/// assert_eq!(diagnosis.secondary[0].cause, Cause::SpfNotAligned);
/// assert!(diagnosis.findings.iter().any(|found| found.code == "dkim-body-hash-mismatch"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The root cause.
    pub primary: Found,
    /// What else is out of order, the nearest to the verdict first; harmless where the primary cause is that nothing is.
    pub secondary: Vec<Found>,
    /// The session that it rests on.
    pub session: Session,
    /// Whom From names.
    pub author: Author,
    /// SPF of the MAIL FROM identity; `None` without an address of the client, and for a message that is handed in.
    pub spf: Option<spf::Outcome>,
    /// Each DKIM signature, from the top.
    pub signatures: Vec<Signed>,
    /// ARC: evidence, never a pass.
    pub arc: Option<arc::Outcome>,
    /// DMARC; `None` without an Author Domain.
    pub dmarc: Option<dmarc::Outcome>,
    /// What each kind of receiver makes of it: RFC 9989, then RFC 7489.
    pub receivers: Vec<Verdict>,
    /// How each identifier stands to the Author Domain.
    pub alignment: Vec<Row>,
    /// What was changed since the message was signed, in the signature that matters.
    pub alterations: Vec<Alteration>,
    /// Which header field that signature is, counted from 0 at the top.
    pub altered_signature: Option<usize>,
    /// The way that the message came: the hops that the receiver or its client tell of.
    pub path: Path,
    /// The sealer that the receiver trusts and whose intact chain saw DMARC pass: a reason for a local override.
    pub trusted_sealer: Option<crate::Name>,
    /// What each check has to say.
    pub findings: Vec<Diagnostic>,
}

impl Diagnosis {
    /// The result of DMARC; none without an Author Domain.
    ///
    /// ```
    /// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
    /// use mailproof::resolver::{Zone, drive_sync};
    /// use mailproof::{Timestamp, dmarc, dns::Snapshot};
    ///
    /// let zone = Zone::parse("d.example. TXT \"v=spf1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"")?;
    /// let client = Connection::new("192.0.2.10".parse()?, "mx.d.example", "alice@d.example");
    /// let input = Input::new(b"From: alice@d.example\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
    /// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
    /// assert_eq!(diagnosis.dmarc_result(), dmarc::DmarcResult::Fail);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dmarc_result(&self) -> DmarcResult {
        self.dmarc.as_ref().map_or(DmarcResult::None, |outcome| outcome.result)
    }

    /// What the domain owner asks for this message.
    ///
    /// ```
    /// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
    /// use mailproof::resolver::{Zone, drive_sync};
    /// use mailproof::{Timestamp, dmarc, dns::Snapshot};
    ///
    /// let zone = Zone::parse("d.example. TXT \"v=spf1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"")?;
    /// let client = Connection::new("192.0.2.10".parse()?, "mx.d.example", "alice@d.example");
    /// let input = Input::new(b"From: alice@d.example\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
    /// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
    /// assert_eq!(diagnosis.disposition(), dmarc::Policy::Reject);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn disposition(&self) -> Policy {
        self.dmarc.as_ref().map_or(Policy::None, dmarc::Outcome::disposition)
    }

    /// Whether the domain that SPF looked at is aligned, passed or not.
    ///
    /// ```
    /// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
    /// use mailproof::resolver::{Zone, drive_sync};
    /// use mailproof::{Timestamp, dmarc, dns::Snapshot};
    ///
    /// let zone = Zone::parse("d.example. TXT \"v=spf1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"")?;
    /// let client = Connection::new("192.0.2.10".parse()?, "mx.d.example", "alice@d.example");
    /// let input = Input::new(b"From: alice@d.example\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
    /// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
    /// // Aligned, though SPF fails.
    /// assert!(diagnosis.spf_domain_aligned());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spf_domain_aligned(&self) -> bool {
        self.alignment.iter().any(|row| row.identifier.is_spf() && row.aligned)
    }
}

/// Says what is behind a message's fate, or what the DNS has to be asked first.
///
/// ```
/// use mailproof::cause::Cause;
/// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
/// use mailproof::resolver::{Zone, drive_sync};
/// use mailproof::{Actor, Timestamp, dns::Snapshot};
///
/// let zone = Zone::parse("
/// author.example.        TXT \"v=spf1 ip4:192.0.2.10 -all\"
/// _dmarc.author.example. TXT \"v=DMARC1; p=reject\"
/// fwd.example.           TXT \"v=spf1 ip4:198.51.100.20 -all\"
/// ".trim_start())?;
/// let message = b"Delivered-To: bob@fwd.example\r\n\
///     Received: from mx.author.example (mx.author.example [192.0.2.10]) by mx.fwd.example for <bob@fwd.example>; x\r\n\
///     From: Alice <alice@author.example>\r\n\r\nHello\r\n";
/// // The forwarder sends it on under the old reverse-path.
/// let client = Connection::new("198.51.100.20".parse()?, "mx.fwd.example", "alice@author.example").to("bob@last.example");
/// let input = Input::new(message, Timestamp(0)).connection(client);
///
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.primary.cause, Cause::ForwardedWithoutSrs);
/// assert_eq!(diagnosis.primary.actor, Actor::Forwarder);
/// assert_eq!(
///     diagnosis.primary.told,
///     "mx.fwd.example sent the message on without SRS: SPF of author.example fails for 198.51.100.20, and no DKIM \
///      signature of author.example carries DMARC"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn diagnose(dns: &Snapshot, input: &Input<'_>) -> Step<Diagnosis> {
    let mut mail = Mail::read(input);
    match gateway::taken(dns, &mail) {
        Step::Done(Some(hop)) => mail.take_at(hop),
        Step::Done(None) => {}
        Step::Ask(questions) => return Step::Ask(questions),
    }
    checks::run(dns, &mail).map(|mut checks| {
        signatures::search(dns, &mail, &mut checks.signatures);
        let case = Case::new(dns, &mail, &checks);
        let primary = rank::primary(&case);
        let secondary = rank::secondary(&case, &primary);
        let altered = case.altered();
        let alterations = altered.map(|signed| signed.alterations().cloned().collect()).unwrap_or_default();
        let altered_signature = altered.map(|signed| signed.outcome.field);
        let trusted_sealer = case.trusted_sealer();
        let findings = findings::all(dns, &mail, &checks);
        Diagnosis {
            primary,
            secondary,
            alterations,
            altered_signature,
            path: mail.path.clone(),
            trusted_sealer,
            findings,
            author: mail.author.clone(),
            session: mail.session.clone(),
            spf: checks.spf.map(|spf| spf.outcome),
            signatures: checks.signatures,
            arc: checks.arc,
            dmarc: checks.dmarc,
            receivers: checks.receivers,
            alignment: checks.rows,
        }
    })
}
