//! The entries: the text of a key record, and a selector with its DNS.

use super::context::Context;
use super::{data, historic, hostname, list, pem_file, settings, strings, unnamed, version};
use crate::dkim::{Key, KeyData};
use crate::finding::{Diagnostic, Effect, Findings, Origin, Subject, mend_or_tidy};
use crate::panel;
use crate::text::Source;

/// What there is to say about the text of a key record (RFC 6376 §3.6.1). Nothing is claimed about the DNS.
///
/// ```
/// use mailproof::dkim;
///
/// let found = dkim::lint_key(&"v=dkim1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into());
/// assert_eq!(found[0].code, "dkim-key-version-case");
/// assert_eq!(found[0].primary.quoted(), "dkim1");
/// assert_eq!(dkim::key_effect(&found).as_str(), "permerror");
/// ```
pub fn lint_key(text: &Source) -> Vec<Diagnostic> {
    lint_subject(&Subject::new(Origin::Given, text.clone()))
}

/// The same for a text that came from somewhere.
pub(crate) fn lint_subject(subject: &Subject) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    panel::look(subject, &mut out, &check);
    out.into_sorted()
}

fn check(subject: &Subject, out: &mut Findings) {
    let key = Key::parse(subject.source());
    let cx = Context { key: &key, subject };
    if pem_file::check(&cx, out) || hostname::check(&cx, out) {
        return;
    }
    version::check(&cx, out);
    list::check(&cx, out);
    settings::check(&cx, out);
    data::check(&cx, out);
    historic::check(&cx, out);
    strings::check(&cx, out);
}

/// What verifiers do with a key because of all findings about it: the gravest effect.
///
/// ```
/// use mailproof::{dkim, finding::Effect};
///
/// assert_eq!(dkim::key_effect(&dkim::lint_key(&"v=DKIM2; p=".into())), Effect::Permerror);
/// ```
pub fn key_effect(found: &[Diagnostic]) -> Effect {
    found.iter().map(|found| found.effect).max().unwrap_or_default()
}

/// The record after every suggested edit; `None` if there is none, or verifiers could not use what comes of them, or it has not the key of
/// `text`.
///
/// Errors and warnings are mended. Notes are tidied only where nothing else is wrong.
///
/// ```
/// let mended = mailproof::dkim::mended_key("v=dkim1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
/// assert_eq!(mended.unwrap(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
/// ```
pub fn mended_key(text: &str) -> Option<String> {
    let lint = |text: &str| lint_key(&Source::new(text));
    let is_sound = |mended: &str| {
        let key = Key::parse(&mended.into());
        key.is_usable() || key.data == KeyData::Revoked
    };
    mend_or_tidy(text, &lint, &keeps, &is_sound)
}

/// Whether `mended` has the key of `text`, or revokes what `text` revokes.
pub(crate) fn keeps(text: &str, mended: &str) -> bool {
    let (was, is) = (Key::parse(&text.into()), Key::parse(&mended.into()));
    if is.data == KeyData::Revoked {
        return is.defects.is_empty() && revokes(text);
    }
    !was.has_key() || was.data == is.data
}

/// Whether the text has an empty `p`, and no key anywhere; quotation marks and what else panels put there are no matter.
fn revokes(text: &str) -> bool {
    let is_of_tags = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '=' | ';');
    let plain: String = text.chars().filter(is_of_tags).collect();
    let is_of_keys = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    plain.split(';').any(|part| part.ends_with("p=") || part == "P=")
        && !text.split(|c| !is_of_keys(c)).any(unnamed::may_be_of_a_key)
}
