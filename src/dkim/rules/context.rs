//! What a rule about the text of one key record looks at.

use crate::dkim::base64;
use crate::dkim::der::{self, Structure};
use crate::dkim::{Key, Tag};
use crate::finding::{Edit, Label, Subject};
use crate::text::Span;

/// A key record, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) key: &'a Key,
    pub(super) subject: &'a Subject,
}

/// The tags of key records (RFC 6376 §3.6.1), with the historic `g`.
pub(super) const KNOWN: [&str; 8] = ["v", "g", "h", "k", "n", "p", "s", "t"];

impl<'a> Context<'a> {
    pub(super) fn text(&self) -> &'a str {
        self.key.source.text()
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text()[span]
    }

    pub(super) fn label(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    pub(super) fn tag(&self, name: &str) -> Option<Tag> {
        self.key.tags.iter().copied().find(|tag| self.slice(tag.name) == name)
    }

    /// The tag with its name.
    pub(super) fn part(&self, tag: Tag) -> Label {
        self.label(tag.name.to(tag.value))
    }

    /// Takes the part at `span` away, with the semicolon before it.
    pub(super) fn without(&self, span: Span) -> Edit {
        let text = self.text();
        match text[..span.start as usize].rfind(';') {
            Some(semicolon) => Edit::delete(Span::new(semicolon, span.end as usize)),
            None => {
                let after = text[span.end as usize..].find(|c: char| c != ';' && !c.is_ascii_whitespace());
                Edit::delete(Span::new(span.start as usize, after.map_or(text.len(), |at| span.end as usize + at)))
            }
        }
    }

    /// Tags that the value of another one has swallowed, since no `;` stands before them: what to put in the place of
    /// each gap, and the names.
    pub(super) fn swallowed(&self, tag: Tag) -> Vec<(Span, &'a str)> {
        let (text, bytes) = (self.slice(tag.value), self.slice(tag.value).as_bytes());
        // Notes may say anything.
        if self.slice(tag.name) == "n" {
            return Vec::new();
        }
        let is_gap = |byte: u8| byte == b',' || byte.is_ascii_whitespace();
        let mut found = Vec::new();
        for at in 1..bytes.len() {
            if !is_gap(bytes[at - 1]) || is_gap(bytes[at]) {
                continue;
            }
            let name = &text[Span::new(at, at + 1)];
            // `==` is the end of base64 with white space in it.
            let is_tag = KNOWN.contains(&name)
                && bytes.get(at + 1) == Some(&b'=')
                && bytes.get(at + 2).is_some_and(|&after| after != b'=');
            if is_tag {
                let gap = bytes[..at].iter().rposition(|&byte| !is_gap(byte)).map_or(0, |before| before + 1);
                found.push((Span::new(gap, at).shifted(tag.value.start as usize), name));
            }
        }
        found
    }

    /// Whether a tag called `name` is written, if only inside the value of another one.
    pub(super) fn is_swallowed(&self, name: &str) -> bool {
        self.key.tags.iter().any(|&tag| self.swallowed(tag).iter().any(|(_, swallowed)| *swallowed == name))
    }

    /// Whether `span` holds characters that only a zone file or a command line should have.
    pub(super) fn is_pasted(&self, span: Span) -> bool {
        let text = self.slice(span);
        !text.bytes().all(|b| b.is_ascii_alphanumeric()) && text.contains(PASTED)
    }
}

/// Quotation marks and backslashes: no value of a key record has them.
pub(super) const PASTED: [char; 6] = ['"', '\\', '\'', '“', '”', '„'];

/// Whether `text` is the base64 of a public key that `k` may name.
pub(super) fn is_key(text: &str, ed25519: bool) -> bool {
    let Ok(octets) = base64::decode(text.as_bytes()) else { return false };
    match der::structure(&octets) {
        Structure::RsaSpki { .. } | Structure::RsaPkcs1 { .. } => !ed25519,
        _ => ed25519 && octets.len() == 32,
    }
}
