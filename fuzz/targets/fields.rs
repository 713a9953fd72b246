//! Address lists, Authentication-Results and the sender check: spans are places, and what is written reads back.
#![cfg_attr(fuzzing, no_main)]

use mailproof::message::{AddressList, AuthResults, NewProperty, NewResult, write_auth_results};
use mailproof::sender::{Directory, Entries, Fields, Submission, check};
use mailproof_fuzz::assert_inside;

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let list = AddressList::parse(&text);
    for mailbox in list.mailboxes() {
        assert_inside(&text, mailbox.span);
        assert_inside(&text, mailbox.local_part);
        assert!(mailbox.domain.is_none_or(|span| text.get(span.range()).is_some()));
        let _ = list.display_name(mailbox);
    }
    for flaw in list.flaws() {
        assert_inside(&text, flaw.span);
    }

    for field in [AuthResults::parse(&text), AuthResults::parse_arc(&text)] {
        for result in field.results() {
            assert_inside(&text, result.span);
        }
        for fault in field.faults() {
            assert_inside(&text, fault.span);
        }
    }
    let value: String = text.chars().filter(|c| !c.is_control()).collect();
    let property = NewProperty { ptype: "smtp", name: "mailfrom", value: &value };
    let result =
        NewResult { method: "spf", result: "pass", reason: &value, comment: &value, properties: vec![property] };
    let written = write_auth_results(&value, &[result]);
    let field = AuthResults::parse(&written);
    assert!(field.is_strict(true), "{written:?} {:?}", field.faults());
    assert_eq!(field.results().len(), 1, "{written:?}");
    assert_eq!(field.results()[0].property("smtp", "mailfrom"), Some(value.as_str()));

    let login = ("alice@d.example".to_owned(), "alice@d.example".to_owned());
    let directory = Directory::new(&Entries { logins: [login].into(), ..Entries::default() }).unwrap();
    let field = || Some(text.as_ref().into());
    let fields = Fields { from: field().into_iter().collect(), sender: field(), reply_to: field() };
    let submission = Submission { login: Some("alice@d.example"), mail_from: Some(&text), fields: Some(fields) };
    let outcome = check(&directory, &submission, |name| name.suffix(2));
    for found in &outcome.findings {
        assert_inside(found.primary.subject.source().text(), found.primary.span);
    }
    let _ = outcome.advice();
});
