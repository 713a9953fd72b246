//! Domains that look like others: letters of other scripts in the place of Latin ones (UTS 39 §4, the part that matters for
//! domain names).

/// `text` with each letter that looks like a Latin lower-case letter replaced by that letter.
pub(crate) fn skeleton(text: &str) -> String {
    text.chars().map(latin).collect()
}

fn latin(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    LOOKALIKES.iter().find(|(_, letters)| letters.contains(c)).map_or(c, |&(latin, _)| latin)
}

/// Cyrillic, Greek, Armenian and other Latin letters, by the letter that they look like.
const LOOKALIKES: &[(char, &str)] = &[
    ('a', "аɑα"),
    ('b', "Ьᖯ"),
    ('c', "сϲᴄ"),
    ('d', "ԁɗ"),
    ('e', "еҽ"),
    ('g', "ɡց"),
    ('h', "һհ"),
    ('i', "іıɩι"),
    ('j', "јϳ"),
    ('k', "κк"),
    ('l', "ӏʟⅼ"),
    ('m', "ⅿм"),
    ('n', "ոп"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛգ"),
    ('r', "гᴦ"),
    ('s', "ѕꜱ"),
    ('t', "т"),
    ('u', "υսᴜ"),
    ('v', "νѵᴠ"),
    ('w', "ԝѡᴡ"),
    ('x', "хⅹ"),
    ('y', "уγʏ"),
    ('z', "ᴢ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_example() {
        assert_eq!(skeleton("ехаmple.com"), "example.com");
        assert_eq!(skeleton("bücher.example"), "bücher.example");
    }
}
