//! The limit of ten look-ups (RFC 7208 §4.6.4).

use super::world::{World, text};
use super::{Context, effects, flatten};
use crate::dns::RecordType;
use crate::finding::{Diagnostic, Effect, Findings, Label, rules};
use crate::spf::tree::{Branch, BranchKind, Visit};
use crate::spf::{Mechanism, Term, TermKind};

rules! {
    /// # More than ten look-ups
    ///
    /// `include`, `a`, `mx`, `ptr`, `exists` and `redirect` each count as one, over all records that are included. At the
    /// eleventh a receiver stops with permerror, and for DMARC that is no pass.
    ///
    /// ```spf bad
    /// v=spf1 a mx a:a.example.com a:b.example.com a:c.example.com a:d.example.com a:e.example.com a:f.example.com a:g.example.com a:h.example.com a:i.example.com -all
    /// ```
    ///
    /// Remove services that are no longer used; name hosts by their networks, which costs nothing; or give a service a subdomain
    /// of its own as return path:
    ///
    /// ```spf good
    /// v=spf1 a mx ip4:192.0.2.0/27 -all
    /// ```
    EXCEEDED = "spf-lookups-exceeded", Error, Permerror, ["RFC 7208 §4.6.4"],
        "the record needs {lookups} DNS look-ups, and 10 are allowed";

    /// # The eleventh look-up
    ///
    /// This is the term at which a receiver stops with permerror. The terms behind it are never reached.
    ///
    /// ```spf bad
    /// v=spf1 a mx a:a.example.com a:b.example.com a:c.example.com a:d.example.com a:e.example.com a:f.example.com a:g.example.com a:h.example.com a:i.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a mx ip4:192.0.2.0/27 -all
    /// ```
    AT_TERM = "spf-lookups-exceeded-at-term", Error, Permerror, ["RFC 7208 §4.6.4"],
        "`{term}` is look-up {number}: receivers stop here";

    /// # The limit strikes late senders only
    ///
    /// A receiver stops looking at the first match. Senders that an early term matches still pass; those that come later in
    /// the record get permerror. So mail of one service works and that of another fails, with the same record.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.1 a mx a:a.example.com a:b.example.com a:c.example.com a:d.example.com a:e.example.com a:f.example.com a:g.example.com a:h.example.com a:i.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.1 a mx -all
    /// ```
    ORDER = "spf-lookups-order-dependent", Warning, PermerrorForSome, ["RFC 7208 §4.6.4", "RFC 7208 §4.6.2"],
        "senders that a term before `{term}` matches still pass, all others get permerror";

    /// # Close to the limit of ten look-ups
    ///
    /// It works today. When an included service adds one more include to its own record, this record becomes a permerror,
    /// without anybody having touched it.
    ///
    /// ```spf bad
    /// v=spf1 a mx a:a.example.com a:b.example.com a:c.example.com a:d.example.com a:e.example.com a:f.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a mx ip4:192.0.2.0/27 -all
    /// ```
    NEAR = "spf-lookups-near-limit", Warning, Ok, ["RFC 7208 §4.6.4"],
        "{lookups} of 10 DNS look-ups are used: a change by an included service may break the record";

    /// # Where the look-ups come from
    ///
    /// How many of the ten look-ups each term of the record costs, with all that it includes.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:_spf.d.example -all"
    /// _spf.d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    ///
    /// Networks cost none:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    PER_TERM = "spf-lookups-per-term", Note, Ok, ["RFC 7208 §4.6.4"],
        "{lookups} of 10 DNS look-ups are used: {terms}";

    /// # One include costs several look-ups
    ///
    /// The included record has look-ups of its own, and they all count here.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 include:a.s.example include:b.s.example -all"
    /// a.s.example. TXT "v=spf1 ip4:192.0.2.0/25 -all"
    /// b.s.example. TXT "v=spf1 ip4:192.0.2.128/25 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    BUNDLE = "spf-lookups-provider-bundle", Note, Ok, ["RFC 7208 §4.6.4"],
        "`{term}` costs {lookups} DNS look-ups: itself and {inside} inside";

    /// # A deep chain of includes
    ///
    /// Each level is another owner who can change the record, and another round trip before a receiver has its answer.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:a.d.example -all"
    /// a.d.example. TXT "v=spf1 include:b.d.example -all"
    /// b.d.example. TXT "v=spf1 include:c.d.example -all"
    /// c.d.example. TXT "v=spf1 include:e.d.example -all"
    /// e.d.example. TXT "v=spf1 include:f.d.example -all"
    /// f.d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:f.d.example -all"
    /// f.d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    DEPTH = "spf-include-depth", Warning, Ok, ["RFC 7208 §11.1"],
        "`{term}` leads {depth} records deep";

    /// # Many questions for one mail
    ///
    /// The limit counts terms, but an `mx` term asks for the addresses of each exchange. A receiver needs far more questions for
    /// this record than the ten look-ups suggest, which is slow, and can be abused against the servers that are asked.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx/31 mx/30 mx/29 mx/28 -all"
    /// d.example. MX 10 m0.d.example.
    /// d.example. MX 10 m1.d.example.
    /// d.example. MX 10 m2.d.example.
    /// d.example. MX 10 m3.d.example.
    /// d.example. MX 10 m4.d.example.
    /// d.example. MX 10 m5.d.example.
    /// d.example. MX 10 m6.d.example.
    /// d.example. MX 10 m7.d.example.
    /// d.example. MX 10 m8.d.example.
    /// d.example. MX 10 m9.d.example.
    /// m0.d.example. A 192.0.2.0
    /// m1.d.example. A 192.0.2.1
    /// m2.d.example. A 192.0.2.2
    /// m3.d.example. A 192.0.2.3
    /// m4.d.example. A 192.0.2.4
    /// m5.d.example. A 192.0.2.5
    /// m6.d.example. A 192.0.2.6
    /// m7.d.example. A 192.0.2.7
    /// m8.d.example. A 192.0.2.8
    /// m9.d.example. A 192.0.2.9
    /// ```
    ///
    /// Name the networks of the hosts instead:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/28 -all"
    /// ```
    AMPLIFICATION = "spf-query-amplification", Warning, Ok, ["RFC 7208 §11.1"],
        "a receiver asks up to {questions} DNS questions for {lookups} counted look-ups";
}

/// §4.6.4
pub(super) const LIMIT: usize = 10;
/// From here on one more include of a service is too much for comfort.
const NEAR_LIMIT: usize = 8;
/// Look-ups of one include that are worth telling: itself and two inside.
const BUNDLE_LOOKUPS: usize = 3;
/// Records below each other; services rarely need more than three.
const DEEP: usize = 5;
/// Questions that a record may cause: ten look-ups of `mx` with three exchanges each.
const QUESTIONS: usize = 40;

/// By the text alone: the record's own terms, whatever their targets hold.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if cx.tree.is_some() {
        return;
    }
    let mut lookups = 0;
    let mut eleventh = None;
    for term in own_terms(cx) {
        lookups += cost(cx, term);
        if lookups > LIMIT && eleventh.is_none() {
            eleventh = Some((term.span, lookups));
        }
    }
    match eleventh {
        Some((span, number)) => {
            let effect = effects::reached(cx.record, span);
            exceeded(cx, lookups, effect, out);
            at_term(cx.at(span), cx.text(span), number, effect, out);
            if effect == Effect::PermerrorForSome {
                out.report(&ORDER, cx.at(span)).quote("term");
            }
        }
        None if lookups >= NEAR_LIMIT => {
            out.report(&NEAR, cx.at(cx.record.version())).arg("lookups", lookups);
        }
        None => {}
    }
}

/// Terms as far as the first `all`; the redirect, which has its turn at the end, where there is none.
fn own_terms<'a>(cx: &Context<'a>) -> impl Iterator<Item = &'a Term> {
    let record = cx.record;
    let is_all = |term: &Term| matches!(term.kind, TermKind::Directive(d) if d.mechanism == Mechanism::All);
    let is_redirect = |term: &&Term| matches!(term.kind, TermKind::Redirect(_));
    let before = record.terms().iter().take_while(move |term| !is_all(term));
    let has_all = record.has_all();
    let redirect = record.terms().iter().filter(is_redirect).filter(move |_| !has_all);
    before.filter(move |term| !is_redirect(term)).chain(redirect)
}

fn cost(cx: &Context<'_>, term: &Term) -> usize {
    let asks_for_names = || {
        let spec = term.domain_spec().filter(|spec| spec.has_macros);
        spec.is_some_and(|spec| cx.text(spec.span).to_ascii_lowercase().contains("%{p"))
    };
    if term.is_dns_querying() { 1 + usize::from(asks_for_names()) } else { 0 }
}

fn exceeded<'a>(cx: &Context<'_>, lookups: usize, effect: Effect, out: &'a mut Findings) -> &'a mut Diagnostic {
    out.report(&EXCEEDED, cx.at(cx.record.version())).arg("lookups", lookups).effect(effect)
}

fn at_term(place: Label, term: &str, number: usize, effect: Effect, out: &mut Findings) {
    out.report(&AT_TERM, place).arg("term", term).arg("number", number).effect(effect);
}

/// Over the whole tree.
pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let lookups = world.tree.counts.lookups;
    if lookups > LIMIT {
        over(cx, world, out);
    } else if lookups >= NEAR_LIMIT {
        out.report(&NEAR, cx.at(cx.record.version())).arg("lookups", lookups);
    }
    if lookups > 0 {
        per_term(cx, world, out);
    }
    for branch in world.own().filter(|branch| branch.kind == BranchKind::Include) {
        if branch.lookups() >= BUNDLE_LOOKUPS {
            out.report(&BUNDLE, cx.at(branch.span))
                .quote("term")
                .arg("lookups", branch.lookups())
                .arg("inside", branch.lookups() - branch.cost);
        }
    }
    depth(world, out);
    amplification(cx, world, out);
}

fn over(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let over = |(_, visit): &(usize, &Visit<'_>)| visit.branch.before.lookups + visit.branch.cost > LIMIT;
    let Some((at, visit)) = world.live().find(over) else { return };
    let effect = effects::at(&world.visits, at);
    let found = exceeded(cx, world.tree.counts.lookups, effect, out);
    for branch in world.own().filter(|branch| branch.lookups() > 0) {
        let number = branch.lookups();
        let what = if number == 1 { "look-up" } else { "look-ups" };
        found.related(cx.at(branch.span).with(format!("{number} {what}")));
    }
    found.fixes.extend(flatten::dearest(cx, world));
    let number = visit.branch.before.lookups + visit.branch.cost;
    at_term(world.label(at), text(visit), number, effect, out);
    if effect == Effect::PermerrorForSome {
        let root = world.root_of(at);
        out.report(&ORDER, world.label(root)).quote("term");
    }
}

fn per_term(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let costs: Vec<_> = world.own().filter(|branch| branch.lookups() > 0).collect();
    let told = |branch: &&Branch| format!("`{}` {}", cx.text(branch.span), branch.lookups());
    let terms: Vec<String> = costs.iter().map(told).collect();
    out.report(&PER_TERM, cx.at(cx.record.version()))
        .arg("lookups", world.tree.counts.lookups)
        .arg("terms", terms.join(", "));
}

fn depth(world: &World<'_>, out: &mut Findings) {
    let records = |visit: &Visit<'_>| visit.depth + usize::from(visit.branch.node.is_some());
    let deepest = world.live().max_by_key(|(at, visit)| (records(visit), usize::MAX - at));
    if let Some((at, visit)) = deepest
        && records(visit) >= DEEP
    {
        out.report(&DEPTH, world.label(world.root_of(at))).quote("term").arg("depth", records(visit));
    }
}

/// One family of addresses is asked for, so the greater of the two counts.
fn amplification(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let of_family = |other: RecordType| -> usize {
        let of_branch = |branch: &Branch| {
            branch.asked.iter().filter(|asked| asked.question.record_type != other).count()
                + usize::from(branch.node.is_some())
        };
        let counted = world.live().filter(|(_, visit)| visit.branch.kind != BranchKind::Explanation);
        1 + counted.map(|(_, visit)| of_branch(visit.branch)).sum::<usize>()
    };
    let questions = of_family(RecordType::A).max(of_family(RecordType::Aaaa));
    let lookups = world.tree.counts.lookups;
    if questions > QUESTIONS && questions > 2 * lookups {
        out.report(&AMPLIFICATION, cx.at(cx.record.version())).arg("questions", questions).arg("lookups", lookups);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, effect, found_in, has, message, zone_fixed};
    use crate::finding::Effect;

    fn includes(count: usize) -> String {
        (0..count).map(|i| format!(" include:i{i}.example")).collect()
    }

    #[test]
    fn by_the_text_alone() {
        let text = format!("v=spf1{} ?all", includes(11));
        assert_eq!(message(&text, "spf-lookups-exceeded"), "the record needs 11 DNS look-ups, and 10 are allowed");
        assert_eq!(
            message(&text, "spf-lookups-exceeded-at-term"),
            "`include:i10.example` is look-up 11: receivers stop here"
        );
        assert_eq!(effect(&text, "spf-lookups-exceeded"), Effect::PermerrorForSome);
        assert!(codes(&format!("v=spf1{} ?all", includes(10))).contains(&"spf-lookups-near-limit"));
        assert!(!codes(&format!("v=spf1{} ?all", includes(7))).contains(&"spf-lookups-near-limit"));
        assert!(!codes(&format!("v=spf1 ?all{}", includes(12))).contains(&"spf-lookups-exceeded"));
        assert!(codes(&format!("v=spf1 redirect=x.example{}", includes(10))).contains(&"spf-lookups-exceeded"));
    }

    fn world(own: &str, below: usize) -> String {
        let below: String = (0..below).map(|i| format!("i{i}.example TXT v=spf1 ip4:9.9.9.{i} -all\n")).collect();
        format!("d.example TXT v=spf1{own} -all\n{below}")
    }

    #[test]
    fn over_the_tree() {
        let found = found_in(&world(&includes(11), 11));
        assert!(has(&found, "spf-lookups-exceeded") && has(&found, "spf-lookups-order-dependent"));
        assert!(!has(&found_in(&world(&includes(10), 10)), "spf-lookups-exceeded"));
    }

    #[test]
    fn nobody_matches_early() {
        // Exclusions of an include match nobody, so everybody comes to the eleventh.
        let own: String = (0..11).map(|i| format!(" include:n{i}.example")).collect();
        let below: String = (0..11).map(|i| format!("n{i}.example TXT v=spf1 -ip4:9.9.9.{i} -all\n")).collect();
        let found = found_in(&format!("d.example TXT v=spf1{own} -all\n{below}"));
        let exceeded = found.iter().find(|found| found.code == "spf-lookups-exceeded").unwrap();
        assert_eq!(exceeded.effect, Effect::Permerror);
        assert!(!has(&found, "spf-lookups-order-dependent"));
    }

    #[test]
    fn the_term_in_the_record_that_it_stands_in() {
        let world = format!(
            "d.example TXT v=spf1 include:s.example -all\ns.example TXT v=spf1{} -all\n{}",
            includes(10),
            (0..10).map(|i| format!("i{i}.example TXT v=spf1 ip4:9.9.9.{i} -all\n")).collect::<String>()
        );
        let found = found_in(&world);
        let at = found.iter().find(|found| found.code == "spf-lookups-exceeded-at-term").unwrap();
        assert_eq!(
            (at.primary.quoted().as_str(), at.primary.subject.origin().to_string().as_str()),
            ("include:i9.example", "s.example TXT")
        );
        let order = found.iter().find(|found| found.code == "spf-lookups-order-dependent").unwrap();
        assert_eq!(order.primary.quoted(), "include:s.example");
        assert!(has(&found, "spf-lookups-provider-bundle"));
        let exceeded = found.iter().find(|found| found.code == "spf-lookups-exceeded").unwrap();
        assert_eq!(
            exceeded.fixes[0].title,
            "write the 2 networks of `s.example` instead: saves 11 look-ups, and has to be repeated whenever that service changes them; the record then has 41 octets: one string holds it"
        );
        // The whole service is ten addresses.
        assert_eq!(zone_fixed(&world, "spf-lookups-exceeded"), "v=spf1 ip4:9.9.9.0/29 ip4:9.9.9.8/31 -all");
    }

    #[test]
    fn many_questions() {
        let mut world = "d.example TXT v=spf1 mx mx:a.example mx:b.example mx:c.example mx:e.example -all\n".to_owned();
        for name in ["d", "a", "b", "c", "e"] {
            for i in 0..10 {
                world += &format!("{name}.example MX m{i}.{name}.example\nm{i}.{name}.example A 9.9.9.{i}\n");
            }
        }
        let found = found_in(&world);
        let found = found.iter().find(|found| found.code == "spf-query-amplification").unwrap();
        assert_eq!(found.message(), "a receiver asks up to 56 DNS questions for 5 counted look-ups");
    }
}
