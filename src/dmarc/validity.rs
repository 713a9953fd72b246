//! Whether a record follows a grammar to the letter. Receivers use much that does not.

use super::uri::Uri;
use super::{PartKind, Record, Stated, Tag};
use crate::order::sort_by;
use crate::text::Span;

impl Record {
    /// Whether it follows the grammar of RFC 9989 §4.8, every known tag has a value that Table 2 allows, no tag stands
    /// twice (RFC 6376 §3.2), and it asks for something: `p`, or a report destination instead.
    ///
    /// A record that does not is used all the same where [`Record::request`] says so.
    ///
    /// ```
    /// use mailproof::dmarc::Record;
    ///
    /// assert!(Record::parse("v=DMARC1; p=reject; rua=mailto:d@example.com").is_valid());
    /// // Receivers use the first `p`; the record is no valid one.
    /// assert!(!Record::parse("v=DMARC1; p=reject; p=none").is_valid());
    /// ```
    pub fn is_valid(&self) -> bool {
        self.is_dmarc()
            && self.parts().iter().all(|part| self.follows_abnf(part.kind))
            && !self.repeats_a_tag()
            && (self.p().value().is_some() || (self.p().is_absent() && self.has_usable_rua()))
            && ![self.p().is_invalid(), self.sp().is_invalid(), self.np().is_invalid()].contains(&true)
            && ![self.adkim().is_invalid(), self.aspf().is_invalid()].contains(&true)
            && ![self.psd().is_invalid(), self.t().is_invalid(), self.fo().is_invalid()].contains(&true)
            && self.rua().iter().chain(self.ruf()).all(Uri::is_valid)
    }

    /// Whether it follows the grammar of RFC 7489 §6.4, which wants `p` right after `v`, knows `pct`, `rf` and `ri`, and
    /// neither `np` nor `psd` nor `t`.
    ///
    /// ```
    /// use mailproof::dmarc::Record;
    ///
    /// let record = Record::parse("v=DMARC1; sp=none; p=reject");
    /// assert!(record.is_valid() && !record.is_valid_rfc7489(), "RFC 9989 does not mind the order");
    /// ```
    pub fn is_valid_rfc7489(&self) -> bool {
        let second = self.tags().next().map(|(tag, _, _)| tag);
        let asks = match self.p() {
            Stated::Valid { .. } => second == Some(Tag::P),
            Stated::Absent => self.has_usable_rua(),
            Stated::Invalid { .. } => false,
        };
        self.is_dmarc()
            && asks
            && self.parts().iter().all(|part| self.follows_abnf(part.kind))
            && !self.repeats_a_tag()
            && ![self.sp().is_invalid(), self.adkim().is_invalid(), self.aspf().is_invalid()].contains(&true)
            && self.rua().iter().chain(self.ruf()).all(Uri::is_valid)
            && self.tags().all(|(tag, _, value)| {
                let value = &self.source().text()[value];
                match tag {
                    Tag::Fo => {
                        value.split(':').all(|o| ["0", "1", "d", "s"].iter().any(|k| o.trim().eq_ignore_ascii_case(k)))
                    }
                    Tag::Pct => !self.pct().is_invalid(),
                    Tag::Ri => value.bytes().all(|b| b.is_ascii_digit()),
                    Tag::Rf => value.split(':').all(|word| is_keyword(word.trim())),
                    _ => true,
                }
            })
    }

    /// `dmarc-tag`: a name of letters, a value of printable ASCII that is not empty.
    fn follows_abnf(&self, kind: PartKind) -> bool {
        let PartKind::Tag { name, value, .. } = kind else { return false };
        let text = |span: Span| &self.source().text()[span];
        !name.is_empty()
            && text(name).bytes().all(|b| b.is_ascii_alphabetic())
            && !value.is_empty()
            && text(value).bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\t' && may_hold_tab(kind))
    }

    fn repeats_a_tag(&self) -> bool {
        let mut names: Vec<String> =
            self.tags().map(|(_, name, _)| self.source().text()[name].to_ascii_lowercase()).collect();
        let all = names.len();
        names.push("v".to_owned());
        sort_by(&mut names, Ord::cmp);
        names.dedup();
        names.len() <= all
    }
}

/// `dmarc-urilist` has WSP around its commas, although `dmarc-value` has no TAB: the more exact rule decides.
fn may_hold_tab(kind: PartKind) -> bool {
    matches!(kind, PartKind::Tag { tag: Tag::Rua | Tag::Ruf, .. })
}

/// `Keyword` of RFC 7489 §6.4 (RFC 5321 §4.1.2, `Ldh-str`): letters, digits and hyphens, not ending in a hyphen.
fn is_keyword(word: &str) -> bool {
    !word.is_empty() && !word.ends_with('-') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a record is valid by RFC 9989 §4.8 and by RFC 7489 §6.4.
    fn valid(text: &str) -> (bool, bool) {
        let record = Record::parse(text);
        (record.is_valid(), record.is_valid_rfc7489())
    }

    #[test]
    fn valid_in_both_generations() {
        for text in [
            "v=DMARC1; p=reject",
            "v=DMARC1;p=none;sp=quarantine;adkim=s;aspf=r;fo=1:d:s;rua=mailto:a@d.example,mailto:b@d.example;",
            "v=DMARC1; p=none; ruf=mailto:a@d.example",
            "v=DMARC1; rua=mailto:a@d.example",
            "v=DMARC1; p=none; rua=mailto:a@d.example\t,\tmailto:b@d.example",
            "v=DMARC1; p=none; unknown=a b",
            "v=DMARC1; p=none; pct=100; ri=86400; rf=afrf:x-1",
        ] {
            assert_eq!(valid(text), (true, true), "{text}");
        }
    }

    #[test]
    fn valid_in_neither() {
        for text in [
            "v=spf1 -all",
            "v=DMARC1",
            "v=DMARC1; p=rejects",
            "v=DMARC1; sp=none",
            "v=DMARC1; rua=a@d.example",
            "v=DMARC1; p=none; sp=x",
            "v=DMARC1; p=none; adkim=x",
            "v=DMARC1; p=none; aspf=x",
            "v=DMARC1; p=none; fo=x",
            "v=DMARC1; p=none; rua=a@d.example",
            "v=DMARC1; p=none; ruf=a@d.example",
            // The grammar of a tag: a name of letters, `=`, printable octets.
            "v=DMARC1; p=none; word",
            "v=DMARC1; p=none; =x",
            "v=DMARC1; p=none; x1=y",
            "v=DMARC1; p=none; x=",
            "v=DMARC1; p=none; x=a\tb",
            "v=DMARC1; p=none; x=é",
            // RFC 6376 §3.2: "Tags with duplicate names MUST NOT occur".
            "v=DMARC1; p=none; p=none",
            "v=DMARC1; p=none; x=1; X=2",
            "v=DMARC1; p=none; v=DMARC1",
        ] {
            assert_eq!(valid(text), (false, false), "{text}");
        }
    }

    #[test]
    fn valid_in_one_generation() {
        for (text, expected) in [
            // RFC 9989 has these tags, and to RFC 7489 they are unknown ones.
            ("v=DMARC1; p=none; np=x", (false, true)),
            ("v=DMARC1; p=none; psd=x", (false, true)),
            ("v=DMARC1; p=none; t=x", (false, true)),
            // RFC 7489 §6.4 wants `p` second, and has these; to RFC 9989 they are unknown.
            ("v=DMARC1; sp=none; p=reject", (true, false)),
            ("v=DMARC1; p=none; pct=101", (true, false)),
            ("v=DMARC1; p=none; ri=1d", (true, false)),
            ("v=DMARC1; p=none; rf=afrf-", (true, false)),
            ("v=DMARC1; p=none; rf=a_b", (true, false)),
            ("v=DMARC1; p=none; rf=afrf:", (true, false)),
        ] {
            assert_eq!(valid(text), expected, "{text}");
        }
    }
}
