//! Bodies that were changed after they were signed.

use super::{MAIL, cause, esp, signed};
use crate::cause::Cause;
use crate::dkim::Canonicalization::Relaxed;
use crate::dkim::testing::{Signer, TestKey};

#[test]
fn content_behind_l() {
    let partly = Signer { length: Some(7), ..Signer::new(TestKey::Rsa2048, Relaxed) };
    let mail = String::from_utf8(partly.sign(MAIL.as_bytes())).unwrap() + "ad\r\n";
    cause("", &mail, esp(), Cause::DkimPartialBody);
    cause("", mail.strip_suffix("ad\r\n").unwrap(), esp(), Cause::NoProblem);
}

#[test]
fn an_insertion_at_the_end_of_a_part_is_a_footer() {
    let head = MAIL.replace("\r\n\r\nHello\r\n", "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    let mail = signed(&format!("{head}--b\r\n\r\nHello\r\n--b--\r\n"));
    cause(
        "",
        &mail.replace("Hello\r\n", "Hello\r\nThis mail is confidential\r\n"),
        esp(),
        Cause::DkimBodyModifiedFooter,
    );
    cause(
        "",
        &mail.replace("Hello\r\n", "This mail is from outside\r\nHello\r\n"),
        esp(),
        Cause::DkimBodyModifiedBanner,
    );
    let part = "--b\r\n\r\nThis mail is from outside\r\n";
    cause("", &mail.replacen("--b\r\n", &format!("{part}--b\r\n"), 1), esp(), Cause::DkimBodyModifiedBanner);
    cause("", &mail.replacen("--b--", &format!("{part}--b--"), 1), esp(), Cause::DkimBodyModifiedFooter);
}

#[test]
fn what_was_added_but_cannot_be_seen_is_no_banner() {
    let mail = signed(&MAIL.replace("Hello\r\n", "Hello\r\n\r\nBye\r\n"));
    for (from, to) in [("\r\n\r\nHello", "\r\n\r\n\r\nHello"), ("\r\n\r\nBye", "\r\n\r\n\r\nBye")] {
        cause("", &mail.replacen(from, to, 1), esp(), Cause::DkimBodyWhitespaceChanged);
    }
}

/// It is not the end of the body that is missing.
#[test]
fn what_was_lost_at_the_start_of_a_line_or_of_the_body() {
    let dotted = signed(&MAIL.replace("Hello\r\n", "Hello\r\n.profile\r\nBye\r\n"));
    let found = cause("", &dotted.replace(".profile", "profile"), esp(), Cause::DkimBodyWhitespaceChanged);
    assert!(found.primary.told.contains("one octet was lost"), "{}", found.primary.told);
    let head = MAIL.replace("\r\n\r\nHello\r\n", "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    let preamble = "This is a multi-part message in MIME format.\r\n";
    let mail = signed(&format!("{head}{preamble}--b\r\n\r\nHello\r\n--b--\r\n"));
    let found = cause("", &mail.replace(preamble, ""), esp(), Cause::DkimBodyContentChanged);
    assert!(found.primary.told.contains("46 octets were lost"), "{}", found.primary.told);
}

#[test]
fn a_body_that_stops_in_the_middle_was_cut() {
    let long = format!("{}{}", MAIL, "One more line of it\r\n".repeat(20));
    let mail = signed(&long);
    cause("", &mail[..mail.len() - 100], esp(), Cause::DkimBodyTruncated);
    let head = MAIL.replace("\r\n\r\nHello\r\n", "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    let mail = signed(&format!("{head}--b\r\n\r\nHello\r\n\r\nBye\r\n--b\r\n\r\nx\r\n--b--\r\n"));
    cause("", mail.split("\r\nBye").next().unwrap(), esp(), Cause::DkimBodyTruncated);
    let html = "\r\nContent-Type: text/html\r\n\r\n<html><p>Hello</p>\r\n<p>Bye</p>\r\n</html>\r\n";
    let mail = signed(&MAIL.replace("\r\n\r\nHello\r\n", html));
    cause("", mail.split("<p>Bye").next().unwrap(), esp(), Cause::DkimBodyTruncated);
}
