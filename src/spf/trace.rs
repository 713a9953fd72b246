//! What happened during an evaluation, as facts in the order in which they happened.

use super::{SpfResult, Term};
use crate::Name;
use crate::dns::{Answer, Question, RecordType, Records};
use crate::text::{Source, Span};

/// The course of an evaluation: the records that were read, their terms as they were tried, and the questions they asked.
///
/// A tree written down depth first: a record's `parent` is the event of the term that led to it.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 a include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// "#)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let trace = &outcome.trace;
/// assert_eq!(trace.records.len(), 2);
/// // `a` and the `include` of the first record, `ip4` of the second.
/// assert_eq!(trace.events.len(), 3);
/// let asked: Vec<_> = trace.lookups.iter().map(|lookup| lookup.question.to_string()).collect();
/// assert_eq!(asked, ["example.com TXT", "example.com A", "_spf.esp.example TXT"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Trace {
    /// The records, in the order in which they were looked for.
    pub records: Vec<TracedRecord>,
    /// The terms, in the order in which they were tried.
    pub events: Vec<Event>,
    /// The questions, in the order in which they were asked.
    pub lookups: Vec<TracedLookup>,
}

/// A name at which a record was looked for.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 include:_spf.esp.example ~all"
/// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// "#)?;
/// let session = spf::Session::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let included = &outcome.trace.records[1];
/// assert_eq!((included.domain.as_str(), included.depth), ("_spf.esp.example", 1));
/// // Its fail matches nothing in the record that includes it (§5.2).
/// assert_eq!(included.result, Some(spf::SpfResult::Fail));
/// assert_eq!(outcome.result, spf::SpfResult::Softfail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TracedRecord {
    /// The name.
    pub domain: Name,
    /// How many includes and redirects led to it.
    pub depth: u16,
    /// The event of the term that led to it; `None` for the first.
    pub parent: Option<usize>,
    /// The record; `None` where none could be selected.
    pub source: Option<Source>,
    /// What evaluating it came to; `None` where it ended in an error of the whole.
    pub result: Option<SpfResult>,
}

/// A term that was tried.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 a:old.example ip4:192.0.2.0/24 -all""#)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let event = &outcome.trace.events[0];
/// assert_eq!(event.target.as_ref().unwrap(), "old.example");
/// // It counted as the first look-up, and as the first void one.
/// assert_eq!((event.lookups, event.voids), ((0, 1), (0, 1)));
/// assert_eq!(event.verdict, spf::Verdict::Missed(spf::Miss::NoRecords));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Event {
    /// Which record it stands in: an index of [`Trace::records`].
    pub record: usize,
    /// Where it stands.
    pub span: Span,
    /// The name it led to, after expansion; `None` for `all`, `ip4` and `ip6`.
    pub target: Option<Name>,
    /// DNS-querying terms counted (§4.6.4) before it, and after it with all that it led to.
    pub lookups: (u32, u32),
    /// Void lookups counted (§4.6.4) before it and after it.
    pub voids: (u32, u32),
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a term.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, Miss, Verdict}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let session = spf::Session::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let verdicts: Vec<Verdict> = outcome.trace.events.iter().map(|event| event.verdict).collect();
/// assert_eq!(verdicts, [Verdict::Missed(Miss::OutsideNetwork), Verdict::Matched]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Verdict {
    /// It matched, and its qualifier is the result of its record.
    Matched,
    /// It did not.
    Missed(Miss),
    /// A redirect: the result of its target is the result of its record.
    Redirected,
    /// It ended the evaluation with temperror or permerror, or some answer is still missing.
    Ended,
}

/// Why a mechanism did not match.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, Miss, Verdict}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 a -all"
/// example.com. A 192.0.2.80
/// "#)?;
/// let session = spf::Session::new("2001:db8::25".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// // The server has begun to send over IPv6, and the record knows its IPv4 addresses only.
/// assert_eq!(outcome.trace.events[0].verdict, Verdict::Missed(Miss::OtherFamily));
/// assert_eq!(outcome.trace.events[1].verdict, Verdict::Missed(Miss::NoRecords));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Miss {
    /// The client has an address of the other family.
    OtherFamily,
    /// The client is outside the network.
    OutsideNetwork,
    /// The name has no address of the client's family, no mail exchange, or does not exist.
    NoRecords,
    /// The name has other addresses.
    OtherAddresses,
    /// The included record does not say pass.
    Included(SpfResult),
    /// No name of the client is validated and below the target.
    NotValidated,
    /// After expansion the target is no name that could be asked for (§4.8).
    UnusableTarget,
    /// The local-part is not ASCII and the term shows it (RFC 8616 §4).
    NonAsciiLocalPart,
}

/// A question that was asked for a term.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 mx -all""#)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let lookup = outcome.trace.lookups_of(0).next().unwrap();
/// assert_eq!(lookup.question.to_string(), "example.com MX");
/// assert!(lookup.void, "the domain has no mail exchange");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TracedLookup {
    /// The question; its answer is in the snapshot.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub question: Question,
    /// The event of the term; `None` for the first record.
    pub event: Option<usize>,
    /// How many records the answer had.
    pub records: usize,
    /// Whether it counted as void (§4.6.4).
    pub void: bool,
}

impl Trace {
    /// The questions that the term of `event` asked.
    pub fn lookups_of(&self, event: usize) -> impl Iterator<Item = &TracedLookup> {
        self.lookups.iter().filter(move |lookup| lookup.event == Some(event))
    }

    /// The record that the term of `event` led to.
    ///
    /// ```
    /// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// example.com. TXT "v=spf1 include:_spf.esp.example -all"
    /// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// "#)?;
    /// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
    /// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
    /// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
    /// let (index, record) = outcome.trace.record_of(0).unwrap();
    /// assert_eq!((index, record.domain.as_str()), (1, "_spf.esp.example"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record_of(&self, event: usize) -> Option<(usize, &TracedRecord)> {
        self.records.iter().enumerate().find(|(_, record)| record.parent == Some(event))
    }
}

/// Is told what happens. `()` hears nothing and costs nothing.
pub(super) trait Observer {
    /// A record is looked for at `domain`.
    fn record(&mut self, domain: &str, depth: u16, parent: Option<usize>) -> usize;
    /// It was found, and has so many terms.
    fn found(&mut self, record: usize, source: &Source, terms: usize);
    /// It was evaluated.
    fn result(&mut self, record: usize, result: SpfResult);
    /// A term is tried.
    fn begin(&mut self, record: usize, term: &Term, counters: Counters) -> usize;
    /// The term's target is known.
    fn target(&mut self, event: usize, name: &str);
    /// Something was asked for it.
    fn lookup(&mut self, event: Option<usize>, name: &str, record_type: RecordType, answer: &Answer, void: bool);
    /// The term is done.
    fn end(&mut self, event: usize, verdict: Verdict, counters: Counters);
    /// What was heard.
    fn finish(self) -> Trace;
}

/// The counters of §4.6.4.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    pub(super) lookups: u32,
    pub(super) voids: u32,
}

impl Observer for () {
    fn record(&mut self, _: &str, _: u16, _: Option<usize>) -> usize {
        0
    }
    fn found(&mut self, _: usize, _: &Source, _: usize) {}
    fn result(&mut self, _: usize, _: SpfResult) {}
    fn begin(&mut self, _: usize, _: &Term, _: Counters) -> usize {
        0
    }
    fn target(&mut self, _: usize, _: &str) {}
    fn lookup(&mut self, _: Option<usize>, _: &str, _: RecordType, _: &Answer, _: bool) {}
    fn end(&mut self, _: usize, _: Verdict, _: Counters) {}
    fn finish(self) -> Trace {
        Trace::default()
    }
}

/// Terms of one record that room is made for at once.
const MANY_TERMS: usize = 32;

impl Observer for Trace {
    fn record(&mut self, domain: &str, depth: u16, parent: Option<usize>) -> usize {
        let domain = Name::from_canonical(domain);
        self.records.push(TracedRecord { domain, depth, parent, source: None, result: None });
        self.records.len() - 1
    }

    fn found(&mut self, record: usize, source: &Source, terms: usize) {
        self.records[record].source = Some(source.clone());
        // Most records are tried to their end; of a very long one that is not known.
        self.events.reserve(terms.min(MANY_TERMS));
    }

    fn result(&mut self, record: usize, result: SpfResult) {
        self.records[record].result = Some(result);
    }

    fn begin(&mut self, record: usize, term: &Term, now: Counters) -> usize {
        self.events.push(Event {
            record,
            span: term.span,
            target: None,
            lookups: (now.lookups, now.lookups),
            voids: (now.voids, now.voids),
            verdict: Verdict::Ended,
        });
        self.events.len() - 1
    }

    fn target(&mut self, event: usize, name: &str) {
        self.events[event].target = Some(Name::from_canonical(name));
    }

    fn lookup(&mut self, event: Option<usize>, name: &str, record_type: RecordType, answer: &Answer, void: bool) {
        // Nearly always it is the target that is asked for: its name is shared.
        let target = event.and_then(|event| self.events[event].target.as_ref()).filter(|target| *target == name);
        let name = target.cloned().unwrap_or_else(|| Name::from_canonical(name));
        let question = Question::new(name, record_type);
        let records = answer.records().map_or(0, Records::len);
        self.lookups.push(TracedLookup { question, event, records, void });
    }

    fn end(&mut self, event: usize, verdict: Verdict, now: Counters) {
        let event = &mut self.events[event];
        event.verdict = verdict;
        event.lookups.1 = now.lookups;
        event.voids.1 = now.voids;
    }

    fn finish(self) -> Self {
        self
    }
}
