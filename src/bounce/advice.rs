//! Who has to act on a bounce, and what to do.

use super::cause::Cause;
use super::diagnose::Bounce;
use crate::actor::Actor;
use crate::ip::is_private;

/// What somebody has to do about a bounce.
///
/// ```
/// use mailproof::Actor;
/// use mailproof::bounce::{Context, diagnose};
///
/// let bounce = diagnose("552 5.2.2 Mailbox full", &Context::default());
/// let advice = bounce.advice()[0];
/// assert_eq!((advice.actor, advice.text), (Actor::Recipient, "Make room in the mailbox"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Who.
    pub actor: Actor,
    /// What, in one sentence without a full stop.
    pub text: &'static str,
}

/// Who has to act first. `delivering`: a server was told so that had taken the message to deliver it.
pub(super) fn actor(cause: Cause, forwarded: bool, delivering: bool, lower: &str) -> Actor {
    match cause {
        Cause::RelayDenied if delivering => Actor::Recipient,
        // Who wrote the message logs in to neither of the two servers.
        Cause::Login if delivering => Actor::SendingService,
        Cause::Spf if saw_private_client(lower) => Actor::Recipient,
        Cause::Spf | Cause::Unauthenticated if forwarded => Actor::Forwarder,
        Cause::Server if lower.contains("open resolver") => Actor::Recipient,
        Cause::Tls if lower.contains("not offered by") => Actor::Recipient,
        Cause::Unauthenticated
        | Cause::Spf
        | Cause::Dkim
        | Cause::Dmarc
        | Cause::DmarcTemperror
        | Cause::DmarcMissing
        | Cause::Alignment
        | Cause::SenderAddress
        | Cause::SenderDomain => Actor::DomainOwner,
        Cause::Srs if OF_SRS_RECIPIENTS.iter().any(|words| lower.contains(words)) => Actor::Nobody,
        Cause::Srs | Cause::Arc | Cause::Loop | Cause::NoForwarding => Actor::Forwarder,
        Cause::Ptr
        | Cause::Helo
        | Cause::Tls
        | Cause::Reputation
        | Cause::RateLimit
        | Cause::RelayDenied
        | Cause::Format => Actor::SendingService,
        Cause::SenderMismatch
        | Cause::Login
        | Cause::AccountBlocked
        | Cause::Content
        | Cause::Smtputf8
        | Cause::FromSyntax
        | Cause::Policy
        | Cause::Spam
        | Cause::UnknownUser
        | Cause::UnknownDomain
        | Cause::TooLarge
        | Cause::Unknown => Actor::Sender,
        Cause::MailboxFull | Cause::Inactive | Cause::Restricted | Cause::Certificate => Actor::Recipient,
        Cause::Greylisting | Cause::Server | Cause::Network => Actor::Nobody,
    }
}

/// What is said of a recipient that is an SRS address: bounces go there.
const OF_SRS_RECIPIENTS: [&str; 6] = [
    "invalid srs recipient",
    "invalid in srs address",
    "time stamp out of date",
    "without valid srs",
    "srs hash",
    "srs: hash",
];

/// Whether the reply names a client of the server's own network, as behind a proxy: `http://www.openspf.net/Why?…;ip=172.21.0.1`.
fn saw_private_client(lower: &str) -> bool {
    let is_of_address = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    lower.match_indices("ip=").any(|(at, name)| {
        let value = &lower[at + name.len()..];
        let end = value.find(|c| !is_of_address(c)).unwrap_or(value.len());
        value[..end].trim_end_matches(['.', ':']).parse().is_ok_and(is_private)
    })
}

const LOG_IN_THERE: &str = "If it is a server through which your mail goes out, log in there";

impl Bounce {
    /// What to do, for each who can do something, the first first.
    pub fn advice(&self) -> Vec<Advice> {
        let own = match self.cause {
            Cause::Spf | Cause::Unauthenticated if self.actor == Actor::Forwarder && !self.forwarded => {
                "Rewrite the envelope sender with SRS: SPF of the original domain cannot pass from a forwarder"
            }
            cause => advice(cause, self.actor, self.permanent == Some(true)),
        };
        let own = Advice { actor: self.actor, text: own };
        let more = match self.cause {
            Cause::Spf if self.actor == Actor::DomainOwner => Some((
                Actor::Forwarder,
                "If the message was redirected, rewrite the envelope sender with SRS: SPF of the original domain cannot pass \
                 from a forwarder",
            )),
            Cause::Unauthenticated if self.actor == Actor::Forwarder => Some((
                Actor::DomainOwner,
                "Sign with DKIM for the domain in From: a signature survives a redirect that changes nothing",
            )),
            Cause::Unauthenticated => Some((
                Actor::Forwarder,
                "If the message was redirected, use SRS, and do not change the message, so that its DKIM signature holds",
            )),
            Cause::Dmarc => Some((
                Actor::ListOperator,
                "If a list or redirect changed the message, stop changing it, or replace From by the list's address",
            )),
            Cause::RelayDenied if self.actor == Actor::Recipient => Some((Actor::SendingService, LOG_IN_THERE)),
            Cause::Login if self.actor == Actor::SendingService => Some((
                Actor::Recipient,
                "If the MX of the recipient's domain names this server, have it take mail for the domain without a login",
            )),
            Cause::RelayDenied => Some((
                Actor::Recipient,
                "If the MX of the recipient's domain names this server, have the domain set up there, or name the right server",
            )),
            Cause::Inactive | Cause::Restricted => {
                Some((Actor::Sender, "Reach the recipient in another way, and say that the address refuses mail"))
            }
            Cause::Certificate => Some((Actor::Sender, "Reach the recipient in another way, or wait")),
            _ => None,
        };
        [own].into_iter().chain(more.map(|(actor, text)| Advice { actor, text })).collect()
    }
}

fn advice(cause: Cause, actor: Actor, permanent: bool) -> &'static str {
    match cause {
        Cause::Unauthenticated | Cause::Spf if actor == Actor::Forwarder => {
            "SPF of the forwarder's own SRS domain does not pass: put the forwarding server into that record"
        }
        Cause::Unauthenticated => {
            "Sign with DKIM for the domain in From, and put the sending server into its SPF record"
        }
        Cause::Spf if actor == Actor::Recipient => {
            "Let the receiving server see the real addresses of clients, or check no SPF of its own network: it saw a private \
             address"
        }
        Cause::Spf => {
            "Put the sending server into the SPF record of the envelope sender's domain, and keep the record tight"
        }
        Cause::Dkim => "Sign with DKIM, and check that the selector's key is published unchanged",
        Cause::Dmarc => {
            "Get an aligned pass: sign with DKIM for the domain in From, or use an envelope sender of that domain"
        }
        Cause::DmarcTemperror if permanent => {
            "Repair the name servers that answer for SPF, DKIM and DMARC of the domain, and send the message again"
        }
        Cause::DmarcTemperror => {
            "Repair the name servers that answer for SPF, DKIM and DMARC of the domain; the message will be tried again"
        }
        Cause::DmarcMissing => "Publish a DMARC record for the domain in From, at least `v=DMARC1; p=none`",
        Cause::Alignment => {
            "Have the service sign with DKIM for the domain in From, or use a bounce domain below it: its own domain does not \
             count"
        }
        Cause::Arc => "Seal with ARC after the last change to the message, and do not seal a broken chain",
        Cause::Ptr => "Give the sending address a PTR record whose name resolves back to the address",
        Cause::Helo => "Let the sending server give its full host name in HELO, one that has an address in the DNS",
        Cause::Tls if actor == Actor::Recipient => {
            "Offer STARTTLS on the receiving server: the sender sends over TLS only"
        }
        Cause::Certificate => {
            "Give the receiving server a certificate for the name in its MX record, or for what TLSA and MTA-STS ask"
        }
        Cause::Tls => "Send over TLS: switch STARTTLS on for outgoing mail",
        Cause::SenderMismatch => {
            "Use the address of your login as sender, or have the other address added as an alias or with the right to send as \
             it"
        }
        Cause::Login if actor == Actor::SendingService => LOG_IN_THERE,
        Cause::Login => {
            "Log in with the full address and its password, or the app password or OAuth that the provider asks for"
        }
        Cause::AccountBlocked => {
            "Look for what sent spam (a stolen password, an infected computer, a web form), end it, and ask your provider to \
             unblock the account"
        }
        Cause::Format => "Have the program that wrote the message mend what the reply names",
        Cause::Content => "Take out what is forbidden, or send a link to the file",
        Cause::Smtputf8 => "Write to an address of ASCII letters, and from one: ask for the recipient's other address",
        Cause::NoForwarding => {
            "Have the administrator of the mailbox that redirects allow redirects to the outside, or take the redirect away"
        }
        Cause::SenderAddress => {
            "Create the mailbox of the envelope sender, or send with an address that exists: bounces must be able to come back"
        }
        Cause::Restricted => "Allow the sender, or mail from outside, where the list or the mailbox is set up",
        Cause::Inactive => "Have the mailbox switched on again",
        Cause::Server if actor == Actor::Recipient => {
            "Let the receiving server ask the block list through a resolver of its own: lists answer public ones with an error"
        }
        Cause::Server if permanent => {
            "Send the message again later; if it goes on, tell the operator of the receiving server"
        }
        Cause::Server => {
            "Nothing yet: the server will try again; if it goes on, tell the operator of the receiving server"
        }
        Cause::FromSyntax => "Write exactly one From field with one author",
        Cause::Srs if actor == Actor::Nobody => {
            "Nothing: it is a bounce to a forged or outdated SRS address, for mail that was not sent"
        }
        Cause::Srs => {
            "Write SRS addresses that everybody takes: the url-safe alphabet, a short domain, and a key in place of long senders"
        }
        Cause::SenderDomain => {
            "Give the domain of the envelope sender an MX or an address, so that bounces can come back"
        }
        Cause::Policy => {
            "Look at the page that the reply names; if it names none, check SPF, DKIM and DMARC alignment first"
        }
        Cause::Spam => {
            "Check SPF, DKIM and DMARC all the same: the filter may count them; then the content and the reputation of the \
             sending address"
        }
        Cause::Reputation => {
            "Authenticate all mail, send less at a time, and ask the list or provider to look at the address"
        }
        Cause::RateLimit if permanent => "Send less at a time, and this message again",
        Cause::RateLimit => "Send less at a time; the message will be tried again",
        Cause::Greylisting if permanent => {
            "Send the message again: the server that should have tried again has given up"
        }
        Cause::Greylisting => "Nothing: the server will try again by itself",
        Cause::UnknownUser if actor == Actor::Forwarder => {
            "Correct the redirect, or take it away: the address that it leads to does not exist"
        }
        Cause::UnknownUser => "Correct the recipient's address",
        Cause::UnknownDomain if actor == Actor::Forwarder => {
            "Correct the redirect, or take it away: the domain that it leads to does not exist or takes no mail"
        }
        Cause::UnknownDomain => "Correct the domain of the recipient's address",
        Cause::MailboxFull => "Make room in the mailbox",
        Cause::TooLarge => "Send a smaller message, or a link to the file",
        Cause::RelayDenied if actor == Actor::Recipient => {
            "The MX of the recipient's domain names a server that does not know the domain: have it set up there, or name the \
             right server"
        }
        Cause::RelayDenied => "Log in before sending, and send through the server of your own provider",
        Cause::Loop => "Look for redirects that point back to each other",
        Cause::Network if permanent => {
            "Send the message again later, and ask the operator of the receiving server: the sending server has given up"
        }
        Cause::Network => {
            "Nothing yet: the server will try again; if it goes on, ask the operator of the receiving server"
        }
        Cause::Unknown => "Ask the recipient's provider, and name the whole reply",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::bounce::{Context, diagnose};

    /// All that bounces advise. The page holds its languages against it.
    #[test]
    fn advice_in_every_case() {
        use Actor::{DomainOwner, Forwarder, ListOperator, Nobody, Recipient, Sender, SendingService};
        let mut told = BTreeSet::new();
        for &cause in Cause::ALL {
            for actor in [Sender, DomainOwner, SendingService, Forwarder, ListOperator, Recipient, Nobody] {
                for (permanent, forwarded) in [(true, true), (false, false)] {
                    let bounce = diagnose("550", &Context::default());
                    let bounce = Bounce { cause, actor, permanent: Some(permanent), forwarded, ..bounce };
                    told.extend(bounce.advice().into_iter().map(|advice| advice.text));
                }
            }
        }
        let told: Vec<&str> = told.into_iter().collect();
        insta::with_settings!({ snapshot_path => "../../tests/suite/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("bounce_advice", told.join("\n"));
        });
    }
}
