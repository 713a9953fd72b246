//! Qualifiers (RFC 7208 §4.6.2): one, in front of a mechanism.

use super::unknown::{Claim, Unknown, is_term};
use super::version::with_space_before;
use super::{mechanisms, modifiers, sure_if};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::qualifier::split_qualifiers;
use crate::spf::{Modifier, SyntaxErrorKind, TermKind};
use crate::text::Span;

rules! {
    /// # A qualifier stands alone
    ///
    /// `+ - ~ ?` are written directly in front of a mechanism. With a space behind it the qualifier is a term of its own, which no
    /// receiver can read: permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx - all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    QUALIFIER_ALONE = "spf-qualifier-alone", Error, Permerror, ["RFC 7208 §12"],
        "the qualifier `{term}` stands alone, with no mechanism directly behind it";

    /// # Two qualifiers
    ///
    /// A mechanism takes one qualifier. Two of them cannot be read, so the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx --all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    DOUBLE_QUALIFIER = "spf-double-qualifier", Error, Permerror, ["RFC 7208 §12"],
        "`{term}` has more than one qualifier";

    /// # A modifier with a qualifier
    ///
    /// Qualifiers belong to mechanisms. `redirect`, `exp` and every other `name=value` take none; with one the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx -redirect=_spf.example.net
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx redirect=_spf.example.net
    /// ```
    QUALIFIER_ON_MODIFIER = "spf-qualifier-on-modifier", Error, Permerror, ["RFC 7208 §12"],
        "`{term}` is a modifier, and modifiers take no qualifier";
}

pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    match term.error.kind {
        SyntaxErrorKind::QualifierAlone => alone(term, out),
        SyntaxErrorKind::DoubleQualifier => double(term, out),
        SyntaxErrorKind::QualifierOnModifier => on_modifier(term, out),
        _ => Claim::No,
    }
}

fn alone(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let found = out.report(&QUALIFIER_ALONE, term.cx.at(term.span)).quote("term");
    let Some((next, kind)) = term.next() else { return Claim::Told };
    if matches!(kind, TermKind::Directive(directive) if directive.qualifier_span.is_empty()) {
        let gap = Span::new(term.span.end as usize, next.start as usize);
        found.fix(Fix::machine("take the space out", [Edit::delete(gap)]));
    } else if matches!(kind, TermKind::Directive(_)) {
        // `+ -all`: the mechanism behind it has one of its own.
        let place = with_space_before(term.cx.whole(), term.span);
        found.fix(Fix::maybe("remove it", [Edit::delete(place)]));
    }
    Claim::Told
}

fn double(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let all = split_qualifiers(term.text).0.len();
    let rest = Span::new(term.span.start as usize, term.span.start as usize + all - 1);
    let mut qualifiers = term.text[..all].bytes();
    let first = qualifiers.next();
    let edits = [Edit::delete(rest)];
    let fix = if qualifiers.all(|q| Some(q) == first) {
        Fix::machine("write it once", edits)
    } else {
        Fix::maybe("keep the last one", edits)
    };
    out.report(&DOUBLE_QUALIFIER, term.cx.at(term.span)).quote("term").fix(fix);
    Claim::Told
}

fn on_modifier(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if let Some(meant) = mechanisms::meant(term.name, term.value) {
        let modifier = Modifier { name: term.span_of(term.name), value: term.span_of(term.value) };
        modifiers::equals_for_colon(term.cx, term.span, modifier, meant, true, out);
        return Claim::Told;
    }
    let edits = [Edit::delete(term.span_of(term.qualifier))];
    out.report(&QUALIFIER_ON_MODIFIER, term.cx.at(term.span)).quote("term").fix(Fix::edit(
        "take the qualifier out",
        edits,
        sure_if(is_term(term.unqualified())),
    ));
    Claim::Told
}
