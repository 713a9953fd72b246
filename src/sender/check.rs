//! Who writes as whom in one submission.

use super::directory::{Directory, Status};
use super::key::Key;
use super::rules::{author, envelope, reply};
use crate::Name;
use crate::finding::{Diagnostic, Findings, Origin, Subject};
use crate::message::rules::author as message_author;
use crate::message::{AddressList, Message};
use crate::order;
use crate::text::Source;

/// A message that somebody hands in.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Submission, Verdict, check};
///
/// let logins = [("alice".to_owned(), "alice@example.com".to_owned())];
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// // After MAIL FROM, before the message has come, and without a login.
/// let submission = Submission { mail_from: Some("alice@example.com"), ..Submission::default() };
/// let outcome = check(&directory, &submission, |name| name.suffix(2));
/// assert_eq!((outcome.verdict, outcome.findings[0].code.as_str()), (Verdict::Reject, "mailfrom-owned-not-logged-in"));
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Submission<'a> {
    /// The login; `None` if nobody is logged in.
    pub login: Option<&'a str>,
    /// MAIL FROM without angle brackets, empty for the null reverse-path; `None` if it is not known.
    pub mail_from: Option<&'a str>,
    /// The header fields; `None` if only the envelope is known.
    pub fields: Option<Fields>,
}

/// The header fields that name somebody.
///
/// ```
/// use mailproof::message::Message;
/// use mailproof::sender::Fields;
///
/// let message = Message::parse(b"From: Boss <boss@example.com>\r\nSender: alice@example.com\r\n\r\nHello\r\n");
/// let fields = Fields::of(&message);
/// assert_eq!(fields.from[0].body.text().trim(), "Boss <boss@example.com>");
/// assert!(fields.sender.is_some() && fields.reply_to.is_none());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Fields {
    /// All From fields, in order.
    pub from: Vec<Field>,
    /// The Sender field.
    pub sender: Option<Field>,
    /// The Reply-To field.
    pub reply_to: Option<Field>,
}

/// A header field.
///
/// ```
/// use mailproof::message::Message;
/// use mailproof::sender::{Field, Fields};
///
/// let message = Message::parse(b"Subject: Hi\r\nFrom: alice@example.com\r\n\r\nHello\r\n");
/// assert_eq!(Fields::of(&message).from[0].index, 1);
/// // For those who have the body only.
/// assert_eq!(Field::from("alice@example.com").body.text(), "alice@example.com");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Field {
    /// Which header field it is, counted from 0 at the top.
    pub index: usize,
    /// Its body.
    pub body: Source,
}

#[cfg(feature = "serde")]
crate::reading::reads! { default Fields { needs; takes from, sender, reply_to } }
#[cfg(feature = "serde")]
crate::reading::reads! { Field { needs body; takes index } }

impl Fields {
    /// The fields of a message; of Sender and Reply-To the first.
    pub fn of(message: &Message<'_>) -> Self {
        let field = |index: usize| Field { index, body: Source::from_bytes(message.fields()[index].body()) };
        Self {
            from: message.fields_named("From").map(field).collect(),
            sender: message.fields_named("Sender").next().map(field),
            reply_to: message.fields_named("Reply-To").next().map(field),
        }
    }
}

impl From<&str> for Field {
    fn from(body: &str) -> Self {
        Self { index: 0, body: Source::new(body) }
    }
}

/// What came of it.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Fields, Status, Submission, Verdict, check};
///
/// let logins = [("scanner".to_owned(), "scanner@example.com".to_owned())];
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// let fields = Fields { from: vec!["scan@example.com".into()], ..Fields::default() };
/// let mail_from = Some("scanner@example.com");
/// let submission = Submission { login: Some("scanner"), mail_from, fields: Some(fields) };
/// let outcome = check(&directory, &submission, |name| name.suffix(2));
/// assert_eq!(outcome.verdict, Verdict::Reject);
/// assert_eq!(outcome.because().unwrap().code, "from-not-owned");
/// assert_eq!(outcome.from[0].status, Status::UnknownLocal);
/// assert_eq!(outcome.mail_from.unwrap().status, Status::Own);
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In short.
    pub verdict: Verdict,
    /// The login, as given.
    pub login: Option<String>,
    /// The address of the login's mailbox, if the directory has one.
    pub mailbox: Option<String>,
    /// What MAIL FROM is for the login; `None` if it is not known.
    pub mail_from: Option<Author>,
    /// What each mailbox in From is for the login.
    pub from: Vec<Author>,
    /// What the mailbox in Sender is for the login.
    pub sender: Option<Author>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

impl Outcome {
    /// What decided on the verdict; `None` if nothing was found.
    pub fn because(&self) -> Option<&Diagnostic> {
        self.findings.iter().find(|found| weight(found) == self.verdict)
    }
}

/// An address and what it is for the login.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Fields, Status, Submission, check};
///
/// let entries = Entries {
///     logins: [("alice".to_owned(), "alice@example.com".to_owned())].into(),
///     synonym_domains: [("example.net".to_owned(), "example.com".to_owned())].into(),
///     ..Entries::default()
/// };
/// let fields = Fields { from: vec!["alice@example.net".into()], ..Fields::default() };
/// let submission = Submission { login: Some("alice"), fields: Some(fields), ..Submission::default() };
/// let author = &check(&Directory::new(&entries)?, &submission, |name| name.suffix(2)).from[0];
/// // It is hers, but receivers find no SPF, DKIM or DMARC at example.net.
/// assert_eq!((author.status, author.synonym_of.as_deref()), (Status::AliasDomain, Some("example.com")));
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Author {
    /// The address.
    pub address: String,
    /// What it is for the login.
    pub status: Status,
    /// The domain for which its domain stands, if that has no DNS of its own.
    pub synonym_of: Option<String>,
}

/// What a careful submission server does.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Fields, Submission, Verdict, check};
///
/// let logins = [("alice".to_owned(), "alice@example.com".to_owned())];
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// let verdict = |from: &str| {
///     let fields = Fields { from: vec![from.into()], ..Fields::default() };
///     let submission = Submission { login: Some("alice"), fields: Some(fields), ..Submission::default() };
///     check(&directory, &submission, |name| name.suffix(2)).verdict
/// };
/// assert_eq!(verdict("alice@example.com").as_str(), "accept");
/// // Readers see the name, and receivers take it for a trick.
/// assert_eq!(verdict("\"ceo@example.org\" <alice@example.com>"), Verdict::Warn);
/// assert_eq!(verdict("ceo@example.com"), Verdict::Reject);
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Verdict {
    /// Takes the message.
    Accept,
    /// Takes it, but others may not.
    Warn,
    /// Refuses it.
    Reject,
}

impl Verdict {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

/// Whether the login may send this. `organizational_domain` gives the Organizational Domain of a name (RFC 9989 §4.10.2).
///
/// ```
/// use mailproof::Name;
/// use mailproof::sender::{Directory, Entries, Fields, Submission, Verdict, check};
///
/// let logins = ["alice@d.example", "bob@d.example"].map(|login| (login.to_owned(), login.to_owned()));
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// let submission = Submission {
///     login: Some("alice@d.example"),
///     mail_from: Some("alice@d.example"),
///     fields: Some(Fields { from: vec!["Bob <bob@d.example>".into()], ..Fields::default() }),
/// };
/// let outcome = check(&directory, &submission, |name| name.suffix(2));
/// assert_eq!(outcome.verdict, Verdict::Reject);
/// assert_eq!(outcome.findings[0].code, "from-not-owned");
/// assert_eq!(
///     outcome.advice()[0].text,
///     "You logged in as alice@d.example, but From says bob@d.example, which belongs to somebody else: \
///      write as alice@d.example, or let the administrator add bob@d.example to your addresses or give you the right to send as it",
/// );
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
pub fn check(
    directory: &Directory,
    submission: &Submission<'_>,
    organizational_domain: impl Fn(&Name) -> Name,
) -> Outcome {
    let cx = Context { directory, login: submission.login, organizational_domain: &organizational_domain };
    let mut out = Findings::default();
    let mail_from = envelope::check(&cx, submission.mail_from, &mut out);
    let mut from = Vec::new();
    let mut sender = None;
    if let Some(fields) = &submission.fields {
        let lists: Vec<_> = fields.from.iter().map(|field| read("From", field)).collect();
        let known = order::set(directory.domains().filter_map(|domain| Name::parse(domain).ok()));
        let header = Subject::given("");
        let about = message_author::Author {
            from: &lists,
            has_sender: fields.sender.is_some(),
            known: &known,
            header: &header,
        };
        message_author::check(&about, &mut out);
        let first = lists.first().filter(|(_, list)| !list.is_broken());
        let sender_list = fields.sender.as_ref().map(|field| read("Sender", field));
        from = author::check_from(&cx, first, &mut out);
        sender = author::check_sender(&cx, sender_list.as_ref(), first, &from, &mut out);
        let domains = author_domains(&from);
        envelope::check_alignment(&cx, submission.mail_from, &domains, &mut out);
        if let Some(field) = &fields.reply_to {
            reply::check(&cx, &read("Reply-To", field), &domains, &mut out);
        }
    }
    let findings = out.into_vec();
    Outcome {
        verdict: verdict(&findings),
        login: submission.login.map(str::to_owned),
        mailbox: submission.login.and_then(|login| directory.mailbox(login)).map(str::to_owned),
        mail_from,
        from,
        sender,
        findings,
    }
}

/// What the checks look at.
pub(super) struct Context<'a> {
    pub(super) directory: &'a Directory,
    pub(super) login: Option<&'a str>,
    pub(super) organizational_domain: &'a dyn Fn(&Name) -> Name,
}

impl Context<'_> {
    pub(super) fn author(&self, address: &str) -> Author {
        let key = Key::new(address);
        Author {
            status: self.directory.status(address, self.login),
            synonym_of: key.and_then(|key| self.directory.synonym_of(&key.domain).map(str::to_owned)),
            address: address.to_owned(),
        }
    }

    /// Whether no author domain has the Organizational Domain of `domain`; never without an author domain.
    pub(super) fn is_elsewhere(&self, domain: &Name, authors: &[Name]) -> bool {
        let organization = (self.organizational_domain)(domain);
        !authors.is_empty() && authors.iter().all(|author| (self.organizational_domain)(author) != organization)
    }
}

fn read(name: &str, field: &Field) -> (Subject, AddressList) {
    let origin = Origin::Field { name: name.to_owned(), index: field.index };
    (Subject::new(origin, field.body.clone()), AddressList::from_source(field.body.clone()))
}

fn author_domains(authors: &[Author]) -> Vec<Name> {
    authors.iter().filter_map(|author| Key::new(&author.address)?.name()).collect()
}

/// Findings after which a careful server refuses the message.
const REFUSED: &[&str] = &[
    "mailfrom-not-owned",
    "mailfrom-owned-not-logged-in",
    "mailfrom-invalid",
    "from-missing",
    "from-multiple-fields",
    "from-unparsable",
    "from-group-syntax",
    "from-not-owned",
    "from-no-sender-with-many",
    "sender-not-owned",
    "on-behalf-needs-sender",
];
/// Findings that say no more than how things are.
const HARMLESS: &[&str] = &["login-not-address", "returnpath-missing", "reply-to-freemail"];

fn verdict(findings: &[Diagnostic]) -> Verdict {
    findings.iter().map(weight).max().unwrap_or(Verdict::Accept)
}

/// What a careful server does because of one finding.
fn weight(found: &Diagnostic) -> Verdict {
    match found.code.as_str() {
        code if REFUSED.contains(&code) => Verdict::Reject,
        code if HARMLESS.contains(&code) => Verdict::Accept,
        _ => Verdict::Warn,
    }
}
