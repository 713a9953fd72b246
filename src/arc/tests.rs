//! Signatures that [`seal`](super::seal()) does not make.

use super::{Cause, CheckProblem, Sealer, Validation, seal, verify};
use crate::Timestamp;
use crate::dkim::primitives::{BodyRequest, Form, base64_encode, body_hashes, header_hash, signed_fields};
use crate::dkim::testing::TestKey;
use crate::dkim::{Canonicalization, HashAlgorithm, Signature};
use crate::dns::{Answer, Snapshot};
use crate::message::Message;
use crate::resolver::drive_sync;
use crate::text::Source;

const HASH: HashAlgorithm = HashAlgorithm::Sha256;
const MODE: Canonicalization = Canonicalization::Relaxed;

/// The first ARC-Message-Signature of `mail`, whose `l=` is `told` and whose hash is of `hashed` octets of the body.
fn signed(mail: &str, hashed: Option<u64>, told: &str) -> String {
    let message = Message::parse(mail.as_bytes());
    let bodies = body_hashes(&message, &[BodyRequest { mode: MODE, hash: HASH, length: hashed }]);
    let bh = &bodies[0].digest;
    let unsigned = format!("i=1; a=rsa-sha256; c=relaxed/relaxed; d=l.example; s=s; h=from; bh={bh};{told} b=");
    let signature = Signature::of(Source::new(&unsigned), Form::ArcMessageSignature);
    let fields = signed_fields(&message, usize::MAX, &signature);
    let field = format!("ARC-Message-Signature: {unsigned}\r\n");
    let digest = header_hash(&message, field.as_bytes(), &fields, MODE, HASH);
    format!("ARC-Message-Signature: {unsigned}{}\r\n", base64_encode(&TestKey::Rsa1024.private().sign(&digest)))
}

/// What is wrong with the message signature of a chain of one set.
fn problem(message_signature: &str, mail: &str) -> Option<CheckProblem> {
    let seal = "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=l.example; s=s; b=Zm9v\r\n";
    let text = format!("{seal}{message_signature}ARC-Authentication-Results: i=1; mx.l.example; none\r\n{mail}");
    let message = Message::parse(text.as_bytes());
    let key = |_: &_| Answer::txt([TestKey::Rsa1024.record().as_str()]);
    let mut outcome = drive_sync(&mut Snapshot::new(), key, |dns| verify(dns, &message, Timestamp(0)));
    outcome.sets.remove(0).message_signature
}

/// RFC 8617 §4.1.2: the tags are those of DKIM. RFC 6376 §3.5: `l=` "MUST NOT be larger than the actual number of octets in the
/// canonicalized message body", and what comes after it is not signed.
#[test]
fn a_body_longer_than_l_passes_and_a_shorter_one_fails() {
    let mail = "From: a@d.example\r\n\r\nHello\r\n";
    let longer = format!("{mail}-- \r\na list\r\n");
    for (hashed, told, same, appended) in [
        (None, "", None, Some(CheckProblem::BodyHash)),
        (Some(7), " l=7;", None, None),
        (Some(2), " l=2;", None, None),
        (None, " l=8;", Some(CheckProblem::BodyHash), Some(CheckProblem::BodyHash)),
    ] {
        let signature = signed(mail, hashed, told);
        assert_eq!((problem(&signature, mail), problem(&signature, &longer)), (same, appended), "{told}");
    }
}

/// What `z=` says harms nobody, and hides nothing that does.
#[test]
fn a_heap_of_bad_copies_hides_no_defect() {
    let mail = "From: a@d.example\r\n\r\nHello\r\n";
    let heap = "x|".repeat(1_000);
    assert_eq!(problem(&signed(mail, None, &format!(" z={heap};")), mail), None);
    let dated = signed(mail, None, &format!(" z={heap}; t=9; x=9;"));
    assert!(matches!(problem(&dated, mail), Some(CheckProblem::Signature(_))));
}

/// RFC 8617 §4.1: `a=` names the algorithm of the key. RFC 5322 §2.1.1: no line of a header field should have more than 78 characters.
#[test]
fn sets_by_each_kind_of_key() {
    for (key, algorithm) in
        [(TestKey::Rsa1024, "rsa-sha256"), (TestKey::Rsa2048, "rsa-sha256"), (TestKey::Ed25519, "ed25519-sha256")]
    {
        let sealer = Sealer {
            domain: &"l.example".parse().unwrap(),
            selector: &"s".parse().unwrap(),
            authserv_id: "mx.l.example",
            headers: "from",
            timestamp: Timestamp(0),
            private_key: key.pem(),
        };
        let mail = "From: a@d.example\r\n\r\nHello\r\n";
        let made = seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer).unwrap();
        let made = format!(
            "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n",
            made.seal, made.message_signature, made.results
        );
        assert_eq!(made.matches(&format!("a={algorithm};")).count(), 2, "{made}");
        assert!(made.lines().all(|line| line.len() <= 78 && !line.trim().is_empty()), "{made}");
        let text = made.clone() + mail;
        let message = Message::parse(text.as_bytes());
        let answer = |_: &_| Answer::txt([key.record().as_str()]);
        let outcome = drive_sync(&mut Snapshot::new(), answer, |dns| verify(dns, &message, Timestamp(0)));
        assert_eq!(outcome.cause, Cause::Verified, "{key:?}");
    }
}
