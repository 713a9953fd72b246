//! Words and codes that mean the same everywhere, for replies that no row of the table knows.

use super::reply::Enhanced;
use super::table::Cause;

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
        ],
    ),
    (Cause::DmarcTemperror, &["dmarc temporary", "temporary dmarc", "dmarc temperror", "dmarc lookup fail"]),
    (Cause::DmarcMissing, &["no dmarc record", "missing dmarc", "without a dmarc", "dmarc record not found"]),
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
            "helo command rejected",
            "fcrdns",
        ],
    ),
    (Cause::Tls, &["starttls", "must issue a tls", "encryption required", "tls required", "requires tls"]),
    (Cause::FromSyntax, &["from header", "from: header", "header from", "rfc 5322", "rfc5322", "multiple from"]),
    (
        Cause::SenderDomain,
        &[
            "sender address rejected: domain not found",
            "domain of sender address",
            "sender domain",
            "null mx",
            "sender verify failed",
            "sender address verification",
        ],
    ),
    (
        Cause::MailboxFull,
        &[
            "mailbox full",
            "mailbox is full",
            "over quota",
            "quota exceeded",
            "overquota",
            "out of storage",
            "insufficient system storage",
        ],
    ),
    (Cause::TooLarge, &["too large", "message size", "exceeds size", "size limit", "maximum size"]),
    (Cause::Loop, &["too many hops", "mail loop", "loops back to myself", "hop count exceeded", "routing loop"]),
    (
        Cause::UnknownDomain,
        &[
            "host not found",
            "domain not found",
            "unrouteable",
            "unroutable",
            "no mx",
            "name service error",
            "domain does not exist",
        ],
    ),
    // Postfix greylists with "Recipient address rejected: Greylisted".
    (Cause::Greylisting, &["greylist", "graylist", "grey-list"]),
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
            "recipient address rejected",
            "unknown recipient",
            "invalid recipient",
            "no such recipient",
            "address unknown",
            "account is disabled",
            "mailbox disabled",
            "user doesn't",
            "not a valid mailbox",
            "undeliverable address",
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
        ],
    ),
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
        Cause::Network,
        &[
            "timed out",
            "timeout",
            "connection refused",
            "network is unreachable",
            "lost connection",
            "service unavailable",
            "no route to host",
        ],
    ),
    (Cause::Policy, &["policy", "administratively", "prohibited", "access denied", "not permitted", "rejected for"]),
];

pub(super) fn of_words(lower: &str) -> Option<Cause> {
    WORDS.iter().find(|(_, words)| words.iter().any(|word| has_word(lower, word))).map(|&(cause, _)| cause)
}

/// Short words count only on their own: `spf`, not `xspfy`.
fn has_word(lower: &str, word: &str) -> bool {
    let bytes = lower.as_bytes();
    let alone = |at: usize| {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + word.len()).copied();
        [before, after].into_iter().flatten().all(|b| !b.is_ascii_alphanumeric())
    };
    lower.match_indices(word).any(|(at, _)| word.len() > 6 || alone(at))
}

/// RFC 3463, RFC 7372, RFC 7505, RFC 8617, RFC 8689 and the IANA registry.
pub(super) fn of_code(Enhanced(_, subject, detail): Enhanced) -> Option<Cause> {
    Some(match (subject, detail) {
        (1, 0 | 1 | 3 | 6) => Cause::UnknownUser,
        (1, 2 | 10) | (4, 3) => Cause::UnknownDomain,
        (1, 7 | 8) | (7, 27) => Cause::SenderDomain,
        (2, 1) => Cause::UnknownUser,
        (2, 2) | (3, 1) => Cause::MailboxFull,
        (2, 3) | (3, 4) => Cause::TooLarge,
        (4, 6) => Cause::Loop,
        (4, 1 | 2 | 4 | 7) => Cause::Network,
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
        452 | 552 => Cause::MailboxFull,
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
    }

    /// RFC 3463 §3.3 and §3.4, and what the registry added; the class decides nothing.
    #[test]
    fn codes_of_the_registry() {
        let cases = [
            ("5.1.6", Cause::UnknownUser),
            ("5.2.1", Cause::UnknownUser),
            ("5.1.2", Cause::UnknownDomain),
            // RFC 7505 §4: of the recipient, and of the sender.
            ("5.1.10", Cause::UnknownDomain),
            ("5.7.27", Cause::SenderDomain),
            ("5.1.8", Cause::SenderDomain),
            ("4.2.2", Cause::MailboxFull),
            ("4.3.1", Cause::MailboxFull),
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
        for code in ["5.0.0", "5.5.1", "5.6.0", "5.7.8", "2.1.5"] {
            assert_eq!(of_code(Enhanced::parse(code).unwrap()), None, "{code}");
        }
    }

    /// RFC 5321 §4.2.3.
    #[test]
    fn digits_alone() {
        assert_eq!(of_reply_code(421), Some(Cause::Network));
        assert_eq!(of_reply_code(452), Some(Cause::MailboxFull));
        assert_eq!(of_reply_code(552), Some(Cause::MailboxFull));
        assert_eq!(of_reply_code(551), Some(Cause::UnknownUser));
        // Mailbox unavailable, for any reason.
        assert_eq!(of_reply_code(550), None);
    }
}
