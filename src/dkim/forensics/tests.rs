//! Mail that was changed after signing, in the ways in which mail is changed.

mod encoded;
mod headers;

use proptest::prelude::{any, prop};

use super::{Budget, Certainty, Evidence, KeyEvidence, Part, What, investigate};
use crate::dkim::Canonicalization::{Relaxed, Simple};
use crate::dkim::testing::{Signer, TestKey, verified};
use crate::dkim::{Canonicalization, Outcome};
use crate::message::Message;

const HEADER: &str = "From: Alice Example <alice@d.example>\r\nTo: Bob <bob@r.example>\r\nSubject: Plans for Monday\r\n\
    Date: Sat, 21 Nov 2026 12:00:05 +0100\r\nMessage-ID: <1@d.example>\r\nMIME-Version: 1.0\r\n";
const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";
const BODY: &str = "Hello Bob,\r\n\r\nshall we meet on Monday, près du café?\r\n.profile is attached\r\nFrom here on \
    nothing is important.\r\n\r\n-- \r\nAlice\r\n";
const H: &str = "from:to:subject:date:message-id:mime-version:content-type:content-transfer-encoding:reply-to";

fn mail() -> String {
    format!("{HEADER}{PLAIN}\r\n{BODY}")
}

fn multipart() -> String {
    let part = |kind: &str, text: &str| {
        format!("--b1\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}")
    };
    let html = "<html><body>\r\n<p>Hello Bob,</p><p>shall we meet?</p>\r\n</body></html>\r\n";
    let parts = part("plain", "Hello Bob,\r\n\r\nshall we meet?\r\n") + &part("html", html);
    format!("{HEADER}Content-Type: multipart/alternative; boundary=b1\r\n\r\n{parts}--b1--\r\n")
}

fn changed(text: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = memchr::memmem::find(text, from.as_bytes()).unwrap_or_else(|| panic!("{from:?} is not there"));
    [&text[..at], to.as_bytes(), &text[at + from.len()..]].concat()
}

fn evidence(message: &[u8], key: TestKey) -> (Outcome, Evidence) {
    let (mut outcomes, dns) = verified(message, &key.record());
    let outcome = outcomes.pop().expect("a signature");
    let evidence = investigate(&dns, &Message::parse(message), &outcome, &Budget::default());
    (outcome, evidence)
}

/// The body that the evidence says was signed.
fn recovered(message: &[u8], evidence: &Evidence) -> Vec<u8> {
    let found = evidence.body.as_ref().unwrap();
    let body = Message::parse(message).body();
    if found.scope != super::Scope::Place {
        return found.original.clone().unwrap();
    }
    let whole = vec![super::Edit {
        at: found.at.unwrap(),
        length: found.length,
        original: found.original.clone().unwrap_or_default(),
    }];
    let edits = if found.edits.is_empty() { whole } else { found.edits.clone() };
    let mut out = Vec::new();
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&body[at..edit.at]);
        out.extend_from_slice(&edit.original);
        at = edit.at + edit.length;
    }
    out.extend_from_slice(&body[at..]);
    out
}

/// What it is called, the signed body, what should be found, and what the relay does to the body.
type BodyChange = (&'static str, String, What, fn(&[u8]) -> Vec<u8>);

/// Changes of the body: what must be said of it, and that the body recovered is the one that was signed.
fn body_changes() -> Vec<BodyChange> {
    fn body(message: &[u8], change: impl Fn(String) -> Vec<u8>) -> Vec<u8> {
        let start = Message::parse(message).body_start();
        let text = String::from_utf8(message[start..].to_vec()).unwrap();
        [&message[..start], &change(text)].concat()
    }
    fn footer_in_both(message: &[u8]) -> Vec<u8> {
        let once = changed(message, "meet?\r\n--b1", "meet?\r\n\r\n____\r\nlist@l.example\r\n--b1");
        changed(&once, "</body>", "<p>list@l.example</p></body>")
    }
    vec![
        ("footer", mail(), What::Appended, |m| [m, b"\r\n____\r\nlist@l.example\r\n"].concat()),
        ("advertisement", mail(), What::Appended, |m| [m, b"Sent by mailer\r\n"].concat()),
        ("banner", mail(), What::Inserted, |m| {
            body(m, |text| format!("CAUTION: external mail\r\n\r\n{text}").into_bytes())
        }),
        ("banner and footer", mail(), What::Inserted, |m| {
            body(m, |text| format!("CAUTION\r\n\r\n{text}\r\nscanned\r\n").into_bytes())
        }),
        ("blank line at the top", mail(), What::Inserted, |m| body(m, |text| format!("\r\n{text}").into_bytes())),
        ("dot more", mail(), What::Inserted, |m| changed(m, "\r\n.profile", "\r\n..profile")),
        ("banner in the first line", mail(), What::Inserted, |m| changed(m, "Hello", "[External] Hello")),
        ("dot less", mail(), What::Replaced, |m| changed(m, "\r\n.profile", "\r\nprofile")),
        ("space put before From", mail(), What::Whitespace, |m| changed(m, "From here", " From here")),
        ("empty lines doubled", mail(), What::Whitespace, |m| {
            body(m, |text| text.replace("\r\n\r\n", "\r\n\r\n\r\n").into_bytes())
        }),
        ("mbox", mail(), What::Inserted, |m| changed(m, "From here", ">From here")),
        ("LF", mail(), What::LineEndings, |m| body(m, |text| text.replace("\r\n", "\n").into_bytes())),
        ("CR CR LF", mail(), What::LineEndings, |m| body(m, |text| text.replace("\r\n", "\r\r\n").into_bytes())),
        ("blank lines doubled", mail(), What::LineEndings, |m| {
            body(m, |text| text.replace("\r\n", "\r\n\r\n").into_bytes())
        }),
        ("quoted-printable", mail(), What::ReEncoded, |m| {
            body(m, |text| {
                let habit = super::coding::Habit { width: 76, careful: false, upper: true };
                super::coding::encode_quoted_printable(text.as_bytes(), habit)
            })
        }),
        ("base64", mail(), What::ReEncoded, |m| body(m, |text| super::coding::encode_base64(text.as_bytes(), 76))),
        ("latin-1 in quoted-printable", mail(), What::ReEncoded, |m| {
            body(m, |text| {
                let habit = super::coding::Habit { width: 76, careful: false, upper: true };
                let latin1 = super::coding::from_utf8_to_latin1(text.as_bytes()).unwrap();
                super::coding::encode_quoted_printable(&latin1, habit)
            })
        }),
        ("latin-1 in base64", mail(), What::ReEncoded, |m| {
            body(m, |text| {
                super::coding::encode_base64(&super::coding::from_utf8_to_latin1(text.as_bytes()).unwrap(), 76)
            })
        }),
        ("latin-1", mail(), What::ReEncoded, |m| {
            body(m, |text| super::coding::from_utf8_to_latin1(text.as_bytes()).unwrap())
        }),
        ("wrapped", mail(), What::MimeWrapped, |m| {
            body(m, |text| {
                let head = "--w\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
                format!("{head}{text}--w\r\nContent-Type: text/plain\r\n\r\nlist\r\n--w--\r\n").into_bytes()
            })
        }),
        ("footer in the text part", multipart(), What::Inserted, |m| {
            changed(m, "meet?\r\n--b1", "meet?\r\n____\r\nlist@l.example\r\n--b1")
        }),
        ("footer in the HTML part", multipart(), What::Inserted, |m| {
            changed(m, "</body>", "<hr><p>list@l.example</p></body>")
        }),
        ("banner in the HTML part", multipart(), What::Inserted, |m| {
            changed(m, "<body>", "<body><div>CAUTION: external</div>")
        }),
        ("footer in both parts", multipart(), What::Inserted, footer_in_both),
        (
            "text part in quoted-printable",
            multipart().replace("meet?\r\n--", "meet près?\r\n--"),
            What::ReEncoded,
            |m| {
                let once = changed(m, "meet près?", "meet pr=C3=A8s?");
                changed(&once, "Encoding: 8bit", "Encoding: quoted-printable")
            },
        ),
    ]
}

#[test]
fn bodies() {
    for (name, original, what, change) in body_changes() {
        for (header, body) in [(Relaxed, Relaxed), (Relaxed, Simple)] {
            for key in [TestKey::Rsa1024, TestKey::Ed25519] {
                let signer = Signer { header, body, ..Signer::new(key, header) };
                let signed = signer.h(H).sign(original.as_bytes());
                let altered = change(&signed);
                let (outcome, evidence) = evidence(&altered, key);
                assert!(!outcome.body.unwrap().matches, "{name}");
                let found = evidence.body.as_ref().unwrap();
                assert_eq!((found.what, found.certainty), (what, Certainty::Proven), "{name} {body:?}");
                let truth = body.body(Message::parse(&signed).body());
                let told = body.body(&recovered(&altered, &evidence));
                assert_eq!(String::from_utf8_lossy(&told), String::from_utf8_lossy(&truth), "{name} {body:?}");
            }
        }
    }
}

/// New boundaries cannot be undone where nothing tells the old one. A server that says what it did is the likely cause; without one there is none.
#[test]
fn a_new_mime_frame_is_what_a_server_says() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(multipart().as_bytes());
    let reframed = String::from_utf8(signed).unwrap().replace("b1", "=_next_4711");
    let received =
        "Received: from a by relay.d.example (8.18.1) with ESMTP id 4711; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    let said = "X-MIME-Autoconverted: from 8bit to quoted-printable by relay.d.example id 4711\r\n";
    let of = |message: String| {
        let found = evidence(message.as_bytes(), TestKey::Rsa1024).1.body.unwrap();
        (found.what, found.certainty)
    };
    assert_eq!(of(format!("{said}{received}{reframed}")), (What::ReEncoded, Certainty::Likely));
    assert_eq!(of(format!("{received}{reframed}")), (What::Unknown, Certainty::Unknown));
}

/// A gateway that wrote the structure anew: what still tells the old boundary proves it, a server's name in the new one does not.
#[test]
fn other_boundaries() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(multipart().as_bytes());
    let reframed = String::from_utf8(signed.clone()).unwrap().replace("b1", "=_relay.r.example_1");
    let told = |message: String| evidence(message.as_bytes(), TestKey::Rsa1024).1.body.unwrap();
    let received = "Received: from a by relay.r.example with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    let found = told(format!("{received}{reframed}"));
    assert_eq!((found.what, found.certainty), (What::Reframed, Certainty::Likely));
    // The old field was left there, or `z=` has a copy of it.
    let left = format!("Content-Type: multipart/alternative; boundary=b1\r\n{reframed}");
    let copied = reframed
        .replace("DKIM-Signature: ", "DKIM-Signature: z=Content-Type:multipart/alternative=3B=20boundary=3Db1; ");
    let preamble = multipart().replacen("\r\n--", "\r\nThis is a multi-part message in MIME format.\r\n--", 1);
    for message in [left, copied] {
        let found = told(message.clone());
        assert_eq!((found.what, found.certainty), (What::Reframed, Certainty::Proven));
        assert_eq!(found.original.unwrap(), Message::parse(&signed).body());
    }
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(preamble.as_bytes());
    let lost = changed(&signed, "This is a multi-part message in MIME format.\r\n", "");
    let lost = String::from_utf8(lost).unwrap().replace("b1", "b2");
    let found = told(format!("Content-Type: multipart/alternative; boundary=b1\r\n{lost}"));
    assert_eq!((found.what, found.certainty), (What::Reframed, Certainty::Proven));
}

#[test]
fn white_space_in_simple_bodies() {
    let signer = Signer { body: Simple, ..Signer::new(TestKey::Rsa1024, Relaxed) };
    let signed = signer.h(H).sign(mail().as_bytes());
    let stripped = changed(&signed, "-- \r\n", "--\r\n");
    let (_, evidence) = evidence(&stripped, TestKey::Rsa1024);
    let found = evidence.body.as_ref().unwrap();
    assert_eq!((found.what, found.certainty), (What::Whitespace, Certainty::Proven));
    assert_eq!(recovered(&stripped, &evidence), BODY.as_bytes());
}

#[test]
fn signed_otherwise_than_told() {
    let body = BODY.replace("Hello Bob", "Hello  Bob");
    let signer = Signer { body: Relaxed, ..Signer::new(TestKey::Rsa1024, Simple) };
    let signed = signer.h(H).sign(format!("{HEADER}{PLAIN}\r\n{body}").as_bytes());
    let (_, evidence) = evidence(&changed(&signed, "c=simple/relaxed", "c=simple/simple"), TestKey::Rsa1024);
    let found = evidence.body.unwrap();
    assert_eq!((found.what, found.certainty), (What::SignedOtherwise, Certainty::Proven));
    assert_eq!(found.signed_as.unwrap().canonicalization, Relaxed);
}

#[test]
fn two_at_once() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).h(H).sign(mail().as_bytes());
    let list = changed(&signed, "Subject: ", "Subject: [list] ");
    let list = changed(&list, "To: Bob", "Reply-To: list@l.example\r\nTo: Bob");
    let list = [&list[..], b"____\r\nfooter\r\n"].concat();
    let (_, evidence) = evidence(&list, TestKey::Rsa1024);
    let mut fields: Vec<&str> = evidence.header.iter().filter_map(|found| found.header.as_deref()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["Reply-To", "Subject"]);
    assert!(evidence.header.iter().chain(&evidence.body).all(|found| found.certainty == Certainty::Proven));
}

#[test]
fn keys() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).h(H).sign(mail().as_bytes());
    let (_, other) = evidence(&signed, TestKey::Rsa2048);
    assert_eq!(other.key, KeyEvidence::Other);
    assert_eq!(other.header[0].certainty, Certainty::Unknown);
    let (outcome, evidence) = evidence(&changed(&signed, "Subject: P", "Subject: p"), TestKey::Rsa1024);
    assert!(matches!(evidence.key, KeyEvidence::Signed { digest, .. } if digest != outcome.header.unwrap().computed));
    // A signature with Ed25519 does not reveal what was signed, so a changed header and another key look the same.
    let signed = Signer::new(TestKey::Ed25519, Relaxed).h(H).sign(mail().as_bytes());
    let (_, changed) = self::evidence(&changed(&signed, "Subject: P", "Subject: p"), TestKey::Ed25519);
    assert_eq!(changed.key, KeyEvidence::Unknown);
}

#[test]
fn a_budget_is_kept() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).h(H).sign(multipart().as_bytes());
    let altered = changed(&changed(&signed, "shall we", "should we"), "Subject: P", "Subject: p");
    let (mut outcomes, dns) = verified(&altered, &TestKey::Rsa1024.record());
    let outcome = outcomes.pop().unwrap();
    for octets in [0, 1_000, 100_000, 10_000_000] {
        let budget = Budget { octets, hashes: 2_000 };
        let evidence = investigate(&dns, &Message::parse(&altered), &outcome, &budget);
        assert!(evidence.spent.octets <= octets && evidence.spent.hashes <= 2_000);
        assert_eq!(evidence.body.unwrap().certainty, Certainty::Unknown);
    }
}

/// Every guess at a body is a copy of it. None is made that cannot be judged, or this test would take minutes.
#[test]
fn a_spent_budget_ends_the_search() {
    let mail = format!("{HEADER}{PLAIN}\r\n{}", "x =\t y\r\n".repeat(400_000));
    let mut altered = Signer::new(TestKey::Ed25519, Simple).sign(mail.as_bytes());
    altered.splice(altered.len() - 2.., *b"!\r\n");
    let (mut outcomes, dns) = verified(&altered, &TestKey::Ed25519.record());
    let outcome = outcomes.pop().unwrap();
    for octets in [0, 4_000_000, 40_000_000] {
        let budget = Budget { octets, hashes: 60_000 };
        let evidence = investigate(&dns, &Message::parse(&altered), &outcome, &budget);
        assert!(evidence.spent.octets <= octets);
        assert_eq!(evidence.body.unwrap().certainty, Certainty::Unknown);
    }
}

/// With `l=` only the first octets count; a change in them is still found, and an addition is none.
#[test]
fn limited_bodies() {
    let signer = Signer { length: Some(40), ..Signer::new(TestKey::Rsa1024, Relaxed) };
    let signed = signer.h(H).sign(mail().as_bytes());
    let dotted = changed(&signed, "shall we", "shall  we");
    assert!(evidence(&dotted, TestKey::Rsa1024).1.body.is_none());
    let lf = changed(&signed, "Hello Bob,\r\n", "Hello Bob,\n");
    let found = evidence(&lf, TestKey::Rsa1024).1.body.unwrap();
    assert_eq!((found.what, found.certainty), (What::LineEndings, Certainty::Proven));
}

fn any_mode() -> impl proptest::strategy::Strategy<Value = Canonicalization> {
    prop::sample::select(vec![Simple, Relaxed])
}

/// RFC 6376 §3.4.4: in the relaxed form there are no spaces at the end of a line.
#[test]
fn what_the_last_line_lost_stood_before_its_spaces() {
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).h(H).sign(mail().as_bytes());
    let altered = [&signed[..signed.len() - 4], b" \t"].concat();
    let (_, evidence) = evidence(&altered, TestKey::Rsa1024);
    assert_eq!(evidence.body.as_ref().unwrap().what, What::Truncated);
    assert_eq!(Relaxed.body(&recovered(&altered, &evidence)), Relaxed.body(Message::parse(&signed).body()));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    /// What is proven is what was signed, whatever was done.
    #[test]
    fn nothing_false_is_proven(
        mode in any_mode(),
        edits in prop::collection::vec((any::<usize>(), 0..40_usize, "(\r\n|[ -~]{0,9}|\r\n--b1\r\n|<p>|\\.|\t){0,4}"), 1..4),
        html in any::<bool>(),
    ) {
        let original = if html { multipart() } else { mail() };
        let signed = Signer::new(TestKey::Rsa1024, mode).h(H).sign(original.as_bytes());
        let start = Message::parse(&signed).body_start();
        let mut altered = signed.clone();
        for (at, length, text) in edits {
            let at = start + at % (altered.len() - start + 1);
            let end = (at + length).min(altered.len());
            altered.splice(at..end, text.into_bytes());
        }
        let (outcome, evidence) = evidence(&altered, TestKey::Rsa1024);
        if let Some(found) = &evidence.body
            && found.certainty == Certainty::Proven
            && found.scope != super::Scope::RawHash
            && found.what != What::SignedOtherwise
        {
            let told = mode.body(&recovered(&altered, &evidence));
            let truth = mode.body(Message::parse(&signed).body());
            assert_eq!(String::from_utf8_lossy(&told), String::from_utf8_lossy(&truth), "{found:?}");
        }
        assert_eq!(evidence.body.is_none(), outcome.body.unwrap().matches);
    }
}
