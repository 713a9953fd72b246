//! Words and codes that mean the same everywhere, for replies that no row of the table knows.

use super::cause::Cause;
use super::reply::Enhanced;

/// Lower-case words, the telling ones before the vague ones.
static WORDS: &[(Cause, &[&str])] = &[
    (
        Cause::SenderMismatch,
        &[
            "sender mismatch",
            "not owned by",
            "not authorized to send as",
            "not permitted to send as",
            "send as this sender",
            "not allowed to send as",
            "from address does not match",
            "sender address does not match",
            "sender address rejected: not logged in",
            "sender is not authorized",
            "unauthorized sender address",
            "not a verified sender",
            "sender not verified",
            "sender address is not allowed",
            "not allowed for authenticated user",
        ],
    ),
    (
        Cause::Login,
        &["username and password not accepted", "authentication unsuccessful", "authentication credentials invalid"],
    ),
    (Cause::Srs, &["invalid in srs address", "time stamp out of date", "without valid srs"]),
    // The server that asks a block list, not the one that is asked about.
    (Cause::Server, &["error: open resolver"]),
    (Cause::Helo, &["helo command rejected", "invalid helo", "helo name"]),
    (Cause::DmarcTemperror, &["dmarc temporary", "temporary dmarc", "dmarc temperror", "dmarc lookup fail"]),
    (Cause::DmarcMissing, &["no dmarc record", "missing dmarc", "without a dmarc", "dmarc record not found"]),
    (Cause::Dmarc, &["dmarc policy"]),
    (Cause::Alignment, &["not aligned", "alignment", "no aligned"]),
    (
        Cause::Unauthenticated,
        &[
            "neither spf nor dkim",
            "spf or dkim",
            "spf and dkim",
            "not authenticated",
            "unauthenticated",
            "authentication checks",
        ],
    ),
    (Cause::Dmarc, &["dmarc"]),
    (Cause::Arc, &["arc seal", "arc validation", "arc chain"]),
    (Cause::Spf, &["spf", "sender policy framework", "not designated as permitted sender", "not a permitted sender"]),
    (Cause::Dkim, &["dkim", "domainkeys"]),
    (Cause::Srs, &["srs0", "srs1", "sender rewriting"]),
    (
        Cause::Ptr,
        &[
            "reverse dns",
            "reverse hostname",
            "ptr record",
            "rdns",
            "cannot find your reverse",
            "cannot find your hostname",
            "reverse lookup",
            "fcrdns",
        ],
    ),
    (
        Cause::Tls,
        &["starttls", "must issue a tls", "encryption required", "tls required", "tls is required", "requires tls"],
    ),
    (Cause::Certificate, &["server certificate not", "certificate verification failed"]),
    (Cause::Smtputf8, &["smtputf8"]),
    (Cause::FromSyntax, &["from header", "from: header", "header from", "multiple from"]),
    (Cause::Format, &["rfc 5322", "rfc5322", "bare <lf>", "bare lf", "line length", "lines too long"]),
    (Cause::RateLimit, &["delivery quota", "sending quota", "sending limit", "exceeded the max"]),
    (
        Cause::MailboxFull,
        &["mailbox full", "mailbox is full", "over quota", "quota exceeded", "overquota", "out of storage"],
    ),
    (Cause::TooLarge, &["too large", "message size", "exceeds size", "size limit", "maximum size"]),
    (Cause::Loop, &["too many hops", "mail loop", "loops back to myself", "hop count exceeded", "routing loop"]),
    (Cause::Network, &["host not found, try again"]),
    (
        Cause::UnknownDomain,
        &[
            "host not found",
            "domain not found",
            "no mx",
            "name service error",
            "domain does not exist",
            "point to non-existent hosts",
            "nullmx",
        ],
    ),
    // Postfix greylists with "Recipient address rejected: Greylisted".
    (Cause::Greylisting, &["greylist", "graylist", "grey-list", "address verification in progress"]),
    (Cause::Inactive, &["mailbox is disabled", "mailbox disabled", "account is disabled", "account is inactive"]),
    (
        Cause::Restricted,
        &[
            "recipient address rejected: access denied",
            "restricted to members",
            "not a subscriber",
            "members only",
            "delivery restriction",
        ],
    ),
    (
        Cause::UnknownUser,
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "does not exist",
            "no mailbox",
            "mailbox unavailable",
            "recipient rejected",
            "unknown recipient",
            "invalid recipient",
            "no such recipient",
            "address unknown",
            "user doesn't",
            "not a valid mailbox",
            "undeliverable address",
            "mailbox not found",
            "unrouteable",
            "unroutable",
        ],
    ),
    (
        Cause::RelayDenied,
        &[
            "relay access denied",
            "relaying denied",
            "relay denied",
            "unable to relay",
            "relay not permitted",
            "relaying disallowed",
            "not permitted to relay",
            "list of allowed rcpthosts",
        ],
    ),
    (Cause::Greylisting, &["try again in", "temporarily deferred"]),
    (
        Cause::RateLimit,
        &[
            "rate limit",
            "too many connections",
            "too many messages",
            "too many recipients",
            "throttl",
            "unexpected volume",
            "exceeded the",
            "too fast",
            "max number of connections",
        ],
    ),
    (Cause::Content, &["banned:", "blocked attachment", "attachment type", "executable attachment"]),
    (
        Cause::Reputation,
        &[
            "blacklist",
            "blocklist",
            "block list",
            "blocked using",
            "rbl",
            "dnsbl",
            "spamhaus",
            "reputation",
            "listed",
            "banned",
            "spamcop",
            "barracuda",
        ],
    ),
    (Cause::Spam, &["spam", "content rejected", "message content", "virus", "suspicious"]),
    (
        Cause::Server,
        &[
            "insufficient system storage",
            "temporary server error",
            "sender verify callout",
            "server configuration error",
            "temporary lookup failure",
            "queue file write error",
            "local error in processing",
        ],
    ),
    (
        Cause::Network,
        &[
            "timed out",
            "timeout",
            "connection refused",
            "network is unreachable",
            "lost connection",
            "service unavailable",
            "no route to host",
            "retry timeout exceeded",
            "message expired",
            "delivery time expired",
        ],
    ),
    (Cause::UnknownUser, &["recipient address rejected"]),
    (Cause::Policy, &["policy", "administratively", "prohibited", "access denied", "not permitted", "rejected for"]),
];

/// What the words say; `lower` without addresses, which hold words of all kinds.
pub(super) fn of_words(lower: &str) -> Option<Cause> {
    about_sender(lower).or_else(|| {
        WORDS.iter().find(|(_, words)| words.iter().any(|word| has_word(lower, word))).map(|&(cause, _)| cause)
    })
}

/// Words that are said of the envelope sender; those that follow tell why, as they do of recipients.
static OF_SENDER: &[&str] = &[
    "sender address rejected",
    "invalid sender",
    "emetteur invalide",
    "sender verify failed",
    "sender address verification",
];

fn about_sender(lower: &str) -> Option<Cause> {
    let at = OF_SENDER.iter().find_map(|words| lower.find(words))?;
    let has = |words: &[&str]| words.iter().any(|word| lower[at..].contains(word));
    Some(match () {
        () if has(&["not logged in", "not owned by", "not allowed"]) => Cause::SenderMismatch,
        () if has(&["access denied"]) => Cause::Restricted,
        () if has(&["domain not found", "no mx", "nullmx", "malformed dns", "does not resolve"]) => Cause::SenderDomain,
        () => Cause::SenderAddress,
    })
}

/// Short words count only on their own: `spf`, not `xspfy`, nor `spf.d.example`.
fn has_word(lower: &str, word: &str) -> bool {
    let bytes = lower.as_bytes();
    let alone = |at: usize| {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + word.len()..).unwrap_or_default();
        let is_name = matches!(after, [b'.', next, ..] if next.is_ascii_alphanumeric());
        !is_name && [before, after.first().copied()].into_iter().flatten().all(|b| !b.is_ascii_alphanumeric())
    };
    lower.match_indices(word).any(|(at, _)| word.len() > 6 || alone(at))
}

/// RFC 3463, RFC 7372, RFC 7505, RFC 8617, RFC 8689 and the IANA registry.
pub(super) fn of_code(Enhanced(_, subject, detail): Enhanced) -> Option<Cause> {
    Some(match (subject, detail) {
        (1, 0 | 1 | 3 | 6) => Cause::UnknownUser,
        (1, 2 | 10) => Cause::UnknownDomain,
        (1, 7) => Cause::SenderAddress,
        (1, 8) | (7, 27) => Cause::SenderDomain,
        (2, 1) => Cause::Inactive,
        (2, 2) => Cause::MailboxFull,
        (3, 0 | 1 | 2 | 5) | (4, 3 | 5) => Cause::Server,
        (2, 3) | (3, 4) => Cause::TooLarge,
        (4, 6) => Cause::Loop,
        (4, 1 | 2 | 4 | 7) => Cause::Network,
        (6, 7) => Cause::Smtputf8,
        (7, 8 | 9) => Cause::Login,
        (7, 10 | 30) => Cause::Tls,
        (7, 20..=22) => Cause::Dkim,
        (7, 23 | 24) => Cause::Spf,
        (7, 25) => Cause::Ptr,
        (7, 26) => Cause::Unauthenticated,
        (7, 29) => Cause::Arc,
        (7, 28) => Cause::RateLimit,
        (7, 0..=2) => Cause::Policy,
        _ => return None,
    })
}

/// What the three digits alone allow.
pub(super) fn of_reply_code(code: u16) -> Option<Cause> {
    Some(match code {
        421 => Cause::Network,
        452 => Cause::Server,
        530 | 534 | 535 => Cause::Login,
        552 => Cause::MailboxFull,
        551 => Cause::UnknownUser,
        _ => return None,
    })
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
        assert_eq!(of_words("asked spf.d.example"), None);
    }

    /// RFC 3463 §3.3 and §3.4, and what the registry added; the class decides nothing.
    #[test]
    fn codes_of_the_registry() {
        let cases = [
            ("5.1.6", Cause::UnknownUser),
            ("5.2.1", Cause::Inactive),
            ("5.1.2", Cause::UnknownDomain),
            ("5.1.7", Cause::SenderAddress),
            // RFC 7505 §4: of the recipient, and of the sender.
            ("5.1.10", Cause::UnknownDomain),
            ("5.7.27", Cause::SenderDomain),
            ("5.1.8", Cause::SenderDomain),
            ("4.2.2", Cause::MailboxFull),
            ("4.3.1", Cause::Server),
            ("5.2.3", Cause::TooLarge),
            ("5.3.4", Cause::TooLarge),
            ("5.4.6", Cause::Loop),
            ("4.4.2", Cause::Network),
            // RFC 5248 §2.4, RFC 8689 §5.
            ("5.7.10", Cause::Tls),
            ("5.7.30", Cause::Tls),
            // RFC 7372 §3.
            ("5.7.20", Cause::Dkim),
            ("5.7.22", Cause::Dkim),
            ("5.7.24", Cause::Spf),
            ("5.7.25", Cause::Ptr),
            ("5.7.26", Cause::Unauthenticated),
            ("4.7.28", Cause::RateLimit),
            // RFC 8617 §10.
            ("5.7.29", Cause::Arc),
            ("5.7.1", Cause::Policy),
        ];
        for (code, cause) in cases {
            assert_eq!(of_code(Enhanced::parse(code).unwrap()), Some(cause), "{code}");
        }
        for code in ["5.0.0", "5.5.1", "5.6.0", "5.7.15", "2.1.5"] {
            assert_eq!(of_code(Enhanced::parse(code).unwrap()), None, "{code}");
        }
    }

    /// RFC 5321 §4.2.3.
    #[test]
    fn digits_alone() {
        assert_eq!(of_reply_code(421), Some(Cause::Network));
        assert_eq!(of_reply_code(452), Some(Cause::Server));
        assert_eq!(of_reply_code(552), Some(Cause::MailboxFull));
        assert_eq!(of_reply_code(551), Some(Cause::UnknownUser));
        // Mailbox unavailable, for any reason.
        assert_eq!(of_reply_code(550), None);
    }
}
