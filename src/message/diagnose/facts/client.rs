//! Who the client is to the domain that it sends for.

use super::Owners;
use crate::Name;
use crate::dns::{RecordType, Snapshot};
use crate::message::diagnose::checks::Checks;
use crate::message::diagnose::mail::Mail;

/// What the client is to a domain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Client {
    /// A host of the domain: a name of the domain has its address.
    Own,
    /// It says so in HELO, and the DNS does not confirm it.
    ClaimsToBeOwn,
    /// Somebody else's.
    Other,
}

pub(in super::super) fn client(mail: &Mail<'_>, checks: &Checks, domain: &Name) -> Client {
    let helo = Name::parse(mail.session.helo()).ok();
    let named = helo.is_some_and(|helo| Owners::of(mail.input).same(&helo, domain));
    match (named, checks.helo_confirmed) {
        (true, Some(true)) => Client::Own,
        _ if checks.author_host && mail.author_domain() == Some(domain) => Client::Own,
        (true, _) => Client::ClaimsToBeOwn,
        (false, _) => Client::Other,
    }
}

/// The include or redirect in the SPF record of `domain` that names the client's organization: its usual sender.
pub(in super::super) fn covering_include(dns: &Snapshot, mail: &Mail<'_>, domain: &Name) -> Option<String> {
    let owners = Owners::of(mail.input);
    let helo = owners.registrable(&Name::parse(mail.session.helo()).ok()?);
    let answer = dns.lookup(domain.as_str(), RecordType::Txt)?;
    let records = answer.txts().iter().filter(|text| text.text().len() >= 6 && text.text().starts_with("v=spf1"));
    let mut terms = records.flat_map(|text| text.text().split_ascii_whitespace());
    let names_sender = |term: &&str| {
        let target = term.trim_start_matches(['+', '?', '~', '-']);
        let target = target.strip_prefix("include:").or_else(|| target.strip_prefix("redirect="));
        let target = target.and_then(|target| Name::parse(target).ok());
        target.is_some_and(|target| target.label_count() > 1 && owners.registrable(&target) == helo)
    };
    terms.find(names_sender).map(str::to_owned)
}
