//! `redirect=` and its place (RFC 7208 §6.1).

use super::{Context, edits};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::{Mechanism, TermKind};

rules! {
    /// # `redirect` beside `all`
    ///
    /// A redirect is for senders that no mechanism matches. `all` matches everybody, so the redirect is ignored, whichever
    /// of them stands first.
    ///
    /// ```spf bad
    /// v=spf1 -all redirect=_spf.example.net
    /// ```
    ///
    /// Keep one of them. To authorise the other record's senders and end with your own `all`, include it:
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    WITH_ALL = "spf-redirect-with-all", Warning, PartIgnored, ["RFC 7208 §6.1"],
        "`{term}` is ignored: the record has `{all}`";

    /// # `redirect` is not the last term
    ///
    /// Modifiers may stand anywhere: the terms behind it are tested before it. A reader expects the order of evaluation.
    ///
    /// ```spf bad
    /// v=spf1 redirect=_spf.example.net ip4:192.0.2.1
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.1 redirect=_spf.example.net
    /// ```
    NOT_LAST = "spf-redirect-not-last", Note, Ok, ["RFC 7208 §6", "RFC 7208 §6.1"],
        "`{term}` comes last in evaluation, and should be written last";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some((redirect, _)) = cx.record.redirect() else { return };
    if let Some((all, _)) = cx.record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All) {
        out.report(&WITH_ALL, cx.at(redirect))
            .quote("term")
            .arg("all", cx.text(all))
            .related(cx.at(all).with("decides about everybody"))
            // Which of the two was meant is not known.
            .fix(Fix::maybe("remove the redirect", [edits::remove(cx, redirect)]))
            .fix(Fix::maybe(format!("remove `{}`", cx.text(all)), without_all(cx)));
        return;
    }
    // What cannot be read has to be mended first: it may be a second redirect.
    let is_tested = |kind: &TermKind| matches!(kind, TermKind::Directive(_));
    if cx.record.terms().iter().any(|term| term.span.start > redirect.start && is_tested(&term.kind)) {
        out.report(&NOT_LAST, cx.at(redirect))
            .quote("term")
            .fix(Fix::machine("write it last", edits::move_to_end(cx, redirect)));
    }
}

/// Every `all`: the redirect works without any.
fn without_all(cx: &Context<'_>) -> Vec<Edit> {
    let all = cx.record.directives().filter(|(_, directive)| directive.mechanism == Mechanism::All);
    all.map(|(span, _)| edits::remove(cx, span)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed};
    use crate::finding::{Applicability, apply};

    #[test]
    fn only_what_is_tested_counts() {
        assert_eq!(codes("v=spf1 mx redirect=x.example exp=y.example"), ["spf-exp-used"]);
        assert_eq!(fixed("v=spf1 redirect=x.example mx", "spf-redirect-not-last"), "v=spf1 mx redirect=x.example");
    }

    #[test]
    fn all_wins_wherever_it_stands() {
        for text in ["v=spf1 -all redirect=x.example", "v=spf1 redirect=x.example -all"] {
            assert_eq!(fixed(text, "spf-redirect-with-all"), "v=spf1 -all");
            assert!(!codes(text).contains(&"spf-redirect-not-last"));
        }
    }

    #[test]
    fn either_of_the_two_may_have_been_meant() {
        let text = "v=spf1 redirect=x.example mx ~all -all";
        let found = crate::spf::lint(&crate::spf::Record::parse(text));
        let found = found.iter().find(|found| found.code == *"spf-redirect-with-all").unwrap();
        assert!(found.fixes.iter().all(|fix| fix.applicability == Applicability::MaybeIncorrect));
        let mended: Vec<_> = found.fixes.iter().map(|fix| apply(text, fix.edits()).unwrap()).collect();
        assert_eq!(mended, ["v=spf1 mx ~all -all", "v=spf1 redirect=x.example mx"]);
    }
}
