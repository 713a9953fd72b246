//! A body is never copied, however large: what is allocated does not grow with it.
#![cfg(feature = "crypto")]

use std::alloc::System;

use mailproof::Timestamp;
use mailproof::dkim::{self, Cause, DkimResult};
use mailproof::dns::{Answer, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Octets allocated while a message with three signatures and a body of `lines` lines is verified.
fn allocated(lines: usize, mode: &str) -> usize {
    let fields = "DKIM-Signature: v=1; a=rsa-sha256; c=MODE; d=d.example; s=s; h=from;\r\n \
        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n";
    let mut bytes = fields.replace("MODE", mode).repeat(3).into_bytes();
    bytes.extend_from_slice(b"From: a@d.example\r\n\r\n");
    for _ in 0..lines {
        bytes.extend_from_slice(b"a line  of some words, with a tab\there and a space at its end \r\n");
    }
    let mut dns = Snapshot::new();
    let region = Region::new(ALLOCATOR);
    let message = Message::parse(&bytes);
    let outcomes =
        drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
    let change = region.change();
    assert_eq!((outcomes.len(), outcomes[0].result), (3, DkimResult::Permerror));
    assert!(matches!(outcomes[0].cause, Cause::Key(_)));
    assert!(outcomes[0].body.is_some_and(|body| body.octets > lines as u64 * 60));
    change.bytes_allocated
}

/// The least of three measurements: the test harness has a thread of its own, which allocates when a test takes long.
fn least_allocated(lines: usize, mode: &str) -> usize {
    (0..3).map(|_| allocated(lines, mode)).min().expect("three measurements")
}

#[test]
fn a_body_of_100_mb_streams() {
    for mode in ["simple/simple", "relaxed/relaxed"] {
        let small = least_allocated(10, mode);
        assert!(small < 64_000, "{mode}: {small}");
        assert_eq!(least_allocated(10_000, mode), small, "{mode}");
    }
    assert_eq!(least_allocated(1_540_000, "relaxed/relaxed"), least_allocated(10, "relaxed/relaxed"));
}
