//! Inputs that are a question, a zone and perhaps a message, as text that a person can read and a fuzzer can cut.

use mailproof::dns::{Question, RecordType, Snapshot, Step};
use mailproof::report::{Input, Report};
use mailproof::resolver::{Zone, drive_sync};

/// A first line with words, then a zone up to a line `---`, then a message.
pub struct World<'a> {
    /// The words of the first line, by single spaces.
    pub words: Vec<&'a str>,
    /// What the DNS says. Lines that cannot be read are left out.
    pub zone: Zone,
    /// What stands after `---`; empty without it.
    pub message: &'a [u8],
}

impl<'a> World<'a> {
    /// Reads an input; `None` if its head is no text.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let end = memchr::memmem::find(data, b"\n---\n");
        let (head, message) = end.map_or((data, &[][..]), |at| (&data[..at], &data[at + 5..]));
        let head = std::str::from_utf8(head).ok()?;
        let (first, zone) = head.split_once('\n').unwrap_or((head, ""));
        Some(Self { words: first.split(' ').collect(), zone: zone_of(zone), message })
    }

    /// The word at a place of the first line; empty if there is none.
    pub fn word(&self, at: usize) -> &'a str {
        self.words.get(at).copied().unwrap_or_default()
    }

    /// Evaluates to the end, with all that it asked.
    pub fn drive<T>(&self, evaluate: impl Fn(&Snapshot) -> Step<T>) -> (T, Snapshot) {
        let mut dns = Snapshot::new();
        let done = drive_sync(&mut dns, |question| self.zone.answer(question), evaluate);
        (done, dns)
    }

    /// The report, which is the same again when more is known than was asked for.
    pub fn report(&self, input: &Input) -> Report {
        let (report, mut dns) = self.drive(|dns| input.check(dns));
        let names: Vec<_> = self.zone.entries().iter().map(|entry| entry.name.clone()).collect();
        for name in names {
            for &record_type in RecordType::ALL {
                let question = Question::new(name.clone(), record_type);
                let answer = self.zone.answer(&question);
                dns.insert(question, answer);
            }
        }
        let again = input.check(&dns).done().expect("what is done stays done with more answers");
        let results = |report: &Report| -> Vec<_> {
            report.verdicts.iter().map(|verdict| (verdict.method, verdict.domain.clone(), verdict.result)).collect()
        };
        assert_eq!(results(&again), results(&report), "more answers changed a verdict");
        report
    }
}

/// The lines of a zone that can be read.
pub fn zone_of(text: &str) -> Zone {
    let readable: Vec<&str> = text.lines().filter(|line| Zone::parse(line.trim_start()).is_ok()).collect();
    // Lines that are good alone may not be good together.
    Zone::parse(&readable.join("\n")).unwrap_or_default()
}
