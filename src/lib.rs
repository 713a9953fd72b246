//! Says *why* a mail passes or fails authentication: where in the record, by which sentence of which RFC, who has to
//! act, and what to change.
//!
//! The library has no socket and no clock. An evaluation is a pure function of everything that the DNS has said so
//! far; when an answer is missing it says which question to ask, and is called again from the start:
//!
//! ```
//! use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
//!
//! let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 -all\"")?;
//! let session = spf::Session::new("198.51.100.70".parse()?, "mail.example.com", "alice@example.com");
//!
//! let mut dns = Snapshot::new();
//! let ask = |question: &_| zone.answer(question);
//! let outcome = drive_sync(&mut dns, ask, |dns| spf::check_host(dns, &session, Timestamp(0)));
//!
//! assert_eq!(outcome.result, spf::SpfResult::Fail);
//! assert!(spf::headline(&outcome, &session).starts_with("fail: 198.51.100.70 may not send mail for example.com"));
//! // The finding points at the term that decided, and says how to mend the record.
//! let found = &spf::explain(&outcome, &session)[0];
//! assert_eq!((found.code.as_str(), found.primary.quoted().as_str()), ("spf-eval-fail", "-all"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//! - **Ask and answer**: [`dns`] has questions, answers and the [`Snapshot`](dns::Snapshot) that evaluations read;
//!   [`resolver`] drives them, over a [`Zone`](resolver::Zone) of text or over real DNS.
//! - **Protocols**: [`spf`], [`dkim`], [`arc`], [`dmarc`], [`srs`], and what a sender may write ([`sender`]). Each reads, evaluates, and tells.
//! - **Together**: [`domain`] says what the records of a domain mean together.
//! - **Zone files**: [`zone_file`] looks at every domain in one, with line numbers.
//! - **Reports from receivers**: [`aggregate`] reads DMARC aggregate reports.
//! - **Messages**: [`message`] reads header fields and diagnoses a whole message; [`forwarding`] tells of its way and predicts
//!   it; [`cause`] has the root causes; [`bounce`] reads what came back.
//! - **Findings**: [`finding`] has the words: a [`Diagnostic`](finding::Diagnostic) with its code, span, effect and
//!   [`Fix`](finding::Fix); [`rules()`] lists every rule with its page.
//! - **Reports**: [`report`] turns all of it into text for people, or JSON that can be replayed without the DNS.
//! - **Questions from a help desk**: [`guide`] goes from the symptom to the proof to the fix.
//!
//! # Features
//! - `serde` (default): reports, findings and snapshots as data.
//! - `crypto` (default): hashes and signatures in pure Rust, for DKIM, ARC and SRS.
//! - `aws-lc-rs`: the same at native speed.
//! - `psl` (default): the Public Suffix List, for what RFC 7489 receivers do.
//! - `xml` (default): reads DMARC aggregate reports (from XML, gzip and zip) and BIMI logos.
//! - `hickory`: real DNS on native targets.
//! - `mail-auth`: explains the verdicts of the crate of that name, on native targets.
//! - `wasm` and `wasm-lint`: the face for JavaScript, with JSON in and out; see `examples/npm`.
//!
//! Features add, and never change a verdict.

mod actor;
pub mod aggregate;
mod aliases;
pub mod arc;
pub mod bimi;
pub mod bounce;
pub mod cause;
pub mod dkim;
pub mod dmarc;
pub mod dns;
pub mod domain;
pub mod finding;
pub mod forwarding;
pub mod guide;
mod ip;
#[cfg(all(feature = "mail-auth", not(target_arch = "wasm32")))]
pub mod mail_auth;
pub mod mailbox;
pub mod message;
pub mod mta_sts;
pub mod name;
mod order;
mod other_record;
mod panel;
#[cfg(feature = "serde")]
mod reading;
pub mod report;
pub mod resolver;
pub mod sender;
#[cfg(test)]
mod shared;
pub mod spf;
pub mod srs;
pub mod tag_list;
pub mod text;
mod time;
pub mod tls_rpt;
mod txt_place;
mod unread;
mod version_repair;
#[cfg(feature = "wasm-lint")]
pub mod wasm;
mod xml;
pub mod zone_file;

pub use actor::Actor;
pub use mailbox::Mailbox;
pub use name::Name;
pub use resolver::ZoneError;
pub use time::Timestamp;

/// Every rule there is, protocol by protocol.
///
/// ```
/// let errors = mailproof::rules().filter(|rule| rule.severity == mailproof::finding::Severity::Error);
/// assert!(errors.count() > 50);
/// ```
pub fn rules() -> impl Iterator<Item = &'static finding::Rule> {
    let all = [
        aggregate::rules::ALL,
        #[cfg(feature = "crypto")]
        arc::rules::ALL,
        bimi::rules::OF_TEXTS,
        bimi::rules::BEYOND_TEXTS,
        dkim::rules::OF_TEXTS,
        dkim::rules::BEYOND_TEXTS,
        dmarc::rules::OF_TEXTS,
        dmarc::rules::BEYOND_TEXTS,
        domain::rules::ALL,
        finding::ALL,
        forwarding::rules::ALL,
        message::rules::ALL,
        mta_sts::rules::OF_TEXTS,
        mta_sts::rules::BEYOND_TEXTS,
        aliases::ALL,
        panel::ALL,
        sender::rules::ALL,
        spf::rules::OF_TEXTS,
        spf::rules::BEYOND_TEXTS,
        srs::rules::ALL,
        tls_rpt::rules::ALL,
        txt_place::ALL,
        unread::ALL,
        zone_file::rules::ALL,
    ];
    all.into_iter().flatten().flat_map(|rules| rules.iter().copied())
}

/// Those that [`report::RecordInput`] can report, and some of their neighbours. Named apart, so that a program that looks at texts alone
/// carries no other pages.
#[cfg(any(test, all(feature = "wasm-lint", not(feature = "wasm"))))]
pub(crate) fn rules_of_texts() -> impl Iterator<Item = &'static finding::Rule> {
    let all = [
        bimi::rules::OF_TEXTS,
        dkim::rules::OF_TEXTS,
        dmarc::rules::OF_TEXTS,
        finding::ALL,
        mta_sts::rules::OF_TEXTS,
        panel::ALL,
        spf::rules::OF_TEXTS,
        tls_rpt::rules::ALL,
        unread::ALL,
    ];
    all.into_iter().flatten().flat_map(|rules| rules.iter().copied())
}

/// The rule with this code, or the one that answers for this id of the catalogue.
///
/// ```
/// assert_eq!(mailproof::rule("spf-eval-fail").unwrap().title(), "SPF fails");
/// ```
pub fn rule(code: &str) -> Option<&'static finding::Rule> {
    rules().find(|rule| rule.code == code).or_else(|| rules().find(|rule| rule.covers.contains(&code)))
}

/// The README's program is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
