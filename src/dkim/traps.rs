//! What verifiers were found to get wrong: a test each.

use proptest::prelude::{any, prop};

use super::crypto::{Digest, Prepared};
use super::outcome::{Cause, DkimResult, KeyLookup, KeyProblem, Outcome};
use super::signature::{Algorithm, Canonicalization, HashAlgorithm};
use super::testing::{Signer, TestKey, header_input, sha256, verified, verified_with};
use super::verify::Options;
use super::{Key, hashes, signature_defect};
use crate::Timestamp;
use crate::message::{Limits, Message};
use crate::text::Source;
use Canonicalization::{Relaxed, Simple};

const MAIL: &[u8] = b"From: Alice <alice@d.example>\r\nTo: bob@r.example\r\nSubject: hello  you\r\n\
    Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\nHello Bob,\r\n\r\nsee  you \t there.\r\n\r\nAlice\r\n";

fn one(message: &[u8], record: &str) -> Outcome {
    verified(message, record).0.remove(0)
}

fn replaced(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = memchr::memmem::find(message, from.as_bytes()).expect("it is there");
    [&message[..at], to.as_bytes(), &message[at + from.len()..]].concat()
}

#[test]
fn every_key_and_mode_verifies() {
    for key in [TestKey::Rsa2048, TestKey::Rsa1024, TestKey::Ed25519] {
        for mode in [Simple, Relaxed] {
            let outcome = one(&Signer::new(key, mode).sign(MAIL), &key.record());
            assert_eq!((outcome.result, &outcome.cause), (DkimResult::Pass, &Cause::Verified), "{key:?} {mode:?}");
        }
    }
}

/// RFC 8301 §3.1: rsa-sha1 "MUST NOT be used for signing or verifying". What does not verify is told as that.
#[test]
fn sha1_is_no_pass() {
    let key = TestKey::Rsa1024;
    let signed = Signer { hash: HashAlgorithm::Sha1, ..Signer::new(key, Relaxed) }.sign(MAIL);
    let allowed = Options { allow_rsa_sha1: true, ..Options::default() };
    let outcome = |mail: &[u8], options: &Options| {
        let outcome = verified_with(mail, &[&key.record()], Timestamp(0), options).0.remove(0);
        (outcome.result, outcome.cause)
    };
    let (changed, bad) = (replaced(&signed, "Hello Bob", "Hello Eve"), (DkimResult::Fail, Cause::BodyHash));
    assert_eq!(outcome(&signed, &Options::default()), (Cause::Sha1.result(), Cause::Sha1));
    assert_ne!(Cause::Sha1.result(), DkimResult::Pass);
    assert_eq!(outcome(&signed, &allowed), (DkimResult::Pass, Cause::Verified));
    assert_eq!((outcome(&changed, &Options::default()), outcome(&changed, &allowed)), (bad.clone(), bad));
    let modern = Signer::new(key, Relaxed).sign(MAIL);
    assert_eq!(outcome(&modern, &Options::default()), (DkimResult::Pass, Cause::Verified));
}

#[test]
fn from_must_be_signed() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).h("to:subject:date").sign(MAIL);
    let outcome = one(&signed, &TestKey::Rsa1024.record());
    assert_eq!(outcome.result, DkimResult::Permerror);
    let Cause::Signature(defect) = outcome.cause else { panic!("{:?}", outcome.cause) };
    assert_eq!(defect.kind, signature_defect::DefectKind::FromNotSigned);
    assert!(outcome.body.unwrap().matches && outcome.header.unwrap().verified, "both are told all the same");
}

/// §6.1.1, §3.5: what `z=` says harms nobody, and neither does it hide what does.
#[test]
fn a_heap_of_bad_copies_hides_no_defect() {
    use signature_defect::DefectKind as Kind;
    let key = TestKey::Rsa1024;
    let heap = "x|".repeat(1_000);
    let outcome = |tags: &str| {
        let more = format!(" z={heap}; {tags}");
        one(&Signer { more: &more, ..Signer::new(key, Relaxed) }.sign(MAIL), &key.record())
    };
    assert_eq!(outcome("").result, DkimResult::Pass);
    for (tags, kind) in [
        ("i=@bank.example;", Kind::IdentityOutsideDomain),
        ("t=9; x=9;", Kind::ExpirationNotAfterTimestamp),
        ("t=-1;", Kind::Number("t")),
    ] {
        let outcome = outcome(tags);
        assert!(
            matches!(&outcome.cause, Cause::Signature(defect) if defect.kind == kind),
            "{tags} {:?}",
            outcome.cause
        );
        assert_ne!(outcome.result, DkimResult::Pass, "{tags}");
    }
}

#[test]
fn what_the_key_record_allows() {
    let key = TestKey::Rsa1024;
    let signed = Signer { more: " i=@sub.d.example;", ..Signer::new(key, Relaxed) }.sign(MAIL);
    for (tag, problem) in [
        ("h=sha1", KeyProblem::Hash),
        ("s=tlsrpt", KeyProblem::Service),
        ("t=s", KeyProblem::Strict),
        ("k=rsa", KeyProblem::Syntax),
    ] {
        let outcome = one(&signed, &format!("{}; {tag}", key.record()));
        assert_eq!(outcome.cause, Cause::Key(problem), "{tag}");
        assert_eq!(outcome.result, DkimResult::Permerror);
    }
    for tag in ["h=sha1:sha256", "s=tlsrpt:email", "s=*", "t=y", "g=x", "n=hello"] {
        let outcome = one(&signed, &format!("{}; {tag}", key.record()));
        assert_eq!(outcome.result, DkimResult::Pass, "{tag}");
        assert_eq!(outcome.is_testing(), tag == "t=y");
    }
}

/// §6.1.2 step 5: a text that is no tag-list is no broken key but something else at its name.
#[test]
fn a_text_that_is_no_key() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(MAIL);
    for (record, problem) in [
        ("hello", KeyProblem::NotAKey),
        ("", KeyProblem::Syntax),
        (" ", KeyProblem::Syntax),
        ("=", KeyProblem::Syntax),
        ("v=DKIM1", KeyProblem::Syntax),
    ] {
        let outcome = one(&signed, record);
        assert_eq!((outcome.result, outcome.cause), (DkimResult::Permerror, Cause::Key(problem)), "{record:?}");
    }
}

#[test]
fn length_counts_canonical_octets() {
    let read = Message::parse(MAIL);
    let canonical = Relaxed.body(read.body()).len() as u64;
    assert!(canonical < read.body().len() as u64);
    let signer = Signer { length: Some(canonical), ..Signer::new(TestKey::Rsa1024, Relaxed) };
    let signed = [signer.sign(MAIL), b"an advertisement\r\n".to_vec()].concat();
    let outcome = one(&signed, &TestKey::Rsa1024.record());
    assert_eq!(outcome.result, DkimResult::Pass);
    assert_eq!(outcome.body.unwrap().unsigned(), 18);
    let zero = Signer { length: Some(0), ..Signer::new(TestKey::Rsa1024, Relaxed) }.sign(MAIL);
    assert_eq!(one(&zero, &TestKey::Rsa1024.record()).body.unwrap().unsigned(), canonical);
    let whole = signer.sign(MAIL);
    assert_eq!(one(&whole[..whole.len() - 7], &TestKey::Rsa1024.record()).cause, Cause::BodyTooShort);
}

/// 512-bit signatures verify with one library and not with another; here with none.
#[test]
fn short_keys_never_pass() {
    let signed = Signer::new(TestKey::Rsa512, Relaxed).sign(MAIL);
    let outcome = one(&signed, &TestKey::Rsa512.record());
    assert_eq!((outcome.result, outcome.cause), (DkimResult::Policy, Cause::Key(KeyProblem::TooShort)));
    assert!(outcome.header.unwrap().verified, "that it would verify is known all the same");
    let options = Options { min_rsa_bits: 512, ..Options::default() };
    let (lax, _) = verified_with(&signed, &[&TestKey::Rsa512.record()], Timestamp(0), &options);
    assert_eq!(lax[0].result, DkimResult::Pass);
}

/// RFC 8463 §3: the 32 octets of the digest are signed, not the header itself.
#[test]
fn ed25519_signs_the_digest() {
    let signed = Signer::new(TestKey::Ed25519, Relaxed).sign(MAIL);
    let message = Message::parse(&signed);
    let input = header_input(&message, 0, Relaxed);
    let key = Prepared::new(&Key::parse(&Source::new(&TestKey::Ed25519.record())).data);
    let b = one(&signed, &TestKey::Ed25519.record()).signature.signature.unwrap().value;
    assert!(key.verify(Algorithm::Ed25519Sha256, &sha256(&input), &b));
    // A signer that signs the input itself makes another signature, which must not verify.
    let wrong = TestKey::Ed25519.private().sign(&Digest::new(&input[..32]));
    assert!(!key.verify(Algorithm::Ed25519Sha256, &sha256(&input), &wrong));
}

#[test]
fn space_before_the_colon_is_the_same_field() {
    let mail = replaced(MAIL, "From: Alice", "From : Alice");
    for mode in [Simple, Relaxed] {
        let signed = Signer::new(TestKey::Rsa1024, mode).sign(&mail);
        let outcome = one(&signed, &TestKey::Rsa1024.record());
        assert_eq!((outcome.result, outcome.signed[0]), (DkimResult::Pass, Some(1)));
    }
    let relaxed = replaced(&Signer::new(TestKey::Rsa1024, Relaxed).sign(&mail), "From : ", "From:");
    assert_eq!(one(&relaxed, &TestKey::Rsa1024.record()).result, DkimResult::Pass);
}

/// Linear, or this test would not end.
#[test]
fn hostile_bodies_take_linear_time() {
    for piece in [" ", "\t", "\r\n", " \r\n", "a ", "a \r", " \n", "\r", "a\t \r\n"] {
        let body = piece.repeat(1_000_000 / piece.len());
        for mode in [Simple, Relaxed] {
            hashes::body_hash(mode, HashAlgorithm::Sha256, body.as_bytes(), None);
        }
    }
    let folds = format!("A:{}\r\nDKIM-Signature: {}\r\n\r\n", "\r\n ".repeat(100_000), ";".repeat(200_000));
    Message::parse(folds.as_bytes());
    let (outcomes, _) = verified(folds.as_bytes(), "");
    assert_eq!(outcomes.len(), 1);
}

#[test]
fn no_signature_vanishes() {
    let key = TestKey::Rsa1024;
    let good = Signer::new(key, Relaxed).sign(MAIL);
    let end = memchr::memmem::find(&good, b"From:").unwrap();
    let (field, mail) = good.split_at(end);
    let field = String::from_utf8(field.to_vec()).unwrap();
    let bad = [
        field.replace("\tb=", "\tb=!"),
        field.replace("bh=", "bx="),
        field.replace("a=rsa-sha256", "a=rsa-md5"),
        field.replace("c=relaxed/relaxed", "c=other"),
        "DKIM-Signature: nonsense\r\n".to_owned(),
        "DKIM-Signature:\r\n".to_owned(),
    ];
    let message = [bad.concat(), field.clone()].concat().into_bytes();
    let message = [message.as_slice(), mail].concat();
    let (outcomes, _) = verified(&message, &key.record());
    let results: Vec<DkimResult> = outcomes.iter().map(|outcome| outcome.result).collect();
    assert_eq!(results[..6], [DkimResult::Neutral; 6]);
    assert_eq!(results[6..], [DkimResult::Pass]);

    let many = [field.repeat(12).as_bytes(), mail].concat();
    let (outcomes, _) = verified(&many, &key.record());
    assert_eq!(outcomes.iter().filter(|outcome| outcome.result == DkimResult::Pass).count(), 10);
    assert!(outcomes[10..].iter().all(|outcome| outcome.cause == Cause::TooManySignatures));
}

#[test]
fn a_header_that_was_not_read_to_its_end_is_no_failure() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(MAIL);
    let message = Message::parse_within(&signed, Limits { fields: 2, ..Limits::default() });
    let outcome = super::verify(&crate::dns::Snapshot::new(), &message, Timestamp(0)).done().unwrap().remove(0);
    assert!(matches!(outcome.cause, Cause::MessageLimit(_)));
    assert_eq!(outcome.result, DkimResult::Policy);
}

#[test]
fn body_and_header_are_told_apart() {
    let key = TestKey::Rsa1024;
    let signed = Signer::new(key, Relaxed).sign(MAIL);
    let told = |message: &[u8]| {
        let outcome = one(message, &key.record());
        (outcome.body.unwrap().matches, outcome.header.unwrap().verified, outcome.cause)
    };
    let body = replaced(&signed, "Hello Bob", "Hallo Bob");
    assert_eq!(told(&body), (false, true, Cause::BodyHash));
    let subject = replaced(&signed, "Subject: ", "Subject: [list] ");
    assert_eq!(told(&subject), (true, false, Cause::HeaderSignature));
    let both = replaced(&body, "Subject: ", "Subject: [list] ");
    assert_eq!(told(&both), (false, false, Cause::BodyHash));
}

#[test]
fn duplicates_count_from_the_bottom() {
    let key = TestKey::Rsa1024;
    let mail = [b"Subject: upper\r\n", MAIL].concat();
    let signed = Signer::new(key, Relaxed).h("from:subject").sign(&mail);
    assert_eq!(one(&signed, &key.record()).signed, [Some(2), Some(4)]);
    let top = replaced(&signed, "Subject: upper", "Subject: other");
    assert_eq!(one(&top, &key.record()).result, DkimResult::Pass, "the upper one is not signed");
    let oversigned = Signer::new(key, Relaxed).h("from:from:subject").sign(MAIL);
    assert_eq!(one(&oversigned, &key.record()).result, DkimResult::Pass);
    let end = memchr::memmem::find(&oversigned, b"From:").unwrap();
    let added = [&oversigned[..end], b"From: eve@e.example\r\n", &oversigned[end..]].concat();
    assert_eq!(one(&added, &key.record()).cause, Cause::HeaderSignature, "a second From was forbidden");
}

#[test]
fn several_key_records() {
    let key = TestKey::Rsa1024;
    let signed = Signer::new(key, Relaxed).sign(MAIL);
    let records = ["v=spf1 -all", &TestKey::Ed25519.record(), &TestKey::Rsa2048.record(), &key.record()];
    let (outcomes, _) = verified_with(&signed, &records, Timestamp(0), &Options::default());
    assert_eq!(outcomes[0].result, DkimResult::Pass);
    let KeyLookup::Found { candidates, used, .. } = &outcomes[0].keys else { panic!() };
    assert_eq!((*used, candidates.len()), (3, 4));
    // The first that verifies is the one; nothing is checked after it.
    let records = [&*key.record(), &key.record()];
    let (outcomes, _) = verified_with(&signed, &records, Timestamp(0), &Options::default());
    let KeyLookup::Found { candidates, used, .. } = &outcomes[0].keys else { panic!() };
    assert_eq!((*used, candidates[0].verified, candidates[1].verified), (0, Some(true), None));
    // Of those that do not, the first is told of.
    let other = TestKey::Rsa2048.record();
    let (outcomes, _) = verified_with(&signed, &[&other, &other], Timestamp(0), &Options::default());
    let KeyLookup::Found { candidates, used, .. } = &outcomes[0].keys else { panic!() };
    assert_eq!((*used, candidates[1].verified), (0, Some(false)));
    // Of those that are of no use, it is one that was meant as a key.
    let revoked = "v=DKIM1; p=";
    for others in [["hello", "v=spf1 -all"], ["v=DMARC1; p=reject", "google-site-verification=x"]] {
        let (outcomes, _) =
            verified_with(&signed, &[others[0], others[1], revoked, ""], Timestamp(0), &Options::default());
        assert_eq!(outcomes[0].cause, Cause::Key(KeyProblem::Revoked), "{others:?}");
    }
    // Of many, the key is found wherever it stands; of many keys, so many are tried.
    let good = key.record();
    for (noise, result) in [("v=spf1 -all", DkimResult::Pass), (other.as_str(), DkimResult::Fail)] {
        let records = [vec![noise; 8], vec![&good]].concat();
        let (outcomes, _) = verified_with(&signed, &records, Timestamp(0), &Options::default());
        assert_eq!(outcomes[0].result, result, "{noise}");
    }
    // A key that may not be used does not lend its success to one that may.
    let testing = format!("{}; s=other", key.record());
    let records = [testing.as_str(), &TestKey::Rsa2048.record()];
    let (outcomes, _) = verified_with(&signed, &records, Timestamp(0), &Options::default());
    assert_eq!(outcomes[0].cause, Cause::HeaderSignature);
}

#[test]
fn expiry_is_the_callers_now() {
    let key = TestKey::Rsa1024;
    let signed = Signer { more: " t=100; x=200;", ..Signer::new(key, Relaxed) }.sign(MAIL);
    let at = |now| verified_with(&signed, &[&key.record()], Timestamp(now), &Options::default()).0.remove(0).cause;
    assert_eq!((at(50), at(200), at(201)), (Cause::Verified, Cause::Verified, Cause::Expired));
}

#[test]
fn several_signatures_share_a_pass_whatever_their_length() {
    let key = TestKey::Rsa1024;
    let mut mail = MAIL.to_vec();
    for length in [None, Some(0), Some(5), Some(12), None] {
        for mode in [Relaxed, Simple] {
            mail = Signer { length, header: Relaxed, body: mode, ..Signer::new(key, mode) }.sign(&mail);
        }
    }
    let (outcomes, _) = verified(&mail, &key.record());
    assert_eq!(outcomes.len(), 10);
    assert!(outcomes.iter().all(|outcome| outcome.result == DkimResult::Pass));
}

/// The RSA operation gives back what was signed, for the key that signed and no other.
#[test]
fn rsa_signatures_reveal_their_digest() {
    let digest = sha256(b"x");
    let signature = TestKey::Rsa2048.private().sign(&digest);
    let prepared = |key: TestKey| Prepared::new(&Key::parse(&Source::new(&key.record())).data);
    assert_eq!(prepared(TestKey::Rsa2048).recover(&signature), Some((HashAlgorithm::Sha256, digest)));
    assert_eq!(prepared(TestKey::Rsa1024).recover(&signature), None);
    assert_eq!(prepared(TestKey::Ed25519).recover(&signature), None);
    let mut damaged = signature.clone();
    damaged[7] ^= 1;
    assert_eq!(prepared(TestKey::Rsa2048).recover(&damaged), None);
    assert_eq!(prepared(TestKey::Rsa2048).recover(&signature[1..]), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_message(bytes in prop::collection::vec(any::<u8>(), 0..300), keyed in "[ -~]{0,40}") {
        let message = [b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=; b=AAAA\r\n", &bytes[..]].concat();
        verified(&message, &keyed);
        verified(&bytes, &keyed);
    }

    /// Both backends say the same, whatever is changed.
    #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
    #[test]
    fn backends_agree(which in 0..4_usize, flips in prop::collection::vec((any::<usize>(), any::<u8>()), 0..3)) {
        let key = [TestKey::Rsa2048, TestKey::Rsa1024, TestKey::Rsa512, TestKey::Ed25519][which];
        let algorithm = if which == 3 { Algorithm::Ed25519Sha256 } else { Algorithm::RsaSha256 };
        let digest = sha256(b"x");
        let mut signature = key.private().sign(&digest);
        for (at, mask) in flips {
            let at = at % signature.len();
            signature[at] ^= mask;
        }
        let prepared = Prepared::new(&Key::parse(&Source::new(&key.record())).data);
        for signature in [&signature[..], &signature[1..], &[&[0], &signature[..]].concat()] {
            let portable = prepared.verify_portably(algorithm, &digest, signature);
            assert_eq!(prepared.verify(algorithm, &digest, signature), portable);
        }
    }
}

/// Encodings that libraries judge differently are refused before either is asked (RFC 8032 §5.1.3).
#[test]
fn odd_ed25519_keys_verify_nothing() {
    let mut zero_order = [0; 32];
    zero_order[0] = 1;
    let mut beyond = [0xff; 32];
    (beyond[0], beyond[31]) = (0xee, 0x7f);
    for key in [zero_order, beyond] {
        let record = format!("k=ed25519; p={}", super::base64::encode(&key));
        let prepared = Prepared::new(&Key::parse(&Source::new(&record)).data);
        // The identity verifies under itself with R = identity and S = 0.
        let forged = [&zero_order[..], &[0; 32]].concat();
        assert!(!prepared.verify(Algorithm::Ed25519Sha256, &sha256(b"x"), &forged));
    }
}
