//! A moment, given by the caller: nothing in this crate reads a clock.

use std::fmt;

/// Seconds since 1970-01-01 00:00:00 UTC.
///
/// ```
/// use std::time::SystemTime;
/// use mailproof::{Timestamp, message::parse_date};
///
/// let sent = parse_date("Thu, 1 Jan 2015 01:00:00 +0100").unwrap();
/// assert_eq!(sent, Timestamp(1_420_070_400));
/// // The present, for programs that have a clock: a signature with `x=1420070400` has expired.
/// assert!(sent < Timestamp(SystemTime::UNIX_EPOCH.elapsed()?.as_secs()));
/// # Ok::<(), std::time::SystemTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Timestamp(pub u64);

#[cfg(feature = "serde")]
impl crate::reading::Read for Timestamp {
    fn read(tree: &crate::reading::Tree) -> Result<Self, crate::reading::Fault> {
        tree.number().map(Self)
    }
}
#[cfg(feature = "serde")]
crate::reading::deserialize!(Timestamp);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
