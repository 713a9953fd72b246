//! What was before DKIM, and still stands there: DomainKeys (RFC 4870), ADSP (RFC 5617).

use super::context::Context;
use super::selector::Place;
use crate::dns::RecordType;
use crate::finding::{Findings, Label, Subject, rules};
use crate::tag_list::{Kind, segments};
use crate::text::Span;

rules! {
    /// # The key record is one of DomainKeys
    ///
    /// Without `v`, and with `g`, it was written for DomainKeys, the forerunner of DKIM. DKIM reads it too; some verifiers took an empty
    /// `g` to mean that the key fits no address. Begin it with `v=DKIM1` and leave `g` out.
    ///
    /// ```dkim-key bad
    /// g=; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    DOMAINKEYS_KEY = "dkim-domainkeys-key", Note, Ok, ["RFC 6376 §3.6.1", "RFC 6376 C"],
        "the record is a key of DomainKeys, the forerunner of DKIM";

    /// # A policy of DomainKeys or ADSP is published
    ///
    /// `_domainkey` and `_adsp._domainkey` once said what receivers should do with unsigned mail. Nobody asks for them any more: DMARC
    /// does that now. Take the record away.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// _adsp._domainkey.d.example. TXT "dkim=all"
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:d@d.example"
    /// ```
    POLICY_RECORD = "dkim-domainkey-policy-record", Note, Ok, ["RFC 5617 §4.2.1", "RFC 9989 §4"],
        "`{name}` has a policy of {what}, which nobody asks for any more";
}

/// Where the policy of DomainKeys stood, below the domain.
pub(super) const POLICY: &str = "_domainkey";
/// Where that of ADSP stood.
pub(super) const ADSP: &str = "_adsp._domainkey";

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if cx.tag("v").is_none() && cx.tag("g").is_some() && cx.tag("p").is_some() {
        out.report(&DOMAINKEYS_KEY, cx.label(Span::new(0, cx.text().len())));
    }
}

pub(super) fn check_policies(place: &Place<'_>, out: &mut Findings) {
    for (labels, tag, what) in [(POLICY, "o", "DomainKeys"), (ADSP, "dkim", "ADSP")] {
        let Some((owner, answer)) = place.below(labels) else { continue };
        let Some(text) = answer.txts().iter().find(|text| has_tag(text.text(), tag)) else { continue };
        let subject = Subject::record(&owner, RecordType::Txt, text.clone());
        out.report(&POLICY_RECORD, Label::whole(&subject)).arg("name", &owner).arg("what", what);
    }
}

fn has_tag(text: &str, wanted: &str) -> bool {
    segments(text).any(|segment| match segment.kind {
        Kind::Tag { name, .. } => text[name] == *wanted,
        Kind::Word | Kind::Empty => false,
    })
}
