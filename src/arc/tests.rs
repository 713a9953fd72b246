//! Signatures that [`seal`](super::seal()) does not make.

use super::{CheckProblem, verify};
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
