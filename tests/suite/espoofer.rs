//! The tricks of espoofer ("Composition Kills", USENIX Security 2020), by their numbers: each shows one author to a verifier
//! and another one to a reader. Which code is told of each.

use mailproof::message::{LintOptions, Message, lint};
use mailproof::sender::{SessionFacts, session_findings};

/// The codes told of a header, without its last line end.
fn header(text: &str) -> Vec<String> {
    let text = format!("{text}\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@attack.example>\r\n\r\n");
    let found = lint(&Message::parse(text.as_bytes()), &LintOptions::default());
    found.iter().map(|found| found.code.to_string()).collect()
}

fn session(facts: &SessionFacts<'_>) -> Vec<String> {
    session_findings(facts).iter().map(|found| found.code.to_string()).collect()
}

#[track_caller]
fn tells(found: &[String], code: &str) {
    assert!(found.iter().any(|told| told == code), "{code} is not in {found:?}");
}

/// What an honest message is told, so that the codes below come from the tricks.
#[test]
fn a0_an_honest_message() {
    assert!(header("From: Alice <alice@attack.example>").is_empty());
}

#[test]
fn a1_mail_from_at_a_name_that_does_not_exist() {
    let author = "legit.example".parse().unwrap();
    let facts = SessionFacts {
        mail_from: Some("x@nx.legit.example"),
        mail_from_exists: Some(false),
        author: Some(&author),
        ..SessionFacts::default()
    };
    tells(&session(&facts), "mailfrom-nonexistent-subdomain");
}

#[test]
fn a2_and_a5_to_a7_mail_from_that_two_programs_read_differently() {
    use mailproof::sender::{Directory, Entries, Submission, check};
    for mail_from in [
        "(any@legit.example",
        "<@legit.example,@any.example:'any@attack.example>",
        "any@legit.example(.attack.example",
        "any@legit.example@attack.example",
    ] {
        let directory = Directory::new(&Entries::default()).unwrap();
        let submission = Submission { login: None, mail_from: Some(mail_from), fields: None };
        let outcome = check(&directory, &submission, Clone::clone);
        let codes: Vec<_> = outcome.findings.iter().map(|found| found.code.to_string()).collect();
        tells(&codes, "mailfrom-syntax-ambiguous");
    }
}

#[test]
fn a3_a_nul_in_the_selector() {
    let signatures = [("legit.example", "attack.example.\0any")];
    let facts = SessionFacts { signatures: &signatures, ..SessionFacts::default() };
    tells(&session(&facts), "dkim-d-nul");
}

#[test]
fn a4_a_quotation_mark_in_the_domain_of_the_signature() {
    let signatures = [("legit.example'a.attack.example", "any")];
    let facts = SessionFacts { signatures: &signatures, ..SessionFacts::default() };
    tells(&session(&facts), "dkim-d-injection");
}

#[test]
fn a8_two_from_fields() {
    tells(&header("From: any@attack.example\r\nFrom: admin@legit.example"), "from-multiple-fields");
}

#[test]
fn a9_a_from_field_behind_a_space() {
    tells(&header(" From: any@attack.example\r\nFrom: admin@legit.example"), "from-leading-space-line");
    tells(&header("From: any@attack.example\r\nX: y\r\n From: admin@legit.example"), "from-leading-space-line");
}

#[test]
fn a10_a_space_before_the_colon() {
    let found = header("From : any@attack.example\r\nFrom: admin@legit.example");
    tells(&found, "from-space-before-colon");
    tells(&found, "from-multiple-fields");
}

#[test]
fn a11_a_folded_field_name() {
    tells(&header("From\r\n : any@attack.example\r\nFrom: admin@legit.example"), "from-space-before-colon");
}

#[test]
fn a12_sender_beside_from() {
    tells(&header("From: admin@legit.example\r\nSender: any@attack.example"), "sender-differs-from");
}

#[test]
fn a13_resent_from_beside_from() {
    tells(&header("Resent-From: any@attack.example\r\nFrom: admin@legit.example"), "resent-headers");
}

#[test]
fn a14_two_addresses() {
    tells(&header("From: any@attack.example, admin@legit.example"), "from-multiple-domains");
}

#[test]
fn a15_an_address_in_an_encoded_word() {
    let word = "=?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?="; // <admin@legit.example>
    tells(&header(&format!("From: {word},<any@attack.example>")), "from-encoded-word-address");
    tells(&header(&format!("From: {word} <any@attack.example>")), "from-encoded-word-address");
}

#[test]
fn a16_a_source_route() {
    tells(&header("From: <@legit.example,@any.example:any@attack.example>"), "from-source-route");
}

#[test]
fn a17_a_backslash_before_the_comma() {
    tells(&header(r"From: <any@attack.example>\,<admin@legit.example>"), "from-quoted-pair-separator");
}

#[test]
fn a18_an_address_after_the_angle_brackets() {
    tells(&header("From: <any@attack.example>admin@legit.example"), "from-text-after-angle");
}

#[test]
fn a19_an_address_before_the_angle_brackets() {
    let found = header("From: admin@legit.example<any@attack.example>");
    tells(&found, "from-display-name-address");
    tells(&header("From: <any@attack.example>, <admin@legit.example> x"), "from-text-after-angle");
}
