//! Small random zones in which everything refers to everything.

use mailproof::resolver::Zone;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Records in the order in which they were made up: name, type, data.
#[derive(Clone, Debug)]
pub struct World(pub Vec<(String, &'static str, String)>);

impl World {
    pub fn zone(&self) -> Zone {
        let lines = self.0.iter().map(|(name, record_type, data)| match *record_type {
            "SERVFAIL" => format!("{name}. SERVFAIL\n"),
            "TXT" => format!("{name}. TXT \"{data}\"\n"),
            "MX" => format!("{name}. MX 10 {data}.\n"),
            "PTR" => format!("{name}. PTR {data}.\n"),
            record_type => format!("{name}. {record_type} {data}\n"),
        });
        crate::world::zone(&lines.collect::<String>())
    }

    /// For programs that read JSON: name to type to data.
    pub fn json(&self) -> Value {
        let mut zone = json!({});
        for (name, record_type, data) in &self.0 {
            let of_type = &mut zone[name.as_str()][*record_type];
            if of_type.is_null() {
                *of_type = json!([]);
            }
            let list = of_type.as_array_mut().expect("a list");
            // The same record twice is one record (RFC 2181 §5).
            if !list.iter().any(|known| known == data) {
                list.push(json!(data));
            }
        }
        zone
    }
}

pub const NAMES: &[&str] = &["d.example", "a.example", "b.example", "c.example", "x.d.example"];

/// Which kinds of terms a record may have.
#[derive(Clone, Copy)]
pub enum Terms {
    /// All of them.
    All,
    /// Those on which mail-auth and the RFC agree: no `ptr`, `exists`, `%{p}`, and no qualified include.
    WithoutPeerDefects,
}

fn term(terms: Terms) -> impl Strategy<Value = String> {
    let name = prop::sample::select(NAMES);
    let qualifier = prop::sample::select(&["", "+", "-", "~", "?"]);
    (qualifier, name, 0..10u8, 0..4u8).prop_map(move |(qualifier, name, kind, n)| match (kind, terms) {
        (0, Terms::All) => format!("{qualifier}include:{name}"),
        (0, Terms::WithoutPeerDefects) => format!("include:{name}"),
        (1, _) => format!("{qualifier}a:{name}/28"),
        (2, _) => format!("{qualifier}mx:{name}"),
        (3, _) => format!("{qualifier}ip4:192.0.2.{n}"),
        (4, Terms::All) => format!("{qualifier}exists:%{{i}}.%{{d}}"),
        (5, Terms::All) => format!("{qualifier}ptr:{name}"),
        (6, _) => format!("redirect={name}"),
        (7, Terms::All) => format!("{qualifier}exists:%{{p}}.{name}"),
        (8, _) => format!("{qualifier}all"),
        _ => format!("{qualifier}a"),
    })
}

fn record(terms: Terms) -> impl Strategy<Value = String> {
    prop::collection::vec(term(terms), 0..6).prop_map(|terms| {
        // A second `redirect` would be a syntax error, and little else would be tried.
        let mut redirected = false;
        let mut kept = vec!["v=spf1".to_owned()];
        for term in terms {
            let redirect = term.starts_with("redirect");
            if !(redirect && redirected) {
                kept.push(term);
            }
            redirected |= redirect;
        }
        kept.join(" ")
    })
}

/// Worlds with up to `records` SPF records; `failures` puts names into them that do not answer.
pub fn world(terms: Terms, records: usize, failures: bool) -> impl Strategy<Value = World> {
    let records = prop::collection::vec((prop::sample::select(NAMES), record(terms)), 1..=records);
    let others = prop::collection::vec((prop::sample::select(NAMES), 0..6u8, 0..4u8), 0..12);
    (records, others).prop_map(move |(records, others)| {
        let texts = records.into_iter().map(|(name, record)| (name.to_owned(), "TXT", record));
        let others = others.into_iter().map(|(name, kind, n)| match kind {
            0 => (name.to_owned(), "A", format!("192.0.2.{n}")),
            1 => (name.to_owned(), "MX", NAMES[usize::from(n)].to_owned()),
            2 => (format!("{n}.2.0.192.in-addr.arpa"), "PTR", name.to_owned()),
            3 if failures => (name.to_owned(), "SERVFAIL", String::new()),
            4 => (format!("192.0.2.{n}.{name}"), "A", "127.0.0.2".to_owned()),
            _ => (name.to_owned(), "AAAA", format!("2001:db8::{n}")),
        });
        World(texts.chain(others).collect())
    })
}
