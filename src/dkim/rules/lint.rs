//! The entries: the text of a key record, and a selector with its DNS.

use super::context::Context;
use super::{data, historic, list, pem_file, settings, strings, version};
use crate::dkim::Key;
use crate::finding::{Applicability, Diagnostic, Effect, Findings, Fix, Origin, Severity, Subject, apply_all_where};
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
    if pem_file::check(&cx, out) {
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

/// The record after every suggested edit; `None` if there is none.
///
/// Errors and warnings are mended. Notes are tidied only where nothing else is wrong.
///
/// ```
/// let mended = mailproof::dkim::mended_key("v=dkim1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
/// assert_eq!(mended.unwrap(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
/// ```
pub fn mended_key(text: &str) -> Option<String> {
    let lint = |text: &str| lint_key(&Source::new(text));
    let complete = |fix: &Fix| fix.applicability < Applicability::HasPlaceholders;
    let repaired = apply_all_where(text, lint, |found, fix| found.severity < Severity::Note && complete(fix));
    if repaired.text != text {
        return Some(repaired.text);
    }
    let tidied = apply_all_where(text, lint, |_, fix| complete(fix));
    (tidied.text != text).then_some(tidied.text)
}
