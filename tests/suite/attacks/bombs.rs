//! Small inputs that want to become large ones: archives, entities, nesting, lists.

use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::message::{AddressList, AuthResults, LintOptions, Message, decode_words, lint};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;
use mailproof::{bounce, dmarc};

use super::soon;

#[cfg(feature = "xml")]
mod archives {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use mailproof::aggregate::{DefectKind, MAX_OCTETS, Report};

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    /// 80 MB in 80 KB. The reader stops at 64 MiB and says so.
    #[test]
    fn a_gzip_bomb_is_cut() {
        let bomb = gzip(&vec![b' '; 80 << 20]);
        let report = soon(|| Report::read(&bomb));
        assert!(report.source.text().len() <= MAX_OCTETS);
        assert!(!report.defects.is_empty() && !report.is_report());
    }

    /// 30 times packed: eight are undone.
    #[test]
    fn packing_in_packing_ends() {
        let report = soon(|| Report::read(&(0..30).fold(b"<feedback/>".to_vec(), |packed, _| gzip(&packed))));
        assert!(report.records.is_empty() && !report.defects.is_empty());
    }

    /// A zip that says it holds 4 GB, one without an end, and one whose entry is the archive itself ("zip of death").
    #[test]
    fn zips_that_lie_are_defects() {
        let entry = |size: u32, data: &[u8]| {
            let mut out = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
            out.extend_from_slice(&(data.len() as u32).to_le_bytes());
            out.extend_from_slice(&size.to_le_bytes());
            out.extend_from_slice(b"\x05\0\0\0r.xml");
            out.extend_from_slice(data);
            out
        };
        let inner = entry(u32::MAX, &[0x4b, 0x04, 0x00]);
        for file in [
            entry(u32::MAX, b"\x03\x00"),
            inner.clone(),
            entry(9, &inner),
            b"PK\x03\x04".to_vec(),
            b"PK\x05\x06".to_vec(),
        ] {
            let report = soon(|| Report::read(&file));
            assert!(!report.is_report() && !report.defects.is_empty(), "{file:?}");
        }
    }

    /// "A billion laughs": entities are not resolved, and what has them is not believed to be a number.
    #[test]
    fn entities_are_not_resolved() {
        let mut text = "<!DOCTYPE f [<!ENTITY a \"lol\">".to_owned();
        for (one, next) in ('a'..='i').zip('b'..='j') {
            text.push_str(&format!("<!ENTITY {next} \"{}\">", format!("&{one};").repeat(10)));
        }
        text.push_str("<!ENTITY x SYSTEM \"file:///etc/passwd\">]>");
        text.push_str("<feedback><report_metadata><org_name>&j;&x;</org_name></report_metadata><record><row><count>&j;</count></row></record></feedback>");
        let report = soon(|| Report::read(text.as_bytes()));
        assert_eq!(report.messages(), 0);
        let told = format!("{:?} {:?}", report.org_name, report.records);
        assert!(told.len() < 5_000 && !told.contains("root:") && !told.contains("lollol"), "{told}");
    }

    /// A hundred thousand elements inside each other, and as many beside each other.
    #[test]
    fn deep_and_wide_xml_ends() {
        let deep = "<a>".repeat(100_000);
        assert!(!soon(|| Report::read(deep.as_bytes())).defects.is_empty());
        let wide = format!("<feedback>{}</feedback>", "<record/>".repeat(100_000));
        assert!(soon(|| Report::read(wide.as_bytes())).records.len() <= 100_000);
        let broken = "<feedback><record></x>".repeat(20_000);
        let report = soon(|| Report::read(broken.as_bytes()));
        assert!(report.defects.iter().all(|defect| defect.kind != DefectKind::TooLarge) && report.defects.len() <= 200);
    }
}

/// MIME in MIME: a notification is read six levels deep, and 200 parts wide.
#[test]
fn mime_recursion_ends() {
    let mut nested = b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n".to_vec();
    for level in 0..2_000 {
        let head = format!("Content-Type: multipart/report; boundary=b{level}\r\n\r\n--b{level}\r\n");
        nested = [head.as_bytes(), &nested, format!("\r\n--b{level}--\r\n").as_bytes()].concat();
    }
    assert!(soon(|| bounce::Dsn::parse(&nested)).is_none_or(|dsn| dsn.recipients.is_empty()));

    let rfc822 = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
    assert!(soon(|| bounce::Dsn::parse(rfc822.as_bytes())).is_none_or(|dsn| dsn.recipients.is_empty()));

    let part = "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@d.example\r\nAction: failed\r\n\r\n";
    let wide = format!("Content-Type: multipart/report; boundary=b\r\n\r\n{}--b--\r\n", part.repeat(100_000));
    assert!(soon(|| bounce::Dsn::parse(wide.as_bytes())).is_none_or(|dsn| dsn.recipients.len() <= 1_000));
}

/// Comments and groups in an address list, opened a million times.
#[test]
fn deep_comments_end() {
    for piece in ["(", "<", "\"", "(\\", "a:", "a@(", "[", ",", ";", "=?utf-8?b?"] {
        let text = piece.repeat(1_000_000 / piece.len());
        soon(|| AddressList::parse(&text));
        soon(|| AuthResults::parse(&text));
        soon(|| decode_words(&text));
        let message = format!("From: {text}\r\nTo: {text}\r\n\r\n");
        soon(|| lint(&Message::parse(message.as_bytes()), &LintOptions::default()));
    }
}

/// Tag-lists with a hundred thousand tags, all the same and all different.
#[test]
fn tag_list_bombs_end() {
    let same = "v=DMARC1; ".repeat(100_000);
    let different: String = (0..100_000).map(|n| format!("t{n}=x; ")).collect();
    let empty = ";".repeat(1_000_000);
    for text in [&same, &different, &empty] {
        let record = format!("v=DMARC1; p=reject; {text}");
        let read = soon(|| dmarc::Record::parse(record.as_str()));
        assert!(read.parts().len() <= dmarc::MAX_PARTS);
        for kind in mailproof::report::Kind::ALL {
            let mut input = mailproof::report::RecordInput::new("");
            (input.text, input.kind) = (Source::new(&record), Some(*kind));
            let report = soon(|| input.report());
            assert!(report.findings.len() <= 2_000, "{kind}: {}", report.findings.len());
        }
    }
    let uris = format!("v=DMARC1; p=none; rua={}", "mailto:a@x.example,".repeat(50_000));
    assert!(soon(|| dmarc::Record::parse(uris.as_str())).rua().len() <= dmarc::MAX_URIS);
}

/// A hundred thousand signatures: ten are judged, with ten questions; the others are named as not looked at.
#[cfg(feature = "crypto")]
#[test]
fn many_signatures_cost_ten_checks() {
    use mailproof::dkim::{self, Cause};

    let signature = |n: usize| {
        format!(
            "DKIM-Signature: v=1; a=rsa-sha256; d=d{n}.example; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n"
        )
    };
    let text: String = (0..1_500).map(signature).chain(["From: a@d.example\r\n\r\n".to_owned()]).collect();
    let message = Message::parse(text.as_bytes());
    let mut dns = Snapshot::new();
    let outcomes =
        soon(|| drive_sync(&mut dns, |q| Zone::new().answer(q), |dns| dkim::verify(dns, &message, Timestamp(0))));
    assert_eq!((outcomes.len(), dns.len()), (1_500, 10));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.cause == Cause::TooManySignatures).count(), 1_490);

    // So many that the header is not read to its end: none is judged, and that is no failure.
    let text = format!("{}From: a@d.example\r\n\r\n", signature(1).repeat(100_000));
    let message = Message::parse(text.as_bytes());
    let mut dns = Snapshot::new();
    let outcomes =
        soon(|| drive_sync(&mut dns, |q| Zone::new().answer(q), |dns| dkim::verify(dns, &message, Timestamp(0))));
    assert!(dns.is_empty() && outcomes.iter().all(|outcome| matches!(outcome.cause, Cause::MessageLimit(_))));
}

/// ARC: 50 sets are validated (RFC 8617 §4.2.1); more are no chain, and cost nothing.
#[cfg(feature = "crypto")]
#[test]
fn fifty_arc_sets_are_the_most() {
    use mailproof::arc::{self, ArcResult, Cause};

    let set = |i: usize| {
        let cv = if i == 1 { "none" } else { "pass" };
        format!(
            "ARC-Seal: i={i}; a=rsa-sha256; d=d{i}.example; s=s; cv={cv}; b=Zm9v\r\n\
             ARC-Message-Signature: i={i}; a=rsa-sha256; d=d{i}.example; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n\
             ARC-Authentication-Results: i={i}; d.example; none\r\n"
        )
    };
    for (sets, most) in [(50, 51), (51, 0), (10_000, 0)] {
        let text: String = (1..=sets).rev().map(set).chain(["From: a@d.example\r\n\r\n".to_owned()]).collect();
        let message = Message::parse(text.as_bytes());
        let mut dns = Snapshot::new();
        let outcome =
            soon(|| drive_sync(&mut dns, |q| Zone::new().answer(q), |dns| arc::verify(dns, &message, Timestamp(0))));
        assert_eq!(outcome.result, ArcResult::Fail, "{sets}");
        assert!(dns.len() <= most, "{sets} sets, {} questions", dns.len());
        assert!(
            sets <= 50 || matches!(outcome.cause, Cause::Structure(_) | Cause::MessageLimit),
            "{:?}",
            outcome.cause
        );
        soon(|| arc::findings(&message, &outcome, &arc::Known::default()));
    }
}

/// No regular expression is run over anybody's text, here or in what we depend on at run time.
#[test]
fn there_is_no_regex() {
    let manifest = include_str!("../../../Cargo.toml");
    assert!(!manifest.contains("regex"));
    let deny = include_str!("../../../deny.toml");
    // boon and criterion are of tests and benches.
    assert!(
        deny.contains("{ crate = \"regex\", wrappers = [\"boon\", \"criterion\"] }")
            && deny.contains("{ crate = \"fancy-regex\" }"),
        "deny.toml forbids them"
    );
}
