//! Address lists as they come, as the RFC's appendix has them, and as attackers write them.

use proptest::prelude::{prop_assert, proptest};

use super::{Address, AddressList, FlawKind};

fn addresses(text: &str) -> Vec<String> {
    AddressList::parse(text).mailboxes().map(|mailbox| mailbox.address.clone()).collect()
}

fn flaws(text: &str) -> Vec<FlawKind> {
    AddressList::parse(text).flaws().iter().map(|flaw| flaw.kind).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str], flawed: &[FlawKind]) {
    assert_eq!(addresses(text), expected, "{text}");
    assert_eq!(flaws(text), flawed, "{text}");
}

#[test]
fn ordinary() {
    check("ann@x.example", &["ann@x.example"], &[]);
    check("Ann <ann@x.example>", &["ann@x.example"], &[]);
    check("\"Ann, of X\" <ann@x.example>,\r\n bob@x.example", &["ann@x.example", "bob@x.example"], &[]);
    check("Ann <ann@x.example > ", &["ann@x.example"], &[]);
    check("\"john doe\"@x.example", &["\"john doe\"@x.example"], &[]);
    check("a . b@x.example, a.(c)b@x.example", &["a.b@x.example", "a.b@x.example"], &[]);
    check("ann@[192.0.2.1]", &["ann@[192.0.2.1]"], &[]);
    check("jürgen@bücher.example", &["jürgen@bücher.example"], &[]);
    check("", &[], &[]);
    check("  \r\n ", &[], &[]);
}

#[test]
fn appendix_a_of_rfc_5322() {
    check("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", &["pete@silly.test"], &[]);
    check(
        "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
        &["c@public.example", "joe@example.org", "jdoe@one.test"],
        &[],
    );
    check("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", &[], &[]);
    check("Joe Q. Public <john.q.public@example.com>", &["john.q.public@example.com"], &[]);
    check(
        "Mary Smith <@node.test,@other.test:mary@example.net>, , jdoe@test  . example",
        &["mary@example.net", "jdoe@test.example"],
        &[FlawKind::Route, FlawKind::EmptyElement],
    );
}

#[test]
fn groups() {
    let list = AddressList::parse("Team: a@x.example, B <b@x.example>;, c@x.example");
    let [Address::Group(group), Address::Mailbox(_)] = list.addresses() else { panic!("{list:?}") };
    assert_eq!(&list.source().text()[group.name], "Team");
    assert_eq!(&list.source().text()[group.span], "Team: a@x.example, B <b@x.example>;");
    assert!(list.flaws().is_empty());
    check("Undisclosed:;", &[], &[]);
    check("Team: a@x.example", &["a@x.example"], &[FlawKind::UnclosedGroup]);
    check("a@x.example;", &["a@x.example"], &[FlawKind::StraySeparator]);
    check("A:a@x.example;B:b@x.example;", &["a@x.example", "b@x.example"], &[]);
}

#[test]
fn two_readings() {
    use FlawKind as F;
    // espoofer A14 to A19 and their kin.
    check("<a@one.example>, <b@two.example>", &["a@one.example", "b@two.example"], &[]);
    check("<a@one.example>\\,<b@two.example>", &["a@one.example"], &[F::QuotedPair, F::TextAfterAngle]);
    check("<a@one.example>b@two.example", &["a@one.example"], &[F::TextAfterAngle]);
    check("<a@one.example> <b@two.example>", &["a@one.example"], &[F::TextAfterAngle]);
    check("<@one.example,@any.example:b@two.example>", &["b@two.example"], &[F::Route]);
    check("a@one.example<b@two.example>", &["b@two.example"], &[F::UnquotedName]);
    check("a@one.example@two.example", &["a@one.example@two.example"], &[F::SeveralAts]);
    check("\"a@one.example\"@two.example", &["\"a@one.example\"@two.example"], &[F::QuotedAt]);
    check(
        "=?utf-8?B?PGFAb25lLmV4YW1wbGU+?=, <b@two.example>",
        &["=?utf-8?B?PGFAb25lLmV4YW1wbGU+?=", "b@two.example"],
        &[F::EncodedAddress, F::NoDomain],
    );
    check("a\0@one.example", &["a\0@one.example"], &[F::Control]);
    check("a@one.example b@two.example", &["a@one.example b@two.example"], &[F::SeveralAts, F::Gap]);
}

#[test]
fn broken() {
    use FlawKind as F;
    check("Alice", &["Alice"], &[F::NoDomain]);
    check("<foo", &["foo"], &[F::UnclosedAngle, F::NoDomain]);
    check("a@x.example>", &["a@x.example"], &[F::StrayAngle]);
    check("<a@x.example, b@x.example", &["a@x.example", "b@x.example"], &[F::UnclosedAngle]);
    check("@x.example", &["@x.example"], &[F::EmptyPart]);
    check("a@", &["a@"], &[F::EmptyPart]);
    check("<>", &[""], &[F::NoDomain]);
    check("Ann ann@x.example", &["ann@x.example"], &[]);
    assert!(AddressList::parse("\"open <a@x.example>").is_broken());
    assert!(AddressList::parse("(open <a@x.example>").is_broken());
}

#[test]
fn display_names() {
    let name = |text: &str| {
        let list = AddressList::parse(text);
        list.mailboxes().next().and_then(|mailbox| list.display_name(mailbox))
    };
    assert_eq!(name("\"ceo@bank.example\" <a@x.example>").unwrap(), "ceo@bank.example");
    assert_eq!(name("=?utf-8?B?ImNlb0BiYW5rLmV4YW1wbGUi?= <a@x.example>").unwrap(), "\"ceo@bank.example\"");
    assert_eq!(name("\"a \\\" b\" <a@x.example>").unwrap(), "a \" b");
    assert_eq!(name("a@x.example"), None);
}

#[test]
fn comments_are_kept() {
    let list = AddressList::parse("a@x.example (ceo (of) bank)");
    assert_eq!(
        list.comments().iter().map(|&span| &list.source().text()[span]).collect::<Vec<_>>(),
        ["(ceo (of) bank)"]
    );
}

#[test]
fn hostile_texts_end() {
    for text in [
        "<".repeat(50_000),
        ",".repeat(50_000),
        "a:".repeat(50_000),
        "<@a,".repeat(50_000),
        "@".repeat(50_000),
        "\"\\".repeat(50_000),
        ";".repeat(50_000),
    ] {
        let list = AddressList::parse(&text);
        for flaw in list.flaws() {
            assert!(text.get(flaw.span.range()).is_some());
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([a-z.]{0,3}|[@<>,;:()\\[\\]\"\\\\ =?\r\n]|\\PC){0,40}") {
        let list = AddressList::parse(&text);
        for mailbox in list.mailboxes() {
            let spans = [Some(mailbox.span), Some(mailbox.local_part), mailbox.domain, mailbox.display_name, mailbox.route];
            for span in spans.into_iter().flatten() {
                prop_assert!(text.get(span.range()).is_some());
            }
            let _ = list.display_name(mailbox);
        }
        for flaw in list.flaws() {
            prop_assert!(text.get(flaw.span.range()).is_some());
        }
        // What has no flaw is an address.
        if list.flaws().is_empty() {
            for mailbox in list.mailboxes() {
                prop_assert!(mailbox.address.contains('@'), "{:?}", mailbox);
            }
        }
    }
}
