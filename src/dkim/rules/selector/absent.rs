//! No key where it should be, and where it may have gone.

use super::place::{Place, meant_keys};
use crate::Name;
use crate::aliases;
use crate::dkim::Key;
use crate::dkim::key::host_named;
use crate::dkim::rules::hostname;
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
        // Most verifiers ask for such a key.
        if selector.is_hostname_but_for_underscores() {
            found.severity(Severity::Warning).effect(Effect::Differs);
        }
    }
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
        let found = out.report(&CNAME_DANGLING, place.label()).arg("name", place.name).arg("target", target);
        let domain = place.parts.as_ref().map_or(place.name, |(_, domain)| domain);
        found.fixes.extend(aliases::without_zone(place.name, RecordType::Cname, aliases::value, target, domain));
    } else if let Some((text, host)) = named_here(place) {
        let found = out.report(&hostname::HOSTNAME, place.record(text.clone())).arg("host", &host);
        // RFC 1034 §3.6.2: nothing may stand beside a CNAME record, and a fix has one type.
        let title = match texts {
            [_] => "take the TXT record away, then publish its name as a CNAME record",
            _ => "take all TXT records away, then publish the name that one of them holds as a CNAME record",
        };
        let value = format!("{host}.");
        found.fix(Fix::publish(title, place.name, RecordType::Cname, value, Applicability::MaybeIncorrect));
    } else if place.options.guessed {
        out.report(&SELECTOR_UNKNOWN, place.label()).arg("selector", place.selector()).evidence(Evidence::NotChecked);
    } else {
        let what = if texts.is_empty() { "record" } else { "key that can be used" };
        out.report(&MISSING, place.label()).arg("selector", place.selector()).arg("what", what);
    }
}

/// The text that names a host in place of a key. What a wildcard answers everywhere was not published for this selector.
fn named_here<'a>(place: &Place<'a>) -> Option<(&'a Source, Name)> {
    let texts = place.answer.txts();
    // Name servers change the order of records.
    let same = |any: &[Source]| any.len() == texts.len() && texts.iter().all(|text| any.contains(text));
    let is_of_wildcard = place.any_selector().is_some_and(|(_, any)| same(any.txts()));
    let mut named = texts.iter().filter(|_| !is_of_wildcard);
    named.find_map(|text| Some((text, host_named(text.text())?)))
}

/// Keys at names where people put them by mistake.
fn misplaced(place: &Place<'_>, out: &mut Findings) {
    for near in place.near_misses() {
        let Some(answer) = place.txt(&near) else { continue };
        let Some(key) = meant_keys(answer).into_iter().find(Key::has_key) else { continue };
        let subject = Subject::record(&near, RecordType::Txt, key.source.clone());
        let found = out.report(&WRONG_LOCATION, Label::whole(&subject)).arg("found", &near).arg("wanted", place.name);
        // A service keeps the key behind an alias: that belongs there, not what it leads to today.
        let (of, value) = match answer.aliases.first() {
            Some(target) => (RecordType::Cname, format!("{target}.")),
            None => (RecordType::Txt, key.source.text().to_owned()),
        };
        let title = "publish it where verifiers look";
        found.fix(Fix::publish(title, place.name, of, value, Applicability::MaybeIncorrect));
        return;
    }
}

/// A key at a name where no verifier looks: without `_domainkey`, or with the name of the zone twice.
fn misnamed(place: &Place<'_>, out: &mut Findings) {
    let wanted = match &place.parts {
        None => "selector._domainkey.domain".to_owned(),
        Some((selector, domain)) => {
            let zones = (2..=domain.label_count() / 2).map(|labels| domain.suffix(labels));
            let mut typed = zones.filter_map(|zone| {
                let typed = domain.as_str().strip_suffix(zone.as_str())?.strip_suffix('.')?;
                Name::parse(typed).ok().filter(|typed| typed.is_within(&zone))
            });
            let Some(typed) = typed.next() else { return };
            format!("{selector}._domainkey.{typed}")
        }
    };
    out.report(&WRONG_LOCATION, place.label()).arg("found", place.name).arg("wanted", wanted);
}
