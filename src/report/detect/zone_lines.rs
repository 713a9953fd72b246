//! Records as people paste them: zone file lines, the answers of `dig`, `host` and `nslookup`, fields of a DNS panel in a row.
//!
//! More lenient than a zone file: without quotes, without a final dot, with or without TTL and class.

use crate::Name;
use crate::dns::RecordType;
use crate::report::{Kind, pasted};

/// One record.
///
/// ```
/// use mailproof::report::{Detected, Kind};
///
/// let pasted = r#"_dmarc.example.com. 3600 IN TXT "v=DMARC1; " "p=reject""#;
/// let Detected::Zone { records } = Detected::of(pasted) else { panic!() };
/// assert_eq!(records[0].owner, "_dmarc.example.com");
/// assert_eq!((records[0].data.as_str(), records[0].kind), ("v=DMARC1; p=reject", Some(Kind::Dmarc)));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ZoneLine {
    /// Its owner, as written, without a final dot.
    pub owner: String,
    /// Its type.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub record_type: RecordType,
    /// Its data; the joined text of a TXT record.
    pub data: String,
    /// What a TXT record is.
    pub kind: Option<Kind>,
}

/// The records in a text; none if any line, comments aside, is something else.
pub(super) fn read(text: &str) -> Vec<ZoneLine> {
    let mut records = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(';') || line.starts_with('$') {
            continue;
        }
        let Some(record) = record(line) else { return Vec::new() };
        records.push(record);
    }
    records
}

fn record(line: &str) -> Option<ZoneLine> {
    let (owner, rest) = word(line)?;
    let (record_type, data) = zone_file(rest).or_else(|| tool(rest))?;
    let owner = owner.strip_suffix('.').filter(|owner| !owner.is_empty()).unwrap_or(owner);
    if owner != "@" && owner != "." {
        Name::parse(owner).ok()?;
    }
    let is_txt = record_type == RecordType::Txt;
    let data = if is_txt { pasted(data).text().to_owned() } else { data.to_owned() };
    let kind = Kind::detect(&data).filter(|_| is_txt);
    Some(ZoneLine { owner: owner.to_owned(), record_type, data, kind })
}

/// `[ttl] [class] type data`, with TTL and class in either order (RFC 1035 §5.1).
fn zone_file(mut rest: &str) -> Option<(RecordType, &str)> {
    for _ in 0..3 {
        let (next, after) = word(rest)?;
        if let Ok(record_type) = next.to_ascii_uppercase().parse() {
            return (!after.is_empty()).then_some((record_type, after));
        }
        let ttl = next.bytes().all(|b| b.is_ascii_digit());
        if !ttl && !["IN", "CH", "HS"].iter().any(|class| next.eq_ignore_ascii_case(class)) {
            return None;
        }
        rest = after;
    }
    None
}

/// What `host` and `nslookup` say.
fn tool(rest: &str) -> Option<(RecordType, &str)> {
    const WORDS: &[(&str, RecordType)] = &[
        ("descriptive text ", RecordType::Txt),
        ("text = ", RecordType::Txt),
        ("mail is handled by ", RecordType::Mx),
        ("mail exchanger = ", RecordType::Mx),
        ("has address ", RecordType::A),
        ("has IPv6 address ", RecordType::Aaaa),
        ("is an alias for ", RecordType::Cname),
        ("canonical name = ", RecordType::Cname),
        ("name server ", RecordType::Ns),
    ];
    let found = |(words, record_type): &(&str, RecordType)| Some((*record_type, rest.strip_prefix(words)?.trim()));
    WORDS.iter().find_map(found).filter(|(_, data)| !data.is_empty())
}

/// The first word, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| (&text[..end], text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever pastes a whole zone misses none of its records, and no prose behind it makes one.
    #[test]
    fn every_line_is_read() {
        let zone = "d.example. TXT \"v=spf1 -all\"\n".repeat(1_500);
        assert_eq!(read(&zone).len(), 1_500);
        assert!(read(&format!("{zone}See you at lunch.\n")).is_empty());
    }

    #[test]
    fn every_way_to_write_a_record() {
        for line in [
            "d.example. 3600 IN TXT \"v=spf1 a\" \" -all\"",
            "d.example IN 3600 TXT v=spf1 a -all",
            "d.example txt \"v=spf1 a -all\"",
            "d.example descriptive text \"v=spf1 a -all\"",
            "d.example\ttext = \"v=spf1 a -all\"",
        ] {
            let expected = ZoneLine {
                owner: "d.example".to_owned(),
                record_type: RecordType::Txt,
                data: "v=spf1 a -all".to_owned(),
                kind: Some(Kind::Spf),
            };
            assert_eq!(read(line), [expected], "{line}");
        }
        let mx = &read("; comment\n\nd.example mail is handled by 10 mx.d.example.")[0];
        assert_eq!((mx.record_type, mx.data.as_str(), mx.kind), (RecordType::Mx, "10 mx.d.example.", None));
        assert_eq!(read("@ 300 IN MX 10 mx")[0].owner, "@");
    }

    #[test]
    fn other_lines_are_no_records() {
        for text in [
            "",
            "; only a comment",
            "d.example",
            "d.example TXT",
            "d.example IN IN IN TXT x",
            "please use TXT now",
            "a TXT b\nhello",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
