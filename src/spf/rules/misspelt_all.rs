//! `all` that is misspelt: what it becomes decides about everybody (RFC 7208 §5.1).

use super::mechanisms::MECHANISM_TYPO;
use super::unknown::Unknown;
use crate::finding::{Edit, Findings, Fix};

/// `all-`, `!all`, `a11`: `all` alone would pass everyone, which hardly anybody means.
pub(super) fn tell(term: &Unknown<'_>, out: &mut Findings) {
    let found = out.report(&MECHANISM_TYPO, term.cx.at(term.span)).quote("name");
    let written = match term.name.as_bytes().last() {
        Some(b'-') => Some("-all"),
        Some(b'~') => Some("~all"),
        Some(b'?') => Some("?all"),
        _ => None,
    };
    if let Some(all) = written {
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

#[cfg(test)]
mod tests {
    use crate::finding::{Applicability, Effect, apply};
    use crate::spf::{effect, lint_text};

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
