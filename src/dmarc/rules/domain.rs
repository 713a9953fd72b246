//! What a rule about a domain and its DNS looks at.

use std::sync::Arc;

use super::lint::{LintOptions, single};
use crate::Name;
use crate::dmarc::{Applied, Discovery, Existence, Found, PolicyRecord, Record, exists};
use crate::dns::{Answer, Question, RecordType, Records, Snapshot, Step};
use crate::finding::{Label, Subject};
use crate::text::Source;

/// A domain, and what policy discovery found for it.
pub(super) struct DomainContext<'a> {
    pub(super) dns: &'a Snapshot,
    pub(super) domain: &'a Name,
    pub(super) options: &'a LintOptions,
    pub(super) discovery: &'a Discovery,
    /// `_dmarc.<domain>`; the domain itself if that name would be too long.
    pub(super) owner: Name,
    pub(super) existence: Existence,
    /// The policy for mail from the domain; `None` if no record applies or it is unknown.
    pub(super) applied: Option<Applied>,
}

impl<'a> DomainContext<'a> {
    pub(super) fn new(dns: &'a Snapshot, domain: &'a Name, options: &'a LintOptions, discovery: &'a Discovery) -> Self {
        let existence = match exists(dns, domain) {
            Step::Done(existence) => existence,
            Step::Ask(_) => Existence::NotNeeded,
        };
        let policy = discovery.policy.as_ref().ok().and_then(Option::as_ref);
        let is_known =
            |policy: &&PolicyRecord| !(matches!(existence, Existence::Unknown(_)) && policy.changes_with_existence());
        let applied = policy.filter(is_known).and_then(|policy| policy.applied(existence));
        Self { dns, domain, options, discovery, owner: owner(domain), existence, applied }
    }

    /// What stands at the domain itself.
    pub(super) fn own(&self) -> &Found {
        self.discovery.walk.visits.first().map_or(&Found::Nothing, |visit| &visit.found)
    }

    /// The record that applies, and where it stands.
    pub(super) fn policy(&self) -> Option<&PolicyRecord> {
        self.discovery.policy.as_ref().ok()?.as_ref()
    }

    /// The records whose text is looked at: the one that applies; what stands at the domain itself if that is none, but
    /// was meant to be one.
    pub(super) fn texts(&self) -> Vec<(Name, Arc<Record>)> {
        if let Some(own) = single(self.own()) {
            return vec![(self.domain.clone(), Arc::clone(own))];
        }
        let mut texts: Vec<(Name, Arc<Record>)> = Vec::new();
        if matches!(self.own(), Found::Nothing) {
            texts.extend(
                self.near_misses().take(MAX_TOLD).map(|text| (self.domain.clone(), Arc::new(Record::of(text.clone())))),
            );
        }
        if let Some(policy) = self.policy() {
            texts.push((policy.domain.clone(), Arc::clone(&policy.record)));
        }
        texts
    }

    /// Every TXT record at `_dmarc.<domain>`.
    pub(super) fn own_txts(&self) -> &'a [Source] {
        self.answer(&self.owner, RecordType::Txt).map_or(&[], Answer::txts)
    }

    /// Those that are no DMARC records and were meant to be.
    pub(super) fn near_misses(&self) -> impl Iterator<Item = &'a Source> + use<'a> {
        self.own_txts().iter().filter(|text| is_near_miss(text.text()))
    }

    pub(super) fn answer(&self, name: &Name, record_type: RecordType) -> Option<&'a Answer> {
        self.dns.lookup(name.as_str(), record_type)
    }

    /// The answer; if there is none yet, the question is asked.
    pub(super) fn ask(&self, name: &Name, record_type: RecordType, open: &mut Vec<Question>) -> Option<&'a Answer> {
        let answer = self.answer(name, record_type);
        if answer.is_none() {
            open.push(Question::new(name.clone(), record_type));
        }
        answer
    }

    /// A TXT record at `_dmarc` below `place`.
    pub(super) fn subject(&self, place: &Name, source: Source) -> Subject {
        Subject::record(&owner(place), RecordType::Txt, source)
    }

    /// The lack of a record at `_dmarc.<domain>`.
    pub(super) fn nothing_here(&self) -> Label {
        Label::whole(&self.subject(self.domain, Source::default()))
    }

    /// The whole of the record that applies.
    pub(super) fn policy_label(&self) -> Label {
        match self.policy() {
            Some(policy) => Label::whole(&self.subject(&policy.domain, policy.record.source().clone())),
            None => self.nothing_here(),
        }
    }

    /// Whether the domain is kept from sending mail: SPF authorizes nobody, or it says nothing and no mail is accepted.
    pub(super) fn sends_nothing(&self) -> bool {
        let txts = self.answer(self.domain, RecordType::Txt).map_or(&[][..], Answer::txts);
        let spf: Vec<&Source> = txts.iter().filter(|text| is_spf(text.text())).collect();
        match spf.as_slice() {
            [] => self.has_null_mx(),
            [one] => one.text().trim_end().eq_ignore_ascii_case("v=spf1 -all"),
            _ => false,
        }
    }

    pub(super) fn has_null_mx(&self) -> bool {
        let records = self.answer(self.domain, RecordType::Mx).and_then(Answer::records);
        matches!(records, Some(Records::Mx(mxs)) if is_null_mx(mxs))
    }

    /// Whether it accepts mail for people, as far as an MX can tell.
    pub(super) fn has_mx(&self) -> bool {
        let records = self.answer(self.domain, RecordType::Mx).and_then(Answer::records);
        matches!(records, Some(Records::Mx(mxs)) if !is_null_mx(mxs))
    }
}

/// RFC 7505.
pub(super) fn is_null_mx(mxs: &[crate::dns::Mx]) -> bool {
    mxs.iter().all(|mx| mx.exchange == Name::root())
}

/// Records of one kind that a finding shows.
pub(super) const MAX_TOLD: usize = 10;

/// What the rules need of any domain: the alias and delegation of `_dmarc`, mail and SPF, existence.
pub(super) fn ask_early(dns: &Snapshot, domain: &Name, open: &mut Vec<Question>) {
    let own = owner(domain);
    let wanted = [
        (&own, RecordType::Cname),
        (&own, RecordType::Ns),
        (domain, RecordType::Mx),
        (domain, RecordType::Txt),
        (domain, RecordType::A),
    ];
    for (name, record_type) in wanted {
        if dns.lookup(name.as_str(), record_type).is_none() {
            open.push(Question::new(name.clone(), record_type));
        }
    }
}

/// Where the record of a domain stands.
pub(super) fn owner(domain: &Name) -> Name {
    domain.prefixed("_dmarc").unwrap_or_else(|_| domain.clone())
}

pub(super) fn is_spf(text: &str) -> bool {
    text.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("v=spf1"))
}

/// Whether a text that is no DMARC record was meant to be one.
pub(super) fn is_near_miss(text: &str) -> bool {
    let record = Record::parse(text);
    let mut lower = text.to_ascii_lowercase();
    lower.retain(|c| !c.is_whitespace() && c != '"');
    let version = lower.contains("v=dmarc") || lower.contains("dmarc1;");
    // A key of DKIM has a `p` too, but no policy in it.
    !record.is_dmarc() && (version || record.p().value().is_some())
}
