//! Codes that mean the same everywhere.

use super::cause::Cause;
use super::reply::Enhanced;

/// RFC 3463, RFC 7372, RFC 7505, RFC 8617, RFC 8689 and the IANA registry; then those of Exchange Online, which counts from 90 on,
/// where the registry has nothing.
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
        // Not in the registry: octets that a message may not have.
        (6, 11) => Cause::Format,
        (7, 8 | 9) => Cause::Login,
        (7, 10 | 30) => Cause::Tls,
        (7, 20..=22) => Cause::Dkim,
        (7, 23 | 24) => Cause::Spf,
        (7, 25) => Cause::Ptr,
        (7, 26) => Cause::Unauthenticated,
        (7, 29) => Cause::Arc,
        (7, 28) => Cause::RateLimit,
        (7, 0..=2) => Cause::Policy,
        (1, 90) | (2, 121 | 122) => Cause::RateLimit,
        (4, 310) => Cause::UnknownDomain,
        (7, 124 | 129 | 133..=136 | 193) => Cause::Restricted,
        (7, 321) => Cause::Tls,
        (7, 322 | 323) => Cause::Certificate,
        (7, 324) => Cause::Network,
        (7, 506) => Cause::Helo,
        (7, 705 | 708) => Cause::AccountBlocked,
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
            ("5.1.90", Cause::RateLimit),
            ("5.2.122", Cause::RateLimit),
            ("5.4.310", Cause::UnknownDomain),
            ("5.6.11", Cause::Format),
            ("5.7.136", Cause::Restricted),
            ("5.7.193", Cause::Restricted),
            ("4.7.321", Cause::Tls),
            ("4.7.322", Cause::Certificate),
            ("4.7.324", Cause::Network),
            ("5.7.506", Cause::Helo),
            ("5.7.705", Cause::AccountBlocked),
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
