//! The search for what happened to the signed header fields.

use std::collections::HashMap;

use super::folding::refolded;
use super::suspect::{suspect, unknown};
use super::values::{self, Context};
use super::{Alteration, Certainty, ED25519_COST, Evidence, KeyEvidence, Part, Scope, What, Work};
use crate::dkim::canonical::{self, Sink as _};
use crate::dkim::crypto::{Digest, Hasher, Prepared};
use crate::dkim::hashes::signed_fields_without;
use crate::dkim::lookup::Keys;
use crate::dkim::outcome::{KeyLookup, Outcome};
use crate::dkim::signature::{Algorithm, Canonicalization};
use crate::dns::{RecordType, Snapshot};
use crate::message::Message;

pub(super) fn search(
    dns: &Snapshot,
    message: &Message<'_>,
    outcome: &Outcome,
    evidence: &Evidence,
    work: &mut Work,
) -> Vec<Alteration> {
    let before = work.spent.hashes;
    if matches!(evidence.key, KeyEvidence::Other | KeyEvidence::PublishedElsewhere { .. }) {
        // Another key signed: nothing says that the header was changed.
        return vec![unknown()];
    }
    let Some(mut search) = Search::new(dns, message, outcome, evidence, work) else {
        return vec![suspect(message, outcome)];
    };
    let hypotheses = search.hypotheses();
    let found = search.singles(&hypotheses).map(|at| vec![at]).or_else(|| search.several(&hypotheses));
    let tried = search.work.spent.hashes - before;
    let mut alterations: Vec<Alteration> = match found {
        Some(places) => places.into_iter().map(|at| search.told(&hypotheses[at])).collect(),
        None => vec![suspect(message, outcome)],
    };
    for alteration in &mut alterations {
        alteration.tried = tried;
    }
    alterations
}

/// What was signed, if one thing was otherwise.
struct Hypothesis {
    /// What stands in the place of which signed field, in canonical form.
    changes: Vec<(usize, Vec<u8>)>,
    what: What,
    /// The name of the field, in lower case.
    name: String,
    /// The header field that is there now.
    field: Option<usize>,
    original: Option<String>,
}

/// How a hypothesis is judged.
enum Goal<'g> {
    /// By the digest that the RSA signature reveals.
    Digest(Digest),
    /// By the signature.
    Signature { key: &'g Prepared, algorithm: Algorithm, signature: &'g [u8] },
}

struct Search<'s> {
    message: &'s Message<'s>,
    outcome: &'s Outcome,
    goal: Goal<'s>,
    mode: Canonicalization,
    /// Canonical form of each signed field in the order of `h=`; empty where there is none. Last the signature itself.
    slots: Vec<Vec<u8>>,
    /// The hash of all slots before each.
    states: Vec<Hasher>,
    work: &'s mut Work,
}

/// Of these many kinds of alteration, several at once are tried.
const COMBINED: &[&str] = &[
    "subject",
    "from",
    "reply-to",
    "to",
    "cc",
    "sender",
    "content-type",
    "content-transfer-encoding",
    "mime-version",
    "message-id",
    "date",
    "dkim-signature",
    "list-unsubscribe",
];
/// Hypotheses of each field that are tried together with others.
const PAIRED: usize = 16;
/// Of these in threes.
const TRIPLED: usize = 5;

impl<'s> Search<'s> {
    fn new(
        dns: &'s Snapshot,
        message: &'s Message<'s>,
        outcome: &'s Outcome,
        evidence: &Evidence,
        work: &'s mut Work,
    ) -> Option<Self> {
        let signature = &outcome.signature;
        let algorithm = signature.algorithm?.value;
        let goal = match &evidence.key {
            KeyEvidence::Signed { digest, hash } if *hash == algorithm.hash() => Goal::Digest(*digest),
            KeyEvidence::Signed { .. } | KeyEvidence::Other | KeyEvidence::PublishedElsewhere { .. } => return None,
            KeyEvidence::Unknown => {
                let KeyLookup::Found { name, used, .. } = &outcome.keys else { return None };
                let (_, keys) = dns.parsed::<Keys>(name.as_str(), RecordType::Txt)?;
                let entry = keys.0.get(*used).filter(|entry| entry.can_check(algorithm))?;
                let signature = &outcome.signature.signature.as_ref()?.value;
                Goal::Signature { key: entry.prepared(), algorithm, signature }
            }
        };
        let mode = signature.canonicalization?.header;
        let mut slots: Vec<Vec<u8>> = Vec::with_capacity(outcome.signed.len() + 1);
        for signed in &outcome.signed {
            let mut slot = Vec::new();
            if let Some(at) = signed {
                canonical::header_field(mode, message.fields()[*at].bytes(), &mut slot);
            }
            slots.push(slot);
        }
        let mut own = Vec::new();
        canonical::signature_field(mode, message.fields()[outcome.field].bytes(), &mut own);
        slots.push(own);
        let mut states = Vec::with_capacity(slots.len());
        let mut hasher = Hasher::new(algorithm.hash());
        for slot in &slots {
            states.push(hasher.clone());
            hasher.push(slot);
        }
        Some(Self { message, outcome, goal, mode, slots, states, work })
    }

    /// One change at a time.
    fn singles(&mut self, hypotheses: &[Hypothesis]) -> Option<usize> {
        for (at, hypothesis) in hypotheses.iter().enumerate() {
            if self.is_original(&[hypothesis])? {
                return Some(at);
            }
        }
        None
    }

    /// Two and three fields at once: those that relays change together, each by its likeliest hypotheses.
    fn several(&mut self, hypotheses: &[Hypothesis]) -> Option<Vec<usize>> {
        let groups: Vec<Vec<usize>> = COMBINED
            .iter()
            .map(|name| {
                let of_name = hypotheses.iter().enumerate().filter(|(_, hypothesis)| hypothesis.name == *name);
                of_name.map(|(at, _)| at).take(PAIRED).collect()
            })
            .collect();
        for (i, first) in groups.iter().enumerate() {
            for second in &groups[i + 1..] {
                for &a in first {
                    for &b in second {
                        if self.is_original(&[&hypotheses[a], &hypotheses[b]])? {
                            return Some(vec![a, b]);
                        }
                    }
                }
            }
        }
        for (i, first) in groups.iter().enumerate() {
            for (j, second) in groups.iter().enumerate().skip(i + 1) {
                for third in &groups[j + 1..] {
                    for &a in first.iter().take(TRIPLED) {
                        for &b in second.iter().take(TRIPLED) {
                            for &c in third.iter().take(TRIPLED) {
                                if self.is_original(&[&hypotheses[a], &hypotheses[b], &hypotheses[c]])? {
                                    return Some(vec![a, b, c]);
                                }
                            }
                        }
                    }
                }
            }
        }
        None
    }

    /// Whether this is what was signed. `None` when the budget is spent.
    fn is_original(&mut self, hypotheses: &[&Hypothesis]) -> Option<bool> {
        let changes = || hypotheses.iter().flat_map(|hypothesis| &hypothesis.changes);
        let first = changes().map(|(slot, _)| *slot).min()?;
        let mut hasher = self.states[first].clone();
        let mut octets = 128;
        for slot in first..self.slots.len() {
            let changed = changes().find(|(at, _)| *at == slot).map(|(_, bytes)| bytes.as_slice());
            let bytes = changed.unwrap_or(&self.slots[slot]);
            octets += bytes.len() as u64;
            hasher.push(bytes);
        }
        let cost = match self.goal {
            Goal::Digest(_) => octets,
            Goal::Signature { .. } => octets + ED25519_COST,
        };
        if !self.work.spend(cost, 1) {
            return None;
        }
        let digest = hasher.finish();
        Some(match &self.goal {
            Goal::Digest(expected) => digest == *expected,
            Goal::Signature { key, algorithm, signature } => key.verify(*algorithm, &digest, signature),
        })
    }

    /// All hypotheses about one change, the likely first: every field's best before any field's worse.
    fn hypotheses(&self) -> Vec<Hypothesis> {
        let mut fields: Vec<Vec<Hypothesis>> = Vec::new();
        let context = Context::of(self.message);
        let signature = &self.outcome.signature;
        let text = signature.source.text();
        let mut copies: HashMap<String, Vec<String>> = HashMap::new();
        for copy in &signature.copies {
            copies.entry(text[copy.name].to_ascii_lowercase()).or_default().push(values::unfolded(&copy.body));
        }
        let mut seen: Vec<String> = Vec::new();
        for (slot, &name) in signature.headers.iter().enumerate() {
            let name = text[name].to_ascii_lowercase();
            let first_of_name = !seen.contains(&name);
            let copied = copies.get(&name).map_or(&[][..], Vec::as_slice);
            let mut found = Vec::new();
            match self.outcome.signed.get(slot).copied().flatten() {
                Some(at) => {
                    self.copied(slot, &name, Some(at), copied, &mut found);
                    if first_of_name {
                        self.added(&name, &mut found);
                    }
                    self.changed(slot, &name, at, &context, &mut found);
                }
                // Missing: signed twice to forbid a second, or taken away.
                None if first_of_name => {
                    self.copied(slot, &name, None, copied, &mut found);
                    for value in values::removed(&name, &context) {
                        found.push(self.with_value(slot, &name, None, What::HeaderRemoved, value));
                    }
                }
                None => {}
            }
            if first_of_name {
                seen.push(name);
            }
            fields.push(found);
            if fields.len() == MAX_FIELDS {
                break;
            }
        }
        fields.push(self.own());
        interleaved(fields)
    }

    /// The signer's own copy in `z=`.
    fn copied(&self, slot: usize, name: &str, field: Option<usize>, copies: &[String], out: &mut Vec<Hypothesis>) {
        let what = if field.is_some() { What::HeaderChanged } else { What::HeaderRemoved };
        out.extend(copies.iter().map(|copy| self.with_value(slot, name, field, what, copy.clone())));
    }

    fn changed(&self, slot: usize, name: &str, at: usize, context: &Context, out: &mut Vec<Hypothesis>) {
        let field = &self.message.fields()[at];
        let value = values::unfolded(field.body());
        if self.mode == Canonicalization::Simple {
            for raw in refolded(field.bytes()) {
                let original = Some(values::unfolded(&raw[memchr::memchr(b':', &raw).map_or(0, |colon| colon + 1)..]));
                let what = What::HeaderRefolded;
                let name = name.to_owned();
                out.push(Hypothesis { changes: vec![(slot, raw)], what, name, field: Some(at), original });
            }
        }
        for original in values::originals(name, &value, context) {
            let same_words = original.split_ascii_whitespace().eq(value.split_ascii_whitespace());
            let without = |text: &str| text.replace(' ', "");
            let refolded = same_words || without(&original) == without(&value);
            let what = if refolded { What::HeaderRefolded } else { What::HeaderChanged };
            out.push(self.with_value(slot, name, Some(at), what, original));
        }
    }

    /// Instances of a field that were put in: without one of them `h=` stands for others.
    fn added(&self, name: &str, out: &mut Vec<Hypothesis>) {
        for without in self.message.fields_named(name).take(MAX_INSTANCES) {
            if without == self.outcome.field {
                continue;
            }
            let signed = signed_fields_without(self.message, &[self.outcome.field, without], &self.outcome.signature);
            let mut changes = Vec::new();
            for (slot, (now, then)) in self.outcome.signed.iter().zip(&signed).enumerate() {
                if now == then {
                    continue;
                }
                let mut bytes = Vec::new();
                if let Some(at) = then {
                    canonical::header_field(self.mode, self.message.fields()[*at].bytes(), &mut bytes);
                }
                changes.push((slot, bytes));
            }
            if !changes.is_empty() {
                let (what, name) = (What::HeaderAdded, name.to_owned());
                out.push(Hypothesis { changes, what, name, field: Some(without), original: None });
            }
        }
        // The same fields in another order: the lowest first instead of last.
        let mut slots: Vec<(usize, usize)> = Vec::new();
        for (slot, at) in self.outcome.signed.iter().enumerate() {
            if let Some(at) = at
                && self.message.fields()[*at].is(name.as_bytes())
            {
                slots.push((slot, *at));
            }
        }
        if slots.len() > 1 {
            let reversed = slots.iter().rev().map(|(_, at)| *at);
            let changes: Vec<(usize, Vec<u8>)> = slots
                .iter()
                .zip(reversed)
                .map(|(&(slot, _), at)| {
                    let mut bytes = Vec::new();
                    canonical::header_field(self.mode, self.message.fields()[at].bytes(), &mut bytes);
                    (slot, bytes)
                })
                .collect();
            let (what, field) = (What::HeaderChanged, slots.first().map(|(_, at)| *at));
            out.push(Hypothesis { changes, what, name: name.to_owned(), field, original: None });
        }
    }

    /// The signature field itself, otherwise folded.
    fn own(&self) -> Vec<Hypothesis> {
        let field = self.message.fields()[self.outcome.field].bytes();
        let slot = self.slots.len() - 1;
        let mut out = Vec::new();
        let mut push = |raw: &[u8]| {
            let mut bytes = Vec::new();
            canonical::signature_field(self.mode, raw, &mut bytes);
            if bytes != self.slots[slot] {
                let (what, name) = (What::HeaderRefolded, "dkim-signature".to_owned());
                let field = Some(self.outcome.field);
                out.push(Hypothesis { changes: vec![(slot, bytes)], what, name, field, original: None });
            }
        };
        if self.mode == Canonicalization::Simple {
            for raw in refolded(field) {
                push(&raw);
            }
            return out;
        }
        let colon = memchr::memchr(b':', field).map_or(0, |colon| colon + 1);
        let (name, body) = field.split_at(colon);
        let body = values::unfolded(body);
        let mut variants = vec![body.replace("; ", ";"), body.replace("; ", ";").replace(';', "; ")];
        for mark in [":", "=", "/", "|", ","] {
            variants.push(body.replace(&format!("{mark} "), mark).replace(&format!(" {mark}"), mark));
        }
        variants.push(body.replace(' ', ""));
        variants.push(body.replace(' ', "").replace(';', "; "));
        for (at, _) in body.match_indices(' ').take(60) {
            variants.push(format!("{}{}", &body[..at], &body[at + 1..]));
        }
        for variant in variants {
            push(&[name, b" ", variant.as_bytes(), b"\r\n"].concat());
        }
        out
    }

    /// The field with another value, with the name and the first white space that it has.
    fn with_value(&self, slot: usize, name: &str, field: Option<usize>, what: What, value: String) -> Hypothesis {
        let written = match field {
            Some(at) => String::from_utf8_lossy(self.message.fields()[at].name()).into_owned(),
            None => self.outcome.signature.source.text()[self.outcome.signature.headers[slot]].to_owned(),
        };
        let raw = format!("{written}: {value}\r\n");
        let mut bytes = Vec::with_capacity(raw.len());
        canonical::header_field(self.mode, raw.as_bytes(), &mut bytes);
        Hypothesis { changes: vec![(slot, bytes)], what, name: name.to_owned(), field, original: Some(value) }
    }

    fn told(&self, hypothesis: &Hypothesis) -> Alteration {
        let field = hypothesis.field.map(|at| &self.message.fields()[at]);
        Alteration {
            part: Part::Header,
            what: hypothesis.what,
            header: Some(match field {
                Some(field) => String::from_utf8_lossy(field.name()).into_owned(),
                None => hypothesis.name.clone(),
            }),
            at: field.map(|field| field.span().start as usize),
            at_range: None,
            length: field.map_or(0, |field| field.bytes().len()),
            original: hypothesis.original.as_ref().map(|value| value.clone().into_bytes()),
            scope: Scope::Place,
            edits: Vec::new(),
            signed_as: None,
            certainty: Certainty::Proven,
            tried: 0,
        }
    }
}

/// Signed names for which hypotheses are made.
const MAX_FIELDS: usize = 60;
/// Instances of one field.
const MAX_INSTANCES: usize = 8;
/// Hypotheses of one field that are tried before the rest of any.
const FIRST_OF_EACH: usize = 12;

/// The first of every field, then the rest.
fn interleaved(fields: Vec<Vec<Hypothesis>>) -> Vec<Hypothesis> {
    let mut first = Vec::new();
    let mut rest = Vec::new();
    for field in fields {
        for (at, hypothesis) in field.into_iter().enumerate() {
            if at < FIRST_OF_EACH { first.push(hypothesis) } else { rest.push(hypothesis) }
        }
    }
    first.extend(rest);
    first
}
