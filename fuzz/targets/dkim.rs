//! Signed messages: they verify, and what is found about one that was altered costs no more than its budget and is true.
#![cfg_attr(fuzzing, no_main)]

use arbitrary::{Result, Unstructured};
use mailproof::Timestamp;
use mailproof::dkim::forensics::{Alteration, Budget, Certainty, Scope, investigate};
use mailproof::dkim::{self, Canonicalization, DkimResult, Outcome};
use mailproof::dns::{Answer, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use mailproof_fuzz::{altered, assert_sound_findings, message, signed};

const BUDGET: Budget = Budget { octets: 4 << 20, hashes: 4_000 };

mailproof_fuzz::target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(choose: &mut Unstructured<'_>) -> Result<()> {
    let mode = |simple| if simple { Canonicalization::Simple } else { Canonicalization::Relaxed };
    let modes = (mode(choose.arbitrary()?), mode(choose.arbitrary()?));
    let (rsa, length) = (choose.ratio(1, 4)?, choose.ratio(1, 4)?.then_some(u64::from(choose.arbitrary::<u8>()?)));
    let (signed, record) = signed(&message(choose)?, rsa, modes, length);

    let (outcomes, _) = verify(&signed, &record);
    let too_long = outcomes[0].body.is_some_and(|body| body.signed > body.octets);
    let expected = if too_long { DkimResult::Fail } else { DkimResult::Pass };
    let told = String::from_utf8_lossy(&signed).into_owned();
    assert!(outcomes[0].result == expected || too_long, "{:?}\n{told}", outcomes[0].cause);

    let received = altered(choose, &signed)?;
    let (outcomes, dns) = verify(&received, &record);
    let message = Message::parse(&received);
    for outcome in &outcomes {
        let evidence = investigate(&dns, &message, outcome, &BUDGET);
        assert!(
            evidence.spent.octets <= BUDGET.octets && evidence.spent.hashes <= BUDGET.hashes,
            "{:?}",
            evidence.spent
        );
        evidence.body.iter().for_each(|alteration| is_true(outcome, alteration));
        assert_sound_findings(&dkim::findings(&message, outcome, &evidence, &dkim::Known::default()));
        assert!(!dkim::explain::headline(outcome, &message, &evidence).contains('\n'));
    }
    Ok(())
}

fn verify(message: &[u8], record: &str) -> (Vec<Outcome>, Snapshot) {
    let (message, mut dns) = (Message::parse(message), Snapshot::new());
    let outcomes =
        drive_sync(&mut dns, |_| Answer::txt([record]), |dns| dkim::verify(dns, &message, Timestamp(1_795_400_000)));
    (outcomes, dns)
}

/// What is called proven is the signer's body.
fn is_true(outcome: &Outcome, found: &Alteration) {
    let whole = found.certainty == Certainty::Proven && found.scope == Scope::Body && found.signed_as.is_none();
    let (Some(original), true) = (&found.original, whole) else { return };
    let signature = &outcome.signature;
    let (Some(algorithm), Some(hash)) = (&signature.algorithm, &signature.body_hash) else { return };
    let Some(mode) = signature.canonicalization.map(|modes| modes.body) else { return };
    let length = signature.length.as_ref().map(|length| length.value);
    let computed = dkim::body_hash(mode, algorithm.value.hash(), original, length);
    assert_eq!(computed[..], hash.value[..], "{found:?}");
}
