//! The fields of an entry, and the data of each record type.

use std::borrow::Cow;
use std::str::FromStr;

use super::error::{Fault, Reason, quote};
use super::lexer::Token;
use crate::Name;
use crate::dns::master::MAX_STRING;
use crate::dns::{Mx, RecordType, Records, Soa, Tlsa};
use crate::text::{Source, Span};

/// The tokens of an entry, read from the left.
pub(super) struct Fields<'a> {
    text: &'a str,
    rest: &'a [Token],
    /// One past the last token.
    end: usize,
}

/// A TTL is a number of 31 bits (RFC 2181 §8).
const MAX_TTL: u32 = i32::MAX as u32;

impl<'a> Fields<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        let end = tokens.last().map_or(0, |token| token.span.end as usize);
        Self { text, rest: tokens, end }
    }

    /// The next token, if it is a word.
    pub(super) fn peek_word(&self) -> Option<&'a str> {
        self.rest.first().filter(|token| !token.quoted).map(|token| &self.text[token.span])
    }

    pub(super) fn next(&mut self, wanted: &'static str) -> Result<Token, Fault> {
        let Some((token, rest)) = self.rest.split_first() else {
            return Err(Reason::Missing { wanted }.at(Span::at(self.end)));
        };
        self.rest = rest;
        Ok(*token)
    }

    /// Leaves out what remains.
    pub(super) fn skip(&mut self) {
        self.rest = &[];
    }

    /// Fails if anything remains.
    pub(super) fn end(&self) -> Result<(), Fault> {
        match self.rest.first() {
            None => Ok(()),
            Some(token) => Err(Reason::Extra { found: quote(&self.text[token.span]) }.at(token.span)),
        }
    }

    /// One record.
    pub(super) fn record(&mut self, record_type: RecordType, origin: &Name) -> Result<Records, Fault> {
        Ok(match record_type {
            RecordType::A => Records::A(vec![self.parsed("an IPv4 address")?]),
            RecordType::Aaaa => Records::Aaaa(vec![self.parsed("an IPv6 address")?]),
            RecordType::Cname => Records::Cname(vec![self.name(origin, "a name")?]),
            RecordType::Ns => Records::Ns(vec![self.name(origin, "a name")?]),
            RecordType::Ptr => Records::Ptr(vec![self.name(origin, "a name")?]),
            RecordType::Mx => {
                let preference = self.parsed("a preference, a number from 0 to 65535")?;
                Records::Mx(vec![Mx { preference, exchange: self.name(origin, "the name of a host")? }])
            }
            RecordType::Soa => Records::Soa(vec![self.soa(origin)?]),
            RecordType::Tlsa => Records::Tlsa(vec![self.tlsa()?]),
            RecordType::Spf => Records::Spf(vec![self.strings()?]),
            RecordType::Txt => Records::Txt(vec![self.strings()?]),
        })
    }

    fn parsed<T: FromStr>(&mut self, wanted: &'static str) -> Result<T, Fault> {
        let token = self.next(wanted)?;
        let word = &self.text[token.span];
        word.parse().map_err(|_| Reason::unexpected(word, wanted).at(token.span))
    }

    /// RFC 1035 §3.3.13.
    fn soa(&mut self, origin: &Name) -> Result<Soa, Fault> {
        let primary = self.name(origin, "the name of the primary server")?;
        let responsible = self.mailbox(origin)?;
        let serial = self.parsed("a serial number")?;
        for wanted in ["a refresh time", "a retry time", "an expiry time"] {
            self.seconds(wanted)?;
        }
        Ok(Soa { primary, responsible, serial, minimum: self.seconds("a minimum TTL")? })
    }

    /// RFC 6698 §2.2: the data may be written as several words.
    fn tlsa(&mut self) -> Result<Tlsa, Fault> {
        let usage = self.parsed("a certificate usage, a number from 0 to 255")?;
        let selector = self.parsed("a selector, a number from 0 to 255")?;
        let matching = self.parsed("a matching type, a number from 0 to 255")?;
        let mut digits = Vec::new();
        loop {
            let token = self.next(HEX)?;
            let word = &self.text[token.span];
            if !word.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(Reason::unexpected(word, HEX).at(token.span));
            }
            digits.extend(word.bytes().map(hex_value));
            if self.rest.is_empty() {
                break;
            }
        }
        if digits.len() % 2 != 0 {
            return Err(Reason::Missing { wanted: "another hexadecimal digit" }.at(Span::at(self.end)));
        }
        let data = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        Ok(Tlsa { usage, selector, matching, data })
    }

    /// At least one character-string.
    fn strings(&mut self) -> Result<Source, Fault> {
        let mut strings = Vec::new();
        loop {
            let token = self.next("a string")?;
            let octets = self.octets(token)?;
            if octets.len() > MAX_STRING {
                return Err(Reason::LongString { octets: octets.len() }.at(token.span));
            }
            strings.push(octets);
            if self.rest.is_empty() {
                return Ok(Source::from_strings(strings));
            }
        }
    }

    /// What a token stands for, without quotation marks and escapes.
    fn octets(&self, token: Token) -> Result<Cow<'a, [u8]>, Fault> {
        let (start, mut rest) = match token.quoted {
            true => (
                token.span.start as usize + 1,
                &self.text[Span::new(token.span.start as usize + 1, token.span.end as usize - 1)],
            ),
            false => (token.span.start as usize, &self.text[token.span]),
        };
        let Some(_) = memchr::memchr(b'\\', rest.as_bytes()) else {
            return Ok(Cow::Borrowed(rest.as_bytes()));
        };
        let end = start + rest.len();
        let mut octets = Vec::with_capacity(rest.len());
        while let Some((plain, escaped)) = rest.split_once('\\') {
            octets.extend_from_slice(plain.as_bytes());
            let Some((octet, after)) = escape(escaped) else {
                let at = end - escaped.len() - 1;
                return Err(Reason::Escape.at(Span::new(at, at + 1)));
            };
            match octet {
                Octet::Value(value) => octets.push(value),
                Octet::Character(c) => octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            rest = after;
        }
        octets.extend_from_slice(rest.as_bytes());
        Ok(Cow::Owned(octets))
    }

    /// A name; relative to `origin` unless it ends with a dot.
    pub(super) fn name(&mut self, origin: &Name, wanted: &'static str) -> Result<Name, Fault> {
        self.name_or_mailbox(origin, wanted, false)
    }

    /// A name whose first label may hold escaped dots, which stay escaped.
    fn mailbox(&mut self, origin: &Name) -> Result<Name, Fault> {
        self.name_or_mailbox(origin, "the mailbox of who is responsible, as a name", true)
    }

    fn name_or_mailbox(&mut self, origin: &Name, wanted: &'static str, dots: bool) -> Result<Name, Fault> {
        let token = self.next(wanted)?;
        let word = &self.text[token.span];
        if token.quoted {
            return Err(Reason::unexpected(word, wanted).at(token.span));
        }
        if word == "@" {
            return Ok(origin.clone());
        }
        let (plain, absolute) = match word.contains('\\') {
            false => (Cow::Borrowed(word), word.ends_with('.')),
            true => self.unescaped(word, token, dots)?,
        };
        let name = match absolute || *origin == Name::root() {
            true => Name::parse(&plain),
            false => Name::parse(&format!("{plain}.{origin}")),
        };
        name.map_err(|error| Reason::Name { found: quote(word), error }.at(token.span))
    }

    /// The name without escapes, and whether it ends with a dot that is none.
    fn unescaped(&self, word: &'a str, token: Token, dots: bool) -> Result<(Cow<'a, str>, bool), Fault> {
        let mut plain = String::with_capacity(word.len());
        let mut rest = word;
        while let Some((before, escaped)) = rest.split_once('\\') {
            plain.push_str(before);
            let Some((octet, after)) = escape(escaped) else {
                return Err(Reason::Escape.at(token.span));
            };
            match octet {
                Octet::Value(b'.') | Octet::Character('.') if dots => plain.push_str("\\."),
                Octet::Value(value) if value.is_ascii() && value != b'.' => plain.push(value.into()),
                Octet::Character(c) if c != '.' => plain.push(c),
                Octet::Value(_) | Octet::Character(_) => {
                    return Err(Reason::EscapedName { found: quote(word) }.at(token.span));
                }
            }
            rest = after;
        }
        plain.push_str(rest);
        Ok((Cow::Owned(plain), rest.ends_with('.')))
    }

    /// A time in seconds; `1h30m` and the like, which servers also take.
    pub(super) fn seconds(&mut self, wanted: &'static str) -> Result<u32, Fault> {
        let token = self.next(wanted)?;
        let word = &self.text[token.span];
        seconds(word).ok_or_else(|| Reason::unexpected(word, wanted).at(token.span))
    }
}

const HEX: &str = "data in hexadecimal";

enum Octet {
    /// `\DDD`.
    Value(u8),
    /// `\X`.
    Character(char),
}

/// What follows a backslash, and the rest.
fn escape(text: &str) -> Option<(Octet, &str)> {
    let first = text.chars().next()?;
    if !first.is_ascii_digit() {
        return Some((Octet::Character(first), &text[first.len_utf8()..]));
    }
    let digits = text.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some((Octet::Value(digits.parse().ok()?), &text[3..]))
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

/// The seconds that `word` stands for, if it is a TTL.
pub(super) fn seconds(word: &str) -> Option<u32> {
    let mut rest = word;
    let mut total: u32 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u32 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes().get(digits).map(u8::to_ascii_lowercase) {
            None | Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3_600,
            Some(b'd') => 86_400,
            Some(b'w') => 604_800,
            Some(_) => return None,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
        rest = rest.get(digits + 1..).unwrap_or_default();
    }
    (!word.is_empty() && total <= MAX_TTL).then_some(total)
}
