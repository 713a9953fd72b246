//! Reply-To beside From.

use super::super::check::Context;
use super::super::key::Key;
use crate::Name;
use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::message::AddressList;
use crate::message::providers::is_consumer;

rules! {
    /// # Answers go to another organisation
    ///
    /// Reply-To may name any address, and services that send for others use it. But it is also how fraud works: the author
    /// looks right, and the answer goes elsewhere.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Reply-To: x@other.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Reply-To: info@d.example
    /// ```
    MISMATCH = "reply-to-mismatch", Warning, Ok, ["RFC 5322 §3.6.2"],
        "answers go to `{address}`, which is of another organisation than From";

    /// # Answers go to a free mailbox
    ///
    /// From shows a company, and the answer goes to a mailbox that anybody can open: a common sign of fraud.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Reply-To: ceo.private@gmail.com
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// Reply-To: x@other.example
    /// ```
    TO_FREEMAIL = "reply-to-freemail", Warning, Ok, ["RFC 5322 §3.6.2"],
        "answers go to `{address}` at a free mail service, while From is at a domain of its own";
}

pub(in crate::sender) fn check(
    cx: &Context<'_>,
    (subject, list): &(Subject, AddressList),
    authors: &[Name],
    out: &mut Findings,
) {
    for mailbox in list.mailboxes() {
        let Some(domain) = Key::new(&mailbox.address).and_then(|key| key.name()) else { continue };
        if !cx.is_elsewhere(&domain, authors) {
            continue;
        }
        out.report(&MISMATCH, Label::new(subject, mailbox.span)).arg("address", &mailbox.address);
        if is_consumer(&domain) && !authors.iter().any(is_consumer) {
            let found = out.report(&TO_FREEMAIL, Label::new(subject, mailbox.span));
            found.arg("address", &mailbox.address).evidence(Evidence::Guessed);
        }
    }
}
