//! What people paste: it is recognised or not, and what is told about it is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::dns::Snapshot;
use mailproof::report::{BounceInput, Detected, Input, SrsInput};
use mailproof_fuzz::assert_sound;

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let sound = |input: Input| assert_sound(&input.check(&Snapshot::new()).done().expect("nothing is asked"));
    sound(Input::record(&text));
    sound(Input::Bounce(BounceInput::new(data)));
    match Detected::of(&text) {
        Detected::Srs { address } => sound(Input::Srs(SrsInput::inspect(&address))),
        Detected::Address { domain, .. } | Detected::Domain { domain } => {
            assert!(mailproof::domain::Input::new(&domain).name().is_ok(), "{domain:?}");
        }
        Detected::Record { text: part, .. } | Detected::AuthResults { text: part } => {
            assert!(text.contains(part.trim()))
        }
        Detected::Zone { records } | Detected::Dig { records } => assert!(!records.is_empty() || text.contains(';')),
        _ => {}
    }
});
