//! A signer for tests.

use super::canonical;
use super::crypto::{Digest, Hasher, PrivateKey, SHA1_INFO};
use super::hashes::{body_hash, header_hash, signed_fields};
use super::outcome::Outcome;
use super::signature::{Canonicalization, HashAlgorithm, Signature};
use super::verify::{Options, verify_with};
use crate::Timestamp;
use crate::dns::{Answer, Question, Snapshot};
use crate::finding::Rule;
use crate::message::Message;
use crate::resolver::drive_sync;
use crate::text::Source;

/// A key pair. The private keys are for tests alone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TestKey {
    Rsa2048,
    Rsa1024,
    Rsa512,
    Ed25519,
}

impl TestKey {
    pub(crate) fn private(self) -> PrivateKey {
        PrivateKey::from_pem(self.pem()).unwrap()
    }

    pub(crate) fn pem(self) -> &'static str {
        match self {
            Self::Rsa2048 => include_str!("testdata/rsa2048.pem"),
            Self::Rsa1024 => include_str!("testdata/rsa1024.pem"),
            Self::Rsa512 => include_str!("testdata/rsa512.pem"),
            Self::Ed25519 => include_str!("testdata/ed25519.pem"),
        }
    }

    /// The key record.
    pub(crate) fn record(self) -> String {
        let p = match self {
            Self::Rsa2048 => include_str!("testdata/rsa2048.pub"),
            Self::Rsa1024 => include_str!("testdata/rsa1024.pub"),
            Self::Rsa512 => include_str!("testdata/rsa512.pub"),
            Self::Ed25519 => include_str!("testdata/ed25519.pub"),
        };
        format!("v=DKIM1; k={}; p={p}", if self.is_rsa() { "rsa" } else { "ed25519" })
    }

    /// The signature of a digest, of SHA-1 too, with which mailproof itself does not sign.
    fn sign(self, digest: &Digest) -> Vec<u8> {
        match self.private() {
            PrivateKey::Rsa(key) if digest.len() == HashAlgorithm::Sha1.octets() => {
                key.sign(rsa::Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: SHA1_INFO.into() }, digest).unwrap()
            }
            key => key.sign(digest),
        }
    }

    fn is_rsa(self) -> bool {
        !matches!(self, Self::Ed25519)
    }
}

/// How to sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) key: TestKey,
    pub(crate) header: Canonicalization,
    pub(crate) body: Canonicalization,
    pub(crate) h: &'a str,
    pub(crate) length: Option<u64>,
    pub(crate) hash: HashAlgorithm,
    /// What `c=` says, if that is not how it signs.
    pub(crate) declared: Option<Canonicalization>,
    /// Further tags.
    pub(crate) more: &'a str,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(key: TestKey, mode: Canonicalization) -> Self {
        let (h, hash) = ("from:to:subject:date", HashAlgorithm::Sha256);
        Self { key, header: mode, body: mode, h, length: None, hash, declared: None, more: "" }
    }

    pub(crate) fn h(self, h: &'a str) -> Self {
        Self { h, ..self }
    }

    /// `message` with a DKIM-Signature field on top.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.add_to(message, message)
    }

    /// `received` with the DKIM-Signature field that `message` had on top.
    pub(crate) fn add_to(&self, message: &[u8], received: &[u8]) -> Vec<u8> {
        let read = Message::parse(message);
        let (key_type, hash) = (if self.key.is_rsa() { "rsa" } else { "ed25519" }, self.hash.as_str());
        let bh = body_hash(self.body, self.hash, read.body(), self.length);
        let l = self.length.map(|l| format!(" l={l};")).unwrap_or_default();
        let unsigned = format!(
            "DKIM-Signature: v=1; a={key_type}-{hash}; c={}/{};{l}{}\r\n\td=d.example; s=s;\r\n\th={};\r\n\tbh={bh};\r\n\tb=",
            self.declared.unwrap_or(self.header).as_str(),
            self.declared.unwrap_or(self.body).as_str(),
            self.more,
            self.h,
        );
        let colon = unsigned.find(':').unwrap() + 1;
        let signature = Signature::parse(&Source::new(&unsigned[colon..]));
        let signed = signed_fields(&read, usize::MAX, &signature);
        let digest = header_hash(&read, unsigned.as_bytes(), &signed, self.header, self.hash);
        let b = super::base64::encode(&self.key.sign(&digest));
        [unsigned.as_bytes(), b.as_bytes(), b"\r\n", received].concat()
    }
}

/// The outcomes of a message whose keys are all this record, and the snapshot.
pub(crate) fn verified(message: &[u8], record: &str) -> (Vec<Outcome>, Snapshot) {
    verified_with(message, &[record], Timestamp(0), &Options::default())
}

pub(crate) fn verified_with(
    message: &[u8],
    records: &[&str],
    now: Timestamp,
    options: &Options,
) -> (Vec<Outcome>, Snapshot) {
    let message = Message::parse(message);
    let mut dns = Snapshot::new();
    let resolve = |_: &Question| Answer::txt(records.iter().copied());
    let outcomes = drive_sync(&mut dns, resolve, |dns| verify_with(dns, &message, now, options));
    (outcomes, dns)
}

/// What a signer hashes who forgets RFC 8463 §3: the header itself, not its digest.
pub(crate) fn header_input(message: &Message<'_>, at: usize, mode: Canonicalization) -> Vec<u8> {
    let signature = Signature::of_field(&message.fields()[at]);
    let mut out = Vec::new();
    for &field in signed_fields(message, at, &signature).iter().flatten() {
        canonical::header_field(mode, message.fields()[field].bytes(), &mut out);
    }
    canonical::signature_field(mode, message.fields()[at].bytes(), &mut out);
    out
}

/// The digest of `octets`.
pub(crate) fn sha256(octets: &[u8]) -> super::crypto::Digest {
    let mut hasher = Hasher::new(HashAlgorithm::Sha256);
    canonical::Sink::push(&mut hasher, octets);
    hasher.finish()
}

/// A block of a page that shows a message as it was signed (`- ` and `  `) and as it was received (`+ ` and `  `).
pub(crate) struct Block {
    pub(crate) is_bad: bool,
    words: Vec<String>,
    pub(crate) signed: String,
    pub(crate) received: String,
    /// Its lines without regard to marks.
    pub(crate) text: String,
}

impl Block {
    /// Whether the word stands behind `bad` or `good`.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|other| other == word)
    }

    /// The value of the word `name=…` behind `bad` or `good`.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The blocks of this kind in the page of `rule`.
pub(crate) fn blocks(rule: &Rule, kind: &str) -> Vec<Block> {
    let fence = format!("```{kind} ");
    let read = |block: &str| {
        let (words, rest) = block.split_once('\n').unwrap();
        let mut words = words.split_whitespace().map(str::to_owned);
        let is_bad = words.next().unwrap() == "bad";
        let (mut signed, mut received, mut whole) = (String::new(), String::new(), String::new());
        for line in rest.lines().take_while(|line| !line.contains("```")) {
            let line = unescape(line.strip_prefix(' ').unwrap_or(line));
            whole.push_str(&format!("{line}\r\n"));
            let (mark, text) = line.split_at_checked(2).unwrap_or((line.as_str(), ""));
            if mark.trim() != "+" {
                signed.push_str(&format!("{text}\r\n"));
            }
            if mark.trim() != "-" {
                received.push_str(&format!("{text}\r\n"));
            }
        }
        Block { is_bad, words: words.collect(), signed, received, text: whole }
    };
    rule.page.split(fence.as_str()).skip(1).map(read).collect()
}

/// `\u{20}` → a space at the end of a line, which editors would take away.
fn unescape(text: &str) -> String {
    text.replace("\\u{20}", " ").replace("\\u{a}", "\n").replace("\\u{200b}", "\u{200b}")
}
