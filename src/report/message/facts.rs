//! What is known of a message, as data.

/// What is known of a message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MessageFacts {
    /// Its DKIM signatures, from the top.
    pub signatures: Vec<SignatureFacts>,
    /// Its ARC chain; `None` if it has none. Evidence, never a pass.
    pub arc: Option<ArcFacts>,
}

/// What is known of a DKIM signature.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SignatureFacts {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// `d=`.
    pub domain: Option<String>,
    /// `s=`.
    pub selector: Option<String>,
    /// The word of RFC 8601; `None` if it was not checked.
    pub result: Option<&'static str>,
    /// The result and its reason in one sentence.
    pub told: String,
    /// `a=`, if it can be read.
    pub algorithm: Option<&'static str>,
    /// The names in `h=`.
    pub signed: Vec<String>,
    /// Whether the body is the one that was signed; `None` if it was not checked.
    pub body: Option<bool>,
    /// Octets at the end of the canonical body that `l=` leaves unsigned.
    pub unsigned_octets: u64,
    /// Whether the signature over the header verifies; `None` if it was not checked.
    pub header: Option<bool>,
    /// What was published where its key should be.
    pub key: Option<String>,
    /// What an investigation found out about the key.
    pub key_evidence: Option<String>,
    /// What was changed after signing.
    pub alterations: Vec<AlterationFacts>,
}

/// Something that was changed after signing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AlterationFacts {
    /// `body` or `header`.
    pub part: &'static str,
    /// What kind: `appended`.
    pub what: &'static str,
    /// The header field concerned.
    pub header: Option<String>,
    /// Offset in the body as received, or of the header field in the message.
    pub at: Option<usize>,
    /// Octets there.
    pub length: usize,
    /// `proven`, `likely` or `unknown`.
    pub certainty: &'static str,
    /// How sure it is, in words.
    pub sure: String,
    /// Guesses that were tried.
    pub tried: usize,
    /// What happened, in words.
    pub told: String,
    /// Lines: `- ` as signed, `+ ` as received, invisible characters as escapes.
    pub difference: Vec<String>,
    /// Lines that are left out of it.
    pub left_out: usize,
}

/// What is known of an ARC chain.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ArcFacts {
    /// Whether the chain is intact; `None` if it was not checked.
    pub intact: Option<bool>,
    /// What it shows, in one sentence.
    pub told: String,
    /// What each set claims, as its sealer wrote it.
    pub claims: Vec<String>,
}
