//! The texts that findings quote, each numbered once.

use std::collections::HashMap;

use super::Subject;

/// Subjects in the order in which they were first met.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    subjects: Vec<Subject>,
    by_address: HashMap<usize, usize>,
    by_value: HashMap<Subject, usize>,
}

impl Sources {
    /// The number of `subject`, counted from 0.
    pub(crate) fn index(&mut self, subject: &Subject) -> usize {
        // Most findings share one subject. Comparing addresses first spares hashing its text each time.
        if let Some(&index) = self.by_address.get(&subject.address()) {
            return index;
        }
        let next = self.subjects.len();
        let index = *self.by_value.entry(subject.clone()).or_insert(next);
        if index == next {
            self.subjects.push(subject.clone());
            self.by_address.insert(subject.address(), index);
        }
        index
    }

    #[cfg(feature = "serde")]
    pub(crate) fn into_vec(self) -> Vec<Subject> {
        self.subjects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        let mut sources = Sources::default();
        let (a, b) = (Subject::given("a"), Subject::given("b"));
        assert_eq!(sources.index(&a), 0);
        assert_eq!(sources.index(&b), 1);
        assert_eq!(sources.index(&Subject::given("a")), 0);
        assert_eq!(sources.index(&b.clone()), 1);
    }
}
