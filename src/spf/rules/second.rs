//! A second record in the text of the first: two were pasted into one.

use super::version::{VERSION, VERSION_REPEATED, find, with_space_before};
use super::{Context, merge, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Severity};
use crate::spf::{Mechanism, Record, Term, TermKind};
use crate::text::Span;

const DMARC: &str = "v=DMARC1";

/// A DMARC record behind the SPF record. Nothing in it is of SPF, so nothing else is told about it.
pub(super) fn dmarc(cx: &Context<'_>, out: &mut Findings) -> bool {
    let text = cx.whole();
    // Its tags are modifiers that SPF does not know.
    let is_foreign = |term: &Term| matches!(term.kind, TermKind::UnknownModifier(_) | TermKind::Unknown(_));
    if !cx.record.terms().iter().any(is_foreign) {
        return false;
    }
    let Some(at) = find(text, DMARC).filter(|&at| !text[..at].ends_with('=')) else { return false };
    let cut = text[..at].trim_end_matches([' ', ';', ',']).len();
    let mut behind = cx.record.terms().iter().filter(|term| term.span.end as usize > cut);
    let is_broken = behind.any(|term| matches!(term.kind, TermKind::Unknown(_)));
    let is_all = find(&text[at..], VERSION).is_none();
    out.report(&VERSION_REPEATED, cx.at(Span::new(at, at + DMARC.len())))
        .quote("found")
        .label("a DMARC record begins here: it belongs into a TXT record of its own, at `_dmarc` below the domain")
        .severity(Severity::Error)
        .effect(if is_broken { Effect::Permerror } else { Effect::PartIgnored })
        .fix(Fix::edit("cut it off", [Edit::delete(Span::new(cut, text.len()))], sure_if(is_all)));
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
    use crate::finding::{Applicability, Diagnostic, Effect, apply};
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
