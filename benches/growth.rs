//! Time against the size of the input, with plots where gnuplot is installed (`target/criterion`).
//! The counts of `instructions.rs` fail where the cost grows faster than the input.
#![allow(missing_docs)]

mod cases;
mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn growth(c: &mut Criterion) {
    for growth in cases::growth::ALL {
        let mut group = c.benchmark_group(growth.name);
        group.sample_size(10);
        for &size in growth.sizes {
            let mut work = (growth.make)(size);
            let mut run = work.prepare();
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::from_parameter(size), |b| b.iter(&mut run));
        }
        group.finish();
    }
}

criterion_group!(benches, growth);
criterion_main!(benches);
