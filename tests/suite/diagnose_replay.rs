//! Properties of the diagnosis: no input makes it panic, its rounds are bounded, and more answers change nothing.

use mailproof::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records, Snapshot, Step};
use mailproof::message::diagnose;
use mailproof::message::diagnose::{Connection, Input, Recipient, Submission};
use mailproof::{Name, Timestamp};
use proptest::prelude::*;

/// Lines that a message is made of.
const LINES: &[&str] = &[
    "From: Ann <ann@d.example>",
    "From: \"bob@r.example\" <x@esp.example>, y@e.example",
    "From: Team:;",
    "To: bob@r.example, info@r.example",
    "Subject: [x] Hi",
    "Return-Path: <>",
    "Return-Path: <SRS0=aaaa=BB=d.example=ann@fwd.example>",
    "Received: from a (b [192.0.2.1]) by mx.fwd.example for <x@fwd.example>; Thu, 1 Jan 2026 10:00:00 +0000",
    "Received: by (((",
    "Delivered-To: x@fwd.example",
    "List-Id: <l.fwd.example>",
    "Auto-Submitted: auto-replied",
    "In-Reply-To: <1@r.example>",
    "Authentication-Results: r.example; spf=pass smtp.mailfrom=d.example; iprev=pass policy.iprev=192.0.2.7",
    "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v",
    "DKIM-Signature: v=1; a=ed25519-sha256; d=e.example; s=s; l=1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v",
    "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=l.example; s=s; b=Zm9v",
    "Content-Type: multipart/report; boundary=b",
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "Content-Type: text/rfc822-headers",
    "Final-Recipient: rfc822; x@esp.example",
    "Status: 5.1.1",
];

fn connection(kind: u8) -> Connection {
    let ip = [[192, 0, 2, 1], [198, 51, 100, 20]][usize::from(kind & 1)];
    let mail_from = ["ann@d.example", "", "SRS0=aaaa=BB=d.example=ann@fwd.example", "x"][usize::from(kind >> 1 & 3)];
    let given = Connection::new(ip.into(), "mx.fwd.example", mail_from).to("bob@r.example");
    if kind & 8 == 0 { given } else { Connection::default() }
}

fn answer(question: &Question, byte: u8) -> Answer {
    let name = question.name.as_str();
    match (question.record_type, byte % 6) {
        (_, 0) => Failure::Timeout.into(),
        (_, 1) => Answer::new(Lookup::NxDomain),
        (RecordType::Txt, _) if name.starts_with("_dmarc.") => {
            let records = [
                "v=DMARC1; p=reject; rua=mailto:a@x.example",
                "v=DMARC1, p=reject",
                "v=DMARC1; p=reject; aspf=s; psd=n",
            ];
            Answer::txt([records[usize::from(byte) % 3]])
        }
        (RecordType::Txt, _) if name.contains("._domainkey.") => {
            Answer::txt([["v=DKIM1; p=", "v=DKIM1; p=MIIB"][usize::from(byte & 1)]])
        }
        (RecordType::Txt, _) => {
            Answer::txt([["v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:x.example ~all", "x"][usize::from(byte) % 3]])
        }
        (RecordType::A, _) => Records::A(vec![[198, 51, 100, 20].into()]).into(),
        (RecordType::Mx, _) => Records::Mx(vec![Mx { preference: 1, exchange: question.name.clone() }]).into(),
        _ => Answer::new(Lookup::NoData),
    }
}

/// Rounds that a diagnosis may take: SPF and the walks of DMARC take a dozen, each include one.
const MAX_ROUNDS: usize = 40;

fn told(dns: &Snapshot, input: &Input<'_>) -> Option<String> {
    match diagnose(dns, input) {
        Step::Ask(questions) => {
            assert!(!questions.is_empty());
            None
        }
        Step::Done(found) => {
            assert!(!found.primary.evidence().is_empty());
            Some(format!("{:?} {:?} {:?}", found.primary, found.secondary, found.findings))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn done_stays_done(
        lines in prop::collection::vec(0..LINES.len(), 0..16),
        kind in any::<u8>(),
        bytes in prop::collection::vec(any::<u8>(), 97),
    ) {
        let message: String = lines.iter().map(|&at| format!("{}\r\n", LINES[at])).collect();
        let mut input = Input::new(message.as_bytes(), Timestamp(1_790_000_000)).connection(connection(kind));
        if kind & 16 != 0 {
            let mut recipient = Recipient::new("bob@r.example");
            recipient.sent_message_ids = Some(vec!["<1@r.example>".to_owned()]);
            recipient.aliases.push("info@r.example".to_owned());
            input = input.recipient(recipient);
        }
        if kind & 96 == 96 {
            input = input.submitted_by(Submission::new("ann@d.example"));
        }
        input.headers_only = kind & 128 != 0;
        let pick = |question: &Question| {
            let sum: usize = question.name.as_str().bytes().map(usize::from).sum();
            answer(question, bytes[sum % bytes.len()])
        };
        let mut dns = Snapshot::new();
        let mut rounds = 0;
        while let Step::Ask(questions) = diagnose(&dns, &input) {
            rounds += 1;
            prop_assert!(rounds < MAX_ROUNDS);
            let before = dns.len();
            for question in questions {
                let answer = pick(&question);
                dns.insert(question, answer);
            }
            prop_assert!(dns.len() > before, "the same questions again");
        }
        let first = told(&dns, &input);
        prop_assert!(first.is_some());
        // More answers, to questions that nobody asked.
        for name in ["z.example", "_dmarc.z.example", "mx.fwd.example", "r.example"] {
            for record_type in [RecordType::Txt, RecordType::A, RecordType::Mx, RecordType::Aaaa] {
                let question = Question::new(Name::parse(name).unwrap(), record_type);
                let answer = pick(&question);
                dns.insert(question, answer);
            }
        }
        prop_assert_eq!(told(&dns, &input), first);
    }

    #[test]
    fn any_bytes_are_diagnosed(message in prop::collection::vec(any::<u8>(), 0..600), kind in any::<u8>()) {
        let input = Input::new(&message, Timestamp(0)).connection(connection(kind));
        let mut dns = Snapshot::new();
        while let Step::Ask(questions) = diagnose(&dns, &input) {
            dns.extend(questions.into_iter().map(|question| (question, Answer::new(Lookup::NoData))));
        }
        prop_assert!(told(&dns, &input).is_some());
    }
}
