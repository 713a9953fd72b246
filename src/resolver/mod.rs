//! Drives evaluations to their end: asks the questions, keeps the answers, calls again.
//!
//! [`drive`] is the only async function of the crate. It bounds its rounds and its questions, so
//! whatever a zone says, an evaluation ends.

#[cfg(all(feature = "hickory", not(target_arch = "wasm32")))]
mod cache;
#[cfg(all(feature = "hickory", not(target_arch = "wasm32")))]
pub mod hickory;
mod join;
#[cfg(test)]
mod tests;
pub mod zone;

#[cfg(all(feature = "hickory", not(target_arch = "wasm32")))]
pub use cache::{Cache, CacheStats};
#[cfg(all(feature = "hickory", not(target_arch = "wasm32")))]
pub use hickory::HickoryResolver;
pub use zone::{Zone, ZoneError};

use std::future::Future;

use crate::dns::{Answer, Failure, Question, Snapshot, Step};
use crate::order::sort_by;

/// Answers DNS questions.
///
/// Implementors write `async fn resolve`. A failure is an answer too: map it to
/// [`Failure`], never to "no records". If the future is `Send`, so is [`drive`]'s.
///
/// ```
/// use mailproof::dns::{Answer, Failure, Question, Snapshot};
/// use mailproof::resolver::{Resolver, Zone, drive};
/// use mailproof::{Timestamp, spf};
///
/// /// The DNS of tomorrow: the zone that is to be published, and nothing else.
/// struct Planned(Zone);
///
/// impl Resolver for Planned {
///     async fn resolve(&self, question: &Question) -> Answer {
///         if question.name.is_within(&"example.com".parse().unwrap()) {
///             return self.0.answer(question);
///         }
///         // "I do not know" is no "there is none".
///         Failure::Refused.into()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let planned = Planned(Zone::parse("example.com. TXT \"v=spf1 include:esp.example -all\"")?);
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let outcome = drive(&mut Snapshot::new(), &planned, |dns| spf::check_host(dns, &session, Timestamp(0))).await;
/// assert_eq!(outcome.result, spf::SpfResult::Temperror);
/// # Ok(()) }
/// ```
pub trait Resolver {
    /// The answer to `question`.
    fn resolve(&self, question: &Question) -> impl Future<Output = Answer>;
}

/// A closure is a resolver.
impl<F: Fn(&Question) -> Answer> Resolver for F {
    async fn resolve(&self, question: &Question) -> Answer {
        self(question)
    }
}

/// Questions that one evaluation may cause. An SPF check at all its limits asks fewer than 250
/// (10 `mx` terms of 10 hosts, and their explanation); a whole-domain check with its tree walks fewer than 500.
pub const MAX_QUESTIONS: usize = 1_000;

/// Runs `evaluate` until it is done, asking all questions of a round at the same time.
///
/// After [`MAX_QUESTIONS`] questions the rest are answered with [`Failure::NotAsked`], without asking anybody.
///
/// ```
/// use mailproof::{resolver::{drive, Zone}, dns::Snapshot, spf, Timestamp};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"")?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "a@example.com");
/// let mut dns = Snapshot::new();
/// let outcome = drive(&mut dns, &zone, |dns| spf::check_host(dns, &session, Timestamp(0))).await;
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// # Ok(()) }
/// ```
pub async fn drive<T, R: Resolver>(
    snapshot: &mut Snapshot,
    resolver: &R,
    evaluate: impl Fn(&Snapshot) -> Step<T>,
) -> T {
    let mut budget = Budget::default();
    loop {
        match evaluate(snapshot) {
            Step::Done(value) => return value,
            Step::Ask(questions) => {
                let questions = budget.within(questions, snapshot);
                let answers = join::all(questions.iter().map(|question| resolver.resolve(question))).await;
                snapshot.extend(questions.into_iter().zip(answers));
            }
        }
    }
}

/// The same as [`drive`], without async.
///
/// ```
/// use mailproof::{resolver::{drive_sync, Zone}, dns::Snapshot, spf, Timestamp};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"")?;
/// let session = spf::Session::new("203.0.113.9".parse()?, "mail.example.com", "a@example.com");
/// let mut dns = Snapshot::new();
/// let outcome = drive_sync(&mut dns, |question| zone.answer(question), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// assert_eq!(outcome.result, spf::SpfResult::Fail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drive_sync<T>(
    snapshot: &mut Snapshot,
    mut resolve: impl FnMut(&Question) -> Answer,
    evaluate: impl Fn(&Snapshot) -> Step<T>,
) -> T {
    let mut budget = Budget::default();
    loop {
        match evaluate(snapshot) {
            Step::Done(value) => return value,
            Step::Ask(questions) => {
                for question in budget.within(questions, snapshot) {
                    let answer = resolve(&question);
                    snapshot.insert(question, answer);
                }
            }
        }
    }
}

/// How many questions an evaluation may still cause: [`MAX_QUESTIONS`] at first. [`drive`] keeps to it; so should drivers
/// that are written elsewhere.
///
/// ```
/// use mailproof::dns::{Answer, Snapshot, Step};
/// use mailproof::resolver::{Budget, Zone};
/// use mailproof::{Timestamp, spf};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 a -all\"\nexample.com. A 192.0.2.7")?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// // A driver of one's own, with threads or another runtime in the place of `zone`.
/// let (mut dns, mut budget) = (Snapshot::new(), Budget::default());
/// let outcome = loop {
///     match spf::check_host(&dns, &session, Timestamp(0)) {
///         Step::Done(outcome) => break outcome,
///         Step::Ask(questions) => {
///             for question in budget.within(questions, &mut dns) {
///                 let answer: Answer = zone.answer(&question);
///                 dns.insert(question, answer);
///             }
///         }
///     }
/// };
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_QUESTIONS)
    }
}

impl Budget {
    /// The questions that may still be asked, each once. The others are answered here, with [`Failure::NotAsked`].
    ///
    /// ```
    /// use mailproof::dns::{Question, RecordType, Snapshot};
    /// use mailproof::resolver::Budget;
    ///
    /// let question = Question::new("example.com".parse()?, RecordType::Txt);
    /// let once = Budget::default().within(vec![question.clone(), question.clone()], &mut Snapshot::new());
    /// assert_eq!(once, [question]);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn within(&mut self, mut questions: Vec<Question>, snapshot: &mut Snapshot) -> Vec<Question> {
        sort_by(&mut questions, Question::cmp);
        questions.dedup();
        let over = questions.split_off(questions.len().min(self.0));
        self.0 -= questions.len();
        snapshot.extend(over.into_iter().map(|question| (question, Failure::NotAsked.into())));
        questions
    }
}
