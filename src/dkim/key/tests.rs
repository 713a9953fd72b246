//! Reading key records.

use super::*;
use crate::dkim::base64::Base64Error;
use crate::dkim::{KeyError, RsaForm};

const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn key(text: &str) -> Key {
    Key::parse(&Source::new(text))
}

#[test]
fn rsa_in_both_forms() {
    let spki = key(&format!("v=DKIM1; p={RSA_1024}"));
    let KeyData::Rsa(rsa) = &spki.data else { panic!("{:?}", spki.data) };
    assert_eq!((rsa.bits(), rsa.form, rsa.exponent()), (1024, RsaForm::Spki, &[1, 0, 1][..]));
    let octets = base64::decode(RSA_1024.as_bytes()).unwrap();
    let pkcs1 = key(&format!("k=rsa; p={}", base64::encode(&octets[22..])));
    let KeyData::Rsa(same) = &pkcs1.data else { panic!("{:?}", pkcs1.data) };
    assert_eq!((same.form, same.modulus()), (RsaForm::Pkcs1, rsa.modulus()));
}

#[test]
fn what_is_no_key() {
    let error = |text: &str| match key(text).data {
        KeyData::Invalid(error) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(error(&format!("p={}", &RSA_1024[..150])), KeyError::Truncated { wanted: 162, .. }));
    assert!(matches!(error(&format!("p={}", &RSA_1024[..148])), KeyError::Truncated { found: 111, .. }));
    assert_eq!(error("p=-----BEGIN PUBLIC KEY-----MIGf"), KeyError::PemArmor);
    assert_eq!(error("k=ed25519; p=AAAA"), KeyError::Ed25519Size { found: 3 });
    assert!(matches!(error(&format!("p={ED25519}")), KeyError::Ed25519Undeclared(_)));
    assert_eq!(error(&format!("k=rsa; p={ED25519}")), KeyError::NotDer);
    assert_eq!(error(&format!("k=ed25519; p={RSA_1024}")), KeyError::RsaDeclaredEd25519);
    assert!(matches!(error("p=MI*"), KeyError::Base64(Base64Error::Character { at: 2 })));
    assert_eq!(key("v=DKIM1; k=dsa; p=AAAA").data, KeyData::OtherType);
    assert_eq!(key("v=DKIM1; p=").data, KeyData::Revoked);
    assert_eq!(key("v=DKIM1").data, KeyData::Missing);
}

#[test]
fn keys_of_other_kinds() {
    let error = |kind: &str, octets: &[u8]| match key(&format!("k={kind}; p={}", base64::encode(octets))).data {
        KeyData::Invalid(error) => error,
        other => panic!("{other:?}"),
    };
    // SubjectPublicKeyInfo of a key on P-256 (RFC 5480 §2).
    let p256 = [
        &[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01][..],
        &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00],
        &[4; 65],
    ]
    .concat();
    assert_eq!(error("rsa", &p256), KeyError::OtherAlgorithm);
    assert_eq!(error("ed25519", &p256), KeyError::Ed25519Size { found: 91 });
    // SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4), one octet short.
    let short = [&[0x30, 0x29, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x20, 0x00][..], &[1; 31]].concat();
    assert_eq!(error("ed25519", &short), KeyError::Ed25519Size { found: 31 });
    assert_eq!(error("rsa", &short), KeyError::OtherAlgorithm);
    for (kind, pem) in [
        ("ed25519", include_str!("../testdata/ed25519.pem")),
        ("rsa", include_str!("../testdata/rsa1024.pem")),
        ("ed25519", include_str!("../testdata/rsa1024.pem")),
    ] {
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(error(kind, &base64::decode(lines.as_bytes()).unwrap()), KeyError::Private, "{kind}");
    }
}

#[test]
fn lists() {
    let key = key(&format!("v=DKIM1; h=sha1 : sha512; s=tlsrpt:email; t=y:s:x; k=ed25519; p={ED25519}"));
    assert!(key.allows(HashAlgorithm::Sha1) && !key.allows(HashAlgorithm::Sha256));
    assert!(key.is_for_email() && key.is_testing() && key.is_strict());
}

#[test]
fn version() {
    let kinds = |text: &str| key(text).defects.iter().map(|d| d.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds("v=dkim1; p="), [DefectKind::Version]);
    assert_eq!(kinds("p=; v=DKIM1"), [DefectKind::VersionNotFirst]);
    assert_eq!(kinds("k=rsa; p="), []);
    assert!(key("v=DKIM2").looks_like_a_key() && !key("v=spf1 -all").looks_like_a_key());
}

/// A record that cannot be used may hold a key all the same; one that is revoked, damaged or of another type holds none.
#[test]
fn what_holds_a_key() {
    for (text, holds, usable) in [
        (format!("p={RSA_1024}"), true, true),
        (format!("k=ed25519; p={ED25519}"), true, true),
        (format!("v=DKIM2; p={RSA_1024}"), true, false),
        ("v=DKIM1; p=".to_owned(), false, false),
        ("v=DKIM1".to_owned(), false, false),
        (format!("k=mldsa; p={RSA_1024}"), false, false),
        (format!("p={}", &RSA_1024[..150]), false, false),
    ] {
        assert_eq!((key(&text).has_key(), key(&text).is_usable()), (holds, usable), "{text}");
    }
}

/// §3.6.1: only `p=` is required. A bare key is longer than the digests that services want published as a proof.
#[test]
fn what_is_meant_as_a_key() {
    let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    for meant in ["v=dkim1", "DKIM1 p RSA", "p=AAAA", "k=rsa", "v=1; k=rsa", ED25519, &format!(" {RSA_1024}")] {
        assert!(key(meant).is_meant(), "{meant}");
    }
    let bad_base64 = format!("{ED25519}*");
    for other in [
        "hello",
        "a=b",
        "verified",
        "s1.dkim.host.example",
        "dkim.a.xn--p1ai.",
        sha1,
        &bad_base64,
        "v=spf1 p=x",
        "v=DMARC1; p=none",
        "v=TLSRPTv1; k=x",
        "",
    ] {
        assert!(!key(other).is_meant(), "{other}");
    }
}

/// RFC 8017 §3.1: a modulus is a product of odd primes, and an exponent is odd and at least 3.
#[test]
fn numbers_of_an_rsa_key() {
    let rsa = |n: &[u8], e: &[u8]| {
        let numbers = [&[2, n.len() as u8], n, &[2, e.len() as u8], e].concat();
        key(&format!("p={}", base64::encode(&[&[0x30, numbers.len() as u8], &numbers[..]].concat()))).data
    };
    for (n, bits) in [(&[0x11, 0x11][..], 13), (&[0, 0xff, 0xff], 16), (&[3], 2)] {
        let KeyData::Rsa(good) = rsa(n, &[3]) else { panic!("{n:?}") };
        assert_eq!(good.bits(), bits, "{n:?}");
    }
    for n in [&[0x11, 0x10][..], &[1], &[2]] {
        assert_eq!(rsa(n, &[3]), KeyData::Invalid(KeyError::BadNumbers), "{n:?}");
    }
    for e in [&[1][..], &[2], &[1, 0]] {
        assert_eq!(rsa(&[0x11, 0x11], e), KeyData::Invalid(KeyError::BadExponent), "{e:?}");
    }
    assert_eq!([KeyType::Rsa, KeyType::Ed25519].map(KeyType::as_str), ["rsa", "ed25519"]);
}

#[test]
fn so_many_defects_are_kept() {
    let faults = |count: usize| key(&";".repeat(count)).defects.len();
    assert_eq!((faults(MAX_DEFECTS + 1), faults(1_000)), (MAX_DEFECTS, MAX_DEFECTS));
}

proptest::proptest! {
    #[test]
    fn any_text(text in "(v=DKIM1|[vhkpst]=[ -~]{0,12}|.{0,9}|;)*") {
        let key = key(&text);
        for defect in &key.defects {
            assert!(defect.span.end as usize <= text.len());
        }
    }
}
