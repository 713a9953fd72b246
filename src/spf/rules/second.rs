//! A second record in the text of the first: two were pasted into one.

use super::commas::COMMA_OR_SEMICOLON;
use super::separators::GLUED_TERMS;
use super::unknown::{Claim, Unknown};
use super::version::{VERSION, VERSION_REPEATED, find, starts_with, with_space_before};
use super::{Context, domain_spec, merge, sure_if};
use crate::finding::{Applicability, Diagnostic, Edit, Effect, Findings, Fix, Severity};
use crate::other_record;
use crate::spf::qualifier::unqualified;
use crate::spf::{Record, Term, TermKind};
use crate::text::Span;

/// A record of another protocol in the SPF record. Nothing in it is of SPF, so nothing else is told about it.
pub(super) fn other(cx: &Context<'_>, out: &mut Findings) -> bool {
    let (text, terms) = (cx.whole(), cx.record.terms());
    // Its tags are modifiers that SPF does not know.
    let is_foreign = |term: &Term| matches!(term.kind, TermKind::UnknownModifier(_) | TermKind::Unknown(_));
    if !terms.iter().any(is_foreign) {
        return false;
    }
    let Some((at, kind)) = other_record::find(text, |kind| kind.begin != VERSION) else { return false };
    let is_behind = |term: &&Term| term.span.start as usize > at;
    // It ends where SPF goes on.
    let next = terms.iter().filter(is_behind).find(|term| !is_foreign(term)).map(|term| term.span.start as usize);
    let end = next.unwrap_or(text.len());
    let kept = text[..at].trim_end_matches([' ', ';', ',']).len();
    let cut = if next.is_some() { Span::new(at, end) } else { Span::new(kept, end) };
    let mut behind = terms.iter().filter(|term| term.span.end as usize > kept && (term.span.start as usize) < end);
    let is_broken = behind.any(|term| matches!(term.kind, TermKind::Unknown(_)));
    let is_all = next.is_none() && find(&text[at..], VERSION).is_none();
    let begin = kind.begin.trim_end_matches(';').len();
    let found = out.report(&VERSION_REPEATED, cx.at(Span::new(at, at + begin)));
    found.quote("found").label(kind.told()).severity(Severity::Error);
    found.effect(if is_broken { Effect::Permerror } else { Effect::PartIgnored });
    found.fix(Fix::edit("cut it off", [Edit::delete(cut)], sure_if(is_all)));
    found.fixes.extend(cx.domain.and_then(|domain| kind.publish(domain, &text[at..end])));
    true
}

/// `-all;v=spf1`, `-allv=spf1`: a second record is glued to the first.
pub(super) fn glued(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let Some(version) = glued_version(term.cx, term.span) else { return Claim::No };
    let before = term.cx.text(Span { end: version.start, ..term.span });
    let kept = term.span.start as usize + before.trim_end_matches(SEPARATORS).len();
    let place = Span::new(kept, version.start as usize);
    let rule = if place.is_empty() { &GLUED_TERMS } else { &COMMA_OR_SEMICOLON };
    let found = out.report(rule, term.cx.at(term.span)).quote("term");
    if !place.is_empty() {
        found.arg("char", &before[before.len() - 1..]);
    }
    found.fix(Fix::maybe("separate by spaces", [Edit::replace(place, " ")]));
    Claim::Told
}

/// Where the version stands in `-all;v=spf1`.
pub(super) fn glued_version(cx: &Context<'_>, term: Span) -> Option<Span> {
    let text = cx.text(term);
    let is_end = |before: &str| before.ends_with(SEPARATORS) || unqualified(before).eq_ignore_ascii_case("all");
    let at = find(text, VERSION).filter(|at| is_end(&text[..*at]))?;
    Some(Span { start: term.start + u32::try_from(at).ok()?, ..term })
}

/// What other records and sentences are separated by.
const SEPARATORS: [char; 3] = [';', ',', '.'];

/// Further versions of SPF, as the modifiers that they are read as.
pub(super) fn spf(cx: &Context<'_>, versions: &[Span], out: &mut Findings) {
    if versions.is_empty() {
        return;
    }
    let records = records(cx.whole(), versions);
    let is_bound = is_bound(&records);
    let records = with_ends(records);
    for (n, &span) in versions.iter().enumerate() {
        let found = out.report(&VERSION_REPEATED, cx.at(span)).quote("found");
        if !is_bound {
            found.fix(Fix::maybe("take it out", [Edit::delete(with_space_before(cx.whole(), span))]));
        } else if n == 0
            && let Some(merged) = merge::merged(&records)
        {
            let whole = Span::new(0, cx.whole().len());
            found.fix(Fix::maybe(merge::told(&records, &merged), [Edit::replace(whole, merged)]));
        }
    }
}

/// The records that were pasted together, without what separates them. A version that stands alone is none.
fn records(text: &str, versions: &[Span]) -> Vec<Record> {
    let starts = [0].into_iter().chain(versions.iter().map(|span| span.start as usize));
    let ends = versions.iter().map(|span| span.start as usize).chain([text.len()]);
    let is_between = |c: char| SEPARATORS.contains(&c) || c.is_ascii_whitespace();
    let records = starts.zip(ends).map(|(start, end)| {
        let own = text[start..end].trim_end_matches(is_between);
        // `v=spf1,` is no other version.
        match own.split_at_checked(VERSION.len()) {
            Some((version, terms)) if terms.starts_with([',', ';']) => {
                Record::parse(&[version, " ", terms.trim_start_matches(is_between)].concat())
            }
            _ => Record::parse(own),
        }
    });
    records.filter(|record| !record.terms().is_empty()).collect()
}

/// Gives a record without an end that of the next: in one text, what stands between them is only a version too many.
fn with_ends(mut records: Vec<Record>) -> Vec<Record> {
    let mut next: Option<String> = None;
    for record in records.iter_mut().rev() {
        let own = domain_spec::all(record).map(|all| record.text(all).to_owned());
        if own.is_some() || record.redirect().is_some() {
            next = own;
        } else if let Some(end) = &next {
            *record = Record::parse(&[record.source().text(), " ", end].concat());
        }
    }
    records
}

/// Whether a record speaks of the senders of a later one: by its `all`, behind which no term is looked at (§5.1), by a redirect, which an
/// `all` ends (§6.1), or by refusing them (§4.6.2).
fn is_bound(records: &[Record]) -> bool {
    let binds = |text: &str| {
        text.starts_with(['-', '~', '?'])
            || ["redirect=", "redirect:"].iter().any(|name| starts_with(text, name))
            || unqualified(text).eq_ignore_ascii_case("all")
    };
    records.split_last().is_some_and(|(_, before)| {
        before.iter().any(|record| record.terms().iter().any(|term| binds(record.text(term.span))))
    })
}

/// Makes maybes of the sure fixes among `found` where one record speaks of another's senders: a mended comma or typo would put the first
/// into force, and refuse whom the second lets pass.
pub(super) fn check(cx: &Context<'_>, found: &mut [Diagnostic]) {
    let is_spf =
        |found: &&Diagnostic| found.code == VERSION_REPEATED.code && starts_with(cx.text(found.primary.span), VERSION);
    let versions: Vec<Span> = found.iter().filter(is_spf).map(|found| found.primary.span).collect();
    if versions.is_empty() || !is_bound(&records(cx.whole(), &versions)) {
        return;
    }
    for fix in found.iter_mut().flat_map(|found| &mut found.fixes) {
        fix.applicability = fix.applicability.max(Applicability::MaybeIncorrect);
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::finding::{Applicability, Change, Diagnostic, Effect, apply};
    use crate::resolver::{Zone, drive_sync};
    use crate::spf;
    use crate::text::Source;

    fn lint(source: &Source) -> Vec<Diagnostic> {
        spf::lint_text(source)
    }

    #[test]
    fn a_dmarc_record_is_cut_off() {
        for (text, effect) in [
            ("v=spf1 mx -all; v=DMARC1; p=reject", Effect::Permerror),
            ("v=spf1 mx -all v=DMARC1; p=reject; rua=mailto:d@d.example", Effect::PartIgnored),
            ("v=spf1 mx -all;v=dmarc1;p=none", Effect::Permerror),
            ("v=spf1 mx -all\nv=DMARC1; p=reject", Effect::Permerror),
        ] {
            let found = lint(&text.into());
            let told: Vec<_> = found.iter().filter(|found| found.code == *"spf-version-repeated").collect();
            assert_eq!(told.len(), 1, "{text}: {found:#?}");
            assert!(!found.iter().any(|found| found.code == *"spf-unknown-modifier"), "{text}: {found:#?}");
            assert_eq!(spf::effect(&found), effect, "{text}");
            let mended = crate::finding::apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into()));
            assert_eq!(mended.text, "v=spf1 mx -all", "{text}");
        }
        let glued = Source::from_strings(["v=spf1 mx -all", "v=DMARC1; p=reject"]);
        assert!(lint(&glued).iter().any(|found| found.code == *"spf-version-repeated"));
        assert!(!lint(&"v=spf1 mx x=v=DMARC1 -all".into()).iter().any(|found| found.code == *"spf-version-repeated"));
    }

    #[test]
    fn a_record_of_another_protocol_is_cut_off() {
        for (text, mended) in [
            ("v=spf1 mx v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN -all", "v=spf1 mx -all"),
            ("v=spf1 mx -all; v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3 DQEBAQUAA4GN", "v=spf1 mx -all"),
            ("v=spf1 mx -all k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN", "v=spf1 mx -all"),
            ("v=spf1 mx ~all; v=BIMI1; l=https://d.example/l.svg; a=", "v=spf1 mx ~all"),
            ("v=spf1 mx ~all v=STSv1; id=1; v=TLSRPTv1; rua=mailto:t@d.example", "v=spf1 mx ~all"),
            ("v=spf1 mx v=DMARC1; p=none include:x.example -all", "v=spf1 mx include:x.example -all"),
        ] {
            let found = lint(&text.into());
            let told: Vec<_> = found.iter().filter(|found| found.code == *"spf-version-repeated").collect();
            assert_eq!(told.len(), 1, "{text}: {found:#?}");
            assert!(!found.iter().any(|found| found.code == *"spf-unknown-modifier"), "{text}: {found:#?}");
            assert_eq!(apply(text, told[0].fixes[0].edits()).unwrap(), mended, "{text}");
        }
        let fine = "v=spf1 mx k=rsa -all";
        assert!(!lint(&fine.into()).iter().any(|found| found.code == *"spf-version-repeated"));
    }

    /// §5.1: what stands behind `all` is never looked at. Whether it is meant only the owner knows.
    #[test]
    fn no_machine_puts_one_of_two_records_into_force() {
        for text in [
            "v=spf1 mx -all; v=spf1 a ~all",
            "v=spf1 mx -all;v=spf1 a ~all",
            "v=spf1 ipv4:192.0.2.1 -all v=spf1 a ~all",
            "v=spf1 include:_spf.google.com  ip4:192.0.2.256 mx ptr -all; v=spf1 a ~all",
        ] {
            let mended = crate::finding::apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into()));
            assert_eq!(mended.text, text);
        }
        let text = "v=spf1 mx, v=spf1 ipv4:192.0.2.1 -all";
        let mended = crate::finding::apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into()));
        assert_eq!(mended.text, "v=spf1 mx v=spf1 ip4:192.0.2.1 -all", "all terms are looked at");
    }

    /// Where the domain is known, so is the name of the other record.
    #[test]
    fn the_other_record_is_published_at_its_place() {
        let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all v=DMARC1; p=none; rua=mailto:r@d.example\"");
        let (zone, domain) = (zone.unwrap(), "d.example".parse().unwrap());
        let lint = |dns: &Snapshot| spf::lint_domain(dns, &domain, &spf::LintOptions::default());
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        let told = found.iter().find(|found| found.code == *"spf-version-repeated").unwrap();
        let Change::Records { owner, add, .. } = &told.fixes[1].change else { panic!("{told:#?}") };
        assert_eq!((owner.as_str(), add[0].as_str()), ("_dmarc.d.example", "v=DMARC1; p=none; rua=mailto:r@d.example"));
    }

    #[test]
    fn a_second_record_is_merged_where_it_would_be_dead() {
        for (text, mended) in [
            ("v=spf1 mx v=spf1 a -all", "v=spf1 mx a -all"),
            ("v=spf1 mx -all v=spf1 a ~all", "v=spf1 mx a ~all"),
            ("v=spf1 mx -all\nv=spf1 a -all", "v=spf1 mx a -all"),
            ("v=spf1 mx -all; v=spf1 a ~all", "v=spf1 mx a ~all"),
            ("v=spf1 mx -all;v=spf1 a ~all;", "v=spf1 mx a ~all"),
            ("v=spf1 mx -all , v=spf1 a ~all", "v=spf1 mx a ~all"),
        ] {
            let found = lint(&text.into());
            let told = found.iter().find(|found| found.code == *"spf-version-repeated").unwrap();
            assert_eq!(told.fixes[0].applicability, Applicability::MaybeIncorrect);
            assert_eq!(apply(text, told.fixes[0].edits()).unwrap(), mended);
        }
        // The line break is between records, not between terms.
        let found = lint(&"v=spf1 mx -all\nv=spf1 a -all".into());
        let line = found.iter().find(|found| found.code == *"spf-tab-or-newline").unwrap();
        assert_eq!(line.fixes[0].applicability, Applicability::MaybeIncorrect);
    }

    /// §6.1, §4.6.2: a redirect beside `all` is ignored, and whom the first record refuses the second cannot let pass.
    #[test]
    fn what_the_first_record_says_is_not_put_before_the_second() {
        for (text, merged) in [
            ("v=spf1 redirect=a.example; v=spf1 mx -all", Some("v=spf1 include:a.example mx -all")),
            ("v=spf1 -mx; v=spf1 mx, -all", None),
            ("v=spf1 -mx, v=spf1 mx -all", Some("v=spf1 mx -mx -all")),
            ("v=spf1 -ip4:9.9.9.0/24 v=spf1 ip4:9.9.9.7 -all", Some("v=spf1 ip4:9.9.9.7 -ip4:9.9.9.0/24 -all")),
            ("v=spf1 redirect=a.example v=spf1 mx", None),
            ("v=spf1 redirect=a.example v=spf1 redirect=a.example", Some("v=spf1 redirect=a.example")),
            ("v=spf1 redirected=yes v=spf1 mx -all", Some("v=spf1 redirected=yes mx -all")),
            ("v=spf1 ?mx v=spf1 a -all", Some("v=spf1 a ?mx -all")),
            ("v=spf1 mx -all v=spf1, a -all", Some("v=spf1 mx a -all")),
            ("v=spf1 mx -all v=spf1.1 a -all", None),
            ("v=spf1 mx +all v=spf1 a -all", None),
        ] {
            let found = lint(&text.into());
            let told = found.iter().find(|found| found.code == *"spf-version-repeated").unwrap();
            let fix = told.fixes.first().map(|fix| apply(text, fix.edits()).unwrap());
            assert_eq!(fix.as_deref(), merged, "{text}");
            let mended = crate::finding::apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into()));
            assert_eq!(mended.text, text);
        }
    }

    /// A version that was left behind is no record without an end.
    #[test]
    fn a_version_without_terms_is_no_record() {
        for (text, mended) in [
            ("v=spf1 mx -all v=spf1", Some("v=spf1 mx -all")),
            ("v=spf1 v=spf1 mx -all", Some("v=spf1 mx -all")),
            ("v=spf1 mx -all v=spf2 a", None),
        ] {
            let found = lint(&text.into());
            assert!(!found.iter().any(|found| found.code == *"spf-neutral-all"), "{text}: {found:#?}");
            let told = found.iter().find(|found| found.code == *"spf-version-repeated").unwrap();
            let fix = told.fixes.first().map(|fix| apply(text, fix.edits()).unwrap());
            assert_eq!(fix.as_deref(), mended, "{text}");
        }
    }

    /// What was only written by the merge is nothing that stands in the text.
    #[test]
    fn what_is_proposed_is_not_told() {
        for text in ["v=spf1 -ip4:9.9.9.0/24 v=spf1 ip4:9.9.9.7 -all", "v=spf1 mx -all v=spf1 a"] {
            let found = lint(&text.into());
            assert!(!found.iter().any(|found| found.code == *"spf-neutral-all"), "{text}: {found:#?}");
        }
    }

    #[test]
    fn a_record_begins_directly_behind_the_end_of_another() {
        for (text, code) in [
            ("v=spf1 mx -allv=spf1 a -all", "spf-glued-terms"),
            ("v=spf1 mx -all.v=spf1 a -all", "spf-comma-or-semicolon-separator"),
        ] {
            let found = lint(&text.into());
            assert!(!found.iter().any(|found| found.code == *"spf-equals-for-colon"), "{text}: {found:#?}");
            let told = found.iter().find(|found| found.code == *code).unwrap();
            assert_eq!(told.fixes[0].applicability, Applicability::MaybeIncorrect);
            assert_eq!(apply(text, told.fixes[0].edits()).unwrap(), "v=spf1 mx -all v=spf1 a -all");
            let told = found.iter().find(|found| found.code == *"spf-version-repeated").unwrap();
            assert_eq!(apply(text, told.fixes[0].edits()).unwrap(), "v=spf1 mx a -all");
        }
    }
}
