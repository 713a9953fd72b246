//! DMARC in any world: the walk is bounded, verdicts are the same with and without a trace, and what is told is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Name;
use mailproof::dmarc::{self, Authenticated, MAX_VISITS};
use mailproof::dns::Snapshot;
use mailproof::report::{DmarcInput, Input};
use mailproof_fuzz::{World, assert_sound};

// First line: the domain in From, then pairs of a result and a domain: SPF first, then DKIM. Then a zone.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(world) = World::read(data) else { return };
    let mut ids = Authenticated::default();
    for (at, pair) in world.words[1..].chunks_exact(2).enumerate() {
        let (Ok(result), Ok(domain)) = (pair[0].parse(), Name::parse(pair[1])) else { continue };
        ids = if at == 0 { ids.spf(domain, result) } else { ids.dkim(domain, result) };
    }
    if let Ok(author) = Name::parse(world.word(0)) {
        let (outcome, dns) = world.drive(|dns: &Snapshot| dmarc::evaluate(dns, &author, &ids));
        let verdict = dmarc::verdict(&dns, &author, &ids).done().expect("every answer is there");
        assert_eq!((verdict.result, verdict.disposition()), (outcome.result, outcome.disposition()));
        assert!(outcome.discovery.walk.visits.len() <= MAX_VISITS);
    }
    assert_sound(&world.report(&Input::Dmarc(DmarcInput::new(world.word(0), ids))));
});
