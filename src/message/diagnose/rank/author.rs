//! Step 3, first half: without one Author Domain nothing can be said.

use super::Case;
use crate::cause::{Cause, Evidence, Found};
use crate::dmarc::Author;

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    let mail = case.mail;
    let seen = match (&mail.author, mail.message.fields_named("From").count()) {
        (_, 0) => "there is no From field".to_owned(),
        (_, 2..) => format!("there are {} From fields", mail.message.fields_named("From").count()),
        (Author::Several(domains), 1) => {
            let names: Vec<&str> = domains.iter().map(crate::Name::as_str).collect();
            format!("From names several domains: {}", names.join(", "))
        }
        (Author::Nobody, 1) => "From names no address in a domain".to_owned(),
        (Author::Domain(_), 1) => return None,
    };
    let evidence = match mail.label("From") {
        Some(label) => Evidence::at(label, seen.clone()),
        None => Evidence::from(seen.clone()),
    };
    let told = format!("{seen}, so DMARC has no domain to check, and many receivers refuse the message");
    Some(Found::new(Cause::FromNotSingleDomain, evidence).told(told))
}
