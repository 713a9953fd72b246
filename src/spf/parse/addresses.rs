//! Addresses and prefix lengths (RFC 7208 §5.6, §12).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::record::{DualCidr, Mechanism};
use super::{CidrError, Reader, SyntaxError, SyntaxErrorKind};
use crate::text::Span;

impl Reader<'_> {
    /// §5.6
    pub(super) fn ip4(self) -> Result<Mechanism, SyntaxError> {
        let (span, prefix) = self.address_and_prefix(32, SyntaxErrorKind::Ip4)?;
        let address = ipv4(&self.text.as_bytes()[span.range()]);
        let address = address.ok_or_else(|| self.error(SyntaxErrorKind::Ip4, span))?;
        Ok(Mechanism::Ip4 { address, prefix, span })
    }

    /// §5.6
    pub(super) fn ip6(self) -> Result<Mechanism, SyntaxError> {
        let (span, prefix) = self.address_and_prefix(128, SyntaxErrorKind::Ip6)?;
        let address = ipv6(&self.text.as_bytes()[span.range()]);
        let address = address.ok_or_else(|| self.error(SyntaxErrorKind::Ip6, span))?;
        Ok(Mechanism::Ip6 { address, prefix, span })
    }

    /// `":" address [ "/" prefix ]`, the address not read yet.
    pub(super) fn address_and_prefix(self, full: u8, missing: SyntaxErrorKind) -> Result<(Span, u8), SyntaxError> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b':') || self.at + 1 >= self.end {
            return Err(self.error(missing, Span::of_parsed(self.name.start as usize, self.end)));
        }
        let from = self.at + 1;
        // The slash is a few digits from the end, if the prefix length is a good one.
        let before = bytes[from..self.end].iter().rposition(|b| !b.is_ascii_digit()).map(|n| from + n);
        let slash = match before {
            Some(before) if bytes[before] == b'/' => Some(before),
            _ => bytes[from..self.end].iter().position(|&b| b == b'/').map(|n| from + n),
        };
        let Some(slash) = slash else { return Ok((Span::of_parsed(from, self.end), full)) };
        let prefix = self.prefix(slash + 1, self.end, full)?;
        Ok((Span::of_parsed(from, slash), prefix))
    }

    /// A prefix length at `start..end`.
    pub(super) fn prefix(self, start: usize, end: usize, full: u8) -> Result<u8, SyntaxError> {
        prefix(&self.text.as_bytes()[start..end], full)
            .map_err(|error| self.error(SyntaxErrorKind::Cidr(error), Span::of_parsed(start - 1, end)))
    }

    /// `[ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ]` at `from`, up to the end of the term.
    pub(super) fn dual_cidr(self, from: usize) -> Result<DualCidr, SyntaxError> {
        let bytes = &self.text.as_bytes()[from..self.end];
        let span = Span::of_parsed(from, self.end);
        let double = bytes.windows(2).position(|pair| pair == b"//");
        let (v4_end, v6) = match double {
            Some(n) => (from + n, self.prefix(from + n + 2, self.end, 128)?),
            None => (self.end, 128),
        };
        let v4 = if v4_end > from { self.prefix(from + 1, v4_end, 32)? } else { 32 };
        Ok(DualCidr { v4, v6, span })
    }
}

/// Where the longest dual-cidr-length at the end of `bytes` begins: `/n`, `//n`, or `/n//n`, all with digits.
pub(super) fn cidr_start(bytes: &[u8]) -> Option<usize> {
    let v4 = |end: usize| {
        let digits = bytes[..end].iter().rposition(|b| !b.is_ascii_digit())?;
        (bytes[digits] == b'/' && digits + 1 < end).then_some(digits)
    };
    let last = v4(bytes.len())?;
    if last == 0 || bytes[last - 1] != b'/' {
        return Some(last);
    }
    Some(v4(last - 1).unwrap_or(last - 1))
}

/// ip4-cidr-length or ip6-cidr-length without its slashes (§12).
fn prefix(digits: &[u8], full: u8) -> Result<u8, CidrError> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(CidrError::Malformed);
    }
    if digits[0] == b'0' && digits.len() > 1 {
        return Err(CidrError::LeadingZero);
    }
    if digits.len() > 3 {
        return Err(CidrError::OutOfRange);
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    if value <= u16::from(full) { Ok(value as u8) } else { Err(CidrError::OutOfRange) }
}

/// A dotted quad: four numbers of 0 to 255 without leading zeros (§12 qnum).
fn ipv4(bytes: &[u8]) -> Option<Ipv4Addr> {
    let (a, rest) = qnum(bytes)?;
    let (b, rest) = qnum(rest.strip_prefix(b".")?)?;
    let (c, rest) = qnum(rest.strip_prefix(b".")?)?;
    let (d, rest) = qnum(rest.strip_prefix(b".")?)?;
    rest.is_empty().then(|| Ipv4Addr::new(a, b, c, d))
}

/// The number that `bytes` begin with, and what follows its digits.
fn qnum(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |byte: u8| u16::from(byte - b'0');
    let (value, rest) = match bytes {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            (digit(*a) * 100 + digit(*b) * 10 + digit(*c), rest)
        }
        [a @ b'1'..=b'9', b @ b'0'..=b'9', rest @ ..] => (digit(*a) * 10 + digit(*b), rest),
        [a @ b'0'..=b'9', rest @ ..] => (digit(*a), rest),
        _ => return None,
    };
    Some((u8::try_from(value).ok()?, rest))
}

/// An IPv6 address in one of the forms of RFC 4291 §2.2.
///
/// The parser of the standard library tries an IPv4 address at every group, which made it a seventh of the time that a
/// record takes. A test holds the two together.
fn ipv6(bytes: &[u8]) -> Option<Ipv6Addr> {
    let mut groups = [0u16; 8];
    let mut count = 0;
    let mut gap = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"::") {
            if gap.replace(count).is_some() {
                return None;
            }
            at += 2;
            continue;
        }
        if at > 0 && bytes[at] == b':' {
            // One colon stands between two groups, not after `::`, and not at the end.
            at += 1;
            if at == bytes.len() || gap == Some(count) {
                return None;
            }
        }
        let start = at;
        let mut value = 0u16;
        while at < bytes.len() && at - start < 5 {
            let Some(digit) = char::from(bytes[at]).to_digit(16) else { break };
            value = value << 4 | digit as u16;
            at += 1;
        }
        if at < bytes.len() && bytes[at] == b'.' && count <= 6 {
            let [a, b, c, d] = ipv4(&bytes[start..])?.octets();
            groups[count] = u16::from_be_bytes([a, b]);
            groups[count + 1] = u16::from_be_bytes([c, d]);
            count += 2;
            at = bytes.len();
            continue;
        }
        if at == start || at - start > 4 || count == 8 {
            return None;
        }
        groups[count] = value;
        count += 1;
    }
    match gap {
        // `::` stands for one group or more.
        Some(gap) if count < 8 => {
            groups.copy_within(gap..count, 8 - (count - gap));
            groups[gap..8 - (count - gap)].fill(0);
        }
        None if count == 8 => {}
        _ => return None,
    }
    Some(groups.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn same(text: &str) {
        assert_eq!(ipv6(text.as_bytes()), text.parse().ok(), "{text}");
    }

    #[test]
    fn ipv6_as_the_standard_library_reads_it() {
        for text in [
            "",
            ":",
            "::",
            ":::",
            "1",
            "1:",
            ":1",
            "::1",
            "1::",
            "1::2",
            "1::2::3",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4::5:6:7:8",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "::g",
            "::1:",
            "::192.0.2.1",
            "1:2:3:4:5:6:192.0.2.1",
            "1:2:3:4:5:6:7:192.0.2.1",
            "::192.0.2",
            "::192.0.2.1:1",
            "::ffff:192.0.2.256",
            "::01.2.3.4",
            "1.2.3.4",
            "2001:DB8::Cb01",
            "1::2:",
            "1 ::",
            "::%1",
            "0000:0:0:0:0:0:0:1",
        ] {
            same(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike(text in "[0-9a-fA-F:.]{0,24}|([0-9a-f]{0,5}:{1,2}){0,9}[0-9a-f.]{0,9}") {
            same(&text);
        }

        #[test]
        fn any_address_comes_back(address in any::<u128>(), mask in any::<u128>()) {
            same(&Ipv6Addr::from(address & mask).to_string());
        }
    }
}
