//! A corpus of altered signed messages: every kind of alteration of every message that it fits, signed in each mode
//! by RSA and Ed25519, and what [`mailproof::dkim::forensics`] makes of it.
//!
//! Nothing may be called proven that is not what was signed. How much is recovered stands in the README, and is
//! compared with it.
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unreachable_pub, unused_crate_dependencies)]

mod alter;
mod codec;
mod dkimpy;
mod judge;
mod mail;
mod messages;
mod opendkim;
mod public;
#[path = "../../src/shared.rs"]
mod shared;
mod sign;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use alter::Kind;
use judge::{Verdict, judge, judge_key};
use mail::Mail;
use sign::{ALIKE, Key, MIXED, Modes};
use table::Table;

/// Runs `work` for each job on all processors.
fn spread<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(jobs.len()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(job);
                    results.lock().expect("no panic here").push(result);
                }
            });
        }
    });
    results.into_inner().expect("no panic here")
}

/// A signed message and what was made of it.
struct Case<'c> {
    kind: (usize, &'static str),
    way: usize,
    message: &'static str,
    key: Key,
    signer: &'c str,
    signed: &'c Mail,
    altered: Mail,
}

/// A message as somebody signed it.
struct Signed {
    message: &'static str,
    signer: String,
    key: Key,
    mail: Mail,
}

fn signed_here() -> Vec<Signed> {
    let mut out = Vec::new();
    for (message, mail) in messages::all() {
        for key in Key::ALL {
            for modes in ALIKE {
                let signer = format!("{:?} {}/{}", key, modes.0.as_str(), modes.1.as_str());
                out.push(Signed { message, signer, key, mail: sign::own(&mail, key, modes, None) });
            }
        }
    }
    out
}

/// Messages of each way; with more the figures hardly change.
const MESSAGES: usize = 3;

fn cases<'c>(kinds: &[Kind], signed: &'c [Signed], messages: usize) -> Vec<Case<'c>> {
    let mut out = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        for (way, alter) in kind.ways.iter().enumerate() {
            let mut names: Vec<&str> = Vec::new();
            // Not always the same messages first.
            let start = signed.len() / 10 * ((number + way) % 10);
            for one in signed[start..].iter().chain(&signed[..start]) {
                let known = names.contains(&one.message);
                if !known && names.len() == messages {
                    continue;
                }
                let Some(altered) = alter(&one.mail) else { continue };
                if !known {
                    names.push(one.message);
                }
                let Signed { message, signer, key, mail } = one;
                let kind = (number, kind.name);
                out.push(Case { kind, way, message, key: *key, signer, signed: mail, altered });
            }
            assert!(!names.is_empty(), "{} {way} fits no message", kind.name);
        }
    }
    out
}

/// The verdict of each case in a table. Every false proof is told, then it fails.
fn measured(cases: &[Case<'_>]) -> Table {
    let results = spread(cases, |case| {
        let started = std::time::Instant::now();
        let zone = [("s", case.key.record())];
        let verdict = catch_unwind(AssertUnwindSafe(|| judge(case.signed, &case.altered, &zone)));
        let told = format!("{} {} of {}, {}", case.kind.1, case.way, case.message, case.signer);
        if std::env::var_os("CORPUS_MISSES")
            .is_some_and(|_| !matches!(verdict, Ok(Verdict::Proven | Verdict::Unbroken)))
        {
            eprintln!("{verdict:?}: {told} ({} ms)", started.elapsed().as_millis());
        }
        (case.kind, case.key, verdict.map_err(|_| told))
    });
    let mut table = Table::default();
    let mut wrong = Vec::new();
    for (kind, key, verdict) in results {
        match verdict {
            Ok(verdict) => table.note(kind, key, verdict),
            Err(told) => wrong.push(told),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    table
}

#[test]
fn what_is_signed_verifies() {
    for signed in signed_here() {
        let verdict = judge(&signed.mail, &signed.mail, &[("s", signed.key.record())]);
        assert_eq!(verdict, Verdict::Unbroken, "{}, {}", signed.message, signed.signer);
    }
}

/// The table in the README is what is measured here. `CORPUS_WRITE=1` writes it anew.
#[test]
fn the_readme_tells_what_is_recovered() {
    let signed = signed_here();
    let single = measured(&cases(&alter::single(), &signed, MESSAGES));
    hold_the_line(&single);
    let several = measured(&cases(&alter::several(), &signed, MESSAGES));
    let text = format!(
        "| altered | RSA | Ed25519 |\n|---|---|---|\n{}| **all of these** | {} | {} |\n| *several at once* | | |\n{}\
         | *the key* | | |\n{}",
        single.markdown(),
        told(&single, Key::Rsa),
        told(&single, Key::Ed25519),
        several.markdown(),
        keys(&signed).markdown(),
    );
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).expect("the README");
    let (start, end) = ("<!-- corpus -->\n", "<!-- end of corpus -->");
    let (before, rest) = readme.split_once(start).expect("the start of the table");
    let (table, after) = rest.split_once(end).expect("the end of the table");
    if std::env::var_os("CORPUS_WRITE").is_some() {
        std::fs::write(file, format!("{before}{start}{text}{end}{after}")).expect("the README");
    } else {
        assert_eq!(table, text, "the table in the README is not what is measured; CORPUS_WRITE=1 writes it");
    }
}

fn told(table: &Table, key: Key) -> String {
    let total = table.total(key);
    format!("**{} of {}**, {} %", total.proven, total.broken, total.rate())
}

/// Mail as it was signed, and a DNS that has changed.
fn keys(signed: &[Signed]) -> Table {
    let mut table = Table::default();
    for signed in signed {
        let (key, other) = (signed.key.record(), signed.key.other_record());
        let mut note = |kind, zone: judge::Zone<'_>, made_by| {
            table.note(kind, signed.key, judge_key(&signed.mail, zone, made_by));
        };
        let both = [("s", other.clone()), ("old", key.clone())];
        note((0, "key rotated"), &[("s", other)], None);
        note((1, "key rotated, the old one elsewhere in the DNS"), &both, Some("old"));
        note((2, "wrong selector"), &[("old", key)], Some("old"));
    }
    table
}

/// With `l=` an addition breaks nothing, and how much was added is told. Text on top breaks the signature.
#[test]
fn signed_in_part() {
    for (message, mail) in messages::all() {
        for key in Key::ALL {
            for modes in ALIKE {
                let length = modes.1.body(&mail.body).len() as u64;
                let zone = [("s", key.record())];
                let signed = sign::own(&mail, key, modes, Some(length));
                let longer = Mail { body: [&signed.body[..], b"buy this\r\n"].concat(), ..signed.clone() };
                assert_eq!(judge(&signed, &longer, &zone), Verdict::Unbroken, "{message}");
                let bytes = longer.bytes();
                let (outcome, _) = judge::verified(&mailproof::message::Message::parse(&bytes), &zone);
                assert_eq!(outcome.body.expect("a body").unsigned(), 10, "{message}");
                let banner = Mail { body: [b"CAUTION\r\n\r\n", &signed.body[..]].concat(), ..signed.clone() };
                assert_eq!(judge(&signed, &banner, &zone), Verdict::Proven, "{message}");
                let cut = Mail { body: signed.body[..signed.body.len() / 2].to_vec(), ..signed.clone() };
                assert_ne!(judge(&signed, &cut, &zone), Verdict::Proven, "{message}");
            }
        }
    }
}

/// A message, and how to sign it.
type Job<'m> = (&'m Mail, Key, Modes);

/// Every message signed by somebody else, in the modes that the signer here leaves out; the same alterations.
fn by_real_signer(name: &str, able: fn(Key, Modes) -> bool, sign: impl Fn(&[Job<'_>]) -> Option<Vec<Mail>>) {
    let messages = messages::all();
    let mut names = Vec::new();
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for (name, mail) in &messages {
        for key in Key::ALL {
            for modes in MIXED.into_iter().filter(|modes| able(key, *modes)) {
                names.push(*name);
                jobs.push((mail, key, modes));
            }
        }
    }
    let Some(mails) = sign(&jobs) else {
        assert!(std::env::var_os("MAILPROOF_REQUIRE_REAL_PARTS").is_none(), "{name} is not installed");
        eprintln!("skipped: {name} is not installed");
        return;
    };
    let signed: Vec<Signed> = names
        .into_iter()
        .zip(jobs.iter().zip(mails))
        .map(|(message, ((_, key, modes), mail))| {
            let signer = format!("{name} {key:?} {}/{}", modes.0.as_str(), modes.1.as_str());
            Signed { message, signer, key: *key, mail }
        })
        .collect();
    for one in &signed {
        let verdict = judge(&one.mail, &one.mail, &[("s", one.key.record())]);
        assert_eq!(verdict, Verdict::Unbroken, "{}, {}", one.message, one.signer);
    }
    let table = measured(&cases(&alter::single(), &signed, 1));
    hold_the_line(&table);
    measured(&cases(&alter::several(), &signed, 1));
}

/// What is promised: with RSA nine of ten single alterations, with Ed25519 three of four.
fn hold_the_line(table: &Table) {
    for (key, least) in [(Key::Rsa, 90), (Key::Ed25519, 75)] {
        let (total, mean) = (table.total(key), table.mean(key));
        eprintln!("{key:?}: {total:?}, {} %; the mean of {} kinds is {mean} %", total.rate(), table.kinds());
        assert!(mean >= least && total.rate() >= least, "{key:?}: {total:?}, {mean} %\n{}", table.markdown());
    }
}

#[test]
fn signed_by_opendkim() {
    by_real_signer("OpenDKIM", opendkim::is_able, |jobs| {
        let mut out: Vec<Option<Mail>> = vec![None; jobs.len()];
        for key in Key::ALL {
            for modes in MIXED.into_iter().filter(|modes| opendkim::is_able(key, *modes)) {
                let filter = opendkim::OpenDkim::start(key, modes)?;
                for (slot, job) in out.iter_mut().zip(jobs).filter(|(_, job)| (job.1, job.2) == (key, modes)) {
                    *slot = Some(filter.sign(job.0));
                }
            }
        }
        out.into_iter().collect()
    });
}

#[test]
fn signed_by_dkimpy() {
    by_real_signer("dkimpy", |_, _| true, dkimpy::sign);
}

#[test]
fn public_cases_are_proven() {
    let files = ["scenarios", "forwarding"].map(|name| shared::shared(&format!("conformance/{name}.jsonl")));
    for file in files.iter().flatten() {
        for case in public::cases(file) {
            let (expected, proven) = (&case["expect"]["alteration"], public::proven(&case));
            let found = proven.iter().any(|found| public::fits(found, expected));
            assert!(found, "{}: {expected}\n{proven:#?}", case["id"]);
        }
    }
}
