//! Keys that were made to cost time, or to verify anything (RFC 6376 §8).
#![cfg(feature = "crypto")]

use mailproof::Timestamp;
use mailproof::dkim::{self, Cause, DkimResult, KeyProblem, Outcome};
use mailproof::dns::{Answer, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;

use super::soon;

#[allow(dead_code)]
#[path = "../../corpus/codec.rs"]
mod codec;
#[allow(dead_code)]
#[path = "../../corpus/mail.rs"]
mod mail;
use codec::base64;

/// RSAPublicKey (RFC 8017 §A.1.1): a sequence of two integers.
fn rsa(modulus: &[u8], exponent: &[u8]) -> String {
    let tlv = |tag: u8, content: &[u8]| {
        let length = content.len();
        let mut out = vec![tag];
        match length {
            0..=127 => out.push(length as u8),
            128..=255 => out.extend([0x81, length as u8]),
            _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        out.extend_from_slice(content);
        out
    };
    let integer =
        |octets: &[u8]| tlv(2, &[&[0][..usize::from(octets.first().is_some_and(|&o| o > 127))], octets].concat());
    format!("v=DKIM1; k=rsa; p={}", base64(&tlv(0x30, &[integer(modulus), integer(exponent)].concat())))
}

/// An odd number of that many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut octets: Vec<u8> = (0..bits / 8).map(|at| (at * at * 31 + at * 7 + 3) as u8).collect();
    octets[0] |= 0x80;
    *octets.last_mut().expect("an octet") |= 1;
    octets
}

/// A message whose signature has as many octets as the key.
fn judged(record: &str, signature: &[u8]) -> Outcome {
    let text = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; c=relaxed/relaxed;\r\n \
         bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b={}\r\nFrom: a@d.example\r\n\r\n",
        base64(signature)
    );
    let message = Message::parse(text.as_bytes());
    let verify = |dns: &Snapshot| dkim::verify(dns, &message, Timestamp(0));
    let outcomes = soon(|| drive_sync(&mut Snapshot::new(), |_| Answer::txt([record]), verify));
    outcomes.into_iter().next().expect("a signature")
}

/// The cost of a check grows with the square of the size; RFC 8301 §3.2 wants verifiers to take 4,096 bits.
#[test]
fn a_key_of_16_kbit_is_not_even_tried() {
    for bits in [8_200, 16_384, 65_536] {
        let key = modulus(bits);
        let outcome = judged(&rsa(&key, &[1, 0, 1]), &key[1..]);
        assert_eq!((outcome.result, &outcome.cause), (DkimResult::Policy, &Cause::Key(KeyProblem::TooLong)), "{bits}");
        assert!(outcome.header.is_none_or(|header| !header.verified));
    }
    let outcome = judged(&rsa(&modulus(8_192), &[1, 0, 1]), &vec![1; 1_024]);
    assert_eq!(outcome.cause, Cause::HeaderSignature);
}

/// With e=1 every block is its own signature: whoever can write the block could sign for the domain.
#[test]
fn an_exponent_of_one_verifies_nothing() {
    let key = modulus(2_048);
    for exponent in [&[1][..], &[0], &[], &[2], &[1, 0, 0], &[255, 255, 255, 254]] {
        // The block of PKCS #1 v1.5 for SHA-256, with a hash of zeros; no message is needed to see it refused.
        let mut block = vec![0xff; 256];
        block[..2].copy_from_slice(&[0, 1]);
        let info = [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
        block[204] = 0;
        block[205..224].copy_from_slice(&info);
        block[224..].fill(0);
        let outcome = judged(&rsa(&key, exponent), &block);
        assert_ne!(outcome.result, DkimResult::Pass, "{exponent:?}");
    }
}

/// A long exponent makes a check cost hundreds of times as much.
#[test]
fn an_exponent_as_long_as_the_modulus_is_not_even_tried() {
    let key = modulus(4_096);
    let mut exponent = key.clone();
    exponent[0] = 0x7f;
    let outcome = judged(&rsa(&key, &exponent), &key[1..]);
    assert_eq!(outcome.cause, Cause::Key(KeyProblem::TooLong));
}

/// A modulus that is even, zero or one, or smaller than the signature.
#[test]
fn numbers_that_are_no_keys_verify_nothing() {
    let mut even = modulus(2_048);
    even[255] &= 0xfe;
    let tiny = [1];
    for key in [&even[..], &[], &tiny, &[0; 256], &[3; 8]] {
        assert_ne!(judged(&rsa(key, &[1, 0, 1]), &[1; 256]).result, DkimResult::Pass);
        assert_ne!(judged(&rsa(key, &[3]), &[]).result, DkimResult::Pass);
    }
}

/// An answer with a hundred keys costs eight checks.
#[test]
fn a_hundred_keys_at_one_selector_cost_eight_checks() {
    let record = rsa(&modulus(2_048), &[1, 0, 1]);
    let text = "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from;\r\n \
        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n";
    let message = Message::parse(text.as_bytes());
    let answer = || Answer::txt(std::iter::repeat_n(record.as_str(), 100));
    let outcomes =
        soon(|| drive_sync(&mut Snapshot::new(), |_| answer(), |dns| dkim::verify(dns, &message, Timestamp(0))));
    let dkim::KeyLookup::Found { candidates, .. } = &outcomes[0].keys else { panic!("{:?}", outcomes[0].keys) };
    assert!(candidates.len() <= 8, "{}", candidates.len());
}
