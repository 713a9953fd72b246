//! ARC Sets and the chain of them (RFC 8617 §4.2, §5.2 steps 1 to 3): one set for each hop that sealed.

use super::fields::{
    AuthenticationResults, FieldKind, MessageSignature, Seal, Validation, results_instance, signature_instance,
    validation,
};
use crate::dkim::Signature;
use crate::dkim::primitives::Form;
use crate::message::{Field, Message};
use crate::order::sort_by_key;
use crate::text::{Source, Span, Spanned};

/// The ARC fields of a message, put together to sets, and what is wrong with them. Reading never fails.
///
/// ```
/// use mailproof::arc::{Chain, DefectKind, FieldKind};
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"ARC-Authentication-Results: i=1; mx.d.example; none\r\n\r\n");
/// let chain = Chain::of(&message);
/// assert!(!chain.is_empty());
/// assert_eq!((chain.sets[0].instance, chain.last().unwrap().instance), (1, 1));
/// assert!(chain.defects.iter().any(|d| d.kind == DefectKind::Missing(FieldKind::Seal)));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Chain {
    /// The sets, by instance; each instance once.
    pub sets: Vec<Set>,
    /// What is wrong with the structure (§5.2 steps 1 and 3); at most 64.
    pub defects: Vec<Defect>,
    /// How much more is wrong with it.
    pub more_defects: usize,
}

/// The fields with one instance. A second field of a kind is a [`Defect`], and the upper one stays.
///
/// ```
/// use mailproof::{arc::Chain, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=2; cv=pass; d=m.example; s=s1\r\n\
///     ARC-Seal: i=1; cv=none; d=l.example; s=s1\r\n\r\n");
/// let chain = Chain::of(&message);
/// let seal = chain.sets[0].seal.as_ref().unwrap();
/// assert_eq!((chain.sets[0].instance, seal.field), (1, 1));
/// assert_eq!(seal.signature.domain.as_ref().unwrap().value, "l.example");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Set {
    /// `i=`, 1 at the first hop.
    pub instance: u32,
    /// ARC-Authentication-Results.
    pub results: Option<AuthenticationResults>,
    /// ARC-Message-Signature.
    pub message_signature: Option<MessageSignature>,
    /// ARC-Seal.
    pub seal: Option<Seal>,
}

/// Something wrong with the structure of the chain.
///
/// ```
/// use mailproof::{arc::{Chain, DefectKind}, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=maybe; d=l.example; s=s1\r\n\r\n");
/// let chain = Chain::of(&message);
/// let defect = chain.defects.iter().find(|defect| defect.kind == DefectKind::Validation).unwrap();
/// let (_, span) = defect.place.unwrap();
/// assert_eq!(&chain.sets[0].seal.as_ref().unwrap().signature.source.text()[span], "maybe");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// The instance concerned, if it can be read.
    pub instance: Option<u32>,
    /// The header field concerned, and the place in its body; `None` if a field is missing.
    pub place: Option<(usize, Span)>,
}

/// What kind of defect.
///
/// ```
/// use mailproof::{arc::{Chain, DefectKind, FieldKind}, message::Message};
///
/// // RFC 8617 §4.2.1: instances go from 1 to 50.
/// let message = Message::parse(b"ARC-Seal: i=51; cv=pass; d=l.example; s=s1\r\n\r\n");
/// assert_eq!(Chain::of(&message).defects[0].kind, DefectKind::Instance(FieldKind::Seal));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DefectKind {
    /// A field without `i=`, or with one that is no number of 1 to 50.
    Instance(FieldKind),
    /// ARC-Authentication-Results in which `i=` is not first. Harmless to validation.
    InstanceNotFirst,
    /// Two fields of a kind with the same instance.
    Duplicate {
        /// Which.
        kind: FieldKind,
        /// The header field that has it already.
        first: usize,
    },
    /// A set lacks a field; or, where all three are missing, the instances have a gap.
    Missing(FieldKind),
    /// ARC-Seal without `cv=`, or with an unknown value.
    Validation,
    /// The first seal says something else than `cv=none`.
    FirstNotNone,
    /// A later seal says `cv=none`.
    LaterNone,
    /// A seal says `cv=fail`.
    Fail,
    /// ARC-Seal with `h=`.
    SealSignsHeaders,
    /// ARC-Message-Signature with `ARC-Seal` in `h=`.
    SignsSeal,
}

/// Defects that are kept. [`Chain::more_defects`] counts the others.
pub(super) const MAX_DEFECTS: usize = 64;

impl Chain {
    /// Reads the ARC fields of a message.
    pub fn of(message: &Message<'_>) -> Self {
        let mut chain = Self::default();
        for kind in FieldKind::ALL {
            for at in message.fields_named(kind.as_str()) {
                chain.add(kind, at, &message.fields()[at]);
            }
        }
        sort_by_key(&mut chain.sets, |set| set.instance);
        chain.check_structure();
        chain
    }

    /// Whether the message has no ARC field at all.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.defects.is_empty()
    }

    /// The highest instance.
    pub fn last(&self) -> Option<&Set> {
        self.sets.last()
    }

    fn add(&mut self, kind: FieldKind, at: usize, field: &Field<'_>) {
        let source = Source::from_bytes(field.body());
        match kind {
            FieldKind::AuthenticationResults => {
                let Some((instance, payload, first)) = results_instance(source.text()) else {
                    return self.no_instance(kind, at, &source, None);
                };
                if !first {
                    let place = Some((at, Span::at(0)));
                    self.defect(Defect { kind: DefectKind::InstanceNotFirst, instance: Some(instance), place });
                }
                let set = self.set(instance);
                match &set.results {
                    Some(first) => {
                        let first = first.field;
                        self.duplicate(kind, instance, at, first);
                    }
                    None => set.results = Some(AuthenticationResults { field: at, source, payload }),
                }
            }
            FieldKind::MessageSignature => {
                let signature = Signature::of(source, Form::ArcMessageSignature);
                let Some(instance) = signature_instance(&signature) else {
                    return self.no_instance(kind, at, &signature.source, signature.tag("i"));
                };
                let set = self.set(instance);
                match &set.message_signature {
                    Some(first) => {
                        let first = first.field;
                        self.duplicate(kind, instance, at, first);
                    }
                    None => set.message_signature = Some(MessageSignature { field: at, signature }),
                }
            }
            FieldKind::Seal => {
                let signature = Signature::of(source, Form::ArcSeal);
                let Some(instance) = signature_instance(&signature) else {
                    return self.no_instance(kind, at, &signature.source, signature.tag("i"));
                };
                let validation = validation(&signature);
                let set = self.set(instance);
                match &set.seal {
                    Some(first) => {
                        let first = first.field;
                        self.duplicate(kind, instance, at, first);
                    }
                    None => set.seal = Some(Seal { field: at, signature, validation }),
                }
            }
        }
    }

    fn set(&mut self, instance: u32) -> &mut Set {
        // At most 50, so a search from the start is no loop to fear.
        let at = self.sets.iter().position(|set| set.instance == instance).unwrap_or_else(|| {
            self.sets.push(Set { instance, results: None, message_signature: None, seal: None });
            self.sets.len() - 1
        });
        &mut self.sets[at]
    }

    fn no_instance(&mut self, kind: FieldKind, at: usize, source: &Source, i: Option<Span>) {
        let span = i.unwrap_or_else(|| Span::new(0, source.text().len()));
        self.defect(Defect { kind: DefectKind::Instance(kind), instance: None, place: Some((at, span)) });
    }

    fn duplicate(&mut self, kind: FieldKind, instance: u32, at: usize, first: usize) {
        let kind = DefectKind::Duplicate { kind, first };
        self.defect(Defect { kind, instance: Some(instance), place: Some((at, Span::at(0))) });
    }

    /// §5.2 step 3
    fn check_structure(&mut self) {
        let last = self.sets.last().map_or(0, |set| set.instance);
        let mut found = Vec::new();
        let mut sets = self.sets.iter().peekable();
        for instance in 1..=last {
            let Some(set) = sets.next_if(|set| set.instance == instance) else {
                found.extend(FieldKind::ALL.map(|kind| (DefectKind::Missing(kind), instance, None)));
                continue;
            };
            let missing = [set.results.is_none(), set.message_signature.is_none(), set.seal.is_none()];
            for (kind, _) in FieldKind::ALL.into_iter().zip(missing).filter(|(_, missing)| *missing) {
                found.push((DefectKind::Missing(kind), instance, None));
            }
            if let Some(seal) = &set.seal {
                found.extend(
                    seal_defects(seal, instance).map(|(kind, span)| (kind, instance, Some((seal.field, span)))),
                );
            }
            if let Some(ams) = &set.message_signature {
                let text = ams.signature.source.text();
                let signed = ams.signature.headers.iter().find(|&&name| text[name].eq_ignore_ascii_case("ARC-Seal"));
                found.extend(signed.map(|&name| (DefectKind::SignsSeal, instance, Some((ams.field, name)))));
            }
        }
        for (kind, instance, place) in found {
            self.defect(Defect { kind, instance: Some(instance), place });
        }
    }

    fn defect(&mut self, defect: Defect) {
        if self.defects.len() < MAX_DEFECTS {
            self.defects.push(defect);
        } else {
            self.more_defects += 1;
        }
    }
}

fn seal_defects(seal: &Seal, instance: u32) -> impl Iterator<Item = (DefectKind, Span)> {
    let end = Span::at(seal.signature.source.text().len());
    let cv = match seal.validation {
        None => Some((DefectKind::Validation, seal.signature.tag("cv").unwrap_or(end))),
        Some(Spanned { value: Validation::Fail, span }) => Some((DefectKind::Fail, span)),
        Some(Spanned { value: Validation::Pass, span }) if instance == 1 => Some((DefectKind::FirstNotNone, span)),
        Some(Spanned { value: Validation::None, span }) if instance > 1 => Some((DefectKind::LaterNone, span)),
        Some(_) => None,
    };
    let h = seal.signature.tag("h").map(|span| (DefectKind::SealSignsHeaders, span));
    cv.into_iter().chain(h)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(DefectKind, Option<u32>)> {
        let chain = Chain::of(&Message::parse(text.as_bytes()));
        chain.defects.into_iter().map(|defect| (defect.kind, defect.instance)).collect()
    }

    fn set(i: u32, cv: &str) -> String {
        format!(
            "ARC-Seal: i={i}; cv={cv}; a=rsa-sha256; b=Zm9v; d=d.example; s=s\r\n\
             ARC-Message-Signature: i={i}; a=rsa-sha256; b=Zm9v; bh=Zm9v; h=from; d=d.example; s=s\r\n\
             ARC-Authentication-Results: i={i}; mx.d.example; none\r\n"
        )
    }

    #[test]
    fn a_good_chain() {
        let text = set(2, "Pass") + &set(1, "none") + "\r\n";
        assert_eq!(kinds(&text), []);
        let message = Message::parse(text.as_bytes());
        let chain = Chain::of(&message);
        let results = chain.sets[1].results.as_ref().unwrap();
        assert_eq!(&results.source.text()[results.payload], " mx.d.example; none");
        assert!(Chain::of(&Message::parse(b"From: a\r\n\r\n")).is_empty());
    }

    #[test]
    fn gaps_and_duplicates() {
        use FieldKind::{AuthenticationResults, MessageSignature, Seal};
        let missing = |kind, i| (DefectKind::Missing(kind), Some(i));
        assert_eq!(
            kinds(&(set(3, "pass") + &set(1, "none"))),
            [missing(AuthenticationResults, 2), missing(MessageSignature, 2), missing(Seal, 2)]
        );
        let twice = kinds(&(set(1, "none") + &set(1, "none")));
        assert_eq!(twice[0], (DefectKind::Duplicate { kind: AuthenticationResults, first: 2 }, Some(1)));
        assert_eq!(twice.len(), 3);
    }

    /// §5.2 step 1: without any set there is no chain; one that cannot be read is not none.
    #[test]
    fn what_cannot_be_read_is_a_chain_too() {
        let chain = Chain::of(&Message::parse(b"ARC-Seal: cv=none\r\n\r\n"));
        assert!(chain.sets.is_empty() && !chain.is_empty());
    }

    #[test]
    fn defects_are_bounded() {
        let many = kinds(&"ARC-Seal: i=1; cv=none\r\n".repeat(1_000));
        assert_eq!(many.len(), MAX_DEFECTS);
        assert_eq!(many[MAX_DEFECTS - 1].0, DefectKind::Duplicate { kind: FieldKind::Seal, first: 0 });
    }

    #[test]
    fn a_message_signature_without_c_is_relaxed() {
        let chain = Chain::of(&Message::parse(b"ARC-Message-Signature: i=1; h=from\r\n\r\n"));
        let signature = &chain.sets[0].message_signature.as_ref().unwrap().signature;
        assert_eq!(signature.canonicalization.unwrap().header, crate::dkim::Canonicalization::Relaxed);
    }

    #[test]
    fn instances_and_cv() {
        assert_eq!(kinds("ARC-Seal: i=51; cv=none\r\n\r\n"), [(DefectKind::Instance(FieldKind::Seal), None)]);
        assert_eq!(kinds(&set(1, "pass")), [(DefectKind::FirstNotNone, Some(1))]);
        assert_eq!(kinds(&(set(2, "none") + &set(1, "none"))), [(DefectKind::LaterNone, Some(2))]);
        assert_eq!(kinds(&set(1, "maybe")), [(DefectKind::Validation, Some(1))]);
    }
}
