//! Addresses as they are compared.

use crate::Name;
use crate::text::{lowercase, to_ascii, to_unicode};

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
        Some(Self { local: folded(&local), domain: folded_domain(domain) })
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
    // Word by word: marks have no place in a label.
    let mut folded = String::with_capacity(local.len());
    let mut words = local;
    while let Some(mark) = words.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()) {
        folded.push_str(&folded_word(&words[..mark]));
        folded.push_str(&words[mark..=mark]);
        words = &words[mark + 1..];
    }
    folded + &folded_word(words)
}

/// The mapping of UTS 46 lowers and composes; it is here already, for domains.
fn folded_word(word: &str) -> String {
    match to_ascii(word) {
        Some(label) if !word.is_ascii() => to_unicode(&label).unwrap_or(label),
        _ => lowercase(word),
    }
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
        assert_eq!(key("JU\u{308}RGEN+Ｂ.Q@d.example"), key("jürgen+b.q@d.example"));
        assert_eq!(key("a@[IPv6:2001:DB8::1]").domain, "[ipv6:2001:db8::1]");
    }

    #[test]
    fn no_addresses() {
        for text in ["", "alice", "@d", "a@", "a b@d", "a@b@d", "\"a@d", "\"a\"d", "<a@d", "a\n@d"] {
            assert_eq!(Key::new(text), None, "{text}");
        }
    }
}
