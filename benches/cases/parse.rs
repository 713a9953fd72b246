//! Reading records and signatures.

use std::hint::black_box;

use mail_auth::AuthenticatedMessage;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mailproof::message::Message;
use mailproof::text::Source;
use mailproof::{dkim, dmarc, spf};

use super::Cases;
use crate::support::{bytes, input};

pub fn add(cases: &mut Cases) {
    for name in ["short", "long20", "macro"] {
        let text = input(&format!("spf/{name}.txt"));
        assert_eq!(spf::Record::parse(&text).errors().next(), None, "{name}");
        let theirs = text.clone();
        cases
            .same(format!("parse/spf/{name}"), move || spf::Record::parse(black_box(&text)))
            .beside(move || mail_auth::spf::Spf::parse(black_box(theirs.as_bytes())));
    }
    let text = input("dmarc/record.txt");
    assert!(dmarc::Record::parse(text.as_str()).is_dmarc());
    let theirs = text.clone();
    cases
        .same("parse/dmarc", move || dmarc::Record::parse(black_box(text.as_str())))
        .beside(move || Dmarc::parse(black_box(theirs.as_bytes())));
    // What a resolver hands over is a `Source`, and is shared.
    for name in ["rsa2048", "ed25519"] {
        let text = input(&format!("dkim/key-{name}.txt"));
        let source = Source::new(&text);
        assert!(dkim::Key::parse(&source).is_usable(), "{name}");
        cases
            .same(format!("parse/dkim-key/{name}"), move || dkim::Key::parse(black_box(&source)))
            .beside(move || DomainKey::parse(black_box(text.as_bytes())));
    }
    let text = input("dkim/sig-header.txt");
    let source = Source::new(&text);
    assert!(dkim::Signature::parse(&source).is_usable());
    cases
        .same("parse/dkim-signature", move || dkim::Signature::parse(black_box(&source)))
        .beside(move || mail_auth::dkim::Signature::parse(black_box(text.as_bytes())));
    let message = bytes("mail/5k-rsa2048.eml");
    let theirs = message.clone();
    cases
        .same("parse/message/5k", move || Message::parse(black_box(&message)).fields().len())
        .beside(move || AuthenticatedMessage::parse(black_box(&theirs)).map(|message| message.headers.len()));
}
