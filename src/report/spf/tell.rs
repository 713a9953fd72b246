//! The sentences about an SPF result.

use super::{decided, label};
use crate::dns::Question;
use crate::finding::Label;
use crate::spf::{Cause, DomainDefect, Identity, Outcome, Session, SpfResult, TermRef};

/// The answer in one sentence.
pub(super) fn headline(session: &Session, outcome: &Outcome) -> String {
    let ip = session.ip();
    let domain = session.sender_domain();
    let why = why(session, outcome);
    let result = outcome.result;
    match result {
        SpfResult::Pass => format!("{result}: {ip} may send for {domain}: {why}"),
        SpfResult::Fail => format!("{result}: {ip} may not send for {domain}: {why}"),
        SpfResult::Softfail => format!("{result}: {ip} is probably not allowed to send for {domain}: {why}"),
        SpfResult::Neutral => format!("{result}: {domain} does not say whether {ip} may send for it: {why}"),
        SpfResult::None => format!("{result}: SPF says nothing about this mail: {why}"),
        SpfResult::Temperror => format!("{result}: whether {ip} may send for {domain} cannot be found out now: {why}"),
        SpfResult::Permerror => format!("{result}: receivers cannot use the SPF record of {domain}: {why}"),
    }
}

fn why(session: &Session, outcome: &Outcome) -> String {
    match &outcome.cause {
        Cause::Matched { path } => matched(session, path),
        Cause::NothingMatched { path, domain } => {
            let place =
                if path.is_empty() { "its SPF record".to_owned() } else { format!("the SPF record of {domain}") };
            format!("no term of {place} matches the address, and it ends without `all`")
        }
        Cause::NoDomain(defect) => no_domain(session, *defect),
        Cause::NoRecord { nonexistent: true } => format!("{} does not exist in the DNS", session.sender_domain()),
        Cause::NoRecord { nonexistent: false } => format!("{} has no SPF record", session.sender_domain()),
        Cause::TargetWithoutRecord { at, target, nonexistent } => match (target, nonexistent) {
            (Some(target), true) => format!("{} leads to {target}, which does not exist", term(at)),
            (Some(target), false) => format!("{} leads to {target}, which has no SPF record", term(at)),
            (None, _) => format!("{} leads to no name that could be asked for", term(at)),
        },
        Cause::SeveralRecords { domain, at, count } => match at {
            Some(at) => format!("{} leads to {domain}, which has {count} SPF records instead of one", term(at)),
            None => format!("{domain} has {count} SPF records instead of one"),
        },
        Cause::Syntax { error, at } => format!("{error} in the record of {}", at.domain),
        Cause::TooManyLookups { at } => format!("{} is more than the 10 terms that may ask the DNS", term(at)),
        Cause::TooManyVoids { at, question } => {
            format!("{} asks in vain for {}, and only 2 such questions are allowed", term(at), asked(question))
        }
        Cause::TooManyExchanges { at, count } => {
            format!("{} leads to {count} mail exchanges, and only 10 are allowed", term(at))
        }
        Cause::Dns { question, failure, at } => {
            let asks = at.as_ref().map(|at| format!(", which {} needs", term(at))).unwrap_or_default();
            format!("there is no answer for {}{asks} ({})", asked(question), failure.as_str())
        }
    }
}

fn matched(session: &Session, path: &[TermRef]) -> String {
    let Some((last, before)) = path.split_last() else { return String::from("a term matches") };
    let whose = if last.domain == session.sender_domain() {
        String::from("its SPF record")
    } else {
        format!("the SPF record of {}", last.domain)
    };
    let mut why = if is_all(last) {
        let everybody = match last.text().as_bytes().first() {
            Some(b'-') => "refuses everybody else",
            Some(b'~') => "distrusts everybody else",
            Some(b'?') => "leaves everybody else open",
            _ => "lets everybody in",
        };
        format!("no other term of {whose} matches the address, and {} {everybody}", quoted(last))
    } else {
        format!("{} in {whose} matches the address", quoted(last))
    };
    for (i, step) in before.iter().enumerate() {
        why.push_str(if i == 0 { " (reached by " } else { ", then " });
        why.push_str(&quoted(step));
    }
    if !before.is_empty() {
        why.push(')');
    }
    why
}

fn no_domain(session: &Session, defect: DomainDefect) -> String {
    let what = match (session.identity(), session.mail_from()) {
        (Identity::Helo, _) | (Identity::MailFrom, "") => "the HELO name",
        (Identity::MailFrom, _) => "the domain of MAIL FROM",
    };
    let text = session.sender_domain();
    match defect {
        DomainDefect::Empty => format!("{what} is empty"),
        DomainDefect::Literal => format!("{what}, `{text}`, is an address and not a name"),
        DomainDefect::SingleLabel => format!("{what}, `{text}`, has only one label"),
        DomainDefect::Malformed => format!("{what}, `{text}`, is not a name that the DNS could have"),
    }
}

/// `include:a.example` in the record of b.example
fn term(at: &TermRef) -> String {
    format!("{} in the record of {}", quoted(at), at.domain)
}

fn quoted(at: &TermRef) -> String {
    format!("`{}`", at.source.visible(at.span))
}

fn asked(question: &Question) -> String {
    format!("{} {}", question.name, question.record_type)
}

/// The place that decided, and the terms that led there.
pub(super) fn places(outcome: &Outcome) -> (Option<Label>, Vec<Label>) {
    let words = match &outcome.cause {
        Cause::Matched { .. } => match outcome.result {
            SpfResult::Pass => "this matches the address",
            _ => "this decides",
        },
        Cause::NothingMatched { .. } => "this leads to a record in which nothing matches",
        Cause::TargetWithoutRecord { .. } => "no SPF record is there",
        Cause::SeveralRecords { .. } => "more than one SPF record is there",
        Cause::Syntax { .. } => "this cannot be read",
        Cause::TooManyLookups { .. } | Cause::TooManyVoids { .. } | Cause::TooManyExchanges { .. } => {
            "this is over the limit"
        }
        Cause::Dns { .. } => "this could not be asked",
        Cause::NoDomain(_) | Cause::NoRecord { .. } => "",
    };
    let at = decided(&outcome.cause).map(|at| label(at).with(words));
    let at = match &outcome.cause {
        Cause::Syntax { error, .. } => at.map(|label| Label { span: error.span, ..label }),
        _ => at,
    };
    let path = match &outcome.cause {
        Cause::Matched { path } => path.split_last().map_or(&[][..], |(_, before)| before),
        _ => &[],
    };
    (at, path.iter().map(|step| label(step).with("this leads there")).collect())
}

pub(super) fn citations(cause: &Cause) -> Vec<&'static str> {
    match cause {
        Cause::Matched { path } => match path.last() {
            Some(last) if is_all(last) => vec!["RFC 7208 §4.6.2", "§5.1"],
            _ => vec!["RFC 7208 §4.6.2"],
        },
        Cause::NothingMatched { .. } => vec!["RFC 7208 §4.7"],
        Cause::NoDomain(_) => vec!["RFC 7208 §4.3"],
        Cause::NoRecord { .. } | Cause::SeveralRecords { .. } => vec!["RFC 7208 §4.5"],
        Cause::TargetWithoutRecord { at, .. } if is_redirect(at.text()) => vec!["RFC 7208 §6.1"],
        Cause::TargetWithoutRecord { .. } => vec!["RFC 7208 §5.2"],
        Cause::Syntax { .. } => vec!["RFC 7208 §4.6"],
        Cause::TooManyLookups { .. } | Cause::TooManyVoids { .. } | Cause::TooManyExchanges { .. } => {
            vec!["RFC 7208 §4.6.4"]
        }
        Cause::Dns { .. } => vec!["RFC 7208 §4.4", "§5"],
    }
}

/// Whether the term is `all`, with any qualifier.
pub(super) fn is_all(at: &TermRef) -> bool {
    at.text().trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

/// Whether the term is `redirect=`.
pub(super) fn is_redirect(term: &str) -> bool {
    const REDIRECT: &str = "redirect=";
    term.get(..REDIRECT.len()).is_some_and(|start| start.eq_ignore_ascii_case(REDIRECT))
}
