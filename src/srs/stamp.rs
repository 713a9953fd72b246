//! The day in an SRS0 address: two base32 characters, so it comes round every 1024 days.

use crate::Timestamp;

/// A day, modulo 1024.
///
/// ```
/// use mailproof::{Timestamp, srs::Stamp};
///
/// let stamp = Stamp::new(Timestamp(1_700_000_000));
/// assert_eq!(stamp.to_bytes(), *b"G3");
/// // Five days later a bounce comes back.
/// assert_eq!(stamp.age_days(Timestamp(1_700_000_000 + 5 * 86_400)), 5);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp(u16);

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECONDS_PER_DAY: u64 = 86_400;
/// After so many days a stamp is valid again: the scheme has no more room.
pub const PERIOD_DAYS: u16 = 1024;

/// How far ahead a clock may plausibly be. A stamp beyond it is rather an old one.
const AHEAD_DAYS: u16 = 31;

impl Stamp {
    /// The day of `now`.
    pub fn new(now: Timestamp) -> Self {
        // The remainder is below 1024.
        Self((now.0 / SECONDS_PER_DAY % u64::from(PERIOD_DAYS)) as u16)
    }

    /// Reads two base32 characters, in any case.
    ///
    /// ```
    /// use mailproof::{Timestamp, srs::Stamp};
    ///
    /// let stamp = Stamp::parse("G3").unwrap();
    /// assert_eq!(stamp.age_days(Timestamp(1_700_000_000)), 0);
    /// assert_eq!(Stamp::parse("G1"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let [high, low] = text.as_bytes() else { return None };
        Some(Self(value(*high)? << 5 | value(*low)?))
    }

    /// How many days ago it was, from 0 to 1023. Tomorrow is 1023 days ago.
    pub fn age_days(self, now: Timestamp) -> u16 {
        Self::new(now).0.wrapping_sub(self.0) % PERIOD_DAYS
    }

    /// How many days it lies ahead, if it is near enough to be of a day to come, and not of one long ago.
    pub(super) fn days_ahead(self, now: Timestamp) -> Option<u16> {
        let ahead = PERIOD_DAYS - self.age_days(now);
        (ahead <= AHEAD_DAYS).then_some(ahead)
    }

    /// The two characters.
    pub fn to_bytes(self) -> [u8; 2] {
        [ALPHABET[usize::from(self.0 >> 5)], ALPHABET[usize::from(self.0 & 31)]]
    }
}

fn value(character: u8) -> Option<u16> {
    match character.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(u16::from(letter - b'A')),
        digit @ b'2'..=b'7' => Some(u16::from(digit - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for day in 0..1100 {
            let now = Timestamp(day * SECONDS_PER_DAY + 7);
            let bytes = Stamp::new(now).to_bytes();
            let text = std::str::from_utf8(&bytes).unwrap();
            assert_eq!(Stamp::parse(&text.to_lowercase()).unwrap().age_days(now), 0);
        }
    }

    #[test]
    fn tomorrow_is_long_ago() {
        let day = |n: u64| Timestamp(n * SECONDS_PER_DAY);
        assert_eq!(Stamp::new(day(1)).age_days(day(0)), 1023);
        assert_eq!(Stamp::new(day(1023)).age_days(day(1024)), 1);
    }
}
