//! Whether a forwarder takes a bounce to the address.

use super::{Context, Place};
use crate::finding::{Findings, rules};
use crate::srs::{Form, ReverseError, Stamp};
use crate::text::Span;

rules! {
    /// # The hash does not verify
    ///
    /// None of the secrets made this hash. Either somebody forged the address, or the secret was changed and the old one
    /// is not kept for verifying, or something changed the address on the way. Bounces to it are refused: right for a
    /// forged one.
    ///
    /// ```srs bad secret=tops3cr3t now=1700000000
    /// SRS0=AAAA=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good secret=tops3cr3t now=1700000000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    HASH_MISMATCH = "srs-hash-mismatch", Error, MailRefused, ["SRS (Shevek 2004)"],
        "the hash `{hash}` of the SRS address is not made by any of the secrets";

    /// # The hash is short
    ///
    /// Hashes are compared without regard to case, so a character is worth about 5 bits: with fewer than 4 an address is
    /// guessed by trying. Forwarders refuse hashes below their minimum.
    ///
    /// ```srs bad
    /// SRS0=PG=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    HASH_TOO_SHORT = "srs-hash-too-short", Warning, MailRefused, ["SRS (Shevek 2004)"],
        "the hash `{hash}` of the SRS address has {length} characters, too few to be safe from guessing";

    /// # The address has expired
    ///
    /// A forwarder takes bounces for some weeks (21 days is usual) and refuses older ones, so that addresses that spammers
    /// have collected are worth nothing to them. A stamp counts days modulo 1024.
    ///
    /// ```srs bad now=1705000000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good now=1700000000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    EXPIRED = "srs-timestamp-expired", Warning, MailRefused, ["SRS (Shevek 2004)"],
        "the stamp `{stamp}` of the SRS address is {days} days old, and {limit} are accepted";

    /// # The stamp is in the future or not a day
    ///
    /// The stamp is two characters of `A` to `Z` and `2` to `7`. A day that is still to come is a sign of a wrong clock, of a
    /// program that rounds to the nearest day, or of forgery; forwarders count it as more than a thousand days old.
    ///
    /// ```srs bad now=1699800000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good now=1700000000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    FUTURE = "srs-timestamp-future", Warning, MailRefused, ["SRS (Shevek 2004)"],
        "the stamp `{stamp}` of the SRS address is {what}";

    /// # An address with a wrong hash was accepted
    ///
    /// A server that sends mail on to whatever is written into an SRS address, without a look at the hash, relays for
    /// anybody: put any recipient into the address, and it delivers there.
    ///
    /// ```srs bad place=recipient accepted secret=tops3cr3t now=1700000000
    /// SRS0=xxxx=G3=elsewhere.example=user@fwd.example
    /// ```
    ///
    /// ```srs good place=recipient accepted secret=tops3cr3t now=1700000000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    OPEN_RELAY = "srs-open-relay-risk", Warning, Ok, ["SRS (Shevek 2004)"],
        "the server accepts `{address}` with a hash that does not verify: anybody can relay mail to `{original}` and others";
}

/// A hash of fewer characters can be guessed: 4 are about 20 bits.
const SAFE_HASH: usize = 4;
/// What all programs but OpenSMTPD and Exim accept.
const MAX_AGE_DAYS: u16 = 21;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let form = cx.address.form();
    let reversal = cx.known.reversal.and_then(|result| result.as_ref().err());
    if let Some(hash) = form.hash() {
        check_hash(cx, hash, reversal, out);
    }
    // An SRS1 address has no stamp of its own; the first forwarder looks at the inner one.
    if let (Some(stamp), Form::Srs0(_) | Form::Srs1(_)) = (form.stamp(), form) {
        check_stamp(cx, stamp, out);
    }
    if cx.known.accepted && cx.known.place == Place::Recipient && cx.is_forged() {
        out.report(&OPEN_RELAY, cx.whole()).quote("address").arg("original", cx.original().unwrap_or_default());
    }
}

fn check_hash(cx: &Context<'_>, hash: Span, reversal: Option<&ReverseError>, out: &mut Findings) {
    let length = cx.address.slice(hash).len();
    if length < SAFE_HASH || reversal == Some(&ReverseError::HashTooShort) {
        out.report(&HASH_TOO_SHORT, cx.label(hash)).quote("hash").arg("length", length);
    }
    if reversal == Some(&ReverseError::BadHash) {
        out.report(&HASH_MISMATCH, cx.label(hash)).quote("hash");
    }
}

fn check_stamp(cx: &Context<'_>, span: Span, out: &mut Findings) {
    let Some(stamp) = Stamp::parse(cx.address.slice(span)) else {
        // mailrs counts its days in three digits.
        if cx.address.dialect().is_none() {
            out.report(&FUTURE, cx.label(span)).quote("stamp").arg("what", "not two characters of `A-Z2-7`");
        }
        return;
    };
    let Some(now) = cx.known.now else { return };
    let days = stamp.age_days(now);
    let limit = cx.known.max_age_days.unwrap_or(MAX_AGE_DAYS);
    if days <= limit {
        return;
    }
    if let Some(ahead) = stamp.days_ahead(now) {
        let what = if ahead == 1 { "of tomorrow".to_owned() } else { format!("{ahead} days in the future") };
        out.report(&FUTURE, cx.label(span)).quote("stamp").arg("what", what);
    } else {
        out.report(&EXPIRED, cx.label(span)).quote("stamp").arg("days", days).arg("limit", limit);
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::super::tests::codes;

    #[test]
    fn the_inner_stamp_of_srs1_counts() {
        let text = "SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example";
        let found = codes(text, "now=1705000000");
        let expired = found.iter().find(|found| found.code == "srs-timestamp-expired").unwrap();
        assert_eq!(&text[expired.primary.span], "G3");
    }

    #[test]
    fn a_wrong_hash_is_nobodys_word() {
        let found = codes("SRS0=xxxx=G3=example.com=alice@fwd.example", "secret=tops3cr3t now=1700200000");
        let codes: Vec<_> = found.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["srs-hash-mismatch"]);
    }

    #[test]
    fn a_stamp_of_tomorrow_has_no_age() {
        let found = codes("SRS0=PGkz=G3=example.com=alice@fwd.example", "now=1699800000");
        let told: Vec<_> = found.iter().map(|found| found.message()).collect();
        assert!(told.iter().all(|told| !told.contains("days old")), "{told:?}");
    }

    #[test]
    fn unreadable_stamps() {
        assert!(codes("SRS0=PGkz=1A=example.com=alice@f.example", "").iter().any(|f| f.code == "srs-timestamp-future"));
        assert!(!codes("SRS0=aaa9a668=219=h.example=a@f.example", "").iter().any(|f| f.code == "srs-timestamp-future"));
    }
}
