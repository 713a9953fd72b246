//! Which TXT record is the SPF record (RFC 7208 §4.5), and its parse, kept beside the answer.

use super::parse::SyntaxError;
use super::record::{DomainSpec, Record, TermKind};
use crate::dns::{Answer, FromAnswer};
use crate::text::Span;

/// What selection makes of the TXT records at a name.
#[derive(Debug)]
pub(crate) enum Selected {
    /// No record is SPF.
    None,
    /// Exactly one is.
    One(Policy),
    /// More than one is: permerror, even if they are the same. The positions in the answer.
    Several(Vec<usize>),
}

/// The selected record and what evaluators ask of it first.
#[derive(Debug)]
pub(crate) struct Policy {
    /// The record.
    pub(crate) record: Record,
    /// The first syntax error: permerror (§4.6).
    pub(crate) error: Option<SyntaxError>,
    /// Where to go on, unless `all` stands anywhere (§6.1).
    pub(crate) redirect: Option<(Span, DomainSpec)>,
    /// Where the explanation is (§6.2).
    pub(crate) explanation: Option<DomainSpec>,
}

impl Policy {
    fn new(record: Record) -> Self {
        let mut policy = Self { error: None, redirect: None, explanation: None, record };
        let mut has_all = false;
        for term in policy.record.terms() {
            match term.kind {
                TermKind::Directive(directive) => has_all |= directive.mechanism == super::Mechanism::All,
                TermKind::Redirect(spec) => policy.redirect = Some((term.span, spec)),
                TermKind::Explanation(spec) => policy.explanation = Some(spec),
                TermKind::UnknownModifier(_) => {}
                TermKind::Unknown(error) => policy.error = policy.error.or(Some(error)),
            }
        }
        if has_all {
            policy.redirect = None;
        }
        policy
    }
}

impl FromAnswer for Selected {
    fn from_answer(answer: &Answer) -> Self {
        let texts = answer.txts();
        let mut found = texts.iter().enumerate().filter(|(_, source)| Record::is_spf(source.text()));
        let Some((first, source)) = found.next() else { return Self::None };
        let mut more: Vec<usize> = found.map(|(i, _)| i).collect();
        if more.is_empty() {
            return Self::One(Policy::new(Record::from_source(source.clone())));
        }
        more.insert(0, first);
        Self::Several(more)
    }
}
