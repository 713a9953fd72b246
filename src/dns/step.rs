//! One step of an evaluation.

use super::Question;

/// What an evaluation came to: its end, or the questions that must be answered first.
///
/// ```
/// use mailproof::{Timestamp, dns::{Answer, Snapshot, Step}, spf};
///
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let mut dns = Snapshot::new();
/// let outcome = loop {
///     match spf::check_host(&dns, &session, Timestamp(0)) {
///         Step::Done(outcome) => break outcome,
///         // Here your resolver asks; every round has at least one new question.
///         Step::Ask(questions) => for question in questions {
///             dns.insert(question, Answer::txt(["v=spf1 ip4:192.0.2.0/24 -all"]));
///         }
///     }
/// };
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use mailproof::{dns::{Snapshot, Step}, resolver::{Zone, drive_sync}, spf::{self, Tree}};
    ///
    /// let zone = Zone::parse(r#"example.com. TXT "v=spf1 a mx -all""#)?;
    /// let domain = "example.com".parse()?;
    /// // An evaluation of one's own, made of one that is there.
    /// let cost = |dns: &Snapshot| -> Step<usize> { spf::tree(dns, &domain).map(|tree: Tree| tree.counts.lookups) };
    /// assert_eq!(drive_sync(&mut Snapshot::new(), |q| zone.answer(q), cost), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Done(value) => Step::Done(f(value)),
            Self::Ask(questions) => Step::Ask(questions),
        }
    }

    /// The value, if it is over.
    ///
    /// ```
    /// use mailproof::dns::{Question, RecordType, Step};
    ///
    /// assert_eq!(Step::Done(7).done(), Some(7));
    /// let question = Question::new("example.com".parse()?, RecordType::Txt);
    /// assert_eq!(Step::<u8>::Ask(vec![question]).done(), None);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Ask(_) => None,
        }
    }

    /// The value; or its questions join `open`, so that several evaluations ask in one round.
    ///
    /// ```
    /// use mailproof::{dmarc, dns::Snapshot, spf};
    ///
    /// let (dns, domain) = (Snapshot::new(), "example.com".parse()?);
    /// let mut open = Vec::new();
    /// let tree = spf::tree(&dns, &domain).or_ask(&mut open);
    /// let policy = dmarc::discover(&dns, &domain).or_ask(&mut open);
    /// assert!(tree.is_none() && policy.is_none());
    /// let asked: Vec<_> = open.iter().map(ToString::to_string).collect();
    /// assert!(asked.contains(&"example.com TXT".to_owned()) && asked.contains(&"_dmarc.example.com TXT".to_owned()));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
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
