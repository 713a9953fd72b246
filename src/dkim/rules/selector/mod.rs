//! A selector and its DNS: where the key is, how many there are, and what is known about it.

pub(super) mod absent;
pub(super) mod answers;
pub(super) mod known;
mod options;
mod place;

#[cfg(test)]
mod tests;

pub use absent::lint_selector;
pub use options::{LintOptions, MAX_OTHERS};

use self::absent::TEMPFAIL;
pub(super) use self::place::{Place, meant_keys};
use super::historic;
use super::lint::lint_subject;
use crate::Name;
use crate::dkim::Key;
use crate::dns::{RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Effect, Evidence, Findings, Severity, Subject};

/// What there is to say about the key at `name`, which is `selector._domainkey.domain` (RFC 6376 §3.6.2).
///
/// The texts of the records are looked at as [`lint_key`](super::lint_key) does. Where no key is, usual wrong names are asked
/// too. If the DNS gives no answer for the name, only that is told.
///
/// ```
/// use mailproof::dkim::{self, LintOptions};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("s1.d.example. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"")?;
/// let (name, options) = ("s1._domainkey.d.example".parse()?, LintOptions::default());
/// let resolve = |question: &mailproof::dns::Question| zone.answer(question);
/// let found = drive_sync(&mut Snapshot::new(), resolve, |dns| dkim::lint_key_at(dns, &name, &options));
/// assert_eq!(found[0].code, "dkim-key-missing");
/// assert_eq!(found[1].code, "dkim-key-wrong-location");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_key_at(dns: &Snapshot, name: &Name, options: &LintOptions) -> Step<Vec<Diagnostic>> {
    Place::gather(dns, name, options).map(|place| {
        let mut out = Findings::default();
        unanswered(&place, &mut out);
        absent::check(&place, &mut out);
        answers::check(&place, &mut out);
        texts(&place, &mut out);
        known::check(&place, &mut out);
        historic::check_policies(&place, &mut out);
        out.into_vec()
    })
}

/// RFC 6376 §6.1.2, step 2: without an answer nothing is known about the key.
fn unanswered(place: &Place<'_>, out: &mut Findings) {
    let Some(failure) = place.answer.failure() else { return };
    let domain = place.parts.as_ref().map_or(place.name, |(_, domain)| domain);
    let found = out.report(&TEMPFAIL, place.label().with("no answer"));
    found.arg("domain", domain).arg("selector", place.selector());
    found.arg("failure", failure.as_str()).arg("name", place.name).evidence(Evidence::NotChecked);
}

/// What is told about each text, with the consequences that it has beside the others.
fn texts(place: &Place<'_>, out: &mut Findings) {
    // That the parts of a key are none by themselves is told already.
    if answers::is_in_parts(place) {
        return;
    }
    let one_is_usable = place.keys.iter().any(Key::is_usable);
    let nothing_signs = answers::is_revoked_with_all(place);
    for key in &place.keys {
        let subject = Subject::record(place.name, RecordType::Txt, key.source.clone());
        for mut found in lint_subject(&subject) {
            // A verifier that takes another one of the records can use it.
            if one_is_usable && !key.is_usable() && found.effect > Effect::Differs {
                found.effect = Effect::Differs;
            }
            // It is what the domain wants to say.
            if nothing_signs && found.code == super::data::REVOKED.code {
                found.severity = Severity::Note;
            }
            out.extend([found]);
        }
    }
}
