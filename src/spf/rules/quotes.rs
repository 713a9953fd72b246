//! Single quotation marks around words of a record: `mx '-all'`.

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
