//! One record out of several.

use crate::spf::{Mechanism, Qualifier, Record, TermKind};

/// A record with the terms of all, each once, and the mildest `all`. `None` if a term cannot be read, or if it is not clear what to do.
pub(super) fn merged(records: &[Record]) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut modifiers: Vec<String> = Vec::new();
    let mut all: Option<Qualifier> = None;
    let mut redirects = 0;
    for record in records {
        let mut is_over = false;
        for term in record.terms() {
            let text = record.text(term.span);
            match term.kind {
                TermKind::Unknown(_) => return None,
                // No mechanism behind an `all` was ever evaluated.
                TermKind::Directive(_) if is_over => {}
                TermKind::Directive(directive) if directive.mechanism == Mechanism::All => {
                    all = Some(all.map_or(directive.qualifier, |other| milder(other, directive.qualifier)));
                    is_over = true;
                }
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
}
