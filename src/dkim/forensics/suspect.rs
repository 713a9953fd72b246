//! What to say of a header when nothing can be proven.

use super::values;
use super::{Alteration, Certainty, Part, Scope, What};
use crate::dkim::outcome::Outcome;
use crate::message::Message;

/// Nothing is known.
pub(super) fn unknown() -> Alteration {
    Alteration {
        part: Part::Header,
        what: What::Unknown,
        header: None,
        at: None,
        at_range: None,
        length: 0,
        original: None,
        scope: Scope::Place,
        edits: Vec::new(),
        signed_as: None,
        certainty: Certainty::Unknown,
        tried: 0,
    }
}

/// Nothing gives the signer's hash: the field that looks most like it.
pub(super) fn suspect(message: &Message<'_>, outcome: &Outcome) -> Alteration {
    let signature = &outcome.signature;
    let text = signature.source.text();
    let mut alteration = unknown();
    // `z=` says what a field was, even where other changes hide the proof.
    for copy in &signature.copies {
        let name = &text[copy.name];
        let was = values::unfolded(&copy.body);
        let now =
            message.fields_named(name).map(|at| values::unfolded(message.fields()[at].body())).collect::<Vec<_>>();
        if !now.contains(&was) {
            alteration.what = if now.is_empty() { What::HeaderRemoved } else { What::HeaderChanged };
            alteration.header = Some(name.to_owned());
            alteration.original = Some(was.into_bytes());
            alteration.certainty = Certainty::Likely;
            return alteration;
        }
    }
    // A name in `h=` that is there once and names no field; most signers name only what is there.
    let missing = |(slot, name): (usize, &crate::text::Span)| {
        let absent = outcome.signed.get(slot).is_some_and(Option::is_none);
        (absent && signature.signs(&text[*name]) == 1).then(|| text[*name].to_owned())
    };
    let mut absent = signature.headers.iter().enumerate().filter_map(missing);
    if let (Some(name), None) = (absent.next(), absent.next()) {
        alteration.what = What::HeaderRemoved;
        alteration.header = Some(name);
        alteration.certainty = Certainty::Likely;
        return alteration;
    }
    for name in ["From", "Subject"] {
        let Some(at) = message.fields_named(name).next_back().filter(|_| signature.signs(name) > 0) else { continue };
        let value = values::unfolded(message.fields()[at].body());
        let munged = name == "From" && (value.contains(" via ") || value.contains('"'));
        let tagged = name == "Subject" && value.contains('[') && value.contains(']');
        if munged || tagged {
            alteration.what = What::HeaderChanged;
            alteration.header = Some(name.to_owned());
            alteration.at = Some(message.fields()[at].span().start as usize);
            alteration.length = message.fields()[at].bytes().len();
            alteration.certainty = Certainty::Likely;
            return alteration;
        }
    }
    alteration
}
