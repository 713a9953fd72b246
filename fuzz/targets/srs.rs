//! SRS: what is rewritten comes back, what comes back holds nothing that ends an address early, and rules hold for any text.
#![cfg_attr(fuzzing, no_main)]

use mailproof::finding::apply;
use mailproof::srs::{Address, Forwarded, Place, Secret, Srs, Surroundings, lint};
use mailproof::{Name, Timestamp};
use mailproof_fuzz::assert_inside;

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let address = Address::parse(&text);
    let form = address.form();
    let spans = [Some(address.local_part_span()), address.domain_span(), form.tag(), form.hash(), form.stamp()];
    for span in spans.into_iter().flatten() {
        assert_inside(&text, span);
    }
    let (own, now) = (Name::parse("fwd.example").unwrap(), Timestamp(1_700_000_000));
    let srs = Srs::new(Secret::new(b"secret"));
    if let Ok(Forwarded::Rewritten { address, .. }) = srs.forward(&text, &own, now) {
        assert!(!address.contains(|c: char| c.is_control()));
        let back = srs.reverse(&address, now).expect("it was made here").address;
        assert!(!back.contains(|c: char| c.is_control()), "{back:?}");
    }
    let reversal = srs.reverse(&text, now);
    for place in [Place::ReversePath, Place::ToForward, Place::Recipient, Place::Field] {
        let surroundings = Surroundings {
            place,
            now: Some(now),
            forwarder: Some(&own),
            reversal: Some(&reversal),
            accepted: true,
            ..Surroundings::default()
        };
        for found in lint(&address, &surroundings) {
            assert_inside(&text, found.primary.span);
            assert!(found.fixes.iter().all(|fix| apply(&text, fix.edits()).is_some()));
        }
    }
});
