//! Octets of the Latin charsets that Western mail programs write.

/// What Windows-1252 has where ISO 8859-1 has controls. Five octets stand for nothing, and are taken for the controls.
const CONTROLS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of `octet` in Windows-1252: Latin-1 with printable characters where ISO 8859-1 has controls, as all readers of
/// the web take both names.
pub(crate) fn windows_1252(octet: u8) -> char {
    match octet {
        0x80..=0x9f => CONTROLS[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
}

/// The octet of `character` in Windows-1252.
pub(crate) fn to_windows_1252(character: char) -> Option<u8> {
    // There are 32 of them.
    let of_control = || CONTROLS.iter().position(|&one| one == character).map(|at| 0x80 + at as u8);
    u8::try_from(character).ok().filter(|octet| windows_1252(*octet) == character).or_else(of_control)
}

/// The character of `octet` in ISO 8859-15, which differs from ISO 8859-1 in eight places.
pub(crate) fn iso_8859_15(octet: u8) -> char {
    match octet {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(octet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert!((0..=255).all(|octet| to_windows_1252(windows_1252(octet)) == Some(octet)));
        assert_eq!((to_windows_1252('Š'), to_windows_1252('\u{80}'), to_windows_1252('ł')), (Some(0x8a), None, None));
    }
}
