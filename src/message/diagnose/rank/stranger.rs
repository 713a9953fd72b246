//! What to do about a message that somebody else stands for: the owner of the domain in From may know the sender or not.

use super::Case;
use crate::cause::Found;
use crate::message::diagnose::mail::domain_of;
use crate::message::providers::is_consumer;
use crate::spf::SpfResult;
use crate::{Actor, Name};

/// With what to do: `remedy` if the author's domain knows `sender`; it begins with a small letter.
pub(super) fn advised(case: &Case<'_>, found: Found, sender: &Name, remedy: &str) -> Found {
    let author = case.author();
    let owner = case.owners().registrable(sender);
    if case.mail.author_domain().is_some_and(is_consumer) {
        return own_address(case, found, owner.as_str());
    }
    if case.mail.author_domain().is_some_and(|author| case.owners().same(sender, author)) {
        return found.advise(format!("If {sender} sends for {author}, {remedy}"));
    }
    if case.is_on_the_way(sender) {
        return found.for_actor(Actor::Nobody).advise("Nothing: whoever passes mail on signs for itself");
    }
    let unless = "if nobody knows it, the mail is forged and nothing has to be published";
    if let Some(who) = on_behalf(case) {
        return found.for_actor(Actor::SendingService).advise(format!(
            "{who} should write its own address into From: {author} cannot sign what others send; {unless}"
        ));
    }
    if is_web_form(case) {
        return found.for_actor(Actor::SendingService).advise(format!(
            "A form on a website should write an address of its own domain into From, and the visitor's into Reply-To; {unless}"
        ));
    }
    if is_consumer(sender) {
        return found.advise(format!(
            "Send mail of {author} through the server of {author}: {sender} signs for its own addresses only; {unless}"
        ));
    }
    found.advise(format!("If {owner} sends for {author}, {remedy}; {unless}"))
}

/// The owner of a domain at which anybody may have an address authorises nobody.
pub(super) fn own_address(case: &Case<'_>, found: Found, sender: &str) -> Found {
    found.for_actor(Actor::SendingService).advise(format!(
        "{sender} should write an address of its own domain into From, and {} into Reply-To; {} authorises nobody else",
        case.mail.author_address().unwrap_or_default(),
        case.author()
    ))
}

/// Who sends, by SPF, in the name of somebody at a mailbox provider: that signs for its own servers alone.
pub(super) fn to_provider(case: &Case<'_>) -> Option<Name> {
    let author = case.mail.author_domain().filter(|author| is_consumer(author))?;
    let sender = case.spf_domain().filter(|_| case.spf_result() == Some(SpfResult::Pass))?;
    let stranger = !case.owners().same(sender, author) && !case.is_on_the_way(sender);
    stranger.then(|| case.owners().registrable(sender))
}

/// Who says in Sender or Resent-From (RFC 5322 §3.6.2, §3.6.6) that it sent the message of somebody else.
fn on_behalf(case: &Case<'_>) -> Option<String> {
    let author = case.mail.author_domain()?;
    ["Resent-From", "Sender"].into_iter().find_map(|field| {
        let address = crate::message::diagnose::facts::first_address(&case.mail.text(field)?)?;
        let other = domain_of(&address).is_some_and(|domain| !case.owners().same(&domain, author));
        other.then_some(address)
    })
}

/// PHP writes down which script sent a message.
fn is_web_form(case: &Case<'_>) -> bool {
    ["X-PHP-Originating-Script", "X-PHP-Script"]
        .iter()
        .any(|name| case.mail.message.fields_named(name).next().is_some())
}
