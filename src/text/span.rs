//! Where something stands in a text.

use std::fmt;
use std::ops::{Index, Range};

/// A half-open range of bytes in a text.
///
/// ```
/// use mailproof::text::Span;
///
/// let text = "v=spf1 -all";
/// let all = Span::new(7, 11);
/// assert_eq!(&text[all], "-all");
/// assert_eq!((all.len(), all.range()), (4, 7..11));
/// // Its qualifier is in it, and the place before it holds nothing.
/// let qualifier = Span::new(7, 8);
/// assert!(all.contains(qualifier) && all.overlaps(qualifier));
/// assert!(Span::at(7).is_empty() && !all.overlaps(Span::at(7)));
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`. Offsets past 4 GiB stay at 4 GiB.
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        let start = saturate(start);
        Self { start, end: saturate(end).max(start) }
    }

    /// The same for offsets that are known to be in order and below 4 GiB, such as those in a record that is being parsed.
    #[inline]
    pub(crate) fn of_parsed(start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= u32::MAX as usize);
        Self { start: start as u32, end: end as u32 }
    }

    /// The empty place before the byte at `offset`.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The place of `part` in `whole`, of which it is a slice.
    ///
    /// A `part` from elsewhere gives the empty span at the start.
    pub(crate) fn of(part: &str, whole: &str) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        if start.saturating_add(part.len()) > whole.len() {
            return Self::default();
        }
        Self::new(start, start + part.len())
    }

    /// How many bytes it spans.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it spans no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same as a range of `usize`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies inside it.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether they share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that holds both.
    ///
    /// ```
    /// use mailproof::text::Span;
    ///
    /// let text = "v=spf1 ip4:192.0.2.1 -all";
    /// assert_eq!(&text[Span::new(7, 10).to(Span::new(11, 20))], "ip4:192.0.2.1");
    /// ```
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same span in a text in which it begins `by` bytes later.
    ///
    /// ```
    /// use mailproof::text::Span;
    ///
    /// // A record, and the line of a zone file that holds it.
    /// let (record, line) = ("v=spf1 -all", "@ TXT \"v=spf1 -all\"");
    /// let all = Span::new(7, 11);
    /// let by = line.find(record).unwrap();
    /// assert_eq!(&line[all.shifted(by)], &record[all]);
    /// ```
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self::new(self.start as usize + by, self.end as usize + by)
    }
}

#[inline]
fn saturate(offset: usize) -> u32 {
    offset.min(u32::MAX as usize) as u32
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A span outside the text, or through the middle of a character, gives the empty text.
impl Index<Span> for str {
    type Output = Self;

    fn index(&self, span: Span) -> &Self {
        self.get(span.range()).unwrap_or_default()
    }
}

/// A value and where it was written.
///
/// ```
/// use mailproof::dkim::Signature;
///
/// let text = "v=1; a=rsa-sha256; d=esp.example; s=s1; h=From; bh=; b=";
/// let domain = Signature::parse(&text.into()).domain.unwrap();
/// assert_eq!(domain.value, "esp.example");
/// assert_eq!((domain.span.start, &text[domain.span]), (21, "esp.example"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_its_place() {
        let whole = "v=spf1 -all";
        assert_eq!(Span::of(&whole[7..], whole), Span::new(7, 11));
        assert_eq!(Span::of("elsewhere", whole), Span::default());
    }

    #[test]
    fn indexing_never_panics() {
        assert_eq!(&"é"[Span::new(0, 1)], "");
        assert_eq!(&"é"[Span::new(7, 9)], "");
    }
}
