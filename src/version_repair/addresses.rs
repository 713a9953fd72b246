//! Addresses in records, and how they are damaged.

use crate::finding::Applicability;
use crate::order::set;

/// What stands around an address by habit: quotation marks, and what mail programs write.
pub(crate) const AROUND: [char; 10] = ['=', '"', '\'', '`', '“', '”', '„', '<', '>', '\\'];

/// The address of a server, `https://`, that is meant by a text that is none; what to do, and how sure it is.
pub(crate) fn https(text: &str) -> Option<(String, &'static str, Applicability)> {
    let plain = text.trim_matches(AROUND).trim();
    let scheme = plain.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let rest = plain[scheme.len()..].trim_start_matches([':', '/']);
    let is = |known: &str| known.eq_ignore_ascii_case(scheme) && rest.len() < plain.len() - scheme.len();
    let title = "write `https://`";
    if is("https") && plain[scheme.len()..].starts_with("://") {
        Some((plain.to_owned(), "write it as a URI", Applicability::MachineApplicable))
    } else if is("https") {
        Some((format!("https://{rest}"), title, Applicability::MachineApplicable))
    } else if is("http") {
        // Whether the server speaks TLS, nobody knows from here.
        Some((format!("https://{rest}"), title, Applicability::MaybeIncorrect))
    } else {
        let bare = plain.trim_start_matches('/');
        let has_host = !bare.contains([':', '@']) && bare.split('/').next().is_some_and(|host| host.contains('.'));
        has_host.then(|| (format!("https://{bare}"), title, Applicability::MaybeIncorrect))
    }
}

/// Whether every address of `text` stands in `mended` too, however it is written there.
pub(crate) fn keeps_addresses(text: &str, mended: &str) -> bool {
    let (before, after) = (set(addresses(text)), set(addresses(mended)));
    // What was torn apart is a piece of one that is new.
    let mut torn = before.iter().filter(|address| !after.contains(*address));
    let new: Vec<&&str> = after.iter().filter(|address| !before.contains(*address)).collect();
    torn.by_ref().take(MAX_TORN).all(|address| new.iter().any(|new| new.contains(address))) && torn.next().is_none()
}

/// Pieces that are looked for in every new address. More of them count as lost.
const MAX_TORN: usize = 100;

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| c.is_whitespace() || !c.is_ascii() || ";,:=!?#&<>()\"'`\\".contains(c);
    let words = text.split(is_end).filter(|word| is_address(word));
    words.map(|word| word[word.find("//").unwrap_or(0)..].trim_matches(['/', '.']))
}

/// Whether there is an address in the text. A slash may also stand for another sign: `v=TLSRPTv1/rua=…`
pub(super) fn is_address(text: &str) -> bool {
    text.contains('@') || text.contains("//") || text.contains('/') && text.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_by_a_damaged_address() {
        for text in [
            "\"https://d.example/l\"",
            "<https://d.example/l>",
            "https//d.example/l",
            "https:/d.example/l",
            "http://d.example/l",
            "http:d.example/l",
            "//d.example/l",
            "d.example/l",
        ] {
            assert_eq!(https(text).map(|(meant, ..)| meant).as_deref(), Some("https://d.example/l"), "{text}");
        }
        for text in ["", "self", "ftp://d.example/l", "a@d.example", "mailto:a@d.example"] {
            assert_eq!(https(text), None, "{text}");
        }
    }

    #[test]
    fn where_addresses_are_kept() {
        for (text, mended) in [
            ("rua=mailto: a@d.example!10m", "rua=mailto:a@d.example"),
            ("l=http:/d.example/l.svg", "l=https://d.example/l.svg"),
            ("\"l=https://d.example/l.svg\"", "l=https://d.example/l.svg"),
            ("v=TLSRPTv1/rua=mailto:a@d.example", "v=TLSRPTv1;rua=mailto:a@d.example"),
        ] {
            assert!(keeps_addresses(text, mended), "{text}");
        }
        // Torn apart, and together again.
        for (text, mended) in [
            ("rua=mailto:a,b@d.example", "rua=mailto:a%2Cb@d.example"),
            ("rua=mailto:a b@d.example", "rua=mailto:ab@d.example"),
            ("l=https://d.example/a b.svg", "l=https://d.example/ab.svg"),
        ] {
            assert!(keeps_addresses(text, mended), "{text}");
        }
        for text in [
            "rua=mailto:ba@d.example; a@d.example",
            "rua=mailto:ba@d.example; https://d.example/t",
            "rua=mailto:ba@d.example; mailto:a@d.exam",
            "rua=mailto:ba@d.example; https://d.example/",
            "rua=mailto:ba@d.example; https://d.example",
        ] {
            assert!(!keeps_addresses(text, "rua=mailto:ba@d.example"), "{text}");
        }
    }
}
