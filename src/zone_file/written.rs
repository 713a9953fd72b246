//! Entries that servers read otherwise than they are meant.

use super::rules::{line_of, shown};
use crate::dns::master::MAX_STRING;
use crate::dns::{RecordType, Records};
use crate::finding::{Diagnostic, Edit, Fix, Label, Subject, rules};
use crate::resolver::zone::{Data, Entry};
use crate::text::Span;

rules! {
    /// # A record ends at its first semicolon
    ///
    /// A semicolon begins a comment in a zone file, unless it stands in quotation marks: what follows it is not in the record.
    /// Records of DMARC, DKIM and MTA-STS need quotation marks around them, since they have semicolons.
    ///
    /// ```zone-file bad
    /// _dmarc.d.example. TXT v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```zone-file good
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:d@d.example"
    /// ```
    SEMICOLON = "zone-semicolon", Error, PartIgnored, ["RFC 1035 §5.1"],
        "`{rest}` is a comment and not in the record, since `;` stands outside of quotation marks: put the text into `\"…\"`";

    /// # An indented line takes the owner above
    ///
    /// A line that begins with white space has no owner of its own: it takes the one above. Nearly always servers cannot read a line
    /// that is indented and has an owner all the same. Where the owner's name is that of a type, they read it as the type, and
    /// no record is where it was meant to be.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 a:srv.d.example -all"
    ///   srv A 192.0.2.1
    /// ```
    ///
    /// Owners stand at the start of the line:
    ///
    /// ```zone-file good
    /// $ORIGIN d.example.
    /// @ TXT "v=spf1 a:srv.d.example -all"
    /// srv A 192.0.2.1
    /// ```
    INDENTED = "zone-indented-owner", Warning, Ok, ["RFC 1035 §5.1"],
        "`{first}` is read as {part}, since white space stands before it: the record is one of `{owner}`";
}

/// A finding about a part of the file, and where in the file the text begins that it is about.
pub(super) type InFile = (Diagnostic, usize);

/// What is told of an entry that is not what it looks like.
pub(super) fn check(file: &str, entry: &Entry) -> Option<InFile> {
    cut_off(file, entry).or_else(|| indented(file, entry))
}

/// A text that a comment cuts off: it stands directly behind the last word, as nobody writes a comment.
fn cut_off(file: &str, entry: &Entry) -> Option<InFile> {
    let Data::Record(Records::Txt(texts) | Records::Spf(texts)) = &entry.data else { return None };
    let (text, behind) = (file.get(entry.span.range())?, file.get(entry.span.end as usize..)?);
    let rest = behind.strip_prefix(';')?.lines().next()?.trim_end();
    if rest.trim().is_empty() || text.ends_with('"') {
        return None;
    }
    let start = entry.span.end as usize;
    let (line, span) = line_of(file, Span::new(start, start + 1 + rest.len()));
    let mut found = Diagnostic::new(&SEMICOLON, Label::new(&Subject::given(line), span));
    found.arg("rest", shown(rest.trim()));
    let (strings, line_start) = (texts.first().map_or(0, |text| text.strings().count()), Span::of(line, file).start);
    if line_start <= entry.span.start {
        found.fixes.extend(quoted(line, strings, span));
    }
    Some((found, line_start as usize))
}

/// Quotation marks around all that stands from the first of so many strings to the end of the rest.
fn quoted(line: &str, strings: usize, rest: Span) -> Option<Fix> {
    let before = line.get(..rest.start as usize)?;
    let first = before.split_ascii_whitespace().rev().nth(strings.checked_sub(1)?)?;
    let text = Span::of(first, line).to(rest);
    // Quotation marks and escapes would mean something else inside, and parentheses go on below.
    if text.len() > MAX_STRING || line[..rest.end as usize].contains(['"', '\\', '(', ')']) {
        return None;
    }
    let edits = [Edit::insert(text.start as usize, "\""), Edit::insert(text.end as usize, "\"")];
    let title = "put the text into quotation marks";
    // What is no tag may be a comment after all.
    let is_tag_list = line[text].split(';').all(|tag| tag.trim().is_empty() || tag.contains('='));
    Some(if is_tag_list { Fix::machine(title, edits) } else { Fix::maybe(title, edits) })
}

/// A line without an owner that could be read as one with an owner too.
fn indented(file: &str, entry: &Entry) -> Option<InFile> {
    let (line, _, start) = line_with_indent(file, entry.span);
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    let span = Span::of(first, line);
    let is_type = |word: &str| word.parse::<RecordType>().is_ok();
    let is_then_type = words.find(|word| !word.eq_ignore_ascii_case("IN")).is_some_and(is_type);
    // Where every line is indented, it is the owner.
    let is_owner = entry.name.as_str().split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(first));
    if span.start == 0 || start + span.start as usize != entry.span.start as usize || is_owner || !is_then_type {
        return None;
    }
    let is = |name: &str| name.eq_ignore_ascii_case(first);
    let part = match &entry.data {
        // Those begin with a type, or with a name and then types.
        Data::Other(name) if is(name) && !["RRSIG", "SIG", "NSEC", "NXT"].into_iter().any(is) => "the type",
        Data::Record(Records::Txt(_)) if is("TXT") => "the type",
        // Where the names of IPv4 addresses are numbers.
        Data::Record(Records::Ptr(_))
            if entry.name.as_str().ends_with(".in-addr.arpa") && first.parse::<u8>().is_ok() =>
        {
            "the TTL"
        }
        _ => return None,
    };
    let mut found = Diagnostic::new(&INDENTED, Label::new(&Subject::given(line), span));
    found.arg("first", first).arg("part", part).arg("owner", &entry.name);
    found.fix(without_indent(span));
    Some((found, start))
}

/// Takes away what stands before the first word of a line.
pub(super) fn without_indent(first: Span) -> Fix {
    Fix::maybe("let the owner stand at the start of the line", [Edit::delete(Span::new(0, first.start as usize))])
}

/// The line that a place begins on, with the white space that it begins with; the part that the place takes of it; where it begins.
pub(super) fn line_with_indent(file: &str, place: Span) -> (&str, Span, usize) {
    let at = file.floor_char_boundary(place.start as usize);
    let start = file[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = file[start..].lines().next().unwrap_or_default().trim_end();
    let within = |place: u32| (place as usize).saturating_sub(start).min(line.len());
    (line, Span::new(within(place.start), within(place.end)), start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;
    use crate::zone_file::{Placed, lint};

    fn told(code: &str, file: &str) -> Vec<Placed> {
        let findings = lint(file, &Name::root()).unwrap().findings;
        findings.into_iter().filter(|placed| placed.finding.code == code).collect()
    }

    /// The file after the first fix of a finding.
    fn mended(file: &str, placed: &Placed) -> String {
        let lines: Vec<&str> = file.split_inclusive('\n').collect();
        let offset = |line: u32, column: u32| {
            let line = line as usize - 1;
            let before: usize = lines[..line].iter().map(|line| line.len()).sum();
            before + lines[line].chars().take(column as usize - 1).map(char::len_utf8).sum::<usize>()
        };
        let edit = |(place, text): &(crate::zone_file::Place, String)| {
            let span = Span::new(offset(place.line, place.column), offset(place.end_line, place.end_column));
            Edit::replace(span, text)
        };
        crate::finding::apply(file, &placed.fixes[0].edits.iter().map(edit).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn an_owner_behind_white_space_is_told() {
        let file = "$ORIGIN d.example.\n@ TXT \"v=spf1 a:srv a:txt -all\"\n  srv A 192.0.2.1\n\ttxt IN TXT \"é\"\n";
        let found = told("zone-indented-owner", file);
        let places: Vec<_> = found.iter().map(|placed| (placed.place.line, placed.place.column)).collect();
        assert_eq!(places, [(3, 3), (4, 2)]);
        assert_eq!(
            found[0].finding.message(),
            "`srv` is read as the type, since white space stands before it: the record is one of `d.example`"
        );
        assert!(mended(file, &found[0]).contains("\nsrv A"));
        let reverse = "$ORIGIN 2.0.192.in-addr.arpa.\n1 PTR a.d.example.\n  2 PTR b.d.example.\n";
        assert_eq!(told("zone-indented-owner", reverse).len(), 1);
    }

    #[test]
    fn a_line_that_means_the_owner_above_is_not_told() {
        for fine in [
            "d.example. A 192.0.2.1\n  TXT \"txt\" \"a\"\n  300 IN MX 10 mx\n  SRV 0 0 5060 a\n  RRSIG A 13 2 300 x\n",
            "d.example. A 192.0.2.1\n  300 PTR b.d.example.\n  HINFO PC Unix\n",
            "  srv A 192.0.2.1\n  txt TXT \"a\"\n",
        ] {
            assert!(told("zone-indented-owner", fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn what_servers_cannot_read_has_its_repair() {
        let file = "d.example. TXT \"v=spf1 -all\"\n  _dmarc.d.example. TXT \"v=DMARC1; p=none\"\n";
        let found = told("zone-malformed", file).remove(0);
        assert_eq!(
            (found.place.line, found.place.column, found.finding.primary.quoted().as_str()),
            (2, 3, "_dmarc.d.example.")
        );
        assert!(mended(file, &found).contains("\n_dmarc."));
        let long =
            format!("; é\ns1._domainkey.d.example. TXT \"p={}\\059{}\" ; key\n", "A".repeat(252), "é".repeat(130));
        let found = told("zone-malformed", &long).remove(0);
        let mended = mended(&long, &found);
        assert!(mended.contains("A\\059\" \"é") && mended.contains("é\" \"ééé\" ; key"), "{mended}");
        assert!(told("zone-malformed", &mended).is_empty());
        // A backslash stays before its character, and is no octet of the string.
        for start in ["", "a", "aa"] {
            let file = format!("d.example. TXT \"{start}{}\"", "\\é".repeat(200));
            let found = told("zone-malformed", &file).remove(0);
            let mended = super::tests::mended(&file, &found);
            assert!(told("zone-malformed", &mended).is_empty() && !mended.contains("\\\""), "{mended}");
            assert_eq!(mended.matches("\" \"").count(), 1, "{mended}");
        }
        let unquoted = format!("s1._domainkey.d.example. TXT p={}", "A".repeat(300));
        assert!(told("zone-malformed", &unquoted)[0].fixes.is_empty());
    }

    #[test]
    fn a_record_that_a_semicolon_cuts_off_is_put_into_quotation_marks() {
        let first = |file: &str| told("zone-semicolon", file).remove(0);
        let file = "; é\n_dmarc.d.example. TXT v=DMARC1; p=reject; rua=mailto:d@d.example\r\nd.example. MX 0 .\n";
        let found = first(file);
        assert_eq!(found.finding.fixes[0].applicability, crate::finding::Applicability::MachineApplicable);
        let mended = mended(file, &found);
        assert!(mended.contains(" TXT \"v=DMARC1; p=reject; rua=mailto:d@d.example\"\r\n"), "{mended}");
        assert!(told("zone-semicolon", &mended).is_empty());
        // Words of one text, and what may be a comment.
        let spaced = "d.example. TXT v=spf1 mx -all;ours";
        let found = first(spaced);
        assert_eq!(found.finding.fixes[0].applicability, crate::finding::Applicability::MaybeIncorrect);
        assert_eq!(super::tests::mended(spaced, &found), "d.example. TXT \"v=spf1 mx -all;ours\"");
        for unsure in
            ["( v=DMARC1;p=none\n )", "(\nv=DMARC1;p=none\n )", "\"v=DMARC1\" a;p=none", "v=DMARC1\\032;p=none"]
        {
            assert!(first(&format!("_dmarc.d.example. TXT {unsure}")).fixes.is_empty(), "{unsure}");
        }
    }
}
