//! A second record in the text of the first: two were pasted into one.

use super::version::{VERSION, VERSION_REPEATED, find, with_space_before};
use super::{Context, merge, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Severity};
use crate::other_record;
use crate::spf::{Mechanism, Record, Term, TermKind};
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

/// Further versions of SPF, as the modifiers that they are read as.
pub(super) fn spf(cx: &Context<'_>, versions: &[Span], out: &mut Findings) {
    let Some(last) = versions.last() else { return };
    let mut before = cx.record.directives().take_while(|(span, _)| span.start < last.start);
    // Behind `all` the terms of the second record would be dead (§5.1).
    let ended = before.any(|(_, directive)| directive.mechanism == Mechanism::All);
    for (n, &span) in versions.iter().enumerate() {
        let found = out.report(&VERSION_REPEATED, cx.at(span)).quote("found");
        if !ended {
            found.fix(Fix::maybe("take it out", [Edit::delete(with_space_before(cx.whole(), span))]));
        } else if n == 0
            && let Some(fix) = merged(cx, versions)
        {
            found.fix(fix);
        }
    }
}

/// One record out of those that were pasted together.
fn merged(cx: &Context<'_>, versions: &[Span]) -> Option<Fix> {
    let text = cx.whole();
    let starts = [0].into_iter().chain(versions.iter().map(|span| span.start as usize));
    let ends = versions.iter().map(|span| span.start as usize).chain([text.len()]);
    let records: Vec<Record> = starts.zip(ends).map(|(start, end)| Record::parse(&text[start..end])).collect();
    let merged = merge::merged(&records)?;
    Some(Fix::maybe(merge::told(&records, &merged), [Edit::replace(Span::new(0, text.len()), merged)]))
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
}
