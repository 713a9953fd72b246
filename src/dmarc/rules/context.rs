//! What a rule about the text of one record looks at.

use crate::Name;
use crate::dmarc::{PartKind, PublicSuffixes, Record, Request, Stated, Tag};
use crate::finding::{Edit, Effect, Label, Subject};
use crate::text::Span;

/// A record, where it stands, and what is known about the place.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) record: &'a Record,
    pub(super) subject: &'a Subject,
    /// The domain that it is published for, if that is known.
    pub(super) domain: Option<&'a Name>,
    pub(super) suffixes: Option<&'a PublicSuffixes>,
}

/// The values that a tag may have.
const WORDS: &[&str] = &["none", "quarantine", "reject", "r", "s", "y", "n", "u", "0", "1", "d"];

/// One tag as written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    pub(super) tag: Tag,
    pub(super) part: Span,
    pub(super) name: Span,
    pub(super) value: Span,
}

impl<'a> Context<'a> {
    pub(super) fn text(&self) -> &'a str {
        self.record.source().text()
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text()[span]
    }

    pub(super) fn label(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    pub(super) fn whole(&self) -> Label {
        Label::whole(self.subject)
    }

    /// Every tag but the version, in order.
    pub(super) fn tags(&self) -> impl Iterator<Item = Written> + '_ {
        self.record.parts().iter().filter_map(|part| match part.kind {
            PartKind::Tag { tag, name, value } if tag != Tag::V => Some(Written { tag, part: part.span, name, value }),
            _ => None,
        })
    }

    /// The first tag called so.
    pub(super) fn tag(&self, tag: Tag) -> Option<Written> {
        self.tags().find(|written| written.tag == tag)
    }

    /// The part of a stated value, name included; the whole text if the tag is absent.
    pub(super) fn place<T: Copy>(&self, tag: Tag, stated: Stated<T>) -> Label {
        match stated.span().and_then(|_| self.tag(tag)) {
            Some(written) => self.label(written.part),
            None => self.whole(),
        }
    }

    /// What a missing or broken policy tag does to the whole record (RFC 9989 §4.10.1).
    pub(super) fn trap(&self) -> (Effect, &'static str) {
        match self.record.request() {
            // Before its tags count, the text has to be a record.
            _ if !self.record.is_dmarc() => (Effect::NoDmarc, "apply no DMARC at all"),
            Request::ActAsNone => (Effect::PolicyNone, "act as if the whole record were `p=none`"),
            Request::NoProcessing => (Effect::NoDmarc, "apply no DMARC at all"),
            Request::Policies(_) => (Effect::Differs, "differ"),
        }
    }

    /// Takes the part at `span` away, with the semicolon before it.
    pub(super) fn without(&self, span: Span) -> Edit {
        let text = self.text();
        match text[..span.start as usize].rfind(';') {
            Some(semicolon) => Edit::delete(Span::new(semicolon, span.end as usize)),
            None => {
                let after = text[span.end as usize..].find(|c: char| c != ';' && c != ' ' && c != '\t');
                Edit::delete(Span::new(span.start as usize, after.map_or(text.len(), |at| span.end as usize + at)))
            }
        }
    }

    /// Puts a semicolon before the tag that a value has swallowed.
    pub(super) fn swallowed_tag(&self, value: Span) -> Option<Edit> {
        let glued = || self.tag_at_seam(value).or_else(|| self.tag_behind_word(value));
        self.tag_behind_space(value).or_else(|| glued().map(|at| Edit::insert(at, "; ")))
    }

    /// Where a tag begins at the seam of two character-strings: `p=reject` and `rua=…`.
    pub(super) fn tag_at_seam(&self, span: Span) -> Option<usize> {
        let seam = self.record.source().seam_inside(span)?;
        let (name, _) = self.text()[seam..span.end as usize].split_once('=')?;
        (Tag::of(name.trim_ascii_end()) != Tag::Unknown).then_some(seam)
    }

    /// Where a tag begins right behind a word that is a value: `p=rejectrua=…`.
    fn tag_behind_word(&self, value: Span) -> Option<usize> {
        let (head, _) = self.slice(value).split_once('=')?;
        let is_word = |word: &str| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
        let of_tags = |at: &usize| head.is_char_boundary(*at) && Tag::of(&head[*at..]) != Tag::Unknown;
        let at = (0..head.len()).filter(of_tags).find(|at| is_word(&head[..*at]))?;
        Some(value.start as usize + at)
    }

    /// `p=reject rua=…`.
    fn tag_behind_space(&self, value: Span) -> Option<Edit> {
        let text = self.slice(value);
        text.match_indices([' ', '\t']).find_map(|(at, _)| {
            let name = text[at..].trim_start_matches([' ', '\t']).split('=').next()?;
            let known = Tag::KNOWN.iter().any(|tag| tag.as_str().eq_ignore_ascii_case(name.trim_end()));
            let gap = text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
            let start = value.start as usize + at;
            // A comma before it is told by the rule about commas.
            (known && !text[..at].ends_with(',') && text[at..].contains('='))
                .then(|| Edit::replace(Span::new(start, start + gap), "; "))
        })
    }

    /// Whether the record has a policy that asks for something for some mail.
    pub(super) fn policies(&self) -> Option<crate::dmarc::Policies> {
        match self.record.request() {
            Request::Policies(policies) => Some(policies),
            Request::ActAsNone | Request::NoProcessing => None,
        }
    }
}
