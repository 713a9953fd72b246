//! Who signs: `d`, `s`, `i` (RFC 6376 §3.5, §3.10; RFC 8616 §5).

use super::context::Context;
use super::tags::SYNTAX;
use crate::dkim::rules::selector::absent::{SELECTOR_INVALID, unusual};
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Effect, Findings, Label, Origin, Severity, Subject, rules};

rules! {
    /// # The signing domain is no domain
    ///
    /// `d` is a domain name of at least two labels, without a dot at its end: a top-level domain signs nothing.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=com; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    D_INVALID = "dkim-sig-d-invalid", Error, Permerror, ["RFC 6376 §3.5"],
        "the signing domain `{domain}` is not valid: {why}";

    /// # A name in the signature is not ASCII
    ///
    /// Only internationalized messages (SMTPUTF8) may have U-labels in `d`, `s` and `i`. Older verifiers cannot use the signature; write
    /// A-labels (`xn--…`), which everybody reads.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=bücher.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=xn--bcher-kva.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    D_ULABEL = "dkim-sig-d-ulabel", Warning, Differs, ["RFC 8616 §5"],
        "`{name}` in `{tag}` is not ASCII, which older verifiers cannot read; its A-labels are `{ascii}`";

    /// # The identity lies outside the signing domain
    ///
    /// `i` names the user or agent that is signed for. Its domain is that of `d` or one below it.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; i=@other.example
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; i=@sub.d.example
    /// ```
    I_OUTSIDE_D = "dkim-sig-i-outside-d", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "`{identity}` is neither at `{domain}` nor below it";

    /// # The key does not allow sub-domains
    ///
    /// The key record has the flag `t=s`: the domain of `i` must be that of `d`. Sign without `i`, or take the flag away.
    ///
    /// ```dkim-signature bad key=v=DKIM1;t=s;p=
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; i=@s.d.example
    /// ```
    ///
    /// ```dkim-signature good key=v=DKIM1;t=s;p=
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; i=@d.example
    /// ```
    I_SUBDOMAIN_STRICT = "dkim-sig-i-subdomain-strict", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`{identity}` is below `{domain}`, and the flag `s` of the key does not allow that";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for defect in cx.defects() {
        let (label, text) = (cx.label(defect.span), cx.label(defect.span).quoted());
        match &defect.kind {
            DefectKind::Domain(error) => {
                out.report(&D_INVALID, label).arg("domain", text).arg("why", error);
            }
            DefectKind::DomainOneLabel => {
                out.report(&D_INVALID, label).arg("domain", text).arg("why", "it has one label only");
            }
            DefectKind::FinalDot => {
                let selector = cx.tag("s").is_some_and(|s| s.value == defect.span);
                let (rule, name) = if selector { (&SELECTOR_INVALID, "selector") } else { (&D_INVALID, "domain") };
                out.report(rule, label).arg(name, text).arg("why", "a dot is at its end");
            }
            DefectKind::Selector(error) => {
                out.report(&SELECTOR_INVALID, label).arg("selector", text).arg("why", error);
            }
            DefectKind::Identity => {
                out.report(&SYNTAX, label).arg("what", format!("`{text}` in `i` is no address at a domain"));
            }
            DefectKind::IdentityOutsideDomain => {
                let domain = cx.part("d").quoted();
                let domain = domain.split_once('=').map_or("", |(_, domain)| domain.trim());
                out.report(&I_OUTSIDE_D, label).arg("identity", text).arg("domain", domain);
            }
            _ => {}
        }
    }
    names(cx, out);
    strict(cx, out);
}

fn names(cx: &Context<'_>, out: &mut Findings) {
    let signature = cx.signature;
    let identity = signature.identity.as_ref().map(|i| ("i", i.span, &i.value.domain));
    let named = [("d", &signature.domain), ("s", &signature.selector)].into_iter();
    let named = named.filter_map(|(tag, name)| name.as_ref().map(|name| (tag, name.span, &name.value)));
    for (tag, span, name) in named.chain(identity) {
        if !cx.slice(span).is_ascii() {
            out.report(&D_ULABEL, cx.label(span)).quote("name").arg("tag", tag).arg("ascii", name);
        }
    }
    if let Some(selector) = &signature.selector {
        unusual(&selector.value, cx.label(selector.span), out);
    }
    if let Some(domain) = signature.domain.as_ref().filter(|domain| !domain.value.is_hostname()) {
        let why = "only letters, digits and inner hyphens may stand in its labels";
        let found = out.report(&D_INVALID, cx.label(domain.span)).quote("domain").arg("why", why);
        if domain.value.is_hostname_but_for_underscores() {
            found.severity(Severity::Warning).effect(Effect::Differs);
        }
    }
    // A top-level domain is told as a name of one label.
    if let Some(domain) = signature.domain.as_ref().filter(|d| cx.facts.public_suffix && d.value.label_count() > 1) {
        let found = out.report(&D_INVALID, cx.label(domain.span)).quote("domain");
        found.arg(
            "why",
            "names below it belong to different people (Public Suffix List), and nobody can sign for all of them",
        );
        // §6.1.1: verifiers may refuse such a signature, and few know the suffixes.
        found.severity(Severity::Warning).effect(Effect::Differs);
    }
}

fn strict(cx: &Context<'_>, out: &mut Findings) {
    let (Some(identity), Some(domain)) = (&cx.signature.identity, &cx.signature.domain) else { return };
    let below = identity.value.domain.is_subdomain_of(&domain.value);
    let Some(key) = cx.facts.key.filter(|key| key.is_strict() && below) else { return };
    let found = out.report(&I_SUBDOMAIN_STRICT, cx.label(identity.span)).quote("identity").arg("domain", &domain.value);
    let flag = key.tag("t").unwrap_or_default();
    let subject = Subject::new(Origin::Given, key.source.clone());
    found.related(Label::new(&subject, flag).with("the key asks for the very same domain"));
}
