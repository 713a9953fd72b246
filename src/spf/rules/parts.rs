//! A record whose parts were published as TXT records of their own (RFC 7208 §3.3).

use super::surroundings::Surroundings;
use super::unknown::is_term;
use crate::dns::RecordType;
use crate::finding::{Applicability, Change, Effect, Findings, Fix, Label};
use crate::order::sort_by_key;
use crate::panel::SEVERAL;
use crate::spf::Record;
use crate::spf::qualifier::unqualified;
use crate::text::Source;

/// Tells of the TXT records that go on where `first`, the record that receivers see, stops. What has its end lacks no parts.
pub(super) fn tell(around: &Surroundings<'_>, first: &Source, out: &mut Findings) {
    if ends(first.text()) {
        return;
    }
    let texts = around.txt.txts().iter();
    let mut parts: Vec<&Source> = texts.filter(|text| goes_on(first.text(), text.text())).collect();
    // The order of records in an answer is chance, and what ends a record comes last.
    sort_by_key(&mut parts, |part| ends(part.text()));
    let mut fix = joined(first, &parts).map(|whole| {
        let change = Change::Records {
            owner: around.domain.clone(),
            record_type: RecordType::Txt,
            remove: [first].into_iter().chain(parts.iter().copied()).map(|text| text.text().to_owned()).collect(),
            add: vec![whole],
        };
        Fix {
            title: "publish the parts as one record".to_owned(),
            change,
            applicability: Applicability::MaybeIncorrect,
        }
    });
    for part in parts {
        // No receiver reads it, and the first part is used as it stands.
        let found = out.report(&SEVERAL, Label::whole(&around.subject(part))).quote("text").effect(Effect::PartIgnored);
        found.related(Label::whole(&around.subject(first)).with("the first part"));
        found.fixes.extend(fix.take());
    }
}

/// Whether a text can be nothing but the rest of an SPF record, or of this one: it is of terms, but perhaps for the end of the one in which
/// the record was cut.
fn goes_on(first: &str, text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let Some(word) = words.next() else { return false };
    (looks_like_a_term(word) && words.clone().all(looks_like_a_term))
        || (goes_on_inside(first, text) && words.next_back().is_some_and(ends) && words.all(looks_like_a_term))
}

/// Whether a word is a term, or meant as one: a mistake in an address makes it no less a part.
fn looks_like_a_term(word: &str) -> bool {
    let name = unqualified(word);
    let is_named = |start: &&str| name.get(..start.len()).is_some_and(|named| named.eq_ignore_ascii_case(start));
    is_term(word) || ["ip4:", "ip6:", "include:", "a:", "mx:", "exists:", "redirect="].iter().any(is_named)
}

/// Whether the first word of `text` is the end of the last term of `first`.
fn goes_on_inside(first: &str, text: &str) -> bool {
    let (Some(last), Some(word)) = (first.rsplit(' ').next(), text.split(' ').next()) else { return false };
    let is_short = last.len() + word.len() <= MAX_TERM;
    is_short && !last.is_empty() && !word.is_empty() && !looks_like_a_term(word) && is_term(&format!("{last}{word}"))
}

/// Octets of a term that was cut. What it names has 253 at most, and its macros hardly make it shorter.
const MAX_TERM: usize = 512;

/// Whether a text has the end of a record in it.
fn ends(text: &str) -> bool {
    let is_end = |word: &str| {
        let word = unqualified(word);
        word.eq_ignore_ascii_case("all") || word.to_ascii_lowercase().starts_with("redirect=")
    };
    text.split_ascii_whitespace().any(is_end)
}

/// The record that the parts make up. Nothing if it ends in the middle: then the parts are of another one, or not needed.
fn joined(first: &Source, parts: &[&Source]) -> Option<String> {
    let mut whole = first.text().to_owned();
    let mut has_end = ends(&whole);
    for part in parts {
        if has_end {
            return None;
        }
        if !goes_on_inside(&whole, part.text()) {
            whole.truncate(whole.trim_end().len());
            whole.push(' ');
        }
        whole += part.text().trim();
        has_end = ends(part.text());
    }
    Record::is_spf(&whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::{goes_on, joined};
    use crate::dns::Snapshot;
    use crate::finding::{Change, Diagnostic, Effect};
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{LintOptions, lint_domain};
    use crate::text::Source;

    /// What is told of parts at `d.example`.
    fn parts_in(zone: &str) -> Vec<Diagnostic> {
        let zone = Zone::parse(zone).unwrap();
        let (domain, options) = ("d.example".parse().unwrap(), LintOptions::default());
        let lint = |dns: &Snapshot| lint_domain(dns, &domain, &options);
        let mut found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        found.retain(|found| found.code == *"dns-strings-multiple-records");
        found
    }

    #[test]
    fn what_can_only_be_the_rest_of_a_record() {
        for (first, text) in [
            ("v=spf1 mx", "ip4:203.0.113.0/24 include:_spf.e.example -all"),
            ("v=spf1 mx", " -all"),
            ("v=spf1 mx include:_spf.e.exam", "ple -all"),
            ("v=spf1 mx ip4:203.0.11", "3.0/24 a ~all"),
            ("v=spf1 mx", "a/24 ptr:e.example exp=e.example"),
            ("v=spf1 mx", "?IP4:203.0.113 -ALL"),
        ] {
            assert!(goes_on(first, text), "{text}");
        }
        for text in [
            "",
            "MS=ms123",
            "v=spf1 -all",
            "include this",
            "google-site-verification=a",
            "ple",
            "ple -all x",
            "x=y -all",
            "ip4 äöü:",
        ] {
            assert!(!goes_on("v=spf1 mx include:_spf.e.exam", text), "{text}");
        }
        assert!(!goes_on("v=spf1 mx ", "ple -all"));
        let long = |octets: usize| format!("v=spf1 a:{}.exam", "%{d}".repeat(octets / 4));
        assert!(goes_on(&long(400), "ple -all") && !goes_on(&long(600), "ple -all"));
    }

    #[test]
    fn parts_are_joined_where_they_were_cut() {
        let joined = |texts: &[&str]| {
            let sources: Vec<Source> = texts.iter().copied().map(Source::new).collect();
            joined(&sources[0], &sources[1..].iter().collect::<Vec<_>>())
        };
        assert_eq!(joined(&["v=spf1 mx a", "-all"]).unwrap(), "v=spf1 mx a -all");
        assert_eq!(joined(&["v=spf1 mx ", " a", "mx -all "]).unwrap(), "v=spf1 mx a mx -all");
        assert_eq!(joined(&["v=spf1 include:_spf.e.exam", "ple -all"]).unwrap(), "v=spf1 include:_spf.e.example -all");
        assert_eq!(joined(&["v=spf1 mx -all", "a"]), None);
        assert_eq!(joined(&["v=spf1 mx", "a -all", "mx -all"]), None);
    }

    #[test]
    fn a_record_that_has_its_end_lacks_no_parts() {
        let told = |first: &str| !parts_in(&format!("d.example. TXT \"{first}\"\nd.example. TXT a")).is_empty();
        assert!(told("v=spf1 ip4:9.9.9.9"));
        assert!(!told("v=spf1 ip4:9.9.9.9 -all") && !told("v=spf1 redirect=e.example"));
    }

    #[test]
    fn the_parts_at_a_domain_become_one_record() {
        let found = parts_in("d.example. TXT \"-all\"\nd.example. TXT \"v=spf1 mx a\"\nd.example. TXT \"ip4:9.9.9.9\"");
        assert_eq!(found.iter().map(|found| found.primary.quoted()).collect::<Vec<_>>(), ["ip4:9.9.9.9", "-all"]);
        assert!(found.iter().all(|found| found.effect == Effect::PartIgnored));
        let Change::Records { remove, add, .. } = &found[0].fixes[0].change else { panic!("{found:#?}") };
        assert_eq!((remove.len(), &add[..]), (3, &["v=spf1 mx a ip4:9.9.9.9 -all".to_owned()][..]));
    }
}
