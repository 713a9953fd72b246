//! What probably happened to a header whose signature does not verify, and what stands above the signed fields.

use super::tell::{Judged, altered_field, field, sure, trimmed};
use crate::dkim::explain;
use crate::dkim::forensics::{Certainty, KeyEvidence, What};
use crate::finding::{Evidence, Findings, Label, rules};

rules! {
    /// # A signed header field was changed
    ///
    /// With the field as it was, the signature verifies: that is proven, or it is the field that looks most as if it had
    /// been changed. Lists put tags into Subject and rewrite From; gateways fold and encode fields anew.
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
    /// - At twelve?
    /// + At one?
    /// ```
    CHANGED = "dkim-header-changed-hint", Note, Ok, ["RFC 6376 §3.7", "RFC 6377 §3.3"],
        "{what} after `{domain}` had signed it (selector `{selector}`)";

    /// # A second field of a signed name stands above the signed one
    ///
    /// Signatures cover fields from the bottom, mail programs mostly show the first from the top: what people see is not
    /// what was signed. Signers prevent that by naming the field once more in `h` than it is there.
    ///
    /// ```signed bad h=from:subject
    /// + Subject: Your account was closed
    ///   Subject: Lunch
    ///   From: alice@d.example
    ///
    ///   At twelve?
    /// ```
    ///
    /// ```signed good h=from:subject
    ///   Subject: Lunch
    ///   From: alice@d.example
    ///
    ///   At twelve?
    /// ```
    ADDED = "dkim-header-added", Warning, Differs, ["RFC 6376 §8.15", "RFC 6376 §5.4.2"],
        "a second `{field}` stands above the one that `{domain}` signed (selector `{selector}`)";

    /// # Another key made the signature
    ///
    /// The signature was not made with the key that is published at its selector. Mostly the key was exchanged there, and
    /// the signer still uses the old one, or the selector is that of another key.
    ///
    /// ```signed bad key=other
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// Publish each new key at a selector of its own, and keep the old one until no mail signed with it is under way.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    KEY = "dkim-key-changed-hint", Note, Ok, ["RFC 6376 §3.1", "RFC 6376 §6.1.2"],
        "the signature of `{domain}` (selector `{selector}`) was made with another key: {how}";
}

pub(super) fn check(cx: &Judged<'_>, out: &mut Findings) {
    for found in cx.evidence.header.iter().filter(|found| found.certainty != Certainty::Unknown) {
        let place = altered_field(cx.message, found).unwrap_or_else(|| listed(cx, found.header.as_deref()));
        match found.what {
            What::HeaderAdded => {
                let name = found.header.as_deref().unwrap_or("field");
                cx.report(&ADDED, place, out).arg("field", name).evidence(sure(found));
            }
            _ => {
                let what = explain::alteration(found, cx.message);
                cx.report(&CHANGED, place, out).arg("what", what).evidence(sure(found));
            }
        }
    }
    if cx.outcome.header.is_some_and(|header| header.verified) {
        above(cx, out);
    }
    if let KeyEvidence::Other | KeyEvidence::PublishedElsewhere { .. } = cx.evidence.key {
        let how = match &cx.evidence.key {
            KeyEvidence::PublishedElsewhere { name } => format!("the one at `{name}`"),
            _ => "mostly the key was exchanged at its selector; a damaged `b` looks the same".to_owned(),
        };
        let found = cx.report(&KEY, cx.tag("s"), out).arg("how", how);
        // A damaged `b=` looks the same as another key that is not published.
        if cx.evidence.key == KeyEvidence::Other {
            found.evidence(Evidence::Guessed);
        }
        found.related.extend(cx.key_record());
    }
}

/// Fields that a message has once (RFC 5322 §3.6, RFC 2045 §3), and that people or programs go by.
const ONCE: [&str; 12] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Fields that stand above a signed one of their name, and are not signed.
fn above(cx: &Judged<'_>, out: &mut Findings) {
    let signed = &cx.outcome.signed;
    for name in ONCE.into_iter().filter(|name| cx.signature().signs(name) > 0) {
        let mut fields = cx.message.fields_named(name);
        let Some(top) = fields.next().filter(|top| !signed.contains(&Some(*top))) else { continue };
        let Some(covered) = fields.find(|at| signed.contains(&Some(*at))) else { continue };
        let found = cx.report(&ADDED, trimmed(&field(cx.message, top)), out).arg("field", name);
        found.related(trimmed(&field(cx.message, covered)).with("the signed one"));
    }
}

/// Where `h=` lists `name`; all of `h=` if it does not.
fn listed(cx: &Judged<'_>, name: Option<&str>) -> Label {
    let text = cx.field.source().text();
    let mut names = cx.signature().headers.iter();
    let at = names.find(|&&span| name.is_some_and(|name| text[span].eq_ignore_ascii_case(name)));
    at.map_or_else(|| cx.tag("h"), |&span| Label::new(&cx.field, span))
}
