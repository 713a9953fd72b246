//! A message of which no server that SPF could judge shows: handed in, or without a session.

use super::Case;
use crate::Actor;
use crate::Name;
use crate::cause::{Cause, Evidence, Found};
use crate::message::diagnose::facts::is_own;
use crate::message::diagnose::path::claimed_login;

/// What a logged-in account, or a program on the receiver's own hosts, wrote in the name of a domain that is at home there.
pub(super) fn handed_in(case: &Case<'_>) -> Option<Found> {
    let mail = case.mail;
    let handed = mail.handed_in.as_ref().filter(|handed| !handed.was_underway)?;
    let author = mail.author_domain()?;
    let host = Name::parse(&handed.at).ok();
    if !is_own(mail, author) && !host.is_some_and(|host| case.owners().same(&host, author)) {
        return None;
    }
    let at = if handed.at.is_empty() { "the receiving server" } else { handed.at.as_str() };
    let (seen, told) = if handed.logged_in {
        (
            format!("{at} took it from somebody who had logged in"),
            format!(
                "nothing is wrong: somebody who had logged in at {at} handed the message in, so SPF and DMARC, which judge other \
                 servers, do not apply; if the owner of that account did not write it, its password is known to others"
            ),
        )
    } else {
        (
            format!("{at} took it from no other host"),
            format!(
                "nothing is wrong: the message was written inside {at}, so SPF and DMARC, which judge other servers, do not apply; \
                 if nobody there wrote it, an account or a program of that host is misused"
            ),
        )
    };
    Some(Found::new(Cause::NoProblem, Evidence::at(mail.label_at(handed.field), seen)).told(told))
}

/// Says that SPF does not apply if the topmost field is true, where only its place speaks for it.
pub(super) fn unless_logged_in(case: &Case<'_>, found: Found) -> Found {
    let claim = claimed_login(case.mail.input, &case.mail.path).filter(|claim| !claim.was_underway);
    let Some(claim) = claim.filter(|_| found.cause != Cause::NoProblem) else { return found };
    let (told, at) = (&found.told, claim.at);
    let told = format!(
        "{told}; its topmost Received field says that the client had logged in at {at}: if that is a host of the receiver, name it as \
         trusted, and SPF does not apply"
    );
    found.told(told)
}

/// Says that SPF could still decide, where it was not checked.
pub(super) fn undecided(case: &Case<'_>, found: Found) -> Found {
    if case.checks.spf.is_some() || found.cause == Cause::NoProblem || found.cause == Cause::DmarcMissing {
        return found;
    }
    let told = &found.told;
    if case.mail.handed_in.is_some() {
        let told = format!("{told}; it came from no other server, so SPF and DMARC do not apply");
        return found.told(told);
    }
    let missing = match (&case.mail.session.ip, case.mail.session.reverse_path()) {
        (None, None) => "the address of the client and MAIL FROM are not known",
        (None, Some(_)) => "the address of the client is not known",
        _ => "MAIL FROM is not known",
    };
    let told = format!("{told}; {missing}, so SPF was not checked and DMARC is undecided");
    if found.cause != Cause::DkimNotSigned {
        return found.told(told);
    }
    found
        .told(told)
        .for_actor(Actor::Recipient)
        .advise("Give the address of the client and MAIL FROM too (--ip, --mail-from), so that SPF can be checked")
}
