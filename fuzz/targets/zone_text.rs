//! Reading zones: an error is a place in the text, and every question has an answer.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Name;
use mailproof::dns::{Question, RecordType, Snapshot};
use mailproof::resolver::Zone;
use mailproof_fuzz::assert_inside;

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let zone = match Zone::parse(&text) {
        Ok(zone) => zone,
        Err(error) => {
            assert_inside(&text, error.span);
            let line = text.split('\n').nth(error.line as usize - 1).expect("the line is there");
            assert!(error.column as usize <= line.chars().count() + 1, "{error}");
            return;
        }
    };
    let mut snapshot = Snapshot::new();
    let names: Vec<Name> = zone.entries().iter().map(|entry| entry.name.clone()).collect();
    for entry in zone.entries() {
        assert_inside(&text, entry.span);
    }
    let around = names.iter().flat_map(|name| [Some(name.clone()), name.parent(), name.prefixed("x").ok()]).flatten();
    for name in around.take(200) {
        for &record_type in RecordType::ALL {
            let question = Question::new(name.clone(), record_type);
            let answer = zone.answer(&question);
            assert!(answer.records().is_none_or(|records| records.record_type() == record_type));
            snapshot.insert(question, answer);
        }
    }
    let json = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&json).unwrap(), snapshot);
});
