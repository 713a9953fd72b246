//! DMARC: reading a record, evaluating over a complete snapshot, and mail-auth beside it in the same run.
#![allow(missing_docs)]

mod support;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DnsError, Error, MessageAuthenticator, Parameters, RecordSet, ResolverCache,
    SpfOutput, SpfResult, Txt,
};
use mailproof::Name;
use mailproof::dmarc::{self, Authenticated, MethodResult, Record};
use mailproof::dns::Snapshot;
use mailproof::text::Source;

fn parse(c: &mut Criterion) {
    let Some(text) = support::input("dmarc/record.txt") else { return };
    let text = text.trim_end();
    let source = Source::new(text);
    assert!(Record::parse(text).is_dmarc() && Dmarc::parse(text.as_bytes()).is_ok());
    let mut group = c.benchmark_group("parse/dmarc");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("mailproof/text", |b| b.iter(|| Record::parse(black_box(text))));
    // What an evaluation does with an answer: the text is there already, and shared.
    group.bench_function("mailproof/answer", |b| b.iter(|| Record::of(black_box(&source).clone())));
    group.bench_function("mail-auth", |b| b.iter(|| Dmarc::parse(black_box(text.as_bytes()))));
    group.finish();
}

/// Hostile records: the time per byte must not grow with the length.
fn hostile(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse/dmarc-hostile");
    for parts in [100, 1_000, 10_000] {
        for (name, part) in
            [("semicolons", ";"), ("tags", ";a=b"), ("rua", ";rua=mailto:a@b!1m,"), ("commas", ","), ("percent", "%4")]
        {
            let text = format!("v=DMARC1;rua={}", part.repeat(parts));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new(name, parts), |b| b.iter(|| Record::parse(black_box(text.as_str()))));
            group.bench_function(BenchmarkId::new(format!("{name}/lint"), parts), |b| {
                b.iter(|| dmarc::lint(&Record::parse(black_box(text.as_str()))))
            });
        }
    }
    group.finish();
}

/// The peer's cache of texts: parsed each time, or kept parsed.
enum Texts {
    Raw(HashMap<Box<str>, String>),
    Parsed(HashMap<Box<str>, Txt>),
}

impl ResolverCache<Box<str>, Txt> for Texts {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = match self {
            Self::Raw(texts) => texts
                .get(name)
                .and_then(|text| Dmarc::parse(text.as_bytes()).ok())
                .map(|record| Txt::Dmarc(Arc::new(record))),
            Self::Parsed(records) => records.get(name).cloned(),
        };
        Some(found.unwrap_or(Txt::Error(Error::Dns(DnsError::InvalidRecordType))))
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

struct Nothing;

impl<K, T> ResolverCache<K, RecordSet<T>> for Nothing {
    fn get<Q>(&self, _: &Q) -> Option<RecordSet<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
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

fn evaluate(c: &mut Criterion) {
    let Some(records) = support::records() else { return };
    let zone = support::zone(&records);
    let text = records.iter().find(|(name, _, _)| *name == "_dmarc.example.org").map(|(_, _, text)| text.clone());
    let Some(text) = text else { return };
    let authenticator = MessageAuthenticator::new_cloudflare().expect("a resolver");
    let mut group = c.benchmark_group("evaluate/dmarc");
    for (case, author, spf, dkim) in [
        ("own", "example.org", "example.org", "example.org"),
        ("relaxed", "example.org", "bounce.example.org", "mail.example.org"),
        ("unaligned", "example.org", "bounce.esp.example", "esp.example"),
    ] {
        let author: Name = author.parse().expect("a name");
        let ids = Authenticated::default()
            .spf(spf.parse().expect("a name"), MethodResult::Pass)
            .dkim(dkim.parse().expect("a name"), MethodResult::Pass);
        let snapshot = support::complete(&zone, |dns| dmarc::evaluate(dns, &author, &ids));
        group.bench_function(BenchmarkId::new("mailproof/parsed", case), |b| {
            b.iter(|| dmarc::evaluate(black_box(&snapshot), &author, &ids))
        });
        // A snapshot that has just been filled: the records are parsed during the evaluation.
        group.bench_function(BenchmarkId::new("mailproof/fresh", case), |b| {
            b.iter_batched_ref(
                || snapshot.clone(),
                |fresh: &mut Snapshot| dmarc::evaluate(fresh, &author, &ids).done(),
                BatchSize::LargeInput,
            )
        });

        // What the peer does: a verdict without the reason.
        group.bench_function(BenchmarkId::new("mailproof/verdict", case), |b| {
            b.iter_batched_ref(
                || snapshot.clone(),
                |fresh: &mut Snapshot| dmarc::verdict(fresh, &author, &ids).done(),
                BatchSize::LargeInput,
            )
        });

        let message = format!("From: a@{author}\r\nSubject: x\r\n\r\n");
        let message = AuthenticatedMessage::parse(message.as_bytes()).expect("a message");
        let signature = Signature { d: dkim.to_owned(), ..Signature::default() };
        let signatures = [DkimOutput::pass().with_signature(&signature)];
        let spf_output = SpfOutput::new(spf.to_owned()).with_result(SpfResult::Pass);
        let key: Box<str> = "_dmarc.example.org.".into();
        let parsed = Txt::Dmarc(Arc::new(Dmarc::parse(text.as_bytes()).expect("a record")));
        for (how, texts) in [
            ("mail-auth/fresh", Texts::Raw([(key.clone(), text.clone())].into())),
            ("mail-auth/parsed", Texts::Parsed([(key.clone(), parsed.clone())].into())),
        ] {
            group.bench_function(BenchmarkId::new(how, case), |b| {
                b.iter(|| {
                    let parameters = DmarcParameters::new(black_box(&message), &signatures, spf, &spf_output);
                    let parameters: Parameters<'_, _, Texts, Nothing, Nothing, Nothing, Nothing> =
                        Parameters::new(parameters)
                            .with_txt_cache(&texts)
                            .with_mx_cache::<Nothing>(&Nothing)
                            .with_ipv4_cache::<Nothing>(&Nothing)
                            .with_ipv6_cache::<Nothing>(&Nothing)
                            .with_ptr_cache::<Nothing>(&Nothing);
                    support::ready(authenticator.verify_dmarc(parameters))
                })
            });
        }
    }
    group.finish();
}

criterion_group!(benches, parse, hostile, evaluate);
criterion_main!(benches);
