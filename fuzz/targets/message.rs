//! Whole messages in any world: signatures and chains are judged, alterations are searched for, and the report is sound.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::message::{Message, Path};
use mailproof::report::{Input, MessageInput};
use mailproof::{arc, dkim};
use mailproof_fuzz::{World, assert_inside, assert_sound, assert_sound_findings};

// First line: the time, then what is known of the session: address, HELO name, reverse-path, recipient; `-` where it is not.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(world) = World::read(data) else { return };
    let now = Timestamp(world.word(0).parse().unwrap_or(1_800_000_000));
    let message = Message::parse(world.message);
    for field in message.fields() {
        assert!(field.span().end as usize <= world.message.len());
        assert!(field.body_span().end <= field.span().end);
    }
    for defect in message.defects() {
        assert!(defect.span.end as usize <= world.message.len(), "{defect:?}");
    }
    for hop in Path::claims(&message).hops() {
        let text = hop.received.source().text();
        hop.received.from_name().into_iter().for_each(|name| assert!(text.contains(name)));
    }
    let (outcomes, _) = world.drive(|dns: &Snapshot| dkim::verify(dns, &message, now));
    for outcome in &outcomes {
        let text = outcome.signature.source.text();
        outcome.signature.defects.iter().for_each(|defect| assert_inside(text, defect.span));
    }
    let (chain, _) = world.drive(|dns: &Snapshot| arc::verify(dns, &message, now));
    assert_sound_findings(&arc::findings(&message, &chain, &arc::Known::default()));

    let mut input = MessageInput::new(world.message, now);
    let known = |at: usize| Some(world.word(at)).filter(|word| *word != "-");
    input.connection.ip = known(1).and_then(|word| word.parse().ok());
    input.connection.helo = known(2).filter(|word| !word.is_empty()).map(str::to_owned);
    input.connection.mail_from = known(3).filter(|_| world.words.len() > 3).map(str::to_owned);
    input.connection.rcpt_to = known(4).filter(|word| !word.is_empty()).map(str::to_owned).into_iter().collect();
    assert_sound(&world.report(&Input::Message(Box::new(input))));
});
