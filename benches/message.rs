//! Verifying messages, and mail-auth (with aws-lc-rs) beside it in the same run. `--features aws-lc-rs` gives us the
//! same backend.
#![allow(missing_docs)]

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mailproof::Timestamp;
use mailproof::dkim::{self, DkimResult, forensics};
use mailproof::message::Message;

const NOW: Timestamp = Timestamp(1_795_300_000);

fn verify(c: &mut Criterion) {
    let Some(records) = support::records() else { return };
    let zone = support::zone(&records);
    let mut group = c.benchmark_group("message/dkim");
    for name in ["5k-rsa2048", "5k-ed25519", "1m-rsa2048", "1m-ed25519"] {
        let Some(bytes) = support::bytes(&format!("mail/{name}.eml")) else { continue };
        let message = Message::parse(&bytes);
        let snapshot = support::complete(&zone, |dns| dkim::verify(dns, &message, NOW));
        let outcomes = dkim::verify(&snapshot, &message, NOW).done().expect("a complete snapshot");
        assert!(outcomes.iter().all(|outcome| outcome.result == DkimResult::Pass), "{name}");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("mailproof", name), |b| {
            b.iter(|| dkim::verify(&snapshot, &Message::parse(black_box(&bytes)), NOW))
        });
        let peer = support::Peer::new(&snapshot, true);
        assert!(peer.verify_dkim(&bytes), "{name}");
        group.bench_function(BenchmarkId::new("mail-auth", name), |b| b.iter(|| peer.verify_dkim(black_box(&bytes))));
    }
    group.finish();
}

/// The dearest search: nothing that is tried gives the signer's hashes.
fn search(c: &mut Criterion) {
    let Some(records) = support::records() else { return };
    let zone = support::zone(&records);
    let mut group = c.benchmark_group("message/forensics");
    group.sample_size(10);
    for name in ["5k-rsa2048", "1m-rsa2048"] {
        let Some(mut bytes) = support::bytes(&format!("mail/{name}.eml")) else { continue };
        // 100 KB at most; a letter changed in the middle of the body and one in the Subject.
        bytes.truncate(100_000);
        let body = Message::parse(&bytes).body_start();
        let middle = body + (bytes.len() - body) / 2;
        bytes[middle] ^= 1;
        let subject = memchr::memmem::find(&bytes, b"Subject:  Q").expect("a subject");
        bytes[subject + 12] = b'x';
        let message = Message::parse(&bytes);
        let snapshot = support::complete(&zone, |dns| dkim::verify(dns, &message, NOW));
        let outcomes = dkim::verify(&snapshot, &message, NOW).done().expect("a complete snapshot");
        let budget = forensics::Budget::default();
        group.bench_function(BenchmarkId::new("nothing-found", name), |b| {
            b.iter(|| forensics::investigate(&snapshot, &message, black_box(&outcomes[0]), &budget))
        });
    }
    group.finish();
}

criterion_group!(benches, verify, search);
criterion_main!(benches);
