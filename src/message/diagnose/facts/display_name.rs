//! Addresses in display names.

use super::{Owners, is_own, list_mark};
use crate::Name;
use crate::finding::{Label, Origin, Subject};
use crate::message::diagnose::mail::{Mail, domain_of};
use crate::message::find_address::addresses_in;

/// The address in the display name of From that is not the author's, and where it stands.
///
/// An address of the recipient's own domain always counts. Another one only if neither a list nor Reply-To explains it:
/// those that write `ann@x.example via List` into From mean no harm.
pub(in super::super) fn shown_address(mail: &Mail<'_>) -> Option<(String, Label)> {
    let author = mail.author_domain()?;
    let owners = Owners::of(mail.input);
    let (at, list) = mail.from.first()?;
    let reply_to = mail.text("Reply-To").unwrap_or_default().to_ascii_lowercase();
    let names = list
        .mailboxes()
        .filter_map(|mailbox| Some((list.display_name(mailbox)?, mailbox.display_name.unwrap_or(mailbox.span))));
    // `x@d.example (Ann)` is how names were written before, and is shown as one (RFC 5322 §3.4).
    let comments = list.comments().iter().map(|&span| (list.source().text()[span].to_owned(), span));
    for (name, span) in names.chain(comments) {
        for shown in addresses_in(&name) {
            // Another host of the author's is no foreigner.
            let foreign = |domain: &Name| !owners.same(domain, author);
            let Some(domain) = domain_of(shown).filter(foreign) else { continue };
            let explained = list_mark(mail).is_some()
                || reply_to.contains(&shown.to_ascii_lowercase())
                || name.to_ascii_lowercase().contains(" via ");
            // A list that writes its own address into From lets answers go to the author.
            let by_list = list_mark(mail).is_some() && reply_to.contains(&shown.to_ascii_lowercase());
            if !by_list && (is_own(mail, &domain) || !explained) {
                let origin = Origin::Field { name: "From".to_owned(), index: *at };
                let subject = Subject::new(origin, list.source().clone());
                return Some((shown.to_owned(), Label::new(&subject, span)));
            }
        }
    }
    None
}
