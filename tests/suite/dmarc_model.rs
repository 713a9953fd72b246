//! Policy discovery and Organizational Domains against a plain model of RFC 9989 §4.10, on random zones.

use std::collections::BTreeMap;

use mailproof::dmarc::{self, MAX_VISITS};
use mailproof::dns::{Records, Snapshot};
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use proptest::prelude::*;

use crate::dmarc_world::{applied, discover, evaluate, name, org, signed, zone};

/// The records of a name, as tags; two of them count as none.
type Model = BTreeMap<String, Vec<Vec<(String, String)>>>;

/// `None`: a record without that tag.
fn tag<'m>(record: &'m [(String, String)], key: &str) -> Option<&'m str> {
    record.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

fn suffix(name: &str, labels: usize) -> String {
    let all: Vec<&str> = name.split('.').collect();
    all[all.len() - labels.min(all.len())..].join(".")
}

fn model_walk<'m>(zone: &'m Model, start: &str) -> Vec<(String, &'m [(String, String)])> {
    let (mut found, mut at) = (Vec::new(), start.to_owned());
    loop {
        if let Some([record]) = zone.get(&at).map(Vec::as_slice) {
            found.push((at.clone(), record.as_slice()));
            if matches!(tag(record, "psd"), Some("y" | "n")) {
                return found;
            }
        }
        match at.split('.').count() {
            1 => return found,
            labels => at = suffix(&at, if labels < 8 { labels - 1 } else { 7 }),
        }
    }
}

fn model_org(found: &[(String, &[(String, String)])], start: &str) -> String {
    for (name, record) in found {
        match tag(record, "psd") {
            Some("n") => return name.clone(),
            Some("y") if name != start => return suffix(start, name.split('.').count() + 1),
            _ => {}
        }
    }
    found.last().map_or_else(|| start.to_owned(), |(name, _)| name.clone())
}

/// `domain tag=policy`, or `none`.
fn model_policy(zone: &Model, author: &str, exists: bool) -> String {
    let found = model_walk(zone, author);
    let own = found.first().filter(|(name, _)| name == author);
    let org = model_org(&found, author);
    let Some((domain, record)) = own.or_else(|| found.iter().find(|(name, _)| *name == org)).or(found.last()) else {
        return "none".to_owned();
    };
    let word = |key: &str| tag(record, key).filter(|value| ["none", "quarantine", "reject"].contains(value));
    let bad = word("p").is_none() || ["sp", "np"].iter().any(|key| tag(record, key).is_some() && word(key).is_none());
    let (key, policy) = match (bad, tag(record, "rua")) {
        (true, None) => return "none".to_owned(),
        (true, Some(_)) => ("p", "none"),
        _ if domain == author => ("p", word("p").unwrap_or_default()),
        _ if !exists && word("np").is_some() => ("np", word("np").unwrap_or_default()),
        _ => match word("sp") {
            Some(sp) => ("sp", sp),
            None => ("p", word("p").unwrap_or_default()),
        },
    };
    let policy = match (policy, tag(record, "t").filter(|_| !bad)) {
        ("reject", Some("y")) => "quarantine",
        ("quarantine", Some("y")) => "none",
        (policy, _) => policy,
    };
    format!("{domain} {key}={policy}")
}

const LABELS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "example", "tld"];

/// Names on a few paths, so that records meet.
fn a_name() -> impl Strategy<Value = String> {
    (1..=10usize, any::<bool>()).prop_map(|(labels, other)| {
        let path = LABELS[LABELS.len() - labels..].join(".");
        if other && labels > 1 { path.replacen(LABELS[LABELS.len() - labels], "z", 1) } else { path }
    })
}

fn a_record() -> impl Strategy<Value = Vec<(String, String)>> {
    let policy = || prop::sample::select(&["", "none", "quarantine", "reject", "rejct"]);
    let psd = prop::sample::select(&["", "", "", "u", "y", "n"]);
    (policy(), policy(), policy(), psd, any::<bool>(), any::<bool>()).prop_map(|(p, sp, np, psd, t, rua)| {
        let tags = [("p", p), ("sp", sp), ("np", np), ("psd", psd), ("t", if t { "y" } else { "" })];
        let rua = rua.then_some(("rua", "mailto:r@example.tld"));
        let stated = tags.into_iter().filter(|(_, value)| !value.is_empty()).chain(rua);
        stated.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    })
}

fn a_world() -> impl Strategy<Value = Model> {
    prop::collection::vec((a_name(), a_record()), 0..6).prop_map(|records| {
        let mut model = Model::new();
        for (name, record) in records {
            model.entry(name).or_default().push(record);
        }
        model
    })
}

proptest! {
    #[test]
    fn agrees_with_the_model(model in a_world(), author in a_name(), identifier in a_name(), host in any::<bool>()) {
        let texts: Vec<(&str, String)> = model
            .iter()
            .flat_map(|(name, records)| records.iter().map(move |record| {
                let tags = record.iter().map(|(key, value)| format!("; {key}={value}"));
                (name.as_str(), format!("v=DMARC1{}", tags.collect::<String>()))
            }))
            .collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let mut zone = zone(&texts);
        if host {
            zone.insert(name(&author), Records::Txt(vec![Source::new("here")]));
        }
        // A record below a name makes the name exist (RFC 8020).
        let exists = host || model.keys().any(|key| *key == author || key.ends_with(&format!(".{author}")));

        prop_assert_eq!(applied(&zone, &author), model_policy(&model, &author, exists));
        let (author_org, identifier_org) =
            (model_org(&model_walk(&model, &author), &author), model_org(&model_walk(&model, &identifier), &identifier));
        prop_assert_eq!(org(&zone, &author), author_org.clone());
        prop_assert_eq!(org(&zone, &identifier), identifier_org.clone());
        let outcome = evaluate(&zone, &author, &signed(&identifier));
        if outcome.applied.is_some() {
            prop_assert_eq!(outcome.dkim_aligned(), author == identifier || author_org == identifier_org);
        }
        let found = discover(&zone, &author);
        prop_assert!(found.walk.visits.len() <= MAX_VISITS);
        // A name without a record is predicted from its parent.
        let below = format!("zz.{author}");
        let author = name(&author);
        let predicted = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover_below(dns, &author, "zz"));
        prop_assert_eq!(predicted, Some(discover(&zone, &below)));
    }

    #[test]
    fn a_walk_asks_at_most_eight_questions_in_one_round(model in a_world(), start in a_name()) {
        let texts: Vec<(&str, &str)> = model.keys().map(|name| (name.as_str(), "v=DMARC1; p=none")).collect();
        let zone = zone(&texts);
        let start = name(&start);
        let mut asked = 0;
        let mut rounds = 0;
        let mut dns = Snapshot::new();
        let walk = loop {
            match dmarc::walk(&dns, &start) {
                mailproof::dns::Step::Done(walk) => break walk,
                mailproof::dns::Step::Ask(questions) => {
                    rounds += 1;
                    asked += questions.len();
                    for question in questions {
                        let answer = zone.answer(&question);
                        dns.insert(question, answer);
                    }
                }
            }
        };
        prop_assert!(asked <= MAX_VISITS && rounds == 1 && walk.visits.len() <= asked);
        let again = drive_sync(&mut dns, |_| unreachable!("everything was asked"), |dns| dmarc::walk(dns, &start));
        prop_assert_eq!(again, walk);
    }
}
