//! How a key record is cut into character-strings (RFC 1035 §3.3).

use super::context::Context;
use crate::dns::master::MAX_STRING;
use crate::finding::{Findings, Label, Origin, Severity, rules};

rules! {
    /// # A character-string of more than 255 octets
    ///
    /// One string of a TXT record holds at most 255 octets. A DNS server refuses a longer one or cuts it off, and an RSA key of 2048
    /// bits is longer: publish it as several strings, which verifiers join without a space.
    ///
    /// ```strings bad s1._domainkey.d.example
    /// v=DKIM1; k=rsa; n=made=20by=20opendkim-genkey=20in=20January; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    ///
    /// ```strings good s1._domainkey.d.example
    /// v=DKIM1; k=rsa; n=made=20by=20opendkim-genkey=20in=20January;
    /// p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    STRING_OVER_255 = "dkim-key-string-over-255", Error, Ok, ["RFC 1035 §3.3.14", "RFC 6376 §3.6.2.2"],
        "{what} has {octets} octets, and {limit}";
}

const TOO_LONG: &str =
    "the limit is 255: a longer one fits into no DNS record, so write several strings, `\"…\" \"…\"`";

/// A string that the DNS cannot hold.
pub(super) fn over_255(place: Label, octets: usize, out: &mut Findings) {
    let found = out.report(&STRING_OVER_255, place);
    found.arg("what", "this character-string").arg("octets", octets).arg("limit", TOO_LONG);
}

/// A text that somebody typed: in one piece it is still to be cut, as strings it is published as they are.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let source = &cx.key.source;
    if *cx.subject.origin() != Origin::Given {
        return;
    }
    let octets = source.bytes().len();
    if source.is_of_strings() {
        for string in source.strings().filter(|string| source.bytes_of(string.span).len() > MAX_STRING) {
            over_255(cx.label(string.span), source.bytes_of(string.span).len(), out);
        }
    } else if octets > MAX_STRING {
        let found = out.report(&STRING_OVER_255, Label::whole(cx.subject)).severity(Severity::Note);
        found
            .arg("what", "the key record")
            .arg("octets", octets)
            .arg("limit", "one character-string of a TXT record holds 255, so it must be published in several");
    }
}
