//! Fields that were changed.

use super::*;

/// What it is called, the text that is replaced and by what, the field, what should be found, its signed value.
type HeaderChange = (&'static str, &'static str, &'static str, &'static str, What, Option<&'static str>);

/// Changes of the header: the field, what must be said, and its signed value.
fn header_changes() -> Vec<HeaderChange> {
    use What::{HeaderAdded, HeaderChanged, HeaderRefolded, HeaderRemoved};
    vec![
        ("subject tag", "Subject: ", "Subject: [list] ", "Subject", HeaderChanged, Some("Plans for Monday")),
        ("spam mark", "Subject: ", "Subject: ***SPAM*** ", "Subject", HeaderChanged, Some("Plans for Monday")),
        ("external", "Subject: ", "Subject: [EXTERNAL] EXT: ", "Subject", HeaderChanged, Some("Plans for Monday")),
        (
            "quotes",
            "Alice Example <",
            "\"Alice Example\" <",
            "From",
            HeaderChanged,
            Some("Alice Example <alice@d.example>"),
        ),
        (
            "from munged",
            "From: Alice Example <alice@d.example>",
            "From: Alice Example via List <list@l.example>\r\nX-Original-From: alice@d.example",
            "From",
            HeaderChanged,
            Some("Alice Example <alice@d.example>"),
        ),
        ("zone", "12:00:05 +0100", "11:00:05 +0000", "Date", HeaderChanged, Some("Sat, 21 Nov 2026 12:00:05 +0100")),
        ("reply-to added", "To: Bob", "Reply-To: list@l.example\r\nTo: Bob", "Reply-To", HeaderAdded, None),
        ("second subject", "Date: ", "Subject: other\r\nDate: ", "Subject", HeaderAdded, None),
        (
            "charset quoted",
            "charset=utf-8",
            "charset=\"utf-8\"",
            "Content-Type",
            HeaderChanged,
            Some("text/plain; charset=utf-8"),
        ),
        (
            "encoding",
            "Encoding: 8bit",
            "Encoding: quoted-printable",
            "Content-Transfer-Encoding",
            HeaderChanged,
            Some("8bit"),
        ),
        ("mime-version gone", "MIME-Version: 1.0\r\n", "", "mime-version", HeaderRemoved, Some("1.0")),
        (
            "message-id replaced",
            "Message-ID: <1@d.example>",
            "Message-ID: <2@r.example>\r\nX-Original-Message-ID: <1@d.example>",
            "Message-ID",
            HeaderChanged,
            Some("<1@d.example>"),
        ),
        ("folded inside", "<bob@r.example>", "< bob@r.example>", "To", HeaderRefolded, Some("Bob <bob@r.example>")),
        (
            "lower case",
            "<alice@d.example>",
            "<ALICE@D.EXAMPLE>",
            "From",
            HeaderChanged,
            Some("Alice Example <alice@d.example>"),
        ),
    ]
}

#[test]
fn headers() {
    for (name, from, to, field, what, original) in header_changes() {
        for key in [TestKey::Rsa1024, TestKey::Ed25519] {
            let signed = Signer::new(key, Relaxed).h(H).sign(mail().as_bytes());
            let (outcome, evidence) = evidence(&changed(&signed, from, to), key);
            assert!(!outcome.header.unwrap().verified, "{name}");
            let found = &evidence.header[0];
            let told = found.original.as_ref().map(|value| String::from_utf8(value.clone()).unwrap());
            assert_eq!((found.part, found.certainty), (Part::Header, Certainty::Proven), "{name} {key:?}");
            assert_eq!((found.header.as_deref(), found.what), (Some(field), what), "{name}");
            assert_eq!(told.as_deref(), original, "{name}");
        }
    }
}

#[test]
fn refolded_in_simple_form() {
    let subject = "Subject: Plans for Monday and for some other days of the week that\r\n follows, and the next";
    let original = mail().replace("Subject: Plans for Monday", subject);
    for refolded in [
        subject.replace("\r\n ", "\r\n\t"),
        subject.replace("\r\n ", " "),
        subject.replace("days of", "days\r\n of").replace("that\r\n ", "that "),
    ] {
        let signed = Signer::new(TestKey::Rsa1024, Simple).h(H).sign(original.as_bytes());
        let (_, evidence) = evidence(&changed(&signed, subject, &refolded), TestKey::Rsa1024);
        let found = &evidence.header[0];
        assert_eq!((found.what, found.certainty), (What::HeaderRefolded, Certainty::Proven), "{refolded:?}");
    }
}
