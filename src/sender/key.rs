//! Addresses as they are compared.

use crate::Name;
use crate::text::{composed, lowercase};

/// An address in its one form for comparing: local-part without quotes and in lower case, domain in A-labels, lower case,
/// without final dot.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    pub(super) local: String,
    pub(super) domain: String,
}

impl Key {
    /// `None` for what is no address.
    pub(super) fn new(address: &str) -> Option<Self> {
        let (local, domain) = split(address)?;
        Some(Self { local: folded(&local), domain: mail_domain(domain.trim())? })
    }

    /// The domain as a name; `None` for an address literal.
    pub(super) fn name(&self) -> Option<Name> {
        if self.domain.starts_with('[') { None } else { Name::parse(&self.domain).ok() }
    }
}

fn split(address: &str) -> Option<(String, &str)> {
    if let Some(quoted) = address.strip_prefix('"') {
        let mut local = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => local.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    let domain = quoted[at + 1..].strip_prefix('@').filter(|domain| !domain.is_empty())?;
                    return Some((local, domain));
                }
                c => local.push(c),
            }
        }
        return None;
    }
    let (local, domain) = address.rsplit_once('@')?;
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>(),;:\\\"[]@".contains(c);
    (!local.is_empty() && !domain.is_empty() && local.chars().all(is_plain)).then(|| (local.to_owned(), domain))
}

/// Lower case, and composed characters (NFC) where there are others than ASCII.
pub(super) fn folded(local: &str) -> String {
    if local.is_ascii() {
        return local.to_ascii_lowercase();
    }
    // In this order: `J` with a caron is no character of its own, and `j` with one is.
    composed(&lowercase(local))
}

/// A domain as it is compared, or an address literal; `None` for what is neither.
fn mail_domain(domain: &str) -> Option<String> {
    if domain.starts_with('[') {
        let is_literal = domain.ends_with(']') && !domain.contains(|c: char| c.is_whitespace() || c.is_control());
        return is_literal.then(|| lowercase(domain));
    }
    let name = Name::parse(domain).ok().filter(Name::is_mail_domain)?;
    Some(name.as_str().to_owned())
}

pub(super) fn folded_domain(domain: &str) -> String {
    let domain = domain.trim();
    match Name::parse(domain) {
        Ok(name) if !domain.starts_with('[') => name.as_str().to_owned(),
        _ => lowercase(domain.trim_end_matches('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form() {
        let key = |address| Key::new(address).unwrap();
        assert_eq!(key("\"alice\"@Example.com."), key("ALICE@example.com"));
        assert_eq!(key("\"john\\ doe\"@d.example").local, "john doe");
        assert_eq!(key("a@münchen.example"), key("a@xn--mnchen-3ya.example"));
        assert_eq!(key("JU\u{308}RGEN@d.example"), key("jürgen@d.example"));
        assert_eq!(key("JU\u{308}RGEN+B.Q@d.example"), key("jürgen+b.q@d.example"));
        // Only the small letter has a character of its own with this mark.
        assert_eq!(key("J\u{30c}AN@d.example"), key("\u{1f0}an@d.example"));
        // To other servers these are other addresses: only domains drop and replace such characters.
        assert_ne!(key("bo\u{ad}b@d.example"), key("bob@d.example"));
        assert_ne!(key("ｂob@d.example"), key("bob@d.example"));
        assert_eq!(key("a@[IPv6:2001:DB8::1]").domain, "[ipv6:2001:db8::1]");
        // Of words that are no domain label the letters are still those of one address.
        assert_eq!(key("JÜRGEN-@d.example").local, "jürgen-");
        assert_eq!(key("J\u{200b}ÜRGEN@d.example"), key("j\u{200b}ürgen@d.example"));
        assert_eq!(key("-JU\u{308}RGEN.X@d.example").local, "-jürgen.x");
    }

    #[test]
    fn no_addresses() {
        for text in ["", "alice", "@d", "a@", "a b@d", "a@b@d", "\"a@d", "\"a\"d", "<a@d", "a\n@d"] {
            assert_eq!(Key::new(text), None, "{text}");
        }
        for text in [
            "bob@d..example",
            "bob@d example",
            "\"bob\"@d.example@evil.example",
            "bob@d.example>",
            "a@.",
            "a@[192.0.2.1",
        ] {
            assert_eq!(Key::new(text), None, "{text}");
        }
    }
}
