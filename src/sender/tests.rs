//! What people are told.

use std::collections::BTreeMap;

use super::{Advice, Delegation, Directory, Entries, Fields, Right, Status, Submission, check};
use crate::actor::Actor;

/// Alice may write on behalf of Boss, the scanner as anybody. `list` only receives mail, and `old` is switched off.
fn directory() -> Directory {
    let mailbox = |name: &str| (name.to_owned(), format!("{name}@d.example"));
    Directory::new(&Entries {
        logins: ["alice", "bob", "boss", "scanner"].map(mailbox).into(),
        alias_domains: BTreeMap::from([("alias.example".to_owned(), "d.example".to_owned())]),
        delegations: vec![Delegation {
            address: "boss@d.example".to_owned(),
            to: "alice".to_owned(),
            right: Right::SendOnBehalf,
        }],
        synonym_domains: BTreeMap::from([("synonym.example".to_owned(), "d.example".to_owned())]),
        receive_only: vec!["list@d.example".to_owned()],
        inactive: vec!["old@d.example".to_owned()],
        any_sender: vec!["scanner".to_owned()],
        ..Entries::default()
    })
    .unwrap()
}

fn advice(login: Option<&str>, mail_from: Option<&str>, header: &str) -> Vec<Advice> {
    let bodies = |name: &str| {
        let of = |line: &str| line.strip_prefix(name)?.strip_prefix(": ").map(Into::into);
        header.lines().filter_map(of).collect::<Vec<_>>()
    };
    let fields = Fields { from: bodies("From"), sender: bodies("Sender").pop(), reply_to: bodies("Reply-To").pop() };
    let submission = Submission { login, mail_from, fields: (!header.is_empty()).then_some(fields) };
    check(&directory(), &submission, |name| name.suffix(2)).advice()
}

/// What is told of a message by Alice.
fn told(header: &str) -> Vec<String> {
    advice(Some("alice"), None, header).into_iter().map(|advice| advice.text).collect()
}

#[test]
fn each_fault_of_the_header_has_its_advice() {
    for (header, wanted) in [
        ("Subject: x", "Add one From field: From: alice@d.example"),
        ("From: alice@d.example\nFrom: alice@d.example", "Keep one From field and take the others away"),
        ("From: <", "Write one address into From, in angle brackets after a name: Name <alice@d.example>"),
        ("From: alice", "From says \"alice\", which is not an address: use alice@d.example"),
        ("From: us:;", "Write a real mailbox into From: alice@d.example"),
        (
            "From: boss@d.example",
            "Your right is to send on behalf of the address in From: add a Sender field: Sender: alice@d.example",
        ),
        ("From: alice@d.example\nSender: alice@d.example", "Leave the Sender field out: it says what From says"),
        (
            "From: \"ceo@other.example\" <alice@d.example>",
            "Take the other address out of your display name: it looks like a forgery",
        ),
        ("From: alice@d.example (ceo@other.example)", "Take the comment with the address out of From"),
        (
            "From: alice@d.example\nReply-To: a@other.example",
            "Check that Reply-To is meant to point to another domain than From",
        ),
    ] {
        assert_eq!(told(header), [wanted], "{header}");
    }
    assert_eq!(told("From: alice@d.example"), [""; 0]);
}

/// What stands in the way comes first, what receivers do behind it.
#[test]
fn several_pieces_of_advice() {
    let somebody = "You logged in as alice, but From says bob@d.example, which belongs to somebody else: write as alice@d.example, \
        or let the administrator add bob@d.example to your addresses or give you the right to send as it";
    let (several, sender) = (
        "Name one author in From: Gmail and others refuse several",
        "Name one author in From, or add a Sender field: Sender: alice@d.example",
    );
    assert_eq!(told("From: alice@d.example, bob@d.example"), [somebody, several, sender]);
    assert_eq!(told("From: alice@d.example, bob@d.example\nSender: alice@d.example"), [somebody, several]);
    let found = advice(Some("alice"), None, "From: alice@d.ex\u{430}mple");
    let actors: Vec<Actor> = found.iter().map(|advice| advice.actor).collect();
    assert_eq!(actors, [Actor::Sender, Actor::Sender, Actor::DomainOwner]);
    assert!(found[0].text.contains("whose domain this service does not host"), "{}", found[0].text);
    assert_eq!(found[1].text, "Type the domain in From again: it only looks like yours");
    assert!(found[2].text.starts_with("Receivers apply the DMARC policy of the domain in From"), "{}", found[2].text);
}

#[test]
fn each_state_of_an_address_has_its_advice() {
    for (login, address, wanted) in [
        (
            Some("alice"),
            "bob@d.example",
            "You logged in as alice, but the envelope says bob@d.example, which belongs to somebody else: write as alice@d.example, \
             or let the administrator add bob@d.example to your addresses or give you the right to send as it",
        ),
        (
            Some("alice"),
            "nobody@d.example",
            "You logged in as alice, but the envelope says nobody@d.example, an address that nobody has: use alice@d.example, \
             or add nobody@d.example as an alias",
        ),
        (
            Some("alice"),
            "a@other.example",
            "You logged in as alice, but the envelope says a@other.example, whose domain this service does not host: use \
             alice@d.example, or send through the provider of a@other.example",
        ),
        (
            Some("alice"),
            "list@d.example",
            "You logged in as alice, but the envelope says list@d.example, which only receives mail: use alice@d.example",
        ),
        (
            Some("alice"),
            "old@d.example",
            "You logged in as alice, but the envelope says old@d.example, which is switched off: use alice@d.example, \
             or switch it on again",
        ),
        (Some("alice"), "a@@b", "The envelope says \"a@@b\", which is not an address: use alice@d.example"),
        (
            Some("carol"),
            "list@d.example",
            "You logged in as carol, which the directory does not know, and the envelope says list@d.example, which only \
             receives mail: use your own address",
        ),
        (
            None,
            "alice@d.example",
            "The envelope says alice@d.example, which belongs to an account: log in (port 465 or 587) to use it",
        ),
    ] {
        let found: Vec<String> = advice(login, Some(address), "").into_iter().map(|advice| advice.text).collect();
        assert_eq!(found, [wanted], "{login:?} {address}");
    }
    // What accounts may do is nothing to those outside; their mail comes in without a login. Own addresses may be used.
    assert_eq!(advice(None, Some("list@d.example"), ""), []);
    assert_eq!(advice(None, Some("a@other.example"), ""), []);
    assert_eq!(advice(Some("alice"), Some("alice@alias.example"), ""), []);
}

#[test]
fn the_envelope_beside_the_header() {
    let told = |mail_from: &str, header: &str| advice(Some("alice"), Some(mail_from), header);
    let about = |found: &[Advice], place: &str| found.iter().filter(|one| one.text.contains(place)).count();
    // The same address in both is told of once.
    let same = told("bob@d.example", "From: bob@d.example");
    assert_eq!((about(&same, "From says"), about(&same, "the envelope says")), (1, 0), "{same:?}");
    let other = told("bob@d.example", "From: nobody@d.example");
    assert_eq!((about(&other, "From says"), about(&other, "the envelope says")), (1, 1), "{other:?}");
    let elsewhere = told("a@other.example", "From: alice@d.example");
    assert_eq!(elsewhere.last().unwrap().actor, Actor::SendingService);
    assert!(elsewhere.last().unwrap().text.starts_with("The envelope sender and From have different domains"));
    let null = told("", "From: alice@d.example");
    assert_eq!(null[0].text, "Use an empty envelope sender for bounces and automatic replies only");
    let sender = told("alice@d.example", "From: alice@d.example\nSender: bob@d.example");
    assert!(sender[0].text.starts_with("You logged in as alice, but Sender says bob@d.example"), "{sender:?}");
}

/// At a synonym domain one may write, but receivers find nothing there.
#[test]
fn a_synonym_domain() {
    let found = told("From: alice@synonym.example");
    assert!(
        found[0].starts_with("alice@synonym.example is at a synonym domain that has no DNS of its own"),
        "{found:?}"
    );
    assert!(found[0].ends_with("write as the same address at d.example"), "{found:?}");
}

/// Logins that may write as anybody here: a scanner, a ticket system.
#[test]
fn any_sender() {
    let status = |login, address: &str| {
        let submission = Submission { login: Some(login), mail_from: Some(address), fields: None };
        check(&directory(), &submission, |name| name.suffix(2)).mail_from.unwrap().status
    };
    assert_eq!(status("scanner", "bob@d.example"), Status::AnySender);
    assert_eq!(status("scanner", "scanner@d.example"), Status::Own);
    assert_eq!(status("alice", "bob@d.example"), Status::OtherUser);
}
