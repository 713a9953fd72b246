//! Reading SPF records: spans are places, printing is a fixpoint of reading, and rules hold for any text.
#![cfg_attr(fuzzing, no_main)]

use mailproof::dns::Snapshot;
use mailproof::report::{Input, Kind, RecordInput};
use mailproof::spf::{Record, TermKind};
use mailproof::text::Source;
use mailproof_fuzz::{assert_inside, assert_sound};

mailproof_fuzz::target!(|data: &[u8]| {
    // A line feed stands for the seam of two character-strings.
    let source = Source::from_strings(data.split(|&byte| byte == b'\n'));
    let record = Record::from_source(source.clone());
    let text = source.text();
    let mut end = record.version().end;
    for term in record.terms() {
        assert_inside(text, term.span);
        assert!(term.span.start > end || term.span.start == 0, "{:?}", record.terms());
        end = term.span.end;
        if let Some(spec) = term.domain_spec() {
            assert_inside(text, spec.span);
            assert!(term.span.contains(spec.span));
        }
        if let TermKind::Unknown(error) = term.kind {
            assert_inside(text, error.span);
        }
    }

    let printed = record.to_string();
    let again = Record::parse(&printed);
    assert_eq!(again.to_string(), printed);
    let unknown = |record: &Record| -> Vec<bool> {
        record.terms().iter().map(|term| matches!(term.kind, TermKind::Unknown(_))).collect()
    };
    assert_eq!(unknown(&again), unknown(&record), "{text:?} became {printed:?}");

    let mut input = RecordInput::new("");
    input.text = source;
    input.kind = Some(Kind::Spf);
    assert_sound(&Input::Record(input).check(&Snapshot::new()).done().expect("nothing is asked"));
});
