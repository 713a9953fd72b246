//! base64string (RFC 6376 §2.10, RFC 4648 §4): white space may stand anywhere in it.
//!
//! Ours and not a library's, because folding white space is part of the grammar and a finding points at the
//! character that is wrong.

use crate::text::Span;

/// Why a text is not base64.
///
/// ```
/// use mailproof::dkim::{Base64Error, Key, KeyData, KeyError};
///
/// // Written with the alphabet for URLs, which has `_` in place of `/` (RFC 4648 §5).
/// let key = Key::parse(&"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into());
/// let KeyData::Invalid(KeyError::Base64(error)) = key.data else { panic!() };
/// assert_eq!(error, Base64Error::Character { at: 13 });
/// assert_eq!(error.to_string(), "the character at offset 13 is not base64");
/// ```
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
    decode_briefly(text, <[u8]>::to_vec)
}

/// What `read` makes of the octets that `text` stands for, where they need not be kept.
pub(crate) fn decode_briefly<T>(text: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<T, Base64Error> {
    let most = most_octets(text);
    // To clear more than is needed would cost as much as to decode an Ed25519 key.
    if most <= SMALL_ROOM {
        read_decoded(text, &mut [0; SMALL_ROOM], read)
    } else if most <= ROOM {
        read_decoded(text, &mut [0; ROOM], read)
    } else {
        read_decoded(text, &mut vec![0; most], read)
    }
}

/// The `N` octets that `text` stands for, if it is nothing but their characters: no error, and no white space.
pub(crate) fn decode_exactly<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut octets = [0; N];
    let groups = decode_groups(text, &mut octets);
    let rest = &mut octets[groups * 3..];
    match (last_group(&text[groups * 4..]), rest) {
        (Some(([first, ..], 1)), [a]) => *a = first,
        (Some(([first, second, _], 2)), [a, b]) => [*a, *b] = [first, second],
        (None, []) if text.len() == groups * 4 => {}
        _ => return None,
    }
    Some(octets)
}

fn read_decoded<T>(text: &[u8], room: &mut [u8], read: impl FnOnce(&[u8]) -> T) -> Result<T, Base64Error> {
    let length = decode_into(text, room)?;
    Ok(read(&room[..length]))
}

/// Enough for an Ed25519 key.
const SMALL_ROOM: usize = 48;

/// Enough for an RSA key of 4096 bits.
const ROOM: usize = 576;

/// As many octets as `text` can stand for.
const fn most_octets(text: &[u8]) -> usize {
    text.len() / 4 * 3 + 3
}

/// Writes the octets that `text` stands for into `out`, which has room for [`most_octets`]; how many they are.
fn decode_into(text: &[u8], out: &mut [u8]) -> Result<usize, Base64Error> {
    let mut length = 0;
    let mut bits = 0u32;
    let mut characters = 0;
    let mut padding = None;
    let mut next = 0;
    while next < text.len() {
        // Keys and signatures are long runs of whole groups.
        if characters % 4 == 0 && padding.is_none() {
            let groups = decode_groups(&text[next..], &mut out[length..]);
            length += groups * 3;
            characters += groups * 4;
            next += groups * 4;
            if let Some((octets, count)) = last_group(&text[next..]) {
                out[length..length + count].copy_from_slice(&octets[..count]);
                return Ok(length + count);
            }
        }
        let Some(&byte) = text.get(next) else { break };
        let at = next;
        next += 1;
        match VALUES[0][usize::from(byte)] {
            WHITE => continue,
            PAD => {
                padding.get_or_insert((at, characters));
            }
            NONE => return Err(Base64Error::Character { at }),
            value => {
                if let Some((at, _)) = padding {
                    return Err(Base64Error::Padding { at });
                }
                bits = bits << 6 | value >> 18;
                if characters % 4 == 3 {
                    out[length..length + 3].copy_from_slice(&octets(bits));
                    length += 3;
                    bits = 0;
                }
            }
        }
        characters += 1;
    }
    let Some((at, data)) = padding else {
        return if characters % 4 == 0 { Ok(length) } else { Err(Base64Error::Length { characters }) };
    };
    let last = match (data % 4, characters - data) {
        (2, 2) => &octets(bits << 12)[..1],
        (3, 1) => &octets(bits << 6)[..2],
        _ => return Err(Base64Error::Padding { at }),
    };
    out[length..length + last.len()].copy_from_slice(last);
    Ok(length + last.len())
}

/// Decodes groups of four characters, two at a time, as long as all are of the alphabet; how many groups.
#[inline(always)]
fn decode_groups(text: &[u8], out: &mut [u8]) -> usize {
    let mut groups = 0;
    for ([a, b, c, d, e, f, g, h], decoded) in text.as_chunks().0.iter().zip(out.as_chunks_mut::<6>().0) {
        let (first, second) = (group(*a, *b, *c, *d), group(*e, *f, *g, *h));
        if first | second > ALL_VALUES {
            break;
        }
        let [_, _, octets @ ..] = (u64::from(first) << 24 | u64::from(second)).to_be_bytes();
        *decoded = octets;
        groups += 2;
    }
    if let (Some([a, b, c, d]), Some(decoded)) = (text[groups * 4..].first_chunk(), out[groups * 3..].first_chunk_mut())
        && let bits @ ..=ALL_VALUES = group(*a, *b, *c, *d)
    {
        *decoded = octets(bits);
        groups += 1;
    }
    groups
}

/// The one or two octets that padded characters at the end stand for, if nothing else is in `text`.
fn last_group(text: &[u8]) -> Option<([u8; 3], usize)> {
    let (bits, count) = match *text {
        [a, b, b'=', b'='] => (group(a, b, b'A', b'A'), 1),
        [a, b, c, b'='] => (group(a, b, c, b'A'), 2),
        _ => return None,
    };
    (bits <= ALL_VALUES).then(|| (octets(bits), count))
}

/// What four characters stand for; more than [`ALL_VALUES`] if one is not of the alphabet.
fn group(a: u8, b: u8, c: u8, d: u8) -> u32 {
    VALUES[0][usize::from(a)] | VALUES[1][usize::from(b)] | VALUES[2][usize::from(c)] | VALUES[3][usize::from(d)]
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
/// The most that four characters of the alphabet stand for; everything else in [`VALUES`] is more.
const ALL_VALUES: u32 = 0xff_ffff;
const NONE: u32 = u32::MAX;
const PAD: u32 = NONE - 1;
const WHITE: u32 = NONE - 2;

/// What a character stands for in the first, second, third and fourth place of a group.
static VALUES: [[u32; 256]; 4] = {
    let mut values = [[NONE; 256]; 4];
    let mut place = 0;
    while place < 4 {
        let mut i = 0;
        while i < 64 {
            values[place][ALPHABET[i] as usize] = (i as u32) << (18 - 6 * place);
            i += 1;
        }
        values[place][b'=' as usize] = PAD;
        values[place][b' ' as usize] = WHITE;
        values[place][b'\t' as usize] = WHITE;
        values[place][b'\r' as usize] = WHITE;
        values[place][b'\n' as usize] = WHITE;
        place += 1;
    }
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

    /// RFC 6376 §2.10: "whitespace is ignored", wherever a line is folded, before long runs and behind them.
    #[test]
    fn white_space_may_stand_anywhere() {
        for length in 0..40u8 {
            let octets: Vec<u8> = (0..length).map(|i| i.wrapping_mul(89)).collect();
            let text = encode(&octets);
            for at in 0..=text.len() {
                let folded = format!("{}\r\n {}", &text[..at], &text[at..]);
                assert_eq!(decode(folded.as_bytes()).unwrap(), octets, "{folded}");
            }
        }
    }

    #[test]
    fn every_character_outside_the_alphabet_is_found_at_its_place() {
        let text = encode(&[7; 30]);
        for at in 0..text.len() {
            let wrong = format!("{}-{}", &text[..at], &text[at + 1..]);
            assert_eq!(decode(wrong.as_bytes()), Err(Base64Error::Character { at }), "{wrong}");
        }
    }

    #[test]
    fn a_place_is_all_that_is_wrong() {
        for (marked, error) in [
            ("Zm9v«!*!»Yg==", Base64Error::Character { at: 4 }),
            ("Zm9v«ü»\tYg==", Base64Error::Character { at: 4 }),
            ("Zm9v«é!»+A==", Base64Error::Character { at: 4 }),
            ("Zm9v«-»", Base64Error::Character { at: 4 }),
            ("Zm«==Zg==»", Base64Error::Padding { at: 2 }),
            ("«Zm9vY»", Base64Error::Length { characters: 5 }),
        ] {
            let text = marked.replace(['«', '»'], "");
            assert_eq!(decode(text.as_bytes()), Err(error));
            let (start, end) = (error.place(&text).start as usize, error.place(&text).end as usize);
            assert_eq!(marked, format!("{}«{}»{}", &text[..start], &text[start..end], &text[end..]));
        }
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

    #[track_caller]
    fn same<const N: usize>(text: &[u8]) {
        let octets = decode(text).ok().filter(|octets| octets.len() == N && !text.contains(&b' '));
        assert_eq!(decode_exactly::<N>(text).map(Vec::from), octets, "{}", text.escape_ascii());
    }

    proptest::proptest! {
        #[test]
        fn exactly_so_many_octets(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..10), at in 0..40usize) {
            let mut text = encode(&octets).into_bytes();
            if let Some(byte) = text.get_mut(at) {
                *byte = b" =A!"[at % 4];
            }
            same::<0>(&text);
            same::<1>(&text);
            same::<2>(&text);
            same::<3>(&text);
            same::<8>(&text);
            same::<9>(&text);
        }

        #[test]
        fn there_and_back(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100), fold in 1..90usize) {
            let text = encode(&octets);
            assert_eq!(decode(text.as_bytes()).unwrap(), octets);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(fold).collect();
            assert_eq!(decode(&lines.join(&b"\r\n\t"[..])).unwrap(), octets);
        }
    }
}
