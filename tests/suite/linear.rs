//! Costs grow with the length of a text and no faster: the same piece some thousand times, in each kind of record, and in a message.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use mailproof::Timestamp;
use mailproof::bounce::Dsn;
use mailproof::dkim::{
    self,
    forensics::{Budget, What, investigate},
};
use mailproof::dns::{Answer, Lookup, Snapshot};
use mailproof::message::diagnose::{Connection, Input, Recipient};
use mailproof::message::{LintOptions, Message, diagnose, lint};
use mailproof::report::{Kind, RecordInput};
use mailproof::resolver::drive_sync;
use mailproof::text::Source;

/// Octets of a text. What takes their square of steps is found where a step costs a microsecond or more.
const OCTETS: usize = 8_000;
/// Time of the processor, far above what a build without optimisation needs.
const LIMIT: Duration = Duration::from_millis(1_500);

/// The time this thread has had, where the system tells it: other work on the machine does not count then.
#[allow(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", "\t", "\u{a0} ", ";", "; ", ", ", "=", "p=x;", "p=none ", "a.", ".", "-", "\"", "\" \"", "\\", "&#59;", "<br>", "%", "%{i}",
    "ip4:192.0.2.1 ", "ip4:192.0.2.1/33 ", "ip4 ", "include:a ", "a mx ", "all ", "v=spf1 ", "mailto:a@d.example,", "mailto:a@d.example!",
    "!", "@", "rua=", "é", "\u{201c}", "(", "TXT ", "\r\n ", "\n ", "mx: a.example\n", "0", "a:b ", "//", "h=sha256:", "From:", "From|", "*.",
    "\u{200b}", "=3D", "a b",
];

fn within(what: &str, piece: &str, run: impl FnOnce()) {
    let started = time();
    run();
    let took = time().saturating_sub(started);
    assert!(took < LIMIT, "{what} and {piece:?} again and again: {took:?}");
}

#[test]
fn records() {
    for (kind, head) in [
        (Kind::Spf, "v=spf1 "),
        (Kind::Spf, "v=spf1 exists:"),
        (Kind::Dmarc, "v=DMARC1; p=x"),
        (Kind::Dmarc, "v=DMARC1; p=none; rua=mailto:a@d.example"),
        (Kind::DkimKey, "v=DKIM1; p="),
        (Kind::DkimSignature, "v=1; a=rsa-sha256; d=d.example; s=s; h="),
        (Kind::DkimSignature, "v=1; z="),
        (Kind::MtaSts, "version: STSv1\nmode: enforce\nmx: "),
        (Kind::TlsRpt, "v=TLSRPTv1; rua="),
        (Kind::Bimi, "v=BIMI1; l="),
    ] {
        for piece in PIECES {
            let mut input = RecordInput::new("");
            input.text = Source::new(&format!("{head}{}y", piece.repeat(OCTETS / piece.len())));
            input.kind = Some(kind);
            within(head, piece, || drop(input.report()));
        }
    }
}

/// Addresses that differ, behind a version and as values.
#[test]
fn many_addresses() {
    for (kind, head, tail) in [
        (Kind::TlsRpt, "v=TLSRPTv1 ", "@b.c "),
        (Kind::TlsRpt, "v=tlsrptv1; rua=", ".a/,"),
        (Kind::Bimi, "v=bimi1; l=; x=", ".a/,"),
    ] {
        let addresses: String = (0..8 * OCTETS / (tail.len() + 4)).map(|n| format!("a{n}{tail}")).collect();
        let mut input = RecordInput::new("");
        input.text = Source::new(&format!("{head}{addresses}"));
        input.kind = Some(kind);
        within(head, tail, || drop(input.report()));
    }
}

/// Fields that tell of many things, above and below the one at which the message came in.
#[test]
fn authentication_results() {
    let field = |n: usize| {
        let result = |m: usize| format!(" dkim=pass header.d=d{m}.example;\r\n");
        let results: String = (200 * n..200 * (n + 1)).map(result).collect();
        format!("Authentication-Results: mx.d.example;\r\n{results} auth=none\r\n")
    };
    let above: String = (0..24).map(field).collect();
    let below: String = (24..48).map(field).collect();
    let received =
        "Received: from a.example (a.example [192.0.2.1]) by mx.d.example; Mon, 2 Nov 2026 10:00:00 +0000\r\n";
    let mail = format!("{above}{received}{below}From: a@d.example\r\n\r\n.\r\n");
    within("a message", "dkim=pass", || {
        lint(&Message::parse(mail.as_bytes()), &LintOptions::default());
    });
}

/// Two parts in base64 after a signature that fits nothing: text may have been added to each of them.
#[test]
fn text_added_to_two_parts() {
    let part = |lines: usize| {
        let content = format!("{}\r\n", "YWEK".repeat(19)).repeat(lines);
        format!("--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}")
    };
    let mail = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s; h=from; b=Zm9v;\r\n \
         bh=eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\r\nFrom: a@d.example\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n{}{}--b--\r\n",
        part(4),
        part(OCTETS / 2)
    );
    let (message, mut dns) = (Message::parse(mail.as_bytes()), Snapshot::new());
    let verify = |dns: &Snapshot| dkim::verify(dns, &message, Timestamp(0));
    let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), verify);
    within("a message", "YWEK", || {
        let found = investigate(&dns, &message, &outcomes[0], &Budget::default());
        assert_eq!(found.body.unwrap().what, What::Unknown);
    });
}

/// Notices that tell the same of each of many recipients: in words below the list, line by line, and of all again and again.
#[test]
fn recipients_of_a_bounce() {
    let names: Vec<String> = (0..1_000).map(|n| format!("r{n}@d.example")).collect();
    let (list, line) = (names.join("\n"), names.join(" "));
    let words = "something failed somehow\n".repeat(80);
    let again = format!("{line}\n{words}").repeat(50);
    for (what, told) in [
        ("words", format!("{list}\n{words}\n550 5.9.9 refused\n")),
        ("lines", format!("{list}\n{}\n550 5.9.9 refused\n", "a\n".repeat(OCTETS))),
        ("names", format!("{again}\n550 5.9.9 refused\n")),
    ] {
        let head = format!("From: MAILER-DAEMON@x.example\nX-Failed-Recipients: {}\n\n", names.join(",\n "));
        within("a bounce", what, || {
            let dsn = Dsn::parse(format!("{head}{told}").as_bytes()).unwrap();
            assert_eq!(dsn.bounces().len(), 1_000);
        });
    }
    // What nobody will read is not looked at: each recipient gets so many words and no more.
    let headings = format!("unknown user:\n{}\nsomething\n", names[0]).repeat(2 * OCTETS);
    let notice = format!("From: MAILER-DAEMON@x.example\nX-Failed-Recipients: {}\n\n{headings}", names[0]);
    within("a bounce", "a heading", || assert_eq!(Dsn::parse(notice.as_bytes()).unwrap().bounces().len(), 1));
    // Where the message had come to is one address for all.
    let status: String = names.iter().map(|name| format!("Final-Recipient: rfc822; {name}\n\n")).collect();
    let reached = "x".repeat(2_500 * OCTETS);
    let notice = format!(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; d.example\n\n{status}--b\nContent-Type: text/rfc822-headers\n\nDelivered-To: {reached}@d.example\n--b--\n"
    );
    within("a bounce", "Delivered-To", || assert_eq!(Dsn::parse(notice.as_bytes()).unwrap().bounces().len(), 1_000));
}

/// Fields, addresses, words and parts that are all looked at, however many there are.
#[test]
fn what_has_no_limit_of_its_own() {
    let many = |piece: &str, octets: usize| piece.repeat(octets / piece.len());
    for (field, body) in [
        ("From: a@d.example\r\n", String::new()),
        ("Delivered-To: bob@r.example\r\n", String::new()),
        ("Received: from a (a [192.0.2.1]) by b.example; x\r\n", String::new()),
        ("", format!("From: {}<a@d.example>\r\n", many("=?a?q?", 8 * OCTETS))),
        ("", format!("From: {}<a@d.example>\r\n", many("=?a?q?x?= ", 8 * OCTETS))),
        ("", format!("Subject: x\r\n{}", many(" \r\n", 8 * OCTETS))),
        ("", format!("Subject: x\r\n{}", many("  \t   ", 8 * OCTETS))),
        ("", format!("To: x@x.example{}\r\n", many(",\r\n y@y.example", 8 * OCTETS))),
        ("", format!("References: {}\r\nAuto-Submitted: auto-replied\r\n", many("<a@b.example>\r\n ", 8 * OCTETS))),
    ] {
        let mail = format!("{}{body}From: a@d.example\r\n\r\n.\r\n", field.repeat(400));
        let mut recipient = Recipient::new("bob@r.example");
        recipient.sent_message_ids = Some((0..OCTETS).map(|n| format!("<{n}@r.example>")).collect());
        recipient.aliases = (0..OCTETS).map(|n| format!("a{n}@r.example")).collect();
        let client = Connection::new("192.0.2.9".parse().unwrap(), "a.example", "a@d.example").to("bob@r.example");
        let input = Input::new(mail.as_bytes(), Timestamp(0)).connection(client).recipient(recipient);
        let nothing = || Answer::new(Lookup::NoData);
        within("a message", if field.is_empty() { &body[..20] } else { field }, || {
            drop(drive_sync(&mut Snapshot::new(), |_| nothing(), |dns| diagnose(dns, &input)));
        });
    }
    let parts = many("--b\nContent-Type: text/plain\n\nx\n", 40 * OCTETS);
    let mail = format!("From: MAILER-DAEMON@x.example\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n");
    within("a bounce", "a part", || drop(Dsn::parse(mail.as_bytes())));
}
