//! RFC 7208, section by section.

use mailproof::dns::{Question, Snapshot, Step};
use mailproof::resolver::drive_sync;
use mailproof::spf::SpfResult::{Fail, Neutral, None, Pass, Permerror, Softfail, Temperror};
use mailproof::spf::{Cause, DomainDefect, Limits, Session, check_host, check_host_with};

use crate::world::{NOW, evaluate, outcome, results, session, zone};

#[test]
fn section_2_4_null_reverse_path_is_postmaster_at_helo() {
    let world = "mx.d.example. TXT \"v=spf1 exists:%{l}.%{o} -all\"
                 postmaster.mx.d.example. A 127.0.0.2";
    assert_eq!(outcome(world, "192.0.2.1", "").result, Pass);
    let helo = Session::for_helo([192, 0, 2, 1].into(), "mx.d.example");
    assert_eq!(evaluate(&zone(world), &helo).0.result, Pass);
}

#[test]
fn section_3_3_strings_are_joined_without_a_space() {
    results("d.example. TXT \"v=spf1 ip4:192.0\" \".2.1 -all\"", &[("192.0.2.1", Pass), ("192.0.2.2", Fail)]);
    results("d.example. TXT \"v=spf1 ip4:192.0.2.1\" \"-all\"", &[("192.0.2.1", Permerror)]);
}

#[test]
fn section_4_3_domains_that_cannot_be_checked() {
    for (mail_from, defect) in [("a@localhost", DomainDefect::SingleLabel), ("a@[192.0.2.1]", DomainDefect::Literal)] {
        let outcome = outcome("d.example. TXT \"v=spf1 -all\"", "192.0.2.1", mail_from);
        assert_eq!((outcome.result, outcome.cause), (None, Cause::NoDomain(defect)));
    }
}

#[test]
fn section_4_4_failures_are_temperror_and_nonexistence_is_none() {
    results("d.example. SERVFAIL", &[("192.0.2.1", Temperror)]);
    results("d.example. TIMEOUT TXT", &[("192.0.2.1", Temperror)]);
    results("other.example. A 192.0.2.1", &[("192.0.2.1", None)]);
    results("d.example. A 192.0.2.1", &[("192.0.2.1", None)]);
}

#[test]
fn section_4_5_selection() {
    results("d.example. TXT \"v=spf10 -all\"", &[("192.0.2.1", None)]);
    results("d.example. TXT \" v=spf1 -all\"", &[("192.0.2.1", None)]);
    results("d.example. TXT \"V=SPF1 -ALL\"", &[("192.0.2.1", Fail)]);
    results("d.example. TXT \"v=spf1\"", &[("192.0.2.1", Neutral)]);
    results("d.example. TXT \"v=spf1 -all\"\nd.example. TXT \"v=spf1 mx -all\"", &[("192.0.2.1", Permerror)]);
    results("d.example. TXT \"v=spf1 -all\"\nd.example. TXT \"v=spf10 +all\"", &[("192.0.2.1", Fail)]);
    results("d.example. SPF \"v=spf1 -all\"", &[("192.0.2.1", None)]);
}

#[test]
fn section_4_6_an_error_anywhere_is_permerror_before_anything_matches() {
    results("d.example. TXT \"v=spf1 +all foo:bar\"", &[("192.0.2.1", Permerror)]);
    results("d.example. TXT \"v=spf1 ip4:192.0.2.1 ip4:999.0.0.1\"", &[("192.0.2.1", Permerror)]);
}

#[test]
fn section_4_6_2_qualifiers_at_every_depth() {
    let world = |outer: &str, middle: &str| {
        format!(
            "d.example. TXT \"v=spf1 {outer}include:b.example ?all\"
             b.example. TXT \"v=spf1 {middle}include:c.example -all\"
             c.example. TXT \"v=spf1 ip4:192.0.2.1 ~all\""
        )
    };
    for (outer, middle, result) in [
        ("", "", Pass),
        ("-", "", Fail),
        ("~", "+", Softfail),
        ("?", "", Neutral),
        ("", "-", Neutral),
        ("-", "~", Neutral),
        ("-", "?", Neutral),
    ] {
        results(&world(outer, middle), &[("192.0.2.1", result), ("192.0.2.2", Neutral)]);
    }
}

#[test]
fn section_4_6_4_ten_terms_over_the_whole_evaluation() {
    let world = |includes: usize| {
        let list: String = (0..includes).map(|i| format!(" include:i{i}.example")).collect();
        let each: String =
            (0..includes).map(|i| format!("i{i}.example. TXT \"v=spf1 ip4:198.51.100.{i} -all\"\n")).collect();
        format!("{each}d.example. TXT \"v=spf1 ip4:192.0.2.1{list} -all\"")
    };
    results(&world(10), &[("203.0.113.1", Fail)]);
    results(&world(11), &[("203.0.113.1", Permerror), ("192.0.2.1", Pass), ("198.51.100.9", Pass)]);
    let over = outcome(&world(11), "203.0.113.1", "a@d.example");
    let Cause::TooManyLookups { at } = over.cause else { panic!("{:?}", over.cause) };
    assert_eq!(at.text(), "include:i10.example");
    assert_eq!(over.lookups, 11);
}

#[test]
fn section_4_6_4_a_limit_is_a_number_one_can_change() {
    let world = zone("d.example. TXT \"v=spf1 a:x.example a:y.example a:z.example -all\"");
    let (outcome, dns) = evaluate(&world, &session("192.0.2.1", "a@d.example"));
    assert!(matches!(outcome.cause, Cause::TooManyVoids { .. }), "{:?}", outcome.cause);
    let lax = Limits { voids: 3, ..Limits::default() };
    let lax = check_host_with(&dns, &session("192.0.2.1", "a@d.example"), NOW, &lax).done();
    assert_eq!(lax.map(|outcome| outcome.result), Some(Fail));
}

#[test]
fn section_4_6_4_eleven_exchanges_are_too_many_and_their_hosts_are_one_void() {
    let world = |exchanges: usize| {
        let list: String = (0..exchanges).map(|i| format!("d.example. MX {i} h{i}.example.\n")).collect();
        format!("{list}d.example. TXT \"v=spf1 mx -all\"")
    };
    results(&world(10), &[("192.0.2.1", Fail)]);
    results(&world(11), &[("192.0.2.1", Permerror)]);
}

#[test]
fn section_4_6_4_a_cycle_ends_at_the_limit() {
    results(
        "d.example. TXT \"v=spf1 include:e.example -all\"\ne.example. TXT \"v=spf1 include:d.example -all\"",
        &[("192.0.2.1", Permerror)],
    );
    results("d.example. TXT \"v=spf1 redirect=d.example\"", &[("192.0.2.1", Permerror)]);
}

/// Who asks "what if" with a large limit gets an answer all the same.
#[test]
fn section_4_6_4_a_cycle_ends_whatever_the_limit() {
    let twice = format!("v=spf1 mx{} -all", " include:d.example".repeat(8));
    for record in ["v=spf1 include:d.example -all", "v=spf1 mx redirect=d.example", &twice] {
        let zone = zone(&format!("d.example. TXT \"{record}\"\nd.example. MX 10 m.example.\nm.example. A 192.0.2.9"));
        let limits = Limits { lookups: u32::MAX, voids: u32::MAX, ..Limits::default() };
        let session = session("192.0.2.1", "a@d.example");
        let check = |dns: &_| check_host_with(dns, &session, NOW, &limits);
        let outcome = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), check);
        assert!(matches!(outcome.cause, Cause::TooManyLookups { .. }), "{record}: {:?}", outcome.cause);
    }
}

#[test]
fn section_4_6_4_repeated_and_diamond_includes_are_no_cycle() {
    results(
        "d.example. TXT \"v=spf1 include:l.example include:r.example include:l.example -all\"
         l.example. TXT \"v=spf1 include:base.example -all\"
         r.example. TXT \"v=spf1 include:base.example -all\"
         base.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"",
        &[("192.0.2.1", Pass), ("192.0.2.2", Fail)],
    );
}

#[test]
fn section_5_mapped_addresses_are_ipv4() {
    results(
        "d.example. TXT \"v=spf1 ip6:::ffff:192.0.2.1 ip4:192.0.2.2 ip6:::/0 -all\"",
        &[("::ffff:192.0.2.1", Fail), ("::ffff:192.0.2.2", Pass), ("2001:db8::1", Pass)],
    );
}

/// §4.8: what a macro makes of a strange sender may be no name. A mechanism does not match then (§5.3 ff.), and an include or a
/// redirect leads to no record (§5.2, §6.1).
#[test]
fn section_4_8_targets_that_are_no_names() {
    for term in ["a:%{l}.x.example", "mx:%{l}.x.example", "ptr:%{l}.x.example", "exists:%{l}.x.example"] {
        let world = format!("d.example. TXT \"v=spf1 {term} -all\"\n*.x.example. A 192.0.2.1");
        assert_eq!(outcome(&world, "192.0.2.1", "a..b@d.example").result, Fail, "{term}");
    }
    for term in ["include:%{l}.x.example", "redirect=%{l}.x.example"] {
        let world = format!("d.example. TXT \"v=spf1 {term}\"\n*.x.example. TXT \"v=spf1 +all\"");
        let outcome = outcome(&world, "192.0.2.1", "a..b@d.example");
        assert_eq!(outcome.result, Permerror, "{term}");
        assert!(
            matches!(outcome.cause, Cause::TargetWithoutRecord { target: Option::None, .. }),
            "{:?}",
            outcome.cause
        );
    }
}

#[test]
fn section_5_2_include_and_its_results() {
    let world = |record: &str| format!("d.example. TXT \"v=spf1 include:e.example ~all\"\ne.example. {record}");
    results(&world("TXT \"v=spf1 -all\""), &[("192.0.2.1", Softfail)]);
    results(&world("TXT \"v=spf1 +all\""), &[("192.0.2.1", Pass)]);
    results(&world("TXT \"no record\""), &[("192.0.2.1", Permerror)]);
    results(&world("NXDOMAIN"), &[("192.0.2.1", Permerror)]);
    results(&world("SERVFAIL"), &[("192.0.2.1", Temperror)]);
    results(&world("TXT \"v=spf1 foo:bar\""), &[("192.0.2.1", Permerror)]);
}

#[test]
fn section_5_3_a_takes_the_family_of_the_client() {
    results(
        "d.example. TXT \"v=spf1 a/24//64 -all\"
         d.example. A 192.0.2.1
         d.example. AAAA 2001:db8::1",
        &[("192.0.2.77", Pass), ("192.0.3.1", Fail), ("2001:db8::77", Pass), ("2001:db8:1::1", Fail)],
    );
    results(
        "d.example. TXT \"v=spf1 a/0 -all\"\nd.example. A 192.0.2.1",
        &[("203.0.113.1", Pass), ("2001:db8::1", Fail)],
    );
}

#[test]
fn section_5_4_mx_has_no_implicit_exchange_and_a_null_one_adds_nothing() {
    results("d.example. TXT \"v=spf1 mx -all\"\nd.example. A 192.0.2.1", &[("192.0.2.1", Fail)]);
    results("d.example. TXT \"v=spf1 mx -all\"\nd.example. MX 0 .", &[("192.0.2.1", Fail)]);
    let world = "d.example. TXT \"v=spf1 mx -all\"
                 d.example. MX 10 a.example.
                 d.example. MX 20 b.example.
                 a.example. SERVFAIL
                 b.example. A 192.0.2.1";
    results(world, &[("192.0.2.1", Temperror)]);
}

/// §4.6.4: a host without addresses is one void lookup, and the hosts behind it are looked at all the same.
#[test]
fn section_5_4_a_host_without_addresses_hides_no_other() {
    for (hosts, lookups, voids) in [
        ("a.example. A 192.0.2.9\nb.example. A 192.0.2.1", 1, 0),
        ("a.example. TXT \"\"\nb.example. A 192.0.2.1", 1, 1),
        ("a.example. NXDOMAIN\nb.example. A 192.0.2.1", 1, 1),
    ] {
        let mx = "d.example. TXT \"v=spf1 mx -all\"\nd.example. MX 10 a.example.\nd.example. MX 20 b.example.";
        let outcome = outcome(&format!("{mx}\n{hosts}"), "192.0.2.1", "a@d.example");
        assert_eq!((outcome.result, outcome.lookups, outcome.voids), (Pass, lookups, voids), "{hosts}");
    }
}

/// The hosts of one `mx` are looked at in order, so what is known of the second decides nothing before the first is known.
#[test]
fn section_5_4_a_later_host_does_not_decide_before_an_earlier_one() {
    let world = "d.example. TXT \"v=spf1 mx -all\"
                 d.example. MX 10 a.example.
                 d.example. MX 20 b.example.
                 a.example. SERVFAIL
                 b.example. A 192.0.2.1";
    let (zone, mut dns) = (zone(world), Snapshot::new());
    for known in ["d.example TXT", "d.example MX", "b.example A"] {
        let (name, record_type) = known.split_once(' ').expect("two words");
        let question = Question::new(name.parse().expect("a name"), record_type.parse().expect("a type"));
        let answer = zone.answer(&question);
        dns.insert(question, answer);
    }
    let Step::Ask(questions) = check_host(&dns, &session("192.0.2.1", "a@d.example"), NOW) else { panic!("decided") };
    assert_eq!(questions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a.example A"]);
}

#[test]
fn section_5_5_ptr_needs_both_directions() {
    let world = "d.example. TXT \"v=spf1 ptr -all\"
                 1.2.0.192.in-addr.arpa. PTR mail.d.example.
                 2.2.0.192.in-addr.arpa. PTR d.example.
                 3.2.0.192.in-addr.arpa. PTR notd.example.
                 4.2.0.192.in-addr.arpa. SERVFAIL
                 d.example. A 192.0.2.2
                 mail.d.example. A 192.0.2.9
                 notd.example. A 192.0.2.3";
    results(world, &[("192.0.2.1", Fail), ("192.0.2.2", Pass), ("192.0.2.3", Fail), ("192.0.2.4", Fail)]);
}

#[test]
fn section_5_5_names_after_the_tenth_are_ignored() {
    let names: String = (0..10).map(|i| format!("1.2.0.192.in-addr.arpa. PTR x{i}.example.\n")).collect();
    let world = format!(
        "{names}1.2.0.192.in-addr.arpa. PTR d.example.\nd.example. TXT \"v=spf1 ptr -all\"\nd.example. A 192.0.2.1"
    );
    results(&world, &[("192.0.2.1", Fail)]);
}

/// "If ip4-cidr-length is omitted, it is taken to be "/32"", and of ip6 "/128".
#[test]
fn section_5_6_networks_hold_what_has_their_first_bits() {
    let passes = |term: &str, ip: &str| {
        let outcome = outcome(&format!("d.example. TXT \"v=spf1 {term} -all\""), ip, "a@d.example");
        outcome.result == Pass
    };
    for (term, within, outside) in [
        ("ip4:192.0.2.4", "192.0.2.4", "192.0.2.5"),
        ("ip4:192.0.2.4/32", "192.0.2.4", "192.0.2.5"),
        ("ip4:192.0.2.4/31", "192.0.2.5", "192.0.2.6"),
        ("ip4:192.0.2.77/25", "192.0.2.127", "192.0.2.128"),
        ("ip4:192.0.2.4/1", "255.255.255.255", "127.255.255.255"),
        ("ip6:2001:db8::4", "2001:db8::4", "2001:db8::5"),
        ("ip6:2001:db8::4/127", "2001:db8::5", "2001:db8::6"),
        ("ip6:2001:db8:ffff::/33", "2001:db8:8000::", "2001:db8:7fff::1"),
    ] {
        assert!(passes(term, within) && !passes(term, outside), "{term}");
    }
    assert!(passes("ip4:192.0.2.4/0", "203.0.113.1") && !passes("ip4:0.0.0.0/0", "2001:db8::1"));
    assert!(passes("ip6:2001:db8::/0", "fe80::1") && !passes("ip6:::/0", "192.0.2.1"));
}

#[test]
fn section_5_7_exists_asks_for_a_whatever_the_client_has() {
    results(
        "d.example. TXT \"v=spf1 exists:yes.example -all\"\nyes.example. A 127.0.0.2",
        &[("192.0.2.1", Pass), ("2001:db8::1", Pass)],
    );
    results("d.example. TXT \"v=spf1 exists:no.example -all\"\nno.example. AAAA ::1", &[("2001:db8::1", Fail)]);
}

#[test]
fn section_6_1_redirect() {
    results(
        "d.example. TXT \"v=spf1 redirect=e.example ip4:192.0.2.1\"\ne.example. TXT \"v=spf1 ip4:192.0.2.2 ~all\"",
        &[("192.0.2.1", Pass), ("192.0.2.2", Pass), ("192.0.2.3", Softfail)],
    );
    results(
        "d.example. TXT \"v=spf1 redirect=e.example ?all\"\ne.example. TXT \"v=spf1 -all\"",
        &[("192.0.2.1", Neutral)],
    );
    results("d.example. TXT \"v=spf1 redirect=e.example\"", &[("192.0.2.1", Permerror)]);
}

#[test]
fn a_cause_names_the_path() {
    let world = "d.example. TXT \"v=spf1 redirect=e.example\"
                 e.example. TXT \"v=spf1 ip4:198.51.100.0/24 include:f.example -all\"
                 f.example. TXT \"v=spf1 a:mail.f.example -all\"
                 mail.f.example. A 192.0.2.1";
    let passed = outcome(world, "192.0.2.1", "a@d.example");
    let Cause::Matched { path } = passed.cause else { panic!() };
    let path: Vec<String> = path.iter().map(|term| format!("{} {}", term.domain, term.text())).collect();
    assert_eq!(path, ["d.example redirect=e.example", "e.example include:f.example", "f.example a:mail.f.example"]);
    let failed = outcome(world, "203.0.113.1", "a@d.example");
    let Cause::Matched { path } = failed.cause else { panic!() };
    assert_eq!(path.iter().map(|term| term.text()).collect::<Vec<_>>(), ["redirect=e.example", "-all"]);
}

/// A record that a redirect or an include leads to is one deeper than what led to it, whatever was evaluated before.
#[test]
fn a_trace_says_how_deep_each_record_is() {
    let world = "d.example. TXT \"v=spf1 include:e.example include:f.example redirect=g.example\"
                 e.example. TXT \"v=spf1 redirect=f.example\"
                 f.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"
                 g.example. TXT \"v=spf1 -all\"";
    let records = outcome(world, "192.0.2.9", "a@d.example").trace.records;
    let depths: Vec<_> = records.iter().map(|record| (record.domain.as_str(), record.depth)).collect();
    let (d, e, f, g) = ("d.example", "e.example", "f.example", "g.example");
    assert_eq!(depths, [(d, 0), (e, 1), (f, 2), (f, 1), (g, 1)]);
}
