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
    /// Which of the signatures shows what was changed, counted from 0.
    pub altered: Option<usize>,
    /// The Author Domain; `None` where From names no one domain.
    pub author: Option<String>,
    /// How each identifier stands to the Author Domain.
    pub alignment: Vec<AlignmentFacts>,
    /// The session that SPF is judged by.
    pub session: SessionFacts,
    /// The hops that the Received fields tell of, in the order in which the message went.
    pub path: Vec<HopFacts>,
}

/// How an identifier stands to the Author Domain.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AlignmentFacts {
    /// `spf` or `dkim`.
    pub method: &'static str,
    /// In words: `MAIL FROM example.com`, `d=example.com`.
    pub identifier: String,
    /// The domain.
    pub domain: String,
    /// The word of RFC 8601.
    pub result: &'static str,
    /// Its Organizational Domain; `None` if it was not needed, or is not known.
    pub org_domain: Option<String>,
    /// `relaxed` or `strict`; `None` without a DMARC record.
    pub mode: Option<&'static str>,
    /// Whether the domains align, passed or not.
    pub aligned: bool,
    /// Why, in a clause without a full stop.
    pub why: String,
}

/// The SMTP session that SPF is judged by.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SessionFacts {
    /// The client's address.
    pub ip: Option<KnownFacts>,
    /// The HELO name.
    pub helo: Option<KnownFacts>,
    /// MAIL FROM; empty for the null reverse-path.
    pub mail_from: Option<KnownFacts>,
    /// The recipients.
    pub rcpt_to: Vec<String>,
}

/// A value, and whether it was given or is claimed by the message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct KnownFacts {
    /// The value.
    pub value: String,
    /// The header field that claims it, counted from 0 at the top; `None` if it was given.
    pub claimed_by: Option<usize>,
    /// The name of that field.
    pub field: Option<String>,
}

/// One Received field.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HopFacts {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// Whether the receiver's own server wrote it; all else is what the client says.
    pub believed: bool,
    /// What the client called itself.
    pub from: Option<String>,
    /// The client's address.
    pub ip: Option<String>,
    /// The server that took the message.
    pub by: Option<String>,
    /// How: `ESMTPS`.
    pub protocol: Option<String>,
    /// Whether it was encrypted, where the field tells.
    pub tls: Option<bool>,
    /// Whether the client had logged in.
    pub authenticated: bool,
    /// When, in seconds since 1970.
    pub date: Option<u64>,
    /// Seconds since the hop before; negative if a clock was wrong.
    pub delay: Option<i64>,
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

impl AlterationFacts {
    /// It in lines: what happened, then the difference.
    pub(in crate::report) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} ({})", self.told, self.sure)];
        lines.extend(self.difference.iter().cloned());
        if self.left_out > 0 {
            lines.push(format!("... {} more", self.left_out));
        }
        lines
    }
}
