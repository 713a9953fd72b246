//! What to publish in the place of a text that is wrong: one record, or one step towards it.

use super::record::{Lint, lint};
use super::{Actor, Advice, Kind};
use crate::Name;
use crate::dns::master::quoted_strings;
use crate::finding::{Accept, Applicability, Diagnostic, Edit, Fix, Label, Severity, Subject, apply_all_kept, bounded};
use crate::text::{Source, Span};
use crate::{bimi, dkim, dmarc, mta_sts, tls_rpt};

/// One repair of all that is wrong, as sure as it can be, where a text has `all` errors and these findings are told. What is only untidy
/// stays: whoever mends a comma does not want to find his networks merged.
pub(super) fn advice(
    kind: Kind,
    subject: &Subject,
    domain: Option<&Name>,
    findings: &[Diagnostic],
    all: usize,
) -> Option<Advice> {
    let broken = errors(findings).next()?;
    let is_long =
        |found: &Diagnostic| ["spf-string-over-255", "dkim-key-string-over-255"].contains(&found.code.as_str());
    if errors(findings).all(is_long) {
        // The text is right, and no edit of it can say where strings meet.
        let strings = quoted_strings(subject.source().text());
        let told = format!("publish it as several strings, which receivers join: {strings}");
        return Some(Advice::new(Actor::DomainOwner, told).at(broken.primary.clone()));
    }
    let repairs = Repairs { kind, subject, domain };
    if let Some(decision) = of_several(&repairs, findings) {
        return Some(decision);
    }
    let at = || broken.primary.clone();
    let sure = repairs.mended(&is_sure);
    if let Some(mended) = sure.as_ref().filter(|mended| mended.left.is_well()) {
        let fix = repairs.fix(mended, Applicability::MachineApplicable);
        return Some(Advice::new(Actor::DomainOwner, "publish this record instead").at(at()).fix(fix));
    }
    if let Some(mended) = repairs.well(&is_likely) {
        let told = "publish this record instead, if it says what you mean: some of it is guessed";
        let fix = repairs.fix(&mended, Applicability::MaybeIncorrect);
        return Some(Advice::new(Actor::DomainOwner, told).at(at()).fix(fix));
    }
    // What mends something else leaves the record as broken as it is.
    if errors(findings).all(|found| found.fixes.is_empty()) {
        return None;
    }
    if let Some((mended, left)) = sure.and_then(|mended| step(mended, all)) {
        let done = all - left.len();
        let told = format!(
            "take this as one step, which mends {done} of {all} errors: publish it when the rest is mended, too"
        );
        // A machine that takes what is likely must not take half of it.
        let fix = repairs.fix(&mended, Applicability::HasPlaceholders);
        return Some(Advice::new(Actor::DomainOwner, told).at(at()).fix(fix).remaining(bounded(left)));
    }
    Some(Advice::new(Actor::DomainOwner, "publish a repaired record: each `help` below shows one repair"))
}

/// Two or more SPF records in one text (RFC 7208 §4.5: a domain has one): whether all of them are meant only the owner knows.
fn of_several(repairs: &Repairs<'_>, findings: &[Diagnostic]) -> Option<Advice> {
    let mut further = findings.iter().filter(|found| is_second(found));
    let at: Label = further.next()?.primary.clone();
    let several = format!("these are {} records in one text, and a domain may have one", further.count() + 2);
    let is_merge = |found: &Diagnostic, fix: &Fix| is_second(found) && is_repair(fix);
    let sure = |found: &Diagnostic, fix: &Fix| is_sure(found, fix) || is_merge(found, fix);
    // Where one record speaks of another's senders no repair of a term is sure.
    let likely = |found: &Diagnostic, fix: &Fix| is_likely(found, fix) || is_merge(found, fix);
    let is_one = |mended: &Mended| !mended.left.findings.iter().any(is_second);
    if let Some(mended) = repairs.well(&sure).or_else(|| repairs.well(&likely).filter(is_one)) {
        let told = format!("{several}: publish this one, if all of them are meant");
        let fix = repairs.fix(&mended, Applicability::MaybeIncorrect);
        return Some(Advice::new(Actor::DomainOwner, told).at(at).fix(fix));
    }
    let told = format!("{several}: decide which of them is right, or write one with the terms of all");
    Some(Advice::new(Actor::DomainOwner, told).at(at))
}

/// Where a further SPF record begins. One of another protocol has nothing to be decided about.
fn is_second(found: &Diagnostic) -> bool {
    found.code == "spf-version-repeated" && found.primary.quoted().to_ascii_lowercase().starts_with("v=spf1")
}

fn errors(findings: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    findings.iter().filter(|found| found.severity == Severity::Error)
}

fn is_sure(found: &Diagnostic, fix: &Fix) -> bool {
    found.severity < Severity::Note && fix.applicability == Applicability::MachineApplicable
}

fn is_likely(found: &Diagnostic, fix: &Fix) -> bool {
    is_sure(found, fix) || found.severity == Severity::Error && is_repair(fix)
}

fn is_repair(fix: &Fix) -> bool {
    fix.applicability < Applicability::HasPlaceholders
}

/// The text after its sure repairs, and the errors that it still has, if they are fewer than the `all` of before.
fn step(mended: Mended, all: usize) -> Option<(Mended, Vec<Diagnostic>)> {
    let left: Vec<Diagnostic> = errors(&mended.left.findings).cloned().collect();
    (!left.is_empty() && left.len() < all).then_some((mended, left))
}

/// What is repaired.
struct Repairs<'a> {
    kind: Kind,
    subject: &'a Subject,
    domain: Option<&'a Name>,
}

/// A text after some repairs, and what is still wrong with it.
struct Mended {
    text: String,
    left: Lint,
}

impl Lint {
    /// Whether receivers can use it, and nobody is let pass by it who may not be meant: what was broken let nobody pass.
    fn is_well(&self) -> bool {
        self.unreadable.is_none() && errors(&self.findings).next().is_none() && !self.is_open
    }
}

impl Kind {
    /// Whether all that `before` says, or was meant to say, stands in `after` too.
    fn keeps(self, before: &str, after: &str) -> bool {
        match self {
            Self::Dmarc => dmarc::keeps(before, after),
            Self::DkimKey => dkim::keeps(before, after),
            Self::MtaSts => mta_sts::keeps(before, after),
            Self::TlsRpt => tls_rpt::keeps(before, after),
            Self::Bimi => bimi::keeps(before, after),
            // What an SPF record says is which senders pass: the look for its repairs judges that (`spf/rules/mend.rs`).
            Self::Spf | Self::DkimSignature => true,
        }
    }
}

impl Repairs<'_> {
    /// The text after the repairs that `accept` takes, if receivers can use it and nothing of it is lost.
    fn well(&self, accept: Accept<'_>) -> Option<Mended> {
        self.mended(accept).filter(|mended| mended.left.is_well())
    }

    /// The text after the repairs that `accept` takes, or after fewer; `None` if there is none without a loss.
    fn mended(&self, accept: Accept<'_>) -> Option<Mended> {
        let text = self.subject.source().text();
        let lint = |now: &str| self.lint(now).findings;
        let keeps = |before: &str, after: &str| self.kind.keeps(before, after);
        let mended = apply_all_kept(text, &lint, accept, &keeps, &|_| true)?;
        Some(Mended { left: self.lint(&mended), text: mended })
    }

    fn lint(&self, now: &str) -> Lint {
        // As long as nothing is changed, it is known where its character-strings meet.
        if now == self.subject.source().text() {
            return lint(self.kind, self.subject, self.domain);
        }
        lint(self.kind, &Subject::new(self.subject.origin().clone(), Source::new(now)), self.domain)
    }

    fn fix(&self, mended: &Mended, applicability: Applicability) -> Fix {
        let edit = difference(self.subject.source().text(), &mended.text);
        Fix::edit("write what was probably meant", [edit], applicability)
    }
}

/// The one edit that makes `new` of `old`: all between what both begin and end with.
fn difference(old: &str, new: &str) -> Edit {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (rest, text) = (&old[start..], &new[start..]);
    let end: usize = rest.chars().rev().zip(text.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    Edit::replace(Span::new(start, old.len() - end), &text[..text.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;
    use crate::report::{RecordInput, pasted};

    #[test]
    fn a_string_that_is_too_long_is_cut_into_several() {
        let networks: String = (1..20).map(|n| format!("ip4:9.9.{n}.1 ")).collect();
        let value = format!("v=spf1 include:_spf.d.example {networks}-all");
        let report = RecordInput::new(&format!("\"{value}\"")).report();
        assert!(!report.passed);
        let told = report.advice[0].text.split_once(": ").unwrap().1;
        assert_eq!((pasted(told).text(), pasted(told).strings().count()), (value.as_str(), 2));
        assert!(pasted(told).strings().all(|string| string.text.len() <= 255));
    }

    /// What repairs no error is no repair of the record.
    #[test]
    fn a_repair_is_promised_where_there_is_one() {
        let advice = |text: &str| RecordInput::new(text).report().advice.len();
        assert_eq!(advice("v=spf1 a ip4: include:_spf.d.example"), 0);
        assert_eq!(advice("v=spf1 a + ?all"), 1);
    }

    #[test]
    fn what_is_only_untidy_stays() {
        let text = "v=spf1 ipv4:9.9.9.8 ipv4:9.9.9.9 ?all";
        let report = RecordInput::new(text).report();
        assert!(report.findings.iter().any(|found| found.code == "spf-mergeable-networks"));
        let fix = report.advice[0].fix.as_ref().unwrap();
        assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 ip4:9.9.9.8 ip4:9.9.9.9 ?all");
    }

    #[test]
    fn one_edit_of_all() {
        for (old, new) in [("aéb", "aèb"), ("aa", "aaa"), ("aaa", "aa"), ("x", "x"), ("", "a"), ("ab", "cd")] {
            assert_eq!(apply(old, &[difference(old, new)]).as_deref(), Some(new));
        }
        assert_eq!(difference("v=spf1 ipv4:9.9.9.9", "v=spf1 ip4:9.9.9.9"), Edit::delete(Span::new(9, 10)));
    }

    fn told(text: &str) -> (String, Option<(String, Applicability)>, Vec<String>) {
        let report = RecordInput::new(text).report();
        let [advice] = &report.advice[..] else { panic!("{text}: {:#?}", report.advice) };
        let fix = advice.fix.as_ref().map(|fix| (apply(text, fix.edits()).unwrap(), fix.applicability));
        (advice.text.clone(), fix, advice.remaining.iter().map(Diagnostic::message).collect())
    }

    /// What is still a permerror is no record to publish.
    #[test]
    fn a_part_of_the_repair_is_one_step() {
        let (text, fix, remaining) = told("v=spf1 mx, ip4:192.0.2.256 -all");
        assert_eq!(text, "take this as one step, which mends 1 of 2 errors: publish it when the rest is mended, too");
        assert_eq!(fix, Some(("v=spf1 mx ip4:192.0.2.256 -all".to_owned(), Applicability::HasPlaceholders)));
        assert_eq!(remaining, ["`192.0.2.256` is not an IPv4 address"]);
    }

    /// Of hundreds of errors not each is told, and all are counted.
    #[test]
    fn all_errors_are_counted() {
        let text = format!("v=spf1 mx,{} -all", " ip4:192.0.2.256".repeat(510));
        let (text, _, remaining) = told(&text);
        assert!(text.starts_with("take this as one step, which mends 1 of 51"), "{text}");
        assert_eq!(remaining.len(), 501);
        assert!(remaining[500].contains("more findings are not told one by one"), "{}", remaining[500]);
    }

    #[test]
    fn what_is_guessed_is_no_sure_record() {
        let (text, fix, remaining) = told("v=spf1 mx exp=Contact-us ipv4:192.0.2.1 -all");
        assert_eq!(text, "publish this record instead, if it says what you mean: some of it is guessed");
        assert_eq!(fix, Some(("v=spf1 mx ip4:192.0.2.1 -all".to_owned(), Applicability::MaybeIncorrect)));
        assert!(remaining.is_empty());
    }

    /// RFC 7208 §4.6, §11.1: by a record with an error nobody passes, and no record is advised by which everybody does.
    #[test]
    fn no_record_is_advised_that_is_open() {
        for text in ["v=spf1 exists:x.example ipv4:203.0.113.4 -all", "v=spf1 mx:x.example/7 ipv4:203.0.113.4 -all"] {
            let (advice, fix, _) = told(text);
            assert!(fix.is_none(), "{text}: {fix:?}");
            assert!(advice.starts_with("publish a repaired record"), "{text}: {advice}");
        }
    }

    /// RFC 7208 §4.5: which of them is meant only the owner knows.
    #[test]
    fn several_records_in_one_text_are_for_the_owner_to_decide() {
        let several = "these are 2 records in one text, and a domain may have one";
        for (text, one) in [
            ("v=spf1 mx -all; v=spf1 a ~all", "v=spf1 mx a ~all"),
            ("v=spf1 mx -all;v=spf1 a ~all", "v=spf1 mx a ~all"),
            ("v=spf1 mx, v=spf1 a -all", "v=spf1 mx a -all"),
            ("v=spf1 a ~~all v=spf1 a -all", "v=spf1 a ~all"),
            ("v=spf1 redirect:a.example v=spf1 mx -all", "v=spf1 include:a.example mx -all"),
        ] {
            let publish = format!("{several}: publish this one, if all of them are meant");
            let fix = Some((one.to_owned(), Applicability::MaybeIncorrect));
            assert_eq!(told(text), (publish, fix, vec![]), "{text}");
        }
        let decide = format!("{several}: decide which of them is right, or write one with the terms of all");
        let text = "v=spf1 include:_spf.google.com  ip4:192.0.2.256 mx ptr -all; v=spf1 a ~all";
        assert_eq!(told(text), (decide.clone(), None, vec![]));
        assert_eq!(told("v=spf1 v=spf2 -al v=spf1 a -all"), (decide, None, vec![]));
    }
}
