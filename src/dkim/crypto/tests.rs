//! Keys, blocks and hashes.

use super::*;

/// RFC 8032 §5.1.3: y is below p = 2^255 - 19, and the encoding with x = 0, where y is 1 or p - 1, says nothing about a sign.
#[test]
fn canonical_points() {
    let point = |first: u8, middle: u8, last: u8| {
        let mut key = [middle; 32];
        (key[0], key[31]) = (first, last);
        key
    };
    for sign in [0, 0x80] {
        for (first, middle, last, canonical) in [
            (0, 0, 0, true),
            (1, 0, 0, false),
            (2, 0, 0, true),
            (1, 0, 1, true),
            (1, 7, 0, true),
            (0xeb, 0xff, 0x7f, true),
            (0xec, 0xff, 0x7f, false),
            (0xed, 0xff, 0x7f, false),
            (0xee, 0xff, 0x7f, false),
            (0xff, 0xff, 0x7f, false),
            (0xff, 0xff, 0x7e, true),
            (0xec, 0xff, 0x3f, true),
            (0xff, 0xfe, 0x7f, true),
            (0xec, 0x00, 0x7f, true),
        ] {
            let key = point(first, middle, last | sign);
            assert_eq!(is_canonical_point(&key), canonical, "{key:02x?}");
        }
    }
    // One octet in the middle is enough to be below p, or not to be 1.
    for at in 1..31 {
        let (mut below, mut not_one) = (point(0xff, 0xff, 0x7f), point(1, 0, 0));
        (below[at], not_one[at]) = (0xfe, 1);
        assert!(is_canonical_point(&below) && is_canonical_point(&not_one), "{at}");
    }
}

/// A key of `octets` octets with the exponent 1: a signature is the block itself. None is ever published that verifies.
fn open_key(octets: usize) -> Prepared {
    Prepared::Rsa {
        modulus: BigUint::from_bytes_be(&vec![0xff; octets]),
        exponent: BigUint::from_bytes_be(&[1]),
        octets,
        #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
        native: [None, None],
    }
}

/// RFC 8017 §9.2: 0x00 0x01, at least eight octets 0xFF, 0x00, DigestInfo; nothing else, and nothing behind it.
#[test]
fn the_block_has_one_form() {
    let digest = Digest::new(&[7; 32]);
    let block = |head: &[u8], padding: usize, end: &[u8]| {
        [head, &vec![0xff; padding], &[0], SHA256_INFO, &digest, end].concat()
    };
    let recovered = |block: &[u8]| open_key(block.len()).recover(block).is_some();
    let smallest = 3 + 8 + SHA256_INFO.len() + 32;
    for padding in [8, 9, 74, 202] {
        let good = block(&[0, 1], padding, b"");
        assert_eq!(open_key(good.len()).recover(&good), Some((HashAlgorithm::Sha256, digest)), "{padding}");
    }
    assert_eq!(block(&[0, 1], 8, b"").len(), smallest);
    for bad in [
        block(&[0, 1], 7, b""),
        block(&[0, 1], 0, b""),
        block(&[0, 2], 74, b""),
        block(&[0, 0], 74, b""),
        block(&[1, 1], 74, b""),
        block(&[1], 74, b""),
        block(&[0, 1, 0xfe], 74, b""),
        block(&[0, 1], 74, b"x"),
    ] {
        assert!(!recovered(&bad), "{bad:02x?}");
    }
    // With SHA-1 the same.
    let sha1 = [&[0, 1][..], &[0xff; 8], &[0], SHA1_INFO, &[7; 20]].concat();
    assert_eq!(open_key(sha1.len()).recover(&sha1), Some((HashAlgorithm::Sha1, Digest::new(&[7; 20]))));
}

/// RFC 8017 §8.2.2 step 1: a signature is as long as the modulus; §5.2.2 step 1: and a smaller number. Others would be second
/// signatures of the same message.
#[test]
fn a_signature_has_one_form() {
    let key = crate::dkim::testing::TestKey::Rsa1024;
    let public = Prepared::new(&crate::dkim::Key::parse(&key.record().as_str().into()).data);
    let Prepared::Rsa { modulus, octets, .. } = &public else { panic!("RSA") };
    // The sum must fit into the same octets: so it does for one digest in some.
    let (digest, signature, sum) = (0..=255)
        .find_map(|n| {
            let digest = Digest::new(&[n; 32]);
            let signature = key.private().sign(&digest);
            let sum = (BigUint::from_bytes_be(&signature) + modulus).to_bytes_be();
            (sum.len() == *octets).then_some((digest, signature, sum))
        })
        .expect("one is small enough");
    let verifies = |signature: &[u8]| public.verify_portably(Algorithm::RsaSha256, &digest, signature);
    assert!(verifies(&signature));
    assert!(!verifies(&sum), "the same number, and the modulus once more");
    assert!(!verifies(&[&[0], &signature[..]].concat()), "an octet too long");
}

/// However a text comes, in one piece or many, its digest is that of the whole.
#[test]
fn pieces_of_every_size() {
    let text: Vec<u8> = (0..40_000u32).map(|n| (n * 7 + n / 256) as u8).collect();
    let digest = |sizes: &[usize]| {
        let mut hasher = Hasher::new(HashAlgorithm::Sha256);
        let (mut rest, mut sizes) = (&text[..], sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            hasher.push(piece);
            rest = more;
        }
        hasher.finish()
    };
    let whole = Digest::new(&<sha2::Sha256 as sha2::Digest>::digest(&text));
    for sizes in [&[40_000][..], &[1], &[511], &[512], &[513], &[64, 448], &[500, 12], &[3, 39_000], &[511, 577, 0]] {
        assert_eq!(digest(sizes), whole, "{sizes:?}");
    }
}
