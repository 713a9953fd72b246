//! From text to the parts of a Received field, one pass over its tokens.

use std::net::IpAddr;

use super::Received;
use crate::message::date::{after_semicolon, parse_date};
use crate::message::tokens::{Kind, Token, tokens};
use crate::text::{Source, Span};

pub(super) fn parse(source: Source) -> Received {
    let text = source.text();
    let tokens = tokens(text);
    let mut out = Received::default();
    let clauses_end = match after_semicolon(&tokens, text.len()) {
        Some((at, span)) => {
            out.date = parse_date(&text[span]);
            out.spans.date = Some(trimmed(text, span)).filter(|span| !span.is_empty());
            at
        }
        None => tokens.len(),
    };
    let mut at = 0;
    while at < clauses_end {
        let Some(keyword) = Keyword::of(text, tokens[at]) else {
            // qmail writes no clause where a program handed the message in.
            out.internal |= tokens[at].kind == Kind::Comment && text[tokens[at].span].starts_with("(qmail");
            at += 1;
            continue;
        };
        // What follows a keyword is its value, also if a client calls itself `by`.
        let start = at + 1;
        let ends = |token: &Token| Keyword::of(text, *token).is_some();
        let rest = tokens.get(start + 1..clauses_end).unwrap_or_default();
        let end = rest.iter().position(ends).map_or(clauses_end, |offset| start + 1 + offset);
        if start < clauses_end {
            clause(text, keyword, &tokens[start..end], &mut out);
        }
        at = end.max(start);
    }
    protocol(text, &mut out);
    out.source = source;
    out
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keyword {
    From,
    By,
    Via,
    With,
    Id,
    For,
}

impl Keyword {
    fn of(text: &str, token: Token) -> Option<Self> {
        if token.kind != Kind::Word {
            return None;
        }
        let word = &text[token.span];
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let all = [
            ("from", Self::From),
            ("by", Self::By),
            ("via", Self::Via),
            ("with", Self::With),
            ("id", Self::Id),
            ("for", Self::For),
        ];
        all.into_iter().find(|(name, _)| is(name)).map(|(_, keyword)| keyword)
    }
}

fn clause(text: &str, keyword: Keyword, tokens: &[Token], out: &mut Received) {
    let is_comment = |token: &&Token| matches!(token.kind, Kind::Comment | Kind::OpenComment);
    let value = value(tokens);
    for comment in tokens.iter().filter(is_comment) {
        let inner = Span::new(comment.span.start as usize + 1, inner_end(text, comment.span));
        if keyword == Keyword::From {
            client(text, inner, out);
        }
        remark(text, inner, out);
    }
    let parts = &mut out.spans;
    match keyword {
        Keyword::From => {
            parts.from = parts.from.or(value.map(|span| first_word(text, span)));
            from_name(text, value, out);
        }
        Keyword::By => parts.by = parts.by.or(value.map(|span| host(text, first_word(text, span)))),
        Keyword::With => parts.protocol = parts.protocol.or(value),
        Keyword::Id => parts.id = parts.id.or(value.map(|span| unbracketed(text, first_word(text, span)))),
        Keyword::For => {
            parts.recipient = parts.recipient.or(value.map(|span| unbracketed(text, first_word(text, span))))
        }
        Keyword::Via => {}
    }
}

/// From the first token to the last before a comment.
fn value(tokens: &[Token]) -> Option<Span> {
    let is_comment = |token: &Token| matches!(token.kind, Kind::Comment | Kind::OpenComment);
    let end = tokens.iter().position(is_comment).unwrap_or(tokens.len());
    Some(tokens[..end].first()?.span.to(tokens[end - 1].span))
}

/// What stands in the comments behind `from`.
fn client(text: &str, inner: Span, out: &mut Received) {
    let part = &text[inner];
    let place = |piece: &str| Span::of(piece, part).shifted(inner.start as usize);
    // qmail: `(HELO name)`. Exim: `([192.0.2.1]:25 helo=name)`.
    let marked = ["HELO ", "EHLO "].into_iter().find_map(|mark| strip_mark(part, mark));
    let marked = marked.or_else(|| after(part, "helo="));
    if let Some(helo) = marked.map(word).filter(|helo| !helo.is_empty()) {
        out.spans.helo = out.spans.helo.or(Some(place(helo)));
    }
    if out.ip.is_some() {
        return;
    }
    // Postfix, Sendmail, Gmail: `(name [192.0.2.1])`.
    if let Some((before, literal)) = part.split_once('[')
        && let Some((literal, _)) = literal.split_once(']')
        && let Some(ip) = address(literal)
    {
        out.ip = Some(ip);
        out.spans.ip = Some(place(literal));
        let name = before.trim_end();
        let name = name.rsplit(|c: char| c.is_whitespace()).next().unwrap_or(name);
        let name = name.rsplit('@').next().unwrap_or(name).trim_end_matches('.');
        if is_name(name) {
            out.spans.reverse_name = Some(place(name));
        }
        return;
    }
    // Exchange: `(2001:db8::1)`. qmail: `(ident@192.0.2.1)`.
    let only = word(part);
    let only = only.rsplit('@').next().unwrap_or(only);
    if let Some(ip) = address(only) {
        out.ip = Some(ip);
        out.spans.ip = Some(place(only));
    }
}

/// What the name behind `from` is, now that the comments are known.
fn from_name(text: &str, value: Option<Span>, out: &mut Received) {
    let Some(from) = out.spans.from else { return };
    // `from name [192.0.2.1] by …`: the address stands beside the name.
    let beside = value.filter(|_| out.ip.is_none()).and_then(|value| {
        let open = memchr::memchr(b'[', text[value].as_bytes())? + value.start as usize;
        let close = memchr::memchr(b']', text.as_bytes().get(open..value.end as usize)?)? + open;
        Some(Span::new(open + 1, close))
    });
    let bare = Some(from).filter(|_| out.ip.is_none());
    if let Some((ip, span)) = beside.or(bare).and_then(|span| Some((address(&text[span])?, span))) {
        out.ip = Some(ip);
        out.spans.ip = Some(span);
    }
    match out.spans.helo {
        // The HELO name is elsewhere, so this is the reverse name.
        Some(_) if is_name(&text[from]) => out.spans.reverse_name = out.spans.reverse_name.or(Some(from)),
        Some(_) => {}
        None => out.spans.helo = Some(from),
    }
}

/// TLS, logins and reverse-paths, which servers write into comments anywhere.
fn remark(text: &str, inner: Span, out: &mut Received) {
    let part = &text[inner];
    let place = |piece: &str| Span::of(piece, part).shifted(inner.start as usize);
    // Postfix `using TLSv1.3 with …`, Gmail and Exchange `version=TLS1_3 …`, Exim `(TLS1.3)` and `tls …`.
    let marks = ["using TLS", "version=TLS", "TLS1", "TLSv1"];
    if part.starts_with("using SSL") || marks.iter().any(|mark| strip_mark(part, mark).is_some()) {
        out.tls = Some(true);
        out.spans.tls = out.spans.tls.or(Some(inner));
    }
    if strip_mark(part, "Authenticated sender").is_some() {
        out.authenticated = true;
    }
    if let Some(path) = after(part, "envelope-from ").or_else(|| after(part, "envelope-from=")) {
        let path = word(path.trim_start());
        out.spans.envelope_from = out.spans.envelope_from.or(Some(unbracketed(text, place(path))));
    }
}

/// What RFC 3848 says that the protocol's name tells.
fn protocol(text: &str, out: &mut Received) {
    let Some(protocol) = out.spans.protocol else { return };
    let word = first_word(text, protocol);
    let name = text[word].to_ascii_uppercase();
    // Exim says so of a program on its own host, Exchange of whoever opened a mailbox.
    out.internal |= name == "LOCAL";
    out.authenticated |= name == "MAPI";
    let Some(rest) = ["UTF8SMTP", "UTF8LMTP", "ESMTP", "SMTP", "LMTP"].iter().find_map(|base| name.strip_prefix(base))
    else {
        return;
    };
    out.spans.protocol = Some(word);
    out.authenticated |= rest.contains('A');
    match rest {
        "S" | "SA" => out.tls = Some(true),
        "" | "A" => out.tls = out.tls.or(Some(false)),
        _ => {}
    }
}

/// An address with or without `[`, `]`, `IPv6:` and a zone or port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_start_matches('[');
    let text = text.split([']', '%']).next().unwrap_or(text);
    let text = strip_mark(text, "IPv6:").unwrap_or(text);
    text.parse().ok().or_else(|| {
        let (ip, port) = text.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        ip.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4)
    })
}

/// Servers write `unknown` where they found no name.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.eq_ignore_ascii_case("unknown") && address(text).is_none() && !text.starts_with('[')
}

fn host(text: &str, span: Span) -> Span {
    Span::new(span.start as usize, span.start as usize + text[span].trim_end_matches('.').len())
}

fn unbracketed(text: &str, span: Span) -> Span {
    let whole = &text[span];
    let inner = whole.strip_prefix('<').unwrap_or(whole);
    let start = span.end as usize - inner.len();
    Span::new(start, start + inner.strip_suffix('>').unwrap_or(inner).len())
}

/// The text up to the first white space.
fn word(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or(text)
}

fn first_word(text: &str, span: Span) -> Span {
    Span::new(span.start as usize, span.start as usize + word(&text[span]).len())
}

fn trimmed(text: &str, span: Span) -> Span {
    let part = &text[span];
    let start = span.start as usize + (part.len() - part.trim_start().len());
    Span::new(start, start + part.trim().len())
}

/// `text` behind `mark`, in whatever case.
fn strip_mark<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let head = text.get(..mark.len())?;
    head.eq_ignore_ascii_case(mark).then(|| &text[mark.len()..])
}

/// What follows the first `mark` in `text`.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.find(mark).map(|at| &text[at + mark.len()..])
}

/// Before the closing parenthesis, if there is one.
fn inner_end(text: &str, comment: Span) -> usize {
    let end = comment.end as usize;
    if comment.len() > 1 && text[comment].ends_with(')') { end - 1 } else { end }
}
