//! Links that a gateway replaced by its own, with the old one inside.

use super::Candidate;
use crate::dkim::forensics::{Edit, Scope, What};

/// Every link in its old form; in HTML with `&amp;` if the second way is asked for.
pub(super) const LINK_WAYS: usize = 2;

pub(super) fn links(body: &[u8], way: usize) -> Option<Candidate> {
    let mut edits = Vec::new();
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    let mut search = 0;
    while let Some(at) = memchr::memmem::find(&body[search..], b"http").map(|at| at + search) {
        let length = body[at..].iter().position(|b| b" \t\"'<>\r\n".contains(b)).unwrap_or(body.len() - at);
        let link = &body[at..at + length.min(MAX_LINK)];
        search = at + length.max(4);
        let Some(mut original) = inside(link) else { continue };
        if way == 1 {
            original = String::from_utf8_lossy(&original).replace('&', "&amp;").into_bytes();
        }
        out.extend_from_slice(&body[from..at]);
        out.extend_from_slice(&original);
        edits.push(Edit { at, length, original });
        from = at + length;
    }
    out.extend_from_slice(&body[from..]);
    let scope = Scope::Place;
    (!edits.is_empty()).then_some(Candidate { body: out, what: What::Replaced, scope, edits, deep: true })
}

/// Octets of one link.
const MAX_LINK: usize = 8_000;

/// Parameters in which gateways keep the link.
const PARAMETERS: &[&[u8]] = &[b"url=", b"u=", b"target=", b"redirect=", b"link=", b"q=", b"a="];

fn inside(link: &[u8]) -> Option<Vec<u8>> {
    let old = |text: Vec<u8>| (text.starts_with(b"http://") || text.starts_with(b"https://")).then_some(text);
    // `…/v3/__https://…__;…`
    if let Some(start) = memchr::memmem::find(link, b"/__http")
        && let Some(end) = memchr::memmem::rfind(link, b"__;")
    {
        return old(link.get(start + 3..end)?.to_vec());
    }
    let query = &link[memchr::memchr(b'?', link)? + 1..];
    let mut parts = query.split(|&b| b == b'&').map(|part| part.strip_prefix(b"amp;").unwrap_or(part));
    parts.find_map(|part| {
        let name =
            PARAMETERS.iter().find(|name| part.len() > name.len() && part[..name.len()].eq_ignore_ascii_case(name))?;
        old(decoded(&part[name.len()..]))
    })
}

/// Percent-encoding undone (RFC 3986 §2.1).
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return out,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
                // At most 255.
                out.push((value(*high) << 4 | value(*low)) as u8);
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn old_links() {
        let of = |link: &str| inside(link.as_bytes()).map(|old| String::from_utf8(old).unwrap());
        assert_eq!(
            of("https://s.example/?url=https%3A%2F%2Fd.example%2F%3Fa%3D1&data=x").unwrap(),
            "https://d.example/?a=1"
        );
        assert_eq!(of("https://u.example/v3/__https://d.example/x__;!!a!b$").unwrap(), "https://d.example/x");
        assert_eq!(of("https://d.example/?a=1"), None);
        assert_eq!(of("http"), None);
    }
}
