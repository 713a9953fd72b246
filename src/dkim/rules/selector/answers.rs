//! What stands at a selector beside the text of one key: several records, aliases, wildcards, DNSSEC.

use super::place::{Place, meant_keys};
use crate::aliases;
use crate::dkim::rules::strings;
use crate::dkim::{Key, KeyData, MAX_KEYS};
use crate::dns::RecordType;
use crate::dns::master::MAX_STRING;
use crate::finding::{Applicability, Change, Effect, Findings, Fix, Label, Severity, Subject, rules};
use crate::panel;
use crate::text::Source;
use crate::unread;

rules! {
    /// # A selector has several records
    ///
    /// One selector has one TXT record. With several, a verifier may take any of them or try each, so that mail passes at one receiver
    /// and fails at another. Give each key a selector of its own.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB"
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// s2._domainkey.d.example. TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB"
    /// ```
    MULTIPLE = "dkim-key-multiple-records", Error, Differs, ["RFC 6376 §3.6.2.2"],
        "`{name}` has {count} TXT records: which of them verifiers use is undefined";

    /// # The key is published through an alias
    ///
    /// Services with many customers ask for a CNAME so that they can change keys by themselves. That is right; but whoever controls the
    /// target can sign in the name of the domain. Take the alias away when the service is no longer used.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. CNAME s1.d.dkim.esp.example.
    /// s1.d.dkim.esp.example.   TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    CNAME = "dkim-key-cname", Note, Ok, ["RFC 1034 §3.6.2", "RFC 6376 §3.6.2.1"],
        "the key comes from `{target}`: whoever controls that name can sign for `{domain}`";

    /// # Every selector has a key
    ///
    /// A wildcard answers for any selector, so that a key is found even for a signature that nobody of the domain made a selector for.
    /// It also hides mistakes: a selector that was never published seems to have a key. Publish each selector by name.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// *._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    WILDCARD = "dkim-key-wildcard", Warning, Ok, ["RFC 4592 §2.1.1", "RFC 6376 §6.1.2"], covers ["dns-wildcard-txt"],
        "`{domain}` has a key for any selector: that one is found proves nothing";

    /// # Every selector is revoked
    ///
    /// `*._domainkey` with an empty `p` says that the domain signs nothing. That is good practice for a domain that sends no mail; keys
    /// that are published by name are not touched by it.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// *._domainkey.d.example. TXT "v=DKIM1; p="
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "v=DKIM1; p="
    /// ```
    ALL_REVOKED = "dkim-key-all-revoked-wildcard", Note, Ok, ["RFC 6376 §3.6.1", "RFC 4592 §2.1.1"],
        "`{domain}` revokes every selector that is not published by name: it says that nothing signs for it";

    /// # The key is not protected by DNSSEC
    ///
    /// Whoever can forge an answer of the DNS can publish a key of their own to one receiver. The resolver validates, and does not
    /// vouch for this answer. RFC 6376 does not ask for DNSSEC; it is worth having where other records of the domain are signed.
    DNSSEC = "dkim-key-dnssec", Note, Ok, ["RFC 6376 §8.5", "RFC 4035 §3.2.3"],
        "the answer for `{name}` is not protected by DNSSEC";
}

pub(super) fn check(place: &Place<'_>, out: &mut Findings) {
    several(place, out);
    long_strings(place, out);
    if let (Some(target), false) = (place.answer.aliases.last(), place.keys.is_empty()) {
        let domain = place.parts.as_ref().map_or(place.name, |(_, domain)| domain);
        out.report(&CNAME, place.label()).arg("target", target).arg("domain", domain);
    }
    aliases::check(place.dns, place.name, out);
    wildcard(place, out);
    // Only a resolver that vouches for something can be said not to vouch for this.
    let vouches = || place.dns.iter().any(|(_, answer)| answer.authentic);
    if !place.keys.is_empty() && !place.answer.authentic && vouches() {
        out.report(&DNSSEC, place.label()).arg("name", place.name);
    }
}

fn several(place: &Place<'_>, out: &mut Findings) {
    let texts = place.answer.txts();
    if texts.len() < 2 || place.keys.is_empty() {
        return;
    }
    let meant = texts.iter().filter(|text| Key::parse(text).is_meant()).count();
    unread::beyond(place.label(), "keys at the name", meant, MAX_KEYS, out);
    let found = out.report(&MULTIPLE, place.label()).arg("name", place.name).arg("count", texts.len());
    let first = texts.iter().position(|text| *text == place.keys[0].source);
    let others = texts.iter().enumerate().filter(|(at, _)| Some(*at) != first);
    for (_, text) in others.take(MAX_KEYS - 1) {
        found.related(place.record(text.clone()).with("and this one"));
    }
    let change = |remove: Vec<String>, add: Vec<String>| {
        let (owner, record_type) = (place.name.clone(), RecordType::Txt);
        Change::Records { owner, record_type, remove, add }
    };
    let fix = |title: &str, change| {
        let applicability = Applicability::MaybeIncorrect;
        Fix { title: title.to_owned(), change, applicability }
    };
    let owned = |text: &Source| text.text().to_owned();
    if let Some(whole) = halves(texts) {
        if !place.keys.iter().any(Key::is_usable) {
            // No receiver can use a part.
            found.effect(Effect::Permerror);
        }
        found.fix(fix("publish the parts as one record", change(texts.iter().map(owned).collect(), vec![whole])));
        let record = |text: &Source| Subject::record(place.name, RecordType::Txt, text.clone());
        let parts: Vec<Subject> = texts.iter().map(record).collect();
        let mut same = Findings::default();
        panel::several(&parts, |text| text.starts_with("v="), |text| !text.starts_with("v="), &mut same);
        // It says once more where the key is, so it is for those who look for its code.
        out.extend(same.into_vec().into_iter().map(|mut found| {
            found.severity(Severity::Note);
            found
        }));
        return;
    }
    // With one usable key among them, the others are what is to go.
    let mut usable = place.keys.iter().filter(|key| key.is_usable());
    if let (Some(kept), None) = (usable.next(), usable.next()) {
        let others = texts.iter().filter(|text| **text != kept.source).map(owned);
        found.fix(fix("keep the key that can be used", change(others.collect(), Vec::new())));
    }
}

/// Whether the key was published in parts: one error says so.
pub(super) fn is_in_parts(place: &Place<'_>) -> bool {
    !place.keys.is_empty() && halves(place.answer.txts()).is_some()
}

/// The key that two records make together, if none of them is a whole one: a key that was too long for one string, or its tags.
fn halves(texts: &[Source]) -> Option<String> {
    let [one, two] = texts else { return None };
    let is_usable = |text: &str| Key::parse(&Source::new(text)).is_usable();
    let orders = [[one, two], [two, one]].into_iter().filter(|[first, second]| {
        let (first, second) = (Key::parse(first), Key::parse(second));
        let is_cut_after_a_tag = first.tag("v").is_some() && first.tag("p").is_none() && second.tag("v").is_none();
        !first.is_usable() && (!second.is_usable() || is_cut_after_a_tag)
    });
    let joined = orders.map(|[first, second]| format!("{}{}", first.text(), second.text()));
    joined.into_iter().find(|text| is_usable(text))
}

fn long_strings(place: &Place<'_>, out: &mut Findings) {
    for text in place.answer.txts() {
        for string in text.strings() {
            let octets = text.bytes_of(string.span).len();
            if octets > MAX_STRING {
                let subject = Subject::record(place.name, RecordType::Txt, text.clone());
                strings::over_255(Label::new(&subject, string.span), octets, out);
            }
        }
    }
}

fn wildcard(place: &Place<'_>, out: &mut Findings) {
    let (Some((owner, answer)), Some((_, domain))) = (place.any_selector(), &place.parts) else { return };
    let keys = meant_keys(answer);
    let Some(key) = keys.first() else { return };
    let rule = if key.data == KeyData::Revoked { &ALL_REVOKED } else { &WILDCARD };
    let subject = Subject::record(&owner, RecordType::Txt, key.source.clone());
    out.report(rule, Label::whole(&subject)).arg("domain", domain);
}

/// Whether nothing but a wildcard that revokes every selector speaks of this one.
pub(super) fn is_revoked_with_all(place: &Place<'_>) -> bool {
    let revoked = |key: &Key| key.data == KeyData::Revoked;
    let Some((_, any)) = place.any_selector() else { return false };
    any.txts() == place.answer.txts() && !place.keys.is_empty() && place.keys.iter().all(revoked)
}
