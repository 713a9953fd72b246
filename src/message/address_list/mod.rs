//! Address lists (RFC 5322 §3.4, with the obsolete forms of §4.4 and the UTF-8 of RFC 6532): From, Sender, Reply-To, To.
//!
//! Reading never fails. What readers of mail understand in different ways is kept, and said in a [`Flaw`]: that is how a
//! message shows one author to a person and another one to DMARC.

mod parse;
#[cfg(test)]
mod tests;

use super::tokens::{Kind, tokens};
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
///
/// ```
/// use mailproof::message::{Address, AddressList};
///
/// // A group may stand in From (RFC 6854); without members it names no author for DMARC.
/// let list = AddressList::parse("undisclosed senders:;");
/// assert!(matches!(&list.addresses()[0], Address::Group(group) if group.members.is_empty()));
/// assert_eq!(list.mailboxes().count(), 0);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A mailbox.
    Mailbox(NameAddr),
    /// `name: mailbox, mailbox;` (RFC 6854 allows it in From).
    Group(Group),
}

/// A mailbox, with or without angle brackets.
///
/// ```
/// use mailproof::message::AddressList;
///
/// let list = AddressList::parse("Ann <ann @ x.example>");
/// let text = list.source().text();
/// let mailbox = list.mailboxes().next().unwrap();
/// assert_eq!((&text[mailbox.display_name.unwrap()], &text[mailbox.domain.unwrap()]), ("Ann", "x.example"));
/// assert_eq!(mailbox.address, "ann@x.example");
/// ```
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
///
/// ```
/// use mailproof::message::AddressList;
///
/// let list = AddressList::parse("Team: ann@x.example, bob@x.example;");
/// let group = list.groups().next().unwrap();
/// assert_eq!((&list.source().text()[group.name], group.members.len()), ("Team", 2));
/// ```
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
///
/// ```
/// use mailproof::message::{AddressList, FlawKind};
///
/// // Readers disagree on who this is from.
/// let list = AddressList::parse("ceo@bank.example <ann@x.example>");
/// let flaw = list.flaws()[0];
/// assert_eq!((flaw.kind, &list.source().text()[flaw.span]), (FlawKind::UnquotedName, "ceo@bank.example"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// Where.
    pub span: Span,
}

/// What is not as RFC 5322 §3.4 has it.
///
/// ```
/// use mailproof::message::{AddressList, FlawKind};
///
/// let kind = |text: &str| AddressList::parse(text).flaws()[0].kind;
/// assert_eq!(kind("<ann@x.example"), FlawKind::UnclosedAngle);
/// assert_eq!(kind("ann@x.example, , bob@x.example"), FlawKind::EmptyElement);
/// // Only the first leaves open where the address ends.
/// assert!(FlawKind::UnclosedAngle.is_structural() && !FlawKind::EmptyElement.is_structural());
/// ```
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
        let (addresses, flaws) = parse::parse(source.text(), &tokens);
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
    ///
    /// ```
    /// use mailproof::message::AddressList;
    ///
    /// // Old programs write the name of the author so.
    /// let list = AddressList::parse("ann@x.example (Ann Lee)");
    /// assert_eq!(&list.source().text()[list.comments()[0]], "(Ann Lee)");
    /// ```
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// What is not as RFC 5322 has it, in order.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether nobody can say where the addresses begin and end.
    ///
    /// ```
    /// use mailproof::message::AddressList;
    ///
    /// assert!(AddressList::parse("Ann <ann@x.example").is_broken());
    /// assert!(!AddressList::parse("Ann <ann@x.example>,").is_broken());
    /// ```
    pub fn is_broken(&self) -> bool {
        self.flaws.iter().any(|flaw| flaw.kind.is_structural())
    }

    /// The display name of a mailbox: quotes taken off, encoded-words decoded.
    ///
    /// ```
    /// use mailproof::message::AddressList;
    ///
    /// let list = AddressList::parse("=?utf-8?q?Big_B=C3=A4nk?= <x@evil.example>");
    /// assert_eq!(list.display_name(list.mailboxes().next().unwrap()).as_deref(), Some("Big Bänk"));
    /// ```
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
