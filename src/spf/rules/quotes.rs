//! Single quotation marks around words of a record: `mx '-all'`.

use crate::text::Span;

/// From the first one that begins a word to the last one that ends a word.
pub(super) struct QuotedWords {
    first: usize,
    last: usize,
}

impl QuotedWords {
    pub(super) fn of(text: &str) -> Option<Self> {
        let quotes = || text.match_indices(['\'', '`']).map(|(at, _)| at);
        let first = quotes().find(|&at| begins_word(text, at))?;
        let last = quotes().rfind(|&at| ends_word(text, at))?;
        (first < last).then_some(Self { first, last })
    }

    /// Whether the quotation mark at `at` stands at the edge of a word, and another one belongs to it.
    pub(super) fn has(&self, text: &str, at: usize) -> bool {
        (self.first..=self.last).contains(&at) && (begins_word(text, at) || ends_word(text, at))
    }
}

fn begins_word(text: &str, at: usize) -> bool {
    at == 0 || text[..at].ends_with(' ')
}

fn ends_word(text: &str, at: usize) -> bool {
    at + 1 == text.len() || text[at + 1..].starts_with(' ')
}

/// Where the last word begins, if its quotation marks are pairs that it ends with: `-'all'`. Of others only the one at the end is damage.
pub(super) fn closed_at_the_end(text: &str) -> usize {
    let is_quote = ['\'', '`'];
    if !text.ends_with(is_quote) {
        return text.len();
    }
    let word = text.rsplit(' ').next().unwrap_or_default();
    if word.matches(is_quote).count().is_multiple_of(2) { text.len() - word.len() } else { text.len() - 1 }
}

/// Whether it stands between letters: `-all'x'`. What was meant by it nobody knows.
pub(super) fn is_inside(text: &str, quote: Span) -> bool {
    let (before, behind) = (&text[..quote.start as usize], &text[quote.end as usize..]);
    let is_letter = char::is_alphanumeric;
    text[quote].starts_with(['\'', '`']) && before.ends_with(is_letter) && behind.starts_with(is_letter)
}
