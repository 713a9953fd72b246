//! Whole domains in any world: all questions are bounded, and the report is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::domain;
use mailproof::mta_sts::Fetched;
use mailproof::report::Input;
use mailproof_fuzz::{World, assert_sound};

// First line: the domain, then selectors. Then a zone. What follows `---` is the MTA-STS policy file.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(world) = World::read(data) else { return };
    let mut input = domain::Input::new(world.word(0));
    input.selectors = world.words[1..].iter().filter_map(|word| word.parse().ok()).collect();
    input.mta_sts = Some(Fetched::body(world.message)).filter(|file| !file.body.is_empty());
    assert_sound(&world.report(&Input::Domain(input)));
});
