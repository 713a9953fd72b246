//! The three fields of an ARC Set (RFC 8617 §4.1), and the instance that puts them together (§4.2.1).

use crate::dkim::Signature;
use crate::text::{Source, Span, Spanned};

/// ARC-Authentication-Results (§4.1.1).
///
/// ```
/// use mailproof::{arc::Chain, message::{AuthResults, Message}};
///
/// let message = Message::parse(b"ARC-Authentication-Results: i=1; mx.l.example; spf=pass; dkim=fail\r\n\r\n");
/// let results = Chain::of(&message).sets[0].results.clone().unwrap();
/// let claimed = AuthResults::parse(&results.source.text()[results.payload]);
/// let words: Vec<_> = claimed.results().iter().map(|claim| (claim.method.as_str(), claim.result.as_str())).collect();
/// assert_eq!(words, [("spf", "pass"), ("dkim", "fail")]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthenticationResults {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// Its body.
    pub source: Source,
    /// What follows the instance: an authserv-id and results (RFC 8601 §2.2).
    pub payload: Span,
}

/// ARC-Message-Signature (§4.1.2).
///
/// ```
/// use mailproof::{arc::Chain, message::Message};
///
/// let message = Message::parse(b"ARC-Message-Signature: i=1; d=l.example; s=s1; h=from:subject\r\n\r\n");
/// let ams = Chain::of(&message).sets[0].message_signature.clone().unwrap();
/// assert_eq!((ams.field, ams.signature.domain.unwrap().value.as_str()), (0, "l.example"));
/// assert_eq!(ams.signature.headers.len(), 2);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageSignature {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// The signature.
    pub signature: Signature,
}

/// ARC-Seal (§4.1.3).
///
/// ```
/// use mailproof::{arc::{Chain, Validation}, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=l.example; s=s1\r\n\r\n");
/// let seal = Chain::of(&message).last().unwrap().seal.clone().unwrap();
/// // Whoever made the second set says that the first one was good.
/// assert_eq!(seal.validation.unwrap().value, Validation::Pass);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seal {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// The signature.
    pub signature: Signature,
    /// `cv=`, if it has one of its three values.
    pub validation: Option<Spanned<Validation>>,
}

/// `cv=` (§4.4): what the sealer thought of the chain before its own set.
///
/// ```
/// use mailproof::{arc::{Chain, Validation}, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=l.example; s=s1\r\n\r\n");
/// let seal = Chain::of(&message).sets[0].seal.clone().unwrap();
/// let validation = seal.validation.unwrap().value;
/// assert_eq!((validation, validation.as_str()), (Validation::None, "none"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Validation {
    /// There was no chain.
    None,
    /// It was good.
    Pass,
    /// It was broken.
    Fail,
}

impl Validation {
    /// The value of `cv=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// One of the three fields of a set.
///
/// ```
/// use mailproof::arc::FieldKind;
///
/// let names = [FieldKind::Seal, FieldKind::MessageSignature, FieldKind::AuthenticationResults].map(FieldKind::as_str);
/// assert_eq!(names, ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FieldKind {
    /// ARC-Authentication-Results.
    AuthenticationResults,
    /// ARC-Message-Signature.
    MessageSignature,
    /// ARC-Seal.
    Seal,
}

impl FieldKind {
    pub(super) const ALL: [Self; 3] = [Self::AuthenticationResults, Self::MessageSignature, Self::Seal];

    /// The field's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthenticationResults => "ARC-Authentication-Results",
            Self::MessageSignature => "ARC-Message-Signature",
            Self::Seal => "ARC-Seal",
        }
    }
}

/// Sets in a chain (§4.2.1).
pub const MAX_SETS: u32 = 50;

/// What the `h=` of a message signature must not list (§4.1.2): those behind add to it or take it away.
#[cfg(feature = "crypto")]
pub(super) const NOT_SIGNED: [&str; 4] =
    ["Authentication-Results", "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"];

/// §4.1.3: the values are not case-sensitive.
pub(super) fn validation(signature: &Signature) -> Option<Spanned<Validation>> {
    let span = signature.tag("cv")?;
    let text = &signature.source.text()[span];
    let known = [Validation::None, Validation::Pass, Validation::Fail];
    let value = known.into_iter().find(|value| value.as_str().eq_ignore_ascii_case(text))?;
    Some(Spanned::new(value, span))
}

pub(super) fn signature_instance(signature: &Signature) -> Option<u32> {
    instance(&signature.source.text()[signature.tag("i")?])
}

/// §4.2.1: 1 to 50.
fn instance(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (1..=MAX_SETS).contains(number))
}

/// The instance, where the rest starts, and whether the instance stood first. §4.1.1: it stands first, before a
/// semicolon; comments may stand around everything.
pub(super) fn results_instance(text: &str) -> Option<(u32, Span, bool)> {
    let mut start = 0;
    for segment in text.split(';').take(MAX_SEGMENTS) {
        let end = start + segment.len();
        if let Some((name, value)) = segment.split_once('=')
            && without_comments(name) == "i"
        {
            let payload = Span::new((end + 1).min(text.len()), text.len());
            return Some((instance(&without_comments(value))?, payload, start == 0));
        }
        start = end + 1;
    }
    None
}

/// Segments searched for an instance that does not stand first.
const MAX_SEGMENTS: usize = 100;

fn without_comments(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 && !c.is_ascii_whitespace() => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instance_of_results() {
        assert_eq!(results_instance(" (c) i (x) = 7 ; mx; none").map(|found| (found.0, found.2)), Some((7, true)));
        assert_eq!(results_instance("mx.example; i=1; none").map(|found| (found.0, found.2)), Some((1, false)));
    }

    /// §4.1.1: what the service found stands behind the semicolon of the instance.
    #[test]
    fn the_results_behind_the_instance() {
        for (text, rest) in
            [("i=1; mx; none", " mx; none"), ("i=1;", ""), ("i=1", ""), ("mx; i=2; spf=pass", " spf=pass")]
        {
            assert_eq!(results_instance(text).map(|(_, span, _)| &text[span]), Some(rest), "{text}");
        }
    }

    #[test]
    fn an_instance_far_behind_is_none_and_told_as_such() {
        use crate::arc::{Chain, DefectKind};
        let text = format!("ARC-Authentication-Results: {}i=1\r\n\r\n", "x; ".repeat(MAX_SEGMENTS));
        let chain = Chain::of(&crate::message::Message::parse(text.as_bytes()));
        assert_eq!(chain.defects[0].kind, DefectKind::Instance(FieldKind::AuthenticationResults));
    }

    #[test]
    fn instances_are_1_to_50() {
        assert_eq!(
            ["1", "50", "01", "0", "51", "", "+1", "001"].map(instance),
            [Some(1), Some(50), Some(1), None, None, None, None, None]
        );
    }
}
