//! How much one evaluation may ask (RFC 7208 §4.6.4).

/// The limits of §4.6.4. [`Limits::default`] has the RFC's numbers; change them to ask "what if".
///
/// The time limit of §4.6.4 is for whoever drives the evaluation: nothing here knows the time.
///
/// ```
/// use mailproof::spf::Limits;
///
/// // A receiver that lets more look-ups come to nothing than the RFC suggests.
/// let lenient = Limits { voids: 5, ..Limits::default() };
/// assert_eq!((lenient.lookups, lenient.exchanges), (10, 10));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Limits {
    /// DNS-querying terms in the whole evaluation: 10; more than 200 count as 200.
    pub lookups: u32,
    /// Void lookups: 2 (a SHOULD, and receivers may choose another number).
    pub voids: u32,
    /// Mail exchanges of one `mx`: 10.
    pub exchanges: usize,
    /// Names of the client that `ptr` and `%{p}` look at: 10; the rest are ignored.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { lookups: MAX_LOOKUPS, voids: MAX_VOIDS, exchanges: MAX_EXCHANGES, names: MAX_POINTERS }
    }
}

impl Limits {
    /// The same, with no more look-ups than any evaluation makes.
    pub(super) fn bounded(self) -> Self {
        Self { lookups: self.lookups.min(MAX_ALLOWED), ..self }
    }
}

/// DNS-querying terms of one evaluation (§4.6.4).
const MAX_LOOKUPS: u32 = 10;
/// Void lookups of one evaluation: what §4.6.4 suggests.
const MAX_VOIDS: u32 = 2;
/// Mail exchanges of one `mx` (§4.6.4).
const MAX_EXCHANGES: usize = 10;
/// Names of a client that are looked at (§4.6.4): whoever has its reverse zone chooses how many there are.
const MAX_POINTERS: usize = 10;

/// DNS-querying terms of one evaluation, whatever [`Limits::lookups`] says: each may be an include inside the one before, and
/// takes its part of the stack. No record that anybody means has as many.
const MAX_ALLOWED: u32 = 200;
