//! Macros (RFC 7208 §7).

use super::Context;
use super::unknown::{Claim, Unknown};
use crate::finding::{Edit, Findings, Fix, Rule, rules};
use crate::spf::macros::macro_at;
use crate::spf::{Letter, MacroError, Piece, SyntaxErrorKind, TermKind, pieces};
use crate::text::Span;

rules! {
    /// # A percent sign that begins no macro
    ///
    /// In a record `%` must be followed by `{`, `%`, `_` or `-`. Anything else is a permerror. A percent sign itself is written `%%`.
    ///
    /// ```spf bad
    /// v=spf1 exists:%d.allow.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{d}.allow.example.com -all
    /// ```
    MACRO_PERCENT_LITERAL = "spf-macro-percent-literal", Error, Permerror, ["RFC 7208 §7.1"],
        "`%` in `{found}` begins no macro: `{`, `%`, `_` or `-` must follow";

    /// # A macro without its closing brace
    ///
    /// A macro is `%{`, a letter, perhaps digits, `r` and delimiters, and `}`. Without the brace the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{i._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    MACRO_UNTERMINATED = "spf-macro-unterminated", Error, Permerror, ["RFC 7208 §7.1"],
        "the macro `{macro}` has no closing brace";

    /// # An unknown macro letter
    ///
    /// The letters are `s l o d i p v h` in a record, and `c r t` in explanation texts too. Another one is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{z}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    MACRO_UNKNOWN_LETTER = "spf-macro-unknown-letter", Error, Permerror, ["RFC 7208 §7.2"],
        "`{letter}` is not a macro letter";

    /// # A macro letter that only explanation texts may have
    ///
    /// `c`, `r` and `t` stand for the client's address, the receiver and the time. They are for the text that `exp` leads to; in a
    /// term they are a permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{c}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    MACRO_EXP_ONLY_LETTER = "spf-macro-exp-only-letter", Error, Permerror, ["RFC 7208 §7.2"],
        "`{macro}` may stand in explanation text only";

    /// # A macro that keeps nothing
    ///
    /// The number in a macro says how many labels are kept from the right. Zero of them is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{d0}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{d1}._spf.example.com -all
    /// ```
    MACRO_ZERO_DIGITS = "spf-macro-zero-digits", Error, Permerror, ["RFC 7208 §7.1"],
        "a macro must keep at least one part, and `{digits}` keeps none";

    /// # A macro with an absurd number
    ///
    /// The number in a macro says how many labels are kept. No name has thousands of millions of them; receivers that cannot hold the number
    /// answer permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{d99999999999}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{d9}._spf.example.com -all
    /// ```
    MACRO_TOO_MANY_DIGITS = "spf-macro-too-many-digits", Error, Permerror, ["RFC 7208 §7.1", "RFC 7208 §7.3"],
        "a macro cannot keep `{digits}` parts";

    /// # A wrong delimiter in a macro
    ///
    /// Behind the letter, the digits and `r` only the delimiters `. - + , / _ =` may stand. Anything else is a permerror; digits come
    /// before `r`.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{dr2}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{d2r}._spf.example.com -all
    /// ```
    MACRO_BAD_DELIMITER = "spf-macro-bad-delimiter", Error, Permerror, ["RFC 7208 §7.1"],
        "`{found}` in a macro is not one of the delimiters `.-+,/_=`";

    /// # The macro `%{p}` is used
    ///
    /// `%{p}` is the client's name, found by reverse DNS and checked forward. It is slow, counts towards the limit of ten lookups, and is
    /// `unknown` for many clients. The standard says not to use it.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{p}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    MACRO_P_USED = "spf-macro-p-used", Warning, Ok, ["RFC 7208 §7.2", "RFC 7208 §5.5"],
        "`{macro}` needs reverse lookups of the client's address, which are slow and unreliable";

    /// # An upper-case macro letter
    ///
    /// An upper-case letter means that the value is URL-escaped: `@` becomes `%40`. That is for URLs in explanation texts; in a name to
    /// look up it is rarely meant.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{S}._spf.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{s}._spf.example.com -all
    /// ```
    MACRO_UPPER_CASE = "spf-macro-upper-case", Note, Ok, ["RFC 7208 §7.3"],
        "`{macro}` is in upper case, so its value is URL-escaped";

    /// # The record depends on the local part
    ///
    /// `%{s}` and `%{l}` put the sender's local part into a DNS name. Results then differ from user to user, are `postmaster` for
    /// bounces and HELO checks, do not match addresses outside ASCII, and tell the DNS who writes to whom.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{l}._users.%{d} -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.%{d} -all
    /// ```
    MACRO_LOCALPART = "spf-macro-localpart", Note, Ok, ["RFC 7208 §7.2", "RFC 7208 §4.3", "RFC 8616 §4"],
        "`{macro}` makes the result depend on the sender's local part";
}

/// What is worth knowing about good macros.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for term in cx.record.terms() {
        let Some(spec) = term.domain_spec().filter(|spec| spec.has_macros) else { continue };
        // The explanation is fetched after the verdict; who asks for it knows the sender already.
        let explanation = matches!(term.kind, TermKind::Explanation(_));
        for piece in pieces(cx.text(spec.span)) {
            let Ok(Piece::Expand(expand)) = piece else { continue };
            let span = expand.span.shifted(spec.span.start as usize);
            match expand.letter {
                Letter::ValidatedName => {
                    out.report(&MACRO_P_USED, cx.at(span)).quote("macro");
                }
                Letter::Sender | Letter::LocalPart if !explanation => {
                    out.report(&MACRO_LOCALPART, cx.at(span)).quote("macro");
                }
                _ => {}
            }
            if expand.url_escape {
                out.report(&MACRO_UPPER_CASE, cx.at(span)).quote("macro");
            }
        }
    }
}

/// Every macro in the term that is none, not only the first.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if !matches!(term.error.kind, SyntaxErrorKind::Macro(_)) {
        return Claim::No;
    }
    // Up to the end of the term: what stands behind it closes no brace.
    let text = &term.cx.whole()[..term.span.end as usize];
    let mut at = term.span.start as usize;
    let told = out.as_slice().len();
    while let Some(percent) = memchr::memchr(b'%', &text.as_bytes()[at..]).map(|n| at + n) {
        at = match macro_at(text, percent) {
            Ok(piece) => {
                explanation_only(term, piece, out);
                piece.span().end as usize
            }
            Err((error, span)) => {
                report(term, percent, error, span, out);
                // An open brace would be open for every macro behind it.
                if error == MacroError::Unterminated { text.len() } else { span.end as usize }
            }
        };
    }
    if out.as_slice().len() > told { Claim::Told } else { Claim::No }
}

fn explanation_only(term: &Unknown<'_>, piece: Piece, out: &mut Findings) {
    if let Piece::Expand(expand) = piece
        && expand.letter.is_explanation_only()
    {
        out.report(&MACRO_EXP_ONLY_LETTER, term.cx.at(expand.span)).quote("macro");
    }
}

fn report(term: &Unknown<'_>, percent: usize, error: MacroError, span: Span, out: &mut Findings) {
    let (rule, value): (&'static Rule, _) = match error {
        MacroError::Percent => (&MACRO_PERCENT_LITERAL, "found"),
        MacroError::Unterminated => (&MACRO_UNTERMINATED, "macro"),
        MacroError::Letter => (&MACRO_UNKNOWN_LETTER, "letter"),
        MacroError::ExplanationOnly => (&MACRO_EXP_ONLY_LETTER, "macro"),
        MacroError::ZeroDigits => (&MACRO_ZERO_DIGITS, "digits"),
        MacroError::TooManyDigits => (&MACRO_TOO_MANY_DIGITS, "digits"),
        MacroError::Delimiter => (&MACRO_BAD_DELIMITER, "found"),
    };
    let found = out.report(rule, term.cx.at(span));
    match error {
        MacroError::Percent => found.arg(value, beginning(&term.cx.whole()[percent..term.span.end as usize])),
        _ => found.arg(value, beginning(term.cx.text(span))),
    };
    if let Some(fix) = repair(&term.cx.whole()[..term.span.end as usize], percent, error, span) {
        found.fix(fix);
    }
}

/// Enough of a text to know it again: one term may have thousands of findings.
fn beginning(text: &str) -> &str {
    const ENOUGH: usize = 24;
    text.char_indices().nth(ENOUGH).map_or(text, |(end, _)| &text[..end])
}

fn repair(text: &str, percent: usize, error: MacroError, span: Span) -> Option<Fix> {
    let rest = &text[percent + 1..];
    match error {
        // `%d.` and `%i.`
        MacroError::Percent => {
            let letter = rest.chars().next().filter(|c| "slodipvhSLODIPVH".contains(*c))?;
            let alone = !rest[1..].starts_with(|c: char| c.is_ascii_alphanumeric());
            let place = Span::new(percent + 1, percent + 2);
            alone.then(|| Fix::maybe(format!("write `%{{{letter}}}`"), [Edit::replace(place, format!("{{{letter}}}"))]))
        }
        MacroError::Unterminated => {
            let inside = rest.strip_prefix('{')?;
            let letter = inside.chars().next().filter(char::is_ascii_alphabetic)?;
            let digits = inside[letter.len_utf8()..].bytes().take_while(u8::is_ascii_digit).count();
            let reverse = usize::from(inside[1 + digits..].starts_with("r."));
            Some(Fix::maybe("close the macro", [Edit::insert(percent + 2 + 1 + digits + reverse, "}")]))
        }
        MacroError::ZeroDigits | MacroError::TooManyDigits => Some(Fix::maybe("keep all parts", [Edit::delete(span)])),
        MacroError::Delimiter => {
            // `%{dr2}`: the number counts the parts after they were reversed (§7.3), as whoever writes it behind `r` thinks. It is
            // done in this order anyway, and the grammar (§7.1) has no other place for it.
            let (inside, _) = rest.strip_prefix('{')?.split_once('}')?;
            let (letter, behind) = inside.split_at_checked(1)?;
            let reversed = behind.strip_prefix(['r', 'R'])?;
            let digits = &reversed[..reversed.bytes().take_while(u8::is_ascii_digit).count()];
            let delimiters = &reversed[digits.len()..];
            // `%{dr0}` has a second mistake, which nobody can mend without knowing what was meant.
            if digits.is_empty() || macro_at(&format!("%{{{letter}{digits}r{delimiters}}}"), 0).is_err() {
                return None;
            }
            let place = Span::new(percent + 3, percent + 4 + digits.len());
            Some(Fix::machine("put the digits first", [Edit::replace(place, format!("{digits}r"))]))
        }
        MacroError::Letter | MacroError::ExplanationOnly => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tells;
    use crate::finding::{Severity, apply};
    use crate::spf;

    #[test]
    fn broken_macros() {
        tells("v=spf1 exists:%d.x.example -all", "spf-macro-percent-literal", "v=spf1 exists:%{d}.x.example -all");
        tells("v=spf1 exists:100%.x.example -all", "spf-macro-percent-literal", "v=spf1 exists:100%.x.example -all");
        tells("v=spf1 exists:%{i.x.example -all", "spf-macro-unterminated", "v=spf1 exists:%{i}.x.example -all");
        tells("v=spf1 exists:%{ir.x.example -all", "spf-macro-unterminated", "v=spf1 exists:%{ir}.x.example -all");
        tells("v=spf1 exists:%{z}.x.example -all", "spf-macro-unknown-letter", "v=spf1 exists:%{z}.x.example -all");
        tells("v=spf1 exists:%{c}.x.example -all", "spf-macro-exp-only-letter", "v=spf1 exists:%{c}.x.example -all");
        tells("v=spf1 exists:%{d0}.x.example -all", "spf-macro-zero-digits", "v=spf1 exists:%{d}.x.example -all");
        tells("v=spf1 exists:%{i;}.x.example -all", "spf-macro-bad-delimiter", "v=spf1 exists:%{i;}.x.example -all");
        tells("v=spf1 exists:%{dr2}.x.example -all", "spf-macro-bad-delimiter", "v=spf1 exists:%{d2r}.x.example -all");
    }

    /// The one finding about a broken term, and the record after the fix it offers.
    fn told(text: &str) -> (String, String, Option<String>) {
        let found = spf::lint_text(&text.into());
        let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
        let [error] = errors[..] else { panic!("{text}: {errors:#?}") };
        let fixed = error.fixes.first().map(|fix| apply(text, fix.edits()).unwrap());
        (error.code.as_str().to_owned(), error.message().to_string(), fixed)
    }

    /// §7.1: `%{`, a letter, digits, `r`, delimiters, `}`. Each fix is that of its place, wherever in the term it is.
    #[test]
    fn each_broken_macro_is_told_once_with_its_fix() {
        for (broken, code, quoted, fixed) in [
            ("%d", "spf-macro-percent-literal", "`%d.x.example`", Some("%{d}")),
            ("%dx", "spf-macro-percent-literal", "`%dx.x.example`", None),
            ("%z", "spf-macro-percent-literal", "`%z.x.example`", None),
            ("%{d", "spf-macro-unterminated", "`%{d.x.example`", Some("%{d}")),
            ("%{dr", "spf-macro-unterminated", "`%{dr.x.example`", Some("%{dr}")),
            ("%{d2r", "spf-macro-unterminated", "`%{d2r.x.example`", Some("%{d2r}")),
            ("%{d12", "spf-macro-unterminated", "`%{d12.x.example`", Some("%{d12}")),
            ("%{z}", "spf-macro-unknown-letter", "`z`", None),
            ("%{c}", "spf-macro-exp-only-letter", "`%{c}`", None),
            ("%{d0}", "spf-macro-zero-digits", "`0`", Some("%{d}")),
            ("%{d99999999999r}", "spf-macro-too-many-digits", "`99999999999`", Some("%{dr}")),
            ("%{dr2}", "spf-macro-bad-delimiter", "`2`", Some("%{d2r}")),
            ("%{dR12}", "spf-macro-bad-delimiter", "`1`", Some("%{d12r}")),
            ("%{dr2;}", "spf-macro-bad-delimiter", "`2`", None),
            ("%{lr2-}", "spf-macro-bad-delimiter", "`2`", Some("%{l2r-}")),
            ("%{dr0}", "spf-macro-bad-delimiter", "`0`", None),
            ("%{dr99999999999}", "spf-macro-bad-delimiter", "`9`", None),
            ("%{zr2}", "spf-macro-unknown-letter", "`z`", None),
            ("%{d;}", "spf-macro-bad-delimiter", "`;`", None),
        ] {
            for before in ["", "%{i}.", "a.%%."] {
                let record = |term: &str| format!("v=spf1 exists:{before}{term}.x.example -all");
                let (found, message, after) = told(&record(broken));
                assert_eq!((found.as_str(), after), (code, fixed.map(record)), "{before}{broken}");
                assert!(message.contains(quoted), "{message}");
            }
        }
    }

    /// One term may have thousands of findings, so each quotes the beginning only.
    #[test]
    fn long_texts_are_quoted_by_their_beginning() {
        let (_, message, _) = told(&format!("v=spf1 exists:%{{{}.example -all", "d".repeat(500)));
        assert!(message.contains(&format!("`%{{{}`", "d".repeat(22))), "{message}");
    }

    /// §6.2: the explanation is fetched after the verdict, so there `%{l}` makes no result depend on the sender; `%{p}` costs the same.
    #[test]
    fn macros_of_the_explanation() {
        let codes = |text: &str| -> Vec<String> {
            let found = spf::lint_text(&text.into());
            let codes = found.iter().map(|found| found.code.as_str().to_owned());
            codes.filter(|code| code.starts_with("spf-macro-")).collect()
        };
        for letter in ["l", "s"] {
            assert_eq!(codes(&format!("v=spf1 mx -all exp=%{{{letter}}}.x.example")), [""; 0]);
            assert_eq!(codes(&format!("v=spf1 exists:%{{{letter}}}.x.example -all")), ["spf-macro-localpart"]);
        }
        assert_eq!(codes("v=spf1 mx -all exp=%{p}.x.example"), ["spf-macro-p-used"]);
        assert_eq!(codes("v=spf1 exists:%{I}.x.example -all"), ["spf-macro-upper-case"]);
    }

    #[test]
    fn all_of_a_term_are_told() {
        let found = spf::lint_text(&"v=spf1 exists:%{z}.%{c}.%{d0}.x.example -all".into());
        let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
        for code in ["spf-macro-unknown-letter", "spf-macro-exp-only-letter", "spf-macro-zero-digits"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
    }
}
