//! What to type into the form of a DNS provider. Forms differ, so there are three styles of a value and a short name.

use crate::Name;
use crate::dns::master;

/// A record as the forms of DNS providers want it.
///
/// ```
/// use mailproof::domain::Panel;
///
/// let zone = "example.com".parse()?;
/// let panel = Panel::text(&"_dmarc.example.com".parse()?, &zone, "v=DMARC1; p=none");
/// assert_eq!(panel.host, "_dmarc");
/// assert_eq!(panel.plain, "v=DMARC1; p=none");
/// assert_eq!(panel.quoted, "\"v=DMARC1; p=none\"");
/// assert_eq!(Panel::text(&zone, &zone, "v=spf1 -all").host, "@");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Panel {
    /// The name without that of the zone, which most forms add by themselves; `@` for the zone itself.
    pub host: String,
    /// The whole name, for forms that add nothing.
    pub name: String,
    /// The value as it is, for forms that quote and split by themselves.
    pub plain: String,
    /// The value in quotation marks, as one string; some forms take such a string to be long, others refuse it.
    pub quoted: String,
    /// The value as strings of at most 255 octets in quotation marks (RFC 1035 §3.3), as in a zone file.
    pub split: String,
}

impl Panel {
    /// The text record `value` at `owner`, in the form for `zone`.
    pub fn text(owner: &Name, zone: &Name, value: &str) -> Self {
        Self {
            host: host(owner, zone),
            name: owner.as_str().to_owned(),
            plain: value.to_owned(),
            quoted: master::quoted(value),
            split: master::quoted_strings(value),
        }
    }
}

/// The label in front of the zone's name.
fn host(owner: &Name, zone: &Name) -> String {
    if owner == zone {
        return "@".to_owned();
    }
    let below = owner.as_str().strip_suffix(zone.as_str()).filter(|_| owner.is_within(zone));
    below.map_or(owner.as_str(), |below| below.trim_end_matches('.')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_split() {
        let (owner, zone) = ("a.b.example".parse().unwrap(), "b.example".parse().unwrap());
        let value = "é".repeat(200) + "\"";
        let panel = Panel::text(&owner, &zone, &value);
        assert_eq!(crate::report::pasted(&panel.split).text(), value);
        assert!(crate::report::pasted(&panel.split).strings().all(|string| string.text.len() <= master::MAX_STRING));
        assert_eq!(crate::report::pasted(&panel.quoted).text(), value);
        assert_eq!(Panel::text(&"x.other".parse().unwrap(), &zone, "").split, "\"\"");
        assert_eq!(panel.host, "a");
    }
    /// As the DNS gives a zone file's text (RFC 1035 §5.1): the strings of the one record.
    fn published(written: &str) -> Vec<String> {
        let zone = crate::resolver::Zone::parse(&format!("x.example. TXT {written}")).unwrap();
        let question = crate::dns::Question::new("x.example".parse().unwrap(), crate::dns::RecordType::Txt);
        let answer = zone.answer(&question);
        let [text] = answer.txts() else { panic!("{written}: {answer:?}") };
        text.strings().map(|string| string.text.to_owned()).collect()
    }

    #[test]
    fn hard_characters() {
        let zone = "b.example".parse().unwrap();
        for value in [
            "",
            " ",
            "\"",
            "\\",
            "\\\"",
            "ends in \\",
            "v=DMARC1; p=none; rua=mailto:a@b.example",
            "\"v=spf1 -all\"",
            "a \\; b",
            "( not a group ) ; no comment",
            "\\059 \\\\059",
            "žluťoučký 鍵 🔑",
        ] {
            let panel = Panel::text(&zone, &zone, value);
            assert_eq!(panel.plain, value);
            assert_eq!(panel.quoted, panel.split, "{value}");
            assert_eq!(published(&panel.quoted).concat(), value);
            assert_eq!(crate::report::pasted(&panel.quoted).text(), value);
        }
    }

    #[test]
    fn lengths_around_a_string() {
        let zone = "b.example".parse().unwrap();
        for (length, strings) in [(254, 1), (255, 1), (256, 2), (510, 2), (511, 3), (4096, 17)] {
            // What is escaped counts as one octet, however many are written.
            for fill in ["x", "\"", "\\"] {
                let value = fill.repeat(length);
                let pieces = published(&Panel::text(&zone, &zone, &value).split);
                assert_eq!((pieces.len(), pieces.concat()), (strings, value), "{length} {fill}");
            }
        }
        // A character of several octets at the limit goes into the next string as a whole.
        for character in ["é", "鍵", "🔑"] {
            for before in 250..=255 {
                let value = format!("{}{character}tail", "x".repeat(before));
                let pieces = published(&Panel::text(&zone, &zone, &value).split);
                assert!(pieces.iter().all(|piece| piece.len() <= master::MAX_STRING));
                assert_eq!(pieces.concat(), value);
            }
        }
    }

    #[test]
    fn short_names() {
        let host = |owner: &str, zone: &str| Panel::text(&owner.parse().unwrap(), &zone.parse().unwrap(), "").host;
        assert_eq!(host("b.example", "B.Example"), "@");
        assert_eq!(host("S1._domainkey.b.example", "b.example").to_ascii_lowercase(), "s1._domainkey");
        assert_eq!(host("*._domainkey.b.example", "b.example"), "*._domainkey");
        // The end of a name is no label of its own.
        assert_eq!(host("ab.example", "b.example"), "ab.example");
        assert_eq!(host("example", "b.example"), "example");
        assert_eq!(host("b.example", "."), "b.example");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_is_what_is_published(value in "(\\PC|[\"\\\\; ()]){0,300}") {
            let zone = "b.example".parse().unwrap();
            let panel = Panel::text(&zone, &zone, &value);
            let pieces = published(&panel.split);
            proptest::prop_assert!(pieces.iter().all(|piece| piece.len() <= master::MAX_STRING));
            proptest::prop_assert_eq!(pieces.concat(), value);
        }
    }
}
