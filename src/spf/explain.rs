//! Tells what an evaluation came to.

use std::net::IpAddr;

use super::outcome::{Cause, Outcome, SpfResult, TermRef};
use super::record::{Mechanism, Record, TermKind};
use super::rules::evaluation as rule;
use super::session::{DomainDefect, Identity, Session};
use super::trace::{Miss, Verdict};
use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Diagnostic, Edit, Evidence, Findings, Fix, Label, Subject};
use crate::text::{Source, Span};

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
        cause => format!("receivers cannot interpret the SPF record of {domain}: {}", told_permerror(cause)),
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
fn told_permerror(cause: &Cause) -> String {
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
            format!("more than 10 terms need the DNS, `{}` at {} is one too many", at.text(), at.domain)
        }
        Cause::TooManyVoids { at, question } => {
            format!("more than 2 lookups found nothing, `{question}` for `{}` is one too many", at.text())
        }
        Cause::TooManyExchanges { at, count } => {
            format!("`{}` leads to {count} mail exchanges, and 10 are allowed", at.text())
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
            found.arg("domain", domain).arg("reason", told_permerror(cause));
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
    // The domain's own record can be mended where the match is in it, or in one that it redirects to.
    if result != SpfResult::Pass && path.iter().rev().skip(1).all(is_redirect) {
        let network = match session.ip() {
            IpAddr::V4(ip) => format!("ip4:{ip}"),
            IpAddr::V6(ip) => format!("ip6:{ip}"),
        };
        let title = format!("if this server sends for `{domain}`, authorise it with `{network}`");
        found.fix(Fix::maybe(title, [Edit::insert(term.span.start as usize, format!("{network} "))]));
    }
}

fn is_redirect(term: &TermRef) -> bool {
    const REDIRECT: &str = "redirect=";
    term.text().get(..REDIRECT.len()).is_some_and(|start| start.eq_ignore_ascii_case(REDIRECT))
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

/// What kind of address it is that cannot hand over mail from outside.
fn internal(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() => Some("a loopback address"),
        IpAddr::V4(ip) if ip.is_private() => Some("a private address"),
        IpAddr::V4(ip) if ip.is_link_local() => Some("a link-local address"),
        // RFC 6598: shared by the customers of a carrier.
        IpAddr::V4(ip) if ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64 => Some("a shared carrier address"),
        IpAddr::V6(ip) if ip.is_loopback() => Some("the loopback address"),
        IpAddr::V6(ip) if ip.is_unique_local() => Some("a unique local address"),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// §4.6.4: names of the client after the tenth.
fn names_ignored(outcome: &Outcome, session: &Session, out: &mut Findings) {
    let lookups = outcome.trace.lookups.iter();
    let mut over = lookups.filter(|lookup| lookup.question.record_type == RecordType::Ptr && lookup.records > 10);
    if let Some(lookup) = over.next() {
        let ip = session.ip().to_string();
        let label = Label::whole(&Subject::session("ip", &ip));
        out.report(&rule::MANY_NAMES, label).arg("ip", &ip).arg("count", lookup.records);
    }
}

/// Networks next to the client, and terms that name it but are never reached.
fn near_misses(outcome: &Outcome, session: &Session, out: &mut Findings) {
    for (index, traced) in outcome.trace.records.iter().enumerate() {
        let Some(source) = &traced.source else { continue };
        let record = Record::from_source(source.clone());
        let tried = outcome.trace.events.iter().filter(|event| event.record == index);
        let last = tried.clone().map(|event| event.span.end).max().unwrap_or(0);
        for event in tried.filter(|event| event.verdict == Verdict::Missed(Miss::OutsideNetwork)) {
            if let Some(network) = network_at(&record, event.span)
                && is_neighbour(session.ip(), network)
            {
                let reason = if session.ip().is_ipv4() { "it is in the same /24" } else { "it is in the same /64" };
                near_miss(&traced.domain, source, event.span, reason, session, out);
            }
        }
        // After the last term that was tried nothing is reached, unless an error or a missing answer ended it.
        let ended = outcome.trace.events.iter().any(|event| event.record == index && event.verdict == Verdict::Matched);
        let unreached = record.directives().filter(|(span, _)| ended && span.start >= last);
        for (span, _) in unreached {
            if network_at(&record, span).is_some_and(|network| network.contains(&session.ip())) {
                near_miss(&traced.domain, source, span, "it stands after a term that matches everybody", session, out);
            }
        }
    }
}

/// Networks that were tried, none of which is of the client's address family.
fn other_family(outcome: &Outcome, session: &Session, out: &mut Findings) {
    let events = || outcome.trace.events.iter();
    if events().any(|event| event.verdict == Verdict::Missed(Miss::OutsideNetwork)) {
        return;
    }
    let Some(event) = events().find(|event| event.verdict == Verdict::Missed(Miss::OtherFamily)) else { return };
    let Some(traced) = outcome.trace.records.get(event.record) else { return };
    let Some(source) = &traced.source else { return };
    let subject = Subject::record(&traced.domain, RecordType::Txt, source.clone());
    let family = if session.ip().is_ipv4() { "IPv6" } else { "IPv4" };
    let found = out.report(&rule::FAMILY, Label::new(&subject, event.span));
    found.quote("term").arg("domain", &traced.domain).arg("ip", session.ip()).arg("family", family);
}

fn near_miss(domain: &Name, source: &Source, span: Span, reason: &str, session: &Session, out: &mut Findings) {
    let subject = Subject::record(domain, RecordType::Txt, source.clone());
    let found = out.report(&rule::NEAR_MISS, Label::new(&subject, span).with(reason));
    found.quote("term").arg("domain", domain).arg("ip", session.ip()).arg("reason", reason);
    found.evidence(Evidence::Guessed);
}

fn network_at(record: &Record, span: Span) -> Option<ipnet::IpNet> {
    // Terms stand in the order of their spans.
    let index = record.terms().binary_search_by_key(&span.start, |term| term.span.start).ok()?;
    let term = record.terms().get(index)?;
    let TermKind::Directive(directive) = term.kind else { return None };
    match directive.mechanism {
        Mechanism::Ip4 { address, prefix, .. } => ipnet::IpNet::new(address.into(), prefix).ok(),
        Mechanism::Ip6 { address, prefix, .. } => ipnet::IpNet::new(address.into(), prefix).ok(),
        _ => None,
    }
}

fn is_neighbour(ip: IpAddr, network: ipnet::IpNet) -> bool {
    let near = if ip.is_ipv4() { 24 } else { 64 };
    ipnet::IpNet::new(ip, near).is_ok_and(|around| around.contains(&network.addr()) && network.prefix_len() >= near)
}
