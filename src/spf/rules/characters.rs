//! Characters that do not belong into a record: damage of word processors, DNS panels and zone files.

use super::domain_spec::{self, when_missing};
use super::mojibake::misread;
use super::quotes::{self, QuotedWords};
use super::version::starts_with;
use super::{Context, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Rule, Severity, rules};
use crate::spf::{Record, Term, TermKind};
use crate::text::{Span, is_zero_width};

rules! {
    /// # A tab or line break between terms
    ///
    /// Only the space character separates terms. A tab or a line break is a syntax error; right after `v=spf1` it hides the
    /// record altogether. They come from pasting a record that was written over several lines.
    ///
    /// ```spf bad
    /// v=spf1 mx\u{9}-all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    TAB_OR_NEWLINE = "spf-tab-or-newline", Error, Permerror, ["RFC 7208 §12"],
        "{what} stands where only a space may separate terms";

    /// # A dash from a word processor
    ///
    /// Word processors turn `-` into `–` or `—`. To receivers that is not the qualifier `-` but an unknown character,
    /// and a record with one is a permerror. A figure dash or minus sign is no better.
    ///
    /// ```spf bad
    /// v=spf1 mx \u{2013}all
    /// ```
    ///
    /// Type the hyphen of the keyboard:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    TYPOGRAPHIC_DASH = "spf-typographic-dash", Error, Permerror, ["RFC 7208 §12"],
        "`{char}` ({what}) is a typographic dash and not the hyphen `-`";

    /// # Curly quotation marks
    ///
    /// Quotation marks that a word processor made curly are part of the record, and no receiver expects them. In front of `v=spf1`
    /// they hide the record; elsewhere they make it a permerror.
    ///
    /// ```spf bad
    /// \u{201c}v=spf1 mx -all\u{201d}
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    SMART_QUOTES = "spf-smart-quotes", Error, Permerror, ["RFC 7208 §12"],
        "`{char}` ({what}) is a typographic quotation mark, which has no place in a record";

    /// # A space that is not a space
    ///
    /// A no-break space looks like a space and is another character. Copied from a web page into a record it glues two terms
    /// together, or hides the record when it follows `v=spf1`.
    ///
    /// ```spf bad
    /// v=spf1 mx\u{a0}-all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    NBSP = "spf-nbsp", Error, Permerror, ["RFC 7208 §12"],
        "{what} looks like a space, but only the space U+0020 separates terms";

    /// # An invisible character
    ///
    /// Zero-width spaces, byte order marks, soft hyphens and control characters cannot be seen, and they come along when text is copied.
    /// Receivers do see them: before `v=spf1` they hide the record, elsewhere they make it a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx -all\u{200b}
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    ZERO_WIDTH = "spf-zero-width-char", Error, Permerror, ["RFC 7208 §12"],
        "{what} is invisible and has no place in a record";

    /// # Quotation marks are part of the record
    ///
    /// In a zone file a TXT record is written in quotation marks. Many DNS panels add them on their own; if they are typed as well,
    /// they become data, the record begins with `"` and not with `v=spf1`, and nobody sees it.
    ///
    /// ```spf bad
    /// "v=spf1 mx -all"
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    LITERAL_QUOTES = "spf-literal-quotes", Error, Permerror, ["RFC 7208 §3.3", "RFC 1035 §5.1"], covers ["dns-panel-quotes"],
        "the quotation mark `{char}` is part of the record; the DNS panel probably adds its own";

    /// # A backslash is part of the record
    ///
    /// Zone files put a backslash before characters with a meaning of their own. In a DNS panel that does not read zone-file syntax
    /// the backslash becomes data, and the term that it is in means nothing any more.
    ///
    /// ```spf bad
    /// v=spf1 include:_spf.example.net \-all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    BACKSLASH = "spf-backslash-escape", Error, Permerror, ["RFC 1035 §5.1"], covers ["dns-panel-backslashes"],
        "the backslash in `{found}` is part of the record; it is probably left over from a zone file";
}

/// A character out of place, and what belongs there.
struct Damage {
    rule: &'static Rule,
    span: Span,
    instead: &'static str,
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.whole();
    if is_all_plain(text) {
        return;
    }
    let damages = damages(text);
    let begins = Span::of(text.trim(), text);
    let first_all = domain_spec::all(cx.record);
    for rule in RULES {
        let mut of_rule = damages.iter().filter(|damage| std::ptr::eq(damage.rule, *rule)).peekable();
        let Some(first) = of_rule.peek().map(|damage| damage.span) else { continue };
        let all: Vec<&Damage> = of_rule.collect();
        let legal = rule.code == LITERAL_QUOTES.code || rule.code == BACKSLASH.code;
        let Some(effect) = all.iter().filter_map(|damage| effect(cx, first_all, damage.span, legal)).max() else {
            continue;
        };
        let character = misread(&text[first]).map(|(meant, _)| meant).or_else(|| text[first].chars().next());
        let character = character.unwrap_or_default();
        let around = Span::new(
            first.start as usize,
            first.end as usize + text[first.end as usize..].chars().next().map_or(0, char::len_utf8),
        );
        let edits: Vec<Edit> = all.iter().map(|damage| Edit::replace(damage.span, damage.instead)).collect();
        let found = out.report(rule, cx.at(first));
        found.arg("char", character).arg("what", name(character)).arg("found", cx.text(around));
        // A line break before a version is between two records.
        let is_between = |damage: &&Damage| {
            let behind = &text[damage.span.end as usize..];
            begins.start < damage.span.start && starts_with(behind.trim_start_matches(' '), "v=spf")
        };
        let sure = match rule.code {
            code if code == TAB_OR_NEWLINE.code => !all.iter().any(is_between),
            _ => !all.iter().any(|damage| quotes::is_inside(text, damage.span)),
        };
        // §5.1: nobody looks at what stands behind `all`.
        if effect == Effect::PartIgnored && first_all.is_some_and(|all| all.end <= first.start) {
            found.severity(Severity::Warning);
        }
        found.effect(effect).fix(Fix::edit(title(rule, &all), edits, sure_if(sure)));
        for more in all.iter().skip(1) {
            found.related(cx.at(more.span).with("and here"));
        }
    }
}

fn title(rule: &Rule, damages: &[&Damage]) -> &'static str {
    match rule.code {
        "spf-backslash-escape" if damages.iter().all(|damage| damage.instead == "/") => "write `/`",
        "spf-tab-or-newline" | "spf-nbsp" => "write a space",
        "spf-typographic-dash" => "write `-`",
        _ => "take it out",
    }
}

/// What receivers of a record with its first `all` there do with such a character at `span`; `None` if it may stand there.
fn effect(cx: &Context<'_>, all: Option<Span>, span: Span, legal_in_macro_strings: bool) -> Option<Effect> {
    if !legal_in_macro_strings || !Record::is_spf(cx.whole()) {
        return Some(Effect::Permerror);
    }
    let terms = cx.record.terms();
    let at = terms.partition_point(|term| term.span.end <= span.start);
    match terms.get(at).filter(|term| term.span.overlaps(span)) {
        Some(Term { kind: TermKind::UnknownModifier(_) | TermKind::Explanation(_), .. }) => None,
        Some(term) => Some(when_missing(term, all).0),
        None => Some(Effect::Permerror),
    }
}

/// Nearly every text is. It is looked at to its end: a loop with no other way out takes many bytes at a time.
pub(super) fn is_all_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & is_plain(byte))
}

/// Visible ASCII or space, and nothing that damage leaves.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'\'' | b'`')
}

fn damages(text: &str) -> Vec<Damage> {
    let mut damages = Vec::new();
    let body = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let inside = Span::of(text.trim(), text);
    let last = text.trim_end_matches(' ').len();
    let words = QuotedWords::of(text);
    let closed = quotes::closed_at_the_end(&text[..last]);
    let mut chars = text.char_indices().skip_while(|(at, _)| *at < body).peekable();
    while let Some((at, c)) = chars.next() {
        let mut end = at + c.len_utf8();
        let mut c = c;
        // A letter that was read wrongly is left: it is part of a name, and what name is not certain.
        if !c.is_ascii()
            && let Some((meant, length)) = misread(&text[at..]).filter(|(meant, _)| !meant.is_alphanumeric())
        {
            c = meant;
            end = at + length;
            while chars.next_if(|(next, _)| *next < end).is_some() {}
        }
        let (rule, instead) = match c {
            '\t' | '\r' | '\n' => {
                while let Some((next, c)) = chars.next_if(|(_, c)| matches!(c, '\t' | '\r' | '\n')) {
                    end = next + c.len_utf8();
                }
                (&TAB_OR_NEWLINE, space(text, inside, at, end))
            }
            c if is_dash(c) => (&TYPOGRAPHIC_DASH, "-"),
            c if is_smart_quote(c) => (&SMART_QUOTES, ""),
            c if c != ' ' && c.is_whitespace() => (&NBSP, space(text, inside, at, end)),
            c if is_zero_width(c) || c.is_control() => (&ZERO_WIDTH, ""),
            '"' => {
                // `" "` between two strings of a zone file: the strings are joined.
                let gap = text[end..].len() - text[end..].trim_start_matches(' ').len();
                if gap > 0 && text[end + gap..].starts_with('"') && at > body {
                    end += gap + 1;
                    while chars.next_if(|(next, _)| *next < end).is_some() {}
                    (&LITERAL_QUOTES, space(text, inside, at, end))
                } else {
                    (&LITERAL_QUOTES, "")
                }
            }
            '\'' | '`'
                if at == body
                    || closed <= at && at < last
                    || words.as_ref().is_some_and(|words| words.has(text, at)) =>
            {
                (&LITERAL_QUOTES, "")
            }
            '\\' => match decimal(&text[end..]) {
                Some(instead) => {
                    end += 3;
                    while chars.next_if(|(next, _)| *next < end).is_some() {}
                    (&BACKSLASH, instead)
                }
                None => (&BACKSLASH, if is_before_a_prefix(text, at) { "/" } else { "" }),
            },
            _ => continue,
        };
        damages.push(Damage { rule, span: Span::new(at, end), instead });
    }
    damages
}

/// A space, unless there is one beside it, or nothing to separate: `inside` is the text without white space around it.
fn space(text: &str, inside: Span, start: usize, end: usize) -> &'static str {
    let alone = start <= inside.start as usize || inside.end as usize <= end;
    if alone || text[..start].ends_with(' ') || text[end..].starts_with(' ') { "" } else { " " }
}

/// `192.0.2.0\24`: the wrong slash.
fn is_before_a_prefix(text: &str, at: usize) -> bool {
    // Of as many digits as `128`, and the end behind them.
    let rest = &text.as_bytes()[at + 1..];
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let is_word = rest.get(digits).is_none_or(|byte| *byte == b' ');
    let length = &text[at + 1..at + 1 + digits];
    let is_length = is_word && !length.starts_with('0') && length.parse::<u8>().is_ok_and(|length| length <= 128);
    is_length && text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == ':')
}

/// `\032`, `\059`, `\034` …: a character by its decimal code, as in zone files (RFC 1035 §5.1).
fn decimal(digits: &str) -> Option<&'static str> {
    match digits.get(..3)? {
        "032" => Some(" "),
        "034" | "092" => Some(""),
        "037" => Some("%"),
        "044" => Some(","),
        "045" => Some("-"),
        "058" => Some(":"),
        "059" => Some(";"),
        "061" => Some("="),
        "126" => Some("~"),
        _ => None,
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2796}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

fn is_smart_quote(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{2032}'..='\u{2037}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\u{300c}'..='\u{300f}' | '\u{301d}'..='\u{301f}' | '\u{ff02}' | '\u{ff07}' | '\u{b4}')
}

/// A character that cannot be seen, by its name.
fn name(c: char) -> String {
    let name = match c {
        '\t' => "TAB",
        '\r' => "CARRIAGE RETURN",
        '\n' => "LINE FEED",
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{200b}' => "ZERO WIDTH SPACE",
        '\u{2010}' => "HYPHEN",
        '\u{2011}' => "NON-BREAKING HYPHEN",
        '\u{2013}' => "EN DASH",
        '\u{2014}' => "EM DASH",
        '\u{2212}' => "MINUS SIGN",
        '\u{feff}' => "BYTE ORDER MARK",
        _ => "",
    };
    let code = u32::from(c);
    if name.is_empty() { format!("U+{code:04X}") } else { format!("U+{code:04X} {name}") }
}

#[cfg(test)]
mod tests {
    use crate::finding::{Effect, Severity};
    use crate::spf;
    use crate::text::Source;

    #[track_caller]
    fn tells(text: &str, codes: &[&str], fixed: &str) {
        let found = spf::lint_text(&text.into());
        for code in codes {
            assert!(found.iter().any(|found| found.code == *code), "{text:?} {code}: {found:#?}");
        }
        let mended = crate::finding::apply_all(text, crate::finding::Applicability::MachineApplicable, |text| {
            spf::lint_text(&text.into())
        });
        assert_eq!(mended.text, fixed, "{text:?}");
    }

    #[test]
    fn damage_is_named_and_mended() {
        tells("v=spf1 mx –all", &["spf-typographic-dash"], "v=spf1 mx -all");
        tells("“v=spf1 mx –all”", &["spf-typographic-dash", "spf-smart-quotes"], "v=spf1 mx -all");
        tells("v=spf1\u{a0}mx -all", &["spf-nbsp"], "v=spf1 mx -all");
        tells("v=spf1 mxÂ\u{a0}-all", &["spf-nbsp"], "v=spf1 mx -all");
        tells("v=spf1 mx â€“all", &["spf-typographic-dash"], "v=spf1 mx -all");
        tells("ï»¿v=spf1 mx -all", &["spf-zero-width-char"], "v=spf1 mx -all");
        tells("\u{feff}v=spf1 mx -all", &["spf-zero-width-char"], "v=spf1 mx -all");
        tells("v=spf1\tmx\r\n-all\n", &["spf-tab-or-newline"], "v=spf1 mx -all");
        tells("\"v=spf1 mx \" \"-all\"", &["spf-literal-quotes"], "v=spf1 mx -all");
        tells("'v=spf1 mx -all'", &["spf-literal-quotes"], "v=spf1 mx -all");
        tells("\\\"v=spf1 mx \\-all\\\"", &["spf-literal-quotes", "spf-backslash-escape"], "v=spf1 mx -all");
        tells("v=spf1 mx '-all'", &["spf-literal-quotes"], "v=spf1 mx -all");
        tells("v=spf1 mx -'all'", &["spf-literal-quotes"], "v=spf1 mx -all");
        tells("v=spf1 mx -`all`", &["spf-literal-quotes"], "v=spf1 mx -all");
        tells("v=spf1 ip4:'9.9.9.9'", &["spf-literal-quotes"], "v=spf1 ip4:9.9.9.9");
        tells("v=spf1 ip4:'9.9.9.0/24'", &["spf-literal-quotes"], "v=spf1 ip4:9.9.9.0/24");
        tells("v=spf1 'mx' `a` -all", &["spf-literal-quotes"], "v=spf1 mx a -all");
        tells("v=spf1 ip4:5.6.7.8\\24 -all", &["spf-backslash-escape"], "v=spf1 ip4:5.6.7.8/24 -all");
        tells("v=spf1\\032mx -all\\059", &["spf-backslash-escape"], "v=spf1 mx -all");
        tells(
            "v=spf3 mx, ipv4:192.0.2.1 –all",
            &["spf-typographic-dash", "spf-version-wrong", "spf-comma-or-semicolon-separator", "spf-mechanism-typo"],
            "v=spf1 mx ip4:192.0.2.1 -all",
        );
    }

    #[test]
    fn windows_1252_is_read() {
        let source = Source::from_bytes(b"v=spf1 mx \x96all");
        let found = spf::lint_text(&source);
        assert_eq!(
            found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(),
            ["spf-typographic-dash", "spf-hardfail-all"]
        );
        assert_eq!(&source.text()[found[0].primary.span], "\u{fffd}");
    }

    #[test]
    fn quotes_are_legal_in_what_is_ignored() {
        assert_eq!(
            spf::lint_text(&"v=spf1 mx foo=\"bar\"x -all".into())
                .iter()
                .filter(|found| found.code == "spf-literal-quotes")
                .count(),
            0
        );
    }

    #[test]
    fn quotes_inside_a_word_are_for_somebody_to_look_at() {
        tells("v=spf1 mx -all'x'", &["spf-literal-quotes"], "v=spf1 mx -all'x'");
        tells("v=spf1 mx o'x'", &["spf-literal-quotes"], "v=spf1 mx o'x'");
    }

    /// §5.1: what stands behind `all` is never looked up.
    #[test]
    fn names_behind_all_do_no_harm() {
        for term in ["redirect=_r\\.x.example", "include:x\\.example", "include:x.exa\"mple.com"] {
            let found = crate::spf::lint_text(&format!("v=spf1 mx -all {term}").as_str().into());
            assert!(found.iter().all(|found| found.effect < Effect::Neutral), "{term}: {found:#?}");
            assert!(found.iter().all(|found| found.severity > Severity::Error), "{term}: {found:#?}");
        }
        let found = crate::spf::lint_text(&"v=spf1 mx include:x\\.example -all".into());
        assert_eq!(crate::spf::effect(&found), Effect::Permerror);
    }
}
