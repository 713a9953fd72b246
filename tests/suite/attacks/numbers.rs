//! Numbers that fit nowhere, and times that never were.

use mailproof::finding::Severity;
use mailproof::report::{Kind, RecordInput};
use mailproof::spf::Record;

use super::soon;

const HUGE: [&str; 6] = [
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "-1",
    "0x10",
    "00000000000000000000000000000000000000000001",
];

/// `t=`, `x=` and `l=` of signatures, with any digits: judged, and the later side of a comparison stays the later one.
#[cfg(feature = "crypto")]
#[test]
fn times_and_lengths_of_signatures() {
    use mailproof::Timestamp;
    use mailproof::dkim::{self, DkimResult};
    use mailproof::dns::{Answer, Snapshot};
    use mailproof::message::Message;
    use mailproof::resolver::drive_sync;

    for tag in ["t", "x", "l", "q", "i"] {
        for number in HUGE {
            let text = format!(
                "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; {tag}={number};\r\n \
                 bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n"
            );
            let message = Message::parse(text.as_bytes());
            for now in [0, 1_800_000_000, u64::MAX] {
                let verify = |dns: &Snapshot| dkim::verify(dns, &message, Timestamp(now));
                let outcomes = drive_sync(&mut Snapshot::new(), |_| Answer::txt(["v=DKIM1; p="]), verify);
                assert_ne!(outcomes[0].result, DkimResult::Pass);
            }
        }
    }
}

/// Numbers in records of all kinds: the report says what is wrong, with sums that do not overflow.
#[test]
fn numbers_in_records() {
    for number in HUGE {
        for (kind, text) in [
            (Kind::Dmarc, format!("v=DMARC1; p=none; pct={number}; ri={number}; rua=mailto:a@d.example!{number}g")),
            (Kind::DkimSignature, format!("v={number}; t={number}; x={number}; l={number}")),
            (Kind::Spf, format!("v=spf1 ip4:192.0.2.1/{number} a//{number} exists:%{{d{number}r}} -all")),
        ] {
            let mut input = RecordInput::new(&text);
            input.kind = Some(kind);
            let report = soon(|| input.report());
            assert!(report.findings.iter().any(|found| found.severity <= Severity::Warning), "{text}");
        }
    }
    // Digits in a macro: as many labels as there are (RFC 7208 §7.1).
    assert!(Record::parse(&format!("v=spf1 exists:%{{d{}}}.x -all", "9".repeat(10_000))).terms().len() >= 2);
}

/// ARC instances, counts of reports, ages of SRS.
#[cfg(feature = "crypto")]
#[test]
fn instances_counts_and_ages() {
    use mailproof::arc::{self, ArcResult};
    use mailproof::dns::Snapshot;
    use mailproof::message::Message;
    use mailproof::resolver::{Zone, drive_sync};
    use mailproof::srs::{Secret, Srs};
    use mailproof::{Name, Timestamp};

    for number in HUGE {
        let text = format!(
            "ARC-Seal: i={number}; a=rsa-sha256; d=d.example; s=s; cv=none; b=Zm9v\r\nFrom: a@d.example\r\n\r\n"
        );
        let message = Message::parse(text.as_bytes());
        let verify = |dns: &Snapshot| arc::verify(dns, &message, Timestamp(0));
        assert_eq!(
            drive_sync(&mut Snapshot::new(), |q| Zone::new().answer(q), verify).result,
            ArcResult::Fail,
            "{number}"
        );
    }
    let srs = Srs::new(Secret::new(b"k"));
    for now in [0, u64::from(u32::MAX), u64::MAX] {
        let own: Name = "fwd.example".parse().expect("a name");
        assert!(srs.forward("a@d.example", &own, Timestamp(now)).is_ok());
        assert!(srs.reverse("SRS0=AAAA=77=d.example=a@fwd.example", Timestamp(now)).is_err());
    }
    #[cfg(feature = "xml")]
    for number in HUGE {
        let reason =
            "<policy_evaluated><reason><type>other</type><comment>arc=pass</comment></reason></policy_evaluated>";
        let record = format!("<record><row><count>{number}</count>{reason}</row></record>");
        let text = format!(
            "<feedback><report_metadata><date_range><begin>{number}</begin><end>{number}</end></date_range></report_metadata>{}</feedback>",
            record.repeat(3)
        );
        let report = mailproof::aggregate::Report::read(text.as_bytes());
        assert!(report.passed() <= report.messages());
        mailproof::aggregate::lint(&report);
    }
}

/// An aggregate report of a hundred thousand reasons that nobody knows, each in a line of its own: all are counted, and few are told.
#[cfg(feature = "xml")]
#[test]
fn reasons_that_nobody_knows() {
    let reasons: String = (0..100_000).map(|n| format!("<reason><type>r{n}</type></reason>\n")).collect();
    let text =
        format!("<feedback><record><row><policy_evaluated>{reasons}</policy_evaluated></row></record></feedback>");
    let report = mailproof::aggregate::Report::read(text.as_bytes());
    let found = soon(|| mailproof::aggregate::lint(&report));
    assert_eq!(found.len(), 501);
    assert_eq!(found[500].code, "more-findings");
}
