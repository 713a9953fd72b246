//! Aggregate reports, bare and packed: reading them ends, and their places are places.
#![cfg_attr(fuzzing, no_main)]

use std::io::Write as _;

use mailproof::aggregate::{MAX_OCTETS, Report, lint};
use mailproof_fuzz::{assert_inside, assert_sound_findings};

mailproof_fuzz::target!(|data: &[u8]| {
    let bare = check(data);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(data).expect("memory takes it");
    let unpacked = check(&packed.finish().expect("memory takes it"));
    // What is packed twice is unpacked twice, so only text is the same.
    if bare.source.bytes() == data {
        assert_eq!(unpacked.records.len(), bare.records.len());
    }
});

fn check(file: &[u8]) -> Report {
    let report = Report::read(file);
    let text = report.source.text();
    assert!(text.len() <= 3 * MAX_OCTETS);
    assert!(report.passed() <= report.messages());
    assert_inside(text, report.date_range);
    for defect in &report.defects {
        assert_inside(text, defect.span);
    }
    for record in &report.records {
        record.dkim.iter().for_each(|signature| assert_inside(text, signature.span));
    }
    assert_sound_findings(&lint(&report));
    report
}
