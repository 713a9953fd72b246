//! Hundreds of phrases, searched for in one pass over the text.

use crate::order::sort_by_key;

/// Phrases, found by the octets that they begin with. Of one with gaps (`…`) the first part is searched for.
pub(super) struct Phrases {
    all: Vec<&'static str>,
    /// What they begin with, in order, and which they are.
    starts: Vec<(u32, usize)>,
    /// Those that are shorter than a start.
    short: Vec<usize>,
    /// A bit for each start, so that most places of a text are passed at once.
    filter: Vec<u64>,
}

/// Where phrases stand in a text: the first place of each that counts.
pub(super) struct Places(Vec<Option<usize>>);

impl Places {
    /// The first place of the phrase with this number.
    pub(super) fn of(&self, phrase: usize) -> Option<usize> {
        self.0.get(phrase).copied().flatten()
    }

    /// The number of the first phrase that stands there.
    pub(super) fn first(&self) -> Option<usize> {
        self.0.iter().position(Option::is_some)
    }
}

/// Octets of a start.
const START: usize = 3;
/// Starts that the filter tells apart, as a power of two: so many that few of a thousand phrases share a bit.
const FILTER_BITS: u32 = 15;

impl Phrases {
    /// The phrases get numbers in their order.
    pub(super) fn new(phrases: impl IntoIterator<Item = &'static &'static str>) -> Self {
        let all: Vec<&str> = phrases.into_iter().copied().collect();
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        let (mut starts, mut short) = (Vec::new(), Vec::new());
        for (number, phrase) in all.iter().enumerate() {
            let Some(start) = first_part(phrase).as_bytes().get(..START).map(key) else {
                short.push(number);
                continue;
            };
            starts.push((start, number));
            let (word, bit) = place(start);
            filter[word] |= bit;
        }
        sort_by_key(&mut starts, |start| *start);
        Self { all, starts, short, filter }
    }

    /// Where they stand in `text`, as far as `counts` agrees with a phrase at a place.
    pub(super) fn places(&self, text: &str, counts: impl Fn(&str, usize) -> bool) -> Places {
        let mut found = vec![None; self.all.len()];
        for (at, octets) in text.as_bytes().windows(START).enumerate() {
            let start = key(octets);
            let (word, bit) = place(start);
            if self.filter[word] & bit == 0 {
                continue;
            }
            let first = self.starts.partition_point(|&(other, _)| other < start);
            for &(_, number) in self.starts[first..].iter().take_while(|(other, _)| *other == start) {
                let phrase = self.all[number];
                let stands = || text.as_bytes()[at..].starts_with(first_part(phrase).as_bytes());
                if found[number].is_none() && stands() && counts(phrase, at) {
                    found[number] = Some(at);
                }
            }
        }
        for &number in &self.short {
            let phrase = self.all[number];
            found[number] = text.match_indices(first_part(phrase)).map(|(at, _)| at).find(|&at| counts(phrase, at));
        }
        Places(found)
    }
}

/// What stands before the first gap.
pub(super) fn first_part(phrase: &str) -> &str {
    phrase.split('…').next().unwrap_or_default()
}

/// The octets of a start as a number.
fn key(start: &[u8]) -> u32 {
    start.iter().fold(0, |key, octet| key << 8 | u32::from(*octet))
}

/// The bit of a start in the filter. The multiplier is 2³² by the golden ratio: neighbours come far apart.
fn place(start: u32) -> (usize, u64) {
    let hash = start.wrapping_mul(0x9e37_79b9) >> (32 - FILTER_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: [&str; 6] = ["spf", "bo…te", "mailbox full", "mailbox…is full", "é quota", "full"];

    proptest::proptest! {
        /// What one search for each phrase finds.
        #[test]
        fn as_if_each_was_searched_for(text in "(spf|bo|mailbox|full| |é| quota|x){0,12}", from in 0usize..20) {
            let places = Phrases::new(&SOME).places(&text, |_, at| at >= from);
            for (number, phrase) in SOME.iter().enumerate() {
                let first = text.match_indices(first_part(phrase)).map(|(at, _)| at).find(|at| *at >= from);
                proptest::prop_assert_eq!(places.of(number), first);
            }
        }
    }
}
