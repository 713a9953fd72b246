//! How a record ends: `all`, and what stands behind it (RFC 7208 §4.7, §5.1).

use super::world::{self, World};
use super::{Context, edits, huge};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::qualifier::QUALIFIERS;
use crate::spf::tree::{BranchKind, Ending, Visit};
use crate::spf::{Directive, Mechanism, Qualifier, Record, TermKind};
use crate::text::Span;

rules! {
    /// # `+all` passes everyone
    ///
    /// `all` matches every sender, and its qualifier is `+`, written or left out. So every computer in the world passes
    /// SPF for the domain, and with DMARC such mail counts as the domain's own.
    ///
    /// ```spf bad
    /// v=spf1 mx +all
    /// ```
    ///
    /// List the servers that send, and end with `~all` or `-all`:
    ///
    /// ```spf good
    /// v=spf1 mx ~all
    /// ```
    PASS_ALL = "spf-pass-all", Error, PassForEveryone, ["RFC 7208 §5.1", "RFC 7208 §8.3"],
        "`{term}` passes everyone";

    /// # `?all` says nothing
    ///
    /// Neutral is treated like no record at all: a forger is not even marked. `~all` marks, and rejects nothing by itself.
    ///
    /// ```spf bad
    /// v=spf1 mx ?all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx ~all
    /// ```
    NEUTRAL_ALL = "spf-neutral-all", Warning, Neutral, ["RFC 7208 §8.2"],
        "`{term}` says nothing about senders that no other term matches";

    /// # The record ends in `~all`
    ///
    /// Other senders get softfail: receivers mark such mail and should not reject it for that alone. With DMARC this is
    /// usually what is wanted, since forwarded mail with a good DKIM signature still arrives.
    ///
    /// ```spf bad
    /// v=spf1 mx ~all
    /// ```
    ///
    /// The stricter form is for domains whose mail is never forwarded, and for those that send none:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    SOFTFAIL_ALL = "spf-softfail-all", Note, Ok, ["RFC 7208 §8.5", "RFC 9989 §7.1"],
        "`{term}` marks other senders and does not fail them";

    /// # The record ends in `-all`
    ///
    /// Other senders get fail. Some receivers reject such mail at MAIL FROM, before they have seen a DKIM signature, so
    /// forwarded mail is lost that DMARC would have passed. `~all` together with a DMARC policy avoids that.
    ///
    /// ```spf bad
    /// v=spf1 mx -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx ~all
    /// ```
    HARDFAIL_ALL = "spf-hardfail-all", Note, Ok, ["RFC 7208 §8.4", "RFC 9989 §7.1"],
        "`{term}` lets receivers reject mail before they look at DKIM and DMARC";

    /// # The record has no end
    ///
    /// Without `all` and without `redirect=`, senders that no term matches get neutral, as if `?all` stood there. Mostly it
    /// was forgotten.
    ///
    /// ```spf bad
    /// v=spf1 mx
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx ~all
    /// ```
    NO_ALL = "spf-no-all-no-redirect", Warning, Neutral, ["RFC 7208 §4.7"],
        "{record} has neither `all` nor `redirect`, so other senders get neutral";

    /// # Terms stand behind `all`
    ///
    /// `all` matches everybody, so no receiver looks at the mechanisms behind it. Their senders get what `all` says.
    /// Modifiers such as `exp=` may stand there.
    ///
    /// ```spf bad
    /// v=spf1 mx -all ip4:192.0.2.1
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx ip4:192.0.2.1 -all
    /// ```
    ALL_NOT_LAST = "spf-all-not-last", Warning, PartIgnored, ["RFC 7208 §5.1"],
        "`{term}` is never looked at: it stands behind `{all}`";

    /// # `all` stands twice
    ///
    /// The first `all` matches everybody; the second one has no effect.
    ///
    /// ```spf bad
    /// v=spf1 mx ~all -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    MULTIPLE_ALL = "spf-multiple-all", Warning, PartIgnored, ["RFC 7208 §5.1"],
        "`{term}` has no effect: `{all}` stands before it";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    match cx.record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All) {
        Some((span, all)) => {
            qualifier(cx, span, all, out);
            behind(cx, span, out);
        }
        None if cx.record.redirect().is_none() => missing(cx, out),
        None => {}
    }
}

fn qualifier(cx: &Context<'_>, span: Span, all: &Directive, out: &mut Findings) {
    let softfail = || Fix::maybe("end with `~all`", [Edit::replace(span, "~all")]);
    match all.qualifier {
        Qualifier::Pass => {
            out.report(&PASS_ALL, cx.at(span)).quote("term").label("matches every sender").fix(softfail());
        }
        Qualifier::Neutral => {
            out.report(&NEUTRAL_ALL, cx.at(span)).quote("term").fix(softfail());
        }
        Qualifier::Softfail => {
            out.report(&SOFTFAIL_ALL, cx.at(span)).quote("term");
        }
        // `v=spf1 -all` alone says that no mail is sent: rejecting is what it is for.
        Qualifier::Fail if cx.record.directives().count() == 1 => {}
        Qualifier::Fail => {
            out.report(&HARDFAIL_ALL, cx.at(span)).quote("term");
        }
    }
}

fn behind(cx: &Context<'_>, all: Span, out: &mut Findings) {
    let behind = || cx.record.directives().filter(move |(span, _)| span.start > all.start);
    let is_all = |directive: &Directive| directive.mechanism == Mechanism::All;
    for (span, _) in behind().filter(|(_, directive)| is_all(directive)) {
        out.report(&MULTIPLE_ALL, cx.at(span))
            .quote("term")
            .arg("all", cx.text(all))
            .related(cx.at(all).with("decides about everybody"))
            .fix(Fix::machine("remove it", [edits::remove(cx, span)]));
    }
    let mut dead = behind().filter(|(_, directive)| !is_all(directive)).map(|(span, _)| span);
    let Some(first) = dead.next() else { return };
    let more: Vec<Span> = dead.collect();
    let fix = if behind().any(|(_, directive)| !is_all(directive) && huge::opens(cx.whole(), directive)) {
        let dead: Vec<Edit> = behind().map(|(span, _)| edits::remove(cx, span)).collect();
        Fix::maybe("remove what is never looked at", dead)
    } else {
        // What would stand behind the moved `all` is gone, or a modifier.
        let duplicates = behind().filter(|(_, directive)| is_all(directive)).map(|(span, _)| edits::remove(cx, span));
        let edits: Vec<Edit> = edits::move_to_end(cx, all).into_iter().chain(duplicates).collect();
        Fix::maybe(format!("put `{}` last", cx.text(all)), edits)
    };
    let found = out.report(&ALL_NOT_LAST, cx.at(first)).quote("term").arg("all", cx.text(all));
    found.related(cx.at(all).with("matches everybody"));
    for span in more {
        found.related(cx.at(span).with("never looked at either"));
    }
    found.fix(fix);
}

fn missing(cx: &Context<'_>, out: &mut Findings) {
    // A record without any term is told as that (`spf-empty-record`).
    if cx.record.terms().is_empty() || has_damaged_end(cx.record) {
        return;
    }
    let found = out.report(&NO_ALL, cx.at(cx.record.version())).arg("record", "the record");
    // Behind a term that is cut off, the end was lost, and one more term mends nothing.
    if !cx.record.terms().last().is_some_and(|last| matches!(last.kind, TermKind::Unknown(_))) {
        found.fix(Fix::maybe("end with `~all`", [edits::append(cx, "~all")]));
    }
}

/// The end of the record that this one redirects to, if it fails nobody.
pub(super) fn check_world(_: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let redirect = |(_, visit): &(usize, &Visit<'_>)| visit.depth == 0 && visit.branch.kind == BranchKind::Redirect;
    let Some((at, visit)) = world.live().find(redirect) else { return };
    let Some(node) = &visit.branch.node else { return };
    match node.ending() {
        Ending::Neutral => {
            out.report(&NO_ALL, world.label(at)).arg("record", format!("the record of `{}`", node.domain));
        }
        Ending::All(Qualifier::Neutral) => {
            out.report(&NEUTRAL_ALL, world.label(at)).arg("term", world::text(visit));
        }
        Ending::All(_) | Ending::Error => {}
    }
}

/// Whether a term that could not be read, or that ran together with the next one, is an `all` or a `redirect`.
fn has_damaged_end(record: &Record) -> bool {
    record.terms().iter().any(|term| {
        let text = record.text(term.span);
        let ends_in_all = text.len() >= 3
            && text.is_char_boundary(text.len() - 3)
            && text[text.len() - 3..].eq_ignore_ascii_case("all");
        match term.kind {
            TermKind::Unknown(_) => {
                let text = text.to_ascii_lowercase();
                text.contains("all") || text.contains("redirect")
            }
            _ => ends_in_all && text[..text.len() - 3].ends_with(QUALIFIERS),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed, spans};

    #[test]
    fn ends() {
        assert_eq!(codes("v=spf1 all"), ["spf-pass-all"]);
        assert_eq!(codes("v=spf1 ?all"), ["spf-neutral-all"]);
        assert_eq!(codes("v=spf1 -all"), ["spf-null-record-nonmail-domain"]);
        assert_eq!(codes("v=spf1 mx -all exp=x.d.example"), ["spf-hardfail-all", "spf-exp-used"]);
        assert_eq!(codes("v=spf1 redirect=x.example"), [""; 0]);
        assert!(codes("v=spf1").is_empty());
    }

    #[test]
    fn a_damaged_end_is_an_end() {
        for text in
            ["v=spf1 mx −all", "v=spf1 mx ~all;", "v=spf1 include:x.example-all", "v=spf1 redirect=", "v=spf1 al all."]
        {
            assert!(!codes(text).contains(&"spf-no-all-no-redirect"), "{text}");
        }
        assert!(codes("v=spf1 a:wall.example").contains(&"spf-no-all-no-redirect"));
    }

    #[test]
    fn the_end_is_mended() {
        assert_eq!(fixed("v=spf1 mx ", "spf-no-all-no-redirect"), "v=spf1 mx ~all ");
        assert_eq!(fixed("v=spf1 mx +all", "spf-pass-all"), "v=spf1 mx ~all");
        assert_eq!(fixed("v=spf1 ~all mx -all  a", "spf-all-not-last"), "v=spf1 mx  a ~all");
        assert_eq!(fixed("v=spf1 mx ~all  -all", "spf-multiple-all"), "v=spf1 mx ~all");
    }

    #[test]
    fn what_would_pass_everyone_is_not_put_into_force() {
        for dead in ["ip4:0.0.0.0/0", "a ip6:::/0", "mx/0", "ip4:9.9.9.9 exists:x.example ?all"] {
            assert_eq!(fixed(&format!("v=spf1 mx -all {dead}"), "spf-all-not-last"), "v=spf1 mx -all", "{dead}");
        }
        for dead in ["ip4:10.0.0.0/8", "-ip4:0.0.0.0/0", "ip6:fc00::/7"] {
            let last = format!("v=spf1 mx {dead} -all");
            assert_eq!(fixed(&format!("v=spf1 mx -all {dead}"), "spf-all-not-last"), last);
        }
    }

    #[test]
    fn points_at_what_is_dead() {
        assert_eq!(spans("v=spf1 -all mx ?all exp=x.example", "spf-all-not-last"), ["mx"]);
        assert_eq!(spans("v=spf1 -all mx ?all exp=x.example", "spf-multiple-all"), ["?all"]);
    }
}
