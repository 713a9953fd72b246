//! Offsets in UTF-16 code units, as JavaScript counts.

/// What is needed to count the units before any place of a text without reading it from the start each time.
#[derive(Debug)]
pub(crate) struct Utf16 {
    /// The units before each step of the text; `None` where they are its octets.
    before: Option<Box<[u32]>>,
}

/// Octets of a step.
const STEP: usize = 64;

impl Utf16 {
    pub(crate) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self { before: None };
        }
        let steps = text.as_bytes().chunks(STEP);
        let before = steps.scan(0, |sum, step| Some(std::mem::replace(sum, *sum + units(step))));
        Self { before: Some(before.collect()) }
    }

    /// The units before `offset` in `text`, of which this was made; all of them if it has no such place.
    pub(crate) fn offset(&self, text: &str, offset: u32) -> u32 {
        let offset = text.len().min(offset as usize);
        let Some(before) = &self.before else { return offset as u32 };
        // The end of the text may be the end of the last step.
        let step = (offset / STEP).min(before.len() - 1);
        before[step] + units(&text.as_bytes()[step * STEP..offset])
    }
}

/// A character is one unit, and two from U+10000 on, where UTF-8 begins with F0.
fn units(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte & 0xc0 != 0x80) + u32::from(byte >= 0xf0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_place(text in "[a-zé€😀]{0,200}") {
            let utf16 = Utf16::of(&text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let expected = text[..at].encode_utf16().count();
                assert_eq!(utf16.offset(&text, at as u32) as usize, expected);
            }
            assert_eq!(utf16.offset(&text, u32::MAX) as usize, text.encode_utf16().count());
        }
    }
}
