//! `check_host()` (RFC 7208 §4): may this client send for this domain?
//!
//! A pure function of the snapshot. When an answer is missing it says which, with every other question that it
//! can foresee, and is called again from the start.

mod foresee;
mod limits;
mod macros;
mod mechanisms;
mod ptr;

use super::outcome::{Cause, Outcome, SpfResult, TermRef};
use super::qualifier::Qualifier;
use super::record::{DomainSpec, Term, TermKind};
use super::select::{Policy, Selected};
use super::session::Session;
use super::trace::{Counters, Observer, Trace, Verdict};
pub use limits::Limits;
pub use macros::expand_macros;
#[cfg(feature = "crypto")]
pub(crate) use ptr::reverse_name;

use crate::dns::{Answer, Lookup, Question, RecordType, Snapshot, Step};
use crate::text::Span;
use crate::{Name, Timestamp};

/// Checks whether the client may send for the domain (§4), and keeps a trace of what happened.
///
/// `now` is only for `%{t}` in an explanation.
///
/// ```
/// use mailproof::{Timestamp, dns::{Answer, Question, RecordType, Snapshot, Step}, spf};
///
/// let session = spf::Session::new("192.0.2.7".parse()?, "mx.example.com", "a@example.com");
/// let mut dns = Snapshot::new();
/// let Step::Ask(questions) = spf::check_host(&dns, &session, Timestamp(0)) else { panic!() };
/// assert_eq!(questions[0].to_string(), "example.com TXT");
///
/// dns.insert(questions[0].clone(), Answer::txt(["v=spf1 ip4:192.0.2.0/24 -all"]));
/// let Step::Done(outcome) = spf::check_host(&dns, &session, Timestamp(0)) else { panic!() };
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// assert_eq!(outcome.trace.events.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_host(dns: &Snapshot, session: &Session, now: Timestamp) -> Step<Outcome> {
    check_host_with(dns, session, now, &Limits::default())
}

/// The same as [`check_host`], with other limits.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, Limits, SpfResult}};
///
/// // Three old servers are gone: three void look-ups, and two are allowed.
/// let record = r#"example.com. TXT "v=spf1 a:old1.example a:old2.example a:old3.example ip4:192.0.2.7 -all""#;
/// let zone = Zone::parse(record)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let result = |limits: Limits| {
///     let check = |dns: &Snapshot| spf::check_host_with(dns, &session, Timestamp(0), &limits);
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check).result
/// };
/// assert_eq!(result(Limits::default()), SpfResult::Permerror);
/// assert_eq!(result(Limits { voids: 3, ..Limits::default() }), SpfResult::Pass);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_host_with(dns: &Snapshot, session: &Session, now: Timestamp, limits: &Limits) -> Step<Outcome> {
    Evaluator::new(dns, session, now, limits, Trace::default()).run()
}

/// The same as [`check_host`], without a trace: for receivers that only need the verdict.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 ~all""#)?;
/// let session = spf::Session::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com");
/// let verdict = |dns: &Snapshot| spf::verdict(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), verdict);
/// assert_eq!(outcome.result, spf::SpfResult::Softfail);
/// // The result and its cause are the same; only the course of the evaluation is not kept.
/// assert!(outcome.trace.events.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verdict(dns: &Snapshot, session: &Session, now: Timestamp) -> Step<Outcome> {
    Evaluator::new(dns, session, now, &Limits::default(), ()).run()
}

/// Why the evaluation cannot go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Halt {
    /// Answers are missing: [`Evaluator::asked`].
    Ask,
    /// [`Evaluator::cause`] says why.
    Temperror,
    /// [`Evaluator::cause`] says why.
    Permerror,
}

type Eval<T> = Result<T, Halt>;

struct Evaluator<'a, O> {
    dns: &'a Snapshot,
    session: &'a Session,
    now: Timestamp,
    limits: Limits,
    observer: O,
    counters: Counters,
    /// How many includes and redirects deep, and how many of them are includes.
    depth: u16,
    includes: u16,
    asked: Vec<Question>,
    cause: Option<Cause>,
    /// The terms that led to the match, innermost first.
    path: Vec<TermRef>,
    /// Where the explanation of a fail is: the domain of its record, and the macro-string.
    explanation: Option<(String, &'a str)>,
    /// Whether `%{p}` was expanded.
    asked_for_names: bool,
    /// Whether the last record was looked for at a name that does not exist.
    nonexistent: bool,
}

/// A record that is being evaluated.
struct Frame<'f, 'a> {
    domain: &'f str,
    policy: &'a Policy,
    /// Its number in the trace.
    record: usize,
}

/// A term that is being evaluated.
#[derive(Clone, Copy)]
struct At<'f, 'a> {
    frame: &'f Frame<'f, 'a>,
    span: Span,
    /// Its number in the trace.
    event: usize,
}

impl At<'_, '_> {
    fn term(&self) -> TermRef {
        TermRef {
            domain: Name::from_canonical(self.frame.domain),
            source: self.frame.policy.record.source().clone(),
            span: self.span,
        }
    }
}

impl<'a, O: Observer> Evaluator<'a, O> {
    fn new(dns: &'a Snapshot, session: &'a Session, now: Timestamp, limits: &Limits, observer: O) -> Self {
        Self {
            dns,
            session,
            now,
            limits: limits.bounded(),
            observer,
            counters: Counters::default(),
            depth: 0,
            includes: 0,
            asked: Vec::new(),
            cause: None,
            path: Vec::new(),
            explanation: None,
            asked_for_names: false,
            nonexistent: false,
        }
    }

    fn run(mut self) -> Step<Outcome> {
        // §4.3: a malformed domain is none, without a question.
        let domain = match self.session.checked_domain() {
            Ok(domain) => domain,
            Err(defect) => {
                self.cause = Some(Cause::NoDomain(defect));
                return Step::Done(self.finish(SpfResult::None, None));
            }
        };
        let result = match self.record_at(domain.as_str(), None) {
            Ok(SpfResult::None) => {
                self.cause = Some(Cause::NoRecord { nonexistent: self.nonexistent });
                SpfResult::None
            }
            Ok(result) => result,
            Err(Halt::Temperror) => SpfResult::Temperror,
            Err(Halt::Permerror) => SpfResult::Permerror,
            Err(Halt::Ask) => return Step::Ask(self.asked),
        };
        // §6.2: only for a fail by a match.
        let Ok(explanation) = self.explanation(result) else { return Step::Ask(self.asked) };
        Step::Done(self.finish(result, explanation))
    }

    fn finish(mut self, result: SpfResult, explanation: Option<String>) -> Outcome {
        self.path.reverse();
        let cause = match self.cause {
            Some(Cause::NothingMatched { domain, .. }) => Cause::NothingMatched { path: self.path, domain },
            Some(cause) => cause,
            None => Cause::Matched { path: self.path },
        };
        Outcome {
            result,
            identity: self.session.identity(),
            domain: self.session.checked_domain().ok().cloned(),
            cause,
            explanation,
            lookups: self.counters.lookups,
            voids: self.counters.voids,
            limits: self.limits,
            trace: self.observer.finish(),
        }
    }

    /// §4.4 to §4.7: the record at `domain`, to which the term `from` led.
    fn record_at(&mut self, domain: &str, from: Option<&At<'_, 'a>>) -> Eval<SpfResult> {
        let event = from.map(|at| at.event);
        let record = self.observer.record(domain, self.depth, event);
        let Some((answer, selected)) = self.dns.parsed::<Selected>(domain, RecordType::Txt) else {
            return self.want(domain, RecordType::Txt);
        };
        self.heard(answer, domain, RecordType::Txt, from)?;
        let policy = match selected {
            Selected::None => {
                self.nonexistent = answer.lookup == Lookup::NxDomain;
                self.observer.result(record, SpfResult::None);
                return Ok(SpfResult::None);
            }
            // §4.5
            Selected::Several(several) => {
                return self.permerror(Cause::SeveralRecords {
                    domain: Name::from_canonical(domain),
                    at: from.map(At::term),
                    count: several.len(),
                });
            }
            Selected::One(policy) => policy,
        };
        self.observer.found(record, policy.record.source(), policy.record.terms().len());
        let frame = Frame { domain, policy, record };
        // §4.6: an error anywhere, before anything is evaluated.
        if let Some(error) = policy.error {
            let span = policy.record.terms().iter().map(|term| term.span).find(|term| term.contains(error.span));
            let at = At { frame: &frame, span: span.unwrap_or(error.span), event: 0 };
            return self.permerror(Cause::Syntax { at: at.term(), error });
        }
        let result = self.terms(&frame)?;
        self.observer.result(record, result);
        Ok(result)
    }

    /// §4.6.2, §4.7
    fn terms(&mut self, frame: &Frame<'_, 'a>) -> Eval<SpfResult> {
        for (index, term) in frame.policy.record.terms().iter().enumerate() {
            let TermKind::Directive(directive) = &term.kind else { continue };
            let at = self.begin(frame, term);
            match self.mechanism(&at, &directive.mechanism) {
                Ok(verdict @ Verdict::Matched) => {
                    self.observer.end(at.event, verdict, self.counters);
                    let result = SpfResult::from(directive.qualifier);
                    self.matched(&at, result);
                    return Ok(result);
                }
                Ok(verdict) => self.observer.end(at.event, verdict, self.counters),
                Err(halt) => {
                    if halt == Halt::Ask {
                        self.foresee(frame, index + 1);
                    }
                    return Err(halt);
                }
            }
        }
        // §6.1: a redirect, unless the record has `all`.
        match frame.policy.redirect {
            Some((span, spec)) => self.redirect(frame, span, spec),
            None => {
                if self.includes == 0 {
                    let domain = Name::from_canonical(frame.domain);
                    self.cause = Some(Cause::NothingMatched { path: Vec::new(), domain });
                }
                Ok(SpfResult::Neutral)
            }
        }
    }

    fn begin<'f>(&mut self, frame: &'f Frame<'f, 'a>, term: &Term) -> At<'f, 'a> {
        let event = self.observer.begin(frame.record, term, self.counters);
        At { frame, span: term.span, event }
    }

    /// Keeps what is needed to say why, where it may be the whole's result.
    fn matched(&mut self, at: &At<'_, 'a>, result: SpfResult) {
        if self.includes == 0 && result == SpfResult::Fail {
            let record = &at.frame.policy.record;
            self.explanation =
                at.frame.policy.explanation.map(|spec| (at.frame.domain.to_owned(), record.text(spec.span)));
        }
        self.led_here(at, result);
    }

    /// Adds a term to the path. In an include only pass can become the whole's result (§5.2).
    fn led_here(&mut self, at: &At<'_, 'a>, result: SpfResult) {
        if self.includes == 0 || result == SpfResult::Pass {
            self.path.push(at.term());
        }
    }

    /// §6.1
    fn redirect(&mut self, frame: &Frame<'_, 'a>, span: Span, spec: DomainSpec) -> Eval<SpfResult> {
        let event = self.observer.begin(frame.record, &Term { span, kind: TermKind::Redirect(spec) }, self.counters);
        let at = At { frame, span, event };
        self.count_lookup(&at)?;
        let Ok(target) = self.target(&at, Some(spec))? else {
            return self.permerror(Cause::TargetWithoutRecord { at: at.term(), target: None, nonexistent: false });
        };
        self.depth += 1;
        let result = self.record_at(&target, Some(&at))?;
        self.depth -= 1;
        if result == SpfResult::None {
            let (target, nonexistent) = (Some(Name::from_canonical(&target)), self.nonexistent);
            return self.permerror(Cause::TargetWithoutRecord { at: at.term(), target, nonexistent });
        }
        self.observer.end(event, Verdict::Redirected, self.counters);
        self.led_here(&at, result);
        Ok(result)
    }

    /// §4.6.4: DNS-querying terms, over the whole evaluation.
    fn count_lookup(&mut self, at: &At<'_, 'a>) -> Eval<()> {
        self.counters.lookups += 1;
        if self.counters.lookups > self.limits.lookups {
            return self.permerror(Cause::TooManyLookups { at: at.term() });
        }
        Ok(())
    }

    /// The answer to a term's question, as §5 treats it: failures are temperror, and none is void.
    fn ask(&mut self, at: &At<'_, 'a>, name: &str, record_type: RecordType) -> Eval<&'a Answer> {
        let Some(answer) = self.dns.lookup(name, record_type) else { return self.want(name, record_type) };
        self.heard(answer, name, record_type, Some(at))?;
        Ok(answer)
    }

    fn heard(&mut self, answer: &Answer, name: &str, record_type: RecordType, at: Option<&At<'_, 'a>>) -> Eval<()> {
        let void = matches!(answer.lookup, Lookup::NoData | Lookup::NxDomain);
        self.observer.lookup(at.map(|at| at.event), name, record_type, answer, void && at.is_some());
        if let Some(failure) = answer.failure() {
            // §4.4, §5
            let question = Question::new(Name::from_canonical(name), record_type);
            return self.halt(Halt::Temperror, Cause::Dns { question, failure, at: at.map(At::term) });
        }
        match at {
            // §4.6.4: the first record is not asked for by a term.
            Some(at) if void => self.count_void(at, name, record_type),
            _ => Ok(()),
        }
    }

    fn count_void(&mut self, at: &At<'_, 'a>, name: &str, record_type: RecordType) -> Eval<()> {
        self.counters.voids += 1;
        if self.counters.voids > self.limits.voids {
            let question = Question::new(Name::from_canonical(name), record_type);
            return self.permerror(Cause::TooManyVoids { at: at.term(), question });
        }
        Ok(())
    }

    /// Asks for what is missing.
    fn want<T>(&mut self, name: &str, record_type: RecordType) -> Eval<T> {
        let known = self.asked.iter().any(|q| q.record_type == record_type && q.name == *name);
        if !known {
            self.asked.push(Question::new(Name::from_canonical(name), record_type));
        }
        Err(Halt::Ask)
    }

    fn permerror<T>(&mut self, cause: Cause) -> Eval<T> {
        self.halt(Halt::Permerror, cause)
    }

    fn halt<T>(&mut self, halt: Halt, cause: Cause) -> Eval<T> {
        self.cause = Some(cause);
        Err(halt)
    }
}

impl From<Qualifier> for SpfResult {
    fn from(qualifier: Qualifier) -> Self {
        match qualifier {
            Qualifier::Pass => Self::Pass,
            Qualifier::Fail => Self::Fail,
            Qualifier::Softfail => Self::Softfail,
            Qualifier::Neutral => Self::Neutral,
        }
    }
}
