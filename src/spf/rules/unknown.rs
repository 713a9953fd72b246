//! Terms that are none: which rule tells what is wrong with them.
//!
//! The parser says in broad words why it stopped. Here the text of the term is looked at again, and the rule that
//! knows best what was meant speaks. Each such term gets at least one finding of severity error.

use super::{
    Context, addresses, cidr, domain_spec, idn, macros, mechanisms, modifiers, qualifiers, seams, second, separators,
};
use crate::finding::{Findings, rules};
use crate::spf::qualifier::QUALIFIERS;
use crate::spf::{Directive, Mechanism, SyntaxError, TermKind, parse};
use crate::text::Span;

rules! {
    /// # A syntax error after `all`
    ///
    /// Receivers never evaluate what follows `all`, but they read the whole record before they evaluate anything.
    /// One term that they cannot read is a permerror, wherever it stands.
    ///
    /// ```spf bad
    /// v=spf1 mx -all foo:bar
    /// ```
    ///
    /// Take the term out, or repair it and put it before `all`:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    ERROR_AFTER_ALL = "spf-error-after-all", Error, Permerror, ["RFC 7208 §4.6"],
        "`{term}` cannot be read, and that it stands after `all` does not help: the whole record is a permerror";
}

/// A term that the parser could not read, taken apart as far as that goes.
#[derive(Clone, Copy)]
pub(super) struct Unknown<'a> {
    pub(super) cx: &'a Context<'a>,
    /// Its position among the terms.
    pub(super) index: usize,
    pub(super) span: Span,
    pub(super) error: SyntaxError,
    /// All of it.
    pub(super) text: &'a str,
    /// Its qualifier, or nothing.
    pub(super) qualifier: &'a str,
    /// What stands before the first `:`, `/` or `=`.
    pub(super) name: &'a str,
    /// That character, or nothing.
    pub(super) separator: &'a str,
    /// What stands behind it.
    pub(super) value: &'a str,
}

/// What a rule says to a term that is none.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Claim {
    /// It does not know.
    No,
    /// It has reported what is wrong.
    Told,
    /// The same, and the next term is a part of this one.
    ToldThrough(usize),
}

/// Who may know, in the order of asking.
const ASKED: &[fn(&Unknown<'_>, &mut Findings) -> Claim] = &[
    idn::unknown,
    seams::unknown,
    second::glued,
    qualifiers::unknown,
    separators::unknown,
    modifiers::unknown,
    addresses::unknown,
    domain_spec::unknown_value,
    mechanisms::unknown,
    cidr::unknown,
    macros::unknown,
    domain_spec::unknown,
];

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut all: Option<Span> = None;
    let mut told_after_all = false;
    let mut skip = None;
    for (index, term) in cx.record.terms().iter().enumerate() {
        let error = match term.kind {
            TermKind::Unknown(error) => error,
            TermKind::Directive(Directive { mechanism: Mechanism::All, .. }) => {
                // Not the word `all` within a text that was told as one.
                if skip.is_none_or(|last| index > last) {
                    all = all.or(Some(term.span));
                }
                continue;
            }
            _ => continue,
        };
        if let Some(all) = all.filter(|_| !told_after_all) {
            told_after_all = true;
            out.report(&ERROR_AFTER_ALL, cx.at(term.span)).quote("term").related(cx.at(all).with("`all` is here"));
        }
        if skip.is_some_and(|last| index <= last) {
            continue;
        }
        let unknown = Unknown::new(cx, index, term.span, error);
        let claim = ASKED.iter().map(|ask| ask(&unknown, out)).find(|claim| *claim != Claim::No);
        match claim {
            Some(Claim::ToldThrough(last)) => skip = Some(last),
            Some(Claim::Told) => {}
            Some(Claim::No) | None => mechanisms::not_known(&unknown, out),
        }
    }
}

impl<'a> Unknown<'a> {
    fn new(cx: &'a Context<'a>, index: usize, span: Span, error: SyntaxError) -> Self {
        let text = cx.text(span);
        let (qualifier, rest) = text.split_at(usize::from(text.starts_with(QUALIFIERS)));
        let at = rest.find([':', '/', '=']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(at);
        let (separator, value) = rest.split_at(usize::from(!rest.is_empty()));
        Self { cx, index, span, error, text, qualifier, name, separator, value }
    }

    /// Where a part of it stands in the record.
    pub(super) fn span_of(&self, part: &str) -> Span {
        Span::of(part, self.cx.whole())
    }

    /// Its name and what follows it: all but the qualifier.
    pub(super) fn unqualified(&self) -> &'a str {
        &self.text[self.qualifier.len()..]
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether those who match pass.
    pub(super) fn is_pass(&self) -> bool {
        matches!(self.qualifier, "" | "+")
    }

    /// The term after it.
    pub(super) fn next(&self) -> Option<(Span, TermKind)> {
        self.cx.record.terms().get(self.index + 1).map(|term| (term.span, term.kind))
    }
}

/// Whether `text` is a term that receivers act on.
pub(super) fn is_term(text: &str) -> bool {
    matches!(parse::one(text), Some(TermKind::Directive(_) | TermKind::Redirect(_) | TermKind::Explanation(_)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Applicability, Fix, Severity, Subject};
    use crate::spf::Record;

    /// What repairs the spelling must not let everybody pass without somebody looking at it (§11.1).
    #[test]
    fn no_machine_lets_everybody_pass() {
        let is_sure = |fix: &Fix| fix.applicability == Applicability::MachineApplicable;
        for (broken, repaired) in [
            ("exists:bob@x.example", "exists:x.example"),
            ("exists:https://x.example/", "exists:x.example"),
            ("exists::x.example", "exists:x.example"),
            ("exists:x..example", "exists:x.example"),
            ("exists:[x.example]", "exists:x.example"),
            ("exists:x.example)", "exists:x.example"),
            ("exists:bücher.example", "exists:xn--bcher-kva.example"),
            ("exists=x.example", "exists:x.example"),
            ("exists : x.example", "exists:x.example"),
            ("exists: x.example", "exists:x.example"),
            ("exist:x.example", "exists:x.example"),
            ("++exists:x.example", "+exists:x.example"),
            ("+ exists:x.example", "+exists:x.example"),
            ("mx,exists:x.example", "mx exists:x.example"),
            ("exists:x.example,y.example", "exists:x.example exists:y.example"),
            ("ip4:192.0.2.1exists:x.example", "ip4:192.0.2.1 exists:x.example"),
            ("ip4:mail.x.example/0", "a:mail.x.example/0"),
            ("ip6:192.0.2.1/0", "ip4:192.0.2.1/0"),
            ("ip4:192.0.2.1/00", "ip4:192.0.2.1"),
            ("ip4:192.0.2.1//0", "ip4:192.0.2.1/0"),
            ("ip4:0.0.0.0/0.0.0.0", "ip4:0.0.0.0/0"),
            ("ipv4:192.0.2.1/0", "ip4:192.0.2.1/0"),
            ("192.0.2.1/0", "ip4:192.0.2.1/0"),
            ("ip4192.0.2.1/0", "ip4:192.0.2.1/0"),
            ("a:192.0.2.1/0", "ip4:192.0.2.1/0"),
            ("a:/0", "a/0"),
            ("a:x..example/0", "a:x.example/0"),
            ("mx /0", "mx/0"),
            ("mx//0/0", "mx/0//0"),
            ("+al", "+all"),
        ] {
            let (text, repaired) = (format!("v=spf1 {broken} -all"), format!("v=spf1 {repaired} -all"));
            let found = crate::spf::lint_text(&text.as_str().into());
            assert!(!found.iter().flat_map(|found| &found.fixes).any(is_sure), "{text}: {found:#?}");
            let mut fixes = found.iter().flat_map(|found| &found.fixes);
            let meant = |fix: &Fix| crate::finding::apply(&text, fix.edits()).is_some_and(|text| text == repaired);
            assert!(fixes.any(meant), "{text}: {found:#?}");
        }
        for refused in ["-exists::x.example", "-exist:x.example", "-192.0.2.1/0", "-a:/0", "-ip4:192.0.2.1/00"] {
            let found = crate::spf::lint_text(&format!("v=spf1 {refused} ~all").as_str().into());
            assert!(found.iter().flat_map(|found| &found.fixes).any(is_sure), "{refused}: {found:#?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn each_unknown_term_has_an_error(text in term_soup()) {
            let record = Record::parse(&format!("v=spf1 {text}"));
            let subject = Subject::given(record.source().text());
            let found = super::super::text(&Context { record: &record, subject: &subject, domain: None, tree: None });
            for term in record.terms() {
                if let TermKind::Unknown(error) = term.kind {
                    let touches = |span: Span| span.start <= term.span.end && term.span.start <= span.end;
                    let told = found.iter().filter(|found| found.severity == Severity::Error).any(|found| {
                        touches(found.primary.span) || found.related.iter().any(|label| touches(label.span))
                    });
                    prop_assert!(told, "{:?} {error}: {found:#?}", record.text(term.span));
                }
            }
        }

        #[test]
        fn findings_stay_in_bounds(text in "\\PC{0,40}") {
            let record = Record::parse(&text);
            let subject = Subject::given(&text);
            for found in super::super::text(&Context { record: &record, subject: &subject, domain: None, tree: None }) {
                let span = found.primary.span;
                prop_assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
                for fix in &found.fixes {
                    prop_assert!(crate::finding::apply(&text, fix.edits()).is_some(), "{fix:?} in {text:?}");
                }
            }
        }
    }

    /// Terms made of the pieces that matter.
    fn term_soup() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "mx",
            "all",
            "ip4",
            "ip6",
            "ptr",
            "include",
            "exists",
            "redirect",
            "exp",
            "ra",
            "v",
            ":",
            "=",
            "/",
            "//",
            "-",
            "~",
            "+",
            "?",
            ".",
            ",",
            ";",
            " ",
            "%",
            "%{",
            "}",
            "i",
            "d",
            "0",
            "24",
            "129",
            "192.0.2.1",
            "2001:db8::1",
            "[",
            "]",
            "example",
            "x.example",
            "_spf",
            "\"",
            "\\",
            "'",
            "–",
            "ü",
            "\u{a0}",
            "\u{200b}",
            "@",
            "http",
            "*",
            "ipv4",
            "inlcude",
            "spf1",
            "\t",
            "255.255.255.0",
            "а",
        ]);
        prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
    }
}
