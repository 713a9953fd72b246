//! What replay promises: done stays done, rounds are few, and the same snapshot gives the same outcome.

use mailproof::dns::{Question, RecordType, Snapshot, Step};
use mailproof::resolver::drive_sync;
use mailproof::spf::{self, Session};
use proptest::prelude::*;

use crate::random_zone::{Terms, world};
use crate::world::NOW;

proptest! {
    #[test]
    fn done_stays_done_and_rounds_are_few(world in world(Terms::All, 7, true), last in 0..5u8) {
        let zone = world.zone();
        let session = Session::new([192, 0, 2, last].into(), "mx.d.example", "a@d.example");
        let mut dns = Snapshot::new();
        let mut rounds = 0;
        let outcome = loop {
            match spf::check_host(&dns, &session, NOW) {
                Step::Done(outcome) => break outcome,
                Step::Ask(questions) => {
                    rounds += 1;
                    prop_assert!(!questions.is_empty());
                    prop_assert!(rounds <= 40, "more rounds than terms can need");
                    for question in questions {
                        prop_assert!(dns.get(&question).is_none(), "{question} was answered already");
                        let answer = zone.answer(&question);
                        dns.insert(question, answer);
                    }
                }
            }
        };
        prop_assert!(dns.len() <= 120, "{} questions", dns.len());
        // The same snapshot again, and with everything else that the zone knows.
        prop_assert_eq!(&spf::check_host(&dns, &session, NOW), &Step::Done(outcome.clone()));
        for name in zone.names() {
            for record_type in [RecordType::Txt, RecordType::A, RecordType::Mx, RecordType::Ptr] {
                let question = Question::new(name.clone(), record_type);
                let answer = zone.answer(&question);
                dns.insert(question, answer);
            }
        }
        prop_assert_eq!(&spf::check_host(&dns, &session, NOW), &Step::Done(outcome.clone()));
        // Without a trace it is the same outcome.
        let verdict = spf::verdict(&dns, &session, NOW).done();
        prop_assert_eq!(verdict.map(|v| (v.result, v.cause)), Some((outcome.result, outcome.cause)));
    }

    #[test]
    fn a_zone_that_says_anything_ends_in_a_verdict(answers in prop::collection::vec(any::<u8>(), 1..64)) {
        // Whatever is asked, some answer comes, chosen by the bytes.
        let session = Session::new([192, 0, 2, 1].into(), "mx.d.example", "a@d.example");
        let mut asked = 0;
        let outcome = drive_sync(&mut Snapshot::new(), |question| {
            asked += 1;
            nonsense(question, answers[asked % answers.len()])
        }, |dns| spf::check_host(dns, &session, NOW));
        prop_assert!(asked <= mailproof::resolver::MAX_QUESTIONS);
        prop_assert!(outcome.lookups <= 11 && outcome.voids <= 3);
    }

    #[test]
    fn any_text_is_parsed(text in "\\PC{0,80}|(v=spf1( [-+~?]?(a|mx|ip4|ip6|all|include|exists|ptr|redirect|exp)?[:=/]?[%{}a-z0-9.:/é-]{0,12}){0,6})") {
        let record = spf::Record::parse(&text);
        for term in record.terms() {
            prop_assert!(text.get(term.span.range()).is_some());
        }
        for error in record.errors() {
            prop_assert!(text.get(error.span.range()).is_some(), "{:?}", error);
        }
        // Printing and parsing again changes nothing but the layout.
        let printed = record.to_string();
        prop_assert_eq!(spf::Record::parse(&printed).to_string(), printed.clone());
        prop_assert_eq!(spf::Record::parse(&printed).errors().count(), record.errors().count());
    }
}

fn nonsense(question: &Question, byte: u8) -> mailproof::dns::Answer {
    use mailproof::dns::{Answer, Failure, Lookup, Mx, Records};
    let name = question.name.clone();
    match byte % 8 {
        0 => Answer::new(Lookup::NxDomain),
        1 => Failure::Timeout.into(),
        2 => Answer::txt([&*format!(
            "v=spf1 mx:{name} include:x{byte}.{} a ptr exists:%{{p}} ?all",
            question.name.suffix(3)
        )]),
        3 => Records::Mx((0..12).map(|preference| Mx { preference, exchange: name.clone() }).collect()).into(),
        4 => Records::A(vec![[192, 0, 2, 1].into()]).into(),
        5 => Records::Ptr(vec![name; 20]).into(),
        6 => Answer::txt(["v=spf1 redirect=%{d} exp=%{s}"]),
        _ => Answer::new(Lookup::NoData),
    }
}
