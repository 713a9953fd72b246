//! Chains: what is sealed validates, seal after seal, and what is told of an altered one is sound.
#![cfg_attr(fuzzing, no_main)]

use arbitrary::{Result, Unstructured};
use mailproof::arc::{self, ArcResult, Outcome, Sealer, Validation, seal};
use mailproof::dns::{Answer, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use mailproof::{Name, Timestamp};
use mailproof_fuzz::{altered, assert_sound_findings, key_pair, message};

mailproof_fuzz::target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(choose: &mut Unstructured<'_>) -> Result<()> {
    let (pem, record) = key_pair(choose.ratio(1, 8)?);
    let name = |text: &str| Name::parse(text).expect("a name");
    let (domain, selector) = (name("d.example"), name("s"));
    let sealer = Sealer {
        domain: &domain,
        selector: &selector,
        authserv_id: "mx.d.example",
        headers: choose.choose(&["from", "from:to:subject:date", "From : Subject:from", "from:received"])?,
        timestamp: Timestamp(1_795_312_800),
        private_key: pem,
    };
    let mut sealed = message(choose)?;
    for _ in 0..choose.int_in_range(1..=4)? {
        let validation = match verify(&sealed, &record).result {
            ArcResult::None => Validation::None,
            ArcResult::Pass => Validation::Pass,
            ArcResult::Fail => Validation::Fail,
        };
        let headers = seal(&Message::parse(&sealed), validation, &sealer).expect("there is room");
        let fields = format!(
            "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n",
            headers.seal, headers.message_signature, headers.results,
        );
        sealed = [fields.as_bytes(), &sealed].concat();
        let outcome = verify(&sealed, &record);
        assert_eq!(outcome.result, ArcResult::Pass, "{:?}\n{}", outcome.cause, String::from_utf8_lossy(&sealed));
    }
    let received = altered(choose, &sealed)?;
    let outcome = verify(&received, &record);
    assert_sound_findings(&arc::findings(&Message::parse(&received), &outcome, &arc::Known::default()));
    assert!(!arc::explain::headline(&outcome).contains('\n'));
    Ok(())
}

fn verify(message: &[u8], record: &str) -> Outcome {
    let (message, mut dns) = (Message::parse(message), Snapshot::new());
    drive_sync(&mut dns, |_| Answer::txt([record]), |dns| arc::verify(dns, &message, Timestamp(1_795_400_000)))
}
