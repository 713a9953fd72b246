//! Characters outside ASCII that are meant: U-labels, and letters that only look like ASCII.

use super::unknown::{Claim, Unknown};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::text::Span;

rules! {
    /// # A character outside ASCII
    ///
    /// A record consists of visible ASCII characters and spaces. Any other byte in it is a permerror. Letters of other alphabets that look
    /// like Latin ones, full-width forms and accents are the usual ones.
    ///
    /// ```spf bad
    /// v=spf1 mx \u{430}ll
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    NON_ASCII = "spf-non-ascii", Error, Permerror, ["RFC 7208 §12"],
        "`{char}` (U+{code}) in `{term}` is not ASCII, so the record is a permerror";

    /// # A domain name with letters outside ASCII
    ///
    /// Records hold A-labels only: a name such as `bücher.example` is written in the form that the DNS has for it, `xn--bcher-kva.example`.
    /// Written with its own letters it is a syntax error, and the whole record a permerror.
    ///
    /// ```spf bad
    /// v=spf1 include:b\u{fc}cher.example -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:xn--bcher-kva.example -all
    /// ```
    DOMAIN_SPEC_IDN = "spf-domain-spec-idn", Error, Permerror, ["RFC 8616 §4", "RFC 7208 §12"],
        "`{name}` has letters outside ASCII; a record holds its A-labels, `{ascii}`";
}

/// A term with characters outside ASCII.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if term.text.is_ascii() {
        return Claim::No;
    }
    // Some letters only look like those of a mechanism.
    let plain: Option<String> = term.text.chars().map(look_alike).collect();
    if let Some(plain) = plain {
        report(term, out).fix(Fix::maybe(format!("write `{plain}`"), [Edit::replace(term.span, plain)]));
        return Claim::Told;
    }
    let name = if term.separator.is_empty() { term.unqualified() } else { term.value };
    // What is around a name in a mistaken term is not part of it.
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && !"_-%{}".contains(c));
    let name = name.split_once('/').map_or(name, |(name, _)| name);
    let all_there =
        name.chars().filter(|c| !c.is_ascii()).count() == term.text.chars().filter(|c| !c.is_ascii()).count();
    // A letter that stands alone is no name of anything.
    let is_name = !term.separator.is_empty() || name.contains('.');
    match to_ascii(name).filter(|_| all_there && is_name) {
        Some(ascii) => {
            let span = term.span_of(name);
            out.report(&DOMAIN_SPEC_IDN, term.cx.at(span))
                .quote("name")
                .arg("ascii", &ascii)
                .fix(Fix::machine("write A-labels", [Edit::replace(span, &*ascii)]));
        }
        None => {
            report(term, out);
        }
    }
    Claim::Told
}

fn report<'a>(term: &Unknown<'_>, out: &'a mut Findings) -> &'a mut crate::finding::Diagnostic {
    let (at, c) = term.text.char_indices().find(|(_, c)| !c.is_ascii()).unwrap_or_default();
    let start = term.span.start as usize + at;
    out.report(&NON_ASCII, term.cx.at(Span::new(start, start + c.len_utf8())))
        .quote("char")
        .arg("code", format!("{:04X}", u32::from(c)))
        .arg("term", term.text)
}

/// The A-labels of the labels that are not ASCII; the others stay as they are, macros too.
fn to_ascii(name: &str) -> Option<String> {
    let labels: Option<Vec<String>> = name
        .split('.')
        .map(|label| {
            if label.is_ascii() {
                return Some(label.to_owned());
            }
            let ascii = crate::text::to_ascii(label)?;
            (ascii.len() <= crate::name::MAX_LABEL && !ascii.contains('.')).then_some(ascii)
        })
        .collect();
    labels.map(|labels| labels.join("."))
}

/// The ASCII character that `c` looks like; `c` itself if it is ASCII.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        ' '..='~' => c,
        // Full-width forms lie in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + 0x21)?,
        'а' => 'a',
        'е' => 'e',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'т' => 't',
        'х' => 'x',
        'у' => 'y',
        'і' | 'ı' | 'ι' => 'i',
        'ѕ' => 's',
        'м' => 'm',
        'ԁ' => 'd',
        'ӏ' | 'ǀ' | '∣' => 'l',
        'α' => 'a',
        '\u{2dc}' | '\u{223c}' | '\u{301c}' => '~',
        '\u{2236}' | '\u{a789}' | '\u{2d0}' => ':',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2024}' | '\u{3002}' | '\u{b7}' => '.',
        '\u{201a}' => ',',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::spf;

    #[track_caller]
    fn tells(text: &str, code: &str, fixed: &str) {
        let found = spf::lint_text(&text.into());
        assert!(found.iter().any(|found| found.code == code), "{text:?}: {found:#?}");
        let mended = crate::finding::apply_all(text, crate::finding::Applicability::MaybeIncorrect, |text| {
            spf::lint_text(&text.into())
        });
        assert_eq!(mended.text, fixed, "{text:?}");
    }

    #[test]
    fn names_and_look_alikes() {
        tells(
            "v=spf1 mx include:spf.münchen.example -all",
            "spf-domain-spec-idn",
            "v=spf1 mx include:spf.xn--mnchen-3ya.example -all",
        );
        tells(
            "v=spf1 include:%{i}.bücher.example -all",
            "spf-domain-spec-idn",
            "v=spf1 include:%{i}.xn--bcher-kva.example -all",
        );
        tells("v=spf1 a:bücher.example/24 -all", "spf-domain-spec-idn", "v=spf1 a:xn--bcher-kva.example/24 -all");
        tells("v=spf1 mx -аll", "spf-non-ascii", "v=spf1 mx -all");
        tells("v=spf1 mx ～all", "spf-non-ascii", "v=spf1 mx ~all");
        tells("v=spf1 mx ™ -all", "spf-non-ascii", "v=spf1 mx ™ -all");
        tells("v=spf1 mx Ü -all", "spf-non-ascii", "v=spf1 mx Ü -all");
        tells("v=spf1 bücher.example -all", "spf-domain-spec-idn", "v=spf1 a:xn--bcher-kva.example -all");
    }
}
