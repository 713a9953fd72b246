//! Words that mean the same everywhere, for replies that no row of the table knows.

use std::sync::LazyLock;

use super::cause::Cause;
use super::phrases::{Phrases, first_part};
use crate::name::MAX_LABEL;

macro_rules! words {
    ($($(#[$why:meta])* $cause:ident [$($word:literal),* $(,)?];)+) => {
        /// Lower-case words, the telling ones before the vague ones. `…` stands for up to [`MAX_GAP`] octets of anything: a name,
        /// an article, a letter with an accent that came in another character set.
        static WORDS: &[(Cause, &[&str])] = &[$((Cause::$cause, &[$($word),*])),+];
    };
}

words! {
    // The methods are named there in passing: whose mail is too much, and which field it is.
    RateLimit ["unusual rate of"];
    FromSyntax ["duplicate header 'from'"];
    Format ["duplicate header"];
    SenderMismatch [
        "sender mismatch", "not owned by", "not authorized to send as", "not permitted to send as", "send as this sender",
        "not allowed to send as", "from address does not match", "sender address does not match",
        "sender address rejected: not logged in", "sender is not authorized", "unauthorized sender address",
        "not a verified sender", "sender not verified", "sender address is not allowed", "not allowed for authenticated user",
        "must equal authorized user", "must match authenticated user", "not belong to authenticated user",
        "conform with authentication", "sender does not match login", "not one of your addresses",
        "not allowed for your account", "not allowed for this account", "permission to use sender", "sender is not user",
        "unconfigured sending domain", "domain…is not verified",
    ];
    Login [
        "username and password not accepted", "authentication unsuccessful", "authentication credentials invalid",
        "client was not authenticated", "client not authenticated",
    ];
    AccountBlocked ["sending for this account is disabled"];
    Srs ["invalid in srs address", "time stamp out of date", "without valid srs", "srs…hash"];
    // The server that asks a block list, not the one that is asked about.
    Server ["error: open resolver"];
    Helo ["helo command rejected", "invalid helo", "bad helo", "helo name", "helo/ehlo argument"];
    DmarcTemperror ["dmarc temporary", "temporary dmarc", "dmarc temperror", "dmarc lookup fail"];
    DmarcMissing ["no dmarc record", "missing dmarc", "without a dmarc", "dmarc record not found"];
    Dmarc ["dmarc policy"];
    Alignment ["not aligned", "alignment", "no aligned"];
    Unauthenticated [
        "neither spf…nor dkim", "spf or dkim", "spf and dkim", "not authenticated", "unauthenticated", "authentication checks",
    ];
    Dmarc ["dmarc"];
    Arc ["arc seal", "arc validation", "arc chain"];
    Spf ["spf", "sender policy framework", "not designated as permitted sender", "not a permitted sender"];
    Dkim ["dkim", "domainkeys"];
    // After SPF, which says the same of a server.
    SenderMismatch ["sender not authorized", "sender not authorised", "sender unauthorized"];
    Srs ["srs0", "srs1", "sender rewriting"];
    // The host of a recipient, which has nothing to do with reverse names.
    UnknownUser ["hostname for your recipient's mailbox"];
    UnknownDomain ["hostname of your recipient", "hostname for your recipient"];
    Ptr [
        "reverse dns", "reverse hostname", "ptr record", "dns ptr", "rdns", "cannot find your reverse",
        "cannot find your hostname", "cannot resolve your address", "unresolvable relay host", "reverse lookup", "fcrdns",
        "hostname of address", "hostname for address", "host name for your", "hostname for your", "host name of your",
        "hostname of your",
    ];
    Tls [
        "starttls", "must issue a tls", "encryption required", "tls required", "tls is required", "requires tls",
        "requires encryption",
    ];
    Certificate [
        "server certificate not", "certificate verification failed", "certificate is expired", "certificate-expired",
        "mta-sts validation", "dane validation", "tlsa-invalid",
    ];
    // Of the recipient's domain: without a sure answer there is no server to ask.
    Network ["invalid dnssec", "dnssec-invalid"];
    Smtputf8 ["smtputf8"];
    FromSyntax ["from header", "from: header", "header from", "multiple from"];
    Format [
        "rfc 5322", "rfc5322", "not rfc compliant", "bare <lf>", "bare lf", "bare linefeed", "line length", "lines too long",
    ];
    SenderDomain ["domain name required"];
    RateLimit [
        "delivery quota", "sending quota", "submission quota", "submissionquota", "daily…quota", "hourly…quota",
        "sending limit", "exceeded the max emails", "exceeded the max defers", "messages per hour", "messages per day",
        "relay limit exceeded", "too much mail from",
    ];
    MailboxFull [
        "mailbox full", "mailbox is full", "mailbox…is full", "account is full", "over quota", "overquota", "quota exceeded",
        "exceed…quota", "out of storage", "storage quota", "storage limit", "storage allocation", "storage full",
        "allowed storage", "enough storage space", "enough space", "folder is full", "mailbox exceeds", "mailbox size", "mailbox quota", "too many messages on the server",
        "postfach…voll", "bo…te…pleine", "quota…d…pass", "casella…piena", "buz…n…lleno", "casilla…llena",
    ];
    TooLarge [
        "too large", "message size", "exceeds size", "size exceeds", "size limit", "maximum size", "too big",
        "length exceeds maximum", "message exceeds maximum", "message exceeds the maximum", "mail exceeds maximum", "exceeds maximum…size",
    ];
    Loop [
        "too many hops", "mail loop", "message is looping", "loops back to m", "hop count exceed", "routing loop", "forwarding loop",
        // Exim is to send to itself what it does not deliver.
        "points to local host", "host address is the local host",
    ];
    Network ["host not found, try again"];
    UnknownDomain [
        "host not found", "domain not found", "domain name not found", "no such domain", "domain…does not exist",
        "nonexistent domain", "no mx", "name service error", "answer with no data", "point to non-existent hosts", "nullmx",
        "unrouteable mail domain", "dns records for the destination",
        "indicated no smtp service", "domain…existiert nicht",
    ];
    // Postfix greylists with "Recipient address rejected: Greylisted".
    Greylisting ["greylist", "graylist", "grey-list", "address verification in progress"];
    Inactive [
        "mailbox is disabled", "mailbox disabled", "account is disabled", "account has been disabled", "account is inactive",
        "mailbox is inactive", "due to inactivity", "mailbox suspended", "user suspended", "account is suspended",
        "account is locked", "no longer accepts mail", "deactivated", "currently suspended", "inactive user", "suspend the service",
    ];
    Restricted [
        "recipient address rejected: access denied", "restricted to members", "not a subscriber", "members only",
        "delivery restriction", "only accepts messages from", "allowed to post to", "external senders aren't permitted",
    ];
    UnknownUser ["recipient address […not found"];
    // Of a host, and not of a recipient.
    Policy [
        "ip address…not found", "ip address…not be found", "ip address…couldn't be found", "address […not found",
        "client address…not found",
    ];
    // Where users stand, and no user.
    Server ["lookup…server not found", "database not found", "map not found", "table not found"];
    UnknownUser [
        "user unknown", "unknown user", "no such user", "user not found", "user not known", "not a known user",
        "does not exist", "no mailbox", "no such mailbox", "no such address", "mailbox unavailable", "invalid mailbox",
        "recipient rejected", "unknown recipient", "invalid recipient", "no such recipient", "recipient not found",
        "recipient unknown", "recipient address…not a valid", "recipient is not local", "recipient…not found",
        "bad recipient", "badrcptto", "address unknown",
        "addresses were unknown", "unknown address", "unknown email address", "unknown e-mail address", "unknown mailbox",
        "unknown virtual user", "invalid address", "invalid user", "user…not found", "non-existent user", "nonexistent user",
        "address…not be found", "address…couldn't be found", "address…not found", "address…no longer valid",
        "not an active address", "not a local address", "not a valid user", "no such person", "no one at this address",
        "no account by that name", "no mail box", "mailbox not present", "account unavailable", "unknown local part", "unknown local-part", "user doesn't",
        "not a valid mailbox", "undeliverable address", "mailbox not found", "non-existent account", "domino directory",
        "unrouteable", "unroutable", "empf…nger unbekannt", "empf…nger ist unbekannt", "unbekannter empf", "benutzer unbekannt",
        "benutzer nicht bekannt", "existiert nicht", "destinataire inconnu", "utilisateur inconnu", "adresse inconnue",
        "n'existe pas", "destinatario sconosciuto", "utente sconosciuto", "non esiste", "destinatario desconocido",
        "usuario desconocido", "no existe",
    ];
    RelayDenied [
        "relay access denied", "relaying denied", "relay denied", "unable to relay", "relay not permitted",
        "relaying disallowed", "not permitted to relay", "relaying not allowed", "relaying mail to", "relay disabled",
        "do not relay", "configured to relay", "allowed to relay", "insecure mail relay", "open relay not allowed",
        "list of allowed rcpthosts",
    ];
    // After relaying, which is refused in the same breath, and which strangers are refused as well.
    Login [
        "smtp authentication", "smtp auth is required", "authentication required", "authentication is required",
        "requires authentication", "must authenticate", "authentication failed", "log in first", "login first", "must log in",
    ];
    Greylisting ["try again in", "temporarily deferred"];
    RateLimit [
        "rate limit", "ratelimit", "too many connections", "too many concurrent", "too many sessions", "too many messages",
        "too many emails", "excessive volume", "too many recipients", "recipients exceed", "throttl", "unexpected volume", "too fast", "connection rate exceeds", "message rate exceeds", "sending rate exceeds", "max number of connections", "limits for how many",
        "frequency limited", "thread limit", "message limit", "daily limit", "hourly limit",
    ];
    Content [
        "banned:", "banned content", "blocked attachment", "illegal attachment", "forbidden attachment", "attachment type",
        "executable attachment",
    ];
    Reputation [
        "blacklist", "blocklist", "block list", "blocked using", "rbl", "dnsbl", "dnsbls", "spamhaus", "reputation", "listed",
        "banned", "spamcop", "barracuda", "dialup", "dynamic ip", "dynamic ips", "open proxy", "bad sender ip",
        "client host blocked", "from your ip", "ip address…blocked",
        "not allowed to connect", "access to submit messages",
    ];
    Spam ["spam", "content rejected", "content denied", "message content", "virus", "suspicious"];
    SenderAddress ["sender rejected", "sender is rejected"];
    Server [
        "insufficient system storage", "out of memory", "temporary server error", "temporary local problem",
        "temporary system problem", "sender verify callout", "server configuration error", "temporary lookup failure",
        "local configuration error", "system configuration error", "internal server error", "service currently unavailable",
        "queue file write error", "create user output file",
        // RFC 3207 §4 and RFC 4954 §6, with 454.
        "tls not available", "temporary authentication failure",
        "local error in processing", "too busy", "server busy", "load is too high",
    ];
    Network [
        "timed out", "timeout", "connection refused", "connection dropped", "connection reset", "closed connection", "network is unreachable",
        "host is unreachable", "host name lookup failure",
        "lost connection", "cannot connect", "service unavailable", "no route to host", "host lookup did not complete",
        "retry time not reached", "failing for a long time", "queue too long", "could not be delivered for",
        "message expired", "delivery time expired",
    ];
    // After a rate or a score that does so.
    TooLarge ["exceeds maximum"];
    UnknownUser ["recipient address rejected"];
    Policy ["policy", "administrative", "prohibited", "access denied", "not permitted", "rejected for", "spoofed"];
}

/// Octets between the parts of a phrase: a name and some small words.
const MAX_GAP: usize = 40;

/// What the words say; `lower` without addresses, which hold words of all kinds.
pub(super) fn of_words(lower: &str) -> Option<Cause> {
    let places = PHRASES.places(lower, |phrase, at| has_at(lower, phrase, at));
    let mut numbered = WORDS.iter().flat_map(|(cause, words)| words.iter().map(|_| *cause)).enumerate();
    let said = numbered.find(|(number, _)| places.of(*number).is_some());
    // SPF and the like are checked for a sender, too.
    match said.map(|(_, cause)| cause) {
        Some(cause) if cause.is_authentication() => Some(cause),
        other => about_sender(lower).or(other),
    }
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(WORDS.iter().flat_map(|(_, words)| *words)));

/// Whether words for a missing or failed login are among them.
pub(super) fn ask_for_login(lower: &str) -> bool {
    let of_login = WORDS.iter().filter(|(cause, _)| *cause == Cause::Login);
    of_login.flat_map(|(_, words)| *words).any(|word| has(lower, word))
}

/// Words that are said of the envelope sender; those that follow tell why, as they do of recipients.
static OF_SENDER: &[&str] = &[
    "sender address rejected",
    "invalid sender",
    "sender address does not exist",
    "unroutable sender",
    "unrouteable sender",
    "emetteur invalide",
    "sender verify failed",
    "sender address verification",
];

/// Words for its domain, which say nothing by themselves.
static OF_SENDER_DOMAIN: &[&str] = &["domain of sender", "sender domain", "sender's domain"];

/// What is said of a domain that is not there.
static GONE: &[&str] =
    &["not found", "no mx", "no valid mx", "nullmx", "malformed dns", "not resolve", "must resolve", "not exist"];

static SENDERS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(OF_SENDER_DOMAIN.iter().chain(OF_SENDER)));

fn about_sender(lower: &str) -> Option<Cause> {
    let places = SENDERS.places(lower, |_, _| true);
    let domains = OF_SENDER_DOMAIN.len();
    let after =
        |mut numbers: std::ops::Range<usize>| numbers.find_map(|number| places.of(number)).map(|at| &lower[at..]);
    let has = |said: &str, words: &[&str]| words.iter().any(|word| said.contains(word));
    if after(0..domains).is_some_and(|said| has(said, GONE)) {
        return Some(Cause::SenderDomain);
    }
    let said = after(domains..domains + OF_SENDER.len())?;
    Some(match () {
        () if has(said, &["not logged in", "not owned by", "not allowed"]) => Cause::SenderMismatch,
        () if has(said, &["access denied"]) => Cause::Restricted,
        () if has(said, &["domain not found", "no mx", "nullmx", "malformed dns", "not resolve"]) => {
            Cause::SenderDomain
        }
        () => Cause::SenderAddress,
    })
}

/// Whether the phrase is in the text, its parts near each other.
fn has(lower: &str, phrase: &str) -> bool {
    lower.match_indices(first_part(phrase)).any(|(at, _)| has_at(lower, phrase, at))
}

/// The same where its first part stands at `at`.
fn has_at(lower: &str, phrase: &str, at: usize) -> bool {
    let mut rest = &lower[at + first_part(phrase).len()..];
    // A short word counts only on its own.
    (phrase.len() > 6 || stands_alone(lower, at, rest))
        && phrase.split('…').skip(1).all(|part| {
            let near = &rest[..rest.floor_char_boundary(MAX_GAP + part.len())];
            let Some(at) = near.find(part) else { return false };
            rest = &rest[at + part.len()..];
            true
        })
}

/// `spf`, and not `xspfy`, `spf_remote_smtp` or `spf-mx.d.example`.
fn stands_alone(lower: &str, at: usize, rest: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // A host's label is no longer (RFC 1035 §2.3.4), and a text of nothing else would be read to its end for each word in it.
    let label = &rest[..rest.floor_char_boundary(MAX_LABEL)];
    let name = label.trim_start_matches(|c: char| is_inner(c) || c == '-');
    let is_host = name.strip_prefix('.').is_some_and(|next| next.starts_with(|c: char| c.is_ascii_alphanumeric()));
    !is_host && !lower[..at].ends_with(is_inner) && !rest.starts_with(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_stand_alone() {
        assert_eq!(of_words("orbl is fine"), None);
        assert_eq!(of_words("blocked by rbl."), Some(Cause::Reputation));
        assert_eq!(of_words("failed spf check"), Some(Cause::Spf));
        assert_eq!(of_words("spf. see the page"), Some(Cause::Spf));
        assert_eq!(of_words("spf-fail"), Some(Cause::Spf));
        assert_eq!(of_words("asked spf.d.example"), None);
        assert_eq!(of_words("asked dkim-mx.d.example"), None);
        assert_eq!(of_words(&format!("asked spf-{}.d.example", "x".repeat(59))), None);
        // No host has so long a label, and nothing is looked at beyond one.
        assert_eq!(of_words(&format!("asked spf-{}.d.example", "x".repeat(70))), Some(Cause::Spf));
        // Names of Exim's routers and transports, and of the rules of filters.
        assert_eq!(of_words("r=dkim_lookuphost t=dkim_remote_smtp: retry timeout exceeded"), Some(Cause::Network));
        assert_eq!(of_words("tests=spf_pass,dkim_valid: looks like spam"), Some(Cause::Spam));
    }

    #[test]
    fn parts_near_each_other() {
        assert!(has("the mailbox of bob is full", "mailbox…is full"));
        assert!(has("bo\u{fffd}te aux lettres du destinataire pleine", "bo…te…pleine"));
        assert!(!has("is full: the mailbox", "mailbox…is full"));
        assert!(!has(&format!("mailbox{}is full", "é".repeat(MAX_GAP)), "mailbox…is full"));
    }
}
