//! Tells what an evaluation came to.

mod authorise;
mod near;

use std::net::IpAddr;

use near::{near_misses, other_family};

pub(crate) use authorise::{internal, is_redirect, lists_kind_of, place_to_authorise, term_for};

use super::check_host::Limits;
use super::outcome::{Cause, Outcome, SpfResult, TermRef};
use super::rules::evaluation as rule;
use super::session::{DomainDefect, Identity, Session};
use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Diagnostic, Edit, Findings, Fix, Label, Subject};

/// The outcome in one sentence, without a full stop: "fail: 192.0.2.1 may not send for example.com, …".
///
/// ```
/// use mailproof::{resolver::{drive_sync, Zone}, dns::Snapshot, spf, Timestamp};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"")?;
/// let session = spf::Session::new("203.0.113.9".parse()?, "mail.example.com", "a@example.com");
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// assert_eq!(
///     spf::headline(&outcome, &session),
///     "fail: 203.0.113.9 may not send mail for example.com, says its SPF record with `-all`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn headline(outcome: &Outcome, session: &Session) -> String {
    let ip = session.ip();
    let domain = outcome.domain.as_ref().map(Name::to_string).unwrap_or_default();
    let said = match &outcome.cause {
        Cause::Matched { path } => told_match(outcome.result, path, &ip, &domain),
        Cause::NothingMatched { .. } => {
            format!("the SPF record of {domain} says nothing about {ip}: no term matches and it has no `all`")
        }
        Cause::NoDomain(defect) => {
            format!("there is no domain to check: {}", told_defect(*defect))
        }
        Cause::NoRecord { nonexistent: true } => format!("{domain} does not exist"),
        Cause::NoRecord { nonexistent: false } => format!("{domain} publishes no SPF record"),
        Cause::Dns { question, failure, .. } => {
            format!("no verdict yet, the DNS answers `{question}` with {}", failure.as_str())
        }
        cause => {
            let why = told_permerror(cause, &outcome.limits);
            format!("receivers cannot interpret the SPF record of {domain}: {why}")
        }
    };
    format!("{}: {said}", outcome.result)
}

fn told_match(result: SpfResult, path: &[TermRef], ip: &IpAddr, domain: &str) -> String {
    let term = path.last().map(TermRef::text).unwrap_or_default();
    let via = match path.split_last().and_then(|(_, before)| before.first()).map(TermRef::text) {
        Some(first) => format!("`{first}`, there `{term}`"),
        None => format!("`{term}`"),
    };
    match result {
        SpfResult::Pass => format!("{ip} may send mail for {domain}, says its SPF record with {via}"),
        SpfResult::Fail => format!("{ip} may not send mail for {domain}, says its SPF record with {via}"),
        SpfResult::Softfail => format!("{ip} probably may not send mail for {domain}, says its SPF record with {via}"),
        _ => format!("the SPF record of {domain} says nothing about {ip}, with {via}"),
    }
}

fn told_defect(defect: DomainDefect) -> &'static str {
    match defect {
        DomainDefect::Empty => "nothing is there",
        DomainDefect::Literal => "an address literal is no domain",
        DomainDefect::SingleLabel => "a name without a dot is no mail domain",
        DomainDefect::Malformed => "it is no domain name",
    }
}

/// Why receivers cannot interpret the records; the end of a sentence.
fn told_permerror(cause: &Cause, limits: &Limits) -> String {
    match cause {
        Cause::TargetWithoutRecord { at, target, nonexistent } => match target {
            Some(target) if *nonexistent => format!("`{}` leads to {target}, which does not exist", at.text()),
            Some(target) => format!("`{}` leads to {target}, which has no SPF record", at.text()),
            None => format!("`{}` leads to no name that could be asked for", at.text()),
        },
        Cause::SeveralRecords { domain, count, .. } => {
            format!("{domain} has {count} SPF records, and only one is allowed")
        }
        Cause::Syntax { at, error } => format!("{error} in the record of {}", at.domain),
        Cause::TooManyLookups { at } => {
            let (term, domain) = (at.text(), &at.domain);
            format!("more than {} terms need the DNS, `{term}` at {domain} is one too many", limits.lookups)
        }
        Cause::TooManyVoids { at, question } => {
            let (limit, term) = (limits.voids, at.text());
            format!("more than {limit} lookups found nothing, `{question}` for `{term}` is one too many")
        }
        Cause::TooManyExchanges { at, count } => {
            format!("`{}` leads to {count} mail exchanges, and {} are allowed", at.text(), limits.exchanges)
        }
        Cause::Matched { .. }
        | Cause::NothingMatched { .. }
        | Cause::NoDomain(_)
        | Cause::NoRecord { .. }
        | Cause::Dns { .. } => String::new(),
    }
}

/// The findings about an outcome: what decided, where, and what is remarkable about the session.
///
/// ```
/// use mailproof::{resolver::{drive_sync, Zone}, dns::Snapshot, spf, Timestamp};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ipv4:192.0.2.1 -all\"")?;
/// let session = spf::Session::new("192.0.2.1".parse()?, "mail.example.com", "a@example.com");
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// let found = &spf::explain(&outcome, &session)[0];
/// assert_eq!(found.code, "spf-eval-permerror");
/// assert_eq!(found.primary.quoted(), "ipv4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(outcome: &Outcome, session: &Session) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    result(outcome, session, &mut out);
    about_session(session, &mut out);
    names_ignored(outcome, session, &mut out);
    if !matches!(outcome.result, SpfResult::Pass) {
        near_misses(outcome, session, &mut out);
        other_family(outcome, session, &mut out);
    }
    out.into_vec()
}

/// The finding that a reported result (in Received-SPF or Authentication-Results) is another one than the evaluation's.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, SpfResult}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let session = spf::Session::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let field = mailproof::finding::Subject::given("pass (mx.example.org: best guess) client-ip=198.51.100.7");
/// let found = spf::compare_reported(SpfResult::Pass, &outcome, &field).unwrap();
/// assert_eq!(found.code, "spf-result-disagrees");
/// assert!(spf::compare_reported(SpfResult::Fail, &outcome, &field).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_reported(reported: SpfResult, outcome: &Outcome, field: &Subject) -> Option<Diagnostic> {
    if reported == outcome.result {
        return None;
    }
    let mut found = Diagnostic::new(&rule::DISAGREES, Label::whole(field));
    found.arg("reported", reported).arg("result", outcome.result);
    Some(found)
}

fn result(outcome: &Outcome, session: &Session, out: &mut Findings) {
    let domain = outcome.domain.as_ref().map(Name::to_string).unwrap_or_default();
    match &outcome.cause {
        Cause::Matched { path } => matched(outcome.result, path, session, &domain, out),
        Cause::NothingMatched { path, domain: last } => {
            let label = path.last().map_or_else(|| at_domain(last, outcome), place);
            let found = out.report(&rule::NEUTRAL, label);
            found.arg("domain", last).arg("ip", session.ip());
            found.arg("reason", "no term matches, and the record has neither `all` nor `redirect`");
        }
        Cause::NoDomain(defect) => {
            let (part, text) = checked_text(session);
            let found = out.report(&rule::DOMAIN_INVALID, Label::whole(&Subject::session(part, text)));
            found.arg("text", text).arg("reason", told_defect(*defect));
        }
        Cause::NoRecord { nonexistent } => {
            let label = outcome.domain.as_ref().map(|name| at_domain(name, outcome));
            let label = label.unwrap_or_else(|| Label::whole(&Subject::given("")));
            let reason = if *nonexistent { "does not exist" } else { "publishes no SPF record" };
            out.report(&rule::NONE, label).arg("domain", domain).arg("reason", reason);
        }
        Cause::Dns { question, failure, at } => {
            let label = at.as_ref().map_or_else(|| at_domain(&question.name, outcome), place);
            out.report(&rule::TEMPERROR, label).arg("question", question).arg("failure", failure.as_str());
        }
        cause => {
            let label = permerror_place(cause, outcome);
            let found = out.report(&rule::PERMERROR, label);
            found.arg("domain", domain).arg("reason", told_permerror(cause, &outcome.limits));
        }
    }
}

fn matched(result: SpfResult, path: &[TermRef], session: &Session, domain: &str, out: &mut Findings) {
    let Some(term) = path.last() else { return };
    let rule = match result {
        SpfResult::Pass => &rule::PASS,
        SpfResult::Fail => &rule::FAIL,
        SpfResult::Softfail => &rule::SOFTFAIL,
        _ => &rule::NEUTRAL,
    };
    let found = out.report(rule, place(term));
    found.arg("ip", session.ip()).arg("domain", domain).arg("term", term.text());
    if result == SpfResult::Neutral {
        found.arg("reason", format!("`{}` matched", term.text()));
    }
    found.label(match result {
        SpfResult::Pass => "this term matched",
        _ => "no term before it matched",
    });
    for led in path.iter().rev().skip(1) {
        found.related(place(led).with("led there"));
    }
    // An edit is of the record that the finding points at.
    let is_here = || place_to_authorise(path, session).is_some_and(|place| std::ptr::eq(place, term));
    if result != SpfResult::Pass && is_here() {
        let network = term_for(session.ip());
        let title = format!("if this server sends for `{domain}`, authorise it with `{network}`");
        found.fix(Fix::maybe(title, [Edit::insert(term.span.start as usize, format!("{network} "))]));
    }
}

fn place(term: &TermRef) -> Label {
    Label::new(&Subject::record(&term.domain, RecordType::Txt, term.source.clone()), term.span)
}

/// The record at `domain`, as far as the trace has it.
fn at_domain(domain: &Name, outcome: &Outcome) -> Label {
    let traced = outcome.trace.records.iter().find(|record| record.domain == *domain);
    let source = traced.and_then(|record| record.source.clone()).unwrap_or_default();
    Label::whole(&Subject::record(domain, RecordType::Txt, source))
}

fn permerror_place(cause: &Cause, outcome: &Outcome) -> Label {
    match cause {
        Cause::Syntax { at, error } => {
            Label::new(&Subject::record(&at.domain, RecordType::Txt, at.source.clone()), error.span).with("here")
        }
        Cause::TargetWithoutRecord { at, .. }
        | Cause::TooManyLookups { at }
        | Cause::TooManyVoids { at, .. }
        | Cause::TooManyExchanges { at, .. }
        | Cause::SeveralRecords { at: Some(at), .. } => place(at),
        Cause::SeveralRecords { domain, .. } => at_domain(domain, outcome),
        Cause::Matched { .. }
        | Cause::NothingMatched { .. }
        | Cause::NoDomain(_)
        | Cause::NoRecord { .. }
        | Cause::Dns { .. } => Label::whole(&Subject::given("")),
    }
}

/// What stands for the checked domain in the session.
fn checked_text(session: &Session) -> (&'static str, &str) {
    match session.identity() {
        Identity::MailFrom if !session.mail_from().is_empty() => ("mail-from", session.mail_from()),
        Identity::MailFrom | Identity::Helo => ("helo", session.helo()),
    }
}

fn about_session(session: &Session, out: &mut Findings) {
    if session.identity() == Identity::MailFrom && session.mail_from().is_empty() {
        let label = Label::whole(&Subject::session("mail-from", "<>"));
        out.report(&rule::NULL_MAIL_FROM, label).arg("helo", session.helo());
    }
    if session.helo().starts_with('[') {
        let label = Label::whole(&Subject::session("helo", session.helo()));
        out.report(&rule::HELO_LITERAL, label).arg("helo", session.helo());
    }
    let ip = session.given_ip().to_string();
    let label = || Label::whole(&Subject::session("ip", &ip));
    if session.given_ip() != session.ip() {
        out.report(&rule::IPV4_MAPPED, label()).arg("ip", &ip).arg("v4", session.ip());
    }
    if let Some(kind) = internal(session.ip()) {
        out.report(&rule::PRIVATE_CLIENT, label()).arg("ip", session.ip()).arg("kind", kind);
    }
}

/// §4.6.4: names of the client that are too many to be looked at.
fn names_ignored(outcome: &Outcome, session: &Session, out: &mut Findings) {
    let (lookups, limit) = (outcome.trace.lookups.iter(), outcome.limits.names);
    let mut over = lookups.filter(|lookup| lookup.question.record_type == RecordType::Ptr && lookup.records > limit);
    if let Some(lookup) = over.next() {
        let ip = session.ip().to_string();
        let label = Label::whole(&Subject::session("ip", &ip));
        let found = out.report(&rule::MANY_NAMES, label);
        found.arg("ip", &ip).arg("count", lookup.records).arg("limit", limit);
    }
}

#[cfg(test)]
mod tests {
    use crate::Timestamp;
    use crate::dns::Snapshot;
    use crate::finding::{Change, Diagnostic};
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{self, Limits, Session};

    fn told(ip: &str, zone: &str, limits: &Limits) -> (String, Vec<Diagnostic>) {
        let (zone, session) =
            (Zone::parse(zone).unwrap(), Session::new(ip.parse().unwrap(), "mx.d.example", "a@d.example"));
        let check = |dns: &Snapshot| spf::check_host_with(dns, &session, Timestamp(0), limits);
        let outcome = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), check);
        (spf::headline(&outcome, &session), spf::explain(&outcome, &session))
    }

    #[test]
    fn what_stands_behind_the_match_is_never_reached() {
        let zone = "d.example. TXT \"v=spf1 -ip4:9.9.9.0/24 ip4:9.9.9.7 -all\"";
        let (_, found) = told("9.9.9.7", zone, &Limits::default());
        let found = found.iter().find(|found| found.code == "spf-eval-near-miss").unwrap();
        let reason = "it stands after `-ip4:9.9.9.0/24`, which matched first";
        assert_eq!(found.params.get("reason"), Some(reason));
    }

    /// A client is authorised in a record of the domain's owner, and only by an address that receivers see.
    #[test]
    fn whom_the_owner_can_authorise() {
        let offered = |ip: &str, zone: &str| {
            let (_, found) = told(ip, zone, &Limits::default());
            let fix = found[0].fixes.first()?;
            let Change::Edit(edits) = &fix.change else { panic!("{fix:?}") };
            Some((found[0].primary.subject.source().text().to_owned(), edits[0].text.clone()))
        };
        let own = "v=spf1 -all".to_owned();
        let term = "ip4:9.9.9.9 ".to_owned();
        assert_eq!(offered("9.9.9.9", "d.example. TXT \"v=spf1 -all\""), Some((own.clone(), term.clone())));
        let redirected = |to: &str| format!("d.example. TXT \"v=spf1 redirect={to}\"\n{to}. TXT \"v=spf1 -all\"");
        assert_eq!(offered("9.9.9.9", &redirected("_spf.d.example")), Some((own, term)));
        assert_eq!(offered("9.9.9.9", &redirected("_spf.provider.example")), None);
        assert_eq!(offered("10.0.0.5", "d.example. TXT \"v=spf1 -all\""), None);
    }

    #[test]
    fn limits_are_told_as_they_were() {
        let zone = "d.example. TXT \"v=spf1 a:x.d.example a:y.d.example mx -all\"";
        let told = |limits: Limits| told("9.9.9.9", zone, &limits).0;
        let voids = told(Limits { voids: 0, ..Limits::default() });
        assert!(voids.contains("more than 0 lookups found nothing"), "{voids}");
        let lookups = told(Limits { lookups: 1, ..Limits::default() });
        assert!(lookups.contains("more than 1 terms need the DNS"), "{lookups}");
    }
}
