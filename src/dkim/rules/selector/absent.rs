//! No key where it should be, and where it may have gone.

use super::place::Place;
use crate::Name;
use crate::dkim::Key;
use crate::dns::RecordType;
use crate::finding::{Applicability, Diagnostic, Effect, Evidence, Findings, Fix, Label, Severity, Subject, rules};
use crate::text::Source;

rules! {
    /// # The key could not be looked up
    ///
    /// The DNS did not answer the question for the key. That says nothing about the message; receivers try again, or judge
    /// it without the signature.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. SERVFAIL
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    TEMPFAIL = "dkim-dns-tempfail", Warning, Temperror, ["RFC 6376 §6.1.2"],
        "the key of `{domain}` (selector `{selector}`) could not be looked up: the DNS answers {failure} for `{name}`";

    /// # A selector has no key
    ///
    /// Verifiers find the key of a signature at `selector._domainkey.domain`. Where nothing stands there, every signature with that
    /// selector fails for good.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    MISSING = "dkim-key-missing", Error, Permerror, ["RFC 6376 §3.6.2.2", "RFC 6376 §6.1.2"],
        "the selector `{selector}` has no {what}: nothing that is signed with it can pass";

    /// # The alias of a selector leads nowhere
    ///
    /// The selector is a CNAME, as services with many customers ask for, and its target has no record. Nothing that is signed with it
    /// can pass; and whoever can register the target's domain can sign in the name of this one. Ask the service for the right target,
    /// or take the alias away.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. CNAME s1.d.dkim.esp.example.
    /// esp.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. CNAME s1.d.dkim.esp.example.
    /// s1.d.dkim.esp.example.   TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    CNAME_DANGLING = "dkim-key-cname-dangling", Error, Permerror, ["RFC 1034 §3.6.2", "RFC 6376 §6.1.2"],
        "`{name}` is an alias of `{target}`, where no key is";

    /// # A key is published at the wrong name
    ///
    /// Verifiers look at `selector._domainkey.domain` and nowhere else. The label `_domainkey` is often left out or misspelt; and
    /// many DNS panels add the domain to a name that has it already.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    WRONG_LOCATION = "dkim-key-wrong-location", Error, Permerror, ["RFC 6376 §3.6.2.1"],
        "a key is published at `{found}`, where verifiers do not look: they look at `{wanted}`";

    /// # A guessed selector has no key
    ///
    /// Only a signature tells which selectors a domain uses; the DNS cannot list them. That nothing stands at a guessed selector does
    /// not mean that the domain signs nothing: take the selector from `s` in the DKIM-Signature field of a message.
    ///
    /// ```zone bad default._domainkey.d.example guessed
    /// d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good default._domainkey.d.example guessed
    /// default._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    SELECTOR_UNKNOWN = "dkim-selector-unknown", Note, Ok, ["RFC 6376 §3.1", "RFC 6376 §3.6.2.1"],
        "no key is at the guessed selector `{selector}`, which does not mean that the domain has none";

    /// # The selector is not a sequence of labels
    ///
    /// A selector is made like a host name: labels of letters, digits and inner hyphens, with a dot between them, and each of at most
    /// 63 octets. Verifiers cannot look for a key at an empty or too long label; other characters, such as an underscore, work with most.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=a_b..c; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=a-b.c; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    SELECTOR_INVALID = "dkim-selector-invalid", Error, Permerror, ["RFC 6376 §3.1", "RFC 6376 §3.5"],
        "the selector `{selector}` is not valid: {why}";
}

pub(super) fn check(place: &Place<'_>, out: &mut Findings) {
    if let Some((selector, _)) = &place.parts {
        unusual(selector, place.label(), out);
    }
    if !place.keys.is_empty() {
        misnamed(place, out);
    } else if place.is_empty() {
        missing(place, out);
        misplaced(place, out);
    }
}

/// A selector that the DNS can hold, with characters that RFC 5321's `sub-domain` has not.
pub(in crate::dkim::rules) fn unusual(selector: &Name, label: Label, out: &mut Findings) {
    if !selector.is_hostname() {
        let found = out.report(&SELECTOR_INVALID, label).arg("selector", selector);
        found.arg("why", "only letters, digits and inner hyphens may stand in its labels");
        if is_tolerated(selector) {
            found.severity(Severity::Warning).effect(Effect::Differs);
        }
    }
}

/// Whether only underscores are too much in a name: RFC 5321's `sub-domain` has none, but names of the DNS do, and most verifiers ask
/// for the key.
pub(in crate::dkim::rules) fn is_tolerated(name: &Name) -> bool {
    Name::parse(&name.as_str().replace('_', "x")).is_ok_and(|name| name.is_hostname())
}

/// What there is to say about a selector as people type it, without its DNS.
///
/// ```
/// use mailproof::dkim;
///
/// assert!(dkim::lint_selector("s1.eu").is_empty());
/// assert_eq!(dkim::lint_selector("a..b")[0].code, "dkim-selector-invalid");
/// ```
pub fn lint_selector(text: &str) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    let label = Label::whole(&Subject::given(text));
    match Name::parse(text) {
        Ok(_) if text.ends_with('.') => {
            out.report(&SELECTOR_INVALID, label).arg("selector", text).arg("why", "a dot is at its end");
        }
        Ok(selector) => unusual(&selector, label, &mut out),
        Err(why) => {
            out.report(&SELECTOR_INVALID, label).arg("selector", text).arg("why", why);
        }
    }
    out.into_vec()
}

fn missing(place: &Place<'_>, out: &mut Findings) {
    let texts = place.answer.txts();
    let target = place.answer.aliases.last().filter(|_| texts.is_empty());
    if let Some(target) = target {
        out.report(&CNAME_DANGLING, place.label()).arg("name", place.name).arg("target", target);
    } else if place.options.guessed {
        out.report(&SELECTOR_UNKNOWN, place.label()).arg("selector", place.selector()).evidence(Evidence::NotChecked);
    } else {
        let what = if texts.is_empty() { "record" } else { "key that can be used" };
        out.report(&MISSING, place.label()).arg("selector", place.selector()).arg("what", what);
    }
}

/// Keys at names where people put them by mistake.
fn misplaced(place: &Place<'_>, out: &mut Findings) {
    for near in place.near_misses() {
        let Some(answer) = place.txt(&near) else { continue };
        let Some(text) = answer.txts().iter().find(|text| is_key(text)) else { continue };
        let subject = Subject::record(&near, RecordType::Txt, text.clone());
        let found = out.report(&WRONG_LOCATION, Label::whole(&subject)).arg("found", &near).arg("wanted", place.name);
        // A service keeps the key behind an alias: that belongs there, not what it leads to today.
        let (of, value) = match answer.aliases.first() {
            Some(target) => (RecordType::Cname, format!("{target}.")),
            None => (RecordType::Txt, text.text().to_owned()),
        };
        let title = "publish it where verifiers look";
        found.fix(Fix::publish(title, place.name, of, value, Applicability::MaybeIncorrect));
        return;
    }
}

fn is_key(text: &Source) -> bool {
    let key = Key::parse(text);
    key.is_meant() && key.has_key()
}

/// A key at a name where no verifier looks: without `_domainkey`, or with the domain twice.
fn misnamed(place: &Place<'_>, out: &mut Findings) {
    let wanted = match &place.parts {
        None => "selector._domainkey.domain".to_owned(),
        Some((selector, domain)) => {
            let (labels, half) = (domain.label_count(), domain.suffix(domain.label_count() / 2));
            let doubled = labels % 2 == 0 && labels >= 4 && format!("{half}.{half}") == domain.as_str();
            if !doubled {
                return;
            }
            format!("{selector}._domainkey.{half}")
        }
    };
    out.report(&WRONG_LOCATION, place.label()).arg("found", place.name).arg("wanted", wanted);
}
