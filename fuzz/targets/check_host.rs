//! SPF checks in any world: they end, they end the same way again, and what is told about them is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Timestamp;
use mailproof::dns::{Snapshot, Step};
use mailproof::report::{Input, SpfInput};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, Session};
use mailproof_fuzz::assert_sound;

// First line: address, HELO name and reverse-path. Then a zone; lines that cannot be read are left out.
mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (first, zone) = text.split_once('\n').unwrap_or((&text, ""));
    let mut words = first.split(' ');
    let Some(ip) = words.next().and_then(|word| word.parse().ok()) else { return };
    let (helo, mail_from) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let readable: Vec<&str> = zone.lines().filter(|line| Zone::parse(line.trim_start()).is_ok()).collect();
    let Ok(zone) = Zone::parse(&readable.join("\n")) else { return };

    let session = Session::new(ip, helo, mail_from);
    let mut dns = Snapshot::new();
    let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
    let outcome = drive_sync(&mut dns, |question| zone.answer(question), check);
    assert_eq!(check(&dns), Step::Done(outcome.clone()));
    let verdict = spf::verdict(&dns, &session, Timestamp(0)).done().expect("every answer is there");
    assert_eq!((verdict.result, &verdict.cause), (outcome.result, &outcome.cause));

    let input = Input::Spf(SpfInput::new(ip, helo, mail_from));
    let report = drive_sync(&mut dns, |question| zone.answer(question), |dns| input.check(dns));
    assert_eq!(report.verdicts[0].result, outcome.result.as_str());
    assert_sound(&report);
});
