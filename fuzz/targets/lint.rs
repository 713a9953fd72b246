//! Records of every kind: what is told about them is sound, and mending them ends and has nothing left to do.
#![cfg_attr(fuzzing, no_main)]

use mailproof::dns::Snapshot;
use mailproof::finding::{Applicability, apply_all};
use mailproof::report::{Input, Kind, RecordInput};
use mailproof::text::Source;
use mailproof::{bimi, dkim, dmarc, mta_sts, tls_rpt};
use mailproof_fuzz::{assert_inside, assert_sound};

// First line: the kind. The rest: the record; a line feed stands for the seam of two character-strings.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|&byte| byte == b'\n') else { return };
    let Some(kind) = std::str::from_utf8(&data[..end]).ok().and_then(|word| word.parse().ok()) else { return };
    let source = Source::from_strings(data[end + 1..].split(|&byte| byte == b'\n'));
    spans_are_places(&source);

    let report = |source: Source, domain: Option<&str>| {
        let mut input = RecordInput::new("");
        (input.text, input.kind, input.domain) = (source, Some(kind), domain.and_then(|name| name.parse().ok()));
        Input::Record(input).check(&Snapshot::new()).done().expect("nothing is asked")
    };
    assert_sound(&report(source.clone(), None));
    assert_sound(&report(source.clone(), Some("mail.d.example")));

    let text = source.text();
    let lint = |text: &str| report(Source::new(text), None).findings;
    let once = apply_all(text, Applicability::MachineApplicable, lint);
    assert!(once.settled, "{text:?} does not settle: {:?}", once.applied);
    let twice = apply_all(&once.text, Applicability::MachineApplicable, lint);
    assert_eq!(twice.text, once.text, "{text:?} is not mended in one go");
    let mended = match kind {
        Kind::Dmarc => dmarc::mended(&dmarc::Record::parse(text), None, &dmarc::LintOptions::default()),
        Kind::DkimKey => dkim::mended_key(text),
        Kind::MtaSts => mta_sts::mended(text),
        Kind::TlsRpt => tls_rpt::mended(text),
        Kind::Bimi => bimi::mended(text),
        _ => None,
    };
    assert_ne!(mended.as_deref(), Some(text));
});

fn spans_are_places(source: &Source) {
    let text = source.text();
    let record = dmarc::Record::of(source.clone());
    for part in record.parts() {
        assert_inside(text, part.span);
    }
    for (_, name, value) in record.tags() {
        assert_inside(text, name);
        assert_inside(text, value);
    }
    for uri in record.rua().iter().chain(record.ruf()) {
        assert_inside(text, uri.span);
    }
    let _ = record.request();
    let key = dkim::Key::parse(source);
    for tag in &key.tags {
        assert_inside(text, tag.name);
        assert_inside(text, tag.value);
    }
    for defect in &key.defects {
        assert_inside(text, defect.span);
    }
    let signature = dkim::Signature::parse(source);
    for defect in &signature.defects {
        assert_inside(text, defect.span);
    }
    let report = tls_rpt::Record::parse(source.clone());
    for field in &report.fields {
        assert_inside(text, field.span);
    }
    for (whole, name, value) in bimi::Record::parse(source.clone()).tags {
        [whole, name, value].into_iter().for_each(|span| assert_inside(text, span));
    }
}
