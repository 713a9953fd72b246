//! From tokens to addresses (RFC 5322 §3.4, §4.4), one pass without looking back.

use super::{Address, Flaw, FlawKind, Group, NameAddr};
use crate::message::tokens::{Kind, Token};
use crate::text::Span;

/// The addresses in `tokens`, and what is wrong with them.
pub(super) fn parse(text: &str, tokens: &[Token]) -> (Vec<Address>, Vec<Flaw>) {
    let mut parser = Parser { text, tokens, at: 0, flaws: Vec::new() };
    let addresses = parser.list();
    (addresses, parser.flaws)
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    flaws: Vec<Flaw>,
}

/// What ended an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Comma,
    Colon,
    Semicolon,
    Text,
}

/// What was collected of an element.
#[derive(Default)]
struct Element {
    /// Before the angle bracket, or all of it.
    before: Vec<Token>,
    /// Between the angle brackets.
    angle: Option<Vec<Token>>,
    /// The angle bracket began with `@` and no `:` has come: commas inside belong to the route.
    in_route: bool,
    after: Option<Span>,
}

impl Parser<'_> {
    fn list(&mut self) -> Vec<Address> {
        let mut addresses = Vec::new();
        let mut group: Option<Group> = None;
        let mut first = true;
        loop {
            let start = self.at;
            let (element, end) = self.element(group.is_some());
            if end == End::Colon {
                let name = cover(&element.before).unwrap_or(Span::at(self.offset(start)));
                group = Some(Group { span: name, name, members: Vec::new() });
                first = true;
                continue;
            }
            let empty = element.before.is_empty() && element.angle.is_none();
            if empty {
                // An empty group, and an empty field, are no empty elements.
                let alone = first && matches!(end, End::Semicolon | End::Text);
                if !alone {
                    self.flaw(FlawKind::EmptyElement, Span::at(self.offset(start)));
                }
            } else if let Some(mailbox) = self.mailbox(element) {
                match &mut group {
                    Some(group) => group.members.push(mailbox),
                    None => addresses.push(Address::Mailbox(mailbox)),
                }
            }
            first = false;
            match end {
                End::Comma | End::Colon => {}
                End::Semicolon => {
                    let stop = self.offset_before();
                    match group.take() {
                        Some(mut done) => {
                            done.span = done.span.to(Span::new(stop, stop + 1));
                            addresses.push(Address::Group(done));
                        }
                        None => self.flaw(FlawKind::StraySeparator, Span::new(stop, stop + 1)),
                    }
                    // A comma may follow the group.
                    if self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::Special(b',')) {
                        self.at += 1;
                    }
                    if self.at == self.tokens.len() {
                        return addresses;
                    }
                    first = true;
                }
                End::Text => {
                    if let Some(mut open) = group {
                        self.flaw(FlawKind::UnclosedGroup, Span::at(self.text.len()));
                        open.span = open.span.to(Span::at(self.text.len()));
                        addresses.push(Address::Group(open));
                    }
                    return addresses;
                }
            }
        }
    }

    /// Collects tokens up to the next separator and steps over it.
    fn element(&mut self, in_group: bool) -> (Element, End) {
        let mut element = Element::default();
        let mut open = false;
        let mut had_at = false;
        while let Some(&token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.kind {
                Kind::Comment => {}
                Kind::Special(b',') if !(open && element.in_route) => {
                    return (self.close(element, open), End::Comma);
                }
                Kind::Special(b';') if !open => return (element, End::Semicolon),
                Kind::Special(b':') if !open && !in_group && !had_at && element.angle.is_none() => {
                    return (element, End::Colon);
                }
                Kind::Special(b':') if !open => self.flaw(FlawKind::StraySeparator, token.span),
                Kind::Special(b'<') if element.angle.is_none() => {
                    element.angle = Some(Vec::new());
                    open = true;
                }
                Kind::Special(b'<') if open => self.flaw(FlawKind::StrayAngle, token.span),
                Kind::Special(b'>') if open => open = false,
                Kind::Special(b'>') if element.angle.is_none() => self.flaw(FlawKind::StrayAngle, token.span),
                kind => {
                    match kind {
                        Kind::Pair => self.flaw(FlawKind::QuotedPair, token.span),
                        Kind::Control => self.flaw(FlawKind::Control, token.span),
                        Kind::OpenQuote => self.flaw(FlawKind::UnclosedQuote, token.span),
                        Kind::OpenComment => self.flaw(FlawKind::UnclosedComment, token.span),
                        Kind::OpenLiteral => self.flaw(FlawKind::UnclosedLiteral, token.span),
                        Kind::Special(b'@') => had_at = true,
                        _ => {}
                    }
                    match &mut element.angle {
                        None => element.before.push(token),
                        Some(inside) if open => {
                            element.in_route |= inside.is_empty() && kind == Kind::Special(b'@');
                            element.in_route &= kind != Kind::Special(b':');
                            inside.push(token);
                        }
                        Some(_) => {
                            element.after = Some(element.after.map_or(token.span, |span| span.to(token.span)));
                        }
                    }
                }
            }
        }
        (self.close(element, open), End::Text)
    }

    fn close(&mut self, element: Element, open: bool) -> Element {
        if open {
            let inside = element.angle.as_deref().and_then(cover);
            self.flaw(FlawKind::UnclosedAngle, inside.unwrap_or(Span::at(self.offset_before())));
        }
        element
    }

    fn mailbox(&mut self, element: Element) -> Option<NameAddr> {
        if let Some(after) = element.after {
            self.flaw(FlawKind::TextAfterAngle, after);
        }
        let Element { before, angle, .. } = element;
        let name = cover(&before);
        let Some(inside) = angle else {
            let span = name?;
            let start = before.len() - last_word(self.text, &before);
            return Some(self.addr_spec(&before, start, None, None, span));
        };
        if before.iter().any(|token| token.kind == Kind::Special(b'@')) {
            self.flaw(FlawKind::UnquotedName, name.unwrap_or_default());
        }
        let (route, start) = self.route(&inside);
        let whole = cover(&inside).unwrap_or(Span::at(self.offset_before()));
        Some(self.addr_spec(&inside, start, name, route, name.unwrap_or(whole).to(whole)))
    }

    /// The route at the start, and the first token after it.
    fn route(&mut self, inside: &[Token]) -> (Option<Span>, usize) {
        if inside.first().map(|token| token.kind) != Some(Kind::Special(b'@')) {
            return (None, 0);
        }
        let Some(colon) = inside.iter().position(|token| token.kind == Kind::Special(b':')) else { return (None, 0) };
        let span = inside[0].span.to(inside[colon].span);
        self.flaw(FlawKind::Route, span);
        (Some(span), colon + 1)
    }

    /// §3.4.1. `start` is where the address begins among the tokens.
    fn addr_spec(
        &mut self,
        tokens: &[Token],
        start: usize,
        name: Option<Span>,
        route: Option<Span>,
        span: Span,
    ) -> NameAddr {
        let tokens = &tokens[start..];
        let is_at = |token: &Token| token.kind == Kind::Special(b'@');
        let at = tokens.iter().rposition(is_at);
        let (local, domain) = match at {
            Some(at) => (&tokens[..at], Some(&tokens[at + 1..])),
            None => (tokens, None),
        };
        if let Some(second) = local.iter().find(|token| is_at(token)) {
            self.flaw(FlawKind::SeveralAts, second.span);
        }
        let mut address = String::new();
        self.join(local, &mut address);
        for token in local {
            let text = &self.text[token.span];
            if token.kind == Kind::Quoted && text.contains('@') {
                self.flaw(FlawKind::QuotedAt, token.span);
            }
            if token.kind == Kind::Word && text.starts_with("=?") && text.ends_with("?=") {
                self.flaw(FlawKind::EncodedAddress, token.span);
            }
        }
        if let Some(domain) = domain {
            address.push('@');
            self.join(domain, &mut address);
            if local.is_empty() || domain.is_empty() {
                self.flaw(FlawKind::EmptyPart, span);
            }
        } else {
            self.flaw(FlawKind::NoDomain, span);
        }
        let place = |part: &[Token]| cover(part).unwrap_or(Span::at(span.start as usize));
        NameAddr {
            span,
            display_name: name,
            route,
            local_part: place(local),
            domain: domain.map(|domain| cover(domain).unwrap_or(Span::at(span.end as usize))),
            address,
        }
    }

    /// The words without what stands between them; words that no dot joins keep a space.
    fn join(&mut self, tokens: &[Token], out: &mut String) {
        let mut last: Option<&Token> = None;
        for token in tokens {
            if last.is_some_and(|last| !is_joined(self.text, last, token)) {
                out.push(' ');
                self.flaw(FlawKind::Gap, token.span);
            }
            out.push_str(&self.text[token.span]);
            last = Some(token);
        }
    }

    fn flaw(&mut self, kind: FlawKind, span: Span) {
        self.flaws.push(Flaw { kind, span });
    }

    /// Where token `index` begins.
    fn offset(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(self.text.len(), |token| token.span.start as usize)
    }

    /// Where the last token that was read begins.
    fn offset_before(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |index| self.offset(index))
    }
}

/// From the first to the last.
fn cover(tokens: &[Token]) -> Option<Span> {
    Some(tokens.first()?.span.to(tokens.last()?.span))
}

/// Whether two tokens touch, or have a dot between them: comments and white space beside a dot are allowed (§4.4).
fn is_joined(text: &str, before: &Token, after: &Token) -> bool {
    before.span.end == after.span.start || text[before.span].ends_with('.') || text[after.span].starts_with('.')
}

/// How many tokens from the end belong to the address of an element without angle brackets: `Name ann@x.example` has
/// words before it.
fn last_word(text: &str, tokens: &[Token]) -> usize {
    let Some(at) = tokens.iter().position(|token| token.kind == Kind::Special(b'@')) else { return tokens.len() };
    let mut start = at;
    while start > 0 && (start == at || is_joined(text, &tokens[start - 1], &tokens[start])) {
        start -= 1;
    }
    tokens.len() - start
}
