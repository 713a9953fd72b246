//! The search for what happened to the signed header fields.

mod folding;
mod hypotheses;

use super::suspect::{suspect, unknown};
use super::{Alteration, Certainty, ED25519_COST, Evidence, KeyEvidence, Part, Scope, What, Work};
use crate::dkim::canonical::{self, Sink as _};
use crate::dkim::crypto::{Digest, Hasher, Prepared};
use crate::dkim::lookup::Keys;
use crate::dkim::outcome::{KeyLookup, Outcome};
use crate::dkim::signature::{Algorithm, Canonicalization};
use crate::dns::{RecordType, Snapshot};
use crate::message::Message;
use crate::order::sort_by_key;

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
    let found = found.or_else(|| search.rest(&hypotheses).map(|at| vec![at]));
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
    /// How many of the same field are likelier.
    rank: usize,
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

/// Fields that relays change together, and how much less likely than with the first.
const COMBINED: &[(&str, usize)] = &[
    ("subject", 0),
    ("from", 0),
    ("reply-to", 0),
    ("content-type", 0),
    ("content-transfer-encoding", 0),
    ("cc", 0),
    ("sender", 1),
    ("mime-version", 1),
    ("to", 1),
    ("message-id", 3),
    ("date", 3),
    ("dkim-signature", 3),
    ("list-unsubscribe", 3),
];
/// Two fields are tried together up to this sum of ranks.
const PAIRED: usize = 24;
/// Three up to this one.
const TRIPLED: usize = 6;
/// Of a budget for checks of signatures, which are few, the part for changes of one field.
const SINGLES_OF_SIGNATURES: u64 = 2;

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

    /// One change at a time. Where each costs a check of a signature, something is left for several.
    fn singles(&mut self, hypotheses: &[Hypothesis]) -> Option<usize> {
        for (at, hypothesis) in hypotheses[..self.first_singles(hypotheses)].iter().enumerate() {
            if self.is_original(&[hypothesis])? {
                return Some(at);
            }
        }
        None
    }

    /// Those that [`Search::singles`] has left.
    fn rest(&mut self, hypotheses: &[Hypothesis]) -> Option<usize> {
        for (at, hypothesis) in hypotheses.iter().enumerate().skip(self.first_singles(hypotheses)) {
            if self.is_original(&[hypothesis])? {
                return Some(at);
            }
        }
        None
    }

    fn first_singles(&self, hypotheses: &[Hypothesis]) -> usize {
        let most = match self.goal {
            Goal::Digest(_) => usize::MAX,
            Goal::Signature { .. } => (self.work.limit.octets / ED25519_COST / SINGLES_OF_SIGNATURES) as usize,
        };
        most.min(hypotheses.len())
    }

    /// Two and three fields at once, the likeliest together first.
    fn several(&mut self, hypotheses: &[Hypothesis]) -> Option<Vec<usize>> {
        let group = |&(name, cost): &(&str, usize)| {
            let of_name = hypotheses.iter().enumerate().filter(|(_, hypothesis)| hypothesis.name == name);
            of_name.map(|(at, hypothesis)| (at, hypothesis.rank + cost)).filter(|(_, rank)| *rank <= PAIRED).collect()
        };
        let groups: Vec<Vec<(usize, usize)>> = COMBINED.iter().map(group).collect();
        // The sum of ranks, the hypotheses, and how many they are.
        let mut sets: Vec<(usize, [usize; 3], usize)> = Vec::new();
        for (i, first) in groups.iter().enumerate() {
            for (j, second) in groups.iter().enumerate().skip(i + 1) {
                for &(a, rank_a) in first {
                    for &(b, rank_b) in second.iter().take_while(|(_, rank)| rank_a + rank <= PAIRED) {
                        sets.push((rank_a + rank_b, [a, b, 0], 2));
                        for third in &groups[j + 1..] {
                            let near = third.iter().take_while(|(_, rank)| rank_a + rank_b + rank <= TRIPLED);
                            // Three are less likely than two.
                            sets.extend(near.map(|&(c, rank_c)| (rank_a + rank_b + rank_c + 2, [a, b, c], 3)));
                        }
                    }
                }
            }
        }
        sort_by_key(&mut sets, |(rank, ..)| *rank);
        for (_, set, count) in sets {
            let set = &set[..count];
            let chosen: Vec<&Hypothesis> = set.iter().map(|&at| &hypotheses[at]).collect();
            if self.is_original(&chosen)? {
                return Some(set.to_vec());
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
