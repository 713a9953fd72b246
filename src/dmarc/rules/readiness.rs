//! Whether the domain can afford the policy that it asks for.

use super::domain::DomainContext;
use super::lint::Leg;
use crate::dmarc::Policy;
use crate::dns::Question;
use crate::finding::{Evidence, Findings, rules};

rules! {
    /// # Enforcement without authentication
    ///
    /// The policy asks receivers to act on failing mail, but neither SPF nor DKIM of the domain can give an aligned pass: its
    /// legitimate mail fails too.
    ///
    /// ```zone bad d.example spf=broken dkim=broken
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example spf=works dkim=works
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    NO_AUTH = "dmarc-enforcing-no-auth", Error, Ok, ["RFC 9989 §5.1"],
        "`{domain}` asks for `{policy}`, but neither SPF nor DKIM can pass: its own mail fails";

    /// # Only one mechanism can pass
    ///
    /// With one of SPF and DKIM, mail fails whenever that one breaks: SPF at every forwarding, DKIM wherever the message is changed.
    /// A domain with `p=reject` must not rely on SPF alone.
    ///
    /// ```zone bad d.example spf=works dkim=broken
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example spf=works dkim=works
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ONE_LEG = "dmarc-enforcing-one-leg", Warning, Ok, ["RFC 9989 §5.1.1", "RFC 9989 §5.1.2", "RFC 9989 §7.4"],
        "`{domain}` asks for `{policy}`, but only {works} can pass and {broken} cannot: {when}";

    /// # `p=reject` and people
    ///
    /// Mailing lists and forwarders break SPF, and often DKIM. Mail of people who post to lists is lost where receivers follow
    /// `p=reject`. Domains whose users do so should not publish it.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=quarantine; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    REJECT_INTEROP = "dmarc-p-reject-interop", Note, Ok, ["RFC 9989 §7.4", "RFC 7960"],
        "`{domain}` asks for `reject` and accepts mail, so it may have users: what they post to mailing lists can be lost";
}

pub(super) fn check(cx: &DomainContext<'_>, _open: &mut Vec<Question>, out: &mut Findings) {
    let Some(applied) = cx.applied.filter(|applied| applied.policy > Policy::None) else { return };
    // A domain that sends nothing needs no mechanism.
    if cx.sends_nothing() {
        return;
    }
    match (cx.options.spf, cx.options.dkim) {
        (Leg::Broken, Leg::Broken) => {
            out.report(&NO_AUTH, cx.policy_label()).arg("domain", cx.domain).arg("policy", applied.policy);
        }
        (Leg::Works, Leg::Broken) => one_leg(cx, applied.policy, ["SPF", "DKIM"], "forwarded mail fails", out),
        (Leg::Broken, Leg::Works) => {
            one_leg(cx, applied.policy, ["DKIM", "SPF"], "mail that is changed on the way fails", out)
        }
        (Leg::Unknown, _) | (_, Leg::Unknown) | (Leg::Works, Leg::Works) => {}
    }
    if applied.policy == Policy::Reject && cx.has_mx() {
        out.report(&REJECT_INTEROP, cx.policy_label()).arg("domain", cx.domain).evidence(Evidence::Guessed);
    }
}

fn one_leg(cx: &DomainContext<'_>, policy: Policy, [works, broken]: [&str; 2], when: &str, out: &mut Findings) {
    out.report(&ONE_LEG, cx.policy_label())
        .arg("domain", cx.domain)
        .arg("policy", policy)
        .arg("works", works)
        .arg("broken", broken)
        .arg("when", when);
}
