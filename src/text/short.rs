//! Short texts, which need no allocation.

use smol_str::SmolStr;

/// Octets that stand in a [`SmolStr`] itself.
const IN_PLACE: usize = 23;

/// `text` as it is kept.
///
/// `SmolStr::new` copies a short text twice, and waits for the first copy: a third of the time that reading a short record takes.
#[inline]
pub(crate) fn short(text: &str) -> SmolStr {
    if text.len() <= IN_PLACE { SmolStr::new_inline(text) } else { SmolStr::new(text) }
}

#[cfg(test)]
mod tests {
    use super::{IN_PLACE, short};

    #[test]
    fn of_any_length() {
        // Letters of one octet end at every length, those of two at the even ones.
        for text in ["a".repeat(2 * IN_PLACE), "é".repeat(IN_PLACE)] {
            for length in (0..=text.len()).filter(|&length| text.is_char_boundary(length)) {
                let kept = short(&text[..length]);
                assert_eq!(kept, text[..length]);
                assert_eq!(kept.is_heap_allocated(), length > IN_PLACE, "{length}");
            }
        }
    }
}
