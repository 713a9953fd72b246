//! One memory for many evaluations: answers are kept as long as their TTL says, in bounded space (feature `hickory`).

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::Resolver;
use crate::Name;
use crate::dns::{Answer, Lookup, Question, RecordType, Records};

/// Keeps the answers of another resolver, for evaluations that share much: includes, mail servers, the names above.
///
/// A question that is on its way is not asked a second time; those who ask wait for the one answer. A name that does not
/// exist is asked for one type only (RFC 2308 §5). The space is bounded: what nobody asked for again goes first. Needs the
/// clock of a Tokio runtime.
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
    sparing: bool,
    kept: Mutex<Kept>,
}

/// What a cache did so far.
///
/// ```
/// use mailproof::resolver::{Cache, Zone, drive};
/// use mailproof::{Timestamp, dns::Snapshot, spf};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cache = Cache::new(Zone::parse("example.com. 300 TXT \"v=spf1 ip4:192.0.2.0/24 -all\"")?, 1_000_000);
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// for _ in 0..3 {
///     drive(&mut Snapshot::new(), &cache, |dns| spf::check_host(dns, &session, Timestamp(0))).await;
/// }
/// let stats = cache.stats();
/// assert_eq!((stats.misses, stats.hits, stats.evicted), (1, 2, 0), "three messages, one question");
/// # Ok(()) }
/// ```
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
    names: HashMap<Name, Node, foldhash::fast::RandomState>,
    /// Names in the order in which they will be looked at for eviction.
    order: VecDeque<Name>,
    stats: CacheStats,
}

/// What is known of a name.
#[derive(Default)]
struct Node {
    /// By type; few are asked of one name.
    slots: Vec<(RecordType, Slot)>,
    /// Whether an answer was asked for again since it was last looked at for eviction.
    used: bool,
    /// Whether it stands in the queue, once.
    queued: bool,
}

enum Slot {
    /// On its way.
    Coming(Arc<OnceCell<Answer>>),
    Here {
        answer: Answer,
        until: Instant,
    },
}

/// The longest time that an answer is kept; some publish TTLs of years (RFC 8767 §4 advises a cap of days).
const LONGEST: Duration = Duration::from_secs(86_400);

/// How long a failure is kept: RFC 9520 §3.2 asks for at least 1 second and at most 5 minutes.
const FAILURE: Duration = Duration::from_secs(30);

/// What a name takes beside its text: its place in the table and in the queue, and the reference counts.
const OF_A_NAME: usize = 200;

/// What an answer takes beside its names and texts.
const OF_AN_ANSWER: usize = 128;

impl<R> Cache<R> {
    /// An empty cache in front of `resolver` that takes about `space` octets.
    pub fn new(resolver: R, space: usize) -> Self {
        Self { resolver, space, sparing: false, kept: Mutex::default() }
    }

    /// Asks as little as it can, although it takes longer.
    ///
    /// Nothing is asked below a name that does not exist (RFC 8020 §2), and as long as nothing is known of a name, only one
    /// question about it is on its way: it may not exist. Some name servers say that a name does not exist although there
    /// are names below it; those are not found then.
    ///
    /// ```
    /// use mailproof::dns::{Question, RecordType};
    /// use mailproof::resolver::{Cache, Resolver, Zone};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cache = Cache::new(Zone::parse("example. 60 SOA ns h 1 2 3 4 60")?, 1_000_000).sparing();
    /// for name in ["gone.example", "_dmarc.gone.example", "s1._domainkey.gone.example"] {
    ///     cache.resolve(&Question::new(name.parse()?, RecordType::Txt)).await;
    /// }
    /// assert_eq!(cache.stats().misses, 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn sparing(self) -> Self {
        Self { sparing: true, ..self }
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
        if self.sparing {
            let first = self.lock().only_question(&question.name);
            if let Some((first, cell)) = first {
                self.settle(&first, cell).await;
            }
        }
        let found = self.lock().find(question, self.sparing);
        match found {
            Found::Answer(answer) => answer,
            Found::Coming(cell) => self.settle(question, cell).await,
        }
    }
}

impl<R: Resolver> Cache<R> {
    /// The answer that is on its way. If the one who asks is cancelled, the next in line asks.
    async fn settle(&self, question: &Question, cell: Arc<OnceCell<Answer>>) -> Answer {
        let waiter = Waiter { cache: self, question, cell };
        let mut asked = false;
        let resolve = async {
            asked = true;
            self.resolver.resolve(question).await
        };
        let answer = waiter.cell.get_or_init(|| resolve).await.clone();
        if asked {
            self.lock().keep(question, &answer, self.space);
        }
        answer
    }
}

/// One who waits for an answer, and may be cancelled.
struct Waiter<'a, R> {
    cache: &'a Cache<R>,
    question: &'a Question,
    cell: Arc<OnceCell<Answer>>,
}

impl<R> Drop for Waiter<'_, R> {
    fn drop(&mut self) {
        // Nobody else but the table: the place would stay for ever.
        if !self.cell.initialized() {
            let mut kept = self.cache.lock();
            if Arc::strong_count(&self.cell) <= 2 {
                kept.abandon(self.question);
            }
        }
    }
}

enum Found {
    Answer(Answer),
    Coming(Arc<OnceCell<Answer>>),
}

impl Kept {
    /// The question about `name` that is on its way, if nothing is known of it yet.
    fn only_question(&self, name: &Name) -> Option<(Question, Arc<OnceCell<Answer>>)> {
        let slots = &self.names.get(name)?.slots;
        let now = Instant::now();
        if slots.iter().any(|(_, slot)| slot.answer(now).is_some()) {
            return None;
        }
        slots.iter().find_map(|(record_type, slot)| match slot {
            Slot::Coming(cell) => Some((Question::new(name.clone(), *record_type), Arc::clone(cell))),
            Slot::Here { .. } => None,
        })
    }

    fn find(&mut self, question: &Question, sparing: bool) -> Found {
        let now = Instant::now();
        let name = question.name.as_str();
        if let Some(node) = self.names.get_mut(name)
            && let Some((_, slot)) = node.slots.iter().find(|(of, _)| *of == question.record_type)
        {
            if let Some(answer) = slot.answer(now) {
                node.used = true;
                self.stats.hits += 1;
                return Found::Answer(answer.clone());
            }
            if let Slot::Coming(cell) = slot {
                self.stats.hits += 1;
                return Found::Coming(Arc::clone(cell));
            }
        }
        if let Some(answer) = self.absence(name, sparing, now).cloned() {
            self.stats.hits += 1;
            return Found::Answer(answer);
        }
        self.stats.misses += 1;
        let cell = Arc::new(OnceCell::new());
        self.set(question, Slot::Coming(Arc::clone(&cell)));
        Found::Coming(cell)
    }

    /// The answer that says that there is no such name; with `sparing`, or none above it.
    fn absence(&self, name: &str, sparing: bool, now: Instant) -> Option<&Answer> {
        let above = std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above));
        above.take(if sparing { usize::MAX } else { 1 }).find_map(|name| {
            let slots = &self.names.get(name)?.slots;
            slots.iter().filter_map(|(_, slot)| slot.answer(now)).find(|answer| is_absence(answer))
        })
    }

    fn keep(&mut self, question: &Question, answer: &Answer, space: usize) {
        // An answer that would throw out everything else is not worth it.
        if octets(answer) > space / 4 {
            self.forget(&question.name, |of| of == question.record_type);
            return;
        }
        let until = Instant::now() + lifetime(answer);
        self.set(question, Slot::Here { answer: answer.clone(), until });
        if let Some(node) = self.names.get_mut(&question.name)
            && !node.queued
        {
            node.queued = true;
            self.order.push_back(question.name.clone());
        }
        self.make_room(space);
    }

    /// Takes a question back that nobody waits for.
    fn abandon(&mut self, question: &Question) {
        if let Some(node) = self.names.get_mut(&question.name) {
            node.slots.retain(|(of, slot)| *of != question.record_type || !slot.is_waited_for());
        }
        self.forget(&question.name, |_| false);
    }

    /// Puts a slot in the place of what was there.
    fn set(&mut self, question: &Question, slot: Slot) {
        let stats = &mut self.stats;
        let node = self.names.entry(question.name.clone()).or_insert_with_key(|name| {
            stats.octets += OF_A_NAME + name.as_str().len();
            Node::default()
        });
        stats.octets += slot.octets();
        match node.slots.iter_mut().find(|(of, _)| *of == question.record_type) {
            Some((_, old)) => stats.octets -= std::mem::replace(old, slot).octets(),
            None => {
                // Most names have one.
                node.slots.reserve_exact(1);
                node.slots.push((question.record_type, slot));
            }
        }
    }

    /// Takes away what is over or was asked for once, the oldest first; what was asked for again gets a second chance.
    fn make_room(&mut self, space: usize) {
        while self.stats.octets > space {
            let Some(name) = self.order.pop_front() else { return };
            let now = Instant::now();
            let Some(node) = self.names.get_mut(&name) else { continue };
            if node.used && node.slots.iter().any(|(_, slot)| slot.answer(now).is_some()) {
                node.used = false;
                self.order.push_back(name);
            } else {
                node.queued = false;
                let here = node.slots.iter().filter(|(_, slot)| matches!(slot, Slot::Here { .. })).count();
                self.stats.evicted += here as u64;
                self.forget(&name, |_| true);
            }
        }
    }

    /// Drops what is not on its way any more of some types; the name too, when nothing is left.
    fn forget(&mut self, name: &Name, which: impl Fn(RecordType) -> bool) {
        let Some(node) = self.names.get_mut(name) else { return };
        let stats = &mut self.stats;
        node.slots.retain(|(of, slot)| {
            let stays = !which(*of) || slot.is_waited_for();
            stats.octets -= if stays { 0 } else { slot.octets() };
            stays
        });
        if node.slots.is_empty() && !node.queued {
            stats.octets -= OF_A_NAME + name.as_str().len();
            self.names.remove(name);
        }
    }
}

impl Slot {
    /// The answer, as long as it may be used.
    fn answer(&self, now: Instant) -> Option<&Answer> {
        match self {
            Self::Here { answer, until } if now < *until => Some(answer),
            Self::Here { .. } | Self::Coming(_) => None,
        }
    }

    fn is_waited_for(&self) -> bool {
        matches!(self, Self::Coming(cell) if !cell.initialized())
    }

    fn octets(&self) -> usize {
        match self {
            Self::Here { answer, .. } => octets(answer),
            Self::Coming(_) => 0,
        }
    }
}

/// Whether it says that there is no name such as was asked for, of any type (RFC 2308 §5). Behind an alias it is the target's absence.
fn is_absence(answer: &Answer) -> bool {
    answer.lookup == Lookup::NxDomain && answer.aliases.is_empty()
}

/// How long an answer may be kept. A negative answer without SOA is not (RFC 2308 §5).
fn lifetime(answer: &Answer) -> Duration {
    match answer.lookup {
        Lookup::Failure(_) => FAILURE,
        _ => answer.ttl.map_or(Duration::ZERO, |ttl| Duration::from_secs(ttl.into()).min(LONGEST)),
    }
}

/// About how much memory an answer takes.
fn octets(answer: &Answer) -> usize {
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
    OF_AN_ANSWER + aliases + data
}

impl<R> fmt::Debug for Cache<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("space", &self.space).field("stats", &self.stats()).finish_non_exhaustive()
    }
}
