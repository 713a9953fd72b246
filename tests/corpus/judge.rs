//! What the search says of an altered message, held against the message that was signed.

use mailproof::Timestamp;
use mailproof::dkim::forensics::{Alteration, Budget, Certainty, Edit, KeyEvidence, Part, Scope, What, investigate};
use mailproof::dkim::{Canonicalization, DkimResult, Outcome, verify};
use mailproof::dns::{Answer, Lookup, Question, RecordType, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;

use crate::mail::{Mail, find, is_named};

/// What came of one case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// The signature verifies all the same.
    Unbroken,
    /// Everything that breaks it was found and proven.
    Proven,
    /// What happened is named, without proof.
    Likely,
    /// Not found.
    Unknown,
}

/// Selectors of d.example and their key records.
pub(crate) type Zone<'z> = &'z [(&'z str, String)];

/// The first signature of a message and the answers it needed, together with all others of the zone.
pub(crate) fn verified(message: &Message<'_>, zone: Zone<'_>) -> (Outcome, Snapshot) {
    let mut dns = Snapshot::new();
    for (selector, record) in zone {
        let name = format!("{selector}._domainkey.d.example").parse().expect("a name");
        dns.insert(Question::new(name, RecordType::Txt), Answer::txt([record.as_str()]));
    }
    let nothing = |_: &Question| Answer::new(Lookup::NxDomain);
    let mut outcomes = drive_sync(&mut dns, nothing, |dns| verify(dns, message, Timestamp(1_795_312_900)));
    (outcomes.remove(0), dns)
}

/// # Panics
/// If something is called proven that is not so.
pub(crate) fn judge(signed: &Mail, altered: &Mail, zone: Zone<'_>) -> Verdict {
    let bytes = altered.bytes();
    let message = Message::parse(&bytes);
    let (outcome, dns) = verified(&message, zone);
    if outcome.result == DkimResult::Pass {
        return Verdict::Unbroken;
    }
    let evidence = investigate(&dns, &message, &outcome, &Budget::default());
    for found in evidence.header.iter().chain(&evidence.body).filter(|found| found.certainty == Certainty::Proven) {
        let fault = match found.part {
            Part::Body => body_fault(signed, altered, &outcome, found),
            Part::Header => header_fault(signed, &message, found),
        };
        assert!(fault.is_none(), "{}\n{found:#?}", fault.unwrap_or_default());
    }
    let header_broken = outcome.header.is_some_and(|header| !header.verified);
    assert_eq!(!evidence.header.is_empty(), header_broken);
    let body_broken = outcome.body.is_some_and(|body| !body.matches);
    assert!(evidence.body.is_some() || !body_broken);
    let least = evidence.header.iter().chain(&evidence.body).map(|found| found.certainty).max();
    match least.expect("something is broken") {
        Certainty::Proven => Verdict::Proven,
        Certainty::Likely => Verdict::Likely,
        Certainty::Unknown => Verdict::Unknown,
    }
}

/// The same for mail that nobody altered: the DNS was.
pub(crate) fn judge_key(signed: &Mail, zone: Zone<'_>, made_by: Option<&str>) -> Verdict {
    let bytes = signed.bytes();
    let message = Message::parse(&bytes);
    let (outcome, dns) = verified(&message, zone);
    let evidence = investigate(&dns, &message, &outcome, &Budget::default());
    let told = evidence.header.iter().chain(&evidence.body);
    assert!(told.clone().all(|found| found.certainty != Certainty::Proven), "{evidence:#?}");
    match (&evidence.key, made_by) {
        (KeyEvidence::PublishedElsewhere { name }, Some(selector)) => {
            assert_eq!(name.as_str(), format!("{selector}._domainkey.d.example"));
            Verdict::Proven
        }
        (KeyEvidence::Other, None) => Verdict::Proven,
        (KeyEvidence::Unknown | KeyEvidence::Other, _) => Verdict::Unknown,
        (found, _) => panic!("{found:?}"),
    }
}

/// The body with what was found undone, in canonical form, must be the signed one.
fn body_fault(signed: &Mail, altered: &Mail, outcome: &Outcome, found: &Alteration) -> Option<String> {
    if found.what == What::SignedOtherwise {
        return Some("nobody signed otherwise".to_owned());
    }
    let told = undone(&altered.body, found);
    let mode = outcome.signature.canonicalization?.body;
    let length = outcome.signature.length.map(|length| length.value as usize);
    let cut = |body: &[u8]| {
        let mut text = mode.body(body);
        text.truncate(length.unwrap_or(text.len()));
        String::from_utf8_lossy(&text).into_owned()
    };
    let (told, truth) = (cut(&told), cut(&signed.body));
    (told != truth).then(|| format!("told:\n{told}\nsigned:\n{truth}"))
}

fn undone(body: &[u8], found: &Alteration) -> Vec<u8> {
    let original = found.original.clone().unwrap_or_default();
    if found.scope != Scope::Place {
        return original;
    }
    let one = Edit { at: found.at.expect("a place"), length: found.length, original };
    let edits = if found.edits.is_empty() { vec![one] } else { found.edits.clone() };
    let mut out = Vec::new();
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&body[at..edit.at]);
        out.extend_from_slice(&edit.original);
        at = edit.at + edit.length;
    }
    out.extend_from_slice(&body[at..]);
    out
}

/// The field that is told must have been there with that value, or not at all.
fn header_fault(signed: &Mail, altered: &Message<'_>, found: &Alteration) -> Option<String> {
    let relaxed = |field: &[u8]| {
        let text = Canonicalization::Relaxed.header(field);
        text[find(&text, b":").expect("a colon") + 1..].trim_ascii().to_vec()
    };
    let name = found.header.as_deref().expect("a name");
    let of_name = || signed.fields.iter().filter(|field| is_named(field, name)).map(|field| relaxed(field));
    let now = found.at.and_then(|at| altered.fields().iter().find(|field| field.span().start as usize == at));
    match (found.what, &found.original) {
        (What::HeaderAdded, None) => {
            let now = relaxed(now.expect("a field").bytes());
            let before = of_name().filter(|value| *value == now).count();
            let after = altered.fields_named(name).filter(|&at| relaxed(altered.fields()[at].bytes()) == now).count();
            (after <= before).then(|| "the field was there before".to_owned())
        }
        // The same fields in another order, or the signature field itself, folded.
        (What::HeaderChanged | What::HeaderRefolded, None) => {
            let mut before: Vec<_> = of_name().collect();
            let mut after: Vec<_> =
                altered.fields_named(name).map(|at| relaxed(altered.fields()[at].bytes())).collect();
            before.sort();
            after.sort();
            (before != after && !name.eq_ignore_ascii_case("dkim-signature")).then(|| "other fields".to_owned())
        }
        (_, Some(original)) => {
            let told = relaxed(&[b"x:", &original[..], b"\r\n"].concat());
            (!of_name().any(|value| value == told)).then(|| format!("{name} never said {original:?}"))
        }
        (_, None) => Some("no original".to_owned()),
    }
}
