//! Footers in parts whose text is encoded.

use super::*;
use crate::dkim::forensics::coding::{Habit, encode_base64, encode_quoted_printable};

const HTML: &str = "<html><body>\r\n<p>Hello Bob,</p><p>shall we meet, près du café?</p>\r\n</body></html>\r\n";
const FOOTER: &str = "____\r\nlist@l.example\r\n";
const HTML_FOOTER: &str = "<hr><p>list@l.example</p></body>";

fn part(kind: &str, encoding: &str, content: &str) -> String {
    format!(
        "--b1\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{content}"
    )
}

fn coded(kind: &str, text: &str, width: usize) -> String {
    part(kind, "base64", &String::from_utf8(encode_base64(text.as_bytes(), width)).unwrap())
}

fn of_parts(parts: &[String]) -> String {
    format!("{HEADER}Content-Type: multipart/mixed; boundary=b1\r\n\r\n{}--b1--\r\n", parts.concat())
}

fn single(kind: &str, text: &str, width: usize) -> String {
    let content = String::from_utf8(encode_base64(text.as_bytes(), width)).unwrap();
    format!("{HEADER}Content-Type: text/{kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}")
}

fn quoted(text: &str) -> String {
    let habit = Habit { width: 76, careful: false, upper: true };
    String::from_utf8(encode_quoted_printable(text.as_bytes(), habit)).unwrap()
}

fn with_footer(text: &str) -> String {
    format!("{text}{FOOTER}")
}

fn html_with_footer() -> String {
    HTML.replace("</body>", HTML_FOOTER)
}

/// `signed` is sent, and the body of `received` arrives.
fn found(signed: &str, received: &str, what: What, name: &str) -> Evidence {
    let mut last = None;
    for body in [Relaxed, Simple] {
        let signer = Signer { body, ..Signer::new(TestKey::Rsa1024, Relaxed) };
        let mail = signer.h("from:to:subject:date").sign(signed.as_bytes());
        let start = Message::parse(&mail).body_start();
        let altered = [&mail[..start], Message::parse(received.as_bytes()).body()].concat();
        let (_, evidence) = evidence(&altered, TestKey::Rsa1024);
        let found = evidence.body.as_ref().unwrap();
        assert_eq!((found.what, found.certainty), (what, Certainty::Proven), "{name} {body:?}");
        let told = body.body(&recovered(&altered, &evidence));
        let truth = body.body(&mail[start..]);
        assert_eq!(String::from_utf8_lossy(&told), String::from_utf8_lossy(&truth), "{name} {body:?}");
        last = Some(evidence);
    }
    last.unwrap()
}

#[test]
fn footers_in_one_part() {
    let other = || "--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n".to_owned();
    let of = |part: String| of_parts(&[part, other()]);
    let longer = of(coded("plain", &with_footer(BODY), 76));
    let longer_html = of(coded("html", &html_with_footer(), 76));
    for (name, signed, received) in [
        ("of the same lines", of(coded("plain", BODY, 76)), of(coded("plain", &format!("{BODY}____\nlist\n"), 76))),
        ("of other lines", of(coded("plain", BODY.trim_end(), 64)), longer.clone()),
        ("from 8bit", of(part("plain", "8bit", BODY)), longer.clone()),
        ("from quoted-printable", of(part("plain", "quoted-printable", &quoted(BODY))), longer),
        ("in HTML", of(coded("html", HTML, 76)), longer_html.clone()),
        ("in HTML of other lines", of(coded("html", HTML, 72)), longer_html.clone()),
        ("in HTML from 8bit", of(part("html", "8bit", HTML)), longer_html.clone()),
        ("in HTML from quoted-printable", of(part("html", "quoted-printable", &quoted(HTML))), longer_html),
        ("behind the HTML", of(coded("html", HTML, 76)), of(coded("html", &format!("{HTML}<p>list</p>"), 76))),
    ] {
        found(&signed, &received, What::Inserted, name);
    }
}

#[test]
fn footers_in_a_body() {
    let footer = |text: &str, width| single("plain", &format!("{text}\n____\nlist\n"), width);
    found(&single("plain", BODY, 72), &footer(BODY, 76), What::Appended, "plain");
    found(&single("html", HTML, 76), &single("html", &html_with_footer(), 76), What::Appended, "HTML");
}

/// As a list does that adds to a text and to its HTML form.
#[test]
fn footers_in_two_parts() {
    let both = |text: &str, html: &str, width| of_parts(&[coded("plain", text, width), coded("html", html, width)]);
    let received = both(&with_footer(BODY), &html_with_footer(), 76);
    let plain = |encoding: &str, text: &str, html: &str| {
        of_parts(&[part("plain", encoding, text), part("html", encoding, html)])
    };
    for (name, signed) in [
        ("base64", both(BODY, HTML, 76)),
        ("other lines", both(BODY, HTML, 72)),
        ("8bit", plain("8bit", BODY, HTML)),
        ("quoted-printable", plain("quoted-printable", &quoted(BODY), &quoted(HTML))),
    ] {
        let evidence = found(&signed, &received, What::Inserted, name);
        assert_eq!(evidence.body.unwrap().edits.len(), 2, "{name}");
    }
}

/// One long line of text, and as many parts as are looked at: bounded by the budget, or this would take minutes.
#[test]
fn hostile_parts_take_what_the_budget_gives() {
    let long = coded("html", &"<p>x".repeat(100_000), 76);
    let signed = Signer::new(TestKey::Rsa1024, Relaxed).sign(of_parts(&vec![long; 9]).as_bytes());
    let altered = changed(&signed, "base64\r\n\r\nP", "base64\r\n\r\nQ");
    let (_, evidence) = evidence(&altered, TestKey::Rsa1024);
    assert_eq!(evidence.body.unwrap().certainty, Certainty::Unknown);
}
