//! Step 3, first half: without one Author Domain nothing can be said.

use super::Case;
use crate::cause::{Cause, Evidence, Found};
use crate::dmarc::{self, Author};
use crate::message::Address;

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    let mail = case.mail;
    let seen = match (&mail.author, mail.message.fields_named("From").count()) {
        (_, 0) => "there is no From field".to_owned(),
        (_, 2..) => format!("there are {} From fields", mail.message.fields_named("From").count()),
        (Author::Several(domains), 1) => {
            format!("From names several domains: {}", dmarc::listed(domains, ""))
        }
        (Author::Nobody, 1) => "From names no address in a domain".to_owned(),
        (Author::Domain(_), 1) => return comma(case),
    };
    let evidence = match mail.label("From") {
        Some(label) => Evidence::at(label, seen.clone()),
        None => Evidence::from(seen.clone()),
    };
    let told = format!("{seen}, so DMARC has no domain to check, and many receivers refuse the message");
    Some(Found::new(Cause::FromNotSingleDomain, evidence).told(told))
}

/// `From: Miller, Ann <ann@d.example>`: the comma ends an address (RFC 5322 §3.4), and what stands before it is none.
fn comma(case: &Case<'_>) -> Option<Found> {
    let (at, list) = case.mail.from.first()?;
    let [Address::Mailbox(before), Address::Mailbox(author)] = list.addresses() else { return None };
    let text = list.source().text();
    let is_name = before.domain.is_none() && before.display_name.is_none() && !before.address.contains('@');
    let name = author.display_name.filter(|_| is_name)?;
    let (before, after) = (text[before.span].trim(), text[name].trim());
    let quoted = format!("\"{before}, {after}\" <{}>", author.address);
    Some(
        Found::new(
            Cause::FromNotSingleDomain,
            Evidence::at(case.mail.label_at(*at), format!("`{before}` stands in From as an address by itself")),
        )
        .told(format!(
            "the comma in From makes two addresses of a name, and `{before}` is none: many receivers refuse the message"
        ))
        .advise(format!("Write the name in quotes: `From: {quoted}`")),
    )
}
