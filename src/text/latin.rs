//! Octets of the Latin charsets that Western mail programs write.

/// The character of `octet` in Windows-1252: Latin-1 with printable characters where ISO 8859-1 has controls, as all readers of
/// the web take both names.
pub(crate) fn windows_1252(octet: u8) -> char {
    const CONTROLS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match octet {
        0x80..=0x9f => CONTROLS[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
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
