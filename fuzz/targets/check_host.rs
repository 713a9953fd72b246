//! SPF checks in any world: they end, they end the same way again, and what is told about them is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Timestamp;
use mailproof::dns::{Snapshot, Step};
use mailproof::report::{Input, SpfInput};
use mailproof::spf::{self, Session};
use mailproof_fuzz::{World, assert_sound};

// First line: address, HELO name and reverse-path. Then a zone.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(world) = World::read(data) else { return };
    let Ok(ip) = world.word(0).parse() else { return };
    let (helo, mail_from) = (world.word(1), world.word(2));

    let session = Session::new(ip, helo, mail_from);
    let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
    let (outcome, dns) = world.drive(check);
    assert_eq!(check(&dns), Step::Done(outcome.clone()));
    let verdict = spf::verdict(&dns, &session, Timestamp(0)).done().expect("every answer is there");
    assert_eq!((verdict.result, &verdict.cause), (outcome.result, &outcome.cause));

    let report = world.report(&Input::Spf(SpfInput::new(ip, helo, mail_from)));
    assert_eq!(report.verdicts[0].result, outcome.result.as_str());
    assert_sound(&report);
});
