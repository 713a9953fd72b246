//! The size of the record and its character-strings (RFC 7208 §3.3, §3.4).

use super::Context;
use super::world::World;
use crate::finding::{Effect, Evidence, Findings, rules};
use crate::spf::qualifier::unqualified;
use crate::spf::{Record, SyntaxErrorKind, Term, TermKind};
use crate::text::{Source, Span};

rules! {
    /// # The record is long
    ///
    /// With its name, its header and the other TXT records of the name, the answer may pass 512 octets. Resolvers without
    /// EDNS then ask again over TCP, which some networks block.
    ///
    /// ```spf bad
    /// v=spf1 ip4:9.0.0.0/24 ip4:9.0.2.0/24 ip4:9.0.4.0/24 ip4:9.0.6.0/24 ip4:9.0.8.0/24 ip4:9.0.10.0/24 ip4:9.0.12.0/24 ip4:9.0.14.0/24 ip4:9.0.16.0/24 ip4:9.0.18.0/24 ip4:9.0.20.0/24 ip4:9.0.22.0/24 ip4:9.0.24.0/24 ip4:9.0.26.0/24 ip4:9.0.28.0/24 ip4:9.0.30.0/24 ip4:9.0.32.0/24 ip4:9.0.34.0/24 ip4:9.0.36.0/24 ip4:9.0.38.0/24 ip4:9.0.40.0/24 ip4:9.0.42.0/24 ip4:9.0.44.0/24 ip4:9.0.46.0/24 ip4:9.0.48.0/24 ip4:9.0.50.0/24 ip4:9.0.52.0/24 ip4:9.0.54.0/24 ip4:9.0.56.0/24 -all
    /// ```
    ///
    /// Move networks into a record of their own and include it:
    ///
    /// ```spf good
    /// v=spf1 include:_spf1.example.com include:_spf2.example.com -all
    /// ```
    OVER_450 = "spf-record-over-450", Note, Ok, ["RFC 7208 §3.4"],
        "the record has {octets} octets, so the answer may not fit into 512";

    /// # The record is longer than 512 octets
    ///
    /// No answer with it fits into a DNS message without EDNS: resolvers ask again over TCP, which some networks block.
    ///
    /// ```spf bad
    /// v=spf1 ip4:9.0.0.0/24 ip4:9.0.2.0/24 ip4:9.0.4.0/24 ip4:9.0.6.0/24 ip4:9.0.8.0/24 ip4:9.0.10.0/24 ip4:9.0.12.0/24 ip4:9.0.14.0/24 ip4:9.0.16.0/24 ip4:9.0.18.0/24 ip4:9.0.20.0/24 ip4:9.0.22.0/24 ip4:9.0.24.0/24 ip4:9.0.26.0/24 ip4:9.0.28.0/24 ip4:9.0.30.0/24 ip4:9.0.32.0/24 ip4:9.0.34.0/24 ip4:9.0.36.0/24 ip4:9.0.38.0/24 ip4:9.0.40.0/24 ip4:9.0.42.0/24 ip4:9.0.44.0/24 ip4:9.0.46.0/24 ip4:9.0.48.0/24 ip4:9.0.50.0/24 ip4:9.0.52.0/24 ip4:9.0.54.0/24 ip4:9.0.56.0/24 ip4:9.0.58.0/24 ip4:9.0.60.0/24 ip4:9.0.62.0/24 ip4:9.0.64.0/24 -all
    /// ```
    ///
    /// Move networks into a record of their own and include it:
    ///
    /// ```spf good
    /// v=spf1 include:_spf1.example.com include:_spf2.example.com -all
    /// ```
    OVER_512 = "spf-record-over-512", Warning, Ok, ["RFC 7208 §3.4"],
        "the record has {octets} octets: no answer with it fits into 512";

    /// # A character-string of more than 255 octets
    ///
    /// One string of a TXT record holds at most 255 octets. A DNS server refuses a longer one or cuts it off. A longer record is
    /// published as several strings, which receivers join without a space: `"v=spf1 … " "include:… -all"`.
    ///
    /// ```strings bad d.example
    /// v=spf1 ip4:9.0.0.0/24 ip4:9.0.2.0/24 ip4:9.0.4.0/24 ip4:9.0.6.0/24 ip4:9.0.8.0/24 ip4:9.0.10.0/24 ip4:9.0.12.0/24 ip4:9.0.14.0/24 ip4:9.0.16.0/24 ip4:9.0.18.0/24 ip4:9.0.20.0/24 ip4:9.0.22.0/24 ip4:9.0.24.0/24 ip4:9.0.26.0/24 ip4:9.0.28.0/24 ip4:9.0.30.0/24 ip4:9.0.32.0/24 -all
    /// ```
    ///
    /// ```strings good d.example
    /// v=spf1 ip4:192.0.2.0/24\u{20}
    /// ip4:198.51.100.0/24 -all
    /// ```
    STRING_OVER_255 = "spf-string-over-255", Error, Ok, ["RFC 1035 §3.3.14", "RFC 7208 §3.3"],
        "this character-string has {octets} octets, and the limit is 255";

    /// # The record seems to be cut off
    ///
    /// It stops in the middle of a term, as a field of a web panel or a string limit of 255 octets cuts it. What is behind the
    /// cut is lost, and a broken last term is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.1 include:_spf.google.com include:_spf.goo
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.1 include:_spf.google.com ~all
    /// ```
    TRUNCATED = "spf-truncated-record", Error, Permerror, ["RFC 7208 §3.3", "RFC 7208 §4.6"],
        "the record seems to be cut off in `{term}`";

    /// # Other TXT records make the answer large
    ///
    /// A TXT question is answered with all TXT records of the name. Verification tokens of services stay there for years, and
    /// together they pass 512 octets although the SPF record is short.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. TXT "a-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    /// d.example. TXT "b-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    /// d.example. TXT "c-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    /// d.example. TXT "e-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    /// ```
    ///
    /// Remove the tokens that were needed once:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// ```
    MANY_TXT = "spf-many-txt-at-apex", Note, Ok, ["RFC 7208 §3.4"],
        "the {count} TXT records of `{domain}` make an answer of about {octets} octets";
}

/// Octets of a record that leave room for the rest of an answer of 512 (§3.4).
const COMFORTABLE: usize = 450;
/// Octets of a DNS message without EDNS (RFC 1035 §4.2.1).
const UDP: usize = 512;
/// Octets of a character-string (RFC 1035 §3.3.14).
const STRING: usize = 255;

/// How a record of `octets` is published, for whoever thinks about making it so long.
pub(super) fn told(octets: usize) -> String {
    let strings = octets.div_ceil(STRING);
    if octets <= STRING {
        return "one string holds it".to_owned();
    }
    let long = if octets > COMFORTABLE { ", and an answer over UDP may not hold it" } else { "" };
    format!("it needs {strings} strings of at most {STRING}{long}")
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let source = cx.record.source();
    // U+FFFD takes three octets and stands for one.
    let octets = source.text().len() - 2 * source.invalid_bytes().len();
    if octets > COMFORTABLE {
        let rule = if octets > UDP { &OVER_512 } else { &OVER_450 };
        out.report(rule, cx.at(cx.record.version())).arg("octets", octets);
    }
    strings(cx, out);
    truncated(cx, octets, out);
}

/// A text that somebody typed has no character-strings yet, even where it is known whose record it is to be.
fn strings(cx: &Context<'_>, out: &mut Findings) {
    if !cx.record.source().is_of_strings() || cx.record.source().text().len() <= STRING {
        return;
    }
    for string in cx.record.source().strings() {
        let octets = cx.record.source().bytes_of(string.span).len();
        if octets > STRING {
            out.report(&STRING_OVER_255, cx.at(string.span)).arg("octets", octets);
        }
    }
}

/// The answer with all TXT records of the name.
pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let root = &world.tree.root;
    let texts = root.asked.as_ref().map_or(&[][..], |asked| asked.answer.txts());
    // RFC 1035 §4.1: a header of 12, the question, and 12 for each record with its name as a pointer.
    let length = |text: &Source| 12 + text.strings().map(|string| 1 + text.bytes_of(string.span).len()).sum::<usize>();
    let octets = 12 + root.domain.as_str().len() + 6 + texts.iter().map(length).sum::<usize>();
    if texts.len() > 1 && octets > UDP && !out.has(&OVER_512) {
        out.report(&MANY_TXT, cx.at(cx.record.version()))
            .arg("count", texts.len())
            .arg("domain", &root.domain)
            .arg("octets", octets);
    }
}

fn truncated(cx: &Context<'_>, octets: usize, out: &mut Findings) {
    let Some(last) = cx.record.terms().last() else { return };
    if cx.record.has_all() || cx.record.redirect().is_some() {
        return;
    }
    let is_at_a_limit = matches!(octets, STRING | UDP) && !matches!(last.kind, TermKind::UnknownModifier(_));
    if is_at_a_limit || is_cut(cx, last) {
        let found = out.report(&TRUNCATED, cx.at(last.span)).quote("term").evidence(Evidence::Guessed);
        if is_at_a_limit && !matches!(last.kind, TermKind::Unknown(_)) {
            found.effect(Effect::Ok);
        }
    }
}

/// Whether a term looks like the beginning of a longer one.
fn is_cut(cx: &Context<'_>, last: &Term) -> bool {
    let text = cx.text(last.span);
    match last.kind {
        TermKind::Unknown(error) => match error.kind {
            SyntaxErrorKind::UnknownMechanism => is_start_of_name(text),
            SyntaxErrorKind::MissingDomain | SyntaxErrorKind::SingleLabel => {
                text.ends_with([':', '=']) || !text.contains(':') || is_start_of_target(cx, last.span)
            }
            SyntaxErrorKind::Ip4 | SyntaxErrorKind::Ip6 => is_start_of_address(text),
            SyntaxErrorKind::TopLabel => text.ends_with(['.', '-']) || is_start_of_target(cx, last.span),
            SyntaxErrorKind::Macro(error) => error == crate::spf::MacroError::Unterminated,
            _ => false,
        },
        _ => is_start_of_target(cx, last.span),
    }
}

/// Whether the record stops in the name of the term `index`: which one it was to be cannot be acted on.
pub(super) fn stops_in_name(record: &Record, index: usize, text: &str) -> bool {
    let is_last = index + 1 == record.terms().len() && !record.has_all() && record.redirect().is_none();
    is_last && is_start_of_name(text)
}

/// `inclu`, `ip`, `redirec`: not `al` and such, which are whole words mistyped.
fn is_start_of_name(text: &str) -> bool {
    let text = unqualified(text);
    let is_start_of = |name: &str| text.len() >= 2 && text.len() < name.len() && name.starts_with(text);
    ["include", "redirect", "exists"].into_iter().any(is_start_of) || text == "ip"
}

/// `ip4:`, `ip4:192.0.2.`, `ip4:192.0`, `ip6:2001:db8:`
fn is_start_of_address(text: &str) -> bool {
    let Some((_, address)) = text.split_once(':') else { return true };
    let is_ip4 = |c: char| c.is_ascii_digit() || c == '.';
    let is_ip6 = |c: char| c.is_ascii_hexdigit() || c == ':';
    let octets_are_good = || address.split('.').all(|octet| octet.is_empty() || octet.parse::<u8>().is_ok());
    if text.to_ascii_lowercase().contains("ip6:") {
        address.chars().all(is_ip6)
    } else {
        address.chars().all(is_ip4) && address.matches('.').count() < 4 && octets_are_good()
    }
}

/// A target that begins like another one of the record, or like that of a well-known service, and stops.
fn is_start_of_target(cx: &Context<'_>, last: Span) -> bool {
    let Some((name, target)) = cx.text(last).split_once([':', '=']) else { return false };
    if !unqualified(name).eq_ignore_ascii_case("include") || target.len() < 4 {
        return false;
    }
    let target = target.to_ascii_lowercase();
    let continues = |other: &str| {
        other.len() > target.len() && other.as_bytes()[..target.len()].eq_ignore_ascii_case(target.as_bytes())
    };
    let others = cx.record.terms().iter().filter(|term| term.span != last).filter_map(Term::domain_spec);
    let in_record = others.into_iter().any(|spec| continues(cx.text(spec.span)));
    in_record
        || super::service_facts::SERVICES.iter().flat_map(|service| service.includes).any(|known| continues(known))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, codes_of_record};
    use crate::text::Source;

    fn of_length(octets: usize) -> String {
        let start = "v=spf1 ";
        let end = " x=";
        let mut text = start.to_owned() + "?all" + end;
        while text.len() < octets {
            text.push('y');
        }
        text
    }

    #[test]
    fn how_a_length_is_published() {
        assert_eq!(super::told(255), "one string holds it");
        assert_eq!(super::told(256), "it needs 2 strings of at most 255");
        assert_eq!(super::told(450), "it needs 2 strings of at most 255");
        assert_eq!(super::told(511), "it needs 3 strings of at most 255, and an answer over UDP may not hold it");
    }

    #[test]
    fn sizes() {
        for (octets, code) in
            [(450, ""), (451, "spf-record-over-450"), (512, "spf-record-over-450"), (513, "spf-record-over-512")]
        {
            let codes = codes(&of_length(octets));
            assert_eq!(
                codes.iter().find(|c| c.starts_with("spf-record-")).copied().unwrap_or_default(),
                code,
                "{octets}"
            );
        }
    }

    #[test]
    fn strings_are_known_of_records_and_quoted_texts() {
        let is_told =
            |source: &Source| crate::spf::lint_text(source).iter().any(|found| found.code == *"spf-string-over-255");
        let quoted = |texts: &[&str]| is_told(&Source::from_strings(texts));
        assert!(quoted(&[&of_length(256)]));
        assert!(quoted(&[&format!("{} ipv4:9.9.9.9", of_length(300))]), "a record with an error");
        assert!(quoted(&[&of_length(256), "z"]));
        assert!(!quoted(&[&of_length(255)]));
        assert!(!is_told(&of_length(300).as_str().into()));
        let typed = crate::spf::lint_at(&crate::spf::Record::parse(&of_length(300)), &"d.example".parse().unwrap());
        assert!(
            !typed.iter().any(|found| found.code == *"spf-string-over-255"),
            "whose it is does not say how it is split"
        );
        assert!(!is_told(&format!("{} ipv4:9.9.9.9", of_length(300)).as_str().into()));
        assert!(!codes_of_record(&[&of_length(255)]).contains(&"spf-string-over-255"));
        assert!(codes_of_record(&[&of_length(256)]).contains(&"spf-string-over-255"));
        assert!(!codes_of_record(&[&of_length(200), &"z".repeat(200)]).contains(&"spf-string-over-255"));
        assert!(!codes(&of_length(300)).contains(&"spf-string-over-255"));
    }

    #[test]
    fn a_lost_end_is_not_made_up() {
        let lint =
            |cut: &str| crate::spf::lint_text(&format!("v=spf1 mx include:_spf.x.example {cut}").as_str().into());
        for cut in ["inclu", "incl", "include:", "ip4", "redirec", "ip6:2a01:"] {
            let found = lint(cut);
            assert!(found.iter().any(|found| found.code == "spf-truncated-record"), "{cut}: {found:#?}");
            assert!(found.iter().all(|found| found.fixes.is_empty()), "{cut}: {found:#?}");
        }
        // It may be a cut, or a stray sign.
        assert!(lint("-").iter().all(|found| found.fixes.is_empty()));
    }

    #[test]
    fn records_that_stop_in_a_term() {
        for text in [
            "v=spf1 mx include:",
            "v=spf1 mx inclu",
            "v=spf1 mx ip4:9.9.",
            "v=spf1 mx ip4:9.9",
            "v=spf1 mx ip6:2a01:",
            "v=spf1 mx include:_spf.goo",
            "v=spf1 include:a.mail.example include:b.mail.example include:a.mail.ex",
            "v=spf1 mx exists:%{i",
            "v=spf1 mx include",
        ] {
            assert!(codes(text).contains(&"spf-truncated-record"), "{text}");
        }
        for text in [
            "v=spf1 mx",
            "v=spf1 include:_spf.google.com",
            "v=spf1 al",
            "v=spf1 mx ip4:9.9. -all",
            "v=spf1 include:spf",
            "v=spf1 ip4:9.9.9.256",
        ] {
            assert!(!codes(text).contains(&"spf-truncated-record"), "{text}");
        }
    }
}
