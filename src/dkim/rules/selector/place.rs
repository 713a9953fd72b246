//! What the rules about a selector in the DNS look at, and what has to be asked for it.

use super::options::{LintOptions, MAX_OTHERS};
use crate::Name;
use crate::dkim::rules::historic;
use crate::dkim::selector::{DOMAIN_KEY, parts_of};
use crate::dkim::{Key, MAX_KEYS};
use crate::dns::{Answer, Question, RecordType, Snapshot, Step};
use crate::finding::{Label, Subject};
use crate::text::Source;

/// The name of a key, and what the DNS says about it.
pub(in crate::dkim::rules) struct Place<'a> {
    pub(super) dns: &'a Snapshot,
    pub(super) options: &'a LintOptions,
    pub(super) name: &'a Name,
    /// Selector and domain, if the name is that of a key.
    pub(super) parts: Option<(Name, Name)>,
    pub(super) answer: &'a Answer,
    /// What at the name is meant as a key: [`meant_keys`].
    pub(super) keys: Vec<Key>,
}

/// What of an answer is meant as a key, whatever else stands at the name; the first [`MAX_KEYS`].
pub(in crate::dkim::rules) fn meant_keys(answer: &Answer) -> Vec<Key> {
    answer.txts().iter().map(Key::parse).filter(Key::is_meant).take(MAX_KEYS).collect()
}

impl<'a> Place<'a> {
    /// Everything that the rules want to know, in two rounds at most: what may have been published elsewhere is asked
    /// only if the key is not where it should be.
    pub(super) fn gather(dns: &'a Snapshot, name: &'a Name, options: &'a LintOptions) -> Step<Self> {
        let parts = parts_of(name);
        let mut names = vec![name.clone()];
        if let Some((_, domain)) = &parts {
            names.extend(PROBES.iter().filter_map(|labels| domain.prefixed(labels).ok()));
        }
        names.extend(options.others.iter().take(MAX_OTHERS).cloned());
        if let Some(answer) = dns.lookup(name.as_str(), RecordType::Txt) {
            let place = Self { dns, options, name, parts, answer, keys: meant_keys(answer) };
            if place.is_empty() {
                names.extend(place.near_misses());
            }
            let mut open = unknown(dns, names).unwrap_or_default();
            // Whether it is one alias or several, only its own records tell.
            if !answer.aliases.is_empty() && dns.lookup(name.as_str(), RecordType::Cname).is_none() {
                open.push(Question::new(name.clone(), RecordType::Cname));
            }
            if open.is_empty() { Step::Done(place) } else { Step::Ask(open) }
        } else {
            Step::Ask(unknown(dns, names).unwrap_or_default())
        }
    }

    /// Whether the DNS says that no key is at the name.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.answer.failure().is_none()
    }

    /// Names where a key for this one is published by mistake.
    pub(super) fn near_misses(&self) -> Vec<Name> {
        let Some((selector, domain)) = &self.parts else { return Vec::new() };
        // The panel has added the zone to a name that had it already.
        let twice = self.name.with_zone_twice(domain).map(|(name, _)| name);
        let texts = [
            format!("{selector}.{domain}"),
            format!("{selector}.domainkey.{domain}"),
            format!("{selector}._domainkeys.{domain}"),
            format!("{selector}._domain_key.{domain}"),
            format!("{selector}{DOMAIN_KEY}.{domain}"),
            format!("{DOMAIN_KEY}.{selector}.{domain}"),
            format!("{DOMAIN_KEY}.{domain}"),
        ];
        twice.chain(texts.iter().filter_map(|text| Name::parse(text).ok())).collect()
    }

    /// What stands at `labels` below the domain.
    pub(in crate::dkim::rules) fn below(&self, labels: &str) -> Option<(Name, &'a Answer)> {
        let owner = self.parts.as_ref()?.1.prefixed(labels).ok()?;
        let answer = self.txt(&owner)?;
        Some((owner, answer))
    }

    /// What any selector is answered with.
    pub(super) fn any_selector(&self) -> Option<(Name, &'a Answer)> {
        self.below(NO_SELECTOR)
    }

    pub(super) fn txt(&self, name: &Name) -> Option<&'a Answer> {
        self.dns.lookup(name.as_str(), RecordType::Txt)
    }

    /// The selector as people know it; the whole name if it is not that of a key.
    pub(super) fn selector(&self) -> &str {
        self.parts.as_ref().map_or(self.name.as_str(), |(selector, _)| selector.as_str())
    }

    /// The first record at the name, or the lack of one.
    pub(super) fn label(&self) -> Label {
        let text = self.keys.first().map(|key| key.source.clone());
        let text = text.or_else(|| self.answer.txts().first().cloned()).unwrap_or_default();
        self.record(text)
    }

    /// The tag called `name` of the first record, or all of it.
    pub(super) fn tag(&self, name: &str) -> Label {
        match self.keys.first().and_then(|key| Some((key, key.tag(name)?))) {
            Some((key, span)) => Label::new(&self.subject(key.source.clone()), span),
            None => self.label(),
        }
    }

    pub(super) fn record(&self, text: Source) -> Label {
        Label::whole(&self.subject(text))
    }

    fn subject(&self, text: Source) -> Subject {
        Subject::record(self.name, RecordType::Txt, text)
    }
}

/// Labels below the domain that are asked about with every selector: that of nobody, and those of policies (historic).
const PROBES: [&str; 3] = [NO_SELECTOR, historic::POLICY, historic::ADSP];

/// A selector that nobody uses: if it has an answer, every one has.
const NO_SELECTOR: &str = "no-such-selector-4d1f0b27._domainkey";

fn unknown(dns: &Snapshot, names: Vec<Name>) -> Option<Vec<Question>> {
    let unknown = names.into_iter().filter(|name| dns.lookup(name.as_str(), RecordType::Txt).is_none());
    let open: Vec<Question> = unknown.map(|name| Question::new(name, RecordType::Txt)).collect();
    (!open.is_empty()).then_some(open)
}
