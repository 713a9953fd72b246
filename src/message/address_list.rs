//! Address lists (RFC 5322 §3.4, with the obsolete forms of §4.4 and the UTF-8 of RFC 6532): From, Sender, Reply-To, To.
//!
//! Reading never fails. What readers of mail understand in different ways is kept, and said in a [`Flaw`]: that is how a
//! message shows one author to a person and another one to DMARC.

use std::ops::Range;

use super::tokens::{Kind, Token, tokens};
use crate::text::{Source, Span};

/// The addresses of a field's body.
///
/// ```
/// use mailproof::message::AddressList;
///
/// let list = AddressList::parse("\"Ann, of X\" <ann@x.example>, Team: bob@x.example (Bob);");
/// let addresses: Vec<_> = list.mailboxes().map(|mailbox| mailbox.address.as_str()).collect();
/// assert_eq!(addresses, ["ann@x.example", "bob@x.example"]);
/// assert!(list.flaws().is_empty());
///
/// let list = AddressList::parse("<ann@x.example> ceo@bank.example");
/// assert_eq!(&list.source().text()[list.flaws()[0].span], "ceo@bank.example");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressList {
    source: Source,
    addresses: Vec<Address>,
    comments: Vec<Span>,
    flaws: Vec<Flaw>,
}

/// One address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A mailbox.
    Mailbox(NameAddr),
    /// `name: mailbox, mailbox;` (RFC 6854 allows it in From).
    Group(Group),
}

/// A mailbox, with or without angle brackets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameAddr {
    /// All of it.
    pub span: Span,
    /// The words before the angle bracket, as written.
    pub display_name: Option<Span>,
    /// `@a,@b:` of RFC 5322 §4.4, which readers must ignore.
    pub route: Option<Span>,
    /// Where the local-part stands.
    pub local_part: Span,
    /// Where the domain stands; `None` without an `@`.
    pub domain: Option<Span>,
    /// The addr-spec without comments and folding: what [`crate::Mailbox::parse`] reads.
    pub address: String,
}

/// A group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Span,
    /// Its mailboxes; there may be none.
    pub members: Vec<NameAddr>,
}

/// What is not as RFC 5322 §3.4 has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// Where.
    pub span: Span,
}

/// What is not as RFC 5322 §3.4 has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FlawKind {
    /// `<` without `>`.
    UnclosedAngle,
    /// `>` without `<`, or `<` inside `<…>`.
    StrayAngle,
    /// Text after `<…>` that is no comment.
    TextAfterAngle,
    /// `"` without a second one.
    UnclosedQuote,
    /// `(` without `)`.
    UnclosedComment,
    /// `[` without `]`.
    UnclosedLiteral,
    /// A group without its `;`.
    UnclosedGroup,
    /// `;` or `:` where none belongs.
    StraySeparator,
    /// Two commas meet, or one begins or ends the list (§4.4).
    EmptyElement,
    /// No `@`.
    NoDomain,
    /// Nothing before the `@`, or nothing after it.
    EmptyPart,
    /// More than one `@` outside quotes.
    SeveralAts,
    /// `@` in a quoted local-part.
    QuotedAt,
    /// A route before the address (§4.4).
    Route,
    /// A backslash outside quotes, such as `\,`.
    QuotedPair,
    /// White space inside the address where no dot joins the words.
    Gap,
    /// An encoded-word where only an address may stand (RFC 2047 §5).
    EncodedAddress,
    /// `@` in a display name without quotes.
    UnquotedName,
    /// A NUL or another control character.
    Control,
}

impl FlawKind {
    /// Whether nobody can say where the address begins and ends.
    pub fn is_structural(self) -> bool {
        match self {
            Self::UnclosedAngle
            | Self::StrayAngle
            | Self::TextAfterAngle
            | Self::UnclosedQuote
            | Self::UnclosedComment
            | Self::UnclosedLiteral
            | Self::QuotedPair => true,
            Self::UnclosedGroup
            | Self::StraySeparator
            | Self::EmptyElement
            | Self::NoDomain
            | Self::EmptyPart
            | Self::SeveralAts
            | Self::QuotedAt
            | Self::Route
            | Self::Gap
            | Self::EncodedAddress
            | Self::UnquotedName
            | Self::Control => false,
        }
    }
}

impl AddressList {
    /// Reads the body of a field, folded or not.
    pub fn parse(text: &str) -> Self {
        Self::from_source(Source::new(text))
    }

    /// Reads the body of a field that is kept as a source.
    pub fn from_source(source: Source) -> Self {
        let tokens = tokens(source.text());
        let mut parser = Parser { text: source.text(), tokens: &tokens, at: 0, flaws: Vec::new() };
        let addresses = parser.list();
        let flaws = parser.flaws;
        let comments = tokens.iter().filter(|token| token.kind == Kind::Comment).map(|token| token.span).collect();
        Self { addresses, comments, flaws, source }
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The addresses, in order.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// All mailboxes, those of groups too.
    pub fn mailboxes(&self) -> impl Iterator<Item = &NameAddr> {
        self.addresses.iter().flat_map(|address| match address {
            Address::Mailbox(mailbox) => std::slice::from_ref(mailbox),
            Address::Group(group) => group.members.as_slice(),
        })
    }

    /// The groups.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.addresses.iter().filter_map(|address| match address {
            Address::Group(group) => Some(group),
            Address::Mailbox(_) => None,
        })
    }

    /// The comments, with their parentheses.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// What is not as RFC 5322 has it, in order.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether nobody can say where the addresses begin and end.
    pub fn is_broken(&self) -> bool {
        self.flaws.iter().any(|flaw| flaw.kind.is_structural())
    }

    /// The display name of a mailbox: quotes taken off, encoded-words decoded.
    pub fn display_name(&self, mailbox: &NameAddr) -> Option<String> {
        let raw = &self.source.text()[mailbox.display_name?];
        let mut plain = String::with_capacity(raw.len());
        let mut chars = raw.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' | '\r' | '\n' => {}
                '\\' => plain.extend(chars.next()),
                c => plain.push(c),
            }
        }
        Some(super::decode_words(&plain).into_owned())
    }
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
                if !alone && !(end == End::Text && group.is_none() && self.after_group(start)) {
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

    fn after_group(&self, start: usize) -> bool {
        start > 0 && self.tokens[start - 1].kind == Kind::Special(b';')
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
            let start = before.len() - last_word(&before);
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
            let text = &self.text[token.span];
            let joined = last.is_none_or(|last| {
                last.span.end == token.span.start || self.text[last.span].ends_with('.') || text.starts_with('.')
            });
            if !joined {
                out.push(' ');
                self.flaw(FlawKind::Gap, token.span);
            }
            out.push_str(text);
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
    let Range { start, end } = 0..tokens.len();
    Some(tokens.get(start)?.span.to(tokens.get(end.checked_sub(1)?)?.span))
}

/// How many tokens from the end belong to the address of an element without angle brackets: `Name ann@x.example` has
/// words before it.
fn last_word(tokens: &[Token]) -> usize {
    let Some(at) = tokens.iter().position(|token| token.kind == Kind::Special(b'@')) else { return tokens.len() };
    let mut start = at;
    while start > 0 && (start == at || tokens[start - 1].span.end == tokens[start].span.start) {
        start -= 1;
    }
    tokens.len() - start
}
