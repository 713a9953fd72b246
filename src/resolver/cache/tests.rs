use std::future::Future as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::dns::Failure;

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
    let cache =
        counting(|question| Answer { ttl: Some((question.name.as_str() == "a").into()), ..Answer::txt(["x"]) }, 10_000);
    for _ in 0..100 {
        cache.resolve(&question("a")).await;
        cache.resolve(&question("b")).await;
        tokio::time::advance(Duration::from_secs(2)).await;
    }
    assert_eq!(cache.stats().misses, 200);
    let kept = cache.lock();
    assert_eq!((kept.names.len(), kept.order.len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_does_not_exist_is_asked_for_once() {
    let cache = counting(
        |question| match question.name.as_str() {
            "gone.example" => Answer { ttl: Some(60), ..Answer::new(Lookup::NxDomain) },
            "alias.example" => Answer {
                ttl: Some(60),
                aliases: vec!["gone.example".parse().unwrap()],
                ..Answer::new(Lookup::NxDomain)
            },
            _ => Answer { ttl: Some(60), ..Answer::txt(["x"]) },
        },
        100_000,
    );
    let other = |name: &str| Question::new(name.parse().unwrap(), RecordType::Mx);
    let gone = cache.resolve(&question("gone.example")).await;
    assert_eq!(cache.resolve(&other("gone.example")).await, gone);
    assert_eq!(cache.stats().misses, 1);
    // Below it somebody may yet answer, and the other type of an alias may be there.
    assert!(cache.resolve(&question("below.gone.example")).await.records().is_some());
    cache.resolve(&question("alias.example")).await;
    cache.resolve(&other("alias.example")).await;
    assert_eq!(cache.stats().misses, 4);
    tokio::time::advance(Duration::from_secs(61)).await;
    cache.resolve(&other("gone.example")).await;
    assert_eq!(cache.stats().misses, 5);
}

#[tokio::test]
async fn a_sparing_cache_asks_first_whether_a_name_exists() {
    let cache = counting(
        |question| match question.name.as_str() {
            "d.example" => Answer { ttl: Some(60), ..Answer::new(Lookup::NoData) },
            _ => Answer { ttl: Some(60), ..Answer::new(Lookup::NxDomain) },
        },
        100_000,
    )
    .sparing();
    let gone = [RecordType::A, RecordType::Mx, RecordType::Txt].map(|of| Question::new("gone".parse().unwrap(), of));
    let there = gone.clone().map(|of| Question::new("d.example".parse().unwrap(), of.record_type));
    let answers = crate::resolver::join::all(gone.iter().chain(&there).map(|question| cache.resolve(question))).await;
    assert!(answers[..3].iter().all(is_absence) && answers[3..].iter().all(|answer| answer.lookup == Lookup::NoData));
    assert_eq!(cache.stats().misses, 4);
    assert!(is_absence(&cache.resolve(&question("s1._domainkey.gone")).await));
    assert_eq!((cache.stats().misses, cache.stats().hits), (4, 3));
}

#[tokio::test]
async fn a_question_that_was_cancelled_leaves_no_trace() {
    let cache = counting(|_| Answer { ttl: Some(60), ..Answer::txt(["x"]) }, 100_000);
    let name = question("a");
    {
        let mut future = Box::pin(cache.resolve(&name));
        let waker = std::task::Waker::noop();
        assert!(future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    }
    assert_eq!(cache.lock().names.len(), 0);
    assert_eq!(cache.stats().octets, 0);
    assert!(cache.resolve(&name).await.records().is_some());
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
    assert_eq!(kept.names.len(), kept.order.len());
    assert!(stats.evicted > 1_500);
}
