//! What may stand in an address, and in one that is carried inside another.

use crate::mailbox::is_atext;

/// Whether a local-part can be part of another one: nothing that would end it early, nothing invisible.
pub(super) fn is_carriable(local: &str, quoted: bool) -> bool {
    if quoted {
        let hides_nothing = local.is_ascii() || !local.contains(char::is_control);
        return !local.is_empty() && !local.bytes().any(|b| b.is_ascii_control()) && hides_nothing;
    }
    !local.is_empty()
        && !local.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'@' | b'"' | b'\\'))
        && (local.is_ascii() || !local.contains(is_invisible))
}

pub(super) fn is_host(domain: &str) -> bool {
    !domain.is_empty()
        && !domain.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'@' | b'"' | b'\\' | b'=' | b'<' | b'>'))
        && (domain.is_ascii() || !domain.contains(is_invisible))
}

/// White space and the control characters beyond ASCII, which RFC 6532 lets in and no mailbox has.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// RFC 5322 §3.2.3, with the UTF-8 of RFC 6532.
pub(super) fn is_dot_atom(text: &str) -> bool {
    let mut after_dot = true;
    for byte in text.bytes() {
        if byte == b'.' {
            if after_dot {
                return false;
            }
            after_dot = true;
        } else if ATEXT[usize::from(byte)] {
            after_dot = false;
        } else {
            return false;
        }
    }
    !after_dot && (text.is_ascii() || text.chars().all(|c| c == '.' || is_atext(c)))
}

/// By the first byte of a character; those outside ASCII are looked at again.
const ATEXT: [bool; 256] = {
    let mut table = [false; 256];
    let others = b"!#$%&'*+-/=?^_`{|}~";
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = true;
        i += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() || byte >= 128 {
            table[byte] = true;
        }
        byte += 1;
    }
    table
};
