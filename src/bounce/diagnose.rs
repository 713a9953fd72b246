//! From a reply to its cause and to who has to act.

use super::generic;
use super::provider::{self, Provider};
use super::reply::Reply;
use super::table::{Cause, ROWS, Row, SRS_ROWS};
use crate::actor::Actor;
use crate::text::lowercase;

/// What is known beside the reply.
///
/// ```
/// use mailproof::Actor;
/// use mailproof::bounce::{Cause, Context, diagnose};
///
/// let reply = "550 5.7.23 SPF check failed";
/// assert_eq!(diagnose(reply, &Context::default()).actor, Actor::DomainOwner);
/// // The envelope sender is an SRS address: somebody forwarded it, and it is the forwarder's SPF that fails.
/// let context = Context { mail_from: Some("SRS0=Kx7d=V4=example.com=alice@fwd.example"), ..Context::default() };
/// let bounce = diagnose(reply, &context);
/// assert_eq!((bounce.cause, bounce.actor), (Cause::Spf, Actor::Forwarder));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The host that said it.
    pub host: Option<&'a str>,
    /// The envelope sender of the message that was refused.
    pub mail_from: Option<&'a str>,
    /// Where a redirect led, if the address that was written to is another one.
    pub redirected_to: Option<&'a str>,
    /// Whether a server was told so that had taken the message to deliver it, as a notification shows; else it may have been the
    /// sender's program.
    pub delivering: bool,
}

/// What a reply says.
///
/// ```
/// use mailproof::Actor;
/// use mailproof::bounce::{Cause, Context, diagnose};
///
/// let bounce = diagnose("550 5.1.1 <bob@example.net>: User unknown", &Context::default());
/// assert_eq!((bounce.cause, bounce.actor), (Cause::UnknownUser, Actor::Sender));
/// assert_eq!(bounce.is_permanent(), Some(true));
/// assert_eq!(bounce.cause.told(), "the recipient does not exist");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Bounce {
    /// The reply.
    pub reply: Reply,
    /// Who said it, if that can be told.
    pub provider: Option<&'static str>,
    /// Why.
    pub cause: Cause,
    /// What decided.
    pub basis: Basis,
    /// Whether the envelope sender is an SRS address: somebody forwarded the message.
    pub forwarded: bool,
    /// The address that a redirect led to, if the one that was written to is another one.
    pub redirected_to: Option<String>,
    /// Who has to act first.
    pub actor: Actor,
}

/// What decided on a cause, the surest first.
///
/// ```
/// use mailproof::bounce::{Basis, Cause, Context, diagnose};
///
/// let said = |reply: &str| {
///     let bounce = diagnose(reply, &Context::default());
///     (bounce.cause, bounce.basis)
/// };
/// // Nothing but the enhanced status code says why (RFC 3463 §3.3).
/// assert_eq!(said("552 5.2.2 No."), (Cause::MailboxFull, Basis::Code));
/// assert_eq!(said("xyzzy"), (Cause::Unknown, Basis::Nothing));
/// assert!(Basis::HostAndWords < Basis::Code, "the surest comes first");
/// ```
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Basis {
    /// The provider is known by its host or its marks, and so are its words.
    HostAndWords,
    /// The words are known.
    Words,
    /// Words that mean about the same everywhere.
    LikelyWords,
    /// The code only.
    Code,
    /// Nothing is known of it.
    Nothing,
}

/// What somebody has to do about a bounce.
///
/// ```
/// use mailproof::Actor;
/// use mailproof::bounce::{Context, diagnose};
///
/// let bounce = diagnose("550 5.7.1 Email rejected per DMARC policy", &Context::default());
/// let advice = bounce.advice();
/// // First who has to act in any case, then who may have caused it.
/// assert_eq!(advice[0].actor, Actor::DomainOwner);
/// assert!(advice[0].text.starts_with("Get an aligned pass: sign with DKIM for the domain in From"));
/// assert_eq!(advice[1].actor, Actor::ListOperator);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Who.
    pub actor: Actor,
    /// What, in one sentence without a full stop.
    pub text: &'static str,
}

/// What an SMTP reply says.
///
/// ```
/// use mailproof::bounce::{Basis, Cause, Context, diagnose};
///
/// let context = Context { host: Some("gmail-smtp-in.l.google.com"), ..Context::default() };
/// let bounce = diagnose("550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.", &context);
/// assert_eq!((bounce.provider, bounce.cause), (Some("Gmail"), Cause::Unauthenticated));
/// assert_eq!(bounce.basis, Basis::HostAndWords);
/// println!("{}", bounce.advice()[0].text);
/// ```
pub fn diagnose(text: &str, context: &Context<'_>) -> Bounce {
    let reply = Reply::parse(text);
    let lower = words(text, &reply);
    let host = context.host.or(reply.host.as_deref());
    let by_host = host.and_then(provider::of_host);
    let known = by_host.or_else(|| provider::of_words(&lower));
    let forwarded = context.mail_from.is_some_and(is_srs) || mentions_srs(&lower);
    let (provider, cause, basis) = match best(&reply, &lower, known, forwarded) {
        Some(row) => {
            let same = known.is_some() && row.of == known;
            let name = match by_host {
                // Somebody else's words: the host says who, the words say why.
                Some(host) if !same => host.name,
                _ => row.provider,
            };
            let basis = if same { Basis::HostAndWords } else { Basis::Words };
            // "Policy" and "spam" are said of many things; another word in the reply may tell which.
            match generic::of_words(&lower).filter(|cause| row.cause.is_vague() && cause.is_authentication()) {
                Some(cause) => (Some(name), cause, Basis::LikelyWords),
                None => (Some(name), row.cause, basis),
            }
        }
        None => {
            let (cause, basis) = guess(&reply, &lower, known);
            (known.map(|provider| provider.name), cause, basis)
        }
    };
    // "host mx.example said": what a server writes that delivers.
    let delivering = context.delivering || reply.host.is_some();
    let redirected_to = context.redirected_to.map(str::to_owned);
    let actor = match cause {
        Cause::UnknownUser | Cause::UnknownDomain | Cause::Spf if redirected_to.is_some() => Actor::Forwarder,
        _ => actor(cause, forwarded, delivering, &lower),
    };
    Bounce { reply, provider, cause, basis, forwarded, redirected_to, actor }
}

/// The text in one line and lower case, codes included: some providers write theirs into the words.
fn words(text: &str, reply: &Reply) -> String {
    let mut lower = String::with_capacity(reply.text.len() + 16);
    if let Some(enhanced) = reply.enhanced {
        lower.push_str(&enhanced.to_string());
        lower.push(' ');
    }
    // A text without any code is looked at as it is.
    let told = if reply.text.is_empty() { text } else { &reply.text };
    lower.push_str(&lowercase(told).replace(['\u{2018}', '\u{2019}'], "'"));
    lower
}

/// Own words, clear cause, length of the words, right code: the greatest wins.
type Score = (bool, bool, usize, bool);

/// The row that fits best: the provider's own before others', a clear cause before a vague one, more words before fewer,
/// the right code before another.
fn best(reply: &Reply, lower: &str, known: Option<&'static Provider>, forwarded: bool) -> Option<&'static Row> {
    let srs_rows = if forwarded { SRS_ROWS } else { &[] };
    let mut best: Option<(&Row, Score)> = None;
    for row in ROWS.iter().chain(srs_rows) {
        let own = known.is_some() && row.of == known;
        let weak = if own { row.weak } else { &[] };
        let hits = row.words.iter().chain(weak).filter(|words| lower.contains(**words));
        let Some(longest) = hits.map(|words| words.len()).max() else { continue };
        let score = (own, !row.cause.is_vague(), longest, row.has_code(reply.enhanced));
        if best.is_none_or(|(_, other)| score > other) {
            best = Some((row, score));
        }
    }
    best.map(|(row, _)| row)
}

fn guess(reply: &Reply, lower: &str, known: Option<&Provider>) -> (Cause, Basis) {
    let by_code = || {
        let enhanced = reply.enhanced?;
        // Gmail gives its codes meanings of its own, so its table comes before the registry.
        let own = ROWS.iter().find(|row| known.is_some() && row.of == known && row.has_code(Some(enhanced)));
        own.map(|row| row.cause).or_else(|| generic::of_code(enhanced))
    };
    if let Some(cause) = generic::of_words(lower) {
        // "Policy" and the like say less than most codes.
        let vague = cause.is_vague() || cause == Cause::Network;
        return match by_code().filter(|by_code| vague && *by_code != Cause::Policy) {
            Some(cause) => (cause, Basis::Code),
            None => (cause, Basis::LikelyWords),
        };
    }
    match by_code().or_else(|| generic::of_reply_code(reply.code?)) {
        Some(cause) => (cause, Basis::Code),
        None => (Cause::Unknown, Basis::Nothing),
    }
}

fn is_srs(mail_from: &str) -> bool {
    let start = mail_from.trim_start_matches(['<', '"']).as_bytes();
    start.len() > 5
        && (start[..4].eq_ignore_ascii_case(b"SRS0") || start[..4].eq_ignore_ascii_case(b"SRS1"))
        && matches!(start[4], b'=' | b'+' | b'-')
}

fn mentions_srs(lower: &str) -> bool {
    lower.match_indices("srs").any(|(at, _)| is_srs(&lower[at..]))
}

fn actor(cause: Cause, forwarded: bool, delivering: bool, lower: &str) -> Actor {
    match cause {
        Cause::RelayDenied if delivering => Actor::Recipient,
        Cause::Spf if forwarded => Actor::Forwarder,
        Cause::Unauthenticated
        | Cause::Spf
        | Cause::Dkim
        | Cause::Dmarc
        | Cause::DmarcTemperror
        | Cause::DmarcMissing
        | Cause::Alignment
        | Cause::SenderDomain => Actor::DomainOwner,
        Cause::Srs if lower.contains("invalid srs recipient") => Actor::Nobody,
        Cause::Srs | Cause::Arc | Cause::Loop => Actor::Forwarder,
        Cause::Ptr | Cause::Tls | Cause::Reputation | Cause::RateLimit | Cause::RelayDenied => Actor::SendingService,
        Cause::SenderMismatch
        | Cause::FromSyntax
        | Cause::Policy
        | Cause::Spam
        | Cause::UnknownUser
        | Cause::UnknownDomain
        | Cause::TooLarge
        | Cause::Unknown => Actor::Sender,
        Cause::MailboxFull => Actor::Recipient,
        Cause::Greylisting | Cause::Network => Actor::Nobody,
    }
}

impl Bounce {
    /// Whether trying again is of no use; `None` if the reply has no code.
    pub fn is_permanent(&self) -> Option<bool> {
        self.reply.is_permanent()
    }

    /// What to do, for each who can do something, the first first.
    pub fn advice(&self) -> Vec<Advice> {
        let own = match self.cause {
            Cause::Spf if self.actor == Actor::Forwarder && !self.forwarded => {
                "Rewrite the envelope sender with SRS: SPF of the original domain cannot pass from a forwarder"
            }
            cause => advice(cause, self.actor),
        };
        let own = Advice { actor: self.actor, text: own };
        let more = match self.cause {
            Cause::Spf if self.actor == Actor::DomainOwner => Some((
                Actor::Forwarder,
                "If the message was redirected, rewrite the envelope sender with SRS: SPF of the original domain cannot pass \
                 from a forwarder",
            )),
            Cause::Unauthenticated => Some((
                Actor::Forwarder,
                "If the message was redirected, use SRS, and do not change the message, so that its DKIM signature holds",
            )),
            Cause::Dmarc => Some((
                Actor::ListOperator,
                "If a list or redirect changed the message, stop changing it, or replace From by the list's address",
            )),
            Cause::RelayDenied if self.actor == Actor::Recipient => {
                Some((Actor::SendingService, "If it is a server through which your mail goes out, log in there"))
            }
            Cause::RelayDenied => Some((
                Actor::Recipient,
                "If the MX of the recipient's domain names this server, have the domain set up there, or name the right server",
            )),
            _ => None,
        };
        [own].into_iter().chain(more.map(|(actor, text)| Advice { actor, text })).collect()
    }
}

fn advice(cause: Cause, actor: Actor) -> &'static str {
    match cause {
        Cause::Unauthenticated => {
            "Sign with DKIM for the domain in From, and put the sending server into its SPF record"
        }
        Cause::Spf if actor == Actor::Forwarder => {
            "SPF of the forwarder's own SRS domain does not pass: put the forwarding server into that record"
        }
        Cause::Spf => {
            "Put the sending server into the SPF record of the envelope sender's domain, and keep the record tight"
        }
        Cause::Dkim => "Sign with DKIM, and check that the selector's key is published unchanged",
        Cause::Dmarc => {
            "Get an aligned pass: sign with DKIM for the domain in From, or use an envelope sender of that domain"
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
        Cause::Tls => "Send over TLS: switch STARTTLS on for outgoing mail",
        Cause::SenderMismatch => {
            "Use the address of your login as sender, or have the other address added as an alias or with the right to send as \
             it"
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
        Cause::RateLimit => "Send less at a time; the message will be tried again",
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
        Cause::Network => {
            "Nothing yet: the server will try again; if it goes on, ask the operator of the receiving server"
        }
        Cause::Unknown => "Ask the recipient's provider, and name the whole reply",
    }
}
