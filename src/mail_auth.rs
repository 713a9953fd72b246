//! For users of the crate [`mail-auth`](https://docs.rs/mail-auth): explains its verdicts, and where ours differ, why (feature
//! `mail-auth`, native targets only).
//!
//! mail-auth goes on doing the work of a receiver. [`explain`] takes its outputs, looks at the same message with the same
//! DNS, and gives for each check both results, what ours rests on, and the [`Difference`] where there is one. The
//! conversions of results are `From` implementations; [`authenticated`] makes the input of DMARC of its outputs.
//!
//! [`resolver`] lets both ask through one hickory resolver, with one cache.
//!
//! ```
//! use mail_auth::{SpfOutput, SpfResult};
//! use mailproof::mail_auth::{Reason, Verdicts, explain};
//! use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}, spf};
//!
//! // mail-auth takes the first of two records; RFC 7208 §4.5 says permerror.
//! let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\nd.example. TXT \"v=spf1 -all\"")?;
//! let session = spf::Session::new("192.0.2.1".parse()?, "mx.d.example", "a@d.example");
//! let message = Message::parse(b"From: a@d.example\r\n\r\nHello\r\n");
//! let theirs = SpfOutput::new("d.example".to_owned()).with_result(SpfResult::Pass);
//! let verdicts = Verdicts { spf: Some(&theirs), ..Verdicts::default() };
//!
//! let explained = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
//!     explain(dns, &message, Some(&session), Timestamp(0), &verdicts)
//! });
//! assert_eq!((explained[0].theirs, explained[0].ours), ("pass", "permerror"));
//! let difference = explained[0].difference.as_ref().unwrap();
//! assert_eq!(difference.reason, Reason::SeveralRecords);
//! assert_eq!(difference.sections, ["RFC 7208 §4.5"]);
//! assert_eq!(
//!     explained[0].to_string(),
//!     "spf of d.example: mail-auth says pass, the standard permerror (RFC 7208 §4.5): several SPF records are a permerror; \
//!      mail-auth takes the first that it can read"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod convert;
mod difference;
mod pairs;
#[cfg(test)]
mod tests;

use std::fmt;

use ::mail_auth as theirs;

use crate::dkim::forensics::{Budget, investigate};
use crate::dmarc::{self, Authenticated, Author, DmarcResult, LintOptions, MethodResult};
use crate::dns::{Snapshot, Step};
use crate::finding::Diagnostic;
use crate::message::{AddressList, Message};
use crate::resolver::hickory::SharedResolver;
use crate::spf::{self, Session, SpfResult};
use crate::text::Source;
use crate::{Timestamp, arc, dkim};
pub use convert::authenticated;
use convert::with_spf;
pub use difference::{Difference, Reason};

/// What mail-auth said about one message. What is not given is not explained.
///
/// ```
/// use mail_auth::{DkimOutput, SpfOutput, SpfResult};
/// use mailproof::mail_auth::Verdicts;
///
/// // What `verify_spf` and `verify_dkim` returned; ARC and DMARC were not asked about.
/// let spf = SpfOutput::new("d.example".to_owned()).with_result(SpfResult::Fail);
/// let dkim: Vec<DkimOutput<'_>> = Vec::new();
/// let verdicts = Verdicts { spf: Some(&spf), dkim: Some(&dkim), ..Verdicts::default() };
/// assert!(verdicts.arc.is_none() && verdicts.dmarc.is_none());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdicts<'a> {
    /// SPF of the MAIL FROM identity, or of HELO for a null reverse-path.
    pub spf: Option<&'a theirs::SpfOutput>,
    /// DKIM: all outputs of `verify_dkim`.
    pub dkim: Option<&'a [theirs::DkimOutput<'a>]>,
    /// ARC.
    pub arc: Option<&'a theirs::ArcOutput<'a>>,
    /// DMARC.
    pub dmarc: Option<&'a theirs::DmarcOutput>,
}

/// One verdict of mail-auth, explained.
///
/// ```
/// use mail_auth::{SpfOutput, SpfResult};
/// use mailproof::mail_auth::{Verdicts, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"")?;
/// let session = spf::Session::new("192.0.2.9".parse()?, "mx.d.example", "a@d.example");
/// let message = Message::parse(b"From: a@d.example\r\n\r\nHello\r\n");
/// let theirs = SpfOutput::new("d.example".to_owned()).with_result(SpfResult::Fail);
/// let verdicts = Verdicts { spf: Some(&theirs), ..Verdicts::default() };
/// let step = |dns: &_| explain(dns, &message, Some(&session), Timestamp(0), &verdicts);
/// let explained = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step);
/// // Both say the same; the finding points at the term that decided.
/// assert_eq!((explained[0].theirs, explained[0].ours, &explained[0].difference), ("fail", "fail", &None));
/// assert_eq!(explained[0].findings[0].primary.quoted(), "-all");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explained {
    /// Which check: `spf`, `dkim`, `arc` or `dmarc`.
    pub method: &'static str,
    /// What was checked: a domain, for DKIM with its selector.
    pub identity: String,
    /// The result of mail-auth, in the words of RFC 8601; `none` for a signature of which it says nothing.
    pub theirs: &'static str,
    /// Our result.
    pub ours: &'static str,
    /// What ours rests on, in one sentence without a full stop.
    pub told: String,
    /// What there is to say about it, with places.
    pub findings: Vec<Diagnostic>,
    /// Why mail-auth comes to something else; `None` if it does not.
    pub difference: Option<Difference>,
}

/// The verdict of mail-auth and its reason in one line.
impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(difference) = &self.difference else {
            return write!(f, "{} of {}: {}: {}", self.method, self.identity, self.theirs, self.told);
        };
        write!(f, "{} of {}: mail-auth says {}, the standard {}", self.method, self.identity, self.theirs, self.ours)?;
        if !difference.sections.is_empty() {
            write!(f, " ({})", difference.sections.join(", "))?;
        }
        write!(f, ": {}", difference.reason.told())
    }
}

/// A resolver of ours that asks through mail-auth's, so that both have one cache and one set of connections.
///
/// ```no_run
/// use mail_auth::MessageAuthenticator;
/// use mailproof::mail_auth::{Verdicts, explain, resolver};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::drive};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let authenticator = MessageAuthenticator::new_system_conf()?;
/// // The keys that mail-auth has just asked for come out of its cache.
/// let resolver = resolver(&authenticator);
/// let message = Message::parse(b"From: a@d.example\r\n\r\nHello\r\n");
/// let verdicts = Verdicts::default();
/// let step = |dns: &Snapshot| explain(dns, &message, None, Timestamp(1_795_255_300), &verdicts);
/// for explained in drive(&mut Snapshot::new(), &resolver, step).await {
///     println!("{explained}");
/// }
/// # Ok(()) }
/// ```
pub fn resolver(authenticator: &theirs::MessageAuthenticator) -> SharedResolver {
    SharedResolver::new(authenticator.0.clone())
}

/// Explains what mail-auth said about `message`: SPF first, then each signature from the top, ARC, DMARC.
///
/// `session` is needed for SPF. Drive it with [`resolver::drive`](crate::resolver::drive), over [`resolver`] or any other.
///
/// ```
/// use mail_auth::{DkimOutput, dkim::Signature};
/// use mailproof::mail_auth::{Reason, Verdicts, explain};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// // From is not in `h=`.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=subject;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
/// let signature = Signature { d: "d.example".into(), s: "s1".into(), b: b"foo".to_vec(), ..Signature::default() };
/// let theirs = [DkimOutput::pass().with_signature(&signature)];
/// let verdicts = Verdicts { dkim: Some(&theirs), ..Verdicts::default() };
/// let step = |dns: &_| explain(dns, &message, None, Timestamp(0), &verdicts);
/// let explained = drive_sync(&mut Snapshot::new(), |_| Answer::txt(["v=DKIM1; p=MAcCAgCRAgED"]), step);
/// assert_eq!((explained[0].theirs, explained[0].ours), ("pass", "permerror"));
/// assert_eq!(explained[0].difference.as_ref().unwrap().reason, Reason::FromNotSigned);
/// ```
pub fn explain(
    dns: &Snapshot,
    message: &Message<'_>,
    session: Option<&Session>,
    now: Timestamp,
    verdicts: &Verdicts<'_>,
) -> Step<Vec<Explained>> {
    let mut open = Vec::new();
    let spf = session.map(|session| (session, spf::check_host(dns, session, now).or_ask(&mut open)));
    let dkim = dkim::verify(dns, message, now).or_ask(&mut open);
    let arc = verdicts.arc.map(|theirs| (theirs, arc::verify(dns, message, now).or_ask(&mut open)));
    // DMARC rests on the two.
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let dkim = dkim.unwrap_or_default();
    let spf = spf.and_then(|(session, outcome)| Some((session, outcome?)));
    let dmarc = verdicts.dmarc.map(|theirs| {
        let ours = ours(spf.as_ref(), &dkim);
        let given = authenticated(session, verdicts.spf, verdicts.dkim.unwrap_or_default());
        of_dmarc(dns, &author(message), theirs, &ours, &given)
    });
    let dmarc = dmarc.map(|step| step.or_ask(&mut open));
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let mut out = Vec::new();
    if let (Some((session, outcome)), Some(theirs)) = (&spf, verdicts.spf) {
        out.push(of_spf(session, outcome, theirs));
    }
    if let Some(theirs) = verdicts.dkim {
        out.extend(of_dkim(dns, message, &dkim, theirs, now));
    }
    out.extend(arc.and_then(|(theirs, outcome)| Some(of_arc(message, &outcome?, theirs))));
    out.extend(dmarc.flatten());
    for difference in out.iter_mut().filter_map(|explained| explained.difference.as_mut()) {
        let reason = difference.reason.or_header_section(message);
        if reason != difference.reason {
            *difference = Difference { reason, sections: reason.sections().to_vec() };
        }
    }
    Step::Done(out)
}

/// Explains DMARC by itself, on results of SPF and DKIM that the caller has, such as those of [`authenticated`].
///
/// ```
/// use mail_auth::{DmarcOutput, DmarcResult};
/// use mailproof::dmarc::{Authenticated, Author, MethodResult};
/// use mailproof::mail_auth::{Reason, explain_dmarc};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // RFC 9989 §4.10: where there are two records, none applies.
/// let zone = Zone::parse("_dmarc.d.example. TXT \"v=DMARC1; p=reject\"\n_dmarc.d.example. TXT \"v=DMARC1; p=none\"")?;
/// let author = Author::Domain("d.example".parse()?);
/// let spf = Authenticated::default().spf("d.example".parse()?, MethodResult::Pass);
/// let theirs = DmarcOutput::new("d.example".to_owned()).with_spf_result(DmarcResult::Pass);
/// let step = |dns: &_| explain_dmarc(dns, &author, &spf, &theirs);
/// let explained = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step);
/// assert_eq!((explained.theirs, explained.ours), ("pass", "none"));
/// assert_eq!(explained.difference.unwrap().reason, Reason::SeveralPolicies);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain_dmarc(
    dns: &Snapshot,
    author: &Author,
    authenticated: &Authenticated,
    theirs: &theirs::DmarcOutput,
) -> Step<Explained> {
    of_dmarc(dns, author, theirs, authenticated, authenticated)
}

/// The identifiers of a message with our results.
fn ours(spf: Option<&(&Session, spf::Outcome)>, dkim: &[dkim::Outcome]) -> Authenticated {
    let mut ids = Authenticated::default();
    if let Some((session, outcome)) = spf {
        ids = with_spf(ids, Some(session), outcome.domain.clone(), outcome.result.into());
    }
    for outcome in dkim {
        // Both write the words of RFC 8601.
        if let (Some(domain), Ok(result)) = (outcome.domain(), outcome.result.as_str().parse()) {
            ids = ids.dkim(domain.clone(), result);
        }
    }
    ids
}

fn of_spf(session: &Session, outcome: &spf::Outcome, theirs: &theirs::SpfOutput) -> Explained {
    let result = SpfResult::from(theirs.result());
    let findings = spf::explain(outcome, session);
    Explained {
        method: "spf",
        identity: outcome.domain.as_ref().map_or_else(|| theirs.domain().to_owned(), ToString::to_string),
        theirs: result.as_str(),
        ours: outcome.result.as_str(),
        told: spf::headline(outcome, session),
        difference: difference(difference::of_spf(outcome, theirs), &findings),
        findings,
    }
}

/// Each of our signatures beside the output of mail-auth for it.
fn of_dkim(
    dns: &Snapshot,
    message: &Message<'_>,
    outcomes: &[dkim::Outcome],
    outputs: &[theirs::DkimOutput<'_>],
    now: Timestamp,
) -> Vec<Explained> {
    let known = dkim::Known { now: Some(now), ..dkim::Known::default() };
    let explained = outcomes.iter().zip(pairs::paired(outcomes, outputs)).map(|(outcome, output)| {
        let result = output.map(|output| MethodResult::from(output.result()));
        let evidence = investigate(dns, message, outcome, &Budget::default());
        let findings = dkim::findings(message, outcome, &evidence, &known);
        Explained {
            method: "dkim",
            identity: dkim::explain::name(&outcome.signature),
            theirs: result.map_or("none", MethodResult::as_str),
            ours: outcome.result.as_str(),
            told: dkim::explain::headline(outcome, message, &evidence),
            difference: difference(difference::of_dkim(message, outcome, result), &findings),
            findings,
        }
    });
    explained.collect()
}

fn of_arc(message: &Message<'_>, outcome: &arc::Outcome, theirs: &theirs::ArcOutput<'_>) -> Explained {
    let findings = arc::findings(message, outcome, &arc::Known::default());
    Explained {
        method: "arc",
        identity: "the chain".to_owned(),
        theirs: arc::ArcResult::from(theirs).as_str(),
        ours: outcome.result.as_str(),
        told: arc::explain::headline(outcome),
        difference: difference(difference::of_arc(outcome, theirs), &findings),
        findings,
    }
}

fn of_dmarc(
    dns: &Snapshot,
    author: &Author,
    theirs: &theirs::DmarcOutput,
    ours: &Authenticated,
    given: &Authenticated,
) -> Step<Explained> {
    let theirs_word = DmarcResult::from(theirs);
    let Author::Domain(domain) = author else {
        let findings = dmarc::lint_author(author);
        let ours = DmarcResult::Permerror;
        let reason = (ours != theirs_word).then_some(Reason::Authors);
        return Step::Done(Explained {
            method: "dmarc",
            identity: "From".to_owned(),
            theirs: theirs_word.as_str(),
            ours: ours.as_str(),
            told: findings.first().map(Diagnostic::message).unwrap_or_default(),
            difference: difference(reason, &findings),
            findings,
        });
    };
    let mut open = Vec::new();
    let outcome = dmarc::evaluate(dns, domain, ours).or_ask(&mut open);
    let with_theirs = dmarc::evaluate(dns, domain, given).or_ask(&mut open);
    let (Some(outcome), Some(with_theirs)) = (outcome, with_theirs) else { return Step::Ask(open) };
    let findings = dmarc::lint_outcome(&outcome, dns, &LintOptions::default());
    Step::Done(Explained {
        method: "dmarc",
        identity: domain.to_string(),
        theirs: theirs_word.as_str(),
        ours: outcome.result.as_str(),
        told: dmarc::explain::outcome(&outcome),
        difference: difference(difference::of_dmarc(&outcome, &with_theirs, theirs), &findings),
        findings,
    })
}

fn author(message: &Message<'_>) -> Author {
    let from = message.fields_named("From").map(|index| message.fields()[index].body());
    let lists: Vec<AddressList> = from.map(|body| AddressList::from_source(Source::from_bytes(body))).collect();
    let mailboxes = lists.iter().flat_map(AddressList::mailboxes);
    Author::of(mailboxes.filter_map(|mailbox| Some(mailbox.address.rsplit_once('@')?.1)))
}

/// Where no section is known for the reason, those of what decided here.
fn difference(reason: Option<Reason>, findings: &[Diagnostic]) -> Option<Difference> {
    let reason = reason?;
    let sections = match reason {
        Reason::Unknown => findings.first().map_or(&[][..], |found| found.code.rule().citations),
        known => known.sections(),
    };
    Some(Difference { reason, sections: sections.to_vec() })
}
