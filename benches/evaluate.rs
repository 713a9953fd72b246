//! Evaluating sessions over a complete snapshot, and mail-auth beside it in the same run.
#![allow(missing_docs, unreachable_pub, clippy::print_stderr)]

mod support;

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use mailproof::Timestamp;
use mailproof::spf::{self, Session};

fn spf(c: &mut Criterion) {
    let (Some(records), Some(sessions)) = (support::records(), support::sessions()) else { return };
    let zone = support::zone(&records);
    let mut group = c.benchmark_group("evaluate/spf");
    for [name, ip, helo, sender, expected] in &sessions {
        let address: IpAddr = ip.parse().expect("an address");
        let session = Session::new(address, helo, sender);
        let evaluate = |dns: &_| spf::check_host(dns, &session, Timestamp(0));
        let snapshot = support::complete(&zone, evaluate);
        let outcome = evaluate(&snapshot).done().expect("a complete snapshot");
        assert_eq!(outcome.result.as_str(), expected, "{name}");

        group.bench_function(BenchmarkId::new("mailproof/parsed", name), |b| {
            b.iter(|| spf::verdict(&snapshot, black_box(&session), Timestamp(0)))
        });
        group.bench_function(BenchmarkId::new("mailproof/traced", name), |b| {
            b.iter(|| spf::check_host(&snapshot, black_box(&session), Timestamp(0)))
        });
        // A snapshot that has just been filled: every record is parsed during the evaluation.
        group.bench_function(BenchmarkId::new("mailproof/fresh", name), |b| {
            b.iter_batched_ref(
                || snapshot.clone(),
                |fresh| spf::verdict(fresh, black_box(&session), Timestamp(0)),
                BatchSize::PerIteration,
            )
        });
        for (how, keep_parsed) in [("mail-auth/parsed", true), ("mail-auth/fresh", false)] {
            let peer = support::Peer::new(&snapshot, keep_parsed);
            group.bench_function(BenchmarkId::new(how, name), |b| {
                b.iter(|| peer.verify(black_box(address), helo, sender))
            });
        }
    }
    group.finish();
}

criterion_group!(benches, spf);
criterion_main!(benches);
