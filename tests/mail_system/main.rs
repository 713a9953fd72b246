//! Real mail through real servers, and what is told of what arrives.
//!
//! In a network namespace of its own, with the addresses of 192.0.2.0/24: nsd and unbound, six Postfixes (a sender with
//! OpenDKIM, a forwarder, a forwarder with postsrsd, a mailing list with altermime, where the mail ends, and the same with
//! the filter of `examples/mta.rs`), and `check message`, which asks the resolver that the servers ask. Needs root and Linux. Without them, or with a program
//! missing, it says so and passes; with `MAILPROOF_REQUIRE_REAL_PARTS=1` it fails instead.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unused_crate_dependencies)]

use std::path::Path;

use serde_json::{Value, json};

use support::{check_program, skipped};
use world::World;

#[path = "../support/mod.rs"]
mod support;
mod world;

/// What `check` prints about a file, as data.
fn told(world: &World, command: &[&str], file: &Path) -> Value {
    let output = world.command(check_program()).arg("--json").args(command).arg(file).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

/// The root cause, who has to act, and the results of SPF, DKIM and DMARC.
fn diagnosis(report: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let verdicts: Vec<String> = list(&report["verdicts"])
        .iter()
        .filter(|verdict| verdict["method"] != "arc")
        .map(|verdict| format!("{}={}", text(&verdict["method"]), text(&verdict["result"])))
        .collect();
    let actors: Vec<String> = list(&report["advice"]).iter().map(|advice| text(&advice["actor"])).collect();
    format!("{}: {}; {}", text(&report["causes"]["primary"]["id"]), actors.join(" "), verdicts.join(" "))
}

/// Each way from a sender to jane@mailbox.example, and what has to be told of the mail that arrives.
const WAYS: [(&str, &str, &str); 8] = [
    ("news@papershop.example", "jane@mailbox.example", "no-problem: ; spf=pass dmarc=pass"),
    ("office@stationer.example", "jane@mailbox.example", "no-problem: ; spf=pass dkim=pass dmarc=pass"),
    ("news@papershop.example", "bob@fwd.example", "forwarded-without-srs: forwarder domain-owner; spf=fail dmarc=fail"),
    ("office@stationer.example", "bob@fwd.example", "no-problem: ; spf=fail dkim=pass dmarc=pass"),
    ("news@papershop.example", "bob@srs.example", "dkim-not-signed: domain-owner; spf=pass dmarc=fail"),
    ("office@stationer.example", "bob@srs.example", "no-problem: ; spf=pass dkim=pass dmarc=pass"),
    ("news@papershop.example", "parents@lists.school.example", "dkim-not-signed: domain-owner; spf=pass dmarc=fail"),
    (
        "office@stationer.example",
        "parents@lists.school.example",
        "mailing-list-modified: list-operator; spf=pass dkim=fail dmarc=fail",
    ),
];

#[test]
fn what_happened_to_real_mail_is_told() {
    let Some(world) = World::start() else {
        return skipped("a mail system needs root, ip, nsd, unbound, Postfix, postsrsd, OpenDKIM and altermime");
    };
    for (number, (from, to, expected)) in WAYS.into_iter().enumerate() {
        let mail = world.send(number, from, to, "mailbox/mail/jane");
        let report = told(&world, &["message"], &mail);
        assert_eq!(diagnosis(&report), expected, "{from} to {to}: {report:#}");
    }
    what_the_list_added_is_proven(&world);
    a_redirect_to_nowhere_comes_back(&world);
    the_filter_says_why_it_refuses(&world);
}

fn what_the_list_added_is_proven(world: &World) {
    let mail = world.send(20, "office@stationer.example", "parents@lists.school.example", "mailbox/mail/jane");
    let altered = &told(world, &["message"], &mail)["message"]["signatures"][0]["alterations"][0];
    assert_eq!((&altered["what"], &altered["certainty"]), (&json!("appended"), &json!("proven")), "{altered:#}");
    assert!(altered["difference"].to_string().contains("+ parents mailing list"), "{altered:#}");
}

/// Its bounce goes to the SRS address, and from there to the sender.
fn a_redirect_to_nowhere_comes_back(world: &World) {
    let bounce = world.send(21, "news@papershop.example", "gone@srs.example", "papershop/mail/news");
    let report = told(world, &["bounce", "--file"], &bounce);
    let reply = &report["bounce"]["replies"][0];
    assert_eq!((&reply["cause"], &reply["forwarded"]), (&json!("unknown-user"), &json!(true)), "{reply:#}");
}

/// `examples/mta.rs` on mail-auth: good mail gets its results, and the reason for refusing bad mail reaches its sender.
fn the_filter_says_why_it_refuses(world: &World) {
    let mail = world.send(22, "office@stationer.example", "ann@fwd.example", "guarded/mail/jane");
    let text = std::fs::read_to_string(mail).unwrap();
    assert!(text.contains("Authentication-Results: mx.receiver.example;"), "{text}");
    assert!(text.contains("dmarc=pass"), "{text}");

    let bounce = world.send(23, "news@papershop.example", "ann@fwd.example", "papershop/mail/news");
    let report = told(world, &["bounce", "--file"], &bounce);
    let reply = &report["bounce"]["replies"][0];
    assert_eq!((&reply["cause"], &reply["actor"]), (&json!("dmarc"), &json!("domain-owner")), "{reply:#}");
    let said = reply["reply"]["text"].as_str().unwrap();
    assert!(
        said.contains("DMARC fails for papershop.example: MAIL FROM papershop.example is the From domain itself"),
        "{said}"
    );
}
