//! Reply-To beside From.

use super::super::check::Context;
use super::super::key::Key;
use crate::Name;
use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::message::AddressList;

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

/// Domains at which anybody can open a mailbox; the largest, for a hint only.
const FREEMAIL: &[&str] = &[
    "163.com",
    "aol.com",
    "free.fr",
    "gmail.com",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// Whether everybody can have an address at a domain.
pub(crate) fn is_freemail(name: &Name) -> bool {
    FREEMAIL.binary_search(&name.as_str()).is_ok()
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
        if is_freemail(&domain) && !authors.iter().any(is_freemail) {
            let found = out.report(&TO_FREEMAIL, Label::new(subject, mailbox.span));
            found.arg("address", &mailbox.address).evidence(Evidence::Guessed);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_can_be_searched() {
        assert!(super::FREEMAIL.is_sorted());
    }
}
