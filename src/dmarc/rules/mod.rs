//! What is told about a DMARC record, a domain, and an evaluation.

mod alignment;
mod characters;
mod context;
mod destinations;
mod domain;
mod duplicates;
mod historic;
mod inheritance;
mod lint;
mod location;
mod mend;
mod misplaced;
mod near;
mod other;
mod policy;
mod quotes;
mod readiness;
mod records;
mod settings;
mod standing;
mod subdomains;
mod suffix;
mod tags;
mod torn;
mod united;
mod uri_meant;
mod uri_repair;
mod uris;
mod verdicts;
mod version;

#[cfg(test)]
mod pages;
#[cfg(test)]
mod tests;

pub use alignment::lint_spelling;
pub use lint::{Leg, LintOptions, lint, lint_at, lint_domain, lint_outcome, mended};
pub(crate) use standing::keeps;
pub use verdicts::lint_author;

use crate::finding::Rule;

/// Rules that a text can break by itself.
pub(crate) static OF_TEXTS: &[&[&Rule]] = &[
    version::RULES,
    characters::RULES,
    other::RULES,
    tags::RULES,
    duplicates::RULES,
    policy::RULES,
    subdomains::RULES,
    settings::RULES,
    historic::RULES,
    uris::RULES,
    destinations::RULES,
    location::RULES,
];

/// Rules of what is around it: the DNS, a message, a verdict.
pub(crate) static BEYOND_TEXTS: &[&[&Rule]] = &[
    misplaced::RULES,
    records::RULES,
    inheritance::RULES,
    suffix::RULES,
    readiness::RULES,
    verdicts::RULES,
    alignment::RULES,
];
