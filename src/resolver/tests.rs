//! Whatever a resolver answers, a driven evaluation ends.

use std::cell::Cell;

use super::{MAX_QUESTIONS, Zone, drive, drive_sync};
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::text::Source;

fn txt(name: &str) -> Question {
    Question::new(name.parse().unwrap(), RecordType::Txt)
}

/// Asks `questions` at once and says what each was answered.
fn all(questions: &[Question]) -> impl Fn(&Snapshot) -> Step<Vec<Answer>> {
    move |dns| {
        let open: Vec<_> = questions.iter().filter(|question| dns.get(question).is_none()).cloned().collect();
        if open.is_empty() {
            Step::Done(questions.iter().filter_map(|question| dns.get(question)).cloned().collect())
        } else {
            Step::Ask(open)
        }
    }
}

/// Asks `count` questions, each after the one before.
fn one_by_one(count: usize) -> impl Fn(&Snapshot) -> Step<usize> {
    move |dns| {
        let next = (0..count).map(|i| txt(&format!("q{i}.example"))).find(|question| dns.get(question).is_none());
        match next {
            Some(question) => Step::Ask(vec![question]),
            None => Step::Done(dns.iter().filter(|(_, answer)| answer.failure() == Some(Failure::NotAsked)).count()),
        }
    }
}

/// Runs a future that never waits for anything outside.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn five_thousand_questions_at_once() {
    let questions: Vec<_> = (0..5_000).map(|i| txt(&format!("q{i}.example"))).collect();
    let asked = Cell::new(0);
    let resolve = |_: &Question| {
        asked.set(asked.get() + 1);
        Answer::txt(["x"])
    };
    let answers = drive_sync(&mut Snapshot::new(), resolve, all(&questions));
    assert_eq!(asked.replace(0), MAX_QUESTIONS);
    let awaited = ready(drive(&mut Snapshot::new(), &resolve, all(&questions)));
    assert_eq!(asked.replace(0), MAX_QUESTIONS);
    for answers in [answers, awaited] {
        let not_asked = answers.iter().filter(|answer| answer.failure() == Some(Failure::NotAsked)).count();
        assert_eq!((answers.len(), not_asked), (5_000, 5_000 - MAX_QUESTIONS));
    }
}

#[test]
fn always_one_more_question() {
    let asked = Cell::new(0);
    let resolve = |_: &Question| {
        asked.set(asked.get() + 1);
        Answer::new(Lookup::NoData)
    };
    assert_eq!(drive_sync(&mut Snapshot::new(), resolve, one_by_one(MAX_QUESTIONS + 100)), 100);
    assert_eq!(asked.get(), MAX_QUESTIONS);
}

#[test]
fn the_same_question_many_times_is_asked_once() {
    let asked = Cell::new(0);
    let question = txt("a.example");
    let resolve = |_: &Question| {
        asked.set(asked.get() + 1);
        Answer::txt(["x"])
    };
    let evaluate = |dns: &Snapshot| match dns.get(&question) {
        Some(_) => Step::Done(()),
        None => Step::Ask(vec![question.clone(); 10_000]),
    };
    drive_sync(&mut Snapshot::new(), resolve, evaluate);
    assert_eq!(asked.get(), 1);
}

#[test]
fn nonsense_is_malformed() {
    let addresses = |count| Records::A((0..count).map(std::net::Ipv4Addr::from).collect());
    let nonsense = [
        (RecordType::Txt, addresses(1)),
        (RecordType::Txt, Records::Txt(vec![Source::new(&"x".repeat(10_000_000))])),
        (RecordType::Txt, Records::Txt(vec![Source::default(); 100_000])),
        (RecordType::A, addresses(100_000)),
    ];
    for (record_type, records) in nonsense {
        let questions = [Question::new("a.example".parse().unwrap(), record_type)];
        let answers = drive_sync(&mut Snapshot::new(), |_| records.clone().into(), all(&questions));
        assert_eq!(answers[0].failure(), Some(Failure::Malformed));
    }
}

#[test]
fn a_zone_that_leads_in_circles() {
    let zone = Zone::parse("*.example CNAME a.*.example\na.*.example CNAME b.example").unwrap();
    let questions: Vec<_> = (0..50).map(|i| txt(&format!("q{i}.example"))).collect();
    let answers = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), all(&questions));
    assert!(answers.iter().all(|answer| answer.failure() == Some(Failure::Malformed)));
}

#[test]
fn answers_of_other_names_do_not_matter() {
    let aliases = vec![Name::root(); 100_000];
    let resolve = |_: &Question| Answer { aliases: aliases.clone(), ..Answer::txt(["x"]) };
    let answers = drive_sync(&mut Snapshot::new(), resolve, all(&[txt("a.example")]));
    assert_eq!(answers[0].txts()[0].text(), "x");
}
