//! Addresses that lead to one mailbox.

use super::Owners;
use crate::Name;
use crate::message::AddressList;
use crate::message::diagnose::mail::{Mail, domain_of};
use crate::order;
use crate::text::{Source, lowercase};

/// Two different addresses of the recipient's mailbox to which the message went.
pub(in super::super) fn doubled(mail: &Mail<'_>) -> Option<(String, String)> {
    let recipient = mail.recipient()?;
    let mailbox = fold(recipient.address.as_deref()?);
    let aliases = order::set(recipient.aliases.iter().map(|alias| fold(alias)));
    let folded = |(alias, main): (&String, &String)| (fold(alias), fold(main));
    // Of two that have one name the first counts.
    let mains = order::map(recipient.alias_domains.iter().rev().map(folded));
    let leads_here = |address: &str| {
        let address = fold(address);
        let (local, domain) = address.rsplit_once('@')?;
        let through = mains.get(domain).map(|main| format!("{local}@{main}"));
        let base = local.split('+').next().unwrap_or_default();
        let tagged = format!("{base}@{domain}");
        let here = |one: &String| *one == mailbox || aliases.contains(one) || tagged == mailbox;
        (here(&address) || through.as_ref().is_some_and(here)).then_some(address)
    };
    let fields = ["To", "Cc"].into_iter().flat_map(|name| mail.message.fields_named(name));
    let lists = fields.map(|at| AddressList::from_source(Source::from_bytes(mail.message.fields()[at].body())));
    let written: Vec<String> =
        lists.flat_map(|list| list.mailboxes().map(|mailbox| mailbox.address.clone()).collect::<Vec<_>>()).collect();
    let all = mail.session.rcpt_to.iter().chain(&written);
    let mut here = all.filter_map(|address| leads_here(address));
    let first = here.next()?;
    here.find(|other| *other != first).map(|other| (first, other))
}

/// Whether a domain is the recipient's: given as such, or that of an address of the mailbox or of RCPT TO.
pub(in super::super) fn is_own(mail: &Mail<'_>, domain: &Name) -> bool {
    let owners = Owners::of(mail.input);
    let given = mail.recipient().is_some_and(|recipient| {
        let addresses = recipient.address.iter().chain(&recipient.aliases).filter_map(|address| domain_of(address));
        let alias_domains = recipient.alias_domains.keys().filter_map(|domain| Name::parse(domain).ok());
        let mut own = recipient.own_domains.iter().cloned().chain(addresses).chain(alias_domains);
        own.any(|own| owners.same(&own, domain))
    });
    given || mail.session.rcpt_to.iter().filter_map(|to| domain_of(to)).any(|own| owners.same(&own, domain))
}

/// Case does not count in domains, and hardly anywhere in local-parts.
fn fold(address: &str) -> String {
    lowercase(address.trim().trim_matches(['<', '>']).trim_end_matches('.'))
}
