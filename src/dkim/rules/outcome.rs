//! What made a signature fail (RFC 6376 §6.1.2, §6.1.3).

use super::selector::absent::TEMPFAIL;
use super::tell::{Judged, altered_field};
use crate::dkim::forensics::{Certainty, KeyEvidence};
use crate::dkim::{KeyLookup, explain};
use crate::dns::RecordType;
use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::text::Source;

rules! {
    /// # The body was changed after signing
    ///
    /// `bh` in a DKIM-Signature is the hash of the body as it was signed. The body that arrived has another one: somebody
    /// changed it on the way. Mailing lists add footers, gateways add banners or convert texts.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    /// - Lunch at twelve?
    /// + Lunch at one?
    /// ```
    ///
    /// Who passes mail on should leave its body alone, or sign it anew with a domain of its own in From.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    BODY_HASH = "dkim-body-hash-mismatch", Error, Fail, ["RFC 6376 §6.1.3"],
        "the body is not the one that `{domain}` signed (selector `{selector}`): {how}";

    /// # The signature does not verify
    ///
    /// `b` in a DKIM-Signature covers the header fields that `h` lists. Either one of them was changed on the way, or
    /// another key than the published one made the signature.
    ///
    /// ```signed bad
    /// - Subject: Lunch
    /// + Subject: [friends] Lunch
    ///   From: alice@d.example
    ///
    ///   At twelve?
    /// ```
    ///
    /// ```signed good
    ///   Subject: Lunch
    ///   From: alice@d.example
    ///
    ///   At twelve?
    /// ```
    SIGNATURE = "dkim-sig-mismatch", Error, Fail, ["RFC 6376 §6.1.3"],
        "the signature of `{domain}` (selector `{selector}`) does not verify: {why}";

    /// # Header and body, each by itself
    ///
    /// A signature fails as soon as one of the two is not as it was signed. Which one it is tells who changed the message:
    /// lists change both, gateways mostly the body.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// + This mail was checked for viruses.
    /// ```
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    BOTH = "dkim-both-checked", Note, Ok, ["RFC 6376 §6.1.3"],
        "of what `{domain}` signed (selector `{selector}`), {kept}";

    /// # There is no key
    ///
    /// The name that selector and domain make has no TXT record. The key was never published, was published at another
    /// name, or was taken away while mail signed with it was still under way: leave old keys for a week at least.
    ///
    /// ```signed bad key=none
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    NO_KEY = "dkim-key-dns-nokey", Error, Permerror, ["RFC 6376 §6.1.2"],
        "there is no key for the signature of `{domain}` (selector `{selector}`): `{name}` {state}";
}

pub(super) fn check(cx: &Judged<'_>, out: &mut Findings) {
    body(cx, out);
    header(cx, out);
    both(cx, out);
    key(cx, out);
}

fn body(cx: &Judged<'_>, out: &mut Findings) {
    let Some(body) = cx.outcome.body else { return };
    let short = body.signed > body.octets;
    if body.matches && !short {
        return;
    }
    let known = cx.evidence.body.as_ref().filter(|found| found.certainty != Certainty::Unknown);
    let how = match known {
        _ if short => format!("`l` counts {} octets, and it has {}", body.signed, body.octets),
        Some(found) => explain::alteration(found, cx.message),
        None => format!("its hash is `{}`", body.computed),
    };
    cx.report(&BODY_HASH, cx.tag("bh"), out).arg("how", how).label("the hash of the signed body");
}

fn header(cx: &Judged<'_>, out: &mut Findings) {
    if cx.outcome.header.is_none_or(|header| header.verified) {
        return;
    }
    let known = cx.evidence.header.iter().filter(|found| found.certainty != Certainty::Unknown);
    let told: Vec<String> = known.clone().map(|found| explain::alteration(found, cx.message)).collect();
    let of_this_key = matches!(cx.evidence.key, KeyEvidence::Signed { .. });
    let why = if !told.is_empty() {
        told.join(" and ")
    } else if of_this_key {
        "its key made it, so signed header fields were changed".to_owned()
    } else {
        let unknown = || "signed header fields were changed, or another key made it".to_owned();
        explain::key(&cx.evidence.key).unwrap_or_else(unknown)
    };
    let mut places = known.filter_map(|changed| altered_field(cx.message, changed));
    let place = places.next().unwrap_or_else(|| cx.tag("b"));
    let found = cx.report(&SIGNATURE, place, out).arg("why", why);
    found.related.extend(places);
    if told.is_empty() && !of_this_key {
        found.related.extend(cx.key_record());
    }
}

fn both(cx: &Judged<'_>, out: &mut Findings) {
    let (Some(body), Some(header)) = (cx.outcome.body, cx.outcome.header) else { return };
    let kept = match (header.verified, body.matches) {
        (true, true) => return,
        (true, false) => "the header is unchanged, and the body is not",
        (false, true) => "the body is unchanged, and the header, or the key, is not",
        (false, false) => "neither the header nor the body is unchanged",
    };
    cx.report(&BOTH, Label::whole(&cx.field), out).arg("kept", kept);
}

fn key(cx: &Judged<'_>, out: &mut Findings) {
    match &cx.outcome.keys {
        KeyLookup::Failed { name, failure } => {
            let nothing = Subject::record(name, RecordType::Txt, Source::default());
            let found = cx.report(&TEMPFAIL, Label::whole(&nothing).with("no answer"), out);
            found.arg("failure", failure.as_str()).arg("name", name).evidence(Evidence::NotChecked);
            found.related(cx.tag("s"));
        }
        KeyLookup::Missing { name, nxdomain, .. } => {
            let nothing = Subject::record(name, RecordType::Txt, Source::default());
            let found = cx.report(&NO_KEY, Label::whole(&nothing).with("no key record"), out);
            found.arg("name", name).arg("state", if *nxdomain { "does not exist" } else { "has no TXT record" });
            found.related(cx.tag("s").with("the selector"));
        }
        KeyLookup::NotAsked | KeyLookup::NoName | KeyLookup::Found { .. } => {}
    }
}
