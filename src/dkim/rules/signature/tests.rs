//! What no page can show. The pages are run by `tests/suite/pages.rs`.

use super::{SignatureFacts, lint_message, lint_signature, lint_signature_at};
use crate::Timestamp;
use crate::dns::{Question, Snapshot};
use crate::finding::{Diagnostic, Effect, Severity};
use crate::message::Message;
use crate::resolver::{Zone, drive_sync};
use crate::text::Source;

const START: &str = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1";
const END: &str = "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
const ALL: &str = "h=from:from:to:to:subject:subject:date";

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

fn with(more: &str) -> Vec<Diagnostic> {
    lint_signature(&format!("{START}; {ALL}; {END}; {more}").as_str().into(), &SignatureFacts::default())
}

/// RFC 6376 §6.1.1: bad values are a syntax error. Underscores are so common in the DNS that most verifiers take them.
#[test]
fn names_that_are_none() {
    for (d, s, effect) in [
        ("alice@d.example", "s1", Effect::Permerror),
        ("-d.example", "s1", Effect::Permerror),
        ("\"d.example\"", "s1", Effect::Permerror),
        ("d.example", "s1/2", Effect::Permerror),
        ("d.example", "*", Effect::Permerror),
        ("_d.example", "s1", Effect::Differs),
        ("d.example", "s_1", Effect::Differs),
    ] {
        let text = format!("v=1; a=rsa-sha256; c=relaxed/relaxed; d={d}; s={s}; {ALL}; {END}");
        let found = lint_signature(&Source::new(&text), &SignatureFacts::default());
        assert_eq!(found.iter().map(|found| found.effect).collect::<Vec<_>>(), [effect], "{text}");
    }
}

/// Of thousands of copies the first are compared, and the rest is told to be there.
#[test]
fn copies_that_are_not_compared() {
    let message = Message::parse(b"From: a@d.example\r\n\r\n");
    let facts = SignatureFacts { message: Some(&message), ..SignatureFacts::default() };
    let rest = |copies: &str| {
        let text = Source::new(&format!("{START}; {ALL}; {END}; z={copies}"));
        let mut found = lint_signature(&text, &facts);
        found.retain(|found| found.code == "dkim-sig-z-rest");
        // Verifiers do not use `z`.
        assert!(found.iter().all(|found| (found.severity, found.effect) == (Severity::Note, Effect::Ok)));
        found.first().map(|found| text.text()[found.primary.span].to_owned())
    };
    let copies = ["From:a@d.example"; 100].join("|");
    assert_eq!(rest(&copies), None);
    assert_eq!(rest(&format!("{copies}|Subject:x |To:y")).as_deref(), Some("Subject:x |To:y"));
}

/// RFC 6376 §6.1.2: the key may be there or not.
#[test]
fn a_key_that_the_dns_does_not_tell() {
    let zone = Zone::parse("s1._domainkey.d.example. TIMEOUT").unwrap();
    let text = Source::new(&format!("{START}; {ALL}; {END}"));
    let look = |dns: &Snapshot| lint_signature_at(dns, &text, &SignatureFacts::default());
    let found = drive_sync(&mut Snapshot::new(), |question: &Question| zone.answer(question), look);
    assert_eq!(codes(&found), ["dkim-dns-tempfail"]);
}

#[test]
fn one_mistake_is_told_once() {
    for (text, expected) in [
        (format!("{START} {ALL}; {END}"), &["dkim-sig-syntax"][..]),
        (format!("{START}; h=; {END}"), &["dkim-sig-h-empty"]),
        (format!("{START}; {ALL}; bh=; b=Zm9v"), &["dkim-sig-empty-tag"]),
        (format!("{START};; {ALL}; {END}"), &["dkim-sig-syntax"]),
        (format!("{START}; {ALL}; {END};"), &[]),
        (
            format!(
                "{START};\r\n\t{ALL};\r\n\tbh=47DEQpj8HBSa+/TIm\r\n\t W+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n\tYg=="
            ),
            &[],
        ),
    ] {
        assert_eq!(codes(&lint_signature(&Source::new(&text), &SignatureFacts::default())), expected, "{text}");
    }
    assert_eq!(codes(&with("t=1700000000; x=1600000000")), ["dkim-sig-x-before-t"]);
    assert_eq!(codes(&with("x=")), ["dkim-sig-x-invalid"]);
    assert_eq!(codes(&with("i=nobody")), ["dkim-sig-syntax"]);
}

#[test]
fn places() {
    for (more, code, quoted) in [
        ("i=@e.example", "dkim-sig-i-outside-d", "@e.example"),
        ("l=-1", "dkim-sig-l-invalid", "-1"),
        ("h=x", "dkim-sig-duplicate-tag", "h"),
        ("z=Subject:a|To", "dkim-sig-z-malformed", "To"),
    ] {
        let found = with(more);
        let found = found.iter().find(|found| found.code == code).unwrap_or_else(|| panic!("{more}: {found:?}"));
        assert_eq!(found.primary.quoted(), quoted);
    }
}

#[test]
fn clocks() {
    let at = |more: &str, now: u64| {
        let text = format!("{START}; {ALL}; {END}; {more}");
        codes(&lint_signature(&Source::new(&text), &SignatureFacts::default().received(Timestamp(now))))
    };
    assert_eq!(at("t=1000", 700), [""; 0]);
    assert_eq!(at("t=1000", 699), ["dkim-sig-t-future"]);
    assert_eq!(at("x=1000", 1000), [""; 0]);
    assert_eq!(at("x=1000", 1001), ["dkim-sig-expired"]);
    assert_eq!(at("t=1000; x=87399", 1000), ["dkim-sig-expires-soon"]);
    assert_eq!(at("t=1000; x=87400", 1000), [""; 0]);
    // However much else is wrong.
    let noise = "=1; ".repeat(100);
    assert!(at(&format!("{noise}t=9; x=1"), 0).contains(&"dkim-sig-x-before-t"));
}

#[test]
fn the_unsigned_rest_of_the_body_is_counted() {
    let text = format!("DKIM-Signature: {START}; {ALL}; {END}; l=7\r\nFrom: a@d.example\r\n\r\nHello\r\nMore\r\n");
    let found = lint_message(&Message::parse(text.as_bytes()), None);
    let found = found.iter().find(|found| found.code == "dkim-sig-l-tag").unwrap();
    assert_eq!(found.message(), "only 7 octets of the body are signed, and 6 are not: anybody can add to it");
}

#[test]
fn folds_are_no_change() {
    let text = format!(
        "DKIM-Signature: {START}; {ALL}; {END}; z=Subject:Hi=20there|X-Gone:1\r\nFrom: a@d.example\r\nSubject: Hi\r\n there\r\n"
    );
    let found = lint_message(&Message::parse(text.as_bytes()), None);
    let changed: Vec<String> =
        found.iter().filter(|found| found.code == "dkim-sig-z-diff").map(Diagnostic::message).collect();
    assert_eq!(changed, ["X-Gone was `1` when it was signed, and is not there now"]);
}

/// Each field is compared, however many are called so.
#[test]
fn a_copy_of_the_last_of_many_is_found() {
    let fields: String = (0..30).map(|n| format!("X-Tag: {n}\r\n")).collect();
    let text =
        format!("DKIM-Signature: {START}; {ALL}; {END}; z=X-Tag:29|X-Tag:30\r\nFrom: a@d.example\r\n{fields}\r\n");
    let found = lint_message(&Message::parse(text.as_bytes()), None);
    let changed: Vec<String> =
        found.iter().filter(|found| found.code == "dkim-sig-z-diff").map(Diagnostic::message).collect();
    assert_eq!(changed, ["X-Tag was `30` when it was signed, and is none of its 30 present values"]);
}

#[test]
fn what_a_list_added_above_is_not_the_signers() {
    let signature = format!("DKIM-Signature: {START}; {ALL}; {END}\r\n");
    let rest = "From: a@d.example\r\nTo: b@e.example\r\nSubject: x\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n";
    let added = "List-Unsubscribe: <mailto:leave@l.example>\r\nReply-To: <list@l.example>\r\n";
    let of = |text: String| codes(&lint_message(&Message::parse(text.as_bytes()), None));
    assert!(!of(format!("{added}{signature}{rest}")).contains(&"dkim-sig-unsigned-important"));
    assert!(of(format!("{signature}{added}{rest}")).contains(&"dkim-sig-unsigned-important"));
}

#[test]
fn the_key_is_asked_for() {
    let text = format!("{START}; {ALL}; {END}; i=@sub.d.example");
    let zone = Zone::parse(
        "s1._domainkey.d.example. TXT \"v=DKIM1; t=s; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"",
    )
    .unwrap();
    let look = |dns: &Snapshot| lint_signature_at(dns, &Source::new(&text), &SignatureFacts::default());
    let found = drive_sync(&mut Snapshot::new(), |question: &Question| zone.answer(question), look);
    let codes = codes(&found);
    assert!(codes.contains(&"dkim-sig-i-subdomain-strict") && codes.contains(&"dkim-key-type-mismatch"), "{codes:?}");
}

proptest::proptest! {
    #[test]
    fn any_text(text in "([vabcdhilqstxz]{1,2}=[ -~é]{0,10};?|[vabdhs]=[a-z0-9:.@]{1,8}; |.{0,9})*") {
        let message = Message::parse(b"From: a@d.example\r\nSubject: x\r\n\r\nbody\r\n");
        let facts = SignatureFacts::default().of_message(&message).received(Timestamp(1_000));
        for found in lint_signature(&Source::new(&text), &facts) {
            assert!(found.primary.span.end as usize <= text.len());
            assert!(!found.message().contains('\n'), "{}", found.message());
        }
    }
}
