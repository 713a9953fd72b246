//! Differences that no public case has.

use ::mail_auth::dkim::Signature;
use ::mail_auth::{ArcOutput, DkimOutput, DmarcOutput, Error, SpfOutput, SpfResult};

use super::{Explained, Reason, Verdicts, explain};
use crate::Timestamp;
use crate::dkim::testing::{Signer, TestKey, verified};
use crate::dkim::{self, Canonicalization};
use crate::dns::{Answer, Snapshot};
use crate::message::Message;
use crate::resolver::{Zone, drive_sync};
use crate::spf::Session;

/// What mail-auth reads of our signature.
fn as_theirs(ours: &dkim::Signature) -> Signature {
    Signature {
        d: "d.example".to_owned(),
        s: "s".to_owned(),
        b: ours.signature.as_ref().expect("b=").value.clone(),
        bh: ours.body_hash.as_ref().expect("bh=").value.clone(),
        ..Signature::default()
    }
}

/// A message that is signed and verifies, where mail-auth says that it does not.
fn verified_here_alone(message: &str) -> Explained {
    let key = TestKey::Ed25519;
    let signed = Signer::new(key, Canonicalization::Simple).sign(message.as_bytes());
    let (outcomes, mut dns) = verified(&signed, &key.record());
    let theirs = as_theirs(&outcomes[0].signature);
    let outputs = [DkimOutput::fail(Error::ParseError).with_signature(&theirs)];
    let verdicts = Verdicts { dkim: Some(&outputs), ..Verdicts::default() };
    let answer = |_: &_| Answer::txt([key.record().as_str()]);
    let step = |dns: &_| explain(dns, &Message::parse(&signed), None, Timestamp(0), &verdicts);
    let explained = drive_sync(&mut dns, answer, step).remove(0);
    assert_eq!((explained.theirs, explained.ours), ("fail", "pass"), "{explained}");
    explained
}

/// mail-auth leaves a copy out that it cannot read; what it says of the other is not about that one.
#[test]
fn a_damaged_copy_of_a_signature_takes_no_verdict() {
    let key = TestKey::Ed25519;
    let signed = Signer::new(key, Canonicalization::Simple).sign(b"From: a@d.example\r\n\r\nHello\r\n");
    let (outcomes, mut dns) = verified(&signed, &key.record());
    let theirs = as_theirs(&outcomes[0].signature);
    let text = String::from_utf8(signed).expect("ASCII");
    let field = text.split_once("From:").expect("a field").0;
    let both = [&field.replace("bh=", "bh=!"), text.as_str()].concat();
    let outputs = [DkimOutput::pass().with_signature(&theirs)];
    let verdicts = Verdicts { dkim: Some(&outputs), ..Verdicts::default() };
    let answer = |_: &_| Answer::txt([key.record().as_str()]);
    let step = |dns: &_| explain(dns, &Message::parse(both.as_bytes()), None, Timestamp(0), &verdicts);
    let explained = drive_sync(&mut dns, answer, step);
    let verdicts: Vec<_> = explained.iter().map(|explained| (explained.theirs, explained.ours)).collect();
    assert_eq!(verdicts, [("none", "neutral"), ("pass", "pass")]);
}

/// What DMARC comes to for a message of this From field, where mail-auth found this author.
fn dmarc_of(from: &str, author: &str) -> Explained {
    dmarc_with(from, author, "v=DMARC1; p=reject")
}

fn dmarc_with(from: &str, author: &str, record: &str) -> Explained {
    let zone = Zone::parse(&format!("_dmarc.d.example. TXT \"{record}\"")).expect("a zone");
    let text = format!("From: {from}\r\n\r\nHello\r\n");
    let theirs = DmarcOutput::new(author.to_owned());
    let verdicts = Verdicts { dmarc: Some(&theirs), ..Verdicts::default() };
    let step = |dns: &_| explain(dns, &Message::parse(text.as_bytes()), None, Timestamp(0), &verdicts);
    drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step).remove(0)
}

#[track_caller]
fn assert_reason(explained: &Explained, reason: Reason) {
    let difference = explained.difference.as_ref().map(|difference| difference.reason);
    assert_eq!(difference, Some(reason), "{explained}");
}

#[test]
fn a_line_feed_by_itself_ends_no_line() {
    let explained = verified_here_alone("From: a@d.example\r\n\r\nOne \nTwo\r\n");
    assert_reason(&explained, Reason::LineEnds);
    assert!(explained.to_string().contains("RFC 5322 §2.3"), "{explained}");
}

#[test]
fn a_line_that_is_no_field_parts_the_header_section_in_two_ways() {
    assert_reason(
        &verified_here_alone("From: a@d.example\r\nno field\r\nDate: today\r\n\r\nHi\r\n"),
        Reason::HeaderSection,
    );
    assert_reason(&verified_here_alone("From: a@d.example\r\n\r\nHi\r\n"), Reason::Unknown);
}

/// RFC 8617 §5.2 step 2: a seal says `cv=fail`, and mail-auth sees no chain where its set has no message signature.
#[test]
fn a_seal_of_a_broken_chain_in_a_set_that_lacks_something() {
    let text = "ARC-Seal: i=1; a=rsa-sha256; cv=fail; d=d.example; s=s; b=Zm9v\r\n\
                ARC-Authentication-Results: i=1; d.example; none\r\nFrom: a@d.example\r\n\r\n";
    let theirs = ArcOutput::default();
    let verdicts = Verdicts { arc: Some(&theirs), ..Verdicts::default() };
    let step = |dns: &_| explain(dns, &Message::parse(text.as_bytes()), None, Timestamp(0), &verdicts);
    let explained = drive_sync(&mut Snapshot::new(), |_| Answer::txt([]), step).remove(0);
    assert_eq!((explained.theirs, explained.ours), ("none", "fail"), "{explained}");
    assert_reason(&explained, Reason::ChainSyntax);
}

/// RFC 9989 §5.3: both need to see the same author.
#[test]
fn from_names_one_author_here_and_another_there() {
    assert_reason(&dmarc_of("a\0@d.example", ""), Reason::FromField);
    assert_reason(&dmarc_of("a\0@d.example", "e.example"), Reason::FromField);
    // An address for reports that is none: the rest of the record holds (RFC 9989 §4.7), and mail-auth refuses all of it.
    let broken = "v=DMARC1; p=reject; rua=mailto:d@d.example x";
    assert_reason(&dmarc_with("a@d.example", "d.example", broken), Reason::PolicySyntax);
    let again = "v=DMARC1; p=reject; p=MIIB";
    assert_reason(&dmarc_with("a@d.example", "d.example", again), Reason::PolicySyntax);
    // That it found the author and no policy is something else.
    assert_reason(&dmarc_of("a@d.example", "d.example"), Reason::Unknown);
}

/// RFC 7208 §4.3: without a local-part it is `postmaster`.
#[test]
fn a_mail_from_that_is_a_domain() {
    let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"").expect("a zone");
    let session = Session::new("192.0.2.1".parse().expect("an address"), "mx.e.example", "d.example");
    let theirs = SpfOutput::new("mx.e.example".to_owned()).with_result(SpfResult::None);
    let verdicts = Verdicts { spf: Some(&theirs), ..Verdicts::default() };
    let step = |dns: &_| explain(dns, &Message::parse(b""), Some(&session), Timestamp(0), &verdicts);
    let explained = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step).remove(0);
    assert_reason(&explained, Reason::Identity);
}
