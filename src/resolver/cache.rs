//! One memory for many evaluations: answers are kept as long as their TTL says, in bounded space (feature `hickory`).

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::Resolver;
use crate::dns::{Answer, Lookup, Question, Records};

/// Keeps the answers of another resolver, for evaluations that share much: includes, mail servers, the names above.
///
/// A question that is on its way is not asked a second time; those who ask wait for the one answer. The space is bounded:
/// what nobody asked for again goes first. Needs the clock of a Tokio runtime.
///
/// ```
/// use mailproof::dns::{Question, RecordType};
/// use mailproof::resolver::{Cache, Resolver, Zone};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cache = Cache::new(Zone::parse("example.com. 300 TXT \"v=spf1 -all\"")?, 1_000_000);
/// let question = Question::new("example.com".parse()?, RecordType::Txt);
/// assert_eq!(cache.resolve(&question).await, cache.resolve(&question).await);
/// assert_eq!((cache.stats().hits, cache.stats().misses), (1, 1));
/// # Ok(()) }
/// ```
pub struct Cache<R> {
    resolver: R,
    space: usize,
    kept: Mutex<Kept>,
}

/// What a cache did so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Questions that were answered from memory, or waited for the answer to the same question.
    pub hits: u64,
    /// Questions that were asked.
    pub misses: u64,
    /// Answers that had to go before their time.
    pub evicted: u64,
    /// Octets that the answers take, about.
    pub octets: usize,
}

#[derive(Default)]
struct Kept {
    slots: HashMap<Arc<Question>, Slot, foldhash::fast::RandomState>,
    /// Answers in the order in which they will be looked at for eviction.
    order: VecDeque<Arc<Question>>,
    stats: CacheStats,
}

enum Slot {
    /// On its way; and whether an older answer to it left its place in the queue.
    Coming { cell: Arc<OnceCell<Answer>>, queued: bool },
    Here {
        answer: Answer,
        until: Instant,
        octets: usize,
        /// Whether it was asked for again since it was last looked at for eviction.
        used: bool,
    },
}

/// The longest time that an answer is kept; some publish TTLs of years (RFC 8767 §4 advises a cap of days).
const LONGEST: Duration = Duration::from_secs(86_400);

/// How long a failure is kept: RFC 9520 §3.2 asks for at least 1 second and at most 5 minutes.
const FAILURE: Duration = Duration::from_secs(30);

/// What an answer takes beside its names and texts: the slot, the table's share, the queue's entry, the reference counts.
const OVERHEAD: usize = 320;

impl<R> Cache<R> {
    /// An empty cache in front of `resolver` that takes about `space` octets.
    pub fn new(resolver: R, space: usize) -> Self {
        Self { resolver, space, kept: Mutex::default() }
    }

    /// What it did so far.
    pub fn stats(&self) -> CacheStats {
        self.lock().stats
    }

    /// The table is whole between any two statements, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Resolver> Resolver for Cache<R> {
    async fn resolve(&self, question: &Question) -> Answer {
        let cell = match self.lock().find(question) {
            Found::Answer(answer) => return answer,
            Found::Coming(cell) => cell,
        };
        // If the one who asks is cancelled, the next in line asks.
        let mut asked = false;
        let resolve = async {
            asked = true;
            self.resolver.resolve(question).await
        };
        let answer = cell.get_or_init(|| resolve).await.clone();
        if asked {
            self.lock().keep(question, &answer, self.space);
        }
        answer
    }
}

enum Found {
    Answer(Answer),
    Coming(Arc<OnceCell<Answer>>),
}

impl Kept {
    fn find(&mut self, question: &Question) -> Found {
        match self.slots.get_mut(question) {
            Some(Slot::Here { answer, until, used, .. }) if Instant::now() < *until => {
                *used = true;
                self.stats.hits += 1;
                return Found::Answer(answer.clone());
            }
            Some(Slot::Coming { cell, .. }) => {
                self.stats.hits += 1;
                return Found::Coming(Arc::clone(cell));
            }
            _ => {}
        }
        self.stats.misses += 1;
        let cell = Arc::new(OnceCell::new());
        let coming = |queued| Slot::Coming { cell: Arc::clone(&cell), queued };
        match self.slots.get_mut(question) {
            Some(slot) => {
                let old = std::mem::replace(slot, coming(true));
                self.forget(&old);
            }
            None => {
                self.slots.insert(Arc::new(question.clone()), coming(false));
            }
        }
        Found::Coming(cell)
    }

    fn keep(&mut self, question: &Question, answer: &Answer, space: usize) {
        let Some((key, Slot::Coming { queued, .. })) = self.slots.remove_entry(question) else { return };
        let octets = octets(question, answer);
        // An answer that would throw out everything else is not worth it.
        if octets > space / 4 {
            if queued {
                self.order.retain(|other| *other != key);
            }
            return;
        }
        self.stats.octets += octets;
        if !queued {
            self.order.push_back(Arc::clone(&key));
        }
        let until = Instant::now() + lifetime(answer);
        self.slots.insert(key, Slot::Here { answer: answer.clone(), until, octets, used: false });
        self.make_room(space);
    }

    /// Takes away what is over or was asked for once, the oldest first; what was asked for again gets a second chance.
    fn make_room(&mut self, space: usize) {
        while self.stats.octets > space {
            let Some(key) = self.order.pop_front() else { return };
            let now = Instant::now();
            match self.slots.get_mut(&key) {
                Some(Slot::Here { used, until, .. }) if *used && now < *until => {
                    *used = false;
                    self.order.push_back(key);
                }
                Some(Slot::Here { .. }) => {
                    let old = self.slots.remove(&key);
                    old.iter().for_each(|old| self.forget(old));
                    self.stats.evicted += 1;
                }
                Some(Slot::Coming { queued, .. }) => *queued = false,
                None => {}
            }
        }
    }

    fn forget(&mut self, slot: &Slot) {
        if let Slot::Here { octets, .. } = slot {
            self.stats.octets -= octets;
        }
    }
}

/// How long an answer may be kept. A negative answer without SOA is not (RFC 2308 §5).
fn lifetime(answer: &Answer) -> Duration {
    match answer.lookup {
        Lookup::Failure(_) => FAILURE,
        _ => answer.ttl.map_or(Duration::ZERO, |ttl| Duration::from_secs(ttl.into()).min(LONGEST)),
    }
}

/// About how much memory an answer takes.
fn octets(question: &Question, answer: &Answer) -> usize {
    let aliases: usize = answer.aliases.iter().map(|name| name.as_str().len() + 24).sum();
    let data = match answer.records() {
        None => 0,
        Some(Records::Txt(texts) | Records::Spf(texts)) => {
            texts.iter().map(|text| 2 * text.text().len() + 160).sum::<usize>()
        }
        Some(Records::Tlsa(records)) => records.iter().map(|record| record.data.len() + 32).sum(),
        // Names of about this length, and addresses that are shorter.
        Some(records) => records.len() * 64,
    };
    OVERHEAD + question.name.as_str().len() + aliases + data
}

impl<R> fmt::Debug for Cache<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("space", &self.space).field("stats", &self.stats()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::dns::{Failure, RecordType};

    fn question(name: &str) -> Question {
        Question::new(name.parse().unwrap(), RecordType::Txt)
    }

    struct Counting<F>(AtomicUsize, F);
    impl<F: Fn(&Question) -> Answer> Resolver for Counting<F> {
        async fn resolve(&self, question: &Question) -> Answer {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            (self.1)(question)
        }
    }

    fn counting<F: Fn(&Question) -> Answer>(answer: F, space: usize) -> Cache<Counting<F>> {
        Cache::new(Counting(AtomicUsize::new(0), answer), space)
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_kept_as_long_as_they_say() {
        let cache = counting(
            |question| match question.name.as_str() {
                "a" => Answer { ttl: Some(60), ..Answer::txt(["x"]) },
                "b" => Answer { ttl: Some(4_000_000_000), ..Answer::new(Lookup::NxDomain) },
                "c" => Answer::new(Lookup::NoData),
                _ => Failure::Timeout.into(),
            },
            100_000,
        );
        for (name, seconds, asked) in
            [("a", 59, 1), ("a", 61, 2), ("b", 86_399, 1), ("b", 86_401, 2), ("c", 0, 2), ("d", 29, 1), ("d", 31, 2)]
        {
            tokio::time::advance(Duration::from_secs(1_000_000)).await;
            let before = cache.stats().misses;
            cache.resolve(&question(name)).await;
            tokio::time::advance(Duration::from_secs(seconds)).await;
            cache.resolve(&question(name)).await;
            assert_eq!(cache.stats().misses - before, asked, "{name} after {seconds} s");
        }
    }

    #[tokio::test]
    async fn a_question_on_its_way_is_not_asked_again() {
        let cache = counting(|_| Answer { ttl: Some(0), ..Answer::txt(["x"]) }, 100_000);
        let (name, other) = (question("a"), question("a"));
        let (one, two) = tokio::join!(cache.resolve(&name), cache.resolve(&other));
        assert_eq!(one, two);
        assert_eq!(cache.resolver.0.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_leaves_no_trace() {
        let cache = counting(
            |question| Answer { ttl: Some((question.name.as_str() == "a").into()), ..Answer::txt(["x"]) },
            10_000,
        );
        for _ in 0..100 {
            cache.resolve(&question("a")).await;
            cache.resolve(&question("b")).await;
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        assert_eq!(cache.stats().misses, 200);
        let kept = cache.lock();
        assert_eq!((kept.slots.len(), kept.order.len()), (2, 2));
    }

    #[tokio::test]
    async fn space_is_bounded_and_what_is_used_stays() {
        let cache = counting(|_| Answer { ttl: Some(600), ..Answer::txt(["v=spf1 -all"]) }, 50_000);
        for number in 0..2_000 {
            cache.resolve(&question(&format!("d{number}.example"))).await;
            cache.resolve(&question("often.example")).await;
            assert!(cache.stats().octets <= 50_000);
        }
        let stats = cache.stats();
        assert_eq!((stats.misses, stats.hits), (2_001, 1_999));
        let kept = cache.lock();
        assert_eq!(kept.slots.len(), kept.order.len());
        assert!(stats.evicted > 1_500);
    }
}
