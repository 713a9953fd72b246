//! mail-auth beside us, on random zones; and where the two differ, by the section that decides.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DmarcResult, DnsError, Error, MX, Parameters, RecordSet, ResolverCache,
    SpfOutput, SpfResult, Txt,
};
use mailproof::dmarc::{self, Authenticated, MethodResult, Outcome};
use mailproof::dns::Records;
use mailproof::resolver::Zone;
use proptest::prelude::*;

use crate::caches::{AUTHENTICATOR, ready, set};
use crate::dmarc_world::{evaluate, name, signed, zone};

/// The first text at a name, since mail-auth takes the first that parses. Whatever else is asked is not there.
struct Texts(BTreeMap<String, String>);

impl ResolverCache<Box<str>, Txt> for Texts {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // The key is a string; only its comparison with known keys is open to us.
        let known = self.0.iter().find(|(key, _)| {
            let key: Box<str> = format!("_dmarc.{key}.").into();
            Borrow::<Q>::borrow(&key) == name
        });
        Some(match known.map(|(_, text)| Dmarc::parse(text.as_bytes())) {
            Some(Ok(record)) => Txt::Dmarc(Arc::new(record)),
            Some(Err(error)) => Txt::Error(error),
            None => Txt::Error(Error::Dns(DnsError::InvalidRecordType)),
        })
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Every name has the same addresses, so every domain exists.
struct Same<T>(Vec<T>);

impl<K, T: Clone> ResolverCache<K, RecordSet<T>> for Same<T> {
    fn get<Q>(&self, _: &Q) -> Option<RecordSet<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(set(self.0.clone()))
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: RecordSet<T>, _: Instant) {}
}

/// Result, policy, and whether SPF and DKIM are aligned.
#[derive(Debug, PartialEq)]
struct Verdict {
    result: &'static str,
    policy: String,
    spf: bool,
    dkim: bool,
}

fn theirs(records: &[(&str, &str)], author: &str, spf: &str, dkim: &str) -> Verdict {
    let mut texts = BTreeMap::new();
    for (domain, text) in records {
        texts.entry((*domain).to_owned()).or_insert_with(|| (*text).to_owned());
    }
    let message = format!("From: a@{author}\r\nSubject: x\r\n\r\n");
    let message = AuthenticatedMessage::parse(message.as_bytes()).expect("a message");
    let signature = Signature { d: dkim.to_owned(), ..Signature::default() };
    let signatures = [DkimOutput::pass().with_signature(&signature)];
    let spf_output = SpfOutput::new(spf.to_owned()).with_result(SpfResult::Pass);
    let parameters = DmarcParameters::new(&message, &signatures, spf, &spf_output);
    let (texts, mx, ipv4) = (Texts(texts), Same::<MX>(Vec::new()), Same::<Ipv4Addr>(vec![[192, 0, 2, 1].into()]));
    let (ipv6, ptr) = (Same::<Ipv6Addr>(Vec::new()), Same::<Box<str>>(Vec::new()));
    let parameters = Parameters::new(parameters)
        .with_txt_cache(&texts)
        .with_mx_cache(&mx)
        .with_ipv4_cache(&ipv4)
        .with_ipv6_cache(&ipv6)
        .with_ptr_cache::<Same<Box<str>>>(&ptr);
    let output = ready(AUTHENTICATOR.verify_dmarc(parameters));
    let passed = |result: &DmarcResult| *result == DmarcResult::Pass;
    let (spf, dkim) = (passed(output.spf_result()), passed(output.dkim_result()));
    let error = |result: &DmarcResult| matches!(result, DmarcResult::PermError(_) | DmarcResult::TempError(_));
    let result = match (spf || dkim, output.dmarc_record().is_some()) {
        (true, _) => "pass",
        (false, true) => "fail",
        _ if error(output.spf_result()) => "error",
        _ => "none",
    };
    let policy = if output.dmarc_record().is_some() { output.policy().to_string() } else { String::new() };
    Verdict { result, policy, spf, dkim }
}

fn ours(records: &[(&str, &str)], author: &str, spf: &str, dkim: &str) -> Verdict {
    let mut zone: Zone = zone(records);
    zone.insert(name(author), Records::A(vec![[192, 0, 2, 1].into()]));
    let ids = Authenticated::default().spf(name(spf), MethodResult::Pass).dkim(name(dkim), MethodResult::Pass);
    let outcome: Outcome = evaluate(&zone, author, &ids);
    Verdict {
        result: outcome.result.as_str(),
        policy: outcome.applied.map_or_else(String::new, |applied| applied.policy.to_string()),
        spf: outcome.spf_aligned(),
        dkim: outcome.dkim_aligned(),
    }
}

const LABELS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "example", "tld"];

fn a_name(least: usize) -> impl Strategy<Value = String> {
    (least..=10usize, any::<bool>()).prop_map(|(labels, other)| {
        let path = LABELS[10 - labels..].join(".");
        if other && labels > 1 { path.replacen(LABELS[10 - labels], "z", 1) } else { path }
    })
}

fn a_record() -> impl Strategy<Value = String> {
    let policy = prop::sample::select(&["none", "quarantine", "reject"]);
    let sp = prop::sample::select(&["", "; sp=none", "; sp=Reject", "; sp = quarantine"]);
    let np = prop::sample::select(&["", "; np=reject"]);
    let psd = prop::sample::select(&["", "", "; psd=u", "; psd=y", "; psd=n"]);
    let rest = prop::sample::select(&["", "; t=y", "; adkim=s", "; aspf=s", "; rua=mailto:a@b.c,mailto:d@e.f!10m"]);
    (policy, sp, np, psd, rest).prop_map(|(p, sp, np, psd, rest)| format!("v=DMARC1; p={p}{sp}{np}{psd}{rest}"))
}

proptest! {
    // Good records, one at a name, names of two labels and more: no difference is known there.
    #[test]
    fn agrees_with_mail_auth(
        records in prop::collection::btree_map(a_name(1), a_record(), 0..6),
        author in a_name(2), spf in a_name(2), dkim in a_name(2),
    ) {
        let records: Vec<(&str, &str)> = records.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        prop_assert_eq!(ours(&records, &author, &spf, &dkim), theirs(&records, &author, &spf, &dkim));
    }
}

// The known differences. Where one of these fails, the peer has changed.

// §4.10 steps 2 and 6: "If multiple DMARC Policy Records are returned for a single target, they are all discarded."
#[test]
fn section_4_10_several_records() {
    let records = [("d.example", "v=DMARC1; p=reject"), ("d.example", "v=DMARC1; p=none")];
    assert_eq!(ours(&records, "d.example", "x.test", "x.test").result, "none");
    assert_eq!(theirs(&records, "d.example", "x.test", "x.test").result, "fail");
}

// §4.10: the walk of a name of one label asks about that name.
#[test]
fn section_4_10_a_name_of_one_label() {
    let records = [("tld", "v=DMARC1; p=reject")];
    assert_eq!(ours(&records, "tld", "x.test", "x.test").result, "fail");
    assert_eq!(theirs(&records, "tld", "x.test", "x.test").result, "none");
}

// §4.8: a bad value "MUST be discarded in favor of default values".
#[test]
fn section_4_8_bad_values() {
    for bad in ["adkim=x", "aspf=strict", "fo=9"] {
        let text = format!("v=DMARC1; p=reject; {bad}");
        let records = [("d.example", text.as_str())];
        assert_eq!(ours(&records, "d.example", "x.test", "x.test").policy, "reject", "{bad}");
        assert_eq!(theirs(&records, "d.example", "x.test", "x.test").result, "error", "{bad}");
    }
}

// §4.10.1: without a valid `p`, or with a bad `sp` or `np`, a record with `rua` counts as `p=none`.
#[test]
fn section_4_10_1_bad_policies() {
    for bad in ["p=rejct", "p=reject; sp=rejct", "p=reject; np=rejct"] {
        let text = format!("v=DMARC1; {bad}; rua=mailto:r@d.example");
        let records = [("d.example", text.as_str())];
        let verdict = ours(&records, "d.example", "x.test", "x.test");
        assert_eq!((verdict.result, verdict.policy.as_str()), ("fail", "none"), "{bad}");
        assert_eq!(theirs(&records, "d.example", "x.test", "x.test").result, "error", "{bad}");
    }
}

// §4.8, `dmarc-fo`: `0` and `1` exclude each other, so the default `0` holds; the peer keeps the last.
#[test]
fn section_4_8_failure_options() {
    let record = dmarc::Record::parse("v=DMARC1; p=none; fo=0:1");
    assert!(record.fo().is_invalid());
    assert!(Dmarc::parse(b"v=DMARC1; p=none; fo=0:1").is_ok());
}

#[test]
fn the_oracle_sees_what_we_see() {
    let records = [("d.example", "v=DMARC1; p=reject; sp=quarantine")];
    let expected = Verdict { result: "pass", policy: "quarantine".to_owned(), spf: false, dkim: true };
    assert_eq!(ours(&records, "s.d.example", "x.test", "d.example"), expected);
    assert_eq!(theirs(&records, "s.d.example", "x.test", "d.example"), expected);
    assert!(evaluate(&zone(&records), "d.example", &signed("d.example")).dkim_aligned());
}
