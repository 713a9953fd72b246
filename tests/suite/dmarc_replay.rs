//! What replay promises, for DMARC: done stays done, rounds are few, whatever the DNS says.

use mailproof::dmarc::{self, Authenticated, LintOptions, MethodResult};
use mailproof::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records, Snapshot, Step};
use mailproof::text::Source;
use proptest::prelude::*;

use crate::dmarc_world::name;

const RECORDS: &[&str] = &[
    "v=DMARC1; p=reject; rua=mailto:r@d.example,mailto:x@rep.test",
    "v=DMARC1; p=none; sp=quarantine; np=reject; ruf=mailto:f@rep.test",
    "v=DMARC1; p=quarantine; psd=n; adkim=s; t=y",
    "v=DMARC1; p=reject; psd=y; pct=10",
    "v=DMARC1;",
    "v=DMARC1; p=rejct; rua=mailto:r@other.test!1m",
    "v=spf1 -all",
    "\u{201c}v=DMARC1\\; p=reject",
];

/// Some answer to any question, chosen by a byte.
fn answer(question: &Question, byte: u8) -> Answer {
    if byte == 0 {
        return Answer::new(Lookup::NxDomain);
    }
    match (question.record_type, byte % 7) {
        (_, 1) => Failure::ServFail.into(),
        (_, 2) => Answer::new(Lookup::NoData),
        (_, 3) => Answer::new(Lookup::NxDomain),
        (RecordType::Txt, 4) => Records::Txt(RECORDS.iter().take(2).map(|text| Source::new(text)).collect()).into(),
        (RecordType::Txt, _) => Answer::txt([RECORDS[usize::from(byte) % RECORDS.len()]]),
        (RecordType::Mx, _) => Records::Mx(vec![Mx { preference: 0, exchange: mailproof::Name::root() }]).into(),
        (RecordType::A, _) => Records::A(vec![[192, 0, 2, byte].into()]).into(),
        (RecordType::Cname, _) => Records::Cname(vec![name("alias.test")]).into(),
        _ => Answer::new(Lookup::NoData),
    }
}

/// The byte depends on the question alone, so that the world stays the same whatever the order.
fn world(bytes: &[u8]) -> impl Fn(&Question) -> Answer + '_ {
    |question| {
        let sum = question.to_string().bytes().fold(7usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        answer(question, bytes[sum % bytes.len()])
    }
}

/// Drives by hand: at most `limit` rounds, no question twice, and the end stays the end.
fn check<T: PartialEq + std::fmt::Debug>(
    world: &impl Fn(&Question) -> Answer,
    limit: usize,
    evaluate: impl Fn(&Snapshot) -> Step<T>,
) -> Result<(), TestCaseError> {
    let mut dns = Snapshot::new();
    let mut rounds = 0;
    let value = loop {
        match evaluate(&dns) {
            Step::Done(value) => break value,
            Step::Ask(questions) => {
                rounds += 1;
                prop_assert!(!questions.is_empty() && rounds <= limit, "{} rounds", rounds);
                for question in questions {
                    let answer = world(&question);
                    dns.insert(question, answer);
                }
            }
        }
    };
    prop_assert!(evaluate(&dns).done().as_ref() == Some(&value));
    // Answers that nobody asked for change nothing.
    for domain in ["d.example", "example", "s.d.example", "rep.test", "test", "other.test", "a.s.d.example"] {
        for record_type in [RecordType::Txt, RecordType::A, RecordType::Mx] {
            for owner in [name(domain), name(domain).prefixed("_dmarc").expect("short")] {
                let question = Question::new(owner, record_type);
                let answer = world(&question);
                dns.insert(question, answer);
            }
        }
    }
    prop_assert!(evaluate(&dns).done().as_ref() == Some(&value));
    Ok(())
}

proptest! {
    #[test]
    fn evaluation(bytes in prop::collection::vec(any::<u8>(), 1..40), author in 0..4usize) {
        let author = name(["d.example", "s.d.example", "a.s.d.example", "example"][author]);
        let ids = Authenticated::default()
            .spf(name("s.d.example"), MethodResult::Pass)
            .dkim(name("other.example"), MethodResult::Pass)
            .dkim(name("d.example"), MethodResult::Temperror)
            .dkim(name("rep.test"), MethodResult::Fail);
        let world = world(&bytes);
        check(&world, 3, |dns| dmarc::evaluate(dns, &author, &ids))?;
        check(&world, 3, |dns| dmarc::compare(dns, &author, &ids, &dmarc::PublicSuffixes::parse("example\ntest")).map(|v| format!("{v:?}")))?;
    }

    #[test]
    fn findings(bytes in prop::collection::vec(any::<u8>(), 1..40), domain in 0..4usize) {
        let domain = name(["d.example", "s.d.example", "a.s.d.example", "a.b.c.d.e.f.g.h.d.example"][domain]);
        let options = LintOptions::default();
        let world = world(&bytes);
        check(&world, 6, |dns| dmarc::lint_domain(dns, &domain, &options))?;
    }

    #[test]
    fn any_text_is_read_and_told(text in "\\PC{0,60}|[vV]=DMARC1([;, ]{0,2}(p|sp|np|rua|ruf|fo|t|psd|pct|ri|x|P|adkim)[=: ]{0,2}[a-z0-9:@!,%/.\u{a0}\"' ]{0,14}){0,8}") {
        let record = dmarc::Record::parse(text.as_str());
        for part in record.parts() {
            prop_assert!(text.get(part.span.range()).is_some());
        }
        // Printing keeps what is asked for.
        if record.is_dmarc() {
            let printed = dmarc::Record::parse(record.to_string().as_str());
            prop_assert_eq!(printed.request(), record.request());
            prop_assert_eq!(printed.to_string(), record.to_string());
        }
        let domain = name("d.example");
        let options = LintOptions::default();
        let subject = mailproof::finding::Subject::given(&text);
        for found in dmarc::lint_at(&record, &subject, Some(&domain), &options) {
            prop_assert!(text.get(found.primary.span.range()).is_some(), "{:?}", found);
            for fix in &found.fixes {
                prop_assert!(mailproof::finding::apply(&text, fix.edits()).is_some(), "{:?}", fix);
            }
        }
        dmarc::mended(&record, Some(&domain), &options);
    }
}
