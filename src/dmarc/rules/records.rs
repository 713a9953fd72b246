//! Several records at one name, and records that keep a better one from applying.

use super::domain::{DomainContext, MAX_TOLD, owner};
use super::lint::{mended, single};
use super::united::{kept, united};
use crate::dmarc::{
    Discovery, Existence, Found, Part, PartKind, Place, Policy, PublicSuffixes, Record, Request, Section, Tag,
    discover_below,
};
use crate::dns::{Question, RecordType, Step};
use crate::finding::{Applicability, Change, Effect, Findings, Fix, Label, Subject, rules};
use crate::panel;
use crate::text::Source;

rules! {
    /// # Several DMARC records at one name
    ///
    /// Receivers discard all of them, as if none were there. RFC 9989 receivers then go on with the domain above; RFC 7489 receivers
    /// stop and apply no DMARC. Publish one.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:a@d.example"
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:b@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:a@d.example,mailto:b@d.example"
    /// ```
    MULTIPLE = "dmarc-multiple-records", Error, NoDmarc, ["RFC 9989 §4.10"],
        "{count} DMARC records stand at `{owner}`, so receivers discard all of them";

    /// # After several records, receivers differ
    ///
    /// RFC 9989 receivers discard them and take the record of the Organizational Domain. RFC 7489 receivers stop and apply no DMARC.
    /// So it depends on the receiver whether forged mail is rejected.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=none"
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject"
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject"
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    WALK_CONTINUES = "dmarc-multiple-walk-continues", Note, Differs, ["RFC 9989 §4.10", "RFC 7489 §6.6.3"],
        "RFC 9989 receivers go on to the record at `{found}` and ask for `{policy}`; RFC 7489 receivers stop and apply no DMARC to `{domain}`";

    /// # A record without a usable policy hides the one above
    ///
    /// A record at the domain itself is the one that applies, even if it asks for nothing. The stricter policy of the
    /// Organizational Domain, which would apply without it, is lost.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1;"
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good s.d.example
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    SHADOWING = "dmarc-shadowing-record", Warning, NoDmarc, ["RFC 9989 §4.10.1"],
        "the record at `{owner}` has no usable policy, and hides `{policy}` of the record at `{above}`";
}

pub(super) fn check(cx: &DomainContext<'_>, _open: &mut Vec<Question>, out: &mut Findings) {
    for visit in &cx.discovery.walk.visits {
        if let Found::Several(count) = visit.found {
            multiple(cx, &cx.discovery.walk.name(visit), count, out);
        }
    }
    shadowing(cx, out);
    parts(cx, out);
}

/// Tags of the record that were published beside it (RFC 1035 §3.3.14: one record has several strings).
fn parts(cx: &DomainContext<'_>, out: &mut Findings) {
    let rest: Vec<&str> = rest(cx).into_iter().map(Source::text).collect();
    let (Some(record), false) = (single(cx.own()), rest.is_empty()) else { return };
    let all = || [record.source().text()].into_iter().chain(rest.iter().copied());
    let joined: Vec<&str> = all().map(|part| part.trim_matches([';', ' ', '\t'])).collect();
    let joined = joined.join("; ");
    let subjects: Vec<Subject> = cx.own_txts().iter().map(|text| cx.subject(cx.domain, text.clone())).collect();
    let mut found = Findings::default();
    panel::several(&subjects, |text| Record::parse(text).is_dmarc(), |text| rest.contains(&text), &mut found);
    let mut found = found.into_vec();
    for part in &mut found {
        part.effect(Effect::PartIgnored);
    }
    if let Some(first_part) = found.first_mut().filter(|_| Record::parse(joined.as_str()).is_valid()) {
        let remove = all().map(str::to_owned).collect();
        let change =
            Change::Records { owner: cx.owner.clone(), record_type: RecordType::Txt, remove, add: vec![joined] };
        let title = "publish the parts as one record".to_owned();
        first_part.fix(Fix { title, change, applicability: Applicability::MaybeIncorrect });
    }
    out.extend(found);
}

/// The texts that hold nothing but tags of DMARC which the one record beside them lacks: the rest of it. A text with a tag that
/// is written elsewhere contradicts it or repeats it, and is no part.
pub(super) fn rest<'a>(cx: &DomainContext<'a>) -> Vec<&'a Source> {
    let Some(record) = single(cx.own()) else { return Vec::new() };
    let mut written: Vec<Tag> = record.tags().map(|(tag, ..)| tag).collect();
    let is_rest = |text: &&Source| {
        let part = Record::of((*text).clone());
        let Some(tags) = tags_alone(&part) else { return false };
        let is_new = tags.iter().enumerate().all(|(at, tag)| !written.contains(tag) && !tags[..at].contains(tag));
        written.extend(tags.into_iter().filter(|_| is_new));
        is_new
    };
    cx.own_txts().iter().filter(is_rest).collect()
}

/// The tags of a text that holds nothing else, and no version.
fn tags_alone(record: &Record) -> Option<Vec<Tag>> {
    let known = |part: &Part| match part.kind {
        PartKind::Tag { tag, .. } => Some(tag).filter(|tag| !matches!(tag, Tag::V | Tag::Unknown)),
        PartKind::Word | PartKind::Empty => None,
    };
    let tags: Vec<Tag> = record.parts().iter().map(known).collect::<Option<_>>()?;
    (!record.is_dmarc() && !tags.is_empty()).then_some(tags)
}

fn multiple(cx: &DomainContext<'_>, place: &crate::Name, count: usize, out: &mut Findings) {
    let owner = owner(place);
    let texts = cx.answer(&owner, RecordType::Txt).map_or(&[][..], crate::dns::Answer::txts);
    let records: Vec<Record> = texts.iter().cloned().map(Record::of).filter(Record::is_dmarc).collect();
    let label = |record: &Record| Label::whole(&cx.subject(place, record.source().clone()));
    let [first, rest @ ..] = records.as_slice() else { return };
    let found = out.report(&MULTIPLE, label(first)).arg("count", count).arg("owner", &owner);
    for record in rest.iter().take(MAX_TOLD) {
        found.related(label(record).with("and this one"));
    }
    let (near, far) = records.split_at(records.len().min(MAX_TOLD));
    let repaired: Vec<Record> = near.iter().map(|record| repaired(cx, record)).chain(far.iter().cloned()).collect();
    let is_repaired = near.iter().zip(&repaired).any(|(record, repaired)| record.source() != repaired.source());
    let repairs = match (is_repaired, far.is_empty()) {
        (false, _) => String::new(),
        (true, true) => "; what was wrong in them is mended".to_owned(),
        (true, false) => format!("; what was wrong in the first {MAX_TOLD} of them is mended"),
    };
    found.fix(Fix {
        title: format!("publish one record at {owner}; {}{repairs}{}", kept(&repaired), until_then(cx)),
        change: Change::Records {
            owner: owner.clone(),
            record_type: RecordType::Txt,
            remove: records.iter().map(|record| record.source().text().to_owned()).collect(),
            add: vec![united(&repaired)],
        },
        applicability: Applicability::MaybeIncorrect,
    });
    let applies_above = cx.policy().is_some();
    if applies_above {
        found.effect(crate::finding::Effect::Differs);
    }
    // RFC 7489 looks at two names only: the Author Domain and its Organizational Domain.
    let looked_at = place == cx.domain
        || cx
            .options
            .suffixes
            .as_ref()
            .is_some_and(|list: &PublicSuffixes| list.org_domain(cx.domain, Section::All).as_ref() == Some(place));
    if let (Some(policy), Some(applied), true) = (cx.policy(), cx.applied, looked_at) {
        out.report(&WALK_CONTINUES, label(first))
            .arg("found", super::domain::owner(&policy.domain))
            .arg("policy", applied.policy)
            .arg("domain", cx.domain)
            .related(cx.policy_label());
    }
}

/// The record without its own mistakes, or as it is where that needs a choice.
fn repaired(cx: &DomainContext<'_>, record: &Record) -> Record {
    mended(record, Some(cx.domain), cx.options).map_or_else(|| record.clone(), |text| Record::parse(text.as_str()))
}

/// What a receiver does as long as the records are discarded: one record in their place may ask for less.
fn until_then(cx: &DomainContext<'_>) -> String {
    let (Some(above), Some(applied)) = (cx.policy(), cx.applied) else { return String::new() };
    format!("; until then RFC 9989 receivers apply `{}` from `{}`", applied.policy, owner(&above.domain))
}

fn shadowing(cx: &DomainContext<'_>, out: &mut Findings) {
    let Some(policy) = cx.policy().filter(|policy| policy.place == Place::AuthorDomain) else { return };
    if matches!(policy.record.request(), Request::Policies(_)) {
        return;
    }
    // What would apply without it, if anything does; all of it was asked on the way up.
    let (Some(parent), Some(label)) = (cx.domain.parent(), cx.domain.labels().next()) else { return };
    let Step::Done(Some(Discovery { policy: Ok(Some(above)), .. })) = discover_below(cx.dns, &parent, label) else {
        return;
    };
    let hidden = above.applied(Existence::Exists).map(|applied| applied.policy);
    let Some(hidden) = hidden.filter(|hidden| *hidden > Policy::None) else { return };
    let effect = if policy.record.request() == Request::ActAsNone {
        crate::finding::Effect::PolicyNone
    } else {
        crate::finding::Effect::NoDmarc
    };
    let source: Source = policy.record.source().clone();
    out.report(&SHADOWING, Label::whole(&cx.subject(&policy.domain, source)))
        .arg("owner", &cx.owner)
        .arg("policy", hidden)
        .arg("above", owner(&above.domain))
        .effect(effect);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(zone: &str, domain: &str) -> Vec<crate::finding::Diagnostic> {
        let zone = crate::resolver::Zone::parse(zone).unwrap();
        let (domain, options) = (domain.parse().unwrap(), crate::dmarc::LintOptions::default());
        let mut dns = crate::dns::Snapshot::new();
        let lint = |dns: &_| crate::dmarc::lint_domain(dns, &domain, &options);
        crate::resolver::drive_sync(&mut dns, |question| zone.answer(question), lint)
    }

    /// What is hidden is what would apply, not what stands highest.
    #[test]
    fn the_record_that_is_hidden_is_the_one_that_would_apply() {
        let hidden = |zone: &str| {
            let found = found(zone, "a.b.example");
            let shadowing = found.iter().find(|found| found.code == "dmarc-shadowing-record")?;
            Some(shadowing.params.get("above").unwrap().to_owned())
        };
        let broken = "_dmarc.a.b.example. TXT \"v=DMARC1; p=rejct\"\n";
        // The Organizational Domain's record is broken as well: the one between them would not apply.
        let both = "_dmarc.b.example. TXT \"v=DMARC1; p=reject\"\n_dmarc.example. TXT \"v=DMARC1; p=rejct\"";
        assert_eq!(hidden(&format!("{broken}{both}")), None);
        let suffix = "_dmarc.b.example. TXT \"v=DMARC1; p=reject\"\n_dmarc.example. TXT \"v=DMARC1; p=none; psd=y\"";
        assert_eq!(hidden(&format!("{broken}{suffix}")), Some("_dmarc.b.example".to_owned()));
    }

    /// Whether `sp` or `np` applies is not known as long as nobody knows if the name exists.
    #[test]
    fn what_is_inherited_is_not_told_where_it_is_not_known() {
        let zone = "_dmarc.e.example. TXT \"v=DMARC1; p=reject; sp=none; np=reject\"";
        let mut dns = crate::dns::Snapshot::new();
        let zone = crate::resolver::Zone::parse(zone).unwrap();
        let answer = |question: &Question| {
            if question.name.as_str() == "sub.e.example" {
                crate::dns::Failure::ServFail.into()
            } else {
                zone.answer(question)
            }
        };
        let (domain, options) = ("sub.e.example".parse().unwrap(), crate::dmarc::LintOptions::default());
        let lint = |dns: &_| crate::dmarc::lint_domain(dns, &domain, &options);
        let found = crate::resolver::drive_sync(&mut dns, answer, lint);
        assert!(found.iter().all(|found| found.code != "dmarc-inherited"), "{found:#?}");
    }

    /// `rua` without `mailto:` is no destination, and would be lost with its record.
    #[test]
    fn what_is_wrong_in_them_is_mended() {
        let zone = "_dmarc.d.example. TXT \"v=DMARC1; p=none; rua=dmarc@d.example\"\n\
                    _dmarc.d.example. TXT \"v=DMARC1; p=reject; rua=other@d.example\"";
        let zone = crate::resolver::Zone::parse(zone).unwrap();
        let (domain, options) = ("d.example".parse().unwrap(), crate::dmarc::LintOptions::default());
        let mut dns = crate::dns::Snapshot::new();
        let found = crate::resolver::drive_sync(
            &mut dns,
            |question| zone.answer(question),
            |dns| crate::dmarc::lint_domain(dns, &domain, &options),
        );
        let several = found.iter().find(|found| found.code == "dmarc-multiple-records").unwrap();
        let fix = &several.fixes[0];
        let Change::Records { add, .. } = &fix.change else { panic!("{fix:?}") };
        assert_eq!(*add, ["v=DMARC1; p=none; rua=mailto:dmarc@d.example,mailto:other@d.example"]);
        assert!(fix.title.ends_with("every report address is kept; what was wrong in them is mended"), "{}", fix.title);
    }

    /// Of more than ten the first ones are mended, and that is told.
    #[test]
    fn what_is_wrong_in_the_first_of_many_is_mended() {
        let zone: String =
            (0..12).map(|n| format!("_dmarc.d.example. TXT \"v=DMARC1; p=none; rua=r{n}@d.example\"\n")).collect();
        let zone = crate::resolver::Zone::parse(&zone).unwrap();
        let (domain, options) = ("d.example".parse().unwrap(), crate::dmarc::LintOptions::default());
        let mut dns = crate::dns::Snapshot::new();
        let lint = |dns: &crate::dns::Snapshot| crate::dmarc::lint_domain(dns, &domain, &options);
        let found = crate::resolver::drive_sync(&mut dns, |question| zone.answer(question), lint);
        let several = found.iter().find(|found| found.code == "dmarc-multiple-records").unwrap();
        let title = &several.fixes[0].title;
        assert!(title.ends_with("; what was wrong in the first 10 of them is mended"), "{title}");
    }
}
