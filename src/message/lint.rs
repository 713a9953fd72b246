//! What is told about a message's header, and which facts from outside it takes.

use std::collections::BTreeSet;

use super::rules::{ambiguity, author, author_domains, lines, results, scripts, structure, unsubscribe};
use super::{AddressList, Message, Path};
use crate::finding::{Diagnostic, Findings, Origin, Subject};
use crate::order::sort_by_key;
use crate::text::{Source, Span};
use crate::{Name, Timestamp};

/// Facts that a message does not hold itself. What is not given is not known, and nothing is said that needs it.
///
/// ```
/// use mailproof::message::{LintOptions, Message, lint};
///
/// let message = Message::parse(b"From: \"Big Bank\" <x@evil.example>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@evil.example>\r\n\r\n");
/// assert!(lint(&message, &LintOptions::default()).is_empty());
/// let options = LintOptions::default().brand("Big Bank", "bigbank.example".parse()?);
/// assert_eq!(lint(&message, &options)[0].code, "from-display-name-brand");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LintOptions {
    pub(crate) known: BTreeSet<Name>,
    pub(crate) brands: Vec<(String, Name)>,
    pub(crate) trusted: Vec<Name>,
    pub(crate) at_border: bool,
    pub(crate) bulk: Option<bool>,
    pub(crate) authenticated: Option<BTreeSet<Name>>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) received_at: Option<Timestamp>,
}

/// What was found when the message was checked again, to be compared with what its Authentication-Results fields say.
///
/// ```
/// use mailproof::message::{LintOptions, Message, Verdict, lint};
///
/// let message = Message::parse(b"Authentication-Results: mx.r.example; dkim=pass header.d=d.example\r\n\
///     From: ann@d.example\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\n\r\n");
/// // Checked again, the signature fails.
/// let again = Verdict { method: "dkim".into(), domain: Some("d.example".parse()?), result: "fail".into() };
/// let found = lint(&message, &LintOptions::default().verdict(again));
/// assert!(found.iter().any(|found| found.code == "authres-result-differs"));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// spf, dkim, dmarc or arc.
    pub method: String,
    /// What it is about: `d=` for dkim, the domain of MAIL FROM for spf, the Author Domain for dmarc. `None` stands for any.
    pub domain: Option<Name>,
    /// The result, in the words of RFC 8601.
    pub result: String,
}

impl LintOptions {
    /// A domain for which another one might be taken: one's own, those of partners and banks.
    ///
    /// ```
    /// use mailproof::message::{LintOptions, Message, lint};
    ///
    /// let message = Message::parse(b"From: support@bigbamk.example\r\n\r\n");
    /// let found = lint(&message, &LintOptions::default().known("bigbank.example".parse()?));
    /// assert!(found.iter().any(|found| found.code == "from-cousin-domain"));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn known(mut self, domain: Name) -> Self {
        self.known.insert(domain);
        self
    }

    /// A name that only mail from `domain` may show: a company, or a person who could be imitated.
    #[must_use]
    pub fn brand(mut self, name: impl Into<String>, domain: Name) -> Self {
        self.brands.push((name.into(), domain));
        self
    }

    /// A host whose Received and Authentication-Results fields are believed, with the names below it.
    ///
    /// ```
    /// use mailproof::message::{LintOptions, Message, lint};
    ///
    /// let message = Message::parse(b"Authentication-Results: mx.other.example; dkim=pass header.d=d.example\r\n\
    ///     From: ann@d.example\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\n\r\n");
    /// // Whoever sent it could have written that field.
    /// let found = lint(&message, &LintOptions::default().trusted("mx.home.example".parse()?));
    /// assert_eq!(found[0].code, "align-authres-forged");
    /// assert!(lint(&message, &LintOptions::default().trusted("other.example".parse()?)).is_empty());
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn trusted(mut self, host: Name) -> Self {
        self.trusted.push(host);
        self
    }

    /// The receiver has not written fields of its own into the message yet: all that are there came from outside.
    ///
    /// ```
    /// use mailproof::message::{LintOptions, Message, Verdict, lint};
    ///
    /// let message = Message::parse(b"Authentication-Results: mx.r.example; dkim=pass\r\nFrom: a@d.example\r\n\r\n");
    /// let fails = Verdict { method: "dkim".into(), domain: None, result: "fail".into() };
    /// let differs = |options: LintOptions| {
    ///     lint(&message, &options.verdict(fails.clone())).iter().any(|found| found.code == "authres-result-differs")
    /// };
    /// // A field of the receiver should agree with it; at the border it is only what the sender wrote.
    /// assert!(differs(LintOptions::default()));
    /// assert!(!differs(LintOptions::default().at_border()));
    /// ```
    #[must_use]
    pub fn at_border(mut self) -> Self {
        self.at_border = true;
        self
    }

    /// Whether the message went to many recipients; `None`, the default, looks for the signs of it.
    ///
    /// ```
    /// use mailproof::message::{LintOptions, Message, lint};
    ///
    /// let message = Message::parse(b"From: news@d.example\r\n\r\n");
    /// let wants = |bulk| {
    ///     let found = lint(&message, &LintOptions::default().bulk(bulk));
    ///     found.iter().any(|found| found.code == "list-unsubscribe-missing")
    /// };
    /// assert!(wants(true) && !wants(false));
    /// ```
    #[must_use]
    pub fn bulk(mut self, bulk: bool) -> Self {
        self.bulk = Some(bulk);
        self
    }

    /// The domains for which SPF or DKIM passed; none of them is a fact too.
    ///
    /// ```
    /// use mailproof::message::{LintOptions, Message, lint};
    ///
    /// // The message is said to come from a mailbox at Gmail, and SPF passed for somebody else.
    /// let message = Message::parse(b"From: ann@gmail.com\r\n\r\n");
    /// let found = lint(&message, &LintOptions::default().authenticated(["esp.example".parse()?]));
    /// assert!(found.iter().any(|found| found.code == "from-consumer-domain-via-other"));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn authenticated(mut self, domains: impl IntoIterator<Item = Name>) -> Self {
        self.authenticated.get_or_insert_default().extend(domains);
        self
    }

    /// When the receiver took the message; otherwise its Received field says it.
    ///
    /// ```
    /// use mailproof::{Timestamp, message::{LintOptions, Message, lint}};
    ///
    /// let message = Message::parse(b"From: a@d.example\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n");
    /// // Three weeks later.
    /// let found = lint(&message, &LintOptions::default().received_at(Timestamp(1_769_076_000)));
    /// assert!(found.iter().any(|found| found.code == "date-skew"));
    /// ```
    #[must_use]
    pub fn received_at(mut self, time: Timestamp) -> Self {
        self.received_at = Some(time);
        self
    }

    /// What was found when the message was checked again.
    #[must_use]
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdicts.push(verdict);
        self
    }
}

/// What there is to say about the header of `message`, in the order of the places in it.
///
/// Bodies are only looked at for line ends and line lengths. What no field holds comes first.
///
/// ```
/// use mailproof::message::{LintOptions, Message, lint};
///
/// let message = Message::parse(b"From: ann@x.example\r\nFrom: ceo@bank.example\r\n\r\nHello\r\n");
/// let found = lint(&message, &LintOptions::default());
/// let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
/// assert_eq!(codes[..2], ["message-id-missing", "date-missing"]);
/// assert!(codes.contains(&"from-multiple-fields"));
/// ```
pub fn lint(message: &Message<'_>, options: &LintOptions) -> Vec<Diagnostic> {
    let cx = Context::new(message, options);
    let mut out = Findings::default();
    let about = author::Author {
        from: &cx.from,
        has_sender: message.fields_named("Sender").next().is_some(),
        known: &options.known,
        header: &cx.header,
    };
    author::check(&about, &mut out);
    author_domains::check(&cx, &mut out);
    scripts::check(&cx, &mut out);
    ambiguity::check(&cx, &mut out);
    structure::check(&cx, &mut out);
    unsubscribe::check(&cx, &mut out);
    results::check(&cx, &mut out);
    lines::check(&cx, &mut out);
    let mut found = out.into_vec();
    sort_by_key(&mut found, |found| match found.primary.subject.origin() {
        Origin::Field { index, .. } => (1, *index, found.primary.span.start),
        Origin::Body => (2, 0, 0),
        _ => (0, 0, 0),
    });
    found
}

/// What the rules look at.
pub(super) struct Context<'a> {
    pub(super) message: &'a Message<'a>,
    pub(super) options: &'a LintOptions,
    /// All From fields, in order.
    pub(super) from: Vec<(Subject, AddressList)>,
    pub(super) path: Path,
    /// What stands for the header where a field is missing.
    pub(super) header: Subject,
}

impl<'a> Context<'a> {
    fn new(message: &'a Message<'a>, options: &'a LintOptions) -> Self {
        let from = message.fields_named("From").map(|at| {
            let subject = field_subject(message, at);
            let list = AddressList::from_source(subject.source().clone());
            (subject, list)
        });
        let path = if options.at_border { Path::claims(message) } else { Path::of(message, &options.trusted) };
        Self { message, options, from: from.collect(), path, header: Subject::given("") }
    }

    /// Field `at` as the subject of a finding.
    pub(super) fn subject(&self, at: usize) -> Subject {
        field_subject(self.message, at)
    }

    /// The first field called `name`.
    pub(super) fn first(&self, name: &str) -> Option<Subject> {
        self.message.fields_named(name).next().map(|at| self.subject(at))
    }

    /// The domain of the author, if there is one author field and one domain in it.
    pub(super) fn author_domain(&self) -> Option<Name> {
        let [(_, list)] = self.from.as_slice() else { return None };
        let mut domains = list.mailboxes().map(|mailbox| domain_name(list, mailbox));
        let first = domains.next()??;
        domains.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }
}

/// The domain of a mailbox as a name.
pub(super) fn domain_name(list: &AddressList, mailbox: &super::NameAddr) -> Option<Name> {
    Name::parse(&list.source().text()[mailbox.domain?]).ok()
}

fn field_subject(message: &Message<'_>, at: usize) -> Subject {
    let field = &message.fields()[at];
    let name = String::from_utf8_lossy(field.name()).into_owned();
    Subject::new(Origin::Field { name, index: at }, Source::from_bytes(field.body()))
}

/// `span` of the message in the field that holds it, and the field; `None` if it is in no field's body.
pub(super) fn place_in_field(message: &Message<'_>, span: Span) -> Option<(usize, Span)> {
    let after = message.fields().partition_point(|field| field.span().start <= span.start);
    let at = after.checked_sub(1)?;
    let body = message.fields()[at].body_span();
    if !body.contains(span) {
        return None;
    }
    let source = Source::from_bytes(&message.bytes()[body.range()]);
    let (mut start, mut end) = (0, source.text().len());
    // Each byte that is not UTF-8 stands as a longer character in the source; a character of several bytes is in or out.
    let mut byte = body.start;
    for (place, c) in source.text().char_indices() {
        if byte <= span.start {
            start = place;
        }
        if byte >= span.end {
            end = place;
            break;
        }
        let invalid = source.invalid_bytes().binary_search_by_key(&place, |&(offset, _)| offset as usize).is_ok();
        byte += if invalid { 1 } else { c.len_utf8() as u32 };
    }
    // At the end of the text.
    start = if byte <= span.start { end } else { start };
    Some((at, Span::new(start, end)))
}
