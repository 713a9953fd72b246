//! Entries to a zone: directives, owners, TTLs, classes, types (RFC 1035 §5.1).

use std::str::FromStr;

use super::error::{Fault, Reason, ZoneError, column, quote};
use super::generate;
use super::lexer::{Head, Lexer, Token, common_indent};
use super::rdata::{Fields, seconds};
use super::{Data, Entry, Mark, Zone};
use crate::Name;
use crate::dns::{Failure, RecordType};
use crate::text::Span;

/// Entries that may be left out of a text because they cannot be read. What has more of them is no zone file.
pub(super) const MAX_MALFORMED: usize = 64;

/// Reads `text`, whose relative names are relative to `origin` until `$ORIGIN` says otherwise. What cannot be read is put into
/// `skipped`; without one it is an error.
pub(super) fn read(text: &str, origin: &Name, mut skipped: Option<&mut Vec<ZoneError>>) -> Result<Zone, ZoneError> {
    let mut lexer = Lexer::new(text, meaningless_indent(text));
    let mut reader = Reader {
        text,
        origin: origin.clone(),
        default_ttl: None,
        last_ttl: None,
        owner: None,
        is_generated: false,
        left: generate::Left::default(),
        zone: Zone::new(),
    };
    let (mut tokens, mut malformed) = (Vec::new(), 0);
    loop {
        let entry = lexer.entry(&mut tokens);
        let head = lexer.head();
        let told = match entry {
            Ok(None) => break,
            Ok(Some(head)) => reader.entry(head, &tokens).map_err(|fault| reader.indented(head, &tokens, fault)),
            Err(fault) => {
                reader.owner_of(head, &tokens);
                lexer.skip_entry();
                Err(fault)
            }
        };
        let Err(fault) = told else { continue };
        let error = fault.below(text, head.line, head.line_start);
        malformed += usize::from(!error.reason.is_of_servers());
        match &mut skipped {
            Some(skipped) if malformed <= MAX_MALFORMED => skipped.push(error),
            Some(skipped) => return Err(skipped.drain(..).find(|one| !one.reason.is_of_servers()).unwrap_or(error)),
            None => return Err(error),
        }
    }
    reader.zone.remove_duplicates();
    Ok(reader.zone)
}

/// A text whose every line is indented stands so in a program. Where its first entry could be one
/// without an owner, the indent may mean just that, so it stays.
fn meaningless_indent(text: &str) -> usize {
    let first = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(';'));
    let mut words = first.unwrap_or_default().split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // `a` may be an owner or a type: it is an owner if a TTL, a class or a type follows.
    let no_owner =
        is_ttl(first) || is_class(first) || is_type(first) && !(is_ttl(second) || is_class(second) || is_type(second));
    if no_owner { 0 } else { common_indent(text) }
}

/// Whether an owner, and a type behind TTL and class, are the first of these words.
fn begins_with_owner<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    let is_name = |word: &str| word == "@" || !is_ttl(word) && !is_class(word) && Name::parse(word).is_ok();
    let owner = words.next().is_some_and(is_name);
    owner && words.find(|word| !is_ttl(word) && !is_class(word)).is_some_and(is_type)
}

fn is_type(word: &str) -> bool {
    Kind::read(word).is_some()
}

fn is_ttl(word: &str) -> bool {
    seconds(word).is_some()
}

struct Reader<'a> {
    text: &'a str,
    origin: Name,
    /// What `$TTL` says (RFC 2308 §4).
    default_ttl: Option<u32>,
    /// The last TTL that an entry stated.
    last_ttl: Option<u32>,
    owner: Option<Name>,
    /// Whether a directive wrote the text: it holds entries only.
    is_generated: bool,
    left: generate::Left,
    zone: Zone,
}

impl Reader<'_> {
    fn entry(&mut self, head: Head, tokens: &[Token]) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return Ok(());
        };
        let span = first.span.to(last.span);
        let mut fields = Fields::new(self.text, tokens);
        if !head.blank {
            if !first.quoted && !self.is_generated && self.text[first.span].starts_with('$') {
                return self.directive(head, span, &mut fields);
            }
            self.owner = None;
            self.owner = Some(fields.name(&self.origin, "an owner name")?);
        }
        let Some(owner) = self.owner.clone() else {
            return Err(Reason::NoOwner.at(first.span));
        };
        let ttl = self.ttl_and_class(&mut fields)?;
        let data = self.data(&mut fields)?;
        fields.end()?;
        let columns = self.columns(head, span);
        self.zone.add(Entry { name: owner, data, ttl, line: head.line, columns, span });
        Ok(())
    }

    /// Says of a line that cannot be read as one without an owner that it can be read as one with an owner.
    fn indented(&self, head: Head, tokens: &[Token], fault: Fault) -> Fault {
        let words = tokens.iter().map(|token| if token.quoted { "" } else { &self.text[token.span] });
        match tokens.first() {
            Some(first) if head.blank && !fault.reason.is_of_servers() && begins_with_owner(words) => {
                Reason::IndentedOwner { found: quote(&self.text[first.span]) }.at(first.span)
            }
            _ => fault,
        }
    }

    /// The owner of an entry that could not be read to its end: it is that of lines below it too.
    fn owner_of(&mut self, head: Head, tokens: &[Token]) {
        if !head.blank {
            self.owner = Fields::new(self.text, tokens).name(&self.origin, "an owner name").ok();
        }
    }

    fn directive(&mut self, head: Head, span: Span, fields: &mut Fields<'_>) -> Result<(), Fault> {
        let token = fields.next("a directive")?;
        let word = &self.text[token.span];
        if word.eq_ignore_ascii_case("$ORIGIN") {
            self.origin = fields.name(&self.origin, "a name")?;
        } else if word.eq_ignore_ascii_case("$TTL") {
            self.default_ttl = Some(fields.seconds("a TTL in seconds")?);
        } else if word.eq_ignore_ascii_case("$GENERATE") {
            self.generate(head, span, fields)?;
        } else if word.eq_ignore_ascii_case("$INCLUDE") {
            let file = fields.next("the name of a file")?;
            let file = quote(self.text[file.span].trim_matches('"'));
            let origin = match fields.peek_word() {
                Some(_) => fields.name(&self.origin, "a name")?,
                None => self.origin.clone(),
            };
            fields.end()?;
            return Err(Reason::Include { file, origin }.at(span));
        } else {
            return Err(Reason::Directive { found: quote(word) }.at(token.span));
        }
        fields.end()
    }

    /// The entries that the directive stands for, each at its place.
    fn generate(&mut self, head: Head, span: Span, fields: &mut Fields<'_>) -> Result<(), Fault> {
        let text = self.text;
        let range = fields.next(A_RANGE)?;
        let numbers = text[range.span].parse().map_err(|()| Reason::unexpected(&text[range.span], A_RANGE));
        let numbers = numbers.map_err(|reason| reason.at(range.span))?;
        let template = &text[Span::new(range.span.end as usize, span.end as usize)];
        fields.next("a line to generate")?;
        fields.skip();
        let cannot = || Reason::Generate.at(span);
        let lines = generate::lines(numbers, template.trim_start(), &mut self.left).ok_or_else(cannot)?;
        let mut reader = Reader {
            text: &lines,
            origin: self.origin.clone(),
            default_ttl: self.default_ttl,
            last_ttl: self.last_ttl,
            owner: None,
            is_generated: true,
            left: generate::Left::default(),
            zone: Zone::new(),
        };
        let (mut lexer, mut tokens) = (Lexer::new(&lines, 0), Vec::new());
        while let Some(head) = lexer.entry(&mut tokens)? {
            // What is wrong with a line is wrong at the directive.
            reader.entry(head, &tokens).map_err(|error| error.reason.at(span))?;
        }
        (self.last_ttl, self.owner) = (reader.last_ttl, reader.owner);
        let columns = self.columns(head, span);
        for entry in reader.zone.entries {
            self.zone.add(Entry { line: head.line, columns: columns.clone(), span, ..entry });
        }
        Ok(())
    }

    /// Both may be left out, and either may come first.
    fn ttl_and_class(&mut self, fields: &mut Fields<'_>) -> Result<Option<u32>, Fault> {
        let (mut ttl, mut class) = (None, false);
        while let Some(word) = fields.peek_word() {
            if ttl.is_none() && word.starts_with(|c: char| c.is_ascii_digit()) {
                ttl = Some(fields.seconds("a TTL in seconds")?);
            } else if !class && is_class(word) {
                let token = fields.next("a class")?;
                if !word.eq_ignore_ascii_case("IN") {
                    return Err(Reason::Class { found: quote(word) }.at(token.span));
                }
                class = true;
            } else {
                break;
            }
        }
        self.last_ttl = ttl.or(self.last_ttl);
        Ok(ttl.or(self.default_ttl).or(self.last_ttl))
    }

    fn data(&mut self, fields: &mut Fields<'_>) -> Result<Data, Fault> {
        let token = fields.next(A_TYPE)?;
        let word = &self.text[token.span];
        let kind = if token.quoted { None } else { Kind::read(word) };
        match kind {
            Some(Kind::Type(record_type)) => Ok(Data::Record(fields.record(record_type, &self.origin)?)),
            Some(Kind::Other) => {
                fields.skip();
                Ok(Data::Other(word.to_ascii_uppercase().into()))
            }
            Some(Kind::Mark(mark)) => Ok(Data::Mark(mark, self.limit(fields)?)),
            None => Err(Reason::unexpected(word, A_TYPE).at(token.span)),
        }
    }

    /// The type that a mark is limited to.
    fn limit(&self, fields: &mut Fields<'_>) -> Result<Option<RecordType>, Fault> {
        let Some(word) = fields.peek_word() else {
            return Ok(None);
        };
        let token = fields.next(A_TYPE)?;
        let limit = RecordType::from_str(word).map_err(|_| Reason::unexpected(word, A_TYPE).at(token.span))?;
        Ok(Some(limit))
    }

    fn columns(&self, head: Head, span: Span) -> std::ops::Range<u32> {
        let (start, end) = (span.start as usize, span.end as usize);
        let first_line =
            memchr::memchr(b'\n', &self.text.as_bytes()[start..end]).map_or(end, |newline| start + newline);
        let from = column(self.text, head.line_start, start);
        from..from + column(self.text, start, first_line) - 1
    }
}

const A_TYPE: &str = "a record type";
const A_RANGE: &str = "a range of numbers, such as 1-10";

/// What may stand in the place of the type.
enum Kind {
    Type(RecordType),
    /// A type that mail authentication never asks for.
    Other,
    Mark(Mark),
}

impl Kind {
    fn read(word: &str) -> Option<Self> {
        if let Ok(record_type) = RecordType::from_str(word) {
            return Some(Self::Type(record_type));
        }
        if let Some((_, mark)) = MARKS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            return Some(Self::Mark(*mark));
        }
        if OTHER_TYPES.iter().any(|name| name.eq_ignore_ascii_case(word)) {
            return Some(Self::Other);
        }
        // RFC 3597 §5. A type that is known here has its own form, so its number is not taken.
        let number: u16 = word.get(4..).filter(|_| word[..4].eq_ignore_ascii_case("TYPE"))?.parse().ok()?;
        let known = RecordType::ALL.iter().any(|known| known.number() == number);
        (!known).then_some(Self::Other)
    }
}

const MARKS: &[(&str, Mark)] = &[
    ("TIMEOUT", Mark::Failure(Failure::Timeout)),
    ("SERVFAIL", Mark::Failure(Failure::ServFail)),
    ("REFUSED", Mark::Failure(Failure::Refused)),
    ("BOGUS", Mark::Failure(Failure::Bogus)),
    ("MALFORMED", Mark::Failure(Failure::Malformed)),
    ("NXDOMAIN", Mark::NxDomain),
];

/// The other types that IANA lists and zones hold.
#[rustfmt::skip]
const OTHER_TYPES: &[&str] = &[
    "AFSDB", "AMTRELAY", "APL", "CAA", "CDNSKEY", "CDS", "CERT", "CSYNC", "DHCID", "DLV", "DNAME", "DNSKEY", "DS", "DSYNC",
    "EUI48", "EUI64", "GPOS", "HINFO", "HIP", "HTTPS", "IPSECKEY", "ISDN", "KEY", "KX", "L32", "L64", "LOC", "LP", "MB", "MD",
    "MF", "MG", "MINFO", "MR", "NAPTR", "NID", "NSEC", "NSEC3", "NSEC3PARAM", "NULL", "NXT", "OPENPGPKEY", "PX", "RESINFO",
    "RP", "RRSIG", "RT", "SIG", "SMIMEA", "SRV", "SSHFP", "SVCB", "TALINK", "URI", "WALLET", "WKS", "X25", "ZONEMD",
];

fn is_class(word: &str) -> bool {
    ["IN", "CH", "CS", "HS"].iter().any(|class| class.eq_ignore_ascii_case(word))
}
