//! The answers to whole questions, and what they look like.

use std::hint::black_box;

use mailproof::dns::Snapshot;
use mailproof::domain;
use mailproof::report::{Input, MessageInput, Report, SpfInput};
use mailproof::resolver::Zone;

use super::mail::{NOW, footer};
use super::{Cases, Work};
use crate::support::{bytes, complete, example_zone, zone};

pub fn add(cases: &mut Cases) {
    let shop = example_zone("newsletter.zone");
    let domain = Input::Domain(domain::Input::new("papershop.example").selector("s1".parse().expect("a name")));
    let spf = Input::Spf(SpfInput::new(
        "203.0.113.200".parse().expect("an address"),
        "mail.nested.example",
        "alice@nested.example",
    ));
    let mail = bytes("mail/5k-rsa2048.eml");
    let mut footed = mail.clone();
    footer(&mut footed);
    let message = |mail: &[u8]| Input::Message(Box::new(MessageInput::new(mail, NOW)));
    answer(cases, "domain", &shop, domain);
    answer(cases, "spf", &zone(), spf);
    answer(cases, "message", &zone(), message(&mail));
    answer(cases, "message-footer", &zone(), message(&footed));
}

/// A question asked of a snapshot that has been filled, and its report as text and as JSON.
fn answer(cases: &mut Cases, name: &str, zone: &Zone, input: Input) {
    let snapshot = complete(zone, |dns| input.check(dns));
    let asked = input.clone();
    let report: Report = input.check(&snapshot).done().expect("a complete snapshot");
    cases.add(
        format!("answer/{name}"),
        Work::fresh(move || (snapshot.clone(), asked.clone()), |(dns, asked): &mut (Snapshot, Input)| asked.check(dns)),
    );
    let told = report.clone();
    cases.same(format!("report/{name}/text"), move || black_box(&told).to_string());
    cases.same(format!("report/{name}/json"), move || serde_json::to_string(black_box(&report)));
}
