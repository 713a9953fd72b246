//! The blocks of the pages, run in one small world.

use std::collections::BTreeMap;

use super::{ALL, SessionFacts, session_findings};
use crate::Name;
use crate::finding::Diagnostic;
use crate::sender::{Delegation, Directory, Entries, Fields, Right, Submission, check};

/// Alice and Bob share `info`, Alice may write on behalf of boss, and `alias.example` stands for `d.example`.
fn directory() -> Directory {
    let owned = |address: &str, logins: &[&str]| {
        (address.to_owned(), logins.iter().map(|&login| login.to_owned()).collect::<Vec<_>>())
    };
    let logins = ["alice", "bob", "boss"].map(|name| (format!("{name}@d.example"), format!("{name}@d.example")));
    let mut entries = Entries {
        logins: BTreeMap::from(logins),
        aliases: BTreeMap::from([owned("info@d.example", &["alice@d.example", "bob@d.example"])]),
        alias_domains: BTreeMap::from([("alias.example".to_owned(), "d.example".to_owned())]),
        ..Entries::default()
    };
    entries.logins.insert("scanner01".to_owned(), "scanner@d.example".to_owned());
    entries.delegations.push(Delegation {
        address: "boss@d.example".to_owned(),
        to: "alice@d.example".to_owned(),
        right: Right::SendOnBehalf,
    });
    Directory::new(&entries).unwrap()
}

fn sender_codes(words: &str, fields: &str) -> Vec<Diagnostic> {
    let word = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let bodies = |name: &str| {
        let prefix = format!("{name}: ");
        fields.lines().filter_map(|line| line.strip_prefix(&prefix).map(Into::into)).collect::<Vec<_>>()
    };
    let fields = Fields { from: bodies("From"), sender: bodies("Sender").pop(), reply_to: bodies("Reply-To").pop() };
    let fields = (!fields.from.is_empty()).then_some(fields);
    let submission = Submission { login: word("login"), mail_from: word("mail-from"), fields };
    check(&directory(), &submission, |name| name.suffix(2)).findings
}

fn session_codes(words: &str) -> Vec<Diagnostic> {
    let words = words.replace("\\0", "\0");
    let word = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let yes = |name: &str| word(name).map(|word| word == "yes");
    let pointers: Option<Vec<Name>> =
        word("ptr").map(|names| names.split_terminator(',').map(|name| Name::parse(name).unwrap()).collect());
    let author = word("author").map(|name| Name::parse(name).unwrap());
    let signature = word("d").map(|d| (d, word("s").unwrap_or_default()));
    session_findings(&SessionFacts {
        ip: word("ip").map(|ip| ip.parse().unwrap()),
        helo: word("helo"),
        pointers: pointers.as_deref(),
        pointers_confirmed: yes("confirmed"),
        mail_from: word("mail-from"),
        mail_from_takes_mail: yes("mail-from-mail"),
        mail_from_exists: yes("mail-from-exists"),
        author: author.as_ref(),
        author_takes_mail: yes("author-mail"),
        signatures: signature.as_slice(),
    })
}

#[test]
fn pages_tell_the_truth() {
    for rule in ALL.iter().copied().flatten() {
        let mut seen = (0, 0);
        for block in rule.page.split("```").skip(1).step_by(2) {
            let (head, body) = block.split_once('\n').unwrap();
            let body: String = body.lines().map(|line| format!("{}\n", line.trim())).collect();
            let (found, words) = match head.split_once(' ').unwrap() {
                ("sender", words) => (sender_codes(words, &body), words),
                ("session-facts", words) => (session_codes(words), words),
                other => panic!("{other:?}"),
            };
            let has = found.iter().any(|found| found.code == rule.code);
            let bad = words.starts_with("bad");
            assert_eq!(has, bad, "{}: {words} {body} {found:?}", rule.code);
            assert!(found.iter().all(|found| !found.message().replace("\\u{", "").contains(['{', '\n'])), "{found:?}");
            if bad { seen.0 += 1 } else { seen.1 += 1 }
        }
        assert!(seen.0 > 0 && seen.1 > 0, "{}", rule.code);
    }
}

#[test]
fn all_ids_of_the_group() {
    assert_eq!(ALL.iter().map(|rules| rules.len()).sum::<usize>(), 25);
}

#[test]
fn two_readings_of_mail_from() {
    for address in [
        "<any@legit.example(.attack.example",
        "\"any@legit.example(\"@attack.example",
        "@legit.example:any@attack.example",
        "any@legit.example@attack.example",
        "any@legit.example,b@attack.example",
        "o'hara@legit.example,b@attack.example",
        "any@legit.example'x",
    ] {
        let found = sender_codes(&format!("mail-from={address}"), "");
        assert!(found.iter().any(|found| found.code == "mailfrom-syntax-ambiguous"), "{address}");
    }
    for address in ["o'hara@d.example", "\"john.doe\"@d.example", r#""a\"b"@d.example"#, "a@[192.0.2.1]", ""] {
        let found = sender_codes(&format!("mail-from={address}"), "");
        assert!(!found.iter().any(|found| found.code == "mailfrom-syntax-ambiguous"), "{address}");
    }
}

#[test]
fn strangers_get_no_advice_about_accounts() {
    let outcome = |login| {
        let submission = Submission { login, mail_from: Some("nobody@d.example"), fields: None };
        check(&directory(), &submission, |name| name.suffix(2))
    };
    assert!(outcome(None).advice().is_empty());
    assert_eq!(outcome(Some("alice@d.example")).advice().len(), 1);
}

#[test]
fn one_part_of_a_pointer_is_one_octet() {
    let is_generic =
        |ip, ptr| session_codes(&format!("ip={ip} ptr={ptr}")).iter().any(|found| found.code == "ptr-generic");
    assert!(!is_generic("185.1.1.1", "mail-1.a.example"));
    assert!(is_generic("185.1.1.1", "1-1-1-185.isp.example"));
}

#[test]
fn brackets_alone_make_no_literal() {
    let is_told = |helo| session_codes(&format!("helo={helo}")).iter().any(|found| found.code == "helo-invalid");
    assert!(is_told("[junk]") && is_told("[2001:db8::1]") && is_told("192.0.2.1"));
    assert!(!is_told("[192.0.2.1]") && !is_told("[IPv6:2001:db8::1]"));
}

#[test]
fn fixes_mend() {
    let found = sender_codes("login=alice@d.example mail-from=alice@d.example", "From: Bob (x) <bob@d.example>");
    let text = crate::finding::apply("Bob (x) <bob@d.example>", found[0].fixes[0].edits()).unwrap();
    assert_eq!(text, "Bob (x) <alice@d.example>");
    assert!(sender_codes("login=alice@d.example mail-from=alice@d.example", &format!("From: {text}")).is_empty());
}

#[test]
fn a_control_character_may_have_two_octets() {
    let found = session_codes("d=a\u{99}.example s=s1");
    let found = found.iter().find(|found| found.code == "dkim-d-nul").unwrap();
    assert_eq!(found.primary.span.len(), 2);
}
