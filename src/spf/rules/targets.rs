//! What `include` and `redirect` lead to (RFC 7208 §5.2, §6.1).

use super::owners::{self, Owner};
use super::world::{World, text};
use super::{Context, effects, includes};
use crate::dns::Lookup;
use crate::finding::{Evidence, Findings, Label, Rule, rules};
use crate::spf::tree::{Branch, BranchKind, Found, Target, Visit};

rules! {
    /// # An included name has no SPF record
    ///
    /// For receivers that is a permerror of the whole record: no sender passes who comes to the include.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:mail.d.example -all"
    /// mail.d.example. A 192.0.2.1
    /// ```
    ///
    /// Remove the include, or correct the name. To authorise a host, use `a`:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 a:mail.d.example -all"
    /// mail.d.example. A 192.0.2.1
    /// ```
    NONE = "spf-include-none", Error, Permerror, ["RFC 7208 §5.2"],
        "`{target}` publishes no SPF record, so `{term}` makes the whole a permerror";

    /// # An included name does not exist
    ///
    /// For receivers that is a permerror of the whole record: no sender passes who comes to the include.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:gone.d.example -all"
    /// ```
    ///
    /// Remove the include, or correct the name:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    NXDOMAIN = "spf-include-nxdomain", Error, Permerror, ["RFC 7208 §5.2"],
        "`{target}` does not exist, so `{term}` makes the whole a permerror";

    /// # An included record is broken
    ///
    /// A permerror in an included record is a permerror of the whole. Only the owner of that record can mend it.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ipv4:192.0.2.1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    PERMERROR = "spf-include-permerror", Error, Permerror, ["RFC 7208 §5.2", "RFC 7208 §6.1"],
        "`{term}` makes the whole a permerror: {reason}";

    /// # An included name has several SPF records
    ///
    /// Receivers do not choose between several records: it is a permerror, also for the record that includes them.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.2 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all"
    /// ```
    MULTIPLE = "spf-include-multiple", Error, Permerror, ["RFC 7208 §4.5", "RFC 7208 §5.2"],
        "`{target}` has {value} SPF records, so `{term}` makes the whole a permerror";

    /// # An included record could not be looked up
    ///
    /// The DNS gave no answer. A receiver with the same trouble answers temperror, and mostly asks the sender to try again. It
    /// says nothing about the record itself.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. SERVFAIL TXT
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    TEMPERROR = "spf-include-temperror", Warning, Temperror, ["RFC 7208 §5.2", "RFC 7208 §4.4"],
        "`{target}` could not be looked up ({failure}), so `{term}` is a temperror for now";

    /// # The redirect leads to no SPF record
    ///
    /// For senders that no mechanism matches the result is that of the other record. There is none, which is a permerror.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 redirect=_spf.d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 redirect=_spf.d.example"
    /// _spf.d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    REDIRECT_NONE = "spf-redirect-none", Error, Permerror, ["RFC 7208 §6.1"],
        "`{target}` {value}, so `{term}` is a permerror";

    /// # Records include each other
    ///
    /// A receiver goes round until the limit of ten look-ups ends in permerror.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:a.example -all"
    /// a.example. TXT "v=spf1 include:d.example -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:a.example -all"
    /// a.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    LOOP = "spf-include-loop", Error, Permerror, ["RFC 7208 §4.6.4", "RFC 7208 §11.1"],
        "`{term}` in the record of `{value}` leads back to `{target}`";

    /// # A target is free to be registered
    ///
    /// The record trusts a name whose domain seems not to be registered. Whoever registers it publishes what they like there,
    /// and passes SPF and DMARC for this domain.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 a:mail.expired-domain.example -all"
    /// ```
    ///
    /// Remove what is no longer yours:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    REGISTRABLE = "spf-include-registrable", Error, Ok, ["RFC 7208 §11.4"],
        "`{term}` trusts `{registrable}`, which does not exist: whoever registers it can send as this domain";

    /// # A target is an alias of nothing
    ///
    /// The name is a CNAME, and the name behind it does not exist. Often a service was given up and its name may be taken by
    /// somebody else, who then decides about this record.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 a:mail.d.example -all"
    /// mail.d.example. CNAME customer.cloud.example.
    /// cloud.example. A 192.0.2.7
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    DANGLING = "spf-dangling-cname-target", Warning, Ok, ["RFC 7208 §11.4"],
        "`{term}` leads over a CNAME to `{alias}`, which does not exist";
}

pub(super) fn check_world(_: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let mut told_at_root: Option<usize> = None;
    let mut repairs = owners::MAX_REPAIRS;
    for (at, visit) in world.live() {
        let is_broken = target(world, at, visit, &mut repairs, out);
        // The owner of the first record sees it at a term of his own.
        let root = world.root_of(at);
        if is_broken && root != at && told_at_root != Some(root) {
            told_at_root = Some(root);
            through(world, root, at, out);
        }
        dangling(world, at, visit, out);
    }
    for (name, registrable) in &world.unregistered {
        let asks = |branch: &Branch| match &branch.target {
            Target::Name(target) => target == name || branch.exchanges().any(|mx| mx.exchange == *name),
            Target::Sender | Target::Unusable => false,
        };
        for (at, visit) in world.live().filter(|(_, visit)| asks(visit.branch)) {
            out.report(&REGISTRABLE, world.label(at))
                .arg("term", text(visit))
                .arg("registrable", registrable)
                .evidence(Evidence::Guessed);
        }
    }
}

/// Tells what is wrong with the target of an include or redirect. Whether it makes the whole a permerror. Of broken records
/// the first `repairs` are mended.
fn target(world: &World<'_>, at: usize, visit: &Visit<'_>, repairs: &mut usize, out: &mut Findings) -> bool {
    let branch = visit.branch;
    let is_redirect = match branch.kind {
        BranchKind::Include => false,
        BranchKind::Redirect => true,
        _ => return false,
    };
    let effect = effects::at(&world.visits, at);
    let mut report = |rule: &'static Rule, target: &str, value: &str| {
        let found = out.report(rule, world.label(at)).arg("term", text(visit)).arg("target", target).effect(effect);
        found.arg("value", value);
    };
    let Some(node) = &branch.node else {
        if branch.target == Target::Unusable {
            report(&NONE, "its target", "");
        }
        return branch.target == Target::Unusable;
    };
    let name = node.domain.as_str();
    match &node.found {
        Found::None if is_redirect => report(&REDIRECT_NONE, name, "publishes no SPF record"),
        Found::NxDomain if is_redirect => report(&REDIRECT_NONE, name, "does not exist"),
        Found::None => report(&NONE, name, ""),
        Found::NxDomain => report(&NXDOMAIN, name, ""),
        Found::Several(several) => report(&MULTIPLE, name, &several.len().to_string()),
        Found::Failure(failure) => {
            out.report(&TEMPERROR, world.label(at))
                .arg("term", text(visit))
                .arg("target", name)
                .arg("failure", failure.as_str())
                .evidence(Evidence::NotChecked);
            return false;
        }
        Found::Record(record) => {
            let Some(error) = record.errors().next() else { return false };
            let owner = Owner::of(&node.domain, &visit.node.domain);
            let reason = format!("in the record of `{name}` {error}; {}", owner.mends());
            let found = out.report(&PERMERROR, world.label(at)).arg("term", text(visit)).arg("reason", reason);
            found.related(Label::new(&node.subject, error.span)).effect(effect);
            if let Some(left) = repairs.checked_sub(1) {
                *repairs = left;
                owners::mended(node, &owner).map(|fix| found.fix(fix));
            }
        }
        // By the text alone the first record has told it, if it knows where it stands.
        Found::Cycle(_) if node.domain == visit.node.domain && visit.depth == 0 => {}
        Found::Cycle(_) if node.domain == visit.node.domain => {
            out.report(&includes::SELF, world.label(at)).arg("term", text(visit)).effect(effect);
        }
        Found::Cycle(_) => report(&LOOP, name, visit.node.domain.as_str()),
        Found::NotWalked => return false,
    }
    true
}

/// Tells at the root's own term what is broken further inside.
fn through(world: &World<'_>, root: usize, at: usize, out: &mut Findings) {
    let visit = &world.visits[at];
    // The broken record itself is to be mended; where there is none, the term that leads nowhere.
    let broken = visit.branch.node.as_deref().filter(|node| node.record().is_some()).map(|node| &node.domain);
    let owner = Owner::of(broken.unwrap_or(&visit.node.domain), &world.tree.root.domain);
    let reason =
        format!("in the record of `{}`, `{}` cannot be used; {}", visit.node.domain, text(visit), owner.mends());
    out.report(&PERMERROR, world.label(root))
        .quote("term")
        .arg("reason", reason)
        .effect(effects::at(&world.visits, at))
        .related(world.label(at).with("here"));
}

fn dangling(world: &World<'_>, at: usize, visit: &Visit<'_>, out: &mut Findings) {
    let own = visit.branch.node.as_ref().and_then(|node| node.asked.as_ref());
    let mut asked = visit.branch.asked.iter().chain(own);
    let alias = asked.find_map(|asked| match asked.answer.lookup {
        Lookup::NxDomain => asked.answer.aliases.last(),
        Lookup::Records(_) | Lookup::NoData | Lookup::Failure(_) => None,
    });
    if let Some(alias) = alias {
        out.report(&DANGLING, world.label(at)).arg("term", text(visit)).arg("alias", alias);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes_in, found_in, has};
    use crate::finding::{Effect, Severity};

    fn errors(world: &str) -> Vec<&'static str> {
        let found = found_in(world);
        found.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code.as_str()).collect()
    }

    #[test]
    fn each_kind_of_nothing() {
        let of = |target: &str| {
            errors(&format!(
                "d.example TXT v=spf1 {target} ~all\n_x.none.example TXT other\ns.none.example TXT v=spf1 -all\ns.none.example TXT v=spf1 -all\nb.none.example TXT v=spf1 foo"
            ))
        };
        assert_eq!(of("include:_x.none.example"), ["spf-include-none"]);
        assert_eq!(of("include:gone.none.example"), ["spf-include-nxdomain"]);
        assert_eq!(of("include:s.none.example"), ["spf-include-multiple"]);
        assert_eq!(of("include:b.none.example"), ["spf-include-permerror"]);
        let redirect =
            |target: &str| errors(&format!("d.example TXT v=spf1 redirect={target}\n_x.none.example TXT other"));
        assert_eq!(redirect("_x.none.example"), ["spf-redirect-none"]);
        assert_eq!(redirect("gone.none.example"), ["spf-redirect-none"]);
    }

    #[test]
    fn a_failure_is_no_statement() {
        let found = found_in("d.example TXT v=spf1 include:f.example ~all\nf.example FAIL");
        assert!(has(&found, "spf-include-temperror"));
        assert!(found.iter().all(|found| found.severity != Severity::Error));
    }

    #[test]
    fn broken_further_inside() {
        let found = found_in(
            "d.example TXT v=spf1 ip4:9.9.9.9 include:a.example ~all\na.example TXT v=spf1 include:gone.a.example -all",
        );
        let outer = found.iter().find(|found| found.code == "spf-include-permerror").unwrap();
        assert_eq!(outer.primary.quoted(), "include:a.example");
        assert_eq!(outer.effect, Effect::PermerrorForSome);
        assert!(
            outer.message().ends_with("cannot be used; only the owner of `a.example` can mend it"),
            "{}",
            outer.message()
        );
        assert!(has(&found, "spf-include-nxdomain"));
        let direct = found_in("d.example TXT v=spf1 include:gone.d.example mx ~all");
        assert!(!has(&direct, "spf-include-permerror"));
        assert_eq!(direct.iter().find(|found| found.code == "spf-include-nxdomain").unwrap().effect, Effect::Permerror);
    }

    #[test]
    fn what_no_receiver_reaches_is_not_told() {
        assert_eq!(errors("d.example TXT v=spf1 ~all include:gone.d.example"), [""; 0]);
        assert_eq!(errors("d.example TXT v=spf1 ~all redirect=gone.d.example"), [""; 0]);
    }

    #[test]
    fn loops() {
        assert_eq!(
            errors(
                "d.example TXT v=spf1 include:a.example ~all\na.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 include:a.example -all"
            ),
            ["spf-include-loop", "spf-include-permerror"]
        );
        assert_eq!(errors("d.example TXT v=spf1 include:d.example ~all"), ["spf-self-include"]);
        assert_eq!(
            errors(
                "d.example TXT v=spf1 include:a.example include:b.example ~all\na.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 ip4:9.9.9.9"
            ),
            [""; 0]
        );
    }

    #[test]
    fn only_a_registrable_name_is_guessed() {
        let guessed = |world: &str| codes_in(world).contains(&"spf-include-registrable");
        assert!(guessed("d.example TXT v=spf1 include:_spf.gone.example -all"));
        assert!(guessed("d.example TXT v=spf1 include:_spf.gone.co.uk -all\nother.co.uk A 9.9.9.9"));
        assert!(!guessed("d.example TXT v=spf1 include:spf-old.here.example -all\nhere.example A 9.9.9.9"));
        assert!(!guessed("d.example TXT v=spf1 include:a.example-all -all"), "the top level does not exist");
        assert!(!guessed("d.example TXT v=spf1 include:x@gone.example -all"));
    }
}
