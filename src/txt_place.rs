//! Records of which exactly one stands in the TXT records at a label below the domain, and that announce themselves by their
//! version: MTA-STS (RFC 8461 §3.1), TLS-RPT (RFC 8460 §3) and BIMI. They are misplaced in the same ways.

use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::finding::{Applicability, Effect, Findings, Fix, Label, Origin, Rule, Severity, Subject, rules};
use crate::panel;
use crate::text::Source;

rules! {
    /// # A wildcard answers where protocols look
    ///
    /// A wildcard TXT record answers at every name below the domain that has no records of its own: also at the names where
    /// senders and receivers look for records of certain kinds. They drop what they do not know, so it does no harm; but nothing
    /// can be found there by its absence.
    ///
    /// ```domain bad d.example
    /// *.d.example. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```domain good d.example
    /// www.d.example. TXT "v=spf1 -all"
    /// ```
    WILDCARD = "dns-wildcard-txt", Note, Ok, ["RFC 4592 §2.1.1"],
        "the wildcard `{wildcard}` answers where protocols look for records of their own, such as `{owner}`";

    /// # The DNS gives no answer
    ///
    /// The name servers of the domain gave no usable answer, so that nobody knows whether there is a record. Senders and receivers try
    /// again later, or go on as if there were none. Ask whoever runs the name servers.
    ///
    /// ```domain bad d.example
    /// d.example.          A   192.0.2.1
    /// _mta-sts.d.example. SERVFAIL
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.          A   192.0.2.1
    /// _mta-sts.d.example. TXT "v=STSv1; id=20261122"
    /// ```
    NO_ANSWER = "dns-txt-temperror", Warning, Temperror, ["RFC 1035 §4.1.1", "RFC 2308 §7"],
        "the DNS gives {failure} for `{owner}`, so whether there is a record is unknown";

    /// # The zone's name stands twice
    ///
    /// Many DNS panels add the zone's name by themselves. Whoever types it too publishes the record at a doubled name, where nobody
    /// looks.
    ///
    /// ```domain bad d.example
    /// _mta-sts.d.example.d.example. TXT "v=STSv1; id=20261122"
    /// ```
    ///
    /// ```domain good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=20261122"
    /// ```
    ///
    /// The zone is often that of a domain above:
    ///
    /// ```domain bad mail.d.example
    /// mail.d.example.                    A   192.0.2.1
    /// _mta-sts.mail.d.example.d.example. TXT "v=STSv1; id=20261122"
    /// ```
    DOUBLED = "dns-panel-doubled-zone", Error, Ignored, ["RFC 1035 §5.1"],
        "the record stands at `{found}`: the DNS panel added the name of the zone once more, and it belongs at `{owner}`";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

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
    /// Records at the domain itself, or under another label, that belong at `owner`.
    pub(crate) misplaced: Vec<Subject>,
    /// Those at the names in which the zone's name stands twice.
    doubled: Vec<Subject>,
    /// The wildcard that answers at `owner` with what is no record of this kind.
    pub(crate) wildcard: Option<Subject>,
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
    /// Labels that are taken for it by mistake.
    pub(crate) mistaken: &'static [&'static str],
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
    pub(crate) version: &'static Rule,
    pub(crate) misplaced: &'static Rule,
    pub(crate) spf: Option<&'static Rule>,
    pub(crate) unrelated: Option<&'static Rule>,
    pub(crate) conflict: Option<&'static Rule>,
    /// The text as it may be published, with what is wrong in it mended; `None` if nobody would see it then either.
    pub(crate) publishable: fn(&str) -> Option<String>,
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
        doubled: Vec::new(),
        wildcard: None,
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
    let ours = |name: &Name, answer: &Answer| -> Vec<Subject> {
        answer.txts().iter().filter(is_ours).map(|text| Subject::record(name, RecordType::Txt, text.clone())).collect()
    };
    place.misplaced = ours(domain, apex);
    // Only where something is amiss, so that a good domain costs no more questions.
    let mut open = Vec::new();
    if !place.spf.is_empty() || !place.others.is_empty() {
        place.wildcard = wildcard(dns, &place, &mut open);
    } else if place.is_empty() {
        let mut at = |name: &Name| match dns.lookup(name.as_str(), RecordType::Txt) {
            // An alias serves another name.
            Some(answer) if answer.aliases.is_empty() => ours(name, answer),
            Some(_) => Vec::new(),
            None => {
                open.push(Question::new(name.clone(), RecordType::Txt));
                Vec::new()
            }
        };
        // What a wildcard of the zone says at every name was typed at none of these.
        let mut typed = |name: &Name, zone: &Name| {
            let mut found = at(name);
            if !found.is_empty()
                && let Ok(any) = zone.prefixed("*")
            {
                let everywhere = at(&any);
                found.retain(|one| everywhere.iter().all(|other| other.source() != one.source()));
            }
            found
        };
        let mistaken = announces.mistaken.iter().filter_map(|label| domain.prefixed(label).ok());
        place.misplaced.extend(mistaken.flat_map(|name| typed(&name, domain)));
        let twice = place.owner.with_zone_twice(domain);
        place.doubled = twice.flat_map(|(name, zone)| typed(&name, &zone)).collect();
    }
    if open.is_empty() { Step::Done(Some(place)) } else { Step::Ask(open) }
}

/// A question for `*` itself is answered by the wildcard's own records (RFC 4592 §2.3).
fn wildcard(dns: &Snapshot, place: &Place, open: &mut Vec<Question>) -> Option<Subject> {
    let name = place.domain.prefixed("*").ok()?;
    let Some(answer) = dns.lookup(name.as_str(), RecordType::Txt) else {
        open.push(Question::new(name, RecordType::Txt));
        return None;
    };
    let here = || place.spf.iter().chain(&place.others).map(Subject::source);
    let text = answer.txts().iter().find(|text| here().any(|here| here == *text))?;
    Some(Subject::record(&name, RecordType::Txt, text.clone()))
}

impl Place {
    /// The one record that counts, or is to be mended until it does.
    pub(crate) fn record(&self) -> Option<&Subject> {
        match (self.records.as_slice(), self.near.as_slice()) {
            ([one], _) | ([], [one]) => Some(one),
            _ => None,
        }
    }

    /// Whether nothing is there that was meant, nor anything that stands in its place.
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.near.is_empty() && self.elsewhere().next().is_none() && self.failure.is_none()
    }

    /// Records that stand where nobody looks.
    pub(crate) fn elsewhere(&self) -> impl Iterator<Item = &Subject> {
        self.misplaced.iter().chain(&self.doubled)
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
        if let Some(failure) = self.failure {
            let found = out.report(&NO_ANSWER, Label::whole(&empty).with("no answer")).arg("owner", &self.owner);
            found.arg("failure", failure.as_str());
        }
        // Beside a record that counts, one that is misspelt changes nothing; mended, it would be a second one.
        for near in self.near.iter().filter(|_| !self.records.is_empty()) {
            out.report(rules.version, Label::whole(near)).severity(Severity::Warning).effect(Effect::Ok);
        }
        for record in self.elsewhere() {
            let is_doubled = self.doubled.contains(record);
            let rule = if is_doubled { &DOUBLED } else { rules.misplaced };
            let found = out.report(rule, Label::whole(record)).arg("owner", &self.owner);
            found.effect(rules.misplaced.effect);
            if let Origin::Record { owner, .. } = record.origin() {
                found.arg("found", owner);
            }
            let text = (rules.publishable)(record.source().text()).filter(|_| self.records.is_empty());
            if let Some(text) = text {
                let title = format!("publish it at `{}`", self.owner);
                found.fix(Fix::publish(title, &self.owner, RecordType::Txt, text, Applicability::MaybeIncorrect));
            }
        }
        let is_spf_told = !self.spf.is_empty() && self.wildcard.is_none() && rules.spf.is_some();
        if self.is_empty() && !is_spf_told {
            out.report(rules.missing, Label::whole(&empty)).arg("domain", domain).arg("owner", &self.owner);
        }
        if let Some(wildcard) = &self.wildcard {
            let found = out.report(&WILDCARD, Label::whole(wildcard));
            found.arg("wildcard", format!("*.{domain}")).arg("owner", &self.owner);
        }
        // What a wildcard says is told as that. Beside a record that counts, SPF is one of the texts that senders drop.
        let spf = if self.records.is_empty() { rules.spf } else { rules.unrelated };
        for (rule, subjects) in [(spf, &self.spf), (rules.unrelated, &self.others)] {
            let Some(rule) = rule.filter(|_| self.wildcard.is_none()) else { continue };
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
