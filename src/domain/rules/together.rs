//! SPF and DMARC together: what neither says alone.

use super::Context;
use crate::dmarc::{Leg, PolicyRecord};
use crate::dns::RecordType;
use crate::domain::SpfState;
use crate::finding::{Diagnostic, Edit, Findings, Fix, Label, Rule, Subject, rules};
use crate::spf::Qualifier;
use crate::text::Span;

rules! {
    /// # SPF decides before DMARC can
    ///
    /// The domain asks DMARC receivers to act on mail that neither SPF nor DKIM vouches for. With `-all`, some receivers refuse mail
    /// already because of SPF, before they see a DKIM signature: forwarded mail is lost that DMARC would have let pass. With `~all`
    /// mail that fails both is treated just the same.
    ///
    /// ```domain bad d.example
    /// d.example.        TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.        TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    BEFORE_DMARC = "domain-spf-before-dmarc", Note, Ok, ["RFC 9989 §7.1", "RFC 7208 §8.4"],
        "`{term}` lets receivers refuse forwarded mail before they see DKIM, although DMARC already asks for `{policy}`";

    /// # SPF hangs on one include
    ///
    /// All that SPF passes for the domain comes from one record, mostly that of a service with many customers. Whoever can make that
    /// service send with the domain in MAIL FROM passes DMARC; and when the record goes away, nothing passes.
    ///
    /// ```domain bad d.example
    /// d.example.        TXT "v=spf1 include:spf.esp.example ~all"
    /// spf.esp.example.  TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// Sign with DKIM under the domain's own name, so that mail does not depend on it:
    ///
    /// ```domain good d.example selector=s1
    /// d.example.        TXT "v=spf1 include:spf.esp.example ~all"
    /// spf.esp.example.  TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ONE_INCLUDE = "domain-spf-one-include", Note, Ok, ["RFC 9989 §5.1.1", "RFC 7208 §11.4"],
        "all mail of `{domain}` that passes SPF does so through `{term}`";

    /// # Names below the domain are open
    ///
    /// SPF is not inherited: a host without a record of its own may be used in MAIL FROM by anybody. DMARC can protect it, by `sp` and
    /// `np` or by inheriting `p`, but here asks for nothing.
    ///
    /// ```domain bad d.example
    /// d.example.        TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// www.d.example.    A   192.0.2.1
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=none; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.        TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// www.d.example.    A   192.0.2.1
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SUBDOMAINS_OPEN = "domain-subdomains-open", Warning, Ok, ["RFC 7208 §10.1", "RFC 9989 §4.7"],
        "anybody can send as {hosts}: SPF has no record there, and DMARC {asks}";
}

/// Codes of one protocol that are not told where these rules tell more.
pub(super) static REPLACES: &[(&Rule, &str)] =
    &[(&BEFORE_DMARC, "spf-hardfail-all"), (&SUBDOMAINS_OPEN, "spf-subdomain-uncovered")];

pub(super) fn check(cx: &Context<'_>, told: &[Diagnostic], out: &mut Findings) {
    before_dmarc(cx, out);
    one_include(cx, out);
    subdomains_open(cx, told, out);
}

fn before_dmarc(cx: &Context<'_>, out: &mut Findings) {
    let (spf, own) = (&cx.facts.spf, &cx.facts.policies.own);
    let (Some(record), Some(all), true) = (&spf.record, spf.all, own.is_enforced()) else { return };
    if spf.others != Some(Qualifier::Fail) || spf.state != SpfState::Usable {
        return;
    }
    let sign = Span::new(all.start as usize, all.start as usize + 1);
    let found = out.report(&BEFORE_DMARC, Label::new(record, all)).quote("term");
    found.arg("policy", own.policy().unwrap_or_default());
    found.fix(Fix::maybe("let DMARC decide", [Edit::replace(sign, "~")]));
    if let Some(policy) = own.record() {
        found.related(label(policy).with("decides about what fails"));
    }
}

fn one_include(cx: &Context<'_>, out: &mut Findings) {
    let spf = &cx.facts.spf;
    let (Some(record), Some(include)) = (&spf.record, spf.only_include) else { return };
    // Whether mail is signed nobody knows who has no selector; that SPF is narrow is true without.
    if spf.state == SpfState::Usable && cx.facts.policies.own.is_enforced() && cx.facts.dkim != Leg::Works {
        out.report(&ONE_INCLUDE, Label::new(record, include)).quote("term").arg("domain", &cx.facts.domain);
    }
}

fn subdomains_open(cx: &Context<'_>, told: &[Diagnostic], out: &mut Findings) {
    let policies = &cx.facts.policies;
    if !policies.subdomain.is_open() {
        return;
    }
    let asks = if policies.subdomain.record().is_some() { "asks for nothing" } else { "does not apply" };
    // SPF has looked at usual host names already.
    let Some(uncovered) = told.iter().find(|found| found.code == "spf-subdomain-uncovered") else { return };
    let hosts = uncovered.params.get("hosts").unwrap_or_default();
    let found = out.report(&SUBDOMAINS_OPEN, uncovered.primary.clone()).arg("hosts", hosts).arg("asks", asks);
    found.label("no SPF record");
    if let Some(policy) = policies.subdomain.record() {
        found.related(label(policy));
    }
}

/// The whole of a policy record.
fn label(policy: &PolicyRecord) -> Label {
    let owner = policy.domain.prefixed("_dmarc").unwrap_or_else(|_| policy.domain.clone());
    Label::whole(&Subject::record(&owner, RecordType::Txt, policy.record.source().clone()))
}
