//! What a forwarder does with each mail: rewrite its sender; and with each bounce: reverse it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mailproof::srs::{Secret, Srs};
use mailproof::{Name, Timestamp};

fn srs(c: &mut Criterion) {
    let srs = Srs::new(Secret::new(b"tops3cr3t"));
    let own: Name = "fwd.example".parse().unwrap();
    let now = Timestamp(1_700_000_000);
    c.bench_function("srs/forward", |b| b.iter(|| srs.forward(black_box("alice@example.com"), &own, now)));
    c.bench_function("srs/forward to SRS1", |b| {
        b.iter(|| srs.forward(black_box("SRS0=PGkz=G3=example.com=alice@first.example"), &own, now));
    });
    c.bench_function("srs/reverse", |b| {
        b.iter(|| srs.reverse(black_box("SRS0=PGkz=G3=example.com=alice@fwd.example"), now));
    });
}

criterion_group!(benches, srs);
criterion_main!(benches);
