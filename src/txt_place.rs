//! Records of which exactly one stands in the TXT records at a label below the domain, and that announce themselves by their
//! version: MTA-STS (RFC 8461 §3.1), TLS-RPT (RFC 8460 §3) and BIMI. They are misplaced in the same ways.

use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::finding::{Applicability, Findings, Fix, Label, Rule, Subject};
use crate::panel;
use crate::text::Source;

/// What stands where the record belongs, and what stands beside it.
pub(crate) struct Place {
    pub(crate) domain: Name,
    /// Where the record belongs.
    pub(crate) owner: Name,
    /// Records there that announce themselves.
    pub(crate) records: Vec<Subject>,
    /// Records there that were meant as such: the version is misspelt.
    pub(crate) near: Vec<Subject>,
    /// SPF records there.
    pub(crate) spf: Vec<Subject>,
    /// Other records there.
    pub(crate) others: Vec<Subject>,
    /// Records at the domain itself that belong at `owner`.
    pub(crate) misplaced: Vec<Subject>,
    /// What the DNS answered instead.
    pub(crate) failure: Option<Failure>,
    /// The target of a CNAME that stands beside TXT records, which it must not.
    pub(crate) conflict: Option<Name>,
}

/// How a record announces itself.
#[derive(Clone, Copy)]
pub(crate) struct Announces {
    /// The label below which it stands: `_mta-sts`.
    pub(crate) label: &'static str,
    /// Whether a text is such a record for receivers.
    pub(crate) is_record: fn(&str) -> bool,
    /// Whether a text was meant as one.
    pub(crate) is_near: fn(&str) -> bool,
}

impl Announces {
    /// Whether a text was meant as such a record, perhaps pasted with its name and type.
    fn is_meant(&self, text: &str) -> bool {
        let value = panel::unwrapped(text);
        (self.is_near)(&value) || (self.is_record)(&value)
    }
}

/// What the rules about places are called in a protocol.
pub(crate) struct Rules {
    pub(crate) missing: &'static Rule,
    pub(crate) multiple: &'static Rule,
    pub(crate) misplaced: &'static Rule,
    pub(crate) spf: Option<&'static Rule>,
    pub(crate) unrelated: Option<&'static Rule>,
    pub(crate) conflict: Option<&'static Rule>,
}

/// Looks at `domain`; `None` if the name would be too long for the DNS.
pub(crate) fn look(dns: &Snapshot, domain: &Name, announces: Announces) -> Step<Option<Place>> {
    let Ok(owner) = domain.prefixed(announces.label) else { return Step::Done(None) };
    let questions =
        [(&owner, RecordType::Txt), (&owner, RecordType::Cname), (domain, RecordType::Txt)].map(|(name, of)| {
            let answer = dns.lookup(name.as_str(), of);
            answer.ok_or_else(|| Question::new(name.clone(), of))
        });
    let [Ok(here), Ok(alias), Ok(apex)] = questions else {
        return Step::Ask(questions.into_iter().filter_map(Result::err).collect());
    };
    let mut place = Place {
        domain: domain.clone(),
        records: Vec::new(),
        near: Vec::new(),
        spf: Vec::new(),
        others: Vec::new(),
        misplaced: Vec::new(),
        failure: here.failure(),
        conflict: conflict(here, alias),
        owner,
    };
    for text in here.txts() {
        let subject = Subject::record(&place.owner, RecordType::Txt, text.clone());
        let kind = match text.text() {
            text if (announces.is_record)(text) => &mut place.records,
            text if announces.is_meant(text) => &mut place.near,
            text if is_spf(text) => &mut place.spf,
            _ => &mut place.others,
        };
        kind.push(subject);
    }
    let is_ours = |text: &&Source| (announces.is_record)(text.text()) || announces.is_meant(text.text());
    let misplaced = apex.txts().iter().filter(is_ours);
    place.misplaced = misplaced.map(|text| Subject::record(domain, RecordType::Txt, text.clone())).collect();
    Step::Done(Some(place))
}

impl Place {
    /// The one record that counts, or is to be mended until it does.
    pub(crate) fn record(&self) -> Option<&Subject> {
        match (self.records.as_slice(), self.near.as_slice()) {
            ([one], _) | ([], [one]) => Some(one),
            _ => None,
        }
    }

    /// What the place itself tells, whatever the record says. `merged` is the record to publish instead of several.
    pub(crate) fn check(&self, rules: &Rules, merged: Option<String>, out: &mut Findings) {
        let empty = Subject::record(&self.owner, RecordType::Txt, Source::default());
        let domain = &self.domain;
        if let [first, second, ..] = self.records.as_slice() {
            let found = out.report(rules.multiple, Label::whole(second)).related(Label::whole(first).with("the first"));
            found.arg("count", self.records.len()).arg("owner", &self.owner);
            if let Some(merged) = merged {
                let remove = self.records.iter().map(|record| record.source().text().to_owned()).collect();
                let change = crate::finding::Change::Records {
                    owner: self.owner.clone(),
                    record_type: RecordType::Txt,
                    remove,
                    add: vec![merged],
                };
                let title = "publish one record instead".to_owned();
                found.fix(Fix { title, change, applicability: Applicability::MaybeIncorrect });
            }
        }
        for record in &self.misplaced {
            let found = out.report(rules.misplaced, Label::whole(record)).arg("found", domain);
            found.arg("owner", &self.owner);
            if self.records.is_empty() {
                let (title, text) = (format!("publish it at `{}`", self.owner), record.source().text());
                found.fix(Fix::publish(title, &self.owner, RecordType::Txt, text, Applicability::MaybeIncorrect));
            }
        }
        let nothing = self.records.is_empty() && self.near.is_empty() && self.failure.is_none();
        if nothing && self.misplaced.is_empty() && self.spf.is_empty() {
            out.report(rules.missing, Label::whole(&empty)).arg("domain", domain).arg("owner", &self.owner);
        }
        for (rule, subjects) in [(rules.spf, &self.spf), (rules.unrelated, &self.others)] {
            let Some(rule) = rule else { continue };
            for subject in subjects {
                out.report(rule, Label::whole(subject)).arg("owner", &self.owner);
            }
        }
        if let (Some(rule), Some(target)) = (rules.conflict, &self.conflict) {
            out.report(rule, Label::whole(&empty)).arg("owner", &self.owner).arg("target", target);
        }
    }
}

/// RFC 1034 §3.6.2: a name with a CNAME has nothing else. Texts that were found without following it stand beside it.
fn conflict(here: &Answer, alias: &Answer) -> Option<Name> {
    let Lookup::Records(Records::Cname(targets)) = &alias.lookup else { return None };
    (here.aliases.is_empty() && !here.txts().is_empty()).then(|| targets.first().cloned())?
}

fn is_spf(text: &str) -> bool {
    text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("v=spf1"))
}
