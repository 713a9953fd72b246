//! From and Sender, and the login.

use super::super::check::{Author, Context};
use super::super::directory::Status;
use super::super::key::Key;
use super::why;
use crate::finding::{Edit, Findings, Fix, Label, Subject, rules};
use crate::message::AddressList;

rules! {
    /// # From is not an address of the login
    ///
    /// Many services compare the author with the login: Exchange refuses ("SendAsDenied"), Gmail writes its own address
    /// into From, others say "Sender mismatch". Write as an address of yours, add this one as an alias, or have the right
    /// to send as it.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: Bob <bob@d.example>
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: Alice <info@d.example>
    /// ```
    NOT_OWNED = "from-not-owned", Error, MailRefused, ["RFC 6409 §8.1", "RFC 5322 §3.6.2"],
        "`{login}` may not write as `{address}`, which {why}";

    /// # The domain in From is not hosted here
    ///
    /// Its owner decides by DMARC what becomes of mail that its own servers did not send: mostly it is refused.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@gmail.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// ```
    NOT_HOSTED = "from-domain-not-hosted", Warning, Ok, ["RFC 9989 §4.2"],
        "the domain of `{address}` in From is not hosted here: its own DMARC policy judges the message";

    /// # Sender is not an address of the login
    ///
    /// Sender names who really sends, if that is not the author (RFC 5322 §3.6.2). So it must be an address of the login.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Sender: bob@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: boss@d.example
    /// Sender: alice@d.example
    /// ```
    SENDER = "sender-not-owned", Error, MailRefused, ["RFC 5322 §3.6.2"],
        "`{login}` may not name `{address}` in Sender, which {why}";

    /// # Sender says what From says
    ///
    /// The field should be left out then (RFC 5322 §3.6.2).
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Sender: alice@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// ```
    REDUNDANT = "sender-redundant", Note, Ok, ["RFC 5322 §3.6.2"], "Sender `{address}` says what From says";

    /// # Writing on behalf of another one needs a Sender field
    ///
    /// The login has the right to send on behalf of the address in From, but not as if it were the owner: it has to name
    /// itself in Sender. Mail programs then show "alice on behalf of boss".
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: boss@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: boss@d.example
    /// Sender: alice@d.example
    /// ```
    ON_BEHALF = "on-behalf-needs-sender", Error, MailRefused, ["RFC 5322 §3.6.2"],
        "`{login}` may write on behalf of `{address}` only with its own address in Sender";
}

/// What each mailbox in From is for the login.
pub(in crate::sender) fn check_from(
    cx: &Context<'_>,
    from: Option<&(Subject, AddressList)>,
    out: &mut Findings,
) -> Vec<Author> {
    let Some((subject, list)) = from else { return Vec::new() };
    let mut authors = Vec::new();
    for mailbox in list.mailboxes() {
        let author = cx.author(&mailbox.address);
        let place = mailbox.local_part.to(mailbox.domain.unwrap_or(mailbox.local_part));
        if let Some(login) = cx.login {
            if !author.status.is_allowed() && author.status != Status::Invalid {
                let found = out.report(&NOT_OWNED, Label::new(subject, place));
                found.arg("login", login).arg("address", &author.address).arg("why", why(author.status));
                if let Some(own) = cx.directory.mailbox(login) {
                    found.fix(Fix::maybe(format!("write as `{own}`"), [Edit::replace(place, own)]));
                }
            }
            if Key::new(&author.address).is_some_and(|key| !cx.directory.hosts(&key.domain)) {
                out.report(&NOT_HOSTED, Label::new(subject, place)).arg("address", &author.address);
            }
        }
        authors.push(author);
    }
    authors
}

/// What the mailbox in Sender is for the login.
pub(in crate::sender) fn check_sender(
    cx: &Context<'_>,
    sender: Option<&(Subject, AddressList)>,
    from: Option<&(Subject, AddressList)>,
    authors: &[Author],
    out: &mut Findings,
) -> Option<Author> {
    let Some((subject, list)) = sender else {
        check_on_behalf(cx, from, authors, out);
        return None;
    };
    let mut mailboxes = list.mailboxes();
    let (Some(mailbox), None, false) = (mailboxes.next(), mailboxes.next(), list.is_broken()) else {
        let label = Label::whole(subject);
        let written = label.quoted();
        let found = out.report(&SENDER, label);
        found.arg("login", cx.login.unwrap_or("nobody")).arg("address", written).arg("why", "is not one mailbox");
        return Some(Author { address: list.source().text().to_owned(), status: Status::Invalid, synonym_of: None });
    };
    let author = cx.author(&mailbox.address);
    let allowed = author.status.is_allowed() && author.status != Status::SendOnBehalf;
    if let Some(login) = cx.login.filter(|_| !allowed) {
        let found = out.report(&SENDER, Label::new(subject, mailbox.span));
        found.arg("login", login).arg("address", &author.address).arg("why", why(author.status));
    }
    if let [only] = authors
        && Key::new(&only.address) == Key::new(&author.address)
    {
        out.report(&REDUNDANT, Label::new(subject, mailbox.span)).arg("address", &author.address);
    }
    Some(author)
}

fn check_on_behalf(cx: &Context<'_>, from: Option<&(Subject, AddressList)>, authors: &[Author], out: &mut Findings) {
    let (Some(login), Some((subject, list))) = (cx.login, from) else { return };
    let boss = list.mailboxes().zip(authors).find(|(_, author)| author.status == Status::SendOnBehalf);
    if let Some((mailbox, author)) = boss {
        let found = out.report(&ON_BEHALF, Label::new(subject, mailbox.span));
        found.arg("login", login).arg("address", &author.address);
    }
}
