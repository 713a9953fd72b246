//! base64string (RFC 6376 §2.10, RFC 4648 §4): white space may stand anywhere in it.
//!
//! Ours and not a library's, because folding white space is part of the grammar and a finding points at the
//! character that is wrong.

use crate::text::Span;

/// Why a text is not base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Base64Error {
    /// A character outside the alphabet, at this offset.
    #[error("the character at offset {at} is not base64")]
    Character {
        /// Its offset in the value.
        at: usize,
    },
    /// The number of characters is not a multiple of four, as when something was cut off.
    #[error("{characters} characters are not a multiple of four")]
    Length {
        /// How many characters there are, without white space.
        characters: usize,
    },
    /// Something follows the padding, or there is too much of it, from this offset on.
    #[error("the padding at offset {at} is misplaced")]
    Padding {
        /// Offset of the first `=`.
        at: usize,
    },
}

impl Base64Error {
    /// What is wrong in `text`, the value that was read.
    pub(crate) fn place(self, text: &str) -> Span {
        match self {
            Self::Character { at } => {
                let is_good = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/=".contains(c);
                let length = text.get(at..).and_then(|rest| rest.find(is_good));
                Span::new(at, length.map_or(text.len(), |length| at + length))
            }
            Self::Padding { at } => Span::new(at, text.len()),
            Self::Length { .. } => Span::new(0, text.len()),
        }
    }
}

/// The octets that `text` stands for.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut bits = 0u32;
    let mut characters = 0;
    let mut padding = None;
    let mut next = 0;
    while next < text.len() {
        // Keys and signatures are long runs of whole groups.
        if characters % 4 == 0 && padding.is_none() {
            let groups = text[next..].chunks_exact(4).map_while(group);
            let before = out.len();
            groups.for_each(|octets| out.extend_from_slice(&octets));
            let read = (out.len() - before) / 3 * 4;
            characters += read;
            next += read;
        }
        let Some(&byte) = text.get(next) else { break };
        let at = next;
        next += 1;
        match VALUES[usize::from(byte)] {
            WHITE => continue,
            PAD => {
                padding.get_or_insert((at, characters));
            }
            NONE => return Err(Base64Error::Character { at }),
            value => {
                if let Some((at, _)) = padding {
                    return Err(Base64Error::Padding { at });
                }
                bits = bits << 6 | u32::from(value);
                if characters % 4 == 3 {
                    out.extend_from_slice(&octets(bits));
                    bits = 0;
                }
            }
        }
        characters += 1;
    }
    let Some((at, data)) = padding else {
        return if characters % 4 == 0 { Ok(out) } else { Err(Base64Error::Length { characters }) };
    };
    match (data % 4, characters - data) {
        (2, 2) => out.push((bits >> 4) as u8),
        (3, 1) => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return Err(Base64Error::Padding { at }),
    }
    Ok(out)
}

/// Three octets from four characters, if all are of the alphabet.
fn group(characters: &[u8]) -> Option<[u8; 3]> {
    let characters: [u8; 4] = characters.try_into().ok()?;
    let values = characters.map(|byte| VALUES[usize::from(byte)]);
    // What is no value of six bits has the upper two set.
    if values.iter().fold(0, |all, value| all | value) > 63 {
        return None;
    }
    Some(octets(values.iter().fold(0, |bits, &value| bits << 6 | u32::from(value))))
}

/// The lower 24 bits.
fn octets(bits: u32) -> [u8; 3] {
    [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]
}

/// `octets` in one line.
pub(crate) fn encode(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let mut bits = [0; 3];
        bits[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for place in 0..4 {
            let known = place <= group.len();
            out.push(if known { char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]) } else { '=' });
        }
    }
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NONE: u8 = 255;
const PAD: u8 = 254;
const WHITE: u8 = 253;

static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < 64 {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values[b'=' as usize] = PAD;
    values[b' ' as usize] = WHITE;
    values[b'\t' as usize] = WHITE;
    values[b'\r' as usize] = WHITE;
    values[b'\n' as usize] = WHITE;
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_nothing() {
        assert_eq!(decode(b" Zm9v\r\n\tYg = = ").unwrap(), b"foob");
        assert_eq!(decode(b"").unwrap(), b"");
    }

    #[test]
    fn errors_have_a_place() {
        assert_eq!(decode(b"Zm9v!"), Err(Base64Error::Character { at: 4 }));
        assert_eq!(decode(b"Zm9vY"), Err(Base64Error::Length { characters: 5 }));
        assert_eq!(decode(b"Zm9vYg"), Err(Base64Error::Length { characters: 6 }));
        assert_eq!(decode(b"Zg==Zg=="), Err(Base64Error::Padding { at: 2 }));
        assert_eq!(decode(b"Zm9v="), Err(Base64Error::Padding { at: 4 }));
        assert_eq!(decode(b"Z==="), Err(Base64Error::Padding { at: 1 }));
    }

    proptest::proptest! {
        #[test]
        fn there_and_back(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100), fold in 1..90usize) {
            let text = encode(&octets);
            assert_eq!(decode(text.as_bytes()).unwrap(), octets);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(fold).collect();
            assert_eq!(decode(&lines.join(&b"\r\n\t"[..])).unwrap(), octets);
        }
    }
}
