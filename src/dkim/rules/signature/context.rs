//! What a rule about one signature looks at.

use crate::Timestamp;
use crate::dkim::signature_defect::{Defect, DefectKind};
use crate::dkim::{Key, Signature, Tag};
use crate::finding::{Label, Subject};
use crate::message::Message;
use crate::text::Span;

/// What is known beside a signature. Nothing is told about what is not known.
///
/// ```
/// use mailproof::dkim::{SignatureFacts, lint_signature};
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"From: a@d.example\r\nSubject: Hi\r\n");
/// let text = "v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
/// let found = lint_signature(&text.into(), &SignatureFacts::default().of_message(&message));
/// assert!(found.iter().any(|found| found.code == "dkim-sig-unsigned-important"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SignatureFacts<'a> {
    /// The message. Without an empty line it is a header only, and nothing is told about the body.
    pub message: Option<&'a Message<'a>>,
    /// When the message was received; the present time if that is not known.
    pub received: Option<Timestamp>,
    /// The key record of the signature.
    pub key: Option<&'a Key>,
    /// Whether `d` is a public suffix, such as `co.uk`, for which nobody can sign.
    pub public_suffix: bool,
}

impl<'a> SignatureFacts<'a> {
    /// The signature stands in `message`.
    #[must_use]
    pub fn of_message(mut self, message: &'a Message<'a>) -> Self {
        self.message = Some(message);
        self
    }

    /// The message was received at `time`.
    ///
    /// ```
    /// use mailproof::{Timestamp, dkim::{SignatureFacts, lint_signature}};
    ///
    /// let text = "v=1; a=rsa-sha256; d=d.example; s=s; h=from; t=1767225600; x=1767312000; \
    ///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
    /// let expired = |received| {
    ///     let found = lint_signature(&text.into(), &SignatureFacts::default().received(Timestamp(received)));
    ///     found.iter().any(|found| found.code == "dkim-sig-expired")
    /// };
    /// assert!(!expired(1_767_225_605) && expired(1_767_312_001));
    /// ```
    #[must_use]
    pub fn received(mut self, time: Timestamp) -> Self {
        self.received = Some(time);
        self
    }

    /// `key` is at the selector.
    ///
    /// ```
    /// use mailproof::dkim::{Key, SignatureFacts, lint_signature};
    ///
    /// // The key may sign as the domain only, the signature names a user below a sub-domain.
    /// let key = Key::parse(&"v=DKIM1; k=ed25519; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into());
    /// let text = "v=1; a=ed25519-sha256; d=d.example; i=@news.d.example; s=s; h=from; \
    ///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
    /// let found = lint_signature(&text.into(), &SignatureFacts::default().key(&key));
    /// assert!(found.iter().any(|found| found.code == "dkim-sig-i-subdomain-strict"));
    /// ```
    #[must_use]
    pub fn key(mut self, key: &'a Key) -> Self {
        self.key = Some(key);
        self
    }

    /// Whether `d` is a public suffix. A list of them tells, such as [`PublicSuffixes`](crate::dmarc::PublicSuffixes).
    ///
    /// ```
    /// use mailproof::dkim::{SignatureFacts, lint_signature};
    ///
    /// let text = "v=1; a=rsa-sha256; d=co.uk; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
    /// let found = lint_signature(&text.into(), &SignatureFacts::default().public_suffix(true));
    /// assert!(found.iter().any(|found| found.code == "dkim-sig-d-invalid"));
    /// ```
    #[must_use]
    pub fn public_suffix(mut self, is_one: bool) -> Self {
        self.public_suffix = is_one;
        self
    }
}

/// A signature, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) signature: &'a Signature,
    pub(super) subject: &'a Subject,
    pub(super) facts: &'a SignatureFacts<'a>,
    /// Tags whose value has swallowed another one, since no `;` stands between them, and the name of that.
    pub(super) swallowed: &'a [(Tag, Span)],
}

/// The tags of signatures (RFC 6376 §3.5).
pub(super) const KNOWN: [&str; 14] = ["v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x", "z"];

impl<'a> Context<'a> {
    pub(super) fn text(&self) -> &'a str {
        self.signature.source.text()
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text()[span]
    }

    pub(super) fn label(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    pub(super) fn tag(&self, name: &str) -> Option<Tag> {
        self.signature.tags.iter().copied().find(|tag| self.slice(tag.name) == name)
    }

    /// The tag called `name` with its value; the end of the text if it is not there.
    pub(super) fn part(&self, name: &str) -> Label {
        let end = self.text().len();
        self.label(self.tag(name).map_or(Span::at(end), |tag| tag.name.to(tag.value)))
    }

    /// Where the signature has this defect.
    pub(super) fn defect(&self, kind: &DefectKind) -> Option<Span> {
        self.defects().find(|defect| defect.kind == *kind).map(|defect| defect.span)
    }

    /// What is wrong with the values; one that has swallowed another tag is wrong for that reason only.
    pub(super) fn defects(&self) -> impl Iterator<Item = &'a Defect> + '_ {
        let spoiled = |span: Span| self.swallowed.iter().any(|(tag, _)| tag.value == span);
        self.signature.defects.iter().filter(move |defect| !spoiled(defect.span))
    }

    /// Whether a tag called `name` is written, if only inside the value of another one.
    pub(super) fn is_swallowed(&self, name: &str) -> bool {
        let tag = format!("{name}=");
        self.swallowed.iter().any(|(swallower, _)| self.slice(swallower.value).contains(&tag))
    }
}

/// The tags of `signature` that have swallowed another one, and the name of that.
pub(super) fn swallowed(signature: &Signature) -> Vec<(Tag, Span)> {
    let text = signature.source.text();
    // Copies may say anything.
    let tags = signature.tags.iter().filter(|tag| text[tag.name] != *"z");
    tags.filter_map(|&tag| Some((tag, name_inside(&text[tag.value])?.shifted(tag.value.start as usize)))).collect()
}

fn name_inside(value: &str) -> Option<Span> {
    let mut at = 0;
    for word in value.split_ascii_whitespace() {
        let start = at + value[at..].find(word)?;
        at = start + word.len();
        let (name, rest) = word.split_once('=').unwrap_or((word, ""));
        // `b=` and `b==` are the end of base64.
        if start > 0 && KNOWN.contains(&name) && !rest.is_empty() && !rest.starts_with('=') {
            return Some(Span::new(start, start + name.len()));
        }
    }
    None
}
