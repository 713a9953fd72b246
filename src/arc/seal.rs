//! Sealing (RFC 8617 §5.1): the three fields of the next set.

use super::fields::{MAX_SETS, NOT_SIGNED, Validation};
use super::set::Chain;
use crate::dkim::primitives::{
    BodyRequest, Form, Hasher, PrivateKey, base64_encode, body_hashes, header_field, header_hash, signature_field,
    signed_fields,
};
use crate::dkim::{Algorithm, Canonicalization, HashAlgorithm, Signature};
use crate::message::Message;
use crate::text::Source;
use crate::{Name, Timestamp};

/// Who seals, and how.
///
/// ```
/// use mailproof::{Timestamp, arc::{self, Sealer, Validation}, message::Message};
///
/// let sealer = Sealer {
///     domain: &"l.example".parse()?,
///     selector: &"arc".parse()?,
///     authserv_id: "mx.l.example",
///     headers: "from:to:subject:date:message-id",
///     timestamp: Timestamp(1_795_255_300),
///     // The example of RFC 8410 §10.3.
///     private_key: "-----BEGIN PRIVATE KEY-----\n\
///         MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
/// };
/// let message = Message::parse(b"From: a@d.example\r\n\r\nHello\r\n");
/// let set = arc::seal(&message, Validation::None, &sealer)?;
/// assert!(set.seal.ends_with("cv=none; d=l.example; i=1; s=arc; t=1795255300"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sealer<'a> {
    /// `d=`.
    pub domain: &'a Name,
    /// `s=`.
    pub selector: &'a Name,
    /// The authserv-id of the own Authentication-Results fields (RFC 8601 §2.5).
    pub authserv_id: &'a str,
    /// The header fields that the message signature covers, with colons between them. Authentication-Results and the fields of
    /// ARC are left out, as §4.1.2 forbids them: those below delete or add them, and a chain that signs its seals fails.
    pub headers: &'a str,
    /// `t=`.
    pub timestamp: Timestamp,
    /// The private key in PEM: PKCS#1 or PKCS#8, RSA or Ed25519.
    pub private_key: &'a str,
}

/// The bodies of the three fields. They go to the top of the message, the seal first.
///
/// ```
/// use mailproof::{Timestamp, arc::{self, Chain, Sealer, Validation}, message::Message};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// let mail = "From: a@d.example\r\n\r\nHello\r\n";
/// let set = arc::seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer)?;
/// let sealed = format!(
///     "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{mail}",
///     set.seal, set.message_signature, set.results
/// );
/// let chain = Chain::of(&Message::parse(sealed.as_bytes()));
/// assert_eq!((chain.sets.len(), chain.defects.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Headers {
    /// ARC-Authentication-Results.
    pub results: String,
    /// ARC-Message-Signature.
    pub message_signature: String,
    /// ARC-Seal.
    pub seal: String,
}

/// Why nothing was sealed.
///
/// ```
/// use mailproof::{Timestamp, arc::{self, SealError, Sealer, Validation}, message::Message};
///
/// # let (domain, selector, private_key) = ("m.example".parse()?, "arc".parse()?, "");
/// # let (authserv_id, headers, timestamp) = ("mx.m.example", "from", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// let message = Message::parse(b"ARC-Seal: i=1; cv=fail; d=l.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let error = arc::seal(&message, Validation::Fail, &sealer).unwrap_err();
/// assert_eq!((&error, error.to_string().as_str()), (&SealError::Ended, "the chain has ended in cv=fail"));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The newest seal says `cv=fail`: nothing may follow it (§5.1.2).
    #[error("the chain has ended in cv=fail")]
    Ended,
    /// There are 50 sets already (§4.2.1).
    #[error("the chain has as many sets as it may have")]
    Full,
    /// The private key cannot be read.
    #[error("the private key is neither PKCS#1 nor PKCS#8 in PEM")]
    PrivateKey,
}

/// Makes the next set. `validation` is what [`verify`](super::verify()) said of the chain so far.
///
/// # Errors
/// Where RFC 8617 allows no further set, or the key cannot be read.
///
/// ```
/// use mailproof::{Timestamp, arc::{self, Sealer, Validation}, message::Message};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// // What this service found goes into the set; what others claim to have found does not.
/// let message = Message::parse(b"Authentication-Results: mx.l.example; spf=pass smtp.mailfrom=d.example\r\n\
///     Authentication-Results: mx.other.example; dkim=pass\r\nFrom: a@d.example\r\n\r\nHello\r\n");
/// let set = arc::seal(&message, Validation::None, &sealer)?;
/// assert_eq!(set.results, "i=1; mx.l.example; spf=pass smtp.mailfrom=d.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn seal(message: &Message<'_>, validation: Validation, sealer: &Sealer<'_>) -> Result<Headers, SealError> {
    let chain = Chain::of(message);
    let newest = chain.last().and_then(|set| set.seal.as_ref()?.validation);
    if newest.is_some_and(|cv| cv.value == Validation::Fail) {
        return Err(SealError::Ended);
    }
    let instance = chain.last().map_or(0, |set| set.instance) + 1;
    if instance > MAX_SETS {
        return Err(SealError::Full);
    }
    let key = PrivateKey::from_pem(sealer.private_key).ok_or(SealError::PrivateKey)?;
    let next = Next { message, sealer, key, instance };
    let results = next.results();
    let message_signature = next.message_signature();
    let seal = next.seal(&chain, validation, &results, &message_signature);
    Ok(Headers { results, message_signature, seal })
}

struct Next<'s> {
    message: &'s Message<'s>,
    sealer: &'s Sealer<'s>,
    key: PrivateKey,
    instance: u32,
}

impl Next<'_> {
    /// §4.1.1: all that this service has said about the message, in one field.
    fn results(&self) -> String {
        let mut payload = String::new();
        for at in self.message.fields_named("Authentication-Results") {
            let source = Source::from_bytes(self.message.fields()[at].body());
            let (id, results) = source.text().split_once(';').unwrap_or((source.text(), ""));
            let id = id.split_ascii_whitespace().next().unwrap_or_default();
            if id.eq_ignore_ascii_case(self.sealer.authserv_id) {
                for word in results.split_ascii_whitespace() {
                    payload.push(' ');
                    payload.push_str(word);
                }
                payload.push(';');
            }
        }
        let payload = payload.trim_end_matches(';');
        let payload = if payload.is_empty() { " none" } else { payload };
        format!("i={}; {};{payload}", self.instance, self.sealer.authserv_id)
    }

    /// §4.1.2. Tags in the order of the alphabet, so that the same message gives the same octets.
    fn message_signature(&self) -> String {
        let request = BodyRequest { mode: Canonicalization::Relaxed, hash: HashAlgorithm::Sha256, length: None };
        let hashes = body_hashes(self.message, &[request]);
        let body_hash = hashes.first().map(|hash| hash.digest.to_string()).unwrap_or_default();
        let Sealer { domain, selector, timestamp, .. } = self.sealer;
        let (algorithm, instance, headers) = (self.key.algorithm().as_str(), self.instance, self.headers());
        // A space before `i=`: dkimpy 1.1 finds no signature of an instance that stands after a tab.
        let tags = |b: &str| {
            format!(
                "a={algorithm};\r\n\tb={b};\r\n\tbh={body_hash}; c=relaxed/relaxed;\r\n\td={domain}; h={headers}; \
                 i={instance};\r\n\ts={selector}; t={timestamp}"
            )
        };
        let unsigned = tags("");
        let signature = Signature::of(Source::new(&unsigned), Form::ArcMessageSignature);
        let signed = signed_fields(self.message, usize::MAX, &signature);
        let field = format!("ARC-Message-Signature: {unsigned}\r\n");
        let digest =
            header_hash(self.message, field.as_bytes(), &signed, Canonicalization::Relaxed, HashAlgorithm::Sha256);
        tags(&folded(&self.key.sign(&digest)))
    }

    /// The names to sign, less those that §4.1.2 forbids.
    fn headers(&self) -> String {
        let may_stand = |name: &&str| !NOT_SIGNED.iter().any(|forbidden| name.trim().eq_ignore_ascii_case(forbidden));
        self.sealer.headers.split(':').filter(may_stand).collect::<Vec<_>>().join(":")
    }

    /// §4.1.3, §5.1.1; of a broken chain only the own set is signed (§5.1.2).
    fn seal(&self, chain: &Chain, validation: Validation, results: &str, message_signature: &str) -> String {
        let Sealer { domain, selector, timestamp, .. } = self.sealer;
        let (algorithm, instance, cv) = (self.key.algorithm().as_str(), self.instance, validation.as_str());
        let tags = |b: &str| {
            format!("a={algorithm};\r\n\tb={b};\r\n\tcv={cv}; d={domain}; i={instance}; s={selector}; t={timestamp}")
        };
        let mut hasher = Hasher::new(HashAlgorithm::Sha256);
        if validation != Validation::Fail {
            for set in &chain.sets {
                let aar = set.results.as_ref().map(|results| results.field);
                let ams = set.message_signature.as_ref().map(|ams| ams.field);
                let seal = set.seal.as_ref().map(|seal| seal.field);
                for at in [aar, ams, seal].into_iter().flatten() {
                    header_field(Canonicalization::Relaxed, self.message.fields()[at].bytes(), &mut hasher);
                }
            }
        }
        for field in [
            format!("ARC-Authentication-Results: {results}\r\n"),
            format!("ARC-Message-Signature: {message_signature}\r\n"),
        ] {
            header_field(Canonicalization::Relaxed, field.as_bytes(), &mut hasher);
        }
        let own = format!("ARC-Seal: {}\r\n", tags(""));
        signature_field(Canonicalization::Relaxed, own.as_bytes(), &mut hasher);
        tags(&folded(&self.key.sign(&hasher.finish())))
    }
}

impl PrivateKey {
    fn algorithm(&self) -> Algorithm {
        if self.is_rsa() { Algorithm::RsaSha256 } else { Algorithm::Ed25519Sha256 }
    }
}

/// Base64 in lines of 72 characters.
fn folded(octets: &[u8]) -> String {
    let text = base64_encode(octets);
    let mut out = String::with_capacity(text.len() + text.len() / 24);
    let mut rest = text.as_str();
    while rest.len() > 72 {
        let (line, next) = rest.split_at(72);
        out.push_str(line);
        out.push_str("\r\n\t ");
        rest = next;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arc::{ArcResult, Cause, CheckProblem, Defect, DefectKind, Outcome, verdict, verify};
    use crate::dkim::KeyProblem;
    use crate::dkim::testing::TestKey;
    use crate::dns::{Answer, Failure, Lookup, Snapshot, Step};
    use crate::resolver::drive_sync;

    /// The message with one more set.
    fn sealed(message: &str, validation: Validation, headers: &str) -> String {
        let sealer = Sealer {
            domain: &"l.example".parse().unwrap(),
            selector: &"s".parse().unwrap(),
            authserv_id: "mx.l.example",
            headers,
            timestamp: Timestamp(0),
            private_key: TestKey::Rsa1024.pem(),
        };
        let made = seal(&Message::parse(message.as_bytes()), validation, &sealer).unwrap();
        format!(
            "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{message}",
            made.seal, made.message_signature, made.results
        )
    }

    /// What [`verify`] and [`verdict`] make of it, which agree.
    fn outcomes(message: &str) -> [Outcome; 2] {
        let message = Message::parse(message.as_bytes());
        let key = |_: &_| Answer::txt([TestKey::Rsa1024.record().as_str()]);
        let verified = drive_sync(&mut Snapshot::new(), key, |dns| verify(dns, &message, Timestamp(1)));
        let decided = drive_sync(&mut Snapshot::new(), key, |dns| verdict(dns, &message, Timestamp(1)));
        assert_eq!((decided.result, &decided.cause), (verified.result, &verified.cause));
        [verified, decided]
    }

    fn result(message: &str) -> ArcResult {
        outcomes(message)[0].result
    }

    const MAIL: &str =
        "Authentication-Results: mx.l.example; spf=pass\r\nFrom: a@d.example\r\nTo: b@r.example\r\n\r\nHello\r\n";

    #[test]
    fn what_must_not_be_signed_is_left_out() {
        let headers = "from:Authentication-Results:ARC-Seal:to: arc-message-signature :ARC-Authentication-Results:from";
        let once = sealed(MAIL, Validation::None, headers);
        assert!(once.contains("h=from:to:from; i=1;"), "{once}");
        let twice = sealed(&once, Validation::Pass, headers);
        assert_eq!((result(&once), result(&twice)), (ArcResult::Pass, ArcResult::Pass));
        // Each list below makes such fields anew.
        let list = twice.replace("\r\nAuthentication-Results: mx.l.example; spf=pass", "");
        assert_eq!(result(&list), ArcResult::Pass);
        assert_eq!(result(&twice.replace("To: b", "To: c")), ArcResult::Fail);
        // The first set was changed, so that both seals fail.
        assert_eq!(result(&twice.replace("i=1; mx.l.example", "i=1; mx.k.example")), ArcResult::Fail);
    }

    #[test]
    fn a_verdict_needs_no_older_message_signature() {
        let twice = sealed(&sealed(MAIL, Validation::None, "from:to"), Validation::Pass, "from");
        let [verified, decided] = outcomes(&twice.replace("To: b", "To: c"));
        assert_eq!((verified.result, verified.oldest_pass, decided.oldest_pass), (ArcResult::Pass, Some(2), None));
        assert_eq!(verified.sets[0].message_signature, Some(CheckProblem::Mismatch));
        assert_eq!(decided.sets[0].message_signature, Some(CheckProblem::NotChecked));
        assert!(decided.sets.iter().all(|set| set.seal.is_none()) && decided.sets[1].message_signature.is_none());
    }

    /// §5.2 step 5 is optional: the key of an older message signature is not asked for either.
    #[test]
    fn a_verdict_asks_for_no_key_of_an_older_message_signature() {
        let once = sealed(MAIL, Validation::None, "from").replace("s=s; t=0\r\nARC-Auth", "s=old; t=0\r\nARC-Auth");
        let twice =
            sealed(&once, Validation::Pass, "from").replacen("s=s; t=0\r\nARC-Auth", "s=new; t=0\r\nARC-Auth", 1);
        let message = Message::parse(twice.as_bytes());
        let asked = |step| {
            let Step::Ask(questions) = step else { panic!("keys are asked for") };
            let mut selectors: Vec<String> = questions.iter().map(|q| q.name.as_str()[..3].to_owned()).collect();
            selectors.sort();
            selectors.dedup();
            selectors
        };
        assert_eq!(asked(verify(&Snapshot::new(), &message, Timestamp(0)).map(drop)), ["new", "old", "s._"]);
        assert_eq!(asked(verdict(&Snapshot::new(), &message, Timestamp(0)).map(drop)), ["new", "s._"]);
    }

    fn cause(message: &str, answer: &Answer) -> Cause {
        let message = Message::parse(message.as_bytes());
        drive_sync(&mut Snapshot::new(), |_| answer.clone(), |dns| verify(dns, &message, Timestamp(2))).cause
    }

    /// §5.2.1: every failure is permanent, also one of the DNS.
    #[test]
    fn signatures_that_cannot_be_checked() {
        let message = sealed(MAIL, Validation::None, "from:to");
        let key = Answer::txt([TestKey::Rsa1024.record().as_str()]);
        assert_eq!(cause(&message, &key), Cause::Verified);
        assert_eq!(cause(MAIL, &key), Cause::NoChain);
        let of_message = |answer: &Answer| cause(&message, answer);
        assert_eq!(
            of_message(&Failure::ServFail.into()),
            Cause::MessageSignature(CheckProblem::KeyUnavailable(Failure::ServFail))
        );
        assert_eq!(of_message(&Answer::new(Lookup::NoData)), Cause::MessageSignature(CheckProblem::NoKey));
        assert_eq!(of_message(&Answer::new(Lookup::NxDomain)), Cause::MessageSignature(CheckProblem::NoKey));
        // RFC 6376 §3.5, x=.
        let expired = message.replace("t=0\r\nARC-Authentication", "t=0; x=1\r\nARC-Authentication");
        assert_eq!(cause(&expired, &key), Cause::MessageSignature(CheckProblem::Expired));
        // The second that it names is not past; only that the tag was added is noticed.
        assert_eq!(cause(&expired.replace("x=1", "x=2"), &key), Cause::MessageSignature(CheckProblem::Mismatch));
        let selector = vec!["x".repeat(60); 4].join(".");
        let unnameable = message.replace("s=s; t=0\r\nARC-Auth", &format!("s={selector}; t=0\r\nARC-Auth"));
        assert_eq!(cause(&unnameable, &key), Cause::MessageSignature(CheckProblem::KeyName));
    }

    /// RFC 6376 §3.6.2.2: each is tried; of those that are of no use, the one that is told of is a key.
    #[test]
    fn several_texts_at_the_selector() {
        let message = sealed(MAIL, Validation::None, "from:to");
        let (right, other) = (TestKey::Rsa1024.record(), TestKey::Rsa2048.record());
        let of = |texts: [&str; 3]| cause(&message, &Answer::txt(texts));
        let told = |problem| Cause::MessageSignature(problem);
        assert_eq!(of(["hello", &other, &right]), Cause::Verified);
        assert_eq!(of(["hello", "v=DKIM1; p=", &other]), told(CheckProblem::Mismatch));
        assert_eq!(of(["hello", "v=spf1 -all", "v=DKIM1; p="]), told(CheckProblem::Key(KeyProblem::Revoked)));
        // Of several that are as good, the first is told of.
        let (revoked, sha1) = ("v=DKIM1; p=", format!("{right}; h=sha1"));
        assert_eq!(of(["hello", revoked, &sha1]), told(CheckProblem::Key(KeyProblem::Revoked)));
        assert_eq!(of(["hello", &sha1, revoked]), told(CheckProblem::Key(KeyProblem::Hash)));
    }

    /// §5.2 steps 3 and 4: what is missing from a chain or a field is told before its signatures are.
    #[test]
    fn what_is_missing_is_told_first() {
        let key = Answer::txt([TestKey::Rsa1024.record().as_str()]);
        let message = sealed(MAIL, Validation::None, "from:to");
        let gap = cause(&message.replace("i=1", "i=2"), &key);
        assert!(
            matches!(gap, Cause::Structure(Defect { kind: DefectKind::Missing(_), instance: Some(1), .. })),
            "{gap:?}"
        );
        let unsigned = message.replace("d=l.example; h=from:to", "h=from:to");
        assert_ne!(unsigned, message);
        let incomplete = cause(&unsigned, &key);
        assert!(matches!(incomplete, Cause::MessageSignature(CheckProblem::Signature(_))), "{incomplete:?}");
    }

    /// §5.1.2: nothing follows a failed set. §4.2.1: nor the fiftieth.
    #[test]
    fn chains_that_take_no_further_set() {
        let sealer = Sealer {
            domain: &"l.example".parse().unwrap(),
            selector: &"s".parse().unwrap(),
            authserv_id: "mx.l.example",
            headers: "from",
            timestamp: Timestamp(0),
            private_key: TestKey::Rsa1024.pem(),
        };
        let next = |message: &str| seal(&Message::parse(message.as_bytes()), Validation::Pass, &sealer).err();
        let failed = sealed(&sealed(MAIL, Validation::None, "from"), Validation::Fail, "from");
        assert_eq!(next(&failed), Some(SealError::Ended));
        let mut message = MAIL.to_owned();
        for _ in 0..MAX_SETS {
            assert_eq!(next(&message), None);
            message = sealed(&message, Validation::Pass, "from");
        }
        assert_eq!(next(&message), Some(SealError::Full));
    }
}
