//! Whether the domain of the address can do its work: take bounces and pass SPF.

use super::{Context, Place};
use crate::finding::{Findings, rules};
use crate::srs::Form;

rules! {
    /// # The SRS domain cannot take bounces
    ///
    /// A top-level domain, `localhost`, an address literal, or a domain without MX and address: receivers refuse the
    /// sender, and bounces find no way. postsrsd takes the domain from its configuration: set it to a domain of yours.
    ///
    /// ```srs bad
    /// SRS0=PGkz=G3=example.com=alice@net
    /// ```
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    MISCONFIGURED = "srs-domain-misconfigured", Error, NoMail, ["SRS (Shevek 2004)", "RFC 5321 §2.3.5"],
        "the SRS domain `{domain}` {why}: bounces cannot come back";

    /// # SPF of the SRS domain does not authorise the forwarder
    ///
    /// SRS moves SPF from the sender's domain to the forwarder's. Without an SPF record there that passes the forwarder's
    /// hosts, nothing is won.
    ///
    /// ```srs bad spf=no
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good spf=yes
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    NO_SPF = "srs-domain-spf-missing", Warning, Ok, ["RFC 7208 §2.4"],
        "the SRS domain `{domain}` has no SPF record that passes the forwarder";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if !matches!(cx.address.form(), Form::Srs0(_) | Form::Srs1(_)) || cx.known.place == Place::Field {
        return;
    }
    let (Some(domain), Some(span)) = (cx.address.domain(), cx.address.domain_span()) else { return };
    if let Some(why) = unusable(domain).or((cx.known.domain.takes_mail == Some(false)).then_some("takes no mail")) {
        out.report(&MISCONFIGURED, cx.label(span)).quote("domain").arg("why", why);
    }
    if cx.known.domain.spf_passes == Some(false) {
        out.report(&NO_SPF, cx.label(span)).quote("domain");
    }
}

/// What can be seen without the DNS.
fn unusable(domain: &str) -> Option<&'static str> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let last = domain.rsplit('.').next().unwrap_or_default();
    if domain.is_empty() {
        Some("is empty")
    } else if domain.starts_with('[') {
        Some("is an address literal")
    } else if last.eq_ignore_ascii_case("localhost") || last.eq_ignore_ascii_case("localdomain") {
        Some("is the local host")
    } else if !domain.contains('.') {
        Some("is a top-level domain")
    } else {
        None
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::super::tests::codes;

    #[test]
    fn unusable_domains() {
        for domain in ["localhost", "mail.localdomain", "[192.0.2.1]", "net", "net.", ""] {
            let found = codes(&format!("SRS0=PGkz=G3=example.com=alice@{domain}"), "");
            assert!(found.iter().any(|found| found.code == "srs-domain-misconfigured"), "{domain}");
        }
        let found = codes("SRS0=PGkz=G3=example.com=alice@fwd.example", "mail=no");
        assert!(found.iter().any(|found| found.code == "srs-domain-misconfigured"));
    }
}
