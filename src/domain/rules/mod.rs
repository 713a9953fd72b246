//! What is told about a domain as a whole.

mod dns;
mod key;
mod together;

pub(super) use dns::not_a_domain;

use super::{EffectivePolicy, Facts, Input};
use crate::Name;
use crate::dns::{Question, RecordType, Snapshot};
use crate::finding::{Diagnostic, Findings, Rule};

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[dns::RULES, key::RULES, together::RULES];

/// What a rule about a domain looks at.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) dns: &'a Snapshot,
    pub(super) input: &'a Input,
    pub(super) facts: &'a Facts,
}

/// What the rules need beside what the protocols ask: who serves the name.
pub(super) fn ask_early(dns: &Snapshot, domain: &Name, open: &mut Vec<Question>) {
    for record_type in [RecordType::Cname, RecordType::Ns, RecordType::Soa] {
        if dns.lookup(domain.as_str(), record_type).is_none() {
            open.push(Question::new(domain.clone(), record_type));
        }
    }
}

/// What the protocols say each for itself, and what they say together.
pub(super) fn together(cx: &Context<'_>, mut told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    dns::check(cx, &mut out);
    if !cx.facts.exists && out.as_slice().is_empty() {
        // Nothing can be missing at a name that is not there.
        let inherits = !matches!(cx.facts.policies.own, EffectivePolicy::Nothing);
        let matters = |code: &str| code == "spf-domain-nonexistent" || (inherits && code.starts_with("dmarc-"));
        told.retain(|found| matters(found.code.as_str()));
        return told;
    }
    key::check(cx, &mut out);
    together::check(cx, &told, &mut out);
    // What is told with more reason here is not told twice.
    for (wide, narrow) in together::REPLACES {
        if out.has(wide) {
            told.retain(|found| found.code != *narrow);
        }
    }
    out.extend(told);
    out.into_vec()
}
