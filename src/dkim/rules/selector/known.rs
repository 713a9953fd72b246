//! What is known beside the DNS, compared with it.

use super::options::MAX_OTHERS;
use super::place::{Place, meant_keys};
use crate::Name;
use crate::dkim::selector::parts_of;
use crate::dkim::{Key, KeyData, KeyType};
use crate::finding::{Evidence, Findings, rules};
use crate::unread;

rules! {
    /// # Signatures need another type of key
    ///
    /// `a` in the signature and `k` in the key must name the same: `rsa-sha256` needs an RSA key, `ed25519-sha256` an Ed25519 key. Use
    /// a selector of its own for each.
    ///
    /// ```zone bad s1._domainkey.d.example signs-with=ed25519-sha256
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB"
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example signs-with=ed25519-sha256
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    TYPE_MISMATCH = "dkim-key-type-mismatch", Error, Permerror, ["RFC 6376 §6.1.2", "RFC 8463 §4"],
        "signatures with `{selector}` are made by `{algorithm}`, and its key is of the type `{type}`";

    /// # The only key is Ed25519
    ///
    /// Many receivers cannot verify Ed25519 yet, and treat the mail as unsigned. Sign a second time with RSA, under another selector.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example other=s2._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// s2._domainkey.d.example. TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB"
    /// ```
    ED25519_ONLY = "dkim-key-ed25519-only", Note, Ok, ["RFC 8463 §5", "RFC 8463 §6"],
        "no RSA key of `{domain}` is known beside this one, and not every receiver verifies Ed25519";

    /// # The same key stands elsewhere too
    ///
    /// Whoever has the private key can sign for all of these names, and when it leaks or breaks, all of them have to change. Keys are
    /// cheap: make one for each.
    ///
    /// ```zone bad s1._domainkey.d.example other=s1._domainkey.e.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// s1._domainkey.e.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example other=s1._domainkey.e.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// s1._domainkey.e.example. TXT "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
    /// ```
    SHARED = "dkim-key-shared", Note, Ok, ["RFC 6376 §8.3"],
        "the same key is published at {others}";

    /// # The key has been in use for long
    ///
    /// The longer a key is used, the more people may have had it. Change it now and then, at least once a year: publish a new one under
    /// a new selector, sign with it, and revoke the old one a week later.
    ///
    /// ```zone bad s1._domainkey.d.example since=1420070400
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example since=1789000000
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    OLD = "dkim-key-old", Note, Ok, ["RFC 6376 §3.1", "RFC 6376 §8.3"],
        "the key at `{selector}` has been in use for {days} days";

    /// # Mail is signed with another key
    ///
    /// The published key does not belong to the private key that signs, so that every signature fails. Publish the one that does; if the
    /// key has just been changed, use a new selector, so that mail on its way still finds the old one.
    ///
    /// ```zone bad s1._domainkey.d.example signing-key=k=ed25519;p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example signing-key=k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    MISMATCH_PRIVATE = "dkim-key-mismatch-private", Error, Fail, ["RFC 6376 §5.2", "RFC 6376 §6.1.3"],
        "the key at `{selector}` does not belong to the private key that signs";
}

pub(super) fn check(place: &Place<'_>, out: &mut Findings) {
    algorithms(place, out);
    others(place, out);
    signing_key(place, out);
    age(place, out);
}

fn algorithms(place: &Place<'_>, out: &mut Findings) {
    for &algorithm in &place.options.algorithms {
        let fits = |key: &Key| key.key_type().is_none_or(|of| of == KeyType::of(algorithm));
        let Some(first) = place.keys.first().filter(|_| !place.keys.iter().any(fits)) else { continue };
        out.report(&TYPE_MISMATCH, place.tag("k"))
            .arg("selector", place.selector())
            .arg("algorithm", algorithm.as_str())
            .arg("type", first.key_type().map_or("", KeyType::as_str));
    }
}

fn others(place: &Place<'_>, out: &mut Findings) {
    let own: Vec<&KeyData> = place.keys.iter().filter(|key| key.has_key()).map(|key| &key.data).collect();
    if own.is_empty() {
        return;
    }
    unread::beyond(place.label(), "other keys", place.options.others.len(), MAX_OTHERS, out);
    let mut known = KnownKeys::default();
    let mut shared = Vec::new();
    let names = place.options.others.iter().take(MAX_OTHERS).filter(|other| *other != place.name);
    for other in names {
        let Some(answer) = place.txt(other) else { continue };
        known.failed |= answer.failure().is_some();
        let keys = meant_keys(answer);
        known.rsa |= same_domain(place, other) && keys.iter().any(|key| matches!(key.data, KeyData::Rsa(_)));
        if keys.iter().any(|key| own.iter().any(|own| same(own, &key.data))) {
            shared.push(format!("`{other}`"));
        }
    }
    if !shared.is_empty() {
        out.report(&SHARED, place.tag("p")).arg("others", shared.join(", "));
    }
    let only = own.iter().all(|key| matches!(key, KeyData::Ed25519(_))) && !known.rsa && !known.failed;
    if let (true, Some((_, domain))) = (only, &place.parts) {
        // There may be selectors that nobody has named.
        out.report(&ED25519_ONLY, place.tag("k")).arg("domain", domain).evidence(Evidence::NotChecked);
    }
}

#[derive(Default)]
struct KnownKeys {
    rsa: bool,
    failed: bool,
}

fn same_domain(place: &Place<'_>, other: &Name) -> bool {
    let domain = |parts: &(Name, Name)| parts.1.clone();
    parts_of(other).as_ref().map(domain) == place.parts.as_ref().map(domain)
}

fn signing_key(place: &Place<'_>, out: &mut Findings) {
    let Some(signing) = &place.options.signing_key else { return };
    if place.keys.iter().any(Key::has_key) && !place.keys.iter().any(|key| same(&key.data, signing)) {
        out.report(&MISMATCH_PRIVATE, place.tag("p")).arg("selector", place.selector());
    }
}

/// Whether two records hold the same key, however it is written.
fn same(one: &KeyData, other: &KeyData) -> bool {
    match (one, other) {
        (KeyData::Rsa(one), KeyData::Rsa(other)) => {
            (one.modulus(), one.exponent()) == (other.modulus(), other.exponent())
        }
        (KeyData::Ed25519(one), KeyData::Ed25519(other)) => one == other,
        _ => false,
    }
}

fn age(place: &Place<'_>, out: &mut Findings) {
    let (Some(since), Some(now)) = (place.options.in_use_since, place.options.now) else { return };
    let days = now.0.saturating_sub(since.0) / DAY;
    if days > MAX_DAYS && place.keys.iter().any(Key::has_key) {
        out.report(&OLD, place.tag("p")).arg("selector", place.selector()).arg("days", days);
    }
}

/// Seconds.
const DAY: u64 = 86_400;
/// M3AAWG asks for a new key twice a year; twice that is told.
const MAX_DAYS: u64 = 365;
