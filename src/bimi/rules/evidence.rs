//! What a logo needs beside its record: DMARC that is enforced, and a certificate.

use crate::finding::{Findings, Label, Subject, rules};
use crate::{Name, Timestamp};

rules! {
    /// # DMARC is not enforced
    ///
    /// Receivers show a logo only if DMARC of the domain, of the Organizational Domain and of its sub-domains asks for `quarantine`
    /// or `reject`. Otherwise a forged mail would carry the logo.
    ///
    /// ```bimi-zone bad d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// _dmarc.d.example.        TXT "v=DMARC1; p=none"
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// _dmarc.d.example.        TXT "v=DMARC1; p=reject"
    /// ```
    NOT_ENFORCED = "bimi-dmarc-not-enforcing", Error, NoLogo, ["BIMI draft §7.1"],
        "no logo is shown for `{domain}`: {why}";

    /// # DMARC is enforced for a part of the mail
    ///
    /// `pct` below 100 with `quarantine` does not suffice for receivers that still read `pct`.
    ///
    /// ```bimi-zone bad d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// _dmarc.d.example.        TXT "v=DMARC1; p=quarantine; pct=50"
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// _dmarc.d.example.        TXT "v=DMARC1; p=quarantine"
    /// ```
    PCT = "bimi-dmarc-pct", Warning, NoLogo, ["BIMI draft §7.1"],
        "no logo is shown for `{domain}`: its DMARC record says `pct={pct}`";

    /// # The certificate does not hold
    ///
    /// A mark certificate has to be valid, to name the domain, to come from a known authority, and to contain the same logo.
    ///
    /// ```bimi-zone bad d.example certificate=expired
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem"
    /// ```
    ///
    /// ```bimi-zone good d.example certificate=good
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem"
    /// ```
    CERTIFICATE = "bimi-cert-problem", Error, NoLogo, ["BIMI draft §4.4"],
        "the certificate of the logo does not hold: {why}";

    /// # The signature leaves a part of the body unsigned
    ///
    /// The aligned DKIM signature has `l=`, so that anything can be appended to the mail. Receivers show no logo with it.
    ///
    /// ```bimi-zone bad d.example dkim-length
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// ```
    DKIM_LENGTH = "bimi-dkim-oversized", Note, NoLogo, ["BIMI draft §7.1", "RFC 6376 §8.2"],
        "the aligned DKIM signature has `l=`, and some receivers show no logo with it";
}

/// What is known beside the DNS records of BIMI.
///
/// ```
/// use mailproof::{bimi, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("default._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/logo.svg\"")?;
/// let (domain, mut facts) = ("example.com".parse()?, bimi::Facts::default());
/// // The caller saw `l=` in the DKIM signature of a message.
/// facts.signed_in_part = true;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| bimi::lint_domain(dns, &domain, &facts));
/// assert!(found.iter().any(|found| found.code == "bimi-dkim-oversized"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// What DMARC asks for; `None` if nobody looked.
    pub dmarc: Option<DmarcFacts>,
    /// The Organizational Domain, whose record counts for a domain that has none (draft §7.2); `None` if nobody looked.
    pub org_domain: Option<Name>,
    /// The certificate that `a` names; `None` if nobody looked.
    pub certificate: Option<Certificate>,
    /// Whether the aligned DKIM signature of a message has `l=`.
    pub signed_in_part: bool,
    /// The present time, for the certificate.
    pub now: Option<Timestamp>,
}

/// What DMARC asks for, as far as BIMI cares (draft §7.1).
///
/// ```
/// use mailproof::{bimi, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("default._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/logo.svg\"")?;
/// let (domain, mut facts) = ("example.com".parse()?, bimi::Facts::default());
/// let why = Some("its DMARC policy is `none`".to_owned());
/// facts.dmarc = Some(bimi::DmarcFacts { not_enforced: why, pct: None });
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| bimi::lint_domain(dns, &domain, &facts));
/// let found = found.iter().find(|found| found.code == "bimi-dmarc-not-enforcing").unwrap();
/// assert_eq!(found.message(), "no logo is shown for `example.com`: its DMARC policy is `none`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DmarcFacts {
    /// Why it is not enforced, in words: "its DMARC policy is `none`"; `None` if it is.
    pub not_enforced: Option<String>,
    /// `pct` of the record, where it is below 100 with `quarantine`.
    pub pct: Option<u32>,
}

/// A mark certificate, as the caller read it.
///
/// ```
/// use mailproof::{Timestamp, bimi, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let record = "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem";
/// let zone = Zone::parse(&format!("default._bimi.example.com. TXT \"{record}\""))?;
/// let (domain, mut facts) = ("example.com".parse()?, bimi::Facts::default());
/// // It ended yesterday.
/// facts.now = Some(Timestamp(1_790_000_000));
/// let not_after = Some(Timestamp(1_790_000_000 - 86_400));
/// facts.certificate = Some(bimi::Certificate { not_after, ..bimi::Certificate::default() });
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| bimi::lint_domain(dns, &domain, &facts));
/// let found = found.iter().find(|found| found.code == "bimi-cert-problem").unwrap();
/// assert_eq!(found.message(), "the certificate of the logo does not hold: it has expired");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Certificate {
    /// When it ends.
    pub not_after: Option<Timestamp>,
    /// The domains that it is for.
    pub names: Vec<Name>,
    /// Whether its authority is known for such certificates; `None` if nobody looked.
    pub is_trusted: Option<bool>,
    /// Whether it holds the logo that `l` names; `None` if nobody looked.
    pub has_logo: Option<bool>,
}

/// What is known about mail from `domain`, for which `record` counts.
pub(super) fn check(domain: &Name, record: &Subject, facts: &Facts, out: &mut Findings) {
    if let Some(dmarc) = &facts.dmarc {
        if let Some(why) = &dmarc.not_enforced {
            out.report(&NOT_ENFORCED, Label::whole(record)).arg("domain", domain).arg("why", why);
        } else if let Some(pct) = dmarc.pct {
            out.report(&PCT, Label::whole(record)).arg("domain", domain).arg("pct", pct);
        }
    }
    for why in facts.certificate.iter().flat_map(|certificate| problems(certificate, domain, facts.now)) {
        out.report(&CERTIFICATE, Label::whole(record)).arg("why", why);
    }
    if facts.signed_in_part {
        out.report(&DKIM_LENGTH, Label::whole(record));
    }
}

fn problems(certificate: &Certificate, domain: &Name, now: Option<Timestamp>) -> Vec<String> {
    let mut problems = Vec::new();
    if certificate.not_after.zip(now).is_some_and(|(end, now)| end < now) {
        problems.push("it has expired".to_owned());
    }
    if !certificate.names.is_empty() && !certificate.names.iter().any(|name| domain.is_within(name)) {
        problems.push(format!("it is not for `{domain}`"));
    }
    if certificate.is_trusted == Some(false) {
        problems.push("its authority is not known for such certificates".to_owned());
    }
    if certificate.has_logo == Some(false) {
        problems.push("it does not hold the logo that `l` names".to_owned());
    }
    problems
}
