//! Records at names where no receiver looks.

use super::domain::{DomainContext, is_near_miss};
use super::lint::mended;
use crate::Name;
use crate::dmarc::{Found, Record};
use crate::dns::{Question, RecordType};
use crate::finding::{Applicability, Effect, Findings, Fix, Label, Rule, Subject, rules};
use crate::text::Source;

rules! {
    /// # The record stands at the domain itself
    ///
    /// Receivers look at `_dmarc.` before the domain, and nowhere else.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    WRONG_APEX = "dmarc-wrong-location-apex", Error, NoDmarc, ["RFC 9989 §4.5"],
        "the DMARC record stands at `{found}`, where no receiver looks; it belongs at `{owner}`";

    /// # The record stands under another label
    ///
    /// The label is `_dmarc`, with one underscore before it, directly at the domain.
    ///
    /// ```zone bad d.example
    /// dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    WRONG_LABEL = "dmarc-wrong-label", Error, NoDmarc, ["RFC 9989 §4.5"],
        "the DMARC record stands at `{found}`, where no receiver looks; it belongs at `{owner}`";

    /// # The zone's name stands twice
    ///
    /// Many DNS panels add the zone's name by themselves. Whoever types it too publishes the record at a doubled name.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// The zone is often that of a domain above:
    ///
    /// ```zone bad mail.d.example
    /// mail.d.example.                  A   192.0.2.1
    /// _dmarc.mail.d.example.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    DOUBLED = "dmarc-doubled-zone-name", Error, NoDmarc, ["RFC 9989 §4.5"], covers ["dns-panel-doubled-zone"],
        "the DMARC record stands at `{found}`: the DNS panel added the name of the zone once more";
}

/// Labels under which records are found that were meant for `_dmarc`.
const WRONG_LABELS: &[&str] =
    &["dmarc", "__dmarc", "_dmarc_", "_dmark", "_dmarc._dmarc", "_dmarc.www", "dmarc._domainkey"];

/// Records at names where no receiver looks.
pub(super) fn elsewhere(cx: &DomainContext<'_>, open: &mut Vec<Question>, out: &mut Findings) -> Vec<(Name, Source)> {
    let mut misplaced = Vec::new();
    if !matches!(cx.own(), Found::Nothing) {
        return misplaced;
    }
    // Each with the zone whose wildcard would answer there.
    let mut places: Vec<(Name, &'static Rule, Option<Name>)> = vec![(cx.domain.clone(), &WRONG_APEX, None)];
    let wrong = WRONG_LABELS.iter().filter_map(|label| cx.domain.prefixed(label).ok());
    places.extend(wrong.map(|name| (name, &WRONG_LABEL, Some(cx.domain.clone()))));
    places.extend(cx.owner.with_zone_twice(cx.domain).map(|(name, zone)| (name, &DOUBLED, Some(zone))));
    for (name, rule, zone) in places {
        let Some(answer) = cx.ask(&name, RecordType::Txt, open) else { continue };
        let meant = |text: &&Source| Record::of((*text).clone()).is_dmarc() || is_near_miss(text.text());
        let Some(text) = answer.txts().iter().find(meant) else { continue };
        // A wildcard answers under every label; it says nothing about this one.
        let any = zone.and_then(|zone| zone.prefixed("*").ok());
        let everywhere = any.and_then(|any| cx.ask(&any, RecordType::Txt, open));
        if everywhere.is_some_and(|answer| answer.txts().contains(text)) {
            continue;
        }
        let subject = Subject::record(&name, RecordType::Txt, text.clone());
        let found = out.report(rule, Label::whole(&subject));
        found.arg("found", &name).arg("owner", &cx.owner);
        let applicability = Applicability::MaybeIncorrect;
        let value = repaired(cx, text);
        found.fix(Fix::publish(
            format!("publish it at {}", cx.owner),
            &cx.owner,
            RecordType::Txt,
            value,
            applicability,
        ));
        if cx.policy().is_some() {
            found.effect(Effect::PartIgnored);
        }
        misplaced.push((name, text.clone()));
    }
    misplaced
}

pub(super) fn repaired(cx: &DomainContext<'_>, text: &Source) -> String {
    mended(&Record::of(text.clone()), Some(cx.domain), cx.options).unwrap_or_else(|| text.text().to_owned())
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{LintOptions, lint_domain};
    use crate::dns::Snapshot;
    use crate::resolver::{Zone, drive_sync};

    /// The wildcard of a zone answers at a name below it that does not exist, and not at a host that does.
    #[test]
    fn what_a_wildcard_says_is_misplaced_nowhere() {
        let zone = "mail.d.example. A 192.0.2.1\n*.d.example. TXT \"v=DMARC1; p=reject\"\n\
            _dmarc.mail.d.example. TXT \"some words\"";
        let zone = Zone::parse(zone).unwrap();
        let domain = "mail.d.example".parse().unwrap();
        let lint = |dns: &Snapshot| lint_domain(dns, &domain, &LintOptions::default());
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        assert!(found.iter().all(|found| found.code != "dmarc-doubled-zone-name"), "{found:?}");
    }
}
