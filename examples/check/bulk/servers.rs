//! The servers that are asked: each with bounds of its own, and left alone when it does not answer.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mailproof::dns::{Answer, Failure, Question};
use mailproof::resolver::{HickoryResolver, Resolver};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

pub(super) struct Servers(Vec<Server>);

struct Server {
    resolver: HickoryResolver,
    places: Semaphore,
    pace: Mutex<Pace>,
}

/// When the next question may go out.
struct Pace {
    gap: Duration,
    next: Instant,
    /// Questions in a row that timed out.
    silent: u32,
    /// How long the next rest will be.
    rest: Duration,
    /// What went out before says nothing any more.
    rested: Instant,
}

/// A domain whose own name servers are dead looks the same, so a few say nothing about the server that was asked.
const SILENT: u32 = 10;

const SHORTEST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(30);

impl Servers {
    pub(super) fn new(resolvers: Vec<HickoryResolver>, in_flight: u16, rate: Option<u32>) -> Self {
        let gap = rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate);
        let server =
            |resolver| Server { resolver, places: Semaphore::new(in_flight.into()), pace: Mutex::new(Pace::new(gap)) };
        Self(resolvers.into_iter().map(server).collect())
    }
}

impl Resolver for Servers {
    async fn resolve(&self, question: &Question) -> Answer {
        // One name always goes to one server, so that its memory helps.
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&question.name);
        let number = usize::try_from(hash % self.0.len() as u64).unwrap_or_default();
        let server = &self.0[number];
        // The semaphore is never closed, so a place is always had in the end.
        let _place = server.places.acquire().await;
        let now = Instant::now();
        let turn = server.pace().turn(now);
        if turn > now {
            sleep_until(turn).await;
        }
        let answer = server.resolver.resolve(question).await;
        server.pace().told(turn, answer.failure() == Some(Failure::Timeout), Instant::now());
        answer
    }
}

impl Server {
    /// It is whole between any two statements.
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn new(gap: Duration) -> Self {
        let now = Instant::now();
        Self { gap, next: now, silent: 0, rest: SHORTEST_REST, rested: now }
    }

    /// When a question may go out.
    fn turn(&mut self, now: Instant) -> Instant {
        let turn = self.next.max(self.rested).max(now);
        self.next = turn + self.gap;
        turn
    }

    /// What became of the question that went out at `turn`.
    fn told(&mut self, turn: Instant, timed_out: bool, now: Instant) {
        if !timed_out {
            (self.silent, self.rest) = (0, SHORTEST_REST);
        } else if turn >= self.rested {
            self.silent += 1;
        }
        if self.silent >= SILENT {
            self.rested = now + self.rest;
            (self.silent, self.rest) = (0, (self.rest * 2).min(LONGEST_REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn questions_keep_their_distance() {
        let (mut pace, now) = (Pace::new(Duration::from_millis(10)), Instant::now());
        let turns: Vec<_> = (0..3).map(|_| (pace.turn(now) - now).as_millis()).collect();
        assert_eq!(turns, [0, 10, 20]);
        let later = now + Duration::from_secs(1);
        assert_eq!(pace.turn(later), later);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_is_left_alone_for_longer_and_longer() {
        let (mut pace, mut now) = (Pace::new(Duration::ZERO), Instant::now());
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            let turn = pace.turn(now);
            now += Duration::from_secs(5);
            // More than ten were on their way; they count once.
            (0..25).for_each(|_| pace.told(turn, true, now));
            let turn = pace.turn(now);
            assert_eq!((turn - now).as_secs(), rest);
            now = turn;
        }
        pace.told(now, false, now);
        (0..9).for_each(|_| pace.told(now, true, now));
        assert_eq!(pace.turn(now), now);
        pace.told(now, true, now);
        assert_eq!((pace.turn(now) - now).as_secs(), 1);
    }
}
