//! Texts with more mistakes than anybody reads. Repairs see all of them; reports and answers about a domain are bounded here.

use super::{Diagnostic, Effect, Evidence, Label, Origin, Subject, rules};
use crate::order::sort_by_key;

rules! {
    /// # There are more findings than are told
    ///
    /// A text of hundreds of mistakes is mostly no record, or has one mistake over and over. Of each record the gravest findings
    /// are told, up to 500; this one says how many are left. Mend those that are told, and look again.
    ///
    /// ```spf good
    /// v=spf1 foo bar -all
    /// ```
    MORE = "more-findings", Note, Ok, [],
        "{count} more findings are not told one by one: {codes}";
}

/// Findings of one protocol in one record that are told. A record that somebody publishes has a few, and thousands are of no use to anybody.
const MAX_FINDINGS: usize = 500;
/// Records of one report that are told apart; what is found in further ones counts with the last of them. Nobody publishes as many that are
/// broken.
const MAX_RECORDS: usize = 12;
/// Codes that are named of those that are not told.
const MAX_CODES: usize = 5;

/// Of each protocol and record the gravest of `found`, in the same order, and how many are left out: the mistakes of an SPF record hide
/// none of a DMARC record, and none of the SPF record beside it.
pub(crate) fn bounded(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() <= MAX_FINDINGS {
        return found;
    }
    let records = records(&found);
    let place = |at: usize| (protocol(&found[at]), records[at]);
    let mut order: Vec<usize> = (0..found.len()).collect();
    // What was counted before is added up, and counts as none of those that are told.
    sort_by_key(&mut order, |&at| (place(at), is_more(&found[at]), found[at].severity, at));
    let mut is_told = vec![true; found.len()];
    let mut more = Vec::new();
    for of_one in order.chunk_by(|&a, &b| place(a) == place(b)) {
        let told = of_one.partition_point(|&at| !is_more(&found[at])).min(MAX_FINDINGS);
        let left = &of_one[told..];
        left.iter().for_each(|&at| is_told[at] = false);
        more.extend(left_out(&left.iter().map(|&at| &found[at]).collect::<Vec<_>>()));
    }
    let mut told = is_told.into_iter();
    found.retain(|_| told.next().unwrap_or(true));
    found.extend(more);
    found
}

/// The number of the record that each finding is about; 0 for what is in none, such as the fields of a message.
fn records(found: &[Diagnostic]) -> Vec<usize> {
    let mut known: Vec<&Subject> = Vec::new();
    found
        .iter()
        .map(|found| {
            let subject = &found.primary.subject;
            if !matches!(subject.origin(), Origin::Record { .. }) {
                return 0;
            }
            if let Some(at) = known.iter().position(|known| *known == subject) {
                return at + 1;
            }
            if known.len() < MAX_RECORDS {
                known.push(subject);
            }
            known.len()
        })
        .collect()
}

fn is_more(found: &Diagnostic) -> bool {
    found.code == *MORE.code
}

/// Codes that `found` stands for: its own, or those that it counts.
fn codes(found: &Diagnostic) -> &str {
    found.params.get("codes").filter(|_| is_more(found)).unwrap_or(found.code.as_str())
}

/// What a code begins with: `spf`, `dmarc`.
fn protocol(found: &Diagnostic) -> &str {
    codes(found).split('-').next().unwrap_or_default()
}

/// One finding for all of `left`, the gravest of which come first.
fn left_out(left: &[&Diagnostic]) -> Option<Diagnostic> {
    let first = left.first()?;
    let mut codes: Vec<&str> = Vec::new();
    let mut count = 0;
    for found in left {
        let counted = found.params.get("count").filter(|_| is_more(found));
        count += counted.and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
        for code in self::codes(found).split(", ") {
            if !codes.contains(&code) && codes.len() < MAX_CODES {
                codes.push(code);
            }
        }
    }
    let severity = left.iter().map(|found| found.severity).min().unwrap_or(first.severity);
    let mut more = Diagnostic::new(&MORE, Label::whole(&first.primary.subject));
    more.arg("count", count).arg("codes", codes.join(", ")).severity(severity);
    more.effect(left.iter().map(|found| found.effect).max().unwrap_or(Effect::Ok)).evidence(Evidence::NotChecked);
    Some(more)
}

#[cfg(test)]
mod tests {
    use super::MAX_FINDINGS;
    use crate::finding::{Effect, Severity};
    use crate::spf;

    #[test]
    fn the_gravest_are_told_and_the_rest_counted() {
        let text = format!("v=spf1 {}ip4:192.0.2.300 -all", "ip4:192.0.2.1 ".repeat(5_000));
        let found = super::bounded(spf::lint_text(&text.as_str().into()));
        assert_eq!(found.len(), MAX_FINDINGS + 1);
        let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
        assert_eq!(errors[0].code, "spf-ip4-invalid", "the last term is told");
        let more = found.last().unwrap();
        assert_eq!((more.code.as_str(), more.severity), ("more-findings", Severity::Warning));
        assert_eq!(more.params.get("count"), Some("9502"));
        assert!(more.message().contains("spf-duplicate-term"), "{}", more.message());
        assert_eq!(spf::effect(&found), Effect::Permerror);
    }

    /// Bounded again, they are the same, and the count stays true.
    #[test]
    fn one_protocol_hides_nothing_of_another() {
        let long = spf::lint_text(&format!("v=spf1 {}-all", "foo ".repeat(700)).as_str().into());
        let first = super::bounded(long.clone());
        let other = crate::dmarc::lint(&crate::dmarc::Record::parse("v=DMARC1; p=rejct"));
        assert!(!other.is_empty());
        let found = super::bounded(first.iter().cloned().chain(other.iter().cloned()).collect());
        assert!(other.iter().all(|other| found.contains(other)));
        let more: Vec<_> = found.iter().filter(|found| found.code == "more-findings").collect();
        assert_eq!((more.len(), found.len()), (1, MAX_FINDINGS + 1 + other.len()));
        assert_eq!(more[0].params, first.last().unwrap().params);
        let count: usize = more[0].params.get("count").unwrap().parse().unwrap();
        assert_eq!(count, long.len() - MAX_FINDINGS);
    }

    /// Two SPF records beside each other: the long one hides nothing of the short one.
    #[test]
    fn one_record_hides_nothing_of_another() {
        let domain = "d.example".parse().unwrap();
        let lint = |text: &str| spf::lint_at(&spf::Record::parse(text), &domain);
        let (long, short) = (lint(&format!("v=spf1 {}-all", "foo ".repeat(700))), lint("v=spf1 mx ?all"));
        assert!(!short.is_empty());
        let found = super::bounded(long.iter().chain(&short).cloned().collect());
        assert!(short.iter().all(|short| found.contains(short)));
        let again = super::bounded(found.clone());
        assert_eq!((found.len(), again.len()), (MAX_FINDINGS + 1 + short.len(), found.len()));
        let more = found.last().unwrap();
        assert_eq!(more.params.get("count"), Some(&*(long.len() - MAX_FINDINGS).to_string()));
        assert_eq!(more.primary.subject, long[0].primary.subject);
        // Of many records the last ones count together.
        let many = (0..40).flat_map(|n| lint(&format!("v=spf1 {}x{n} -all", "foo ".repeat(100)))).collect();
        assert!(super::bounded(many).len() <= (super::MAX_RECORDS + 1) * (MAX_FINDINGS + 1));
    }

    #[test]
    fn usual_records_are_told_in_full() {
        let text = format!("v=spf1 {}-all", "foo ".repeat(400));
        let found = super::bounded(spf::lint_text(&text.as_str().into()));
        assert!(found.iter().all(|found| found.code != "more-findings"));
    }
}
