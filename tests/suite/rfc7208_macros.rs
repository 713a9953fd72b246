//! RFC 7208 §6.2 and §7: what becomes of macros in names and explanations.

use mailproof::dns::{Question, Snapshot, Step};
use mailproof::spf::SpfResult::{Fail, Neutral, Pass};
use mailproof::spf::check_host;

use crate::world::{NOW, outcome, session, zone};

/// The name that the first term of `record` asks for.
#[track_caller]
fn asked(record: &str, sender: &str) -> String {
    let outcome = outcome(&format!("d.example. TXT \"v=spf1 {record}\""), "192.0.2.1", sender);
    let target = outcome.trace.events[0].target.as_ref();
    target.unwrap_or_else(|| panic!("{record}: {:?}", outcome.cause)).to_string()
}

/// §7.1: a `domain-spec` may end in a dot, which is no part of the name.
#[test]
fn section_7_1_a_trailing_dot_names_the_same_host() {
    for term in ["a:mail.d.example.", "a:%{l}.d.example.", "a:mail.d.example", "a:MAIL.%{d}"] {
        assert_eq!(asked(term, "mail@d.example"), "mail.d.example", "{term}");
        let world = format!("d.example. TXT \"v=spf1 {term} -all\"\nmail.d.example. A 192.0.2.1");
        assert_eq!(outcome(&world, "192.0.2.1", "mail@d.example").result, Pass, "{term}");
    }
}

/// §7.3: "the left side is truncated to fit, by removing successive domain labels (and their following dots) until the total
/// length does not exceed 253 characters".
#[test]
fn section_7_3_names_have_at_most_253_characters() {
    let sixty = "a".repeat(60);
    let rest = format!("{sixty}.{sixty}.{sixty}.x.example");
    for (first, whole) in [(60, true), (61, false)] {
        let first = "b".repeat(first);
        let name = format!("{first}.{rest}");
        assert_eq!(name.len() <= 253, whole);
        let sender = format!("{first}.{sixty}.{sixty}.{sixty}@d.example");
        assert_eq!(asked("a:%{l}.x.example", &sender), *if whole { &name } else { &rest });
    }
    // As many as it takes, and no more.
    let sender = format!("{}.{}@d.example", "b".repeat(63), "c.".repeat(300) + "c");
    let name = asked("a:%{l}.x.example", &sender);
    assert_eq!((name.len(), name.starts_with("c.c.")), (253, true));
}

/// A reply has room for a few lines (§6.2): of a longer explanation only the end would be known, so there is none.
#[test]
fn section_6_2_an_explanation_too_long_to_be_whole_is_none() {
    let local_part = "x".repeat(256);
    for (repeated, told) in [(1, true), (15, true), (16, false), (32, false), (33, false), (60, false)] {
        let text = "%{l}".repeat(repeated);
        let world = format!("d.example. TXT \"v=spf1 -all exp=why.d.example\"\nwhy.d.example. TXT \"{text}\"");
        let outcome = outcome(&world, "192.0.2.1", &format!("{local_part}@d.example"));
        let whole = told.then(|| local_part.repeat(repeated));
        assert_eq!((outcome.result, outcome.explanation), (Fail, whole), "{repeated}");
    }
}

#[test]
fn section_6_2_explanations() {
    let world = "d.example. TXT \"v=spf1 -all exp=why.%{d2}\"
                 why.d.example. TXT \"%{i} is not one of %{d}'s %{h} %{r} (%{c})\"";
    let explained = outcome(world, "192.0.2.1", "a@d.example").explanation;
    assert_eq!(
        explained.as_deref(),
        Some("192.0.2.1 is not one of d.example's mx.d.example mx.receiver.example (192.0.2.1)")
    );

    // Not from an include, and from the target of a redirect.
    let included = "d.example. TXT \"v=spf1 include:e.example -all\"
                    e.example. TXT \"v=spf1 -all exp=why.e.example\"
                    why.e.example. TXT \"no\"";
    assert_eq!(outcome(included, "192.0.2.1", "a@d.example").explanation, Option::None);
    let redirected = "d.example. TXT \"v=spf1 redirect=e.example exp=why.d.example\"
                      e.example. TXT \"v=spf1 -all exp=why.e.example\"
                      why.e.example. TXT \"e says no\"
                      why.d.example. TXT \"d says no\"";
    assert_eq!(outcome(redirected, "192.0.2.1", "a@d.example").explanation.as_deref(), Some("e says no"));
}

#[test]
fn section_6_2_whatever_goes_wrong_there_is_just_no_explanation() {
    for broken in
        ["TXT \"a\"\nwhy.example. TXT \"b\"", "SERVFAIL", "NXDOMAIN", "TXT \"100%\"", "TXT \"na\\195\\175ve\""]
    {
        let world = format!("d.example. TXT \"v=spf1 -all exp=why.example\"\nwhy.example. {broken}");
        let outcome = outcome(&world, "192.0.2.1", "a@d.example");
        assert_eq!((outcome.result, outcome.explanation), (Fail, Option::None), "{broken}");
    }
}

#[test]
fn section_7_3_the_validated_name_counts_as_a_lookup() {
    let world = "d.example. TXT \"v=spf1 exists:%{p}.p.example -all\"
                 1.2.0.192.in-addr.arpa. PTR other.example.
                 1.2.0.192.in-addr.arpa. PTR mail.d.example.
                 other.example. A 192.0.2.1
                 mail.d.example. A 192.0.2.1
                 mail.d.example.p.example. A 127.0.0.2
                 unknown.p.example. A 127.0.0.2";
    let passed = outcome(world, "192.0.2.1", "a@d.example");
    assert_eq!((passed.result, passed.lookups), (Pass, 2));
    // Without a name it is `unknown`.
    assert_eq!(outcome(world, "192.0.2.9", "a@d.example").result, Pass);
}

#[test]
fn rfc_8616_a_local_part_that_is_not_ascii_does_not_match() {
    let world = "d.example. TXT \"v=spf1 exists:%{l}.x.example ?all\"\n*.x.example. A 127.0.0.2";
    assert_eq!(outcome(world, "192.0.2.1", "a@d.example").result, Pass);
    assert_eq!(outcome(world, "192.0.2.1", "ü@d.example").result, Neutral);
    let world = "d.example. TXT \"v=spf1 include:%{l}.x.example ?all\"\n*.x.example. TXT \"v=spf1 +all\"";
    assert_eq!(outcome(world, "192.0.2.1", "a@d.example").result, Pass);
    assert_eq!(outcome(world, "192.0.2.1", "ü@d.example").result, Neutral);
}

#[test]
fn rfc_8616_u_labels_become_a_labels() {
    let world = "xn--bcher-kva.example. TXT \"v=spf1 exists:%{o}.%{d}.x.example -all\"
                 xn--bcher-kva.example.xn--bcher-kva.example.x.example. A 127.0.0.2";
    assert_eq!(outcome(world, "192.0.2.1", "a@bücher.example").result, Pass);
}

/// §7.3: "If the <domain> is present in the list of validated domains, it SHOULD be used. Otherwise, if a subdomain of the <domain>
/// is present, it SHOULD be used. Otherwise, any name from the list can be used."
#[test]
fn section_7_3_which_validated_name() {
    let validated = |names: &[&str], client: &str| {
        let addresses: String =
            names.iter().map(|name| format!("{name} A 192.0.2.1\n{name} AAAA 2001:db8::1\n")).collect();
        let reverse = |zone: &str| names.iter().map(|name| format!("{zone} PTR {name}\n")).collect::<String>();
        let (v4, v6) = ("1.2.0.192.in-addr.arpa.", format!("1.{}8.b.d.0.1.0.0.2.ip6.arpa.", "0.".repeat(23)));
        let record = "d.example. TXT \"v=spf1 exists:%{p}.p.example -all\"";
        let world = format!("{record}\n{}{}{addresses}", reverse(v4), reverse(&v6));
        let outcome = outcome(&world, client, "a@d.example");
        outcome.trace.events[0].target.clone().expect("a name").to_string()
    };
    for client in ["192.0.2.1", "2001:db8::1"] {
        let name = |names: &[&str]| validated(names, client);
        assert_eq!(name(&["x.example.", "m.d.example.", "d.example."]), "d.example.p.example");
        assert_eq!(name(&["x.example.", "m.d.example.", "n.d.example."]), "m.d.example.p.example");
        assert_eq!(name(&["x.example.", "notd.example."]), "x.example.p.example");
    }
    assert_eq!(validated(&["d.example."], "192.0.2.2"), "unknown.p.example");
    assert_eq!(validated(&["d.example."], "2001:db8::2"), "unknown.p.example");
}

/// The better name is not known yet, so the one that is known is not taken.
#[test]
fn section_7_3_a_name_is_not_chosen_before_the_better_ones_are_known() {
    let world = "d.example. TXT \"v=spf1 exists:%{p}.p.example -all\"
                 1.2.0.192.in-addr.arpa. PTR x.example.
                 1.2.0.192.in-addr.arpa. PTR d.example.
                 x.example. A 192.0.2.1
                 d.example. A 192.0.2.1";
    let (zone, mut dns) = (zone(world), Snapshot::new());
    for (name, record_type) in [("d.example", "TXT"), ("1.2.0.192.in-addr.arpa", "PTR"), ("x.example", "A")] {
        let question = Question::new(name.parse().expect("a name"), record_type.parse().expect("a type"));
        let answer = zone.answer(&question);
        dns.insert(question, answer);
    }
    let Step::Ask(questions) = check_host(&dns, &session("192.0.2.1", "a@d.example"), NOW) else { panic!("decided") };
    assert_eq!(questions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["d.example A"]);
}
