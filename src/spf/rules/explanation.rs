//! `exp=` and the text that it leads to (RFC 7208 §6.2).

use super::Context;
use super::world::World;
use crate::dns::RecordType;
use crate::finding::{Findings, Label, Subject, rules};
use crate::spf::parse::explanation_error;
use crate::spf::tree::{BranchKind, Target};

rules! {
    /// # An explanation is configured
    ///
    /// When SPF fails, a receiver may look up this text and give it in its reply. Few do. The text may hold macros, so the owner
    /// of its zone can learn from each look-up who was refused.
    ///
    /// ```spf bad
    /// v=spf1 mx -all exp=explain._spf.%{d}
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    USED = "spf-exp-used", Note, Ok, ["RFC 7208 §6.2", "RFC 7208 §11.5.2"],
        "`{term}` gives a text to senders that fail; few receivers show it";

    /// # The explanation is missing
    ///
    /// `exp=` leads to no TXT record, or to several. Receivers act as if it were not there; the result is the same.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all exp=why.d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 mx -all exp=why.d.example"
    /// why.d.example. TXT "%{i} may not send for %{d}"
    /// ```
    MISSING = "spf-exp-target-missing", Note, Ok, ["RFC 7208 §6.2"],
        "`{target}` has {count}, so no explanation is given";

    /// # The explanation cannot be read
    ///
    /// A wrong macro or a character outside ASCII: receivers act as if there were no explanation.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all exp=why.d.example"
    /// why.d.example. TXT "%{z} may not send for %{d}"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 mx -all exp=why.d.example"
    /// why.d.example. TXT "%{i} may not send for %{d}"
    /// ```
    INVALID = "spf-exp-text-invalid", Note, Ok, ["RFC 7208 §6.2", "RFC 7208 §7.1"],
        "the explanation at `{target}` has an error in `{part}`, so none is given";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if let Some((span, _)) = cx.record.explanation() {
        out.report(&USED, cx.at(span)).quote("term");
    }
}

pub(super) fn check_world(_: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    for (at, visit) in world.live() {
        let Target::Name(target) = &visit.branch.target else { continue };
        let Some(answer) = visit.branch.answer(RecordType::Txt) else { continue };
        if visit.branch.kind != BranchKind::Explanation || answer.failure().is_some() {
            continue;
        }
        match answer.txts() {
            [text] => {
                let Some((_, span)) = explanation_error(text.text()) else { continue };
                let subject = Subject::record(target, RecordType::Txt, text.clone());
                let found = out.report(&INVALID, Label::new(&subject, span));
                found.quote("part").arg("target", target).related(world.label(at).with("leads here"));
            }
            texts => {
                let count = match texts.len() {
                    0 => "no TXT record".to_owned(),
                    count => format!("{count} TXT records"),
                };
                out.report(&MISSING, world.label(at)).arg("target", target).arg("count", count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found_in, has};

    #[test]
    fn one_readable_text() {
        let found = |texts: &str| found_in(&format!("d.example TXT v=spf1 mx -all exp=why.%{{d}}\n{texts}"));
        assert!(has(&found(""), "spf-exp-target-missing"));
        assert!(has(&found("why.d.example TXT a\nwhy.d.example TXT b"), "spf-exp-target-missing"));
        assert!(!has(&found("why.d.example FAIL"), "spf-exp-target-missing"));
        let invalid = found("why.d.example TXT 100% of %{c}");
        let invalid = invalid.iter().find(|found| found.code == "spf-exp-text-invalid").unwrap();
        assert_eq!(invalid.primary.quoted(), "%");
        let good = found("why.d.example TXT %{c} at %{t}");
        assert!(!has(&good, "spf-exp-text-invalid") && !has(&good, "spf-exp-target-missing"));
    }
}
