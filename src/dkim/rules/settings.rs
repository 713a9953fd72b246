//! The other tags of a key record (RFC 6376 §3.6.1).

use super::context::{Context, KNOWN, PASTED, is_key};
use super::unnamed;
use crate::dkim::tags::parts;
use crate::dkim::{HashAlgorithm, KeyType, Tag};
use crate::finding::{Applicability, Edit, Findings, Fix, Severity, rules};
use crate::text::Span;
use crate::unread;

rules! {
    /// # The type of the key is unknown
    ///
    /// There are two types: `rsa`, which is the default, and `ed25519`. Verifiers ignore a key of any other type.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ecdsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    TYPE_UNKNOWN = "dkim-key-type-unknown", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 8463 §4"],
        "`{value}` is no type of key that verifiers know";

    /// # SHA-256 is not allowed
    ///
    /// `h` lists the hashes that may be used with the key. Signatures need SHA-256, so a list without `sha256` makes the key useless.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; h=sha1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    HASH_RESTRICTED = "dkim-key-hash-restricted", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 8301 §3.1"],
        "`h` does not list `sha256`, so no signature can be verified with the key";

    /// # A hash is unknown
    ///
    /// Verifiers ignore names in `h` that they do not know.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; h=sha256:md5; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    HASH_UNKNOWN = "dkim-key-hash-unknown", Note, PartIgnored, ["RFC 6376 §3.6.1"],
        "`{value}` in `h` is no hash of DKIM, so verifiers ignore it";

    /// # The key is not for mail
    ///
    /// `s` lists the services that the key is for. Without `email` or `*` in it, verifiers do not use the key for mail.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; s=tlsrpt; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; s=email; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    SERVICE_NOT_EMAIL = "dkim-key-service-not-email", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`s` lists neither `email` nor `*`, so the key is not for mail";

    /// # The key is in test mode
    ///
    /// `t=y` says that the domain is testing DKIM: verifiers treat mail whose signature fails like mail without one.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    TESTING = "dkim-key-testing", Warning, Testing, ["RFC 6376 §3.6.1"],
        "the flag `y` in `t` says that the domain is only testing DKIM";

    /// # Subdomains may not use the key
    ///
    /// With `t=s` the domain in `i` of a signature must be that in `d`, and no subdomain of it.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    STRICT = "dkim-key-strict-subdomain", Note, Ok, ["RFC 6376 §3.6.1"],
        "the flag `s` in `t` keeps signatures from naming a subdomain in `i`";

    /// # A flag is unknown
    ///
    /// `t` knows the flags `y` and `s`. Verifiers ignore others.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; t=x; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    FLAG_UNKNOWN = "dkim-key-flag-unknown", Note, PartIgnored, ["RFC 6376 §3.6.1"],
        "`{value}` in `t` is no flag of DKIM, so verifiers ignore it";

    /// # The granularity is historic
    ///
    /// `g` named the local parts that may use the key. It was taken out of the standard in 2011.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; g=*; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    G_TAG = "dkim-key-g-tag", Note, PartIgnored, ["RFC 6376 §3.6.1", "RFC 6376 C"],
        "`g` is no longer part of key records, so verifiers ignore it";

    /// # A tag is unknown
    ///
    /// Verifiers ignore tags that are not defined for key records. Names are compared with regard to case.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; q=dns; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    UNKNOWN_TAG = "dkim-key-unknown-tag", Note, PartIgnored, ["RFC 6376 §3.6.1"],
        "`{tag}` is no tag of key records, so verifiers ignore it";

    /// # Tags of a signature in the key record
    ///
    /// `a`, `c`, `d` and others belong to the DKIM-Signature field of a message. In a key record they have no effect.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; a=ed25519-sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    SIGNATURE_TAGS = "dkim-key-signature-tags", Warning, PartIgnored, ["RFC 6376 §3.6.1", "RFC 6376 §3.5"],
        "`{tag}` is a tag of signatures and has no effect in a key record";

    /// # A character that is not ASCII
    ///
    /// The values of a key record are printable ASCII, notes too. Most verifiers read past such a character, strict ones drop the
    /// record. Other characters in notes are written as `=` and two hexadecimal digits for each octet.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; n=mañana; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; n=ma=C3=B1ana; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    NON_ASCII = "dkim-key-non-ascii", Warning, Differs, ["RFC 6376 §3.2", "RFC 6376 §2.11"],
        "`{found}` in `{tag}` is not ASCII: most verifiers read past it, strict ones drop the key record";
}

/// Tags of signatures (RFC 6376 §3.5) that key records do not know.
const OF_SIGNATURES: [&str; 9] = ["a", "b", "bh", "c", "d", "i", "l", "x", "z"];

/// Parts of one list that are told about: a record has room for thousands, and each could be a finding.
const MAX_TOLD: usize = 100;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    // A list with a fault may read as anything; what spoils it is told first.
    let sound = |name: &str| cx.tag(name).filter(|&tag| !cx.is_pasted(tag.value) && cx.swallowed(tag).is_empty());
    if let Some(k) = sound("k").filter(|_| cx.key.key_type().is_none()) {
        let found = out.report(&TYPE_UNKNOWN, cx.label(k.value)).quote("value");
        let lower = cx.slice(k.value).to_ascii_lowercase();
        if key_type(&lower).is_some() {
            found.fix(Fix::machine("write it in small letters", [Edit::replace(k.value, lower)]));
        } else if let Some(known) = lower.split_once('-').and_then(|(name, _)| key_type(name)) {
            // `rsa-sha256` is the algorithm of a signature (§3.3).
            let is_so = cx.tag("p").is_some_and(|p| is_key(cx.slice(p.value), known == KeyType::Ed25519));
            let sure = if is_so { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect };
            let edit = Edit::replace(k.value, known.as_str());
            found.fix(Fix::edit(format!("name the type `{}`", known.as_str()), [edit], sure));
        }
    }
    if let Some(h) = sound("h") {
        if !cx.key.allows(HashAlgorithm::Sha256) {
            out.report(&HASH_RESTRICTED, cx.part(h))
                .fix(Fix::maybe("allow SHA-256", [Edit::replace(h.value, "sha256")]));
        }
        for name in cx.key.hashes().into_iter().flatten().take(MAX_TOLD) {
            if !matches!(cx.slice(name), "sha1" | "sha256" | "") {
                out.report(&HASH_UNKNOWN, cx.label(name)).quote("value");
            }
        }
    }
    if let Some(s) = sound("s").filter(|_| !cx.key.is_for_email()) {
        out.report(&SERVICE_NOT_EMAIL, cx.part(s))
            .fix(Fix::maybe("make it a key for mail", [Edit::replace(s.value, "email")]));
    }
    if sound("t").is_some() {
        cx.key.flags().take(MAX_TOLD).for_each(|flag| one_flag(cx, flag, out));
    }
    for list in [sound("h"), sound("t")].into_iter().flatten() {
        let last = parts(cx.key.source.text(), list.value, b':').nth(MAX_TOLD - 1);
        unread::check(cx.subject, MAX_TOLD, last, list.value.end as usize, out);
    }
    // What it does to a key is told there.
    for tag in cx.key.tags.iter().filter(|tag| cx.slice(tag.name) != "p") {
        not_ascii(cx, *tag, out);
    }
    for &tag in &cx.key.tags {
        let (name, whole) = (cx.slice(tag.name), tag.name.to(tag.value));
        if name == "g" {
            out.report(&G_TAG, cx.label(whole)).fix(Fix::machine("take it away", [cx.without(whole)]));
        } else if OF_SIGNATURES.contains(&name) {
            out.report(&SIGNATURE_TAGS, cx.label(whole))
                .arg("tag", name)
                .fix(Fix::machine("take it away", [cx.without(whole)]));
        } else if !KNOWN.contains(&name) {
            let found = out.report(&UNKNOWN_TAG, cx.label(tag.name)).quote("tag");
            if let Some(fix) = meant(cx, tag) {
                found.severity(Severity::Warning).fix(fix);
            }
        }
    }
}

fn key_type(name: &str) -> Option<KeyType> {
    [KeyType::Rsa, KeyType::Ed25519].into_iter().find(|known| known.as_str() == name)
}

/// How a tag that nobody knows becomes one that makes the key usable: `P=MII…`, or a key without a name, of which `=` at its end makes a
/// tag. `T`, `S` and `H` are left, as `t=y` and the like would take from a key what it is good for.
fn meant(cx: &Context<'_>, tag: Tag) -> Option<Fix> {
    let (name, value) = (cx.slice(tag.name), cx.slice(tag.value));
    let lower = name.to_ascii_lowercase();
    let is_right = match lower.as_str() {
        "v" => value.eq_ignore_ascii_case("DKIM1"),
        "k" => key_type(&value.to_ascii_lowercase()).is_some(),
        "p" => !value.is_empty(),
        _ => return unnamed::key(cx, unnamed::segment(cx, tag.name)?),
    };
    let is_free = cx.tag(&lower).is_none() && !cx.is_swallowed(&lower);
    (is_right && is_free).then(|| Fix::machine(format!("write `{lower}=`"), [Edit::replace(tag.name, lower.clone())]))
}

/// §3.2: values are made of %x21-3A, %x3C-7E and white space.
fn not_ascii(cx: &Context<'_>, tag: Tag, out: &mut Findings) {
    let value = cx.slice(tag.value);
    // Notes may have quotation marks; elsewhere they are told as such.
    let strange = |c: &char| !c.is_ascii() && (cx.slice(tag.name) == "n" || !PASTED.contains(c));
    let Some((at, first)) = value.char_indices().find(|(_, c)| strange(c)) else { return };
    let place = Span::new(at, at + first.len_utf8()).shifted(tag.value.start as usize);
    let found = out.report(&NON_ASCII, cx.label(place)).quote("found").arg("tag", cx.slice(tag.name));
    if cx.slice(tag.name) == "n" && !value.contains(char::REPLACEMENT_CHARACTER) {
        // §2.11, as in notes.
        let mut encoded = String::new();
        for c in value.chars() {
            match c.is_ascii() {
                true => encoded.push(c),
                false => {
                    c.encode_utf8(&mut [0; 4]).bytes().for_each(|octet| encoded.push_str(&format!("={octet:02X}")))
                }
            }
        }
        found.fix(Fix::machine("write its octets in hexadecimal", [Edit::replace(tag.value, encoded)]));
    }
}

fn one_flag(cx: &Context<'_>, flag: Span, out: &mut Findings) {
    match cx.slice(flag) {
        "y" => {
            out.report(&TESTING, cx.label(flag));
        }
        "s" => {
            out.report(&STRICT, cx.label(flag));
        }
        "" => {}
        _ => {
            out.report(&FLAG_UNKNOWN, cx.label(flag)).quote("value");
        }
    }
}
