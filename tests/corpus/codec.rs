//! Content-transfer-encodings as relays write them.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn base64(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() * 4 / 3 + 4);
    for three in octets.chunks(3) {
        let mut group = [0; 4];
        group[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(group);
        for place in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]);
            out.push(if place <= three.len() { letter } else { '=' });
        }
    }
    out
}

/// In lines of `width` characters, each with CRLF.
pub(crate) fn base64_lines(octets: &[u8], width: usize) -> Vec<u8> {
    base64(octets).as_bytes().chunks(width).flat_map(|line| [line, b"\r\n"].concat()).collect()
}

pub(crate) fn from_base64(text: &[u8]) -> Vec<u8> {
    let values: Vec<u32> =
        text.iter().filter_map(|byte| LETTERS.iter().position(|letter| letter == byte)).map(|at| at as u32).collect();
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for four in values.chunks(4) {
        let bits = four.iter().enumerate().fold(0, |bits, (place, value)| bits | value << (18 - 6 * place));
        out.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    out
}

/// Lines of at most `width` characters, soft line break included.
pub(crate) fn quoted_printable(text: &[u8], width: usize) -> Vec<u8> {
    super::mail::by_line(text, |line| {
        let mut out = Vec::new();
        let mut column = 0;
        for (at, &byte) in line.iter().enumerate() {
            let last = at + 1 == line.len();
            let plain = (33..=126).contains(&byte) && byte != b'=' || byte == b' ' && !last;
            let piece = if plain { vec![byte] } else { format!("={byte:02X}").into_bytes() };
            if column + piece.len() > width - usize::from(!last) {
                out.extend_from_slice(b"=\r\n");
                column = 0;
            }
            column += piece.len();
            out.extend_from_slice(&piece);
        }
        out
    })
}

pub(crate) fn from_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return out,
            [b'=', b'\r', b'\n', rest @ ..] => rest,
            [b'=', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                out.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
}

pub(crate) fn latin1(text: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(text).ok()?.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

pub(crate) fn utf8(latin1: &[u8]) -> Vec<u8> {
    latin1.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes()
}
