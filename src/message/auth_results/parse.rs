//! The grammar of RFC 8601 §2.2, with what large providers write instead.

use super::{AuthResults, Fault, FaultKind, MethodResult, Property, Value};
use crate::mailbox::is_atext;
use crate::order::sort_by_key;
use crate::text::{Source, Span};

/// Results of one field: a message has a signature or two, attackers have thousands.
const MAX_RESULTS: usize = 500;
/// Properties of one result.
const MAX_PROPERTIES: usize = 200;
/// RFC 8617 §4.2.1.
const MAX_INSTANCE: u32 = 50;

pub(super) fn parse(source: Source, arc: bool) -> AuthResults {
    let mut lexer = Lexer { text: source.text(), at: 0, faults: Vec::new(), comments: Vec::new(), full: false };
    let mut out = AuthResults::default();
    if arc {
        lexer.instance(&mut out);
    }
    lexer.head(&mut out);
    let mut none = None;
    let mut segments = 0usize;
    while lexer.step(b';') {
        segments += 1;
        lexer.segment(&mut out, &mut none);
    }
    let end = Span::at(source.text().len());
    match none {
        Some(span) if segments > 1 || !out.results.is_empty() => lexer.fault(FaultKind::NoneAndResults, span),
        None if segments == 0 && out.results.is_empty() => lexer.fault(FaultKind::NoResult, end),
        _ => {}
    }
    if !source.text().is_ascii() {
        let at = source.text().find(|c: char| !c.is_ascii()).unwrap_or_default();
        lexer.fault(FaultKind::Utf8, Span::at(at));
    }
    out.faults = lexer.faults;
    sort_by_key(&mut out.faults, |fault| fault.span.start);
    out.source = source;
    out
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    faults: Vec<Fault>,
    comments: Vec<Span>,
    /// There are more results than are looked at, and that was said.
    full: bool,
}

impl Lexer<'_> {
    /// `i=N;` (RFC 8617 §4.1.1).
    fn instance(&mut self, out: &mut AuthResults) {
        self.cfws();
        let start = self.at;
        let is_i = self.word().is_some_and(|span| self.text[span].eq_ignore_ascii_case("i")) && self.step(b'=');
        self.cfws();
        let digits = self.at;
        let number = if is_i { self.number() } else { None };
        // §4.2.1: one or two digits.
        let short = self.at - digits <= 2;
        if let Some(number) = number.filter(|number| short && (1..=MAX_INSTANCE).contains(number))
            && self.step(b';')
        {
            out.instance = Some(number);
        } else {
            self.fault(FaultKind::Instance, Span::new(start, self.at));
            self.at = if number.is_some() { self.at } else { start };
        }
    }

    /// The authserv-id and its version. A field that begins with a result has none.
    fn head(&mut self, out: &mut AuthResults) {
        self.cfws();
        let start = self.at;
        let id = self.value(false);
        if self.step(b'=') {
            self.fault(FaultKind::NoAuthservId, Span::at(start));
            self.at = start;
            self.result(out);
            return;
        }
        match id {
            Some(id) => out.authserv_id = Some(id),
            None => self.fault(FaultKind::NoAuthservId, Span::at(start)),
        }
        self.cfws();
        out.version = self.number();
        self.rest(FaultKind::AuthservId);
    }

    /// What stands between two `;`.
    fn segment(&mut self, out: &mut AuthResults, none: &mut Option<Span>) {
        self.cfws();
        let start = self.at;
        if self.at_end() {
            self.fault(FaultKind::EmptyResult, Span::at(start));
            return;
        }
        if let Some(word) = self.word()
            && self.text[word].eq_ignore_ascii_case("none")
            && self.at_end()
        {
            *none = Some(word);
            return;
        }
        self.at = start;
        self.result(out);
    }

    /// resinfo: `method[/version]=result [reason=…] [ptype.property=…]…`.
    fn result(&mut self, out: &mut AuthResults) {
        self.cfws();
        self.comments.clear();
        let start = self.at;
        let Some(method) = self.word() else { return self.rest(FaultKind::Method) };
        let version = if self.step(b'/') {
            self.cfws();
            let version = self.number();
            if version.is_none() {
                self.fault(FaultKind::Method, Span::at(self.at));
            }
            version
        } else {
            None
        };
        let has_equals = self.step(b'=');
        self.cfws();
        let result = if has_equals { self.word() } else { None };
        let Some(result) = result else {
            self.at = start;
            return self.rest(FaultKind::Method);
        };
        for word in [method, result] {
            self.check_keyword(word);
        }
        let lower = |span: Span| self.text[span].to_ascii_lowercase();
        let mut found = MethodResult {
            method: lower(method),
            method_span: method,
            version,
            result: lower(result),
            result_span: result,
            ..MethodResult::default()
        };
        while !self.at_end() {
            self.property(&mut found);
        }
        found.span = Span::new(start, self.text[..self.at].trim_end().len().max(start));
        found.comments = std::mem::take(&mut self.comments);
        if out.results.len() < MAX_RESULTS {
            out.results.push(found);
        } else {
            self.too_many(start);
        }
    }

    /// Tells once that there is more than is kept.
    fn too_many(&mut self, at: usize) {
        if !self.full {
            self.full = true;
            self.fault(FaultKind::TooMany, Span::at(at));
        }
    }

    /// reasonspec or propspec. Always goes on by a character at least.
    fn property(&mut self, found: &mut MethodResult) {
        let start = self.at;
        let Some(ptype) = self.word() else {
            self.skip_value();
            return self.fault(FaultKind::Property, Span::new(start, self.at));
        };
        let name = if self.step(b'.') {
            self.cfws();
            self.word()
        } else {
            None
        };
        if !self.step(b'=') {
            if self.at == start {
                self.skip_value();
            }
            return self.fault(FaultKind::Property, Span::new(start, self.at));
        }
        self.cfws();
        let is_reason = name.is_none() && self.text[ptype].eq_ignore_ascii_case("reason");
        let value = self.value(!is_reason);
        let span = Span::new(start, self.at);
        let Some(value) = value else { return self.fault(FaultKind::Value, span) };
        let lower = |span: Span| self.text[span].to_ascii_lowercase();
        let (ptype_text, name_text) = match name {
            Some(name) => (lower(ptype), lower(name)),
            None => (String::new(), lower(ptype)),
        };
        if is_reason {
            if found.reason.is_some() || !found.properties.is_empty() {
                self.fault(FaultKind::Reason, span);
            }
            found.reason.get_or_insert(value);
            return;
        }
        self.check_keyword(ptype);
        match name {
            Some(name) => self.check_keyword(name),
            None => self.fault(FaultKind::NoType, span),
        }
        if found.properties.len() < MAX_PROPERTIES {
            found.properties.push(Property { span, ptype: ptype_text, name: name_text, value });
        } else {
            self.too_many(span.start as usize);
        }
    }

    /// value or pvalue (`property`). What needs quotes and has none is read up to white space, `;` or a comment.
    fn value(&mut self, property: bool) -> Option<Value> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            let mut text = self.quoted();
            // A quoted local-part.
            if property && self.peek() == Some(b'@') {
                let domain = self.skip_value();
                text = format!("{}{}", &self.text[start..domain.start as usize], &self.text[domain]);
                self.check_domain(Span::new(domain.start as usize + 1, domain.end as usize));
            }
            return Some(Value { span: Span::new(start, self.at), text });
        }
        let span = if property { self.skip_value() } else { self.skip_while(is_token) };
        if span.is_empty() {
            return None;
        }
        let text = &self.text[span];
        if property {
            match text.rsplit_once('@') {
                Some((local, domain)) => {
                    let atoms = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext));
                    if !(local.is_empty() || atoms) {
                        self.fault(FaultKind::Value, span);
                    }
                    self.check_domain(Span::new(span.end as usize - domain.len(), span.end as usize));
                }
                // A domain-name may have U-labels, which no token has.
                None if !text.chars().all(|c| is_token(c) || !c.is_ascii()) => self.fault(FaultKind::Value, span),
                None => {}
            }
        }
        Some(Value { span, text: text.to_owned() })
    }

    /// domain-name (RFC 6376 §3.5), which has two labels or more, with U-labels.
    fn check_domain(&mut self, span: Span) {
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii())
        };
        let domain = &self.text[span];
        if !domain.contains('.') || !domain.split('.').all(is_label) {
            self.fault(FaultKind::Value, span);
        }
    }

    /// Keyword (RFC 5321 §4.1.2): letters, digits, inner hyphens.
    fn check_keyword(&mut self, span: Span) {
        let text = &self.text[span];
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if !text.bytes().all(good) || text.ends_with('-') || text.starts_with('-') {
            self.fault(FaultKind::Property, span);
        }
    }

    /// A quoted string (RFC 5322 §3.2.4), unfolded and without its quotes.
    fn quoted(&mut self) -> String {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + 1 + offset + 1;
                    return text;
                }
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                '\r' | '\n' => {}
                c => text.push(c),
            }
        }
        self.at = self.text.len();
        self.fault(FaultKind::Unclosed, Span::new(start, self.at));
        text
    }

    /// White space and comments (RFC 5322 §3.2.2).
    fn cfws(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'(' => self.comment(),
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 0usize;
        let mut at = start;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'(', b')', b'\\', rest)) {
            at += found;
            match bytes[at] {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => at += 1,
            }
            at += 1;
            if depth == 0 {
                self.at = at;
                return self.comments.push(Span::new(start, at));
            }
        }
        self.at = self.text.len();
        self.fault(FaultKind::Unclosed, Span::new(start, self.at));
    }

    /// Steps over `byte`, if it comes after white space and comments.
    fn step(&mut self, byte: u8) -> bool {
        self.cfws();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Whether the segment ends here.
    fn at_end(&mut self) -> bool {
        self.cfws();
        matches!(self.peek(), None | Some(b';'))
    }

    /// Goes on to the end of the segment; anything before it is a fault.
    fn rest(&mut self, kind: FaultKind) {
        if self.at_end() {
            return;
        }
        let start = self.at;
        while !self.at_end() {
            match self.peek() {
                Some(b'"') => drop(self.quoted()),
                _ => self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        self.fault(kind, Span::new(start, self.at));
    }

    fn number(&mut self) -> Option<u32> {
        let span = self.skip_while(|c| c.is_ascii_digit());
        self.text[span].parse().ok()
    }

    /// Letters, digits, `-` and `_`.
    fn word(&mut self) -> Option<Span> {
        let span = self.skip_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        (!span.is_empty()).then_some(span)
    }

    /// Up to white space, `;`, a comment or a quoted string, but one character at least.
    fn skip_value(&mut self) -> Span {
        let span = self.skip_while(|c| !matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '(' | '"'));
        if span.is_empty() && self.peek().is_some_and(|b| matches!(b, b'"')) {
            let start = self.at;
            self.quoted();
            return Span::new(start, self.at);
        }
        span
    }

    fn skip_while(&mut self, is_part: impl Fn(char) -> bool) -> Span {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        span
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&mut self, kind: FaultKind, span: Span) {
        self.faults.push(Fault { kind, span });
    }
}

/// token of RFC 2045 §5.1.
pub(super) fn is_token(c: char) -> bool {
    c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c)
}
