//! Advice in the user's words.

use super::check::{Author, Outcome};
use super::directory::Status;
use crate::actor::Actor;

/// What somebody has to do.
///
/// ```
/// use mailproof::Actor;
/// use mailproof::sender::{Directory, Entries, Submission, check};
///
/// let logins = [("alice".to_owned(), "alice@example.com".to_owned())];
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// let submission = Submission { login: Some("alice"), mail_from: Some("boss@example.com"), ..Submission::default() };
/// let advice = &check(&directory, &submission, |name| name.suffix(2)).advice()[0];
/// assert_eq!(advice.actor, Actor::Sender);
/// assert_eq!(
///     advice.text,
///     "You logged in as alice, but the envelope says boss@example.com, an address that nobody has: \
///      use alice@example.com, or add boss@example.com as an alias"
/// );
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Who.
    pub actor: Actor,
    /// What, in one sentence without a full stop.
    pub text: String,
}

impl Outcome {
    /// What to do, the most important first; nothing if all is well.
    pub fn advice(&self) -> Vec<Advice> {
        let mut out = Vec::new();
        for author in &self.from {
            out.extend(self.about_address("From", author));
        }
        out.extend(self.sender.as_ref().and_then(|sender| self.about_address("Sender", sender)));
        // The same address in the envelope needs no second sentence.
        let known = |mail_from: &&Author| !self.from.iter().any(|author| author.address == mail_from.address);
        out.extend(
            self.mail_from.as_ref().filter(known).and_then(|mail_from| self.about_address("the envelope", mail_from)),
        );
        out.extend(self.findings.iter().filter_map(|found| self.about_code(found.code.as_str())));
        for author in self.from.iter().filter(|author| author.status.is_allowed()) {
            out.extend(author.synonym_of.as_ref().map(|target| synonym(author, target)));
        }
        out
    }

    fn about_address(&self, place: &str, author: &Author) -> Option<Advice> {
        let address = &author.address;
        let login = self.login.as_deref();
        let own = self.mailbox.as_deref().unwrap_or("your own address");
        let logged_in = match (login, &self.mailbox) {
            (None, _) => String::new(),
            (Some(login), Some(_)) => format!("You logged in as {login}, but "),
            (Some(login), None) => format!("You logged in as {login}, which the directory does not know, and "),
        };
        // Without a login the place begins the sentence.
        let begins = if place == "the envelope" { "The envelope" } else { place };
        let place = if logged_in.is_empty() { begins } else { place };
        let (actor, text) = match author.status {
            Status::OtherUser => (
                Actor::Sender,
                format!(
                    "{logged_in}{place} says {address}, which belongs to somebody else: write as {own}, or let the administrator \
                     add {address} to your addresses or give you the right to send as it"
                ),
            ),
            // Who is not logged in is a stranger, and may not have an address here at all.
            Status::UnknownLocal if login.is_some() => (
                Actor::Sender,
                format!(
                    "{logged_in}{place} says {address}, an address that nobody has: use {own}, or add {address} as an alias"
                ),
            ),
            Status::Foreign if login.is_some() => (
                Actor::Sender,
                format!(
                    "{logged_in}{place} says {address}, whose domain this service does not host: use {own}, or send through \
                     the provider of {address}"
                ),
            ),
            Status::ReceiveOnly if login.is_some() => {
                (Actor::Sender, format!("{logged_in}{place} says {address}, which only receives mail: use {own}"))
            }
            Status::Inactive if login.is_some() => (
                Actor::Sender,
                format!("{logged_in}{place} says {address}, which is switched off: use {own}, or switch it on again"),
            ),
            Status::OwnedNotLoggedIn => (
                Actor::Sender,
                format!("{begins} says {address}, which belongs to an account: log in (port 465 or 587) to use it"),
            ),
            Status::Invalid => {
                (Actor::Sender, format!("{begins} says {address:?}, which is not an address: use {own}"))
            }
            Status::Own
            | Status::Alias
            | Status::AliasDomain
            | Status::Subaddress
            | Status::Wildcard
            | Status::SendAs
            | Status::SendOnBehalf
            | Status::AnySender
            | Status::UnknownLocal
            | Status::Foreign
            | Status::ReceiveOnly
            | Status::Inactive
            | Status::Null => return None,
        };
        Some(Advice { actor, text })
    }

    fn about_code(&self, code: &str) -> Option<Advice> {
        let own = self.mailbox.as_deref().unwrap_or("your own address");
        let (actor, text) = match code {
            "from-missing" => (Actor::Sender, format!("Add one From field: From: {own}")),
            "from-multiple-fields" => (Actor::Sender, "Keep one From field and take the others away".to_owned()),
            "from-unparsable" if self.from.is_empty() => {
                (Actor::Sender, format!("Write one address into From, in angle brackets after a name: Name <{own}>"))
            }
            "from-group-syntax" => (Actor::Sender, format!("Write a real mailbox into From: {own}")),
            "from-no-sender-with-many" => {
                (Actor::Sender, format!("Name one author in From, or add a Sender field: Sender: {own}"))
            }
            "from-multiple-authors" => {
                (Actor::Sender, "Name one author in From: Gmail and others refuse several".to_owned())
            }
            "on-behalf-needs-sender" => (
                Actor::Sender,
                format!("Your right is to send on behalf of the address in From: add a Sender field: Sender: {own}"),
            ),
            "sender-redundant" => (Actor::Sender, "Leave the Sender field out: it says what From says".to_owned()),
            "from-display-name-address" => {
                (Actor::Sender, "Take the other address out of your display name: it looks like a forgery".to_owned())
            }
            "from-comment-address" => (Actor::Sender, "Take the comment with the address out of From".to_owned()),
            "from-domain-homograph" => {
                (Actor::Sender, "Type the domain in From again: it only looks like yours".to_owned())
            }
            "from-domain-not-hosted" => (
                Actor::DomainOwner,
                "Receivers apply the DMARC policy of the domain in From: it must sign this mail with DKIM or authorise \
                 this service, or they will refuse it"
                    .to_owned(),
            ),
            "returnpath-from-mismatch" => (
                Actor::SendingService,
                "The envelope sender and From have different domains, so SPF cannot align: sign with DKIM for the domain \
                 in From, or use one domain in both"
                    .to_owned(),
            ),
            "returnpath-null" => (
                Actor::Sender,
                "Use an empty envelope sender for bounces and automatic replies only".to_owned(),
            ),
            "reply-to-mismatch" => {
                (Actor::Sender, "Check that Reply-To is meant to point to another domain than From".to_owned())
            }
            _ => return None,
        };
        Some(Advice { actor, text })
    }
}

fn synonym(author: &Author, target: &str) -> Advice {
    let address = &author.address;
    Advice {
        actor: Actor::Sender,
        text: format!(
            "{address} is at a synonym domain that has no DNS of its own: receivers find no SPF, DKIM or DMARC there, so \
             write as the same address at {target}"
        ),
    }
}
