//! Step 5: the message is authenticated. What is left is on the recipient's side, or nothing.

use super::{Case, Row, dkim, failed, policy, spf};
use crate::cause::{Cause, Evidence, Found};
use crate::dmarc::{DmarcResult, Section, explain};
use crate::message::diagnose::facts::{doubled, forwarded, list_mark, rewritten, same_gmail, shown_address};

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    if !case.is_authenticated() {
        return nothing_failed(case);
    }
    gmail_shows_it_once(case)
        .or_else(|| sent_to_alias_too(case))
        .or_else(|| display_name(case))
        .or_else(|| unsigned_content(case))
        .or_else(|| spf::open_to_all(case))
        .or_else(|| list_and_walk_differ(case))
        .or_else(|| policy::missing(case))
        .or_else(|| Some(nothing_wrong(case)))
}

/// Without DMARC nobody asks for alignment: then only SPF or DKIM themselves can have failed.
fn nothing_failed(case: &Case<'_>) -> Option<Found> {
    use crate::spf::SpfResult;
    let spf_in_order = case.spf_result().is_none_or(|result| result == SpfResult::Pass);
    let dkim_in_order = case.checks.signatures.iter().all(super::Signed::passes);
    let forged = || failed::spoofed(case).is_some();
    if spf_in_order && dkim_in_order && !forged() { policy::missing(case) } else { None }
}

fn gmail_shows_it_once(case: &Case<'_>) -> Option<Found> {
    let mail = case.mail;
    let author = mail.author_address()?;
    let back = mail.session.rcpt_to.iter().find(|to| same_gmail(author, to))?;
    let came_round = forwarded(mail, case.checks).map(|forwarded| forwarded.text).or_else(|| {
        let mark = list_mark(mail)?;
        Some(format!("{} shows that it came over the list {}", mark.field, mark.name()))
    });
    let came_round = came_round.or_else(|| Some(format!("the return path was rewritten with {}", rewritten(mail)?.0)));
    let id = mail.text("Message-ID").unwrap_or_default();
    let sent = mail.recipient().and_then(|recipient| recipient.sent_message_ids.as_ref());
    let sent = sent.is_some_and(|sent| sent.iter().any(|one| one.trim() == id.trim()));
    let sent = sent.then(|| format!("the Message-ID {id} is in the mailbox already, among what was sent"));
    let seen: Vec<Evidence> = came_round.into_iter().chain(sent).map(Evidence::from).collect();
    if seen.is_empty() || !case.checks.recipient_at_google {
        return None;
    }
    let found =
        Found::new(Cause::GmailLoopDedup, format!("{author} wrote it, and it comes back to {back}")).and_all(seen);
    Some(found.told(format!(
        "{author} wrote to an address that redirects to the same Gmail mailbox; Gmail has the message {id} already \
                 and does not show it again"
    )))
}

fn sent_to_alias_too(case: &Case<'_>) -> Option<Found> {
    let (first, second) = doubled(case.mail)?;
    Some(
        Found::new(Cause::DuplicateByAlias, format!("it went to {first} and to {second}, which lead to one mailbox"))
            .told(format!("the message went to {first} and to {second}, which is the same mailbox, so it comes twice"))
            .advise(format!("Nothing is broken; write to {first} or to {second} only")),
    )
}

fn display_name(case: &Case<'_>) -> Option<Found> {
    let (shown, label) = shown_address(case.mail)?;
    let real = case.mail.author_address().unwrap_or_default();
    Some(
        Found::new(Cause::DisplayNameSpoof, Evidence::at(label, format!("the display name shows {shown}")))
            .told(format!("the message is really from {real}; {shown} stands in its display name only"))
            .advise(format!("Judge the message by its real address, {real}")),
    )
}

/// `l=` (RFC 6376 §8.2), where no other aligned signature covers everything.
fn unsigned_content(case: &Case<'_>) -> Option<Found> {
    let aligned = || case.checks.signatures.iter().filter(|signed| signed.passes() && case.is_aligned(signed));
    let unsigned = |signed: &super::Signed| signed.outcome.body.map_or(0, |body| body.unsigned());
    if aligned().any(|signed| unsigned(signed) == 0) {
        return None;
    }
    let signed = aligned().next()?;
    let octets = unsigned(signed);
    let domain = signed.outcome.domain()?;
    Some(
        Found::new(
            Cause::DkimPartialBody,
            Evidence::at(
                case.mail.label_at(signed.outcome.field),
                format!("`l=` leaves the last {octets} octets unsigned"),
            ),
        )
        .told(format!(
            "the signature of {domain} passes, but the last {octets} octets of the message are not signed (`l=`)"
        ))
        .advise(format!("{domain} should sign without `l=`; do not trust the end of this message")),
    )
}

fn list_and_walk_differ(case: &Case<'_>) -> Option<Found> {
    let found = divergence(case)?;
    (case.dmarc_result() == DmarcResult::Pass).then_some(found)
}

/// Receivers of RFC 7489 find another Organizational Domain, and with it another result.
pub(super) fn divergence(case: &Case<'_>) -> Option<Found> {
    let (new, old) = case.checks.receivers.split_first()?;
    let other = old.iter().find(|old| {
        old.org_domain != new.org_domain && old.result != new.result && old.result != DmarcResult::Temperror
    })?;
    let suffixes = case.mail.input.suffixes.as_ref()?;
    let author = case.mail.author_domain()?;
    let by_list = suffixes.org_domain(author, Section::Icann).unwrap_or_else(|| author.clone());
    let by_walk = new.org_domain.as_ref().map_or_else(|| author.to_string(), ToString::to_string);
    Some(
        Found::new(Cause::TreeWalkPslDivergence, explain::verdict(new))
            .and(explain::verdict(other))
            .told(format!(
                "receivers differ about {author}: its Organizational Domain is {by_walk} by tree walk (RFC 9989) and {by_list} by \
                 the Public Suffix List (RFC 7489), so DMARC is {} for the first and {} for the others",
                new.result, other.result
            ))
            .advise(format!("Publish a DMARC record at _dmarc.{by_list}, or sign with d={author} itself")),
    )
}

/// Nothing has to be done; every leg that fails is harmless, and says why.
fn nothing_wrong(case: &Case<'_>) -> Found {
    let author = case.author();
    let passing: Vec<&Row> = case.checks.rows.iter().filter(|row| row.aligned_pass()).collect();
    let carried = passing.first().map_or_else(|| "DMARC passes".to_owned(), |row| carried(row, &passing, author));
    let seen = passing.iter().map(|row| Evidence::from(row.why.clone()));
    let mut found = Found::new(Cause::NoProblem, carried.clone()).and_all(seen);
    let legs = [spf::beside(case), dkim::leg(case)];
    let harmless: Vec<String> = legs.into_iter().flatten().map(|leg| leg.told).collect();
    found = match harmless.as_slice() {
        [] => found.told(format!("nothing is wrong: {carried}")),
        several => found.told(format!(
            "nothing is wrong: {carried}, which is enough; it is harmless that {}",
            several.join(", and that ")
        )),
    };
    found.and_all(harmless.into_iter().map(|told| Evidence::from(format!("harmless: {told}"))))
}

/// What passes, and for whom.
fn carried(row: &Row, passing: &[&Row], author: &str) -> String {
    let domain = &row.identifier.domain;
    let has = |spf: bool| passing.iter().any(|row| row.identifier.is_spf() == spf && row.identifier.domain == *domain);
    let who = match (has(true), has(false)) {
        (true, true) => "SPF and DKIM pass",
        (true, false) => "SPF passes",
        _ => "DKIM passes",
    };
    if domain.as_str() == author {
        format!("{who} for {domain}, the domain in From")
    } else {
        format!("{who} for {domain}, which is aligned with {author} in From")
    }
}
