//! Where the strings of a TXT record meet (RFC 7208 §3.3): what stands on both sides is read as one term.

use super::Context;
use super::separators::{self, COLONED, pieces};
use super::unknown::{Claim, Unknown, is_term};
use super::version::starts_with;
use crate::dns::RecordType;
use crate::finding::{Applicability, Edit, Effect, Findings, Fix, rules};
use crate::spf::Record;
use crate::spf::qualifier::{QUALIFIERS, unqualified};
use crate::text::Span;

rules! {
    /// # Two strings of the TXT record meet without a space
    ///
    /// A TXT record may consist of several strings of up to 255 octets. Receivers join them with nothing between them, so a term at the end
    /// of one string and a term at the start of the next become one. The space must be inside one of the strings.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.0/24" "include:_spf.example.net -all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.0/24 " "include:_spf.example.net -all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    GLUED_BY_STRING_JOIN = "spf-glued-by-string-join", Error, Permerror, ["RFC 7208 §3.3"], covers ["dns-string-split-space"],
        "two strings of the TXT record are joined without a space, so `{term}` is read as one term";
}

/// Strings of the TXT record that meet in a term: asked early, since what they make together looks like anything.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let told = at_seam(term.cx, term.span, Effect::Permerror, true, out)
        || text_at_seam(term.cx, term.span, Effect::Permerror, out);
    if told { Claim::Told } else { Claim::No }
}

/// Seams of the TXT record with a term on each side of them, or the beginning of a second record behind.
fn at_seam(cx: &Context<'_>, span: Span, effect: Effect, sure: bool, out: &mut Findings) -> bool {
    let seams = seams_in(cx, span);
    if seams.is_empty() || !pieces(cx.text(span), &seams).all(|piece| is_term(piece) || Record::is_spf(piece)) {
        return false;
    }
    let edits = seams.iter().map(|seam| Edit::insert(span.start as usize + seam, " ")).collect();
    // Of two records in one the second is dead where the first has its end.
    let sure = sure && !pieces(cx.text(span), &seams).any(Record::is_spf);
    separators::report(&GLUED_BY_STRING_JOIN, cx, span, effect, edits, sure, out);
    true
}

/// Where strings meet inside `span`, counted from its start.
pub(super) fn seams_in(cx: &Context<'_>, span: Span) -> Vec<usize> {
    let seams = cx.record.source().seams();
    let inside = seams[seams.partition_point(|&seam| seam <= span.start)..].iter().take_while(|&&seam| seam < span.end);
    inside.map(|&seam| (seam - span.start) as usize).collect()
}

/// The end of the record, and behind the seam a text of somebody else, such as `google-site-verification=…`.
fn text_at_seam(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let seams = seams_in(cx, span);
    let Some(&at) = seams.first() else { return false };
    let (before, after) = cx.text(span).split_at(at);
    let is_end = unqualified(before).eq_ignore_ascii_case("all") || starts_with(before, "redirect=");
    let is_last = span.end as usize == cx.whole().trim_end().len();
    if !is_end
        || !is_last
        || !is_term(before)
        || !after.contains('=')
        || COLONED.iter().any(|name| after.contains(name))
    {
        return false;
    }
    let rest = Span::new(span.start as usize + at, cx.whole().len());
    let found = out.report(&GLUED_BY_STRING_JOIN, cx.at(span)).quote("term").effect(effect);
    found.label("the second string belongs in a TXT record of its own");
    found.fix(Fix::maybe("cut it off", [Edit::delete(rest)]));
    // Of several strings it is not known which belong together.
    if let Some(domain) = cx.domain.filter(|_| seams.len() == 1) {
        let own = cx.text(rest).trim();
        found.fix(Fix::publish("publish it there", domain, RecordType::Txt, own, Applicability::MaybeIncorrect));
    }
    true
}

/// Two terms that can be read as one: `include:a.example.com` and `mx` as the name `a.example.commx`.
pub(super) fn in_one(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let source = cx.record.source();
    let Some(seam) = source.seam_inside(span) else { return false };
    let (before, after) = (cx.text(Span::new(span.start as usize, seam)), cx.text(Span::new(seam, span.end as usize)));
    // No name has a colon; a word such as `mx` may also be the end of one.
    let is_clear = after.contains([':', '=']) || after.starts_with(QUALIFIERS);
    let at = source.seams().partition_point(|&other| (other as usize) < seam);
    let start = at.checked_sub(1).map_or(0, |at| source.seams()[at] as usize);
    // A string that is full was cut by a program, wherever that fell; and no top-level domain has one letter.
    let is_cut = seam - start >= STRING || before.rsplit('.').next().is_some_and(|label| label.len() < 2);
    (is_clear || !is_cut) && (at_seam(cx, span, effect, is_clear, out) || text_at_seam(cx, span, effect, out))
}

/// The octets of a full character-string (RFC 1035 §3.3).
const STRING: usize = 255;

#[cfg(test)]
mod tests {
    #[test]
    fn strings_that_meet() {
        let code = "spf-glued-by-string-join";
        let fixed = |strings: &[&str]| {
            let source = crate::text::Source::from_strings(strings);
            let found = crate::spf::lint_text(&source);
            let found = found.iter().find(|found| found.code == *code);
            found.map(|found| crate::finding::apply(source.text(), found.fixes[0].edits()).unwrap())
        };
        for end in ["a:b.example.com -all", "mx -all", "a -all", "include:b.example.com -all"] {
            assert_eq!(
                fixed(&["v=spf1 include:a.example.com", end]),
                Some(format!("v=spf1 include:a.example.com {end}")),
                "{end}"
            );
        }
        assert_eq!(
            fixed(&["v=spf1 redirect=a.example.com", "mx"]),
            Some("v=spf1 redirect=a.example.com mx".to_owned())
        );
        assert_eq!(
            fixed(&["v=spf1 ", "+a", "+mx", "include:_spf.e.example", "~all"]),
            Some("v=spf1 +a +mx include:_spf.e.example ~all".to_owned())
        );
        for end in ["~all", "include:b.example.com"] {
            assert_eq!(
                fixed(&[&format!("v=spf1 include:a.example.com {end}"), "v=spf1 mx ~all"]),
                Some(format!("v=spf1 include:a.example.com {end} v=spf1 mx ~all"))
            );
        }
        for (end, other) in [("a -all", "google-site-verification=a-b_c"), ("redirect=a.example.com", "MS=ms1")] {
            assert_eq!(fixed(&[&format!("v=spf1 {end}"), other]), Some(format!("v=spf1 {end}")));
        }
        // A name that was cut.
        assert_eq!(fixed(&["v=spf1 include:a.exam", "ple.com -all"]), None);
        assert_eq!(fixed(&["v=spf1 include:a.example.c", "a -all"]), None);
        let full = format!("v=spf1 x={} include:a.example.t", "y".repeat(226));
        assert_eq!(full.len(), 255);
        assert_eq!(fixed(&[&full, "mx -all"]), None);
        let full = format!("v=spf1 x={} include:a.example.co", "y".repeat(225));
        assert_eq!(full.len(), 255);
        assert_eq!(fixed(&[&full, "mx -all"]), None);
        assert!(fixed(&[&full, "a:b.example.com -all"]).is_some());
    }
}
