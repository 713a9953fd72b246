//! One record out of several.

use super::duplicates::folded;
use super::{huge, size};
use crate::order::distinct_by;
use crate::spf::{Mechanism, Qualifier, Record, TermKind};

/// A record with the terms of all, each once, and the mildest ending. `None` if one is of another version or has a term that cannot be
/// read, if it is not clear what to do, or if it would let everybody pass.
pub(super) fn merged(records: &[Record]) -> Option<String> {
    let mut order = Order::default();
    let mut modifiers: Vec<String> = Vec::new();
    let mut all: Option<Qualifier> = None;
    let mut redirects = 0;
    let mut lacks_end = false;
    for record in records {
        if !Record::is_spf(record.source().text()) {
            return None;
        }
        let mut ended = false;
        let mut own: Vec<(String, bool)> = Vec::new();
        lacks_end |= !record.has_all() && record.redirect().is_none();
        for term in record.terms() {
            let text = record.text(term.span);
            match term.kind {
                TermKind::Unknown(_) => return None,
                TermKind::Directive(directive) if directive.mechanism == Mechanism::All => {
                    all = Some(all.map_or(directive.qualifier, |other| milder(other, directive.qualifier)));
                    ended = true;
                }
                // What follows `all` was never evaluated.
                TermKind::Directive(_) if ended => {}
                // §11.1
                TermKind::Directive(directive) if huge::opens(record.source().text(), &directive) => return None,
                TermKind::Directive(directive) => own.push((text.to_owned(), directive.qualifier == Qualifier::Pass)),
                TermKind::Redirect(_) if record.has_all() => {}
                TermKind::Redirect(spec) => {
                    redirects += 1;
                    own.push((format!("include:{}", record.text(spec.span)), true));
                }
                TermKind::Explanation(_) | TermKind::UnknownModifier(_) => modifiers.push(text.to_owned()),
            }
        }
        order.take(own)?;
    }
    // A redirect's own `all` is not known here; the same record twice is one.
    if redirects > 0 && all.is_none() {
        let (first, others) = records.split_first().map(|(first, others)| (first.source().text(), others))?;
        return others.iter().all(|other| other.source().text() == first).then(|| first.to_owned());
    }
    // §4.7: a record without an ending says neutral of those whom it does not name.
    if lacks_end {
        all = all.map(|qualifier| milder(qualifier, Qualifier::Neutral));
    }
    // Nobody passes by several records (§4.5), and no one is told to let everybody pass.
    if all == Some(Qualifier::Pass) {
        return None;
    }
    once(&mut modifiers);
    if modifiers.iter().filter(|text| text.to_ascii_lowercase().starts_with("exp=")).count() > 1 {
        return None;
    }
    let all = all.map(|qualifier| format!("{}all", qualifier.as_char()));
    let words = ["v=spf1".to_owned()].into_iter().chain(order.terms()).chain(modifiers).chain(all);
    Some(words.collect::<Vec<_>>().join(" "))
}

/// What becomes of the records, and how long the one is.
pub(super) fn told(records: &[Record], merged: &str) -> String {
    let ending = |record: &Record| {
        record.directives().find(|(_, one)| one.mechanism == Mechanism::All).map(|(_, one)| one.qualifier)
    };
    let mut endings = records.iter().map(ending);
    let first = endings.next().flatten();
    let differ = endings.any(|other| other != first);
    let kept = merged.rsplit(' ').next().filter(|last| differ && last.ends_with("all"));
    let ends = kept.map_or_else(String::new, |all| format!(", and `{all}`, the mildest ending"));
    let octets = merged.len();
    format!("publish one record; it has the terms of all{ends}; it has {octets} octets: {}", size::told(octets))
}

/// Leaves each term once, however its letters are written.
fn once(terms: &mut Vec<String>) {
    fn bare(text: &str) -> impl Iterator<Item = u8> {
        folded(text.strip_prefix('+').unwrap_or(text))
    }
    distinct_by(terms, |a, b| bare(a).cmp(bare(b)));
}

/// The terms of all, so that whom one of the records lets pass meets no term of another that refuses him (§4.6.2: the first match counts).
#[derive(Default)]
struct Order {
    /// Terms that let pass, with none before them in their record that does not.
    passing: Vec<String>,
    /// From the first term of a record that does not let pass to its last one that does: `-a:x.example include:y.example`.
    guarded: Vec<String>,
    /// Terms that do not let pass, and come last in their record.
    refusing: Vec<String>,
}

impl Order {
    /// With the terms of one more record, each with whether it lets pass. `None` if two records refuse somebody before they let others
    /// pass: the refusals of whichever comes first would be those of the other, too.
    fn take(&mut self, own: Vec<(String, bool)>) -> Option<()> {
        let first = own.iter().position(|(_, passes)| !passes).unwrap_or(own.len());
        let last = own.iter().rposition(|(_, passes)| *passes).map_or(0, |at| at + 1).max(first);
        if first < last && !self.guarded.is_empty() {
            return None;
        }
        for (at, (text, _)) in own.into_iter().enumerate() {
            let place = match at {
                _ if at < first => &mut self.passing,
                _ if at < last => &mut self.guarded,
                _ => &mut self.refusing,
            };
            place.push(text);
        }
        Some(())
    }

    /// All of them, each once.
    fn terms(self) -> Vec<String> {
        let mut terms = [self.passing, self.guarded, self.refusing].concat();
        once(&mut terms);
        terms
    }
}

/// Mail that one record lets pass must not fail by the other.
fn milder(a: Qualifier, b: Qualifier) -> Qualifier {
    let order = [Qualifier::Pass, Qualifier::Neutral, Qualifier::Softfail, Qualifier::Fail];
    order.into_iter().find(|qualifier| *qualifier == a || *qualifier == b).unwrap_or(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_all_with_the_mildest_all() {
        let merge = |texts: &[&str]| merged(&texts.iter().map(|text| Record::parse(text)).collect::<Vec<_>>());
        assert_eq!(
            merge(&["v=spf1 include:a.example ~all", "v=spf1 include:b.example ~all"]).unwrap(),
            "v=spf1 include:a.example include:b.example ~all"
        );
        assert_eq!(merge(&["v=spf1 -all", "v=spf1 mx ~all"]).unwrap(), "v=spf1 mx ~all");
        assert_eq!(
            merge(&["v=spf1 mx -all", "v=spf1 +MX a -all exp=x.example"]).unwrap(),
            "v=spf1 mx a exp=x.example -all"
        );
        assert_eq!(
            merge(&["v=spf1 mx -all", "v=spf1 redirect=x.example"]).unwrap(),
            "v=spf1 mx include:x.example -all"
        );
        assert_eq!(
            merge(&["v=spf1 exists:%{i}.X.example -all", "v=spf1 exists:%{i}.x.example -all"]).unwrap(),
            "v=spf1 exists:%{i}.X.example -all"
        );
        assert_eq!(merge(&["v=spf1 mx -all", "v=spf1 foo -all"]), None);
        assert_eq!(merge(&["v=spf1 mx", "v=spf1 redirect=x.example"]), None);
        let twice = ["v=spf1 redirect=x.example"; 2];
        assert_eq!(merge(&twice).as_deref(), Some(twice[0]));
        assert_eq!(
            merge(&["v=spf1 exists:%{S}.x.example -all", "v=spf1 exists:%{s}.x.example -all"]).unwrap(),
            "v=spf1 exists:%{S}.x.example exists:%{s}.x.example -all"
        );
    }

    /// §4.7, §11.1: a record without an ending says neutral, and one that lets everybody pass is advised to nobody.
    #[test]
    fn endings_that_are_missing_or_open() {
        let merge = |texts: &[&str]| merged(&texts.iter().map(|text| Record::parse(text)).collect::<Vec<_>>());
        assert_eq!(merge(&["v=spf1 mx", "v=spf1 a -all"]).unwrap(), "v=spf1 mx a ?all");
        assert_eq!(merge(&["v=spf1 mx ?all", "v=spf1 a"]).unwrap(), "v=spf1 mx a ?all");
        assert_eq!(merge(&["v=spf1 mx", "v=spf1 a"]).unwrap(), "v=spf1 mx a");
        assert_eq!(merge(&["v=spf1 mx +all", "v=spf1 a -all"]), None);
        assert_eq!(merge(&["v=spf1 mx", "v=spf1 a all"]), None);
        for open in ["ip4:0.0.0.0/0", "exists:x.example", "a/0"] {
            assert_eq!(merge(&[&format!("v=spf1 {open} -all"), "v=spf1 mx -all"]), None, "{open}");
        }
    }

    /// §4.6.2: the first term that matches decides.
    #[test]
    fn whom_one_lets_pass_is_not_refused_by_another() {
        let merge = |texts: &[&str]| merged(&texts.iter().map(|text| Record::parse(text)).collect::<Vec<_>>());
        for (first, second, one) in [
            ("-ip4:0.0.0.0/0 -all", "mx -all", Some("mx -ip4:0.0.0.0/0 -all")),
            ("-ip4:9.9.9.0/24 -all", "ip4:9.9.9.7 ~all", Some("ip4:9.9.9.7 -ip4:9.9.9.0/24 ~all")),
            ("a ~ip4:9.9.9.0/24 -all", "mx -a:x.example -all", Some("a mx ~ip4:9.9.9.0/24 -a:x.example -all")),
            // What a record refuses is taken out of what it lets pass itself.
            ("-a:x.example ip4:9.9.9.0/24 -all", "mx -all", Some("mx -a:x.example ip4:9.9.9.0/24 -all")),
            ("mx -all", "a -a:x.example ip4:9.9.9.0/24 -all", Some("mx a -a:x.example ip4:9.9.9.0/24 -all")),
            ("?mx -all", "mx -all", Some("mx ?mx -all")),
            ("-a:x.example include:z.example ~all", "-a:y.example mx ~all", None),
            ("-a:x.example redirect=z.example", "-mx a ~all", None),
        ] {
            let texts = [first, second].map(|terms| format!("v=spf1 {terms}"));
            let merged = merge(&[&texts[0], &texts[1]]);
            assert_eq!(merged, one.map(|terms| format!("v=spf1 {terms}")), "{first}, {second}");
        }
    }

    #[test]
    fn what_is_kept_is_told() {
        let told = |texts: &[&str]| {
            let records: Vec<Record> = texts.iter().map(|text| Record::parse(text)).collect();
            super::told(&records, &merged(&records).unwrap())
        };
        assert_eq!(
            told(&["v=spf1 mx -all", "v=spf1 a ~all"]),
            "publish one record; it has the terms of all, and `~all`, the mildest ending; it has 16 octets: one string holds it"
        );
        assert_eq!(
            told(&["v=spf1 mx -all", "v=spf1 a -all"]),
            "publish one record; it has the terms of all; it has 16 octets: one string holds it"
        );
    }
}
