//! Texts with more mistakes than anybody reads. Repairs see all of them; reports and answers about a domain are bounded here.

use crate::finding::{Diagnostic, Effect, Evidence, Label, rules};
use crate::order::sort_by_key;

rules! {
    /// # There are more findings than are told
    ///
    /// A text of hundreds of mistakes is mostly no SPF record, or has one mistake over and over. The gravest findings are told, up
    /// to 500; this one says how many are left. Mend those that are told, and look again.
    ///
    /// ```spf good
    /// v=spf1 foo bar -all
    /// ```
    MORE = "spf-more-findings", Note, Ok, ["RFC 7208 §10.1.1"],
        "{count} more findings about this record are not told one by one: {codes}";
}

/// Findings about one record that are told. One that somebody publishes has a few, and a report of thousands is of no use to anybody.
const MAX_FINDINGS: usize = 500;
/// Codes that are named of those that are not told.
const MAX_CODES: usize = 5;

/// The gravest of `found`, in the same order, and how many are left out.
pub(crate) fn bounded(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() <= MAX_FINDINGS {
        return found;
    }
    let mut order: Vec<usize> = (0..found.len()).collect();
    sort_by_key(&mut order, |&at| (found[at].severity, at));
    let mut is_told = vec![false; found.len()];
    order[..MAX_FINDINGS].iter().for_each(|&at| is_told[at] = true);
    let left: Vec<&Diagnostic> = order[MAX_FINDINGS..].iter().map(|&at| &found[at]).collect();
    let more = more(&left);
    let mut told = is_told.into_iter();
    found.retain(|_| told.next().unwrap_or(true));
    found.extend(more);
    found
}

fn more(left: &[&Diagnostic]) -> Option<Diagnostic> {
    // The gravest come first.
    let first = left.first()?;
    let mut codes: Vec<&str> = Vec::new();
    for found in left {
        if !codes.contains(&found.code.as_str()) && codes.len() < MAX_CODES {
            codes.push(found.code.as_str());
        }
    }
    let mut more = Diagnostic::new(&MORE, Label::whole(&first.primary.subject));
    more.arg("count", left.len()).arg("codes", codes.join(", ")).severity(first.severity);
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
        assert_eq!((more.code.as_str(), more.severity), ("spf-more-findings", Severity::Warning));
        assert_eq!(more.params.get("count"), Some("9502"));
        assert!(more.message().contains("spf-duplicate-term"), "{}", more.message());
        assert_eq!(spf::effect(&found), Effect::Permerror);
    }

    #[test]
    fn usual_records_are_told_in_full() {
        let text = format!("v=spf1 {}-all", "foo ".repeat(400));
        let found = super::bounded(spf::lint_text(&text.as_str().into()));
        assert!(found.iter().all(|found| found.code != "spf-more-findings"));
    }
}
