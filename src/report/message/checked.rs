//! Facts by checking every signature.

use super::{AlterationFacts, ArcFacts, MessageFacts, SignatureFacts};
use crate::Timestamp;
use crate::arc::{self, ArcResult};
use crate::dkim::forensics::{Alteration, Budget, Certainty, Part, investigate};
use crate::dkim::{self, Outcome, explain};
use crate::dns::{Snapshot, Step};
use crate::message::Message;

pub(super) fn facts(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<MessageFacts> {
    let mut open = Vec::new();
    let outcomes = dkim::verify(dns, message, now).or_ask(&mut open);
    let chain = arc::verify(dns, message, now).or_ask(&mut open);
    let (Some(outcomes), Some(chain)) = (outcomes, chain) else { return Step::Ask(open) };
    let signatures = outcomes.iter().map(|outcome| signature(dns, message, outcome)).collect();
    let arc = (chain.result != ArcResult::None).then(|| ArcFacts {
        intact: Some(chain.result == ArcResult::Pass),
        told: arc::explain::headline(&chain),
        claims: chain.chain.sets.iter().map(arc::explain::claim).collect(),
    });
    Step::Done(MessageFacts { signatures, arc })
}

fn signature(dns: &Snapshot, message: &Message<'_>, outcome: &Outcome) -> SignatureFacts {
    let evidence = investigate(dns, message, outcome, &Budget::default());
    let signature = &outcome.signature;
    let text = signature.source.text();
    SignatureFacts {
        field: outcome.field,
        domain: signature.domain.as_ref().map(|domain| domain.value.to_string()),
        selector: signature.selector.as_ref().map(|selector| selector.value.to_string()),
        result: Some(outcome.result.as_str()),
        told: explain::headline(outcome, message, &evidence),
        algorithm: signature.algorithm.map(|algorithm| algorithm.value.as_str()),
        signed: signature.headers.iter().map(|&name| text[name].to_owned()).collect(),
        body: outcome.body.map(|body| body.matches),
        unsigned_octets: outcome.body.map_or(0, |body| body.unsigned()),
        header: outcome.header.map(|header| header.verified),
        key: explain::key_lookup(&outcome.keys),
        key_evidence: explain::key(&evidence.key),
        alterations: evidence.body.iter().chain(&evidence.header).map(|found| alteration(found, message)).collect(),
    }
}

fn alteration(found: &Alteration, message: &Message<'_>) -> AlterationFacts {
    let difference = explain::difference(found, message);
    AlterationFacts {
        part: match found.part {
            Part::Body => "body",
            Part::Header => "header",
        },
        what: found.what.as_str(),
        header: found.header.clone(),
        at: found.at,
        length: found.length,
        certainty: match found.certainty {
            Certainty::Proven => "proven",
            Certainty::Likely => "likely",
            Certainty::Unknown => "unknown",
        },
        sure: explain::certainty(found),
        tried: found.tried,
        told: explain::alteration(found, message),
        difference: difference.lines.iter().map(ToString::to_string).collect(),
        left_out: difference.left_out,
    }
}
