//! Signatures, seals, what was changed on the way; and senders rewritten.

use std::hint::black_box;
use std::rc::Rc;

use mailproof::dkim::{self, DkimResult, forensics};
use mailproof::dns::Snapshot;
use mailproof::message::Message;
use mailproof::srs::{Secret, Srs};
use mailproof::{Name, Timestamp};

use super::Cases;
use crate::support::peer::{Keeps, Peer};
use crate::support::{bytes, complete, large, zone};

/// When the messages of the benches came.
pub const NOW: Timestamp = Timestamp(1_795_300_000);

fn keys(message: &[u8]) -> Snapshot {
    complete(&zone(), |dns| dkim::verify(dns, &Message::parse(message), NOW))
}

pub fn verify(cases: &mut Cases) {
    for name in ["5k-rsa2048", "5k-ed25519", "1m-rsa2048", "1m-ed25519"] {
        let file = format!("mail/{name}.eml");
        let Some(mail) = (if name.starts_with("1m") { large(&file) } else { Some(bytes(&file)) }) else { continue };
        let dns = keys(&mail);
        let outcomes = dkim::verify(&dns, &Message::parse(&mail), NOW).done().expect("a complete snapshot");
        assert!(outcomes.iter().all(|outcome| outcome.result == DkimResult::Pass), "{name}");
        let peer = Peer::new(&dns, Keeps::Parsed);
        assert!(peer.dkim(&mail), "{name}");
        let theirs = mail.clone();
        cases
            .same(format!("verify/dkim/{name}"), move || dkim::verify(&dns, &Message::parse(black_box(&mail)), NOW))
            .beside(move || peer.dkim(black_box(&theirs)));
    }
    let chain = super::growth::sealed(3);
    let dns = super::growth::sealers();
    let peer = Peer::new(&dns, Keeps::Parsed);
    assert!(peer.arc(&chain));
    let (dns, peer) = (Rc::new(dns), Rc::new(peer));
    let (ours, answers) = (chain.clone(), dns.clone());
    let (theirs, their_answers) = (chain.clone(), peer.clone());
    cases
        .same("verify/arc/3-sets", move || mailproof::arc::verdict(&answers, &Message::parse(black_box(&ours)), NOW))
        .beside(move || their_answers.arc(black_box(&theirs)));
    // With the message signatures of older sets, which tell who changed the message and mail-auth leaves out.
    let theirs = chain.clone();
    cases
        .same("verify/arc/3-sets-traced", move || mailproof::arc::verify(&dns, &Message::parse(black_box(&chain)), NOW))
        .beside(move || peer.arc(black_box(&theirs)));
}

pub fn forensics(cases: &mut Cases) {
    // What a list does, and the dearest search: nothing that is tried gives the signer's hashes.
    let mail = || bytes("mail/5k-rsa2048.eml");
    let (mut listed, mut damaged) = (mail(), mail());
    footer(&mut listed);
    damage(&mut damaged);
    for (name, mail) in [("footer", listed), ("nothing-found", damaged)] {
        let dns = keys(&mail);
        let outcomes = dkim::verify(&dns, &Message::parse(&mail), NOW).done().expect("a complete snapshot");
        let budget = forensics::Budget::default();
        cases.same(format!("forensics/{name}"), move || {
            forensics::investigate(&dns, &Message::parse(&mail), black_box(&outcomes[0]), &budget)
        });
    }
}

/// A footer at the end of the body.
pub fn footer(mail: &mut Vec<u8>) {
    mail.extend_from_slice(
        b"_______________________________________________\r\nClub mailing list\r\nclub@lists.example\r\n",
    );
}

/// A letter changed in the middle of the body and one in the Subject.
fn damage(mail: &mut [u8]) {
    let body = Message::parse(mail).body_start();
    let middle = body + (mail.len() - body) / 2;
    mail[middle] ^= 1;
    let subject = memchr::memmem::find(mail, b"Subject:  Q").expect("a subject");
    mail[subject + 12] = b'x';
}

pub fn srs(cases: &mut Cases) {
    let srs = || Srs::new(Secret::new(b"tops3cr3t"));
    let now = Timestamp(1_700_000_000);
    let own: Name = "fwd.example".parse().expect("a name");
    for (name, sender) in
        [("forward", "alice@example.com"), ("forward-again", "SRS0=PGkz=G3=example.com=alice@first.example")]
    {
        let (srs, own) = (srs(), own.clone());
        cases.same(format!("srs/{name}"), move || srs.forward(black_box(sender), &own, now));
    }
    let srs = srs();
    cases.same("srs/reverse", move || srs.reverse(black_box("SRS0=PGkz=G3=example.com=alice@fwd.example"), now));
}
