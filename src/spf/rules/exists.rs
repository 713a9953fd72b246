//! `exists` and `ptr` (RFC 7208 §5.5, §5.7).

use super::{Context, edits};
use crate::finding::{Applicability, Edit, Effect, Findings, Fix, Severity, rules};
use crate::spf::tree::{Branch, Target};
use crate::spf::{DomainSpec, Letter, Mechanism, Piece, Qualifier, pieces};
use crate::text::Span;

rules! {
    /// # `ptr` is published
    ///
    /// Every receiver has to look up the reverse name of the client, and the addresses of up to ten names found there. That
    /// is slow, fails when the reverse zone's servers do, and puts load on them. The standard says not to publish it, and
    /// some receivers do not evaluate it.
    ///
    /// ```spf bad
    /// v=spf1 ptr -all
    /// ```
    ///
    /// Name the hosts or networks instead:
    ///
    /// ```spf good
    /// v=spf1 a:mail.example.com ip4:192.0.2.0/24 -all
    /// ```
    PTR_USED = "spf-ptr-used", Warning, Ok, ["RFC 7208 §5.5"],
        "`{term}` is slow and unreliable, and should not be published";

    /// # `exists` asks about each sender
    ///
    /// Its name holds the client's address or the sender's mailbox, so each receiver asks the zone's owner about each mail.
    /// Nobody else can see who is authorised, the answers can hardly be cached, and the owner learns who writes to whom.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    ///
    /// Where the senders can be listed, list them:
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    EXISTS_USED = "spf-exists-used", Note, Ok, ["RFC 7208 §5.7", "RFC 7208 §11.6"],
        "`{term}` asks the owner of that zone about each sender";

    /// # `exists` without a macro
    ///
    /// The name is the same for every sender, so it matches everybody or nobody: everybody passes as long as the name has
    /// an address.
    ///
    /// ```spf bad
    /// v=spf1 exists:spf.example.com -all
    /// ```
    ///
    /// To authorise the host of that name, use `a`:
    ///
    /// ```spf good
    /// v=spf1 a:spf.example.com -all
    /// ```
    EXISTS_STATIC = "spf-exists-static", Warning, Ok, ["RFC 7208 §5.7"],
        "`{term}` matches {whom}: its name is the same for every sender";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for (span, directive) in cx.record.directives() {
        match directive.mechanism {
            Mechanism::Ptr { .. } => {
                let by_name =
                    Fix::edit("name the hosts", [Edit::replace(span, "a:HOST")], Applicability::HasPlaceholders);
                out.report(&PTR_USED, cx.at(span)).quote("term").fix(by_name);
            }
            Mechanism::Exists(spec) if !is_static(cx.whole(), spec) => {
                out.report(&EXISTS_USED, cx.at(span)).quote("term");
            }
            Mechanism::Exists(spec) => {
                let name = Fix::maybe(
                    "authorise the host of that name",
                    [Edit::replace(span, format!("a:{}", cx.text(spec.span)))],
                );
                let found = out.report(&EXISTS_STATIC, cx.at(span)).quote("term");
                match has_address(cx, span) {
                    None => found.arg("whom", "everybody or nobody").fix(name),
                    // §5.7: the look-up is for A records, whatever the client has; without one the term can only go.
                    Some(false) => found.arg("whom", "nobody").fix(Fix::maybe("remove it", [edits::remove(cx, span)])),
                    Some(true) => {
                        if directive.qualifier == Qualifier::Pass {
                            found.severity(Severity::Error).effect(Effect::PassForEveryone);
                        }
                        found.arg("whom", "everybody").fix(name)
                    }
                };
            }
            _ => {}
        }
    }
}

/// Whether the name of the term `span` has an address, where that is known and a receiver comes to it.
fn has_address(cx: &Context<'_>, span: Span) -> Option<bool> {
    let root = &cx.tree?.root;
    let record = root.record()?;
    // The tree is of the record as published; `span` may be of the repaired one.
    let is_term = |branch: &&Branch| branch.live && record.text(branch.span) == cx.text(span);
    let branch = root.branches.iter().find(is_term)?;
    let answers = || branch.asked.iter().map(|asked| &asked.answer);
    let is_known = branch.target != Target::Sender && answers().all(|answer| answer.failure().is_none());
    is_known.then(|| answers().any(|answer| answer.records().is_some()))
}

/// Whether the name, in `text`, is the same for every sender.
pub(super) fn is_static(text: &str, spec: DomainSpec) -> bool {
    let of_sender = |piece| matches!(piece, Ok(Piece::Expand(expand)) if expand.letter != Letter::Domain);
    !spec.has_macros || !pieces(&text[spec.span]).any(of_sender)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, found_in};
    use crate::finding::{Effect, Severity};

    #[test]
    fn the_domain_is_the_same_for_every_sender() {
        assert_eq!(codes("v=spf1 exists:spf.%{d2} ~all"), ["spf-exists-static", "spf-softfail-all"]);
        assert_eq!(codes("v=spf1 exists:%{l}.spf.%{d} ~all"), ["spf-exists-used", "spf-softfail-all"]);
    }

    #[test]
    fn whom_it_matches_is_told_where_it_is_known() {
        let told = |term: &str, rest: &str| {
            let found = found_in(&format!("d.example TXT v=spf1 {term} -all\n{rest}"));
            let found = found.into_iter().find(|found| found.code == "spf-exists-static").unwrap();
            (found.params.get("whom").unwrap().to_owned(), found.severity, found.effect)
        };
        let everybody = (String::from("everybody"), Severity::Error, Effect::PassForEveryone);
        assert_eq!(told("exists:ok.%{d}", "ok.d.example A 127.0.0.2"), everybody);
        let whom = |term: &str, rest: &str| told(term, rest).0;
        let found = found_in("d.example TXT v=spf1 exists:ok.d.example -all");
        let found = found.into_iter().find(|found| found.code == "spf-exists-static").unwrap();
        assert_eq!(found.fixes[0].title, "remove it");
        assert_eq!(told("-exists:ok.d.example", "ok.d.example A 127.0.0.2").2, Effect::Ok);
        assert_eq!(whom("exists:ok.d.example", ""), "nobody");
        assert_eq!(whom("exists:ok.d.example", "ok.d.example FAIL"), "everybody or nobody");
        assert_eq!(whom("-all exists:ok.d.example", "ok.d.example A 127.0.0.2"), "everybody or nobody");
    }
}
