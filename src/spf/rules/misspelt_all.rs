//! `all` that is misspelt: what it becomes decides about everybody (RFC 7208 §5.1).

use super::mechanisms::MECHANISM_TYPO;
use super::unknown::Unknown;
use crate::finding::{Edit, Findings, Fix};

/// `all-`, `!all`, `a11`: `all` alone would pass everyone, which hardly anybody means.
pub(super) fn tell(term: &Unknown<'_>, out: &mut Findings) {
    let found = out.report(&MECHANISM_TYPO, term.cx.at(term.span)).quote("name");
    if let Some(all) = qualified(term.name) {
        found.arg("meant", all).fix(Fix::machine(format!("write `{all}`"), [Edit::replace(term.span, all)]));
        return;
    }
    found.arg("meant", "-all` or `~all");
    // The underscore is on the key of the hyphen.
    let order = if term.name.starts_with('_') { ["-all", "~all"] } else { ["~all", "-all"] };
    for all in order {
        found.fix(Fix::maybe(format!("write `{all}`"), [Edit::replace(term.span, all)]));
    }
}

/// `all` with the qualifier that stands at the end of `text`. One that passes everyone is nothing to guess.
pub(super) fn qualified(text: &str) -> Option<&'static str> {
    match text.as_bytes().last()? {
        b'-' => Some("-all"),
        b'~' => Some("~all"),
        b'?' => Some("?all"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::{Applicability, Effect, apply};
    use crate::spf::{effect, lint_text};

    /// `all` takes no argument, and what stands there may be a sender.
    #[test]
    fn no_machine_throws_a_sender_away() {
        for (term, sure) in [("all:~", true), ("all:mail.x.example~", false), ("all:include:_spf.x.example-", false)] {
            let found = lint_text(&format!("v=spf1 mx {term}").as_str().into());
            let found = found.iter().find(|found| found.code == *"spf-all-with-argument").unwrap();
            assert_eq!(found.fixes[0].applicability == Applicability::MachineApplicable, sure, "{term}");
        }
    }

    #[test]
    fn a_misspelt_end_passes_nobody() {
        for (end, order) in [
            ("all-", &["-all"][..]),
            ("all~", &["~all"]),
            ("all?", &["?all"]),
            ("!all", &["~all", "-all"]),
            ("*all", &["~all", "-all"]),
            ("_all", &["-all", "~all"]),
            (".all", &["~all", "-all"]),
            (",all", &["~all", "-all"]),
            ("a11", &["~all", "-all"]),
            ("al", &["~all", "-all"]),
        ] {
            let text = format!("v=spf1 mx {end}");
            let found = lint_text(&text.as_str().into());
            assert_eq!(effect(&found), Effect::Permerror, "{text}");
            assert!(!found.iter().any(|found| found.code == *"spf-pass-all"), "{text}: {found:#?}");
            let typo = found.iter().find(|found| found.code == *"spf-mechanism-typo").unwrap();
            let mended: Vec<_> = typo.fixes.iter().map(|fix| apply(&text, fix.edits()).unwrap()).collect();
            assert_eq!(mended, order.iter().map(|all| format!("v=spf1 mx {all}")).collect::<Vec<_>>(), "{text}");
            let sure = typo.fixes[0].applicability == Applicability::MachineApplicable;
            assert_eq!(sure, order.len() == 1, "{text}");
        }
    }

    #[test]
    fn what_nobody_reads_passes_nobody() {
        let found = lint_text(&"v=spf1 mxx +all".into());
        let all = found.iter().find(|found| found.code == *"spf-pass-all").unwrap();
        assert_eq!(all.effect, Effect::Permerror);
    }
}
