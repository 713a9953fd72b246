//! What may have been signed instead of what is there.

use super::folding::{refolded, refolded_long};
use super::{Goal, Hypothesis, Search};
use crate::dkim::canonical;
use crate::dkim::forensics::What;
use crate::dkim::forensics::values::{self, Context};
use crate::dkim::hashes::signed_fields_without;
use crate::dkim::signature::Canonicalization;
use crate::order::sort_by_key;

/// Values of one field that are tried in other foldings too.
const FOLDED_VALUES: usize = 8;
/// Octets of a value that may have been folded.
const LONG_VALUE: usize = 55;

impl Search<'_> {
    /// All hypotheses about one change, the likely first: every field's best before any field's worse.
    pub(super) fn hypotheses(&self) -> Vec<Hypothesis> {
        let mut fields: Vec<Vec<Hypothesis>> = Vec::new();
        let context = Context::of(self.message);
        let signature = &self.outcome.signature;
        let text = signature.source.text();
        let mut seen: Vec<String> = Vec::new();
        for (slot, &name) in signature.headers.iter().enumerate() {
            let name = text[name].to_ascii_lowercase();
            let first_of_name = !seen.contains(&name);
            let copies = signature.copies.iter().filter(|copy| text[copy.name].eq_ignore_ascii_case(&name));
            let copied: Vec<String> = copies.map(|copy| values::unfolded(&copy.body)).collect();
            let mut found = Vec::new();
            match self.outcome.signed.get(slot).copied().flatten() {
                Some(at) => {
                    self.copied(slot, &name, Some(at), &copied, &mut found);
                    // A field that every message has was hardly put in, unless there are two.
                    let usual = USUAL.contains(&name.as_str()) && self.message.fields_named(&name).nth(1).is_none();
                    if first_of_name && !usual {
                        self.added(&name, &mut found);
                    }
                    self.changed(slot, &name, at, &context, &mut found);
                    if first_of_name && usual {
                        self.added(&name, &mut found);
                    }
                }
                // Missing: signed twice to forbid a second, or taken away.
                None if first_of_name => {
                    self.copied(slot, &name, None, &copied, &mut found);
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
        let told = |original: String| {
            let without = |text: &str| text.replace(' ', "");
            let refolded = without(&original) == without(&value);
            let what = if refolded { What::HeaderRefolded } else { What::HeaderChanged };
            self.with_value(slot, name, Some(at), what, original)
        };
        // Revealed digests are compared at the price of a hash; signatures are too dear for each second.
        let moments = if matches!(self.goal, Goal::Digest(_)) { values::moments(name, &value) } else { Vec::new() };
        let originals = values::originals(name, &value, context);
        if self.mode == Canonicalization::Relaxed {
            out.extend(originals.into_iter().chain(moments).map(told));
            return;
        }
        let raw_forms = refolded(field.bytes()).into_iter().map(|raw| self.refolded_as(slot, name, at, raw));
        let mut raw_forms = raw_forms.peekable();
        // A changed value, folded as mailers fold.
        let mut folded: Vec<Hypothesis> = Vec::new();
        for (count, original) in originals.into_iter().chain(moments).enumerate() {
            let hypothesis = told(original);
            if count < FOLDED_VALUES
                && let Some(value) = &hypothesis.original
                && (value.len() > LONG_VALUE || value.contains("; "))
            {
                folded.extend(
                    refolded_long(field.name(), value)
                        .into_iter()
                        .map(|raw| Hypothesis { what: hypothesis.what, ..self.refolded_as(slot, name, at, raw) }),
                );
            }
            out.push(hypothesis);
            out.extend(raw_forms.next());
            if count + 1 == FOLDED_VALUES {
                out.append(&mut folded);
            }
        }
        out.extend(raw_forms);
        out.append(&mut folded);
    }

    fn refolded_as(&self, slot: usize, name: &str, at: usize, raw: Vec<u8>) -> Hypothesis {
        let value = values::unfolded(&raw[memchr::memchr(b':', &raw).map_or(0, |colon| colon + 1)..]);
        let (what, name) = (What::HeaderRefolded, name.to_owned());
        Hypothesis { rank: 0, changes: vec![(slot, raw)], what, name, field: Some(at), original: Some(value) }
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
                out.push(Hypothesis { rank: 0, changes, what, name, field: Some(without), original: None });
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
            out.push(Hypothesis { rank: 0, changes, what, name: name.to_owned(), field, original: None });
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
                out.push(Hypothesis { rank: 0, changes: vec![(slot, bytes)], what, name, field, original: None });
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
        Hypothesis { rank: 0, changes: vec![(slot, bytes)], what, name: name.to_owned(), field, original: Some(value) }
    }
}

/// Fields that mail has when it is signed.
const USUAL: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "references",
    "in-reply-to",
];
/// Signed names for which hypotheses are made.
const MAX_FIELDS: usize = 60;
/// Instances of one field.
const MAX_INSTANCES: usize = 8;

/// The first of every field, the second of every field, and so on.
fn interleaved(fields: Vec<Vec<Hypothesis>>) -> Vec<Hypothesis> {
    let ranked = |of_field: Vec<Hypothesis>| {
        of_field.into_iter().enumerate().map(|(rank, hypothesis)| Hypothesis { rank, ..hypothesis })
    };
    let mut all: Vec<Hypothesis> = fields.into_iter().flat_map(ranked).collect();
    sort_by_key(&mut all, |hypothesis| hypothesis.rank);
    all
}
