//! The two hashes of a signature (RFC 6376 §3.7).

use super::canonical::{self, Sink};
use super::crypto::{Digest, Hasher};
use super::signature::{Canonicalization, HashAlgorithm, Signature};
use crate::message::{LineEnds, Message};
use crate::order::sort_by;

/// The hash of a body with CRLF line ends, of its first `length` canonical octets only if there is an `l=` (§3.7).
///
/// ```
/// use mailproof::dkim::{Canonicalization::Relaxed, HashAlgorithm::Sha256, body_hash};
///
/// let signed = body_hash(Relaxed, Sha256, b"Hello\r\n", None);
/// // `relaxed` does not mind spaces at the end of a line, and with `l=7` a footer does not count.
/// assert_eq!(body_hash(Relaxed, Sha256, b"Hello \r\n", None), signed);
/// assert_eq!(body_hash(Relaxed, Sha256, b"Hello\r\n-- \r\nThe list\r\n", Some(7)), signed);
/// assert_ne!(body_hash(Relaxed, Sha256, b"Hello\r\n-- \r\nThe list\r\n", None), signed);
/// ```
pub fn body_hash(mode: Canonicalization, hash: HashAlgorithm, body: &[u8], length: Option<u64>) -> Digest {
    let mut cuts = Cuts::new(hash, [length].into_iter());
    canonical::body(mode, body, LineEnds::Crlf, &mut cuts);
    cuts.finish();
    cuts.digest(length)
}

/// A body hash that somebody wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BodyRequest {
    pub(crate) mode: Canonicalization,
    pub(crate) hash: HashAlgorithm,
    /// `l=`: octets of the canonical body; all without it.
    pub(crate) length: Option<u64>,
}

/// What was hashed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BodyHash {
    pub(crate) digest: Digest,
    /// Octets of the whole canonical body.
    pub(crate) octets: u64,
}

/// The hashes wanted, in their order. One pass over the body for each pair of canonicalization and hash: a third
/// signature of a kind costs nothing more, whatever its `l=`.
pub(crate) fn body_hashes(message: &Message<'_>, requests: &[BodyRequest]) -> Vec<BodyHash> {
    let mut hashes: Vec<Option<BodyHash>> = vec![None; requests.len()];
    for first in 0..requests.len() {
        if hashes[first].is_some() {
            continue;
        }
        let BodyRequest { mode, hash, .. } = requests[first];
        let same = |request: &BodyRequest| request.mode == mode && request.hash == hash;
        let mut cuts = Cuts::new(hash, requests.iter().filter(|request| same(request)).map(|request| request.length));
        canonical::body(mode, message.body(), message.line_ends(), &mut cuts);
        cuts.finish();
        for (request, slot) in requests.iter().zip(&mut hashes) {
            if same(request) {
                *slot = Some(BodyHash { digest: cuts.digest(request.length), octets: cuts.seen });
            }
        }
    }
    hashes.into_iter().flatten().collect()
}

/// Hashes once and notes the digest at several lengths.
struct Cuts {
    hasher: Hasher,
    /// The lengths, ascending; without a limit is the greatest.
    cuts: Vec<u64>,
    digests: Vec<Digest>,
    seen: u64,
}

impl Cuts {
    fn new(hash: HashAlgorithm, lengths: impl Iterator<Item = Option<u64>>) -> Self {
        let mut cuts: Vec<u64> = lengths.map(|length| length.unwrap_or(u64::MAX)).collect();
        sort_by(&mut cuts, Ord::cmp);
        cuts.dedup();
        Self { hasher: Hasher::new(hash), digests: Vec::with_capacity(cuts.len()), cuts, seen: 0 }
    }

    fn finish(&mut self) {
        while self.digests.len() < self.cuts.len() {
            self.digests.push(self.hasher.digest_so_far());
        }
    }

    fn digest(&self, length: Option<u64>) -> Digest {
        let at = self.cuts.partition_point(|&cut| cut < length.unwrap_or(u64::MAX));
        // `finish` made one for every cut, and every request's length is a cut.
        self.digests[at]
    }
}

impl Sink for Cuts {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(&cut) = self.cuts.get(self.digests.len())
            && cut - self.seen <= bytes.len() as u64
        {
            let (before, after) = bytes.split_at((cut - self.seen) as usize);
            self.hasher.push(before);
            self.seen = cut;
            self.digests.push(self.hasher.digest_so_far());
            bytes = after;
        }
        self.seen += bytes.len() as u64;
        if self.digests.len() < self.cuts.len() {
            self.hasher.push(bytes);
        }
    }
}

/// The fields that `h=` names (§5.4.2): for each name the lowest instance that is not yet used, if there is one.
/// The field at `own` carries the signature itself and is never among them.
pub(crate) fn signed_fields(message: &Message<'_>, own: usize, signature: &Signature) -> Vec<Option<usize>> {
    signed_fields_without(message, &[own], signature)
}

/// The same, as if some fields were not there.
pub(crate) fn signed_fields_without(
    message: &Message<'_>,
    without: &[usize],
    signature: &Signature,
) -> Vec<Option<usize>> {
    let text = signature.source.text();
    let mut used = vec![false; message.fields().len()];
    for &at in without {
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
    }
    let mut picks = Vec::with_capacity(signature.headers.len());
    for &name in &signature.headers {
        let found = message.fields_named(&text[name]).rev().find(|&at| !used[at]);
        if let Some(at) = found {
            used[at] = true;
        }
        picks.push(found);
    }
    picks
}

/// The header hash (§3.7): the signed fields, then `own`, the field that carries the signature, without the value of
/// its `b=`.
pub(crate) fn header_hash(
    message: &Message<'_>,
    own: &[u8],
    signed: &[Option<usize>],
    mode: Canonicalization,
    hash: HashAlgorithm,
) -> Digest {
    let mut hasher = Hasher::new(hash);
    for &at in signed.iter().flatten() {
        canonical::header_field(mode, message.fields()[at].bytes(), &mut hasher);
    }
    canonical::signature_field(mode, own, &mut hasher);
    hasher.finish()
}
