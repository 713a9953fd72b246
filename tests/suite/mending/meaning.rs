//! What receivers do with a record, as far as mending must not take it away.

use mailproof::dns::{Answer, Question, RecordType, Records, Snapshot};
use mailproof::report::Kind;
use mailproof::resolver::drive_sync;
use mailproof::spf::{self, Session, SpfResult};
use mailproof::text::Source;
use mailproof::{bimi, dkim, dmarc, mta_sts, tls_rpt};

use crate::world;

/// What `before` did and `after` does not.
pub fn lost(kind: Kind, before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    match kind {
        Kind::Spf => spf(before, after),
        Kind::Dmarc => dmarc(before, after),
        Kind::DkimKey => dkim_key(before, after),
        Kind::MtaSts => mta_sts(before, after),
        Kind::TlsRpt => tls_rpt(before, after),
        Kind::Bimi => bimi(before, after),
        _ => None,
    }
}

/// Clients that some term of the random records matches, and some that none does.
const CLIENTS: &[&str] = &[
    "9.9.9.9",
    "9.9.9.10",
    "9.9.8.1",
    "1.2.3.4",
    "203.0.113.7",
    "192.0.2.1",
    "198.51.100.9",
    "127.0.0.1",
    "2620:fe::9",
    "2620:fe::1:9",
    "2001:db8::1",
];

const AROUND: &str = "
    d.example.       A 9.9.9.9
    d.example.       AAAA 2620:fe::9
    d.example.       MX 10 mx.d.example.
    mx.d.example.    A 203.0.113.7
    a.d.example.     A 1.2.3.4
    _spf.d.example.  TXT \"v=spf1 ip4:198.51.100.0/24 -all\"
    s.example.       TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"
    s.example.       A 9.9.8.1
    s.example.       MX 10 s.example.
";

/// A client that passes goes on to pass; one that fails, fails or passes. What was an error may become anything.
fn spf(before: &str, after: &str) -> Option<String> {
    CLIENTS.iter().find_map(|client| {
        let (was, is) = (spf_result(before, client), spf_result(after, client));
        let kept = match was {
            SpfResult::Pass => is == SpfResult::Pass,
            SpfResult::Fail => matches!(is, SpfResult::Pass | SpfResult::Fail),
            SpfResult::Softfail => matches!(is, SpfResult::Pass | SpfResult::Fail | SpfResult::Softfail),
            SpfResult::Neutral => !matches!(is, SpfResult::None | SpfResult::Permerror | SpfResult::Temperror),
            SpfResult::None | SpfResult::Permerror | SpfResult::Temperror => true,
        };
        (!kept).then(|| format!("{was} of {client}, which is {is}"))
    })
}

/// Whether mending lets somebody pass who did not, though receivers could read the record.
pub fn gained(before: &str, after: &str) -> Option<String> {
    CLIENTS.iter().find_map(|client| {
        let (was, is) = (spf_result(before, client), spf_result(after, client));
        let denied = matches!(was, SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral);
        (denied && is == SpfResult::Pass).then(|| format!("{client}, which is {was}"))
    })
}

fn spf_result(text: &str, client: &str) -> SpfResult {
    let zone = world::zone(AROUND);
    let (own, nothing) = ("d.example", Answer::from(Records::Txt(vec![Source::new("v=spf1 -all")])));
    let resolve = |question: &Question| match (question.record_type, zone.answer(question)) {
        (RecordType::Txt, _) if question.name.as_str() == own => Answer::from(Records::Txt(vec![Source::new(text)])),
        // Every name that a record may include has one: what is missing there is no matter here.
        (RecordType::Txt, answer) if answer.records().is_none() && is_plain(question.name.as_str()) => nothing.clone(),
        (_, answer) => answer,
    };
    let session = Session::new(client.parse().expect("an address"), "mx.d.example", "a@d.example");
    drive_sync(&mut Snapshot::new(), resolve, |dns| spf::check_host(dns, &session, world::NOW)).result
}

/// A name that somebody may have registered.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

fn dmarc(before: &str, after: &str) -> Option<String> {
    let (before, after) = (dmarc::Record::parse(before), dmarc::Record::parse(after));
    for (tag, (was, is)) in ["p", "sp", "np"].iter().zip(strengths(&before).into_iter().zip(strengths(&after))) {
        if was > is {
            return Some(format!("the strength of {tag}"));
        }
    }
    if !before.is_dmarc() {
        return None;
    }
    for (tag, was, is) in [("adkim", before.adkim(), after.adkim()), ("aspf", before.aspf(), after.aspf())] {
        if was.value().is_some() && was.value() != is.value() {
            return Some(tag.to_owned());
        }
    }
    let addresses = |record: &dmarc::Record| -> Vec<String> {
        let uris = record.rua().iter().chain(record.ruf());
        let mailboxes = uris.filter_map(|uri| uri.mailbox(record.source()));
        mailboxes.map(|mailbox| mailbox.to_string().trim_start_matches('/').to_owned()).collect()
    };
    let kept = addresses(&after);
    let gone = addresses(&before).into_iter().find(|address| !kept.contains(address));
    gone.map(|address| format!("the address {address}"))
}

/// How strong the policies for the domain, its sub-domains and those that do not exist are; test mode makes each weaker.
fn strengths(record: &dmarc::Record) -> [i32; 3] {
    let dmarc::Request::Policies(policies) = record.request() else { return [0; 3] };
    if !record.is_dmarc() {
        return [0; 3];
    }
    let testing = i32::from(record.t().value() == Some(dmarc::Testing::Yes));
    [policies.p, policies.sp, policies.np].map(|policy| {
        let strength = match policy {
            dmarc::Policy::None => 0,
            dmarc::Policy::Quarantine => 1,
            dmarc::Policy::Reject => 2,
        };
        (strength - testing).max(0)
    })
}

fn dkim_key(before: &str, after: &str) -> Option<String> {
    let (before, after) = (dkim::Key::parse(&before.into()), dkim::Key::parse(&after.into()));
    // §3.2: a record with a fault of the list revokes nothing.
    if matches!(before.data, dkim::KeyData::Revoked)
        && before.defects.is_empty()
        && !matches!(after.data, dkim::KeyData::Revoked)
    {
        return Some("the revocation".to_owned());
    }
    if !before.is_usable() {
        return None;
    }
    let same_key = match (&before.data, &after.data) {
        (dkim::KeyData::Rsa(was), dkim::KeyData::Rsa(is)) => {
            was.modulus() == is.modulus() && was.exponent() == is.exponent()
        }
        (was, is) => was == is,
    };
    let same_use = before.is_for_email() == after.is_for_email() || after.is_for_email();
    if !after.is_usable() || !same_key || !same_use {
        return Some("a key that was usable".to_owned());
    }
    let (was, is) = ((before.is_testing(), before.is_strict()), (after.is_testing(), after.is_strict()));
    (was != is).then(|| "a flag".to_owned())
}

fn mta_sts(before: &str, after: &str) -> Option<String> {
    let id = |text: &str| {
        let record = mta_sts::Record::parse(text);
        let id = record.id().filter(|_| mta_sts::Record::is_mta_sts(text)).map(|id| text[id].to_owned())?;
        // RFC 8461 §3.1
        ((1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(id)
    };
    id(before).filter(|was| id(after).as_ref() != Some(was)).map(|was| format!("the id {was}"))
}

fn tls_rpt(before: &str, after: &str) -> Option<String> {
    let uris = |text: &str| -> Vec<String> {
        let record = tls_rpt::Record::parse(text);
        let usable = record.rua.iter().filter(|uri| uri.target != tls_rpt::Target::Unusable);
        // To write a character as `%21` is another way to write the same.
        usable.map(|uri| text[uri.span].replace('!', "%21")).collect()
    };
    let (was, is) = (uris(before), uris(after));
    let gone = was.into_iter().find(|uri| !is.contains(uri));
    gone.filter(|_| tls_rpt::Record::is_tls_rpt(before)).map(|uri| format!("the destination {uri}"))
}

fn bimi(before: &str, after: &str) -> Option<String> {
    let logo = |text: &str, tag: &str| {
        let value = bimi::Record::parse(text).tag(tag).map(|value| text[value].trim().to_owned())?;
        let is_uri = value.starts_with("https://") && value.bytes().all(|b| b.is_ascii_graphic());
        (bimi::Record::is_bimi(text) && is_uri).then_some(value)
    };
    let gone = ["l", "a"].into_iter().find(|tag| logo(before, tag).is_some_and(|was| logo(after, tag) != Some(was)));
    gone.map(|tag| format!("what {tag} names"))
}
