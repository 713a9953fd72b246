//! All rules about one text, from its octets to its findings.

use std::hint::black_box;

use mailproof::message::{self, Message};
use mailproof::text::Source;
use mailproof::{dkim, dmarc, spf};

use super::Cases;
use crate::support::{bytes, input};

/// A record with a dozen of the usual mistakes.
const BROKEN: &str =
    "v=spf1 ipv4:192.0.2.1, mx:mail.example.com ip4:192.0.2.0/33 ptr include=_spf.example.net ?all -al;";

pub fn add(cases: &mut Cases) {
    for name in ["short", "long20", "macro"] {
        let text = input(&format!("spf/{name}.txt"));
        cases.same(format!("lint/spf/{name}"), move || spf::lint(&spf::Record::parse(black_box(&text))));
    }
    let text = "v=spf1 ip4:192.0.2.0/24 include:_spf.example.net mx -all";
    cases.same("lint/spf/usual", move || spf::lint(&spf::Record::parse(black_box(text))));
    cases.same("lint/spf/broken", move || spf::lint_text(&Source::new(black_box(BROKEN))));
    let text = input("dmarc/record.txt");
    cases.same("lint/dmarc/all-tags", move || dmarc::lint(&dmarc::Record::parse(black_box(text.as_str()))));
    let text = "v=DMARC1; p=reject; rua=mailto:dmarc@example.org";
    cases.same("lint/dmarc/usual", move || dmarc::lint(&dmarc::Record::parse(black_box(text))));
    for name in ["rsa2048", "ed25519"] {
        let source = Source::new(&input(&format!("dkim/key-{name}.txt")));
        cases.same(format!("lint/dkim-key/{name}"), move || dkim::lint_key(black_box(&source)));
    }
    let source = Source::new(&input("dkim/sig-header.txt"));
    let facts = dkim::SignatureFacts::default();
    cases.same("lint/dkim-signature", move || dkim::lint_signature(black_box(&source), &facts));
    let mail = bytes("mail/5k-rsa2048.eml");
    let options = message::LintOptions::default();
    cases.same("lint/message/5k", move || message::lint(&Message::parse(black_box(&mail)), &options));
}
