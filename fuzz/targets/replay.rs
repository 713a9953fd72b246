//! Saved reports that lie: what is read from JSON is judged anew, and nothing in it is believed.
#![cfg_attr(fuzzing, no_main)]

use mailproof::dns::Step;
use mailproof::report::json::Replay;
use mailproof_fuzz::assert_sound;

mailproof_fuzz::target!(|data: &[u8]| {
    let Ok(replay) = serde_json::from_slice::<Replay>(data) else { return };
    match replay.input.check(&replay.snapshot) {
        Step::Done(report) => assert_sound(&report),
        // It would go round for ever.
        Step::Ask(questions) => {
            assert!(!questions.is_empty());
            assert!(questions.iter().any(|question| replay.snapshot.get(question).is_none()), "{questions:?}");
        }
    }
});
