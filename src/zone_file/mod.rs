//! A whole zone file: every domain in it that has records about mail, and every finding with its line.
//!
//! Nothing outside of the file is asked, and nothing is claimed about it: what `include:` names elsewhere say is not known
//! here. [`domain::check`] over real DNS knows more.
//!
//! ```
//! use mailproof::{Name, zone_file};
//!
//! let text = "\
//! $ORIGIN example.com.
//! @       TXT  \"v=spf1 ipv4:192.0.2.1 -all\"
//! _dmarc  TXT  \"v=DMARC1; p=reject; rua=mailto:d@example.com\"
//! ";
//! let linted = zone_file::lint(text, &Name::root())?;
//! assert_eq!(linted.domains[0].name, "example.com");
//! let typo = linted.findings.iter().find(|placed| placed.finding.code == "spf-mechanism-typo").unwrap();
//! assert_eq!((typo.place.line, typo.place.column), (2, 22));
//! # Ok::<(), mailproof::ZoneError>(())
//! ```

mod domains;
mod place;
pub(crate) mod rules;
mod written;

use std::collections::HashSet;

pub use domains::Domain;
pub use place::Place;

use crate::Name;
use crate::dns::{Failure, Question, Snapshot};
use crate::domain;
use crate::finding::Diagnostic;
use crate::order::sort_by_key;
use crate::resolver::{Zone, ZoneError, drive_sync};
use domains::{Inside, domains};
use place::Places;

/// What was found in a zone file.
///
/// ```
/// use mailproof::zone_file;
///
/// let text = "@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc.shop TXT \"v=DMARC1; p=rejct\"\n";
/// let linted = zone_file::lint(text, &"example.com".parse()?)?;
/// let names: Vec<&str> = linted.domains.iter().map(|domain| domain.name.as_str()).collect();
/// assert_eq!(names, ["example.com", "shop.example.com"]);
/// let lines: Vec<u32> = linted.findings.iter().map(|placed| placed.place.line).collect();
/// assert!(lines.contains(&3) && lines.is_sorted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Linted {
    /// The domains that were looked at, in the order in which the file names them.
    pub domains: Vec<Domain>,
    /// What was found, in the order of the lines; what several domains share is told once.
    pub findings: Vec<Placed>,
}

/// A finding, and where in the file it is.
///
/// ```
/// use mailproof::zone_file;
///
/// let text = "@ TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n";
/// let linted = zone_file::lint(text, &"example.com".parse()?)?;
/// let placed = linted.findings.iter().find(|placed| placed.finding.code == "spf-mechanism-typo").unwrap();
/// assert_eq!(placed.domain, "example.com");
/// assert_eq!((placed.place.line, placed.place.column, placed.finding.primary.quoted().as_str()), (1, 15, "ipv4"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Placed {
    /// The domain that was looked at.
    pub domain: Name,
    /// The place in the file. The lack of a record is told at the domain's first line.
    pub place: Place,
    /// What was found.
    pub finding: Diagnostic,
    /// Those of its fixes that are edits of what is written here, as replacements in the file.
    pub fixes: Vec<PlacedFix>,
}

/// A fix of a finding, in the file.
///
/// ```
/// use mailproof::zone_file;
///
/// let text = "@ TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n";
/// let linted = zone_file::lint(text, &"example.com".parse()?)?;
/// let placed = linted.findings.iter().find(|placed| placed.finding.code == "spf-mechanism-typo").unwrap();
/// // What an editor replaces, and by what.
/// let (place, instead) = &placed.fixes[0].edits[0];
/// assert_eq!((place.column, place.end_column, instead.as_str()), (15, 19, "ip4"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PlacedFix {
    /// Which of the finding's fixes.
    pub fix: usize,
    /// What stands where afterwards, with the escapes of master text (RFC 1035 §5.1).
    pub edits: Vec<(Place, String)>,
}

/// Looks at every domain of a zone file that has records about mail: SPF, DMARC, DKIM, MX, MTA-STS, TLS-RPT, BIMI.
///
/// Relative names are relative to `origin` until `$ORIGIN` says otherwise.
///
/// # Errors
/// The first place that is not master text (RFC 1035 §5.1), where there are more than 64 of them. Fewer, and what servers read and
/// this does not (`$INCLUDE`, classes other than IN), are findings, and the rest is looked at.
///
/// ```
/// use mailproof::zone_file;
///
/// // Name servers load no file with such an entry; what else is in it is looked at all the same.
/// let text = "@ A 192.0.2.256\n@ TXT \"v=spf1 a -all\"\n_dmarc TXT \"v=DMARC1; p=rejct\"\n";
/// let linted = zone_file::lint(text, &"example.com".parse()?)?;
/// let line = |code: &str| linted.findings.iter().find(|placed| placed.finding.code == code).map(|it| it.place.line);
/// assert_eq!((line("zone-malformed"), line("dmarc-p-typo")), (Some(1), Some(3)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint(text: &str, origin: &Name) -> Result<Linted, ZoneError> {
    let (zone, skipped) = Zone::parse_lossy(origin, text)?;
    let is_whole = !skipped.iter().any(rules::may_hold_more);
    let inside = Inside::of(&zone);
    let domains = domains(&zone, &inside);
    let mut places = Places::new(text, &zone);
    #[cfg_attr(
        feature = "serde",
        expect(clippy::mutable_key_type, reason = "what a subject keeps to count faster is no part of its value")
    )]
    let mut seen = HashSet::new();
    let mut findings: Vec<Placed> = Vec::new();
    for domain in &domains {
        for finding in look_at(&zone, &inside, domain, is_whole) {
            // An included record of the same file is told about at each domain that includes it.
            let subject = &finding.primary.subject;
            let key = (finding.code.as_str(), subject.clone(), finding.primary.span, finding.message());
            if !subject.source().text().is_empty() && !seen.insert(key) {
                continue;
            }
            let place = places.of(&finding, &domain.name);
            let fixes = places.fixes(&finding, &domain.name);
            findings.push(Placed { domain: domain.name.clone(), place, finding, fixes });
        }
    }
    let first = domains.first().map_or(origin, |domain| &domain.name);
    findings.extend(skipped.iter().map(|error| {
        let (finding, start) = rules::not_read(text, error);
        let (place, fixes) = (places.place(error.span), places.fixes_at(start, &finding));
        Placed { domain: first.clone(), place, finding, fixes }
    }));
    for entry in zone.entries() {
        let Some((finding, start)) = written::check(text, entry) else { continue };
        // The nearest domain above it.
        let around = domains.iter().filter(|domain| entry.name.is_within(&domain.name));
        let domain = around.max_by_key(|domain| domain.name.label_count()).map_or(&entry.name, |domain| &domain.name);
        let (place, fixes) = (places.place(entry.span), places.fixes_at(start, &finding));
        findings.push(Placed { domain: domain.clone(), place, finding, fixes });
    }
    sort_by_key(&mut findings, |placed| (placed.place.line, placed.place.column, placed.finding.severity));
    Ok(Linted { domains, findings })
}

/// What there is to say about one domain, as far as the file can tell. Where a part of it is not known, nothing is missing.
fn look_at(zone: &Zone, inside: &Inside, domain: &Domain, is_whole: bool) -> Vec<Diagnostic> {
    let input =
        domain.selectors.iter().cloned().fold(domain::Input::new(domain.name.as_str()), domain::Input::selector);
    let answer = |question: &Question| {
        if !inside.has(&question.name) {
            return Failure::NotAsked.into();
        }
        let answer = zone.answer(question);
        if is_whole || answer.records().is_some() { answer } else { Failure::NotAsked.into() }
    };
    let known = drive_sync(&mut Snapshot::new(), answer, |dns| domain::check(dns, &input));
    let not_asked = Failure::NotAsked.as_str();
    known.findings.into_iter().filter(|found| found.params.get("failure") != Some(not_asked)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = r#"$ORIGIN d.example.
$TTL 300
@     SOA ns.d.example. hostmaster.d.example. 1 7200 3600 1209600 300
@     NS  ns.d.example.
ns    A   192.0.2.53
@     MX  10 mail
mail  A   192.0.2.25
@     TXT ( "v=spf1 include:_spf.elsewhere.example "  ; a service
            "ipv4:192.0.2.1 -all" )
_dmarc TXT "v=DMARC1; p=rejct; rua=mailto:a@d.example"
s1._domainkey TXT "v=DKIM1; k=rsa; p="
shop  TXT "v=spf1 mx -all -all"
sub   NS  ns.elsewhere.example.
_dmarc.sub TXT "v=DMARC1; p=nonsense"
"#;

    fn lines(text: &str) -> Vec<(String, u32, u32)> {
        let linted = lint(text, &Name::root()).unwrap();
        let told = linted.findings.iter();
        told.map(|placed| (placed.finding.code.to_string(), placed.place.line, placed.place.column)).collect()
    }

    /// RFC 1035 §5.1: blanks and tabs stand between items; other white space is in them.
    #[test]
    fn a_name_that_ends_with_a_vertical_tab_is_shown_as_a_whole() {
        let linted = lint("  a.example.\u{b}\u{a0} TXT x \nd.example. MX 1 m.d.example.", &Name::root()).unwrap();
        let found = linted.findings.iter().map(|placed| &placed.finding).find(|found| found.code == "zone-malformed");
        let label = &found.unwrap().primary;
        assert_eq!(label.subject.source().text(), "a.example.\u{b}\u{a0} TXT x");
        assert_eq!(label.subject.source().text()[label.span], *"a.example.\u{b}\u{a0}");
        let linted = lint("d.example. MX 1 m.d.example.\na.example.\u{b}", &Name::root()).unwrap();
        for placed in linted.findings {
            let label = placed.finding.primary;
            assert!(label.subject.source().text().get(label.span.range()).is_some(), "{label:?}");
        }
    }

    #[test]
    fn every_domain_is_looked_at() {
        let linted = lint(ZONE, &Name::root()).unwrap();
        let names: Vec<_> = linted.domains.iter().map(|domain| domain.name.as_str()).collect();
        assert_eq!(names, ["d.example", "shop.d.example"]);
        assert_eq!(linted.domains[0].selectors, ["s1".parse::<Name>().unwrap()]);
    }

    #[test]
    fn findings_have_their_line_and_column() {
        let found = lines(ZONE);
        // In the second string, on the second line of its record.
        assert!(found.contains(&("spf-mechanism-typo".to_owned(), 9, 14)), "{found:#?}");
        assert!(found.iter().any(|(code, line, _)| code.starts_with("dmarc-") && *line == 10), "{found:#?}");
        assert!(found.iter().any(|(code, line, _)| code.starts_with("spf-") && *line == 12), "{found:#?}");
    }

    /// Found by the fuzz target `zone_file`: a character of several octets has no place inside.
    #[test]
    fn places_beside_characters_of_several_octets() {
        let found = lines("d.example. TXT \"v=spf1 é ipv4:192.0.2.1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=é\"\n");
        assert!(found.contains(&("spf-mechanism-typo".to_owned(), 1, 26)), "{found:#?}");
        assert!(found.iter().any(|(code, line, _)| code.starts_with("dmarc-") && *line == 2), "{found:#?}");
    }

    #[test]
    fn nothing_is_claimed_about_what_is_elsewhere() {
        for placed in lint(ZONE, &Name::root()).unwrap().findings {
            // That it is looked up is in the file; what the look-up gives is not.
            let is_count = placed.finding.code == "spf-lookups-per-term";
            assert!(
                is_count || !placed.finding.message().contains("elsewhere.example"),
                "{}",
                placed.finding.message()
            );
        }
    }

    #[test]
    fn what_is_not_read_is_told_at_its_line() {
        let text = "$ORIGIN d.example.\n$INCLUDE more.inc\nversion.bind. CH TXT \"9\"\n@ TXT \"v=spf1 a:h7 a:gone include:x ipv4:192.0.2.1 -all\"\n\
                    $GENERATE 1-9 h$ A 192.0.2.$\n$GENERATE 1-9 ${0,1,q} A 192.0.2.$\n";
        let found = lines(text);
        for (code, line) in [("zone-include", 2), ("zone-class", 3), ("spf-mechanism-typo", 4), ("zone-generate", 6)] {
            assert!(found.iter().any(|found| (found.0.as_str(), found.1) == (code, line)), "{code}: {found:#?}");
        }
        // What the other file holds is not known, so nothing is missing.
        let missing = ["spf-void", "dmarc-record-missing", "spf-include-nxdomain"];
        assert!(!found.iter().any(|(code, ..)| missing.iter().any(|missing| code.starts_with(missing))), "{found:#?}");
    }

    /// `d.example` itself is not in the file, and what is below it is all the same about it.
    #[test]
    fn records_below_a_name_that_has_none() {
        let found =
            lines("_dmarc.d.example. TXT \"v=DMARC1; p=rejct\"\ns1._domainkey.e.example. TXT \"v=DKIM1; p=\"\n");
        assert!(found.iter().any(|(code, line, _)| code.starts_with("dmarc-") && *line == 1), "{found:#?}");
        assert!(found.contains(&("dkim-key-revoked".to_owned(), 2, 40)), "{found:#?}");
        assert!(
            !found.iter().any(|(code, ..)| ["spf-missing", "dmarc-missing"].contains(&code.as_str())),
            "{found:#?}"
        );
    }

    #[test]
    fn an_entry_that_cannot_be_read_hides_no_other() {
        let text = "$ORIGIN d.example.\n@ A 192.0.2.256\n  TXT \"v=spf1 ipv4:192.0.2.1 -all\n  TXT ( \"v=spf1\" \"oops\n \"-all\" )\n\
                    _dmarc TXT \"v=DMARC1; p=rejct\"\na..b A 192.0.2.1\n s1._domainkey A b c\n";
        let found = lines(text);
        for place in [(2, 5), (3, 7), (4, 18), (7, 1), (8, 2)] {
            assert!(found.contains(&("zone-malformed".to_owned(), place.0, place.1)), "{place:?}: {found:#?}");
        }
        assert!(found.iter().any(|(code, line, _)| code.starts_with("dmarc-") && *line == 6), "{found:#?}");
        assert!(!found.iter().any(|(code, ..)| code == "spf-missing"), "{found:#?}");
        let told = lint(text, &Name::root()).unwrap().findings.remove(0).finding;
        assert_eq!(
            told.message(),
            "`192.0.2.256` is not an IPv4 address; name servers load no file with such an entry"
        );
        let label = &told.primary;
        assert_eq!(&label.subject.source().text()[label.span], "192.0.2.256");
    }

    #[test]
    fn a_semicolon_outside_of_quotation_marks_ends_the_record() {
        let told = |line: &str| -> Vec<String> {
            let findings = lint(line, &Name::root()).unwrap().findings.into_iter();
            let cut = findings.filter(|placed| placed.finding.code == "zone-semicolon");
            cut.map(|placed| placed.finding.params.get("rest").unwrap().to_owned()).collect()
        };
        assert_eq!(
            told("_dmarc.d.example. TXT v=DMARC1; p=reject; rua=mailto:é@d.example"),
            ["p=reject; rua=mailto:é@d.example"]
        );
        assert_eq!(told("_dmarc.d.example. TXT ( v=DMARC1;p=reject\r\n )\r\n"), ["p=reject"]);
        for fine in ["\"v=DMARC1; p=none\" ; watched", "\"v=DMARC1; p=none\";watched", "v=DMARC1;", "v=spf1 ; ours"] {
            assert!(told(&format!("_dmarc.d.example. TXT {fine}")).is_empty(), "{fine}");
        }
    }

    /// It is something else, of which no line says anything.
    #[test]
    fn a_text_of_mistakes_is_no_zone_file() {
        let error = lint(&"Dear reader, this is no zone.\n".repeat(65), &Name::root()).unwrap_err();
        assert_eq!(error.line, 1);
        assert!(lint(&"Dear reader, this is no zone.\n".repeat(64), &Name::root()).is_ok());
    }

    #[test]
    fn a_file_without_soa_is_read_too() {
        let found = lines("d.example. TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n");
        assert!(found.contains(&("spf-mechanism-typo".to_owned(), 1, 24)), "{found:#?}");
        assert!(lines("").is_empty());
    }
}
