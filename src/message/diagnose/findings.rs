//! The findings of every check about one message, in one place.

use super::checks::Checks;
use super::mail::Mail;
use crate::dmarc::{self, Author};
use crate::dns::Snapshot;
use crate::finding::Diagnostic;
use crate::spf;

/// A further check adds its findings here.
pub(super) fn all(dns: &Snapshot, mail: &Mail<'_>, checks: &Checks) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(checked) = &checks.spf {
        found.extend(spf::explain(&checked.outcome, &checked.session));
    }
    found.extend(checks.spf_findings.iter().cloned());
    if let Some(outcome) = &checks.dmarc {
        let mut options = dmarc::LintOptions::default();
        options.suffixes.clone_from(&mail.input.suffixes);
        found.extend(dmarc::lint_outcome(outcome, dns, &options));
    }
    if !matches!(mail.author, Author::Domain(_)) {
        found.extend(dmarc::lint_author(&mail.author));
    }
    found.extend(checks.policy_findings.iter().cloned());
    found
}
