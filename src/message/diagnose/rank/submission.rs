//! Step 1: a message that is handed in. From first, then the return path.

use super::Case;
use crate::cause::{Cause, Evidence, Found};
use crate::message::diagnose::{Stage, Submission};
use crate::order;
use crate::sender::{self, Author, Delegation, Directory, Entries, Field, Fields, Right};
use crate::text::Source;

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    if case.mail.input.stage != Stage::Submission {
        return None;
    }
    let Some(account) = &case.mail.input.submission else {
        return Some(Found::new(Cause::NoProblem, "nothing is known of the login, so there is nothing to compare"));
    };
    let directory = match directory(account) {
        Ok(directory) => directory,
        Err(error) => {
            return Some(Found::new(
                Cause::NoProblem,
                format!("the account cannot be compared with the message: {error}"),
            ));
        }
    };
    let authors = authors(case, &directory, account);
    let path = check(case, &directory, account, Vec::new()).mail_from;
    Some(
        from(case, &authors, account)
            .or_else(|| return_path(path?, account))
            .unwrap_or_else(|| in_order(&authors, account)),
    )
}

/// What each mailbox is for the login, field by field. RFC 5322 §3.6 allows one From field; of several nobody knows which
/// one a receiver reads.
fn authors(case: &Case<'_>, directory: &Directory, account: &Submission) -> Vec<(usize, Vec<Author>)> {
    let body = |index: usize| Source::from_bytes(case.mail.message.fields()[index].body());
    let field = |index| Field { index, body: body(index) };
    let read = |index| (index, check(case, directory, account, vec![field(index)]).from);
    case.mail.from.iter().map(|(index, _)| read(*index)).collect()
}

fn directory(account: &Submission) -> Result<Directory, sender::DirectoryError> {
    let login = &account.login;
    let owners = |address: &String| (address.clone(), vec![login.clone()]);
    let (whole_domains, aliases): (Vec<String>, Vec<String>) = account
        .aliases
        .iter()
        .map(|alias| alias.trim_start_matches('*').to_owned())
        .partition(|alias| alias.starts_with('@'));
    let delegated = account.delegated.iter().map(|address| Delegation {
        address: address.clone(),
        to: login.clone(),
        right: Right::SendAs,
    });
    Directory::new(&Entries {
        // A login may be a bare name; then only its aliases are addresses.
        logins: order::map(login.contains('@').then(|| (login.clone(), login.clone()))),
        aliases: order::map(aliases.iter().map(owners)),
        wildcards: order::map(whole_domains.iter().map(owners)),
        alias_domains: account.alias_domains.clone(),
        delegations: delegated.collect(),
        ..Entries::default()
    })
}

fn check(case: &Case<'_>, directory: &Directory, account: &Submission, from: Vec<Field>) -> sender::Outcome {
    let submission = sender::Submission {
        login: Some(&account.login),
        mail_from: case.mail.session.reverse_path(),
        fields: Some(Fields { from, ..Fields::default() }),
    };
    sender::check(directory, &submission, |name| case.owners().registrable(name))
}

fn from(case: &Case<'_>, authors: &[(usize, Vec<Author>)], account: &Submission) -> Option<Found> {
    let login = &account.login;
    let nobody = authors.iter().any(|(_, names)| names.is_empty());
    if nobody || authors.is_empty() {
        let what = if authors.is_empty() { "there is no From field" } else { "From names nobody" };
        let found = Found::new(Cause::FromNotSingleDomain, what);
        return Some(found.advise(format!("Write one From field with one address: From: {login}")));
    }
    let mut all = authors.iter().flat_map(|(index, names)| names.iter().map(move |author| (*index, author)));
    let (index, foreign) = all.find(|(_, author)| !author.status.is_allowed())?;
    let address = &foreign.address;
    let seen = format!("From says {address}, which is {} for the login {login}", told(foreign));
    let evidence = Evidence::at(case.mail.label_at(index), seen);
    Some(
        Found::new(Cause::SenderMismatchFrom, evidence)
            .told(format!("{login} is logged in, but From says {address}, which is no address of that account"))
            .advise(format!(
                "Write as {login}, or have {address} added to the account as an alias or with the right to send as it"
            )),
    )
}

fn return_path(path: Author, account: &Submission) -> Option<Found> {
    use sender::Status;
    if path.status.is_allowed() || path.status == Status::Null {
        return None;
    }
    let (login, address) = (&account.login, &path.address);
    Some(
        Found::new(
            Cause::SenderMismatchReturnPath,
            format!("MAIL FROM is {address}, which is {} for the login {login}", told(&path)),
        )
        .told(format!("{login} is logged in and From is right, but the return path says {address}"))
        .advise(format!("Set the return path (envelope sender) of the mail program to {login}")),
    )
}

fn in_order(authors: &[(usize, Vec<Author>)], account: &Submission) -> Found {
    let addresses: Vec<&str> =
        authors.iter().flat_map(|(_, names)| names).map(|author| author.address.as_str()).collect();
    let login = &account.login;
    let seen = format!("{login} may write as {}", addresses.join(", "));
    Found::new(Cause::NoProblem, seen.clone()).told(format!("{seen}, and the return path is in order"))
}

/// What an address is for a login, for people.
fn told(author: &Author) -> &'static str {
    use sender::Status as S;
    match author.status {
        S::OtherUser => "somebody else's",
        S::UnknownLocal => "nobody's address at a domain of this service",
        S::Foreign => "at a domain that this service does not host",
        S::ReceiveOnly => "an address that only receives",
        S::Inactive => "switched off",
        S::Invalid => "no address",
        S::OwnedNotLoggedIn => "an address that needs a login",
        S::Null => "the null reverse-path",
        S::Own
        | S::Alias
        | S::AliasDomain
        | S::Subaddress
        | S::Wildcard
        | S::SendAs
        | S::SendOnBehalf
        | S::AnySender => "allowed",
    }
}
