//! What a message says by itself, without the DNS.

use super::connection::Session;
use super::path::{HandedIn, Hop, before, handed_in, taken, way};
use super::{Input, Recipient};
use crate::Name;
use crate::bounce::Dsn;
use crate::dmarc::Author;
use crate::finding::{Label, Origin, Subject};
use crate::message::{AddressList, Message, Path};
use crate::text::Source;

/// The message, read once.
pub(super) struct Mail<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) message: Message<'a>,
    /// Its From fields, with their places.
    pub(super) from: Vec<(usize, AddressList)>,
    pub(super) author: Author,
    pub(super) session: Session,
    /// The way that it came, with the border between what the receiver saw and what the client says.
    pub(super) path: Path,
    /// That it came from no other server, if the receiver's field tells so.
    pub(super) handed_in: Option<HandedIn>,
    /// The hops before the session, the last first.
    pub(super) hops: Vec<Hop>,
    /// The report that it is, if it is one.
    pub(super) report: Option<Dsn>,
}

impl<'a> Mail<'a> {
    pub(super) fn read(input: &'a Input<'a>) -> Self {
        let message = Message::parse(input.message);
        let from: Vec<(usize, AddressList)> = message
            .fields_named("From")
            .map(|at| (at, AddressList::from_source(Source::from_bytes(message.fields()[at].body()))))
            .collect();
        let path = way(input, &message);
        let handed_in = handed_in(input, &path);
        let session = Session::of(&input.connection, &message, taken(&path), handed_in.is_some());
        let author = Author::of(from.iter().flat_map(|(_, list)| domains(list)));
        let hops = before(&path);
        let mut mail = Self { input, from, author, session, path, handed_in, hops, report: None, message };
        if mail.is_automatic() || mail.is_for_srs() {
            mail.report = Dsn::parse(input.message);
        }
        mail
    }

    /// Moves the border to `hop`, the one before the session, which the receiver's own filter wrote.
    pub(super) fn take_at(&mut self, hop: Hop) {
        self.hops.remove(0);
        self.path = self.path.clone().with_one_more();
        self.session.take_at(hop);
    }

    /// The Author Domain.
    pub(super) fn author_domain(&self) -> Option<&Name> {
        self.author.domain()
    }

    /// The first address in From.
    pub(super) fn author_address(&self) -> Option<&str> {
        self.from.iter().flat_map(|(_, list)| list.mailboxes()).map(|mailbox| mailbox.address.as_str()).next()
    }

    pub(super) fn recipient(&self) -> Option<&Recipient> {
        self.input.recipient.as_ref()
    }

    /// Whether it answers a message by itself: a report or a vacation notice, and not what a program writes of its own.
    pub(super) fn is_automatic_reply(&self) -> bool {
        self.is_automatic() && self.auto_submitted() != "auto-generated"
    }

    /// The word in Auto-Submitted (RFC 3834 §5), in lower case.
    fn auto_submitted(&self) -> String {
        let submitted = self.text("Auto-Submitted").unwrap_or_default();
        submitted.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether nobody is to answer it: a null reverse-path (RFC 5321 §4.5.5), or RFC 3834 §5 says so.
    pub(super) fn is_automatic(&self) -> bool {
        let null = self.session.reverse_path().is_some_and(str::is_empty);
        let word = self.auto_submitted();
        let report =
            self.text("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/report"));
        // Before RFC 3834, and beside it still.
        let old = self.text("Precedence").is_some_and(|word| word.eq_ignore_ascii_case("auto_reply"))
            || ["X-Autoreply", "X-Autorespond"].iter().any(|name| self.message.fields_named(name).next().is_some());
        null || report || old || !(word.is_empty() || word == "no")
    }

    fn is_for_srs(&self) -> bool {
        let srs = self.recipient().and_then(|recipient| recipient.srs.as_ref());
        srs.is_some_and(|srs| self.session.rcpt_to.iter().any(|to| domain_of(to).as_ref() == Some(&srs.domain)))
    }

    /// The body of the first field called so, unfolded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let at = self.message.fields_named(name).next()?;
        let body = String::from_utf8_lossy(self.message.fields()[at].body());
        Some(body.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The first field called so, to point at.
    pub(super) fn label(&self, name: &str) -> Option<Label> {
        self.message.fields_named(name).next().map(|at| self.label_at(at))
    }

    /// A header field, to point at.
    pub(super) fn label_at(&self, at: usize) -> Label {
        let field = &self.message.fields()[at];
        let name = String::from_utf8_lossy(field.name()).into_owned();
        Label::whole(&Subject::new(Origin::Field { name, index: at }, Source::from_bytes(field.body())))
    }
}

/// The domains that a From field names: none where nobody can say what it names.
fn domains(list: &AddressList) -> impl Iterator<Item = &str> {
    let readable = !list.is_broken();
    let domains = list.mailboxes().filter_map(|mailbox| mailbox.domain.map(|span| &list.source().text()[span]));
    domains.filter(move |_| readable)
}

/// The domain of an address; `None` for a literal and for what is no address.
pub(super) fn domain_of(address: &str) -> Option<Name> {
    let (_, domain) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    if domain.starts_with('[') { None } else { Name::parse(domain).ok() }
}
