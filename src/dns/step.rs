//! One step of an evaluation.

use super::Question;

/// What an evaluation came to: its end, or the questions that must be answered first.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub enum Step<T> {
    /// It is over. More answers would not change it.
    Done(T),
    /// These questions have no answer in the snapshot yet. Never empty.
    Ask(Vec<Question>),
}

impl<T> Step<T> {
    /// The same step with another value at its end.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Done(value) => Step::Done(f(value)),
            Self::Ask(questions) => Step::Ask(questions),
        }
    }

    /// The value, if it is over.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Ask(_) => None,
        }
    }

    /// The value; or its questions join `open`, so that several evaluations ask in one round.
    pub fn or_ask(self, open: &mut Vec<Question>) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Ask(questions) => {
                open.extend(questions);
                None
            }
        }
    }
}
