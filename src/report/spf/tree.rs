//! The course of an SPF check as a tree of steps.

use crate::dns::{Answer, Lookup, RecordType, Records, Snapshot};
use crate::finding::{Label, Subject};
use crate::report::{Branch, Counter, Mark, Trace};
use crate::spf::{self, Event, Identity, Limits, Miss, Outcome, Session, SpfResult, TracedLookup, Verdict};
use crate::text::Span;

/// The trace; `None` where nothing was asked.
pub(in crate::report) fn trace(session: &Session, outcome: &Outcome, dns: &Snapshot) -> Option<Trace> {
    let identity = match session.identity() {
        Identity::Helo => "HELO",
        Identity::MailFrom => "MAIL FROM",
    };
    let tree = Tree::new(session, &outcome.trace, dns);
    let first = outcome.trace.records.first()?;
    let branch = Branch {
        text: first.domain.to_string(),
        outcome: outcome.result.as_str().to_owned(),
        mark: mark(outcome.result),
        notes: tree.record_note(0).into_iter().chain(tree.notes(None)).collect(),
        children: tree.terms(0),
        ..Branch::default()
    };
    Some(Trace {
        title: format!("SPF of {} for {} ({identity})", session.sender_domain(), session.ip()),
        counters: counters(outcome.lookups, outcome.voids),
        branches: vec![branch],
    })
}

/// Whether an include, and not only redirects, led to the record.
pub(super) fn is_included(trace: &spf::Trace, record: usize) -> bool {
    let mut at = trace.records.get(record);
    // A parent stands before its child, so this ends.
    while let Some(event) = at.and_then(|record| trace.events.get(record.parent?)) {
        at = trace.records.get(event.record);
        let text = at.and_then(|record| record.source.as_ref()).map_or("", |source| &source.text()[event.span]);
        if !spf::explain::is_redirect(text) {
            return true;
        }
    }
    false
}

struct Tree<'a> {
    session: &'a Session,
    trace: &'a spf::Trace,
    dns: &'a Snapshot,
    /// The events of each record, in order.
    events: Vec<Vec<usize>>,
    /// The record that each event led to.
    led_to: Vec<Option<usize>>,
    /// The questions of each event.
    lookups: Vec<Vec<&'a TracedLookup>>,
}

impl<'a> Tree<'a> {
    fn new(session: &'a Session, trace: &'a spf::Trace, dns: &'a Snapshot) -> Self {
        let mut events = vec![Vec::new(); trace.records.len()];
        for (i, event) in trace.events.iter().enumerate() {
            if let Some(of_record) = events.get_mut(event.record) {
                of_record.push(i);
            }
        }
        let mut led_to = vec![None; trace.events.len()];
        for (i, record) in trace.records.iter().enumerate() {
            if let Some(slot) = record.parent.and_then(|parent| led_to.get_mut(parent)) {
                *slot = Some(i);
            }
        }
        let mut lookups = vec![Vec::new(); trace.events.len()];
        for lookup in &trace.lookups {
            if let Some(of_event) = lookup.event.and_then(|event| lookups.get_mut(event)) {
                of_event.push(lookup);
            }
        }
        Self { session, trace, dns, events, led_to, lookups }
    }

    /// The terms of a record that were tried. As deep as the evaluation went, which its limit of ten bounds.
    fn terms(&self, record: usize) -> Vec<Branch> {
        let read = &self.trace.records[record];
        let Some(source) = &read.source else { return Vec::new() };
        let subject = Subject::record(&read.domain, RecordType::Txt, source.clone());
        let branch = |&i: &usize| {
            let event = &self.trace.events[i];
            let (outcome, mark) = self.outcome(event, source.text()[event.span].as_bytes().first().copied(), i);
            let moved = event.lookups.0 != event.lookups.1 || event.voids.0 != event.voids.1;
            let inner = self.led_to[i];
            Branch {
                text: source.visible(event.span).to_string(),
                at: Some(Label::new(&subject, event.span)),
                outcome,
                mark,
                notes: inner.and_then(|inner| self.record_note(inner)).into_iter().chain(self.notes(Some(i))).collect(),
                counters: if moved { counters(event.lookups.1, event.voids.1) } else { Vec::new() },
                children: inner.map(|inner| self.terms(inner)).unwrap_or_default(),
            }
        };
        self.events[record].iter().map(branch).collect()
    }

    fn outcome(&self, event: &Event, first: Option<u8>, index: usize) -> (String, Mark) {
        let ip = self.session.ip();
        match event.verdict {
            Verdict::Matched => {
                let result = match first {
                    Some(b'-') => SpfResult::Fail,
                    Some(b'~') => SpfResult::Softfail,
                    Some(b'?') => SpfResult::Neutral,
                    _ => SpfResult::Pass,
                };
                (format!("match: {result}"), mark(result))
            }
            Verdict::Missed(miss) => (format!("no match{}", reason(miss, ip.is_ipv4())), Mark::NoMatch),
            Verdict::Redirected => {
                let result = self.led_to[index].and_then(|record| self.trace.records[record].result);
                result.map_or((String::new(), Mark::Plain), |result| (result.as_str().to_owned(), mark(result)))
            }
            Verdict::Ended => ("ends here".to_owned(), Mark::Error),
        }
    }

    /// `_spf.example.net TXT "v=spf1 …"`
    fn record_note(&self, record: usize) -> Option<String> {
        let read = &self.trace.records[record];
        let source = read.source.as_ref()?;
        let end = source.text().char_indices().nth(QUOTED).map(|(at, _)| at);
        let shown = source.visible(Span::new(0, end.unwrap_or(source.text().len())));
        let cut = if end.is_some() { "..." } else { "" };
        // The first record stands below its name.
        let name = if record == 0 { String::new() } else { format!("{} ", read.domain) };
        Some(format!("{name}TXT: {shown}{cut}"))
    }

    /// What was asked for a term, and answered. Records of policies are told by themselves.
    fn notes(&self, event: Option<usize>) -> Vec<String> {
        let lookups: Vec<&TracedLookup> = match event {
            Some(event) => self.lookups[event].clone(),
            None => self.trace.lookups.iter().filter(|lookup| lookup.event.is_none()).collect(),
        };
        let told = lookups.into_iter().filter_map(|lookup| {
            let answer = self.dns.get(&lookup.question)?;
            let void = if lookup.void { " (void)" } else { "" };
            answered(answer).map(|answer| format!("{}: {answer}{void}", lookup.question))
        });
        told.collect()
    }
}

/// Characters of a record beside the name that has it; all of it is in the findings and in the snapshot.
const QUOTED: usize = 90;
/// Addresses or names of an answer that are listed.
const LISTED: usize = 6;

fn counters(lookups: u32, voids: u32) -> Vec<Counter> {
    let limits = Limits::default();
    let counter = |name, used: u32, limit: u32| Counter { name, used: used as usize, limit: limit as usize };
    vec![counter("lookups", lookups, limits.lookups), counter("voids", voids, limits.voids)]
}

fn mark(result: SpfResult) -> Mark {
    match result {
        SpfResult::Pass => Mark::Good,
        SpfResult::Fail | SpfResult::Softfail => Mark::Bad,
        SpfResult::Neutral | SpfResult::None => Mark::NoMatch,
        SpfResult::Temperror | SpfResult::Permerror => Mark::Error,
    }
}

fn reason(miss: Miss, is_ipv4: bool) -> String {
    match miss {
        Miss::OtherFamily if is_ipv4 => ": for IPv6 only".to_owned(),
        Miss::OtherFamily => ": for IPv4 only".to_owned(),
        Miss::OutsideNetwork => String::new(),
        Miss::NoRecords => ": nothing is there".to_owned(),
        Miss::OtherAddresses => ": other addresses".to_owned(),
        Miss::Included(result) => format!(": the included record says {result}"),
        Miss::NotValidated => ": no validated name".to_owned(),
        Miss::UnusableTarget => ": not a name to ask for".to_owned(),
        Miss::NonAsciiLocalPart => ": the local-part is not ASCII".to_owned(),
    }
}

/// What an answer says; `None` for texts.
fn answered(answer: &Answer) -> Option<String> {
    let records = match &answer.lookup {
        Lookup::NoData => return Some("no such record".to_owned()),
        Lookup::NxDomain => return Some("no such name".to_owned()),
        Lookup::Failure(failure) => return Some(failure.as_str().to_owned()),
        Lookup::Records(records) => records,
    };
    let mut values: Vec<String> = match records {
        Records::A(addresses) => addresses.iter().take(LISTED).map(ToString::to_string).collect(),
        Records::Aaaa(addresses) => addresses.iter().take(LISTED).map(ToString::to_string).collect(),
        Records::Mx(hosts) => {
            hosts.iter().take(LISTED).map(|mx| format!("{} {}", mx.preference, mx.exchange)).collect()
        }
        Records::Ptr(names) => names.iter().take(LISTED).map(ToString::to_string).collect(),
        _ => return None,
    };
    if records.len() > LISTED {
        values.push(format!("{} more", records.len() - LISTED));
    }
    Some(values.join(", "))
}
