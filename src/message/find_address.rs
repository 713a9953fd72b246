//! Addresses inside free text, such as a display name.

/// What looks like an address with a domain of at least two labels, in order.
pub(crate) fn addresses_in(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(move |at| {
        // Nothing is looked at twice: a local-part begins after the `@` before it.
        let before = from;
        from = at + 1;
        let start =
            text[before..at].rfind(ends).map_or(before, |offset| before + offset + width(text, before + offset));
        let end = text[at + 1..].find(|c| ends(c) || c == '@').map_or(text.len(), |offset| at + 1 + offset);
        let domain = text[at + 1..end].trim_end_matches('.');
        let has_two_labels = domain.rsplit_once('.').is_some_and(|(parent, top)| !parent.is_empty() && !top.is_empty());
        (start < at && has_two_labels).then(|| &text[start..at + 1 + domain.len()])
    })
}

fn ends(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';' | ':')
}

fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        let found = |text| addresses_in(text).collect::<Vec<_>>();
        assert_eq!(found("\"ceo@bank.example\""), ["ceo@bank.example"]);
        assert_eq!(found("mail to ceo@bank.example, or b@x.example."), ["ceo@bank.example", "b@x.example"]);
        assert!(found("me @ home, a@b, @x.example, é@").is_empty());
    }

    #[test]
    fn many_ats_take_no_time() {
        assert_eq!(addresses_in(&"@".repeat(100_000)).count(), 0);
        assert_eq!(addresses_in(&"a@".repeat(100_000)).count(), 0);
    }
}
