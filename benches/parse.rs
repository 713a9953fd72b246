//! Parsing records, and mail-auth beside it in the same run.
#![allow(missing_docs, unreachable_pub, clippy::print_stderr)]

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mail_auth::common::parse::TxtRecordParser;
use mailproof::spf::Record;

fn spf(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse/spf");
    for name in ["short", "long20", "macro"] {
        let Some(text) = support::input(&format!("spf/{name}.txt")) else { continue };
        let text = text.trim_end();
        assert_eq!(Record::parse(text).errors().next(), None, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("mailproof", name), |b| b.iter(|| Record::parse(black_box(text))));
        group.bench_function(BenchmarkId::new("mail-auth", name), |b| {
            b.iter(|| mail_auth::spf::Spf::parse(black_box(text.as_bytes())))
        });
    }
    group.finish();
}

/// Hostile records: the time per byte must not grow with the length.
fn hostile(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse/spf-hostile");
    for terms in [100, 1_000, 10_000] {
        for (name, term) in [
            ("terms", " a"),
            ("macros", " exists:%{l1r+-}%{d}"),
            ("unterminated", " a:%{d%{d%{d"),
            ("slashes", " a:x/////"),
        ] {
            let text = format!("v=spf1{}", term.repeat(terms));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new(name, terms), |b| b.iter(|| Record::parse(black_box(&text))));
        }
        let one = format!("v=spf1 exists:{}.example", "%{d}".repeat(terms));
        group.throughput(Throughput::Bytes(one.len() as u64));
        group.bench_function(BenchmarkId::new("one-deep-macro", terms), |b| b.iter(|| Record::parse(black_box(&one))));
    }
    group.finish();
}

criterion_group!(benches, spf, hostile);
criterion_main!(benches);
