//! What a forwarder does with the address, and where it must not be.

use super::{Context, Place};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::srs::Form;

rules! {
    /// # The sender was rewritten before
    ///
    /// The mail comes from another forwarder that uses SRS. It is rewritten to SRS1, so that a bounce skips the forwarders
    /// in between and goes to the first one. Never put an SRS0 address into another SRS0 address: they grow past all limits.
    ///
    /// ```srs bad place=forward forwarder=second.example
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good place=forward forwarder=second.example
    /// alice@example.com
    /// ```
    ALREADY = "srs-already-rewritten", Note, Ok, ["SRS (Shevek 2004)"],
        "`{address}` is rewritten already by {who}: a further forwarder writes SRS1";

    /// # The sender is at the forwarder's own domain
    ///
    /// SPF of the domain names the forwarder's hosts already, so there is nothing to rewrite. An SRS address of one's own
    /// domain stays too: the mail has come back.
    ///
    /// ```srs bad place=forward forwarder=fwd.example
    /// user@fwd.example
    /// ```
    ///
    /// ```srs good place=forward forwarder=fwd.example
    /// alice@example.com
    /// ```
    OWN_DOMAIN = "srs-own-domain-no-rewrite", Note, Ok, ["SRS (Shevek 2004)"],
        "`{address}` is at the forwarder's own domain and needs no rewriting";

    /// # The null sender is not rewritten
    ///
    /// Bounces and automatic replies have an empty return path, so that nobody answers them (RFC 5321 §4.5.5). SPF is then
    /// checked for the HELO name: publish an SPF record for the name with which the forwarder greets.
    ///
    /// ```srs bad place=forward
    /// <>
    /// ```
    ///
    /// ```srs good place=forward
    /// alice@example.com
    /// ```
    NULL_SENDER = "srs-null-sender", Note, Ok, ["RFC 5321 §4.5.5", "RFC 7208 §2.4"],
        "the null sender `{address}` is never rewritten: SPF looks at the HELO name";

    /// # The local-part is longer than 64 octets
    ///
    /// RFC 5321 §4.5.3.1.1 gives 64 octets to a local-part. SRS adds 14 and the domain of the sender. Most hosts take more,
    /// some refuse the mail ("local part too long"). Keep SRS domains and return paths short; postsrsd can write a key
    /// in place of a long sender.
    ///
    /// ```srs bad
    /// SRS0=ozvY=G3=mail.department.example.com=a-rather-long-name.of.somebody@fwd.example
    /// ```
    ///
    /// The sender of a mail that is to be forwarded counts with what SRS will add:
    ///
    /// ```srs bad place=forward forwarder=fwd.example
    /// bounce-4711-a-rather-long-name=customer.example@lists.example.com
    /// ```
    ///
    /// ```srs good place=forward forwarder=fwd.example
    /// alice@example.com
    /// ```
    LONG = "srs-local-part-too-long", Warning, Ok, ["RFC 5321 §4.5.3.1.1"],
        "`{address}` {has} a local-part of {octets} octets, and strict hosts refuse more than 64";

    /// # An SRS address stands in a header field
    ///
    /// SRS is for the envelope only. If From shows it, DMARC looks at the forwarder's domain, replies go astray, and the
    /// DKIM signature of the sender breaks. With Postfix, `sender_canonical_classes` must be `envelope_sender`.
    ///
    /// ```srs bad place=field
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good place=field
    /// alice@example.com
    /// ```
    IN_FIELD = "srs-header-from-rewritten", Warning, Ok, ["RFC 5322 §3.6.2", "RFC 9989 §4.2"],
        "`{address}` is an SRS address in a header field: rewriting is for the envelope only";
}

/// RFC 5321 §4.5.3.1.1
const MAX_LOCAL_PART: usize = 64;
/// `SRS0=`, a hash of 4, a stamp of 2 and the `=` behind each and behind the domain.
const SRS0_OVERHEAD: usize = 14;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.address.as_str();
    let is_srs = matches!(cx.address.form(), Form::Srs0(_) | Form::Srs1(_));
    match cx.known.place {
        Place::ToForward if text.is_empty() || text == "<>" => {
            out.report(&NULL_SENDER, cx.whole()).arg("address", "<>");
        }
        Place::ToForward => check_sender(cx, is_srs, out),
        Place::Field if is_srs => {
            let found = out.report(&IN_FIELD, cx.whole()).quote("address");
            if let Some(original) = cx.original() {
                found.fix(Fix::maybe("write the original sender", [Edit::replace(cx.whole().span, original)]));
            }
        }
        Place::ReversePath | Place::Recipient if is_srs => {
            let octets = cx.address.local_part().len() + 2 * usize::from(cx.address.is_quoted());
            report_long(cx, octets, "has", out);
        }
        Place::ReversePath | Place::Recipient | Place::Field => {}
    }
}

fn check_sender(cx: &Context<'_>, is_srs: bool, out: &mut Findings) {
    let (Some(domain), Some(span)) = (cx.address.domain(), cx.address.domain_span()) else { return };
    if cx.known.forwarder.is_some_and(|own| domain.eq_ignore_ascii_case(own.as_str())) {
        out.report(&OWN_DOMAIN, cx.label(span)).arg("address", cx.whole().quoted());
        return;
    }
    let local_part = cx.address.local_part().len();
    let octets = match cx.address.form() {
        // SRS1 replaces the hash and the forwarder is named already.
        Form::Srs1(_) => local_part,
        // `SRS1=HHHH=domain=` and what follows `SRS0`.
        Form::Srs0(_) => local_part + 7 + domain.len(),
        Form::Malformed(_) | Form::Other => local_part + SRS0_OVERHEAD + domain.len(),
    };
    report_long(cx, octets, "becomes an address with", out);
    if is_srs {
        out.report(&ALREADY, cx.whole()).quote("address").arg("who", cx.forwarder());
    }
}

fn report_long(cx: &Context<'_>, octets: usize, has: &str, out: &mut Findings) {
    if octets > MAX_LOCAL_PART {
        out.report(&LONG, cx.label(cx.address.local_part_span()))
            .arg("address", cx.whole().quoted())
            .arg("has", has)
            .arg("octets", octets);
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::super::tests::codes;
    use crate::srs::{Forwarded, Secret, Srs};
    use crate::{Name, Timestamp};

    #[test]
    fn the_predicted_length_is_that_of_the_rewriter() {
        let (srs, own) = (Srs::new(Secret::new(b"k")), Name::parse("fwd.example").unwrap());
        let srs1 = "SRS1=MAwv=f.example==PGkz=G3=example.com=alice-with-a-long-name-here";
        for sender in [
            format!("{}@example.com", "l".repeat(60)),
            "SRS0=PGkz=G3=example.com=alice-with-a-long-name@first.example".into(),
            format!("{srs1}@x.example"),
        ] {
            let Ok(Forwarded::Rewritten { address, .. }) = srs.forward(&sender, &own, Timestamp(0)) else { panic!() };
            let found = codes(&sender, "place=forward forwarder=fwd.example");
            let long = found.iter().find(|found| found.code == "srs-local-part-too-long").unwrap();
            assert_eq!(long.params.get("octets").unwrap(), address.rfind('@').unwrap().to_string(), "{address}");
        }
    }

    #[test]
    fn own_srs_addresses_stay() {
        let found = codes("SRS0=PGkz=G3=example.com=alice@fwd.example", "place=forward forwarder=fwd.example");
        assert!(found.iter().any(|found| found.code == "srs-own-domain-no-rewrite"));
        assert!(!found.iter().any(|found| found.code == "srs-already-rewritten"));
    }
}
