//! Who an address belongs to where several lists name it.

use super::*;

fn logins(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(login, address)| ((*login).to_owned(), (*address).to_owned())).collect()
}

#[test]
fn two_logins_of_one_mailbox() {
    let entries = Entries {
        logins: logins(&[("alice", "alice@d.example"), ("alice@d.example", "alice@d.example")]),
        aliases: [("alice@d.example".to_owned(), vec!["bob".to_owned()])].into(),
        ..Entries::default()
    };
    let directory = Directory::new(&entries).unwrap();
    let status = |login| directory.status("alice@d.example", Some(login));
    assert_eq!(status("alice"), Status::Own);
    assert_eq!(status("alice@d.example"), Status::Own);
    assert_eq!(status("bob"), Status::Alias);
    assert_eq!(status("carol"), Status::OtherUser);
}

#[test]
fn the_stronger_right_counts_and_none_beside_ones_own() {
    let given = |rights: [Right; 2]| {
        let of = |to: &str, right| Delegation { address: "boss@d.example".to_owned(), to: to.to_owned(), right };
        let mut delegations = vec![of("boss", Right::SendOnBehalf)];
        delegations.extend(rights.map(|right| of("alice", right)));
        let entries = Entries { logins: logins(&[("boss", "boss@d.example")]), delegations, ..Entries::default() };
        let directory = Directory::new(&entries).unwrap();
        ["alice", "boss"].map(|login| directory.status("boss@d.example", Some(login)))
    };
    assert_eq!(given([Right::SendAs, Right::SendOnBehalf]), [Status::SendAs, Status::Own]);
    assert_eq!(given([Right::SendOnBehalf, Right::SendAs]), [Status::SendAs, Status::Own]);
}

#[test]
fn a_wildcard_holds_behind_an_alias_domain() {
    let entries = Entries {
        logins: logins(&[("alice", "alice@d.example"), ("bob", "bob@d.example")]),
        wildcards: [("@d.example".to_owned(), vec!["alice".to_owned()])].into(),
        alias_domains: [("alias.example".to_owned(), "d.example".to_owned())].into(),
        ..Entries::default()
    };
    let directory = Directory::new(&entries).unwrap();
    let status = |login| directory.status("any@alias.example", Some(login));
    assert_eq!((status("alice"), status("bob")), (Status::Wildcard, Status::OtherUser));
}

#[test]
fn each_character_separates_a_subaddress() {
    let status = |delimiter: &str, address| {
        let logins = logins(&[("bob", "bob@d.example")]);
        let entries = Entries { logins, subaddress_delimiter: delimiter.to_owned(), ..Entries::default() };
        Directory::new(&entries).unwrap().status(address, Some("bob"))
    };
    assert_eq!(status("+-", "bob+news@d.example"), Status::Subaddress);
    assert_eq!(status("+-", "bob-news@d.example"), Status::Subaddress);
    assert_eq!(status("", "bob+news@d.example"), Status::UnknownLocal);
}
