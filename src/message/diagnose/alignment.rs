//! The alignment table: every identifier, and how it stands to the Author Domain.

use super::checks::Checks;
use super::facts::Owners;
use super::mail::Mail;
use crate::Name;
use crate::dmarc::{self, Alignment, Identifier, Mode, Relation, explain};

/// How one identifier stands to the Author Domain.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/helpdesk.zone")?)?;
/// let mail = std::fs::read("examples/mail/third-party-sender.eml")?;
/// let input = Input::new(&mail, Timestamp(1_795_255_400));
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// // SPF passes, for the domain of the newsletter service.
/// let row = &diagnosis.alignment[0];
/// assert!(row.identifier.passed() && !row.aligned && !row.aligned_pass());
/// assert_eq!(
///     row.why,
///     "MAIL FROM bounce.mailer.example has Organizational Domain bounce.mailer.example, From has bakery.example"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Row {
    /// The identifier and its result.
    pub identifier: Identifier,
    /// Its Organizational Domain; `None` if it was not needed, or is not known.
    pub org_domain: Option<Name>,
    /// The mode that the record asks for; `None` without a record.
    pub mode: Option<Mode>,
    /// Whether the domains align, passed or not.
    pub aligned: bool,
    /// Why, in a clause without a full stop.
    pub why: String,
}

impl Row {
    /// Whether it passed and is aligned: one is enough for DMARC.
    pub fn aligned_pass(&self) -> bool {
        self.aligned && self.identifier.passed()
    }
}

/// Without a record nothing says how to align; the domains are compared all the same, as a new record would do.
pub(super) fn rows(mail: &Mail<'_>, checks: &Checks) -> Vec<Row> {
    let Some(author) = mail.author_domain() else { return Vec::new() };
    let alignments = checks.dmarc.as_ref().map_or(&[][..], |outcome| outcome.alignments.as_slice());
    if !alignments.is_empty() {
        return alignments.iter().map(|alignment| row(alignment, author)).collect();
    }
    let owners = Owners::of(mail.input);
    let none = match checks.dmarc.as_ref().map(|outcome| &outcome.cause) {
        Some(dmarc::Cause::DiscoveryFailed(_)) => "which DMARC record applies is not known",
        Some(dmarc::Cause::NoUsablePolicy) => "the DMARC record has no policy that receivers can use",
        _ => "no DMARC record applies",
    };
    let rows = checks.identifiers.identifiers.iter().map(|identifier| {
        let aligned = owners.same(&identifier.domain, author);
        let would = if aligned { "would" } else { "would not" };
        Row {
            identifier: identifier.clone(),
            org_domain: Some(owners.registrable(&identifier.domain)),
            mode: None,
            aligned,
            why: format!("{none}; with one, it {would} be aligned with {author}"),
        }
    });
    rows.collect()
}

fn row(alignment: &Alignment, author: &Name) -> Row {
    let org_domain = match &alignment.relation {
        Relation::SameOrgDomain(org) | Relation::StrictNotSame(org) => Some(org.name.clone()),
        Relation::Different { identifier, .. } => identifier.as_ref().map(|org| org.name.clone()),
        Relation::Same | Relation::Unknown(_) | Relation::NotChecked => None,
    };
    Row {
        identifier: alignment.identifier.clone(),
        org_domain,
        mode: Some(alignment.mode),
        aligned: alignment.would_align(),
        why: explain::alignment(alignment, author),
    }
}
