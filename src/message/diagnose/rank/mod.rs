//! How the one root cause is chosen: the first step that has an answer.

mod author;
mod bounce;
mod copied;
mod dkim;
mod failed;
mod lookups;
mod origin;
mod passed;
mod policy;
mod spf;
mod stranger;
mod submission;

use super::checks::Checks;
use super::facts::{Owners, list_mark, rewritten};
use super::mail::{Mail, domain_of};
use super::{Row, Signed, Stage};
use crate::Name;
use crate::arc::ArcResult;
use crate::cause::{Cause, Found};
use crate::dmarc::DmarcResult;
use crate::dns::Snapshot;
use crate::message::AuthResults;
use crate::order::sort_by_key;
use crate::spf::SpfResult;

/// The steps, in their order.
pub(super) fn primary(case: &Case<'_>) -> Found {
    submission::cause(case)
        .or_else(|| bounce::cause(case))
        .or_else(|| author::cause(case))
        .or_else(|| lookups::cause(case))
        .or_else(|| policy::cause(case))
        .or_else(|| passed::cause(case))
        .unwrap_or_else(|| failed::cause(case))
}

/// What is wrong with each leg that DMARC stands on, beside the primary cause.
pub(super) fn secondary(case: &Case<'_>, primary: &Found) -> Vec<Found> {
    let alone = matches!(
        primary.cause,
        Cause::SpoofedOwnDomain
            | Cause::Backscatter
            | Cause::GenuineBounce
            | Cause::SrsExpired
            | Cause::SrsHashInvalid
            | Cause::FromNotSingleDomain
    );
    // What decides there is no verdict of today's.
    let undecided = primary.cause == Cause::NoProblem && !case.is_authenticated();
    if alone || undecided || case.mail.input.stage == Stage::Submission {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    // A record that receivers do not see is missing to them, and told already.
    let unseen = matches!(primary.cause, Cause::DmarcRecordMalformed | Cause::DmarcMultipleRecords);
    let policy = policy::missing(case).filter(|_| !unseen);
    let legs = [dkim::leg(case), spf::beside(case), policy];
    for leg in legs.into_iter().flatten() {
        // What the list changed is part of that cause.
        let told = primary.cause == Cause::MailingListModified && leg.cause.is_alteration();
        let known = told || leg.cause == primary.cause || found.iter().any(|other| other.cause == leg.cause);
        if !known && leg.cause != Cause::NoProblem {
            found.push(leg);
        }
    }
    found
}

/// A message with everything that was checked.
pub(super) struct Case<'a> {
    pub(super) dns: &'a Snapshot,
    pub(super) mail: &'a Mail<'a>,
    pub(super) checks: &'a Checks,
}

impl<'a> Case<'a> {
    pub(super) fn new(dns: &'a Snapshot, mail: &'a Mail<'a>, checks: &'a Checks) -> Self {
        Self { dns, mail, checks }
    }

    /// The Author Domain as it is told: empty where there is none, and then nothing is told of it.
    fn author(&self) -> &str {
        self.mail.author_domain().map_or("", Name::as_str)
    }

    fn owners(&self) -> Owners<'a> {
        Owners::of(self.mail.input)
    }

    fn dmarc_result(&self) -> DmarcResult {
        self.checks.dmarc.as_ref().map_or(DmarcResult::None, |outcome| outcome.result)
    }

    /// Whether DMARC passes, or would if there were a record.
    fn is_authenticated(&self) -> bool {
        match self.dmarc_result() {
            DmarcResult::Pass => true,
            DmarcResult::None => self.checks.rows.iter().any(Row::aligned_pass),
            DmarcResult::Fail | DmarcResult::Temperror | DmarcResult::Permerror => false,
        }
    }

    fn spf_row(&self) -> Option<&'a Row> {
        self.checks.rows.iter().find(|row| row.identifier.is_spf())
    }

    fn spf_result(&self) -> Option<SpfResult> {
        self.checks.spf.as_ref().map(|spf| spf.outcome.result)
    }

    /// The domain that SPF looked at.
    fn spf_domain(&self) -> Option<&'a Name> {
        self.checks.spf.as_ref()?.outcome.domain.as_ref()
    }

    fn spf_is_aligned(&self) -> bool {
        self.spf_row().is_some_and(|row| row.aligned)
    }

    /// The client's address as it is told.
    fn client_ip(&self) -> String {
        self.mail.session.ip.as_ref().map_or_else(|| "the client".to_owned(), |ip| ip.value.to_string())
    }

    /// Whether the domain of a signature is aligned with the Author Domain.
    fn is_aligned(&self, signed: &Signed) -> bool {
        let Some(domain) = signed.outcome.domain() else {
            // A field that cannot even be read belongs to whoever writes as the author.
            return false;
        };
        let mut rows = self.checks.rows.iter().filter(|row| !row.identifier.is_spf());
        match rows.find(|row| row.identifier.domain == *domain) {
            Some(row) => row.aligned,
            None => self.mail.author_domain().is_some_and(|author| self.owners().same(domain, author)),
        }
    }

    /// Signatures by an aligned domain that do not pass, those of a changed message first.
    fn aligned_failures(&self) -> Vec<&'a Signed> {
        let checks = self.checks;
        let mut failing: Vec<&Signed> =
            checks.signatures.iter().filter(|signed| !signed.passes() && self.is_aligned(signed)).collect();
        sort_by_key(&mut failing, |signed| !signed.is_altered());
        failing
    }

    /// Whether a domain is that of whoever sent the message on.
    fn is_on_the_way(&self, domain: &Name) -> bool {
        let sent_on = rewritten(self.mail).is_some() || list_mark(self.mail).is_some();
        let helo = Name::parse(self.mail.session.helo()).ok();
        let path = self.mail.session.reverse_path().and_then(domain_of);
        sent_on && helo.into_iter().chain(path).any(|own| self.owners().same(&own, domain))
    }

    /// A signature of another domain that passes.
    fn unaligned_pass(&self) -> Option<&'a Signed> {
        let checks = self.checks;
        checks.signatures.iter().find(|signed| signed.passes() && !self.is_aligned(signed))
    }

    /// The signature that shows what was changed: an aligned one before others.
    pub(super) fn altered(&self) -> Option<&'a Signed> {
        let altered = |signed: &&Signed| signed.alterations().next().is_some();
        let checks = self.checks;
        self.aligned_failures().into_iter().find(altered).or_else(|| checks.signatures.iter().find(altered))
    }

    /// RFC 8617 §7.2.1: whose word a receiver may take for what DMARC was before the message was changed.
    pub(super) fn trusted_sealer(&self) -> Option<Name> {
        let arc = self.checks.arc.as_ref().filter(|arc| arc.result == ArcResult::Pass)?;
        let set = arc.chain.last()?;
        let sealer = set.seal.as_ref()?.signature.domain.as_ref()?.value.clone();
        let trusted = self.mail.input.trusted_sealers.contains(&sealer);
        let results = set.results.as_ref()?;
        let seen = AuthResults::parse_arc(results.source.text());
        let passed = seen.of_method("dmarc").any(|result| result.result == "pass");
        (trusted && passed).then_some(sealer)
    }

    /// Whether the message came over a mailing list that wrote its marks after `signed` was made.
    fn came_over_list(&self, signed: &Signed) -> Option<super::facts::ListMark> {
        list_mark(self.mail).filter(|mark| mark.is_newer_than(&signed.outcome.signature))
    }
}
