//! What the DNS says around a domain's SPF record, as far as rules look at it.

use crate::Name;
use crate::dns::{Answer, Mx, Question, RecordType, Records, Snapshot, Step};
use crate::spf::lint::LintOptions;
use crate::spf::tree::MAX_EXCHANGES;
use crate::spf::{Mechanism, Record, TermKind, Tree};
use crate::text::{Source, Span};

/// Answers about a domain and names near it.
pub(crate) struct Surroundings<'a> {
    pub(super) domain: &'a Name,
    pub(super) options: &'a LintOptions,
    pub(super) txt: &'a Answer,
    /// The tree of the record's includes, where it is known.
    pub(crate) tree: Option<&'a Tree>,
    /// The obsolete type 99.
    pub(super) type99: &'a Answer,
    pub(super) cname: &'a Answer,
    pub(super) mx: &'a [Mx],
    /// `_spf`, `spf`, `www`: names under which the record is put by mistake.
    pub(super) beside: Vec<(Name, &'a Answer)>,
    /// The domain twice, which a DNS panel makes of a name that was already whole.
    pub(super) doubled: Option<(Name, &'a Answer)>,
    /// A name that nobody has: what it has comes from a wildcard.
    pub(super) wildcard: Option<&'a Answer>,
    /// The TXT records of mail exchanges within the domain.
    pub(super) exchanges: Vec<(Name, &'a Answer)>,
    /// How many such exchanges there are; of [`MAX_EXCHANGES`] it is asked.
    pub(super) exchange_count: usize,
    /// Usual host names below the domain that have an address, with their TXT records.
    pub(super) hosts: Vec<(Name, &'a Answer)>,
    /// The TXT records of the domains that the record includes, with the places of the terms.
    pub(super) includes: Vec<(Span, Name, &'a Answer)>,
}

/// Labels under which the record is put by mistake.
const BESIDE: [&str; 3] = ["_spf", "spf", "www"];
/// Names that most domains have, and that spammers therefore try.
const HOSTS: [&str; 3] = ["www", "mail", "smtp"];
/// A label that nobody has.
const NOBODY: &str = "_mailproof-wildcard-probe";

impl<'a> Surroundings<'a> {
    /// Asks all that can be asked at once: two rounds when nothing is known.
    pub(crate) fn gather(dns: &'a Snapshot, domain: &'a Name, options: &'a LintOptions) -> Step<Self> {
        let mut asker = Asker { dns, open: Vec::new() };
        let txt = asker.ask(domain, RecordType::Txt);
        let type99 = asker.ask(domain, RecordType::Spf);
        let cname = asker.ask(domain, RecordType::Cname);
        let mx = asker.ask(domain, RecordType::Mx);
        let beside = asker.below(domain, &BESIDE, RecordType::Txt);
        let doubled = asker.below(domain, &[domain.as_str()], RecordType::Txt).pop();
        let wildcard = asker.below(domain, &[NOBODY], RecordType::Txt).pop();
        let host_txt = asker.below(domain, &HOSTS, RecordType::Txt);
        let host_a = asker.below(domain, &HOSTS, RecordType::A);
        let host_aaaa = asker.below(domain, &HOSTS, RecordType::Aaaa);
        let mx = mx.map_or(&[][..], exchanges);
        let within = mx.iter().filter(|mx| mx.exchange.is_subdomain_of(domain));
        let exchange_count = within.clone().count();
        let within = within.take(MAX_EXCHANGES);
        let exchanges: Vec<_> =
            within.filter_map(|mx| Some((mx.exchange.clone(), asker.ask(&mx.exchange, RecordType::Txt)?))).collect();
        let includes = txt.map(|txt| included(&mut asker, txt)).unwrap_or_default();
        let (Some(txt), Some(type99), Some(cname), true) = (txt, type99, cname, asker.open.is_empty()) else {
            return Step::Ask(asker.open);
        };
        let has_address = |host: &Name| {
            let of = |answers: &[(Name, &Answer)]| {
                // An alias cannot have a record of its own.
                answers
                    .iter()
                    .any(|(name, answer)| name == host && answer.records().is_some() && answer.aliases.is_empty())
            };
            of(&host_a) || of(&host_aaaa)
        };
        let hosts = host_txt.into_iter().filter(|(host, _)| has_address(host)).collect();
        let doubled = doubled.filter(|_| domain.label_count() > 1);
        let wildcard = wildcard.map(|(_, answer)| answer);
        Step::Done(Self {
            domain,
            options,
            txt,
            tree: None,
            type99,
            cname,
            mx,
            beside,
            doubled,
            wildcard,
            exchanges,
            exchange_count,
            hosts,
            includes,
        })
    }

    /// Whether the domain says that it takes no mail (RFC 7505).
    pub(super) fn has_null_mx(&self) -> bool {
        matches!(self.mx, [mx] if mx.exchange == Name::root())
    }
}

struct Asker<'a> {
    dns: &'a Snapshot,
    open: Vec<Question>,
}

impl<'a> Asker<'a> {
    fn ask(&mut self, name: &Name, record_type: RecordType) -> Option<&'a Answer> {
        let answer = self.dns.lookup(name.as_str(), record_type);
        if answer.is_none() {
            self.open.push(Question::new(name.clone(), record_type));
        }
        answer
    }

    /// The answers for names below `domain`; labels that make it too long are left out.
    fn below(&mut self, domain: &Name, labels: &[&str], record_type: RecordType) -> Vec<(Name, &'a Answer)> {
        let names = labels.iter().filter_map(|labels| domain.prefixed(labels).ok());
        names.filter_map(|name| self.ask(&name, record_type).map(|answer| (name, answer))).collect()
    }
}

fn exchanges(answer: &Answer) -> &[Mx] {
    match answer.records() {
        Some(Records::Mx(records)) => records,
        _ => &[],
    }
}

fn included<'a>(asker: &mut Asker<'a>, txt: &Answer) -> Vec<(Span, Name, &'a Answer)> {
    let mut records = spf_records(txt);
    let (Some(source), None) = (records.next(), records.next()) else { return Vec::new() };
    let record = Record::from_source(source.clone());
    let mut targets = Vec::new();
    for term in record.terms() {
        let TermKind::Directive(directive) = term.kind else { continue };
        let Mechanism::Include(spec) = directive.mechanism else { continue };
        if spec.has_macros {
            continue;
        }
        if let Ok(name) = Name::parse(record.text(spec.span))
            && let Some(answer) = asker.ask(&name, RecordType::Txt)
        {
            targets.push((term.span, name, answer));
        }
        // More than the limit of lookups is a finding of its own.
        if targets.len() + asker.open.len() > MAX_INCLUDES {
            break;
        }
    }
    targets
}

/// Includes looked at; ten are followed (RFC 7208 §4.6.4), and other questions are open in the first round.
const MAX_INCLUDES: usize = 40;

/// The records that receivers select (§4.5).
pub(super) fn spf_records(txt: &Answer) -> impl Iterator<Item = &Source> {
    txt.txts().iter().filter(|source| Record::is_spf(source.text()))
}

/// Whether there is one at all.
pub(super) fn has_spf(txt: &Answer) -> bool {
    spf_records(txt).next().is_some()
}
