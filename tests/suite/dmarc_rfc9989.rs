//! Worked examples of RFC 9989: a zone, a question, an answer.

use mailproof::dmarc::{
    self, Authenticated, Author, Cause, DmarcResult, Existence, MAX_IDENTIFIERS, MethodResult, Permission, Policy,
    Record, Relation, ReportKind, Request,
};
use mailproof::dns::{Failure, Records, Snapshot};
use mailproof::resolver::drive_sync;

use crate::dmarc_world::{applied, discover, evaluate, name, org, queries, sent, signed, zone};

const R: &str = "v=DMARC1; p=reject; rua=mailto:x@y";

fn aligned(zone: &mailproof::resolver::Zone, author: &str, identifier: &str) -> bool {
    evaluate(zone, author, &signed(identifier)).dkim_aligned()
}

/// Receivers that want the verdict only ask less, and come to the same.
#[test]
fn the_verdict_alone_is_the_same() {
    let zone = zone(&[("example.com", R), ("example.net", R), ("broken.example", "SERVFAIL")]);
    for author in ["example.com", "mail.example.com", "example.org", "broken.example"] {
        for identifier in ["example.com", "bounce.example.com", "esp.example.net", "broken.example"] {
            let (author, ids) = (name(author), signed(identifier));
            let (mut some, mut all) = (Snapshot::new(), Snapshot::new());
            let verdict = drive_sync(&mut some, |q| zone.answer(q), |dns| dmarc::verdict(dns, &author, &ids));
            let told = drive_sync(&mut all, |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
            assert_eq!((verdict.result, verdict.applied), (told.result, told.applied), "{author} {identifier}");
            assert!(some.iter().count() <= all.iter().count());
        }
    }
}

/// §4.7: whether the Author Domain exists is asked only where `np` makes a difference.
#[test]
fn existence_is_asked_for_np_alone() {
    for (record, author, asked) in [
        ("v=DMARC1; p=reject; sp=none", "x.example.com", false),
        ("v=DMARC1; p=reject; np=none", "example.com", false),
        ("v=DMARC1; p=reject; np=none", "x.example.com", true),
    ] {
        let outcome = evaluate(&zone(&[("example.com", record)]), author, &Authenticated::default());
        assert_eq!(outcome.existence != Existence::NotNeeded, asked, "{record} {author}");
    }
}

/// §5.3.6: an answer that is missing matters only where `np` and the tag beside it ask for different policies.
#[test]
fn unknown_existence_matters_where_policies_differ() {
    for (record, result) in [
        ("v=DMARC1; p=reject; np=none", DmarcResult::Temperror),
        ("v=DMARC1; p=reject; np=reject", DmarcResult::Fail),
        ("v=DMARC1; p=reject; sp=none; np=reject", DmarcResult::Temperror),
        ("v=DMARC1; p=reject; sp=none; np=none", DmarcResult::Fail),
    ] {
        let mut zone = zone(&[("example.com", record)]);
        zone.fail(name("x.example.com"), None, Failure::ServFail);
        let outcome = evaluate(&zone, "x.example.com", &Authenticated::default());
        assert_eq!((outcome.result, outcome.existence), (result, Existence::Unknown(Failure::ServFail)), "{record}");
    }
}

/// As data, what failed says so in the place of what would have been found.
#[test]
fn a_discovery_as_json() {
    let json = |records: &[_]| serde_json::to_value(discover(&zone(records), "mail.example.com")).expect("JSON");
    let found = json(&[("example.com", R)]);
    assert_eq!(found["org_domain"]["name"], "example.com");
    assert_eq!(found["policy"]["domain"], "example.com");
    assert_eq!(found["policy"]["record"]["text"], R);
    assert!(found["policy"]["record"]["request"].is_object());
    let failed = json(&[("example.com", "SERVFAIL")]);
    assert_eq!(failed["org_domain"]["failed"]["name"], "example.com");
    assert_eq!(failed["policy"]["failed"]["name"], "example.com");
}

#[test]
fn e01_own_record() {
    let zone = zone(&[("example.com", R)]);
    assert_eq!(applied(&zone, "example.com"), "example.com p=reject");
    assert_eq!(queries(&zone, "example.com"), 1);
    assert_eq!(org(&zone, "example.com"), "example.com");
    assert!(aligned(&zone, "example.com", "mail.example.com"));
    assert!(!aligned(&zone, "example.com", "example.net"));
}

#[test]
fn e02_inherited_through_p() {
    let zone = zone(&[("example.com", R)]);
    assert_eq!(applied(&zone, "news.example.com"), "example.com p=reject");
    assert_eq!(queries(&zone, "news.example.com"), 3);
    assert!(evaluate(&zone, "news.example.com", &sent("bounce.example.com")).spf_aligned());
    let strict = crate::dmarc_world::zone(&[("example.com", "v=DMARC1; p=reject; aspf=s")]);
    let outcome = evaluate(&strict, "news.example.com", &sent("bounce.example.com"));
    assert!(matches!(outcome.alignments[0].relation, Relation::StrictNotSame(_)));
    assert_eq!(outcome.result, DmarcResult::Fail);
}

#[test]
fn e03_to_e04_existence_decides_between_np_and_sp() {
    let record = "v=DMARC1; p=none; sp=quarantine; np=reject; rua=mailto:x@y";
    let mut zone = zone(&[("example.com", record)]);
    assert_eq!(applied(&zone, "ghost.example.com"), "example.com np=reject");
    // NODATA of any type is existence; an MX alone is enough, and so is a name below.
    zone.insert(name("real.example.com"), Records::Mx(Vec::new()));
    zone.insert(name("host.ent.example.com"), Records::A(vec![[192, 0, 2, 1].into()]));
    assert_eq!(applied(&zone, "real.example.com"), "example.com sp=quarantine");
    assert_eq!(applied(&zone, "ent.example.com"), "example.com sp=quarantine");
    assert_eq!(applied(&zone, "example.com"), "example.com p=none");
}

/// §3.2.13: NXDOMAIN says that a domain does not exist; but of an alias to nowhere it speaks of what the alias names (RFC 6604 §3).
#[test]
fn an_alias_to_nowhere_exists() {
    let mut zone = zone(&[("example.com", "v=DMARC1; p=none; sp=quarantine; np=reject; rua=mailto:x@y")]);
    zone.insert(name("news.example.com"), Records::Cname(vec![name("gone.example.net")]));
    assert_eq!(applied(&zone, "news.example.com"), "example.com sp=quarantine");
}

/// Each identifier may cost a walk of eight questions: a message cannot bring as many as it likes.
#[test]
fn identifiers_beyond_the_limit_are_not_looked_at() {
    let mut ids = Authenticated::default();
    for i in 0..=MAX_IDENTIFIERS {
        ids = ids.dkim(name(&format!("esp{i}.example")), MethodResult::Pass);
    }
    let outcome = evaluate(&zone(&[("example.com", R)]), "example.com", &ids);
    let unlooked: Vec<usize> =
        (0..ids.identifiers.len()).filter(|&i| outcome.alignments[i].relation == Relation::NotChecked).collect();
    assert_eq!(unlooked, [MAX_IDENTIFIERS]);
    assert_eq!(outcome.result, DmarcResult::Fail);
}

#[test]
fn e05_records_in_between_do_not_count() {
    let mut zone =
        zone(&[("mail.example.com", "v=DMARC1; p=none"), ("example.com", "v=DMARC1; p=reject; sp=quarantine")]);
    zone.insert(name("a.mail.example.com"), Records::A(vec![[192, 0, 2, 1].into()]));
    assert_eq!(applied(&zone, "a.mail.example.com"), "example.com sp=quarantine");
    assert!(aligned(&zone, "a.mail.example.com", "evil.example.com"));
}

#[test]
fn e06_psd_n_is_a_border() {
    let zone = zone(&[("mail.example.com", "v=DMARC1; p=quarantine; psd=n"), ("example.com", R)]);
    assert_eq!(applied(&zone, "a.mail.example.com"), "mail.example.com p=quarantine");
    assert_eq!(discover(&zone, "a.mail.example.com").walk.visits.len(), 2);
    assert!(aligned(&zone, "a.mail.example.com", "mail.example.com"));
    assert!(!aligned(&zone, "a.mail.example.com", "example.com"));
}

#[test]
fn e07_a_parent_without_a_record_does_not_align() {
    let zone = zone(&[("sub.example.com", R)]);
    assert_eq!(org(&zone, "sub.example.com"), "sub.example.com");
    assert!(!aligned(&zone, "sub.example.com", "example.com"));
    assert!(aligned(&zone, "sub.example.com", "x.sub.example.com"));
    assert!(!aligned(&zone, "sub.example.com", "other.example.com"));
    // Receivers of the Public Suffix List see one organization.
    let author = name("sub.example.com");
    let ids = signed("example.com");
    let suffixes = dmarc::PublicSuffixes::parse("com");
    let verdicts =
        drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::compare(dns, &author, &ids, &suffixes));
    let results: Vec<DmarcResult> = verdicts.iter().map(|verdict| verdict.result).collect();
    assert_eq!(results, [DmarcResult::Fail, DmarcResult::Pass, DmarcResult::Pass]);
}

#[test]
fn e08_no_record() {
    let zone = zone(&[]);
    let outcome = evaluate(&zone, "example.org", &signed("example.org"));
    assert_eq!((outcome.result, outcome.cause), (DmarcResult::None, Cause::NoRecord));
    assert_eq!(queries(&zone, "example.org"), 2);
}

#[test]
fn e09_the_public_suffix_has_the_only_record() {
    let zone = zone(&[("com", "v=DMARC1; p=none; psd=y; rua=mailto:x@y")]);
    assert_eq!(applied(&zone, "a.mail.example.com"), "com p=none");
    assert_eq!(org(&zone, "a.mail.example.com"), "example.com");
    assert!(aligned(&zone, "a.mail.example.com", "mail.example.com"));
    assert!(!aligned(&zone, "a.mail.example.com", "other.com"));
}

#[test]
fn e10_appendix_b_4_3() {
    let zone = zone(&[("giant.bank.example", R), ("bank.example", "v=DMARC1; p=reject; psd=y")]);
    assert_eq!(applied(&zone, "giant.bank.example"), "giant.bank.example p=reject");
    assert!(evaluate(&zone, "giant.bank.example", &sent("mail.giant.bank.example")).spf_aligned());
    assert_eq!(org(&zone, "mail.mega.bank.example"), "mega.bank.example");
    assert!(!aligned(&zone, "giant.bank.example", "mail.mega.bank.example"));
    assert!(!aligned(&zone, "giant.bank.example", "bank.example"));
}

#[test]
fn e11_np_of_a_public_suffix() {
    let mut zone = zone(&[("bank.example", "v=DMARC1; p=reject; sp=none; np=reject; psd=y; rua=mailto:x@y")]);
    zone.insert(name("mega.bank.example"), Records::A(vec![[192, 0, 2, 1].into()]));
    assert_eq!(applied(&zone, "typo.bank.example"), "bank.example np=reject");
    assert_eq!(applied(&zone, "mega.bank.example"), "bank.example sp=none");
}

#[test]
fn e12_a_public_suffix_that_sends_mail() {
    let zone = zone(&[("bank.example", "v=DMARC1; p=reject; psd=y")]);
    assert_eq!(applied(&zone, "bank.example"), "bank.example p=reject");
    assert_eq!(org(&zone, "bank.example"), "bank.example");
    assert!(!aligned(&zone, "bank.example", "mail.bank.example"));
}

#[test]
fn e13_a_top_level_domain_without_psd() {
    let zone1 = zone(&[("tld", R), ("corp.tld", "v=DMARC1; p=none")]);
    assert_eq!(applied(&zone1, "corp.tld"), "corp.tld p=none");
    assert_eq!(org(&zone1, "corp.tld"), "tld");
    assert!(aligned(&zone1, "corp.tld", "evil.tld"));
    let zone2 = zone(&[("tld", R), ("corp.tld", "v=DMARC1; p=none; psd=n")]);
    assert_eq!(org(&zone2, "corp.tld"), "corp.tld");
    assert!(!aligned(&zone2, "corp.tld", "evil.tld"));
    assert_eq!(applied(&zone2, "nodmarc.tld"), "tld p=reject");
}

#[test]
fn e14_to_e17_the_seven_label_jump() {
    let zone1 = zone(&[("example.com", R)]);
    assert_eq!(applied(&zone1, "a.b.c.d.e.f.g.h.i.j.mail.example.com"), "example.com p=reject");
    assert_eq!(queries(&zone1, "a.b.c.d.e.f.g.h.i.j.mail.example.com"), 8);
    assert_eq!(queries(&zone1, "a.b.c.d.e.f.example.com"), 8);
    assert_eq!(queries(&zone1, "b.c.d.e.f.example.com"), 7);
    let zone2 = zone(&[("b.c.d.e.f.g.example.com", "v=DMARC1; p=none; psd=n"), ("example.com", R)]);
    assert_eq!(applied(&zone2, "mail.a.b.c.d.e.f.g.example.com"), "example.com p=reject");
    assert!(!aligned(&zone2, "mail.a.b.c.d.e.f.g.example.com", "b.c.d.e.f.g.example.com"));
}

#[test]
fn e18_several_records_are_none_and_the_walk_goes_on() {
    let twice = ("example.com", R);
    assert_eq!(applied(&zone(&[twice, ("example.com", "v=DMARC1; p=none")]), "example.com"), "none");
    let mut world = zone(&[
        ("shop.example.com", R),
        ("shop.example.com", "v=DMARC1; p=none"),
        ("example.com", "v=DMARC1; p=reject; sp=quarantine"),
    ]);
    world.insert(name("shop.example.com"), Records::A(vec![[192, 0, 2, 1].into()]));
    assert_eq!(applied(&world, "shop.example.com"), "example.com sp=quarantine");
    // RFC 7489 §6.6.3 step 5: policy discovery terminates.
    let author = name("shop.example.com");
    let suffixes = dmarc::PublicSuffixes::parse("com");
    let ids = Authenticated::default();
    let verdict = drive_sync(
        &mut Snapshot::new(),
        |q| world.answer(q),
        |dns| dmarc::evaluate_by_list(dns, &author, &ids, &suffixes, dmarc::Section::All),
    );
    assert_eq!(verdict.result, DmarcResult::None);
}

#[test]
fn e19_a_failure_is_not_stepped_over() {
    let zone = zone(&[("shop.example.com", "SERVFAIL"), ("example.com", R)]);
    let outcome = evaluate(&zone, "shop.example.com", &signed("shop.example.com"));
    assert_eq!(outcome.result, DmarcResult::Temperror);
    let Cause::DiscoveryFailed(failed) = outcome.cause else { panic!() };
    assert_eq!((failed.name.as_str(), failed.failure), ("shop.example.com", Failure::ServFail));
}

#[test]
fn e20_test_mode() {
    let zone = zone(&[("example.com", "v=DMARC1; p=reject; t=y")]);
    let outcome = evaluate(&zone, "news.example.com", &Authenticated::default());
    let applied = outcome.applied.unwrap();
    assert_eq!((applied.requested, applied.policy), (Policy::Reject, Policy::Quarantine));
    assert_eq!(outcome.disposition(), Policy::Quarantine);
}

#[test]
fn e21_one_bad_tag_disarms_the_record() {
    let bad = zone(&[("example.com", "v=DMARC1; p=reject; sp=rejct; rua=mailto:x@y.example")]);
    assert_eq!(applied(&bad, "example.com"), "example.com p=none");
    let worse = zone(&[("example.com", "v=DMARC1; p=reject; sp=rejct"), ("com", R)]);
    let outcome = evaluate(&worse, "example.com", &signed("example.com"));
    assert_eq!((outcome.result, outcome.cause), (DmarcResult::None, Cause::NoUsablePolicy));
}

#[test]
fn e22_to_e23_no_list_is_needed() {
    let zone1 = zone(&[("foo.co.uk", R)]);
    assert_eq!(org(&zone1, "mail.foo.co.uk"), "foo.co.uk");
    assert_eq!(org(&zone1, "bar.co.uk"), "bar.co.uk");
    let zone2 = zone(&[("user.github.io", R)]);
    assert_eq!(org(&zone2, "user.github.io"), "user.github.io");
    let zone3 = zone(&[("github.io", R)]);
    assert!(aligned(&zone3, "user.github.io", "other.github.io"));
}

#[test]
fn e24_a_public_suffix_hides_what_is_between() {
    let zone = zone(&[("y.giant.bank.example", "v=DMARC1; p=none"), ("bank.example", "v=DMARC1; p=reject; psd=y")]);
    assert_eq!(applied(&zone, "x.y.giant.bank.example"), "bank.example p=reject");
    assert_eq!(org(&zone, "x.y.giant.bank.example"), "giant.bank.example");
}

#[test]
fn e25_a_null_reverse_path_authenticates_helo() {
    let zone = zone(&[("example.com", R)]);
    let ids = Authenticated::default().spf_of_null_path(name("mail.example.com"), MethodResult::Pass);
    assert_eq!(evaluate(&zone, "example.com", &ids).result, DmarcResult::Pass);
    assert_eq!(evaluate(&zone, "example.com", &sent("esp.example")).result, DmarcResult::Fail);
}

#[test]
fn e26_historic_tags_and_bad_parts() {
    let record = Record::parse("v=DMARC1; p=quarantine; pct=50; fo=0:1; rua=mailto:a@b.example!10m,bad uri");
    let Request::Policies(policies) = record.request() else { panic!() };
    assert_eq!(policies.p, Policy::Quarantine);
    assert!(record.fo().is_invalid());
    let usable: Vec<&str> =
        record.rua().iter().filter(|uri| uri.is_valid()).map(|uri| &record.source().text()[uri.uri]).collect();
    assert_eq!(usable, ["mailto:a@b.example"]);
}

#[test]
fn e27_external_destinations_need_permission() {
    let mut zone = zone(&[("blue.example.com", R)]);
    let (blue, red) = (name("blue.example.com"), name("red.example.net"));
    let asked = |zone: &mailproof::resolver::Zone, host: &mailproof::Name| {
        drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::permission(dns, &blue, host, ReportKind::Rua))
    };
    let owner = name("blue.example.com._report._dmarc.red.example.net");
    assert_eq!(asked(&zone, &red), Permission::Missing { owner: Some(owner.clone()) });
    zone.insert(owner, Records::Txt(vec!["v=DMARC1".into()]));
    assert!(asked(&zone, &red).is_given());
    assert!(matches!(asked(&zone, &name("agg.blue.example.com")), Permission::SameOrgDomain(_)));
}

// Decisions where the text leaves something open.

#[test]
fn an_aligned_pass_outweighs_what_could_not_be_found_out() {
    let zone = zone(&[("example.com", R), ("other.com", "SERVFAIL")]);
    let ids = signed("other.com").dkim(name("example.com"), MethodResult::Pass);
    assert_eq!(evaluate(&zone, "example.com", &ids).result, DmarcResult::Pass);
}

#[test]
fn a_failed_lookup_matters_only_where_it_could_make_an_identifier_align() {
    // `other.com` does not lie in `example.com`, so its Organizational Domain cannot be that.
    let zone1 = zone(&[("example.com", R), ("other.com", "SERVFAIL")]);
    assert_eq!(evaluate(&zone1, "example.com", &signed("other.com")).result, DmarcResult::Fail);
    let zone2 = zone(&[("example.com", R), ("mail.example.com", "SERVFAIL")]);
    assert_eq!(evaluate(&zone2, "example.com", &signed("mail.example.com")).result, DmarcResult::Temperror);
}

#[test]
fn temperror_of_an_identifier_counts_only_if_it_would_align() {
    let zone = zone(&[("example.com", R)]);
    let temporary = |domain: &str| Authenticated::default().dkim(name(domain), MethodResult::Temperror);
    assert_eq!(evaluate(&zone, "example.com", &temporary("mail.example.com")).result, DmarcResult::Temperror);
    assert_eq!(evaluate(&zone, "example.com", &temporary("esp.example")).result, DmarcResult::Fail);
}

#[test]
fn unknown_existence_is_temperror_only_where_np_differs() {
    let mut zone1 = zone(&[("example.com", "v=DMARC1; p=none; np=reject; rua=mailto:x@y")]);
    zone1.fail(name("x.example.com"), None, Failure::Timeout);
    zone1.fail(name("_dmarc.x.example.com"), None, mailproof::resolver::zone::Mark::NxDomain);
    let outcome = evaluate(&zone1, "x.example.com", &Authenticated::default());
    assert!(matches!(outcome.cause, Cause::ExistenceUnknown(_)), "{:?}", outcome.cause);
    assert_eq!(evaluate(&zone1, "x.example.com", &signed("example.com")).result, DmarcResult::Pass);
    let mut zone2 = zone(&[("example.com", "v=DMARC1; p=none; rua=mailto:x@y")]);
    zone2.fail(name("x.example.com"), None, Failure::Timeout);
    assert_eq!(evaluate(&zone2, "x.example.com", &Authenticated::default()).result, DmarcResult::Fail);
}

#[test]
fn strict_mode_is_a_comparison_that_the_dns_cannot_disturb() {
    let zone = zone(&[("example.com", "v=DMARC1; p=reject; adkim=s"), ("com", "SERVFAIL")]);
    assert_eq!(evaluate(&zone, "example.com", &signed("mail.example.com")).result, DmarcResult::Fail);
    assert_eq!(evaluate(&zone, "example.com", &signed("example.com")).result, DmarcResult::Pass);
}

#[test]
fn several_author_domains_follow_the_strictest_that_fails() {
    let zone = zone(&[("a.example", "v=DMARC1; p=quarantine"), ("b.example", R), ("c.example", R)]);
    let Author::Several(authors) = Author::of(["a.example", "B.example", "c.example", "b.example."]) else { panic!() };
    let ids = signed("c.example");
    let outcomes =
        drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate_each(dns, &authors, &ids));
    assert_eq!(outcomes.len(), 3);
    let strictest = dmarc::strictest(&outcomes).unwrap();
    assert_eq!((strictest.author.as_str(), strictest.disposition()), ("b.example", Policy::Reject));
}
