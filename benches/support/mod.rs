//! What the benches share: their inputs.
#![allow(dead_code, unreachable_pub, clippy::print_stderr)]

pub mod caches;
pub mod peer;

use std::path::Path;

use mailproof::Name;
use mailproof::dns::{Mx, Question, RecordType, Records, Snapshot, Step};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;

/// A file of `benches/data`.
pub fn bytes(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/data").join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A file of `benches/data` that is text.
pub fn input(path: &str) -> String {
    String::from_utf8(bytes(path)).expect("UTF-8").trim_end().to_owned()
}

/// A file of `../shared/bench` that is too large for the repository; `None`, and one line said, where it is not there.
pub fn large(path: &str) -> Option<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench").join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("skipped: {}: {error}", file.display());
            None
        }
    }
}

/// The records of `dns/zone.txt`: lines of name, type, data.
pub fn zone() -> Zone {
    let mut zone = Zone::new();
    let text = input("dns/zone.txt");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [name, record_type, data] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let name: Name = name.parse().expect("a name");
        let records = match record_type.parse().expect("a type") {
            RecordType::Txt => Records::Txt(vec![Source::new(data)]),
            RecordType::A => Records::A(vec![data.parse().expect("an address")]),
            RecordType::Mx => {
                let (preference, host) = data.split_once(' ').expect("a preference");
                let preference = preference.parse().expect("a number");
                Records::Mx(vec![Mx { preference, exchange: host.parse().expect("a name") }])
            }
            other => panic!("{other}"),
        };
        zone.insert(name, records);
    }
    zone
}

/// The zone of an example.
pub fn example_zone(name: &str) -> Zone {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zones").join(name);
    Zone::parse(&std::fs::read_to_string(file).expect("a zone")).expect("a zone")
}

/// A snapshot that has been driven to the end of `evaluate`, so that it is complete.
pub fn complete<T>(zone: &Zone, evaluate: impl Fn(&Snapshot) -> Step<T>) -> Snapshot {
    let mut snapshot = Snapshot::new();
    drive_sync(&mut snapshot, |question: &Question| zone.answer(question), evaluate);
    snapshot
}

/// The sessions of `spf/eval.txt`: name, address, HELO name, sender, expected result.
pub fn sessions() -> Vec<[String; 5]> {
    let text = input("spf/eval.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.map(|words| words.try_into().expect("five words")).collect()
}
