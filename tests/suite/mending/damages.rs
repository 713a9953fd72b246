//! Sound records with one or two of the damages that hands and panels do to them. What is offered as the mended text is judged as a whole:
//! receivers make something of it, what the text named is still named, and nothing is revoked or declined that was not.

use mailproof::dkim::KeyData;
use mailproof::report::Kind;
use mailproof::tls_rpt::Target;
use mailproof::{bimi, dkim, mta_sts, tls_rpt};

use super::advised;

/// A damage by its name.
type Damage = (&'static str, fn(&str) -> String);

/// Each changes the text at one place, or everywhere.
const DAMAGES: &[Damage] = &[
    ("capital names", |text| names(text, str::to_ascii_uppercase)),
    ("capital version", |text| text.replacen(version(text), &version(text).to_ascii_uppercase(), 1)),
    ("small version", |text| text.replacen(version(text), &version(text).to_ascii_lowercase(), 1)),
    ("no version", |text| behind_version(text).to_owned()),
    ("no `v=`", |text| text.replacen("v=", "", 1)),
    ("another number", |text| text.replacen("1;", ";", 1)),
    ("version last", |text| format!("{}; {}", behind_version(text), version(text))),
    ("colon behind the version", |text| text.replacen("1;", "1:", 1)),
    ("comma behind the version", |text| text.replacen("1;", "1,", 1)),
    ("nothing behind the version", |text| text.replacen("1;", "1", 1)),
    ("leading semicolon", |text| format!("; {text}")),
    ("leading space", |text| format!(" {text}")),
    ("semicolon behind `=`", |text| last_equals(text, "=;")),
    ("semicolon and space behind `=`", |text| last_equals(text, "=; ")),
    ("colon for `=`", |text| last_equals(text, ":")),
    ("space for `=`", |text| last_equals(text, " ")),
    ("spaces around `=`", |text| last_equals(text, " = ")),
    ("no name", |text| without_name(text)),
    ("no value", |text| text[..value(text)].to_owned()),
    ("commas for semicolons", |text| text.replace(';', ",")),
    ("spaces for semicolons", |text| text.replace(';', "")),
    ("two semicolons", |text| text.replacen(';', ";;", 1)),
    ("semicolon inside the value", |text| inside(text, ";")),
    ("space inside the value", |text| inside(text, " ")),
    ("comma at the end", |text| format!("{text},")),
    ("quotation marks around the value", |text| around(text, "\"", "\"")),
    ("angle brackets around the value", |text| around(text, "<", ">")),
    ("quotation marks around all", |text| format!("\"{text}\"")),
    ("backslashes", |text| text.replace(';', "\\;")),
    ("a word at the end", |text| format!("{text}; enforce")),
    ("a field at the end without a semicolon", |text| format!("{text} foo=bar")),
    ("the value again", |text| format!("{text}; {}", &text[value(text)..])),
    ("no slashes", |text| text.replace("://", ":")),
    ("no colon", |text| text.replace("://", "//").replace("mailto:", "")),
];

const RECORDS: &[(Kind, &str)] = &[
    (Kind::MtaSts, "v=STSv1; id=20260901"),
    (Kind::TlsRpt, "v=TLSRPTv1; rua=mailto:tls@d.example"),
    (Kind::TlsRpt, "v=TLSRPTv1; rua=mailto:tls@d.example,https://r.example/tls"),
    (Kind::Bimi, "v=BIMI1; l=https://d.example/logo.svg"),
    (Kind::Bimi, "v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/mark.pem"),
    (Kind::DkimKey, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    (
        Kind::DkimKey,
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB",
    ),
];

#[test]
fn what_is_offered_for_a_damaged_record_is_one() {
    let (mut harms, mut seen, mut mended) = (Vec::new(), 0, 0);
    for &(kind, sound) in RECORDS {
        for (first, damage) in DAMAGES {
            let once = damage(sound);
            let twice = DAMAGES.iter().map(|(second, damage)| (format!("{first}, {second}"), damage(&once)));
            for (damages, text) in std::iter::once(((*first).to_owned(), once.clone())).chain(twice) {
                seen += 1;
                let offered = offered(kind, &text);
                mended += usize::from(offered.is_some());
                for after in offered.into_iter().chain(advised(kind, &text)) {
                    if let Some(harm) = harm(kind, sound, &text, &after) {
                        harms.push(format!("{harm}, {damages}: {text:?} → {after:?}"));
                    }
                }
            }
        }
    }
    assert!(harms.is_empty(), "{} of {mended}\n{}", harms.len(), harms.join("\n"));
    // Most of them are mended.
    assert!(mended * 3 > seen * 2, "{mended} of {seen}");
}

fn offered(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::MtaSts => mta_sts::mended(text),
        Kind::TlsRpt => tls_rpt::mended(text),
        Kind::Bimi => bimi::mended(text),
        _ => dkim::mended_key(text),
    }
}

/// What is wrong with offering `after` for `text`, which was `sound` once.
fn harm(kind: Kind, sound: &str, text: &str, after: &str) -> Option<&'static str> {
    let is_effective = match kind {
        Kind::MtaSts => {
            let id = mta_sts::Record::parse(after).id().map(|id| &after[id]);
            let is_id = |id: &str| (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
            mta_sts::Record::is_mta_sts(after) && id.is_some_and(is_id)
        }
        Kind::TlsRpt => {
            let record = tls_rpt::Record::parse(after);
            let is_usable = record.rua.iter().any(|uri| uri.target != Target::Unusable);
            tls_rpt::Record::is_tls_rpt(after) && is_usable
        }
        Kind::Bimi => {
            let record = bimi::Record::parse(after);
            let names =
                |tag: &str| record.tag(tag).is_some_and(|uri| after[uri].to_ascii_lowercase().starts_with("https://"));
            let is_certified = names("a") || record.tag("a").is_none_or(|a| a.is_empty());
            let declines = record.declines() && !text.contains('/');
            bimi::Record::is_bimi(after) && (names("l") && is_certified || declines)
        }
        _ => {
            let key = dkim::Key::parse(&after.into());
            key.is_usable()
                || key.data == KeyData::Revoked
                    && !text.contains(&sound[value(sound)..][..20])
                    && key.defects.is_empty()
        }
    };
    if !is_effective {
        return Some("no effect");
    }
    // What stands in the damaged text as it was still does.
    let data = sound.split([' ', ';', ',']).filter_map(|field| {
        let value = field.split_once('=').map_or(field, |(_, value)| value);
        let value = value.trim_start_matches("mailto:").trim_start_matches("https://");
        (value.len() > 7).then_some(value)
    });
    let mut lost = data.filter(|value| text.contains(value) && !after.contains(value));
    lost.next().map(|_| "lost")
}

fn version(text: &str) -> &str {
    text.split([';', ',']).next().unwrap_or_default()
}

fn behind_version(text: &str) -> &str {
    text[version(text).len()..].trim_start_matches([';', ',', ' '])
}

/// The text with the names of its fields changed.
fn names(text: &str, change: fn(&str) -> String) -> String {
    let fields = text.split(';').map(|field| match field.split_once('=') {
        Some((name, value)) => format!("{}={value}", change(name)),
        None => field.to_owned(),
    });
    fields.collect::<Vec<_>>().join(";")
}

/// Where the value of the last field begins.
fn value(text: &str) -> usize {
    // A key may end in `=`.
    let end = text.trim_end_matches(['=', ';', ',', ' ', '"']).len();
    text[..end].rfind(['=']).map_or(end, |at| at + 1)
}

fn last_equals(text: &str, instead: &str) -> String {
    let at = value(text);
    format!("{}{instead}{}", text[..at].trim_end_matches('='), &text[at..])
}

fn without_name(text: &str) -> String {
    let at = value(text);
    let start = text[..at].rfind([' ', ';']).map_or(0, |space| space + 1);
    format!("{}{}", &text[..start], &text[at..])
}

fn inside(text: &str, what: &str) -> String {
    let at = value(text);
    let middle = text.char_indices().map(|(at, _)| at).find(|&middle| middle >= at + (text.len() - at) / 2);
    let middle = middle.unwrap_or(text.len());
    format!("{}{what}{}", &text[..middle], &text[middle..])
}

fn around(text: &str, before: &str, after: &str) -> String {
    let (head, value) = text.split_at(value(text));
    format!("{head}{before}{value}{after}")
}
