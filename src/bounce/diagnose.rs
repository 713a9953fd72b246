//! From a reply to its cause and to who has to act.

use super::advice::actor;
use super::cause::Cause;
use super::generic;
use super::provider::{self, Provider};
use super::reply::{MAX_REPLY, Reply};
use super::table::{ROWS, Row, SRS_ROWS};
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
    /// Whether the server that sends has given up, whatever the code says (`Action: failed`, RFC 3464 §2.3.3).
    pub gave_up: bool,
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
    /// Who said it, if that can be told: a provider, or software that anybody runs.
    pub provider: Option<&'static str>,
    /// Whether `provider` is one, and not software.
    pub is_provider: bool,
    /// Why.
    pub cause: Cause,
    /// What decided.
    pub basis: Basis,
    /// Whether trying again is of no use, or nobody tries again; `None` if nothing tells.
    pub permanent: Option<bool>,
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
    let all = words(text, &reply);
    let host = context.host.or(reply.host.as_deref());
    let by_host = host.and_then(provider::of_host);
    let known = by_host.or_else(|| provider::of_words(&all));
    // Only where the sender is not known may an address in the words be the sender's.
    let forwarded = context.mail_from.map_or_else(|| mentions_srs(&all), is_srs);
    let lower = without_addresses(&all);
    let row = best(&reply, &lower, known, forwarded);
    let is_provider = known.is_some() || row.is_some_and(|row| row.of.is_some());
    let (provider, cause, basis) = match row {
        Some(row) => {
            let same = known.is_some() && row.of == known;
            let name = match by_host {
                // Somebody else's words: the host says who, the words say why.
                Some(host) if !same => host.name,
                _ => row.provider,
            };
            let basis = if same { Basis::HostAndWords } else { Basis::Words };
            match row.cause.is_vague().then(|| clearer(row.cause, &lower)).flatten() {
                Some(cause) => (Some(name), cause, Basis::LikelyWords),
                None => (Some(name), row.cause, basis),
            }
        }
        None => {
            let (cause, basis) = guess(&reply, &lower, known);
            (known.map(|provider| provider.name), cause, basis)
        }
    };
    let cause = narrowed(cause, &lower);
    // "host mx.example said": what a server writes that delivers.
    let delivering = context.delivering || reply.host.is_some();
    let redirected_to = context.redirected_to.map(str::to_owned);
    let permanent = permanence(text, &reply, context, cause);
    let actor = match cause {
        Cause::UnknownUser | Cause::UnknownDomain | Cause::Spf | Cause::Unauthenticated if redirected_to.is_some() => {
            Actor::Forwarder
        }
        _ => match actor(cause, forwarded, delivering, &lower) {
            // Nobody tries again.
            Actor::Nobody if cause.passes_by_itself() && permanent == Some(true) => Actor::Sender,
            actor => actor,
        },
    };
    Bounce { reply, provider, is_provider, cause, basis, permanent, forwarded, redirected_to, actor }
}

/// "Policy" and "spam" are said of many things; another word in the reply may tell which.
fn clearer(vague: Cause, lower: &str) -> Option<Cause> {
    let other = generic::of_words(lower)?;
    let is_clear = other.is_authentication() || vague == Cause::Policy && !other.is_vague();
    is_clear.then_some(other)
}

/// Neither of two, where the reply says of each what it came to: `Spf= Fail , Dkim= Pass`.
fn narrowed(cause: Cause, lower: &str) -> Cause {
    let passes = |method: &str| {
        let (_, after) = lower.split_once(method)?;
        Some(after.trim_start().strip_prefix('=')?.trim_start().starts_with("pass"))
    };
    match (cause, passes("spf"), passes("dkim")) {
        (Cause::Unauthenticated, Some(false), Some(true)) => Cause::Spf,
        (Cause::Unauthenticated, Some(true), Some(false)) => Cause::Dkim,
        (Cause::Unauthenticated, Some(true), Some(true)) => Cause::Alignment,
        _ => cause,
    }
}

/// What servers write that try no more, whatever the other side said.
const GIVEN_UP: [&str; 8] = [
    "status=bounced",
    "message discarded",
    "retry timeout exceeded",
    "queue.expired",
    "message expired",
    "delivery time expired",
    "given up",
    "giving up",
];

fn permanence(text: &str, reply: &Reply, context: &Context<'_>, cause: Cause) -> Option<bool> {
    let lower = text[..text.floor_char_boundary(MAX_REPLY)].to_ascii_lowercase();
    if context.gave_up || GIVEN_UP.iter().any(|words| lower.contains(words)) {
        return Some(true);
    }
    if lower.contains("status=deferred") {
        return Some(false);
    }
    // Without a code it is a server that found out by itself.
    reply.is_permanent().or_else(|| cause.passes_by_itself().then_some(false))
}

/// Addresses hold words of all kinds, `dmarc@d.example`. Links stay: providers say in them what they mean.
fn without_addresses(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';');
    let is_address = |word: &str| word.contains('@') && !word.contains("://");
    text.split_inclusive(is_end)
        .map(|piece| if is_address(piece) { &piece[piece.trim_end_matches(is_end).len()..] } else { piece })
        .collect()
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

impl Bounce {
    /// Whether trying again is of no use, or nobody tries again; `None` if nothing tells.
    pub fn is_permanent(&self) -> Option<bool> {
        self.permanent
    }
}
