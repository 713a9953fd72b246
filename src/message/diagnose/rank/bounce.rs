//! Step 2: a bounce or automatic reply that came to us. SRS addresses first, then whether the message was ever sent.

use super::Case;
use crate::Actor;
use crate::bounce::{Dsn, Original};
use crate::cause::{Cause, Found};
use crate::message::diagnose::SrsDomain;
use crate::message::diagnose::facts::is_own;
use crate::message::diagnose::mail::domain_of;
use crate::order;
use crate::spf::SpfResult;
use crate::srs::{Address, Form, ReverseError};

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    srs(case).or_else(|| never_sent_or_sent(case))
}

/// A recipient that is an SRS address of ours.
fn srs(case: &Case<'_>) -> Option<Found> {
    let srs = case.mail.recipient()?.srs.as_ref()?;
    case.mail.session.rcpt_to.iter().find_map(|to| reversed(case, srs, to))
}

fn reversed(case: &Case<'_>, srs: &SrsDomain, to: &str) -> Option<Found> {
    let ours = domain_of(to).is_some_and(|domain| domain == srs.domain);
    if !ours || matches!(Address::parse(to).form(), Form::Other) {
        return None;
    }
    match srs.srs.reverse(to, case.mail.input.judged_at()) {
        Ok(found) if case.mail.is_automatic() => {
            let seen = format!("{to} verifies: it is the address that we wrote for {}", found.address);
            Some(genuine(case, seen, &format!("a message of {} that {} sent on", found.address, srs.domain)))
        }
        Ok(_) | Err(ReverseError::NoSecret | ReverseError::NotSrs | ReverseError::NoAt | ReverseError::Database) => {
            None
        }
        Err(ReverseError::Expired) => {
            let days = srs.srs.settings().max_age_days;
            Some(
                Found::new(Cause::SrsExpired, format!("the time stamp of {to} is more than {days} days old"))
                    .told(format!("the bounce goes to {to}, an SRS address of ours that is older than {days} days"))
                    .advise(format!(
                        "Refuse it as usual; raise the maximum age above {days} days only if mail is delayed that long"
                    )),
            )
        }
        Err(ReverseError::FromFuture) => Some(
            Found::new(Cause::SrsExpired, format!("the time stamp of {to} is of a day to come"))
                .told(format!("the bounce goes to {to}, an SRS address of ours with a time stamp of a day to come"))
                .advise("Refuse it as usual, and look at the clocks of the hosts that write and check such addresses"),
        ),
        Err(error) => Some(
            Found::new(
                Cause::SrsHashInvalid,
                format!("{to} does not verify with any secret of {}: {error}", srs.domain),
            )
            .told(format!("the bounce goes to {to}, which {} did not make with its present secrets", srs.domain)),
        ),
    }
}

/// Was the message that it is about sent from here?
fn never_sent_or_sent(case: &Case<'_>) -> Option<Found> {
    if !case.mail.is_automatic() {
        return None;
    }
    let original = case.mail.report.as_ref().and_then(|report| report.original.as_ref());
    by_signature(case).or_else(|| by_message_id(case, original)).or_else(|| by_path(case, original?))
}

/// Only we can make a signature of our domain.
fn by_signature(case: &Case<'_>) -> Option<Found> {
    let returned = case.checks.returned.as_ref()?;
    let signer = returned.signed_by.iter().find(|domain| is_own(case.mail, domain))?;
    let seen = format!("the message that came back has a valid signature of {signer}");
    Some(genuine(case, seen, &format!("a message that {signer} signed")))
}

/// What it answers is, or is not, among what was sent.
fn by_message_id(case: &Case<'_>, original: Option<&Original>) -> Option<Found> {
    let sent = case.mail.recipient()?.sent_message_ids.as_ref()?;
    let about = ids_about(case, original);
    let sent = order::set(sent.iter().map(|sent| bare(sent)));
    let (first, known) = (about.first()?, about.iter().find(|id| sent.contains(bare(id))));
    if let Some(id) = known {
        return Some(genuine(
            case,
            format!("{id} is among the messages that were sent"),
            "a message that was sent from here",
        ));
    }
    Some(backscatter(case, format!("{first} is not among the messages that were sent")))
}

/// RFC 3464 brings the original back; RFC 3834 §3.1.6 names it in In-Reply-To and References.
fn ids_about(case: &Case<'_>, original: Option<&Original>) -> Vec<String> {
    if let Some(id) = original.and_then(|original| original.message_id.clone()) {
        return vec![id];
    }
    // A mailer's report is an answer too, whatever it calls itself.
    if !case.mail.is_automatic_reply() && case.mail.report.is_none() {
        return Vec::new();
    }
    let mut named = Vec::new();
    for body in ["In-Reply-To", "References"].iter().filter_map(|name| case.mail.text(name)) {
        named.extend(body.split_whitespace().map(str::to_owned));
    }
    named
}

fn bare(id: &str) -> &str {
    id.trim().trim_matches(['<', '>'])
}

/// Without a list of what was sent, the way that the returned message took tells.
fn by_path(case: &Case<'_>, original: &Original) -> Option<Found> {
    let author =
        original.from.as_deref().and_then(|from| domain_of(&crate::message::diagnose::facts::first_address(from)?))?;
    if !is_own(case.mail, &author) {
        return None;
    }
    let (hop, result) = case.checks.returned.as_ref()?.spf.as_ref()?;
    let ip = hop.ip?;
    match result {
        SpfResult::Pass => {
            let seen = format!("the message that came back set out from {ip}, which SPF of {author} authorises");
            Some(genuine(case, seen, &format!("a message that came from a server of {author}")))
        }
        SpfResult::Fail | SpfResult::Softfail => Some(backscatter(
            case,
            format!("the message that came back set out from {ip}, which SPF of {author} does not authorise"),
        )),
        SpfResult::None | SpfResult::Neutral | SpfResult::Temperror | SpfResult::Permerror => None,
    }
}

fn genuine(case: &Case<'_>, seen: String, what: &str) -> Found {
    let found = Found::new(Cause::GenuineBounce, seen).told(format!("the report is real: it is about {what}"));
    let Some(report) = &case.mail.report else { return answer(found, what) };
    if let Some(done) = without_failure(report) {
        return found
            .told(format!("the report is real, and no failure: {what} was {done}"))
            .for_actor(Actor::Nobody)
            .advise("Nothing has to be done");
    }
    let Some(bounce) = report.bounces().into_iter().next() else { return found };
    let recipient = recipient(report);
    let advice = bounce.advice();
    let said = bounce.reply.text.clone();
    let found = if said.is_empty() { found } else { found.and(format!("the report says: {}", shortened(&said))) };
    match advice.first() {
        Some(first) => {
            let found = if first.actor == Actor::Forwarder { found.for_actor(first.actor) } else { found };
            found.advise(match recipient {
                Some(recipient) => format!("{} ({recipient})", first.text),
                None => first.text.to_owned(),
            })
        }
        None => found,
    }
}

/// A vacation notice or another answer that a program gave: it reports no failure.
fn answer(found: Found, what: &str) -> Found {
    found
        .told(format!("the automatic answer is real: it is about {what}"))
        .for_actor(Actor::Nobody)
        .advise("Nothing has to be done")
}

/// What became of the message, where no recipient missed it (RFC 3464 §2.3.3).
fn without_failure(report: &Dsn) -> Option<&str> {
    let done =
        |action: &&str| ["delivered", "relayed", "expanded"].iter().any(|word| action.eq_ignore_ascii_case(word));
    let mut actions = report.recipients.iter().map(|recipient| recipient.action.as_deref().filter(|word| done(word)));
    let first = actions.next()??;
    actions.all(|action| action.is_some()).then_some(first)
}

fn recipient(report: &Dsn) -> Option<&str> {
    report.recipients.iter().find_map(|recipient| recipient.address.as_deref())
}

/// Characters of a third party's text that are shown.
const MAX_SHOWN: usize = 200;

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn backscatter(case: &Case<'_>, seen: String) -> Found {
    let mut found = Found::new(Cause::Backscatter, seen)
        .told("the report is about a message that was never sent from here: somebody else used the address");
    if let Some((hop, result)) = case.checks.returned.as_ref().and_then(|returned| returned.spf.as_ref())
        && let Some(ip) = hop.ip
    {
        found = found.and(format!("it set out from {ip}, for which SPF says {result}"));
    }
    if let Some(catch_all) = case.mail.recipient().and_then(|recipient| recipient.catch_all.as_ref()) {
        found = found.advise(format!(
            "Nothing can be done about the forgery; {catch_all} gets such reports because it takes the mail of all addresses"
        ));
    }
    found
}
