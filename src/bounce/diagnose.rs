//! From a reply to its cause and to who has to act.

use std::sync::LazyLock;

use super::advice::actor;
use super::cause::Cause;
use super::codes;
use super::phrases::Phrases;
use super::provider::{self, Provider};
use super::reply::{Reply, Stage};
use super::table::{PHRASES, ROWS, Row, SRS_ROWS};
use super::words;
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
/// assert_eq!(bounce.permanent, Some(true));
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
    let all = in_one_line(text, &reply);
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
            let (cause, basis) = guess(&reply, &lower, known, forwarded);
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
    let other = words::of_words(lower)?;
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
static GIVEN_UP: [&str; 12] = [
    "status=bounced",
    "message discarded",
    "retry timeout exceeded",
    "long failure period",
    "failing for a long time",
    "queue too long",
    "will be deleted from queue",
    "queue.expired",
    "message expired",
    "delivery time expired",
    "given up",
    "giving up",
];

static OF_GIVING_UP: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(&GIVEN_UP));

fn permanence(text: &str, reply: &Reply, context: &Context<'_>, cause: Cause) -> Option<bool> {
    let lower = Reply::looked_at(text).to_ascii_lowercase();
    if context.gave_up || OF_GIVING_UP.places(&lower, |_, _| true).first().is_some() {
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
fn in_one_line(text: &str, reply: &Reply) -> String {
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
    let places = PHRASES.places(lower, |_, _| true);
    let mut numbers = 0..;
    let mut longest = |phrases: &[&str]| {
        let numbered = phrases.iter().zip(numbers.by_ref());
        numbered.filter(|(_, number)| places.of(*number).is_some()).map(|(phrase, _)| phrase.len()).max()
    };
    let srs_rows = if forwarded { SRS_ROWS } else { &[] };
    let mut best: Option<(&Row, Score)> = None;
    for row in ROWS.iter().chain(srs_rows) {
        let own = known.is_some() && row.of == known;
        let (words, weak) = (longest(row.words), longest(row.weak));
        let Some(longest) = words.max(weak.filter(|_| own)) else { continue };
        let score = (own, !row.cause.is_vague(), longest, row.has_code(reply.enhanced));
        if best.is_none_or(|(_, other)| score > other) {
            best = Some((row, score));
        }
    }
    best.map(|(row, _)| row)
}

/// What the words and the codes say, where no row knows the reply.
fn guess(reply: &Reply, lower: &str, known: Option<&Provider>, forwarded: bool) -> (Cause, Basis) {
    let said = words::of_words(lower).map(|said| match reply.stage {
        // RFC 5321 §3.3: no recipient has been named yet.
        Some(Stage::Mail) => of_sender(said, lower),
        _ => said,
    });
    let code = reply.enhanced.and_then(|enhanced| {
        // Gmail gives its codes meanings of its own, so its table comes before the registry.
        let own = ROWS.iter().find(|row| known.is_some() && row.of == known && row.has_code(Some(enhanced)));
        own.map(|row| row.cause).or_else(|| codes::of_code(enhanced))
    });
    // RFC 3463 §3.2: X.1.7 is about how the address is written, in which SRS ones are unlike others.
    let code = code.map(|code| if forwarded && code == Cause::SenderAddress { Cause::Srs } else { code });
    let digits = reply.code.and_then(codes::of_reply_code);
    let is_vague = |said: &Cause| said.is_vague() || *said == Cause::Network;
    let may_be_of_sender = said.is_none_or(|said| is_vague(&said) || said.is_about_addresses());
    // RFC 4954 §6: 530, 534 and 535 are said of logins. Not everybody keeps to it, so clear words of something else come first.
    let is_of_login = digits == Some(Cause::Login);
    let said = if is_of_login { said.map(|said| of_login(said, reply, lower)) } else { said };
    let login = digits.filter(|_| {
        is_of_login
            && said.is_none_or(|said| {
                is_vague(&said) || said.is_about_addresses() || said.is_of_sender() || said == Cause::Restricted
            })
    });
    // RFC 3463 §3.2: X.1.7 and X.1.8 are of the sender, of whom the same words are said as of recipients.
    let of_sender = code.filter(|code| may_be_of_sender && (code.is_of_sender() || *code == Cause::Srs));
    // The first that says something decides.
    let in_order = [
        (login, Basis::Code),
        (of_sender, Basis::Code),
        // Words tell more than codes, which many servers choose without care.
        (said.filter(|said| !is_vague(said)), Basis::LikelyWords),
        // "Policy" and the like say less than most codes, but 5.7.1 says no more.
        (code.filter(|code| *code != Cause::Policy), Basis::Code),
        (said, Basis::LikelyWords),
        (code, Basis::Code),
        // RFC 5321 §4.2.3: three digits stand for many things.
        (digits, Basis::Code),
    ];
    let decided = in_order.into_iter().find_map(|(cause, basis)| Some((cause?, basis)));
    decided.unwrap_or((Cause::Unknown, Basis::Nothing))
}

/// What words mean of somebody who logs in.
fn of_login(said: Cause, reply: &Reply, lower: &str) -> Cause {
    let names_a_method = || ["spf", "dkim", "dmarc"].iter().any(|method| lower.contains(method));
    match said {
        // The sender's account, and not the recipient's mailbox.
        Cause::Inactive => Cause::AccountBlocked,
        // No recipient has been named yet, and no message sent.
        Cause::MailboxFull | Cause::TooLarge => Cause::Login,
        // RFC 4954 §6: 535 is said of the credentials alone.
        Cause::RateLimit if reply.code == Some(535) => Cause::Login,
        Cause::Unauthenticated if !names_a_method() => Cause::Login,
        // Strangers are told both in one breath.
        Cause::RelayDenied if words::ask_for_login(lower) => Cause::Login,
        other => other,
    }
}

/// What is said of an address or a domain, if it is the sender's.
fn of_sender(said: Cause, lower: &str) -> Cause {
    // Addresses are taken out before.
    let is_host = |name: &str| name.trim_end_matches('.').contains('.');
    let of_host = || {
        lower
            .split_once(" does not exist")
            .and_then(|(before, _)| before.split_whitespace().last())
            .is_some_and(is_host)
    };
    match said {
        Cause::UnknownUser if of_host() => Cause::SenderDomain,
        Cause::UnknownUser => Cause::SenderAddress,
        Cause::UnknownDomain => Cause::SenderDomain,
        other => other,
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
