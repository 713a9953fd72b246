//! One record out of several.

use super::size;
use crate::spf::{Mechanism, Qualifier, Record, TermKind};

/// A record with the terms of all, each once, and the mildest `all`. `None` if a term cannot be read, or if it is not clear what to do.
pub(super) fn merged(records: &[Record]) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut modifiers: Vec<String> = Vec::new();
    let mut all: Option<Qualifier> = None;
    let mut redirects = 0;
    for record in records {
        let mut ended = false;
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
                TermKind::Directive(_) => push(&mut terms, text),
                TermKind::Redirect(_) if record.has_all() => {}
                TermKind::Redirect(spec) => {
                    redirects += 1;
                    push(&mut terms, &format!("include:{}", record.text(spec.span)));
                }
                TermKind::Explanation(_) | TermKind::UnknownModifier(_) => push(&mut modifiers, text),
            }
        }
    }
    // A redirect's own `all` is not known here.
    if redirects > 0 && all.is_none() {
        return None;
    }
    if modifiers.iter().filter(|text| text.to_ascii_lowercase().starts_with("exp=")).count() > 1 {
        return None;
    }
    let all = all.map(|qualifier| match qualifier {
        Qualifier::Pass => "+all".to_owned(),
        qualifier => format!("{}all", qualifier.as_char()),
    });
    let words = ["v=spf1".to_owned()].into_iter().chain(terms).chain(modifiers).chain(all);
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

fn push(terms: &mut Vec<String>, text: &str) {
    let bare = |text: &str| text.strip_prefix('+').unwrap_or(text).to_ascii_lowercase();
    if !terms.iter().any(|term| bare(term) == bare(text)) {
        terms.push(text.to_owned());
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
        assert_eq!(merge(&["v=spf1 mx -all", "v=spf1 foo -all"]), None);
        assert_eq!(merge(&["v=spf1 mx", "v=spf1 redirect=x.example"]), None);
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
