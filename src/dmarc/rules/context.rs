//! What a rule about the text of one record looks at.

use super::standing::{MAX_SEARCHED, Standing};
use crate::Name;
use crate::dmarc::uri::read_list;
use crate::dmarc::{PartKind, Policy, PublicSuffixes, Record, Request, Stated, Tag, Uri};
use crate::finding::{Applicability, Diagnostic, Edit, Effect, Fix, Label, Severity, Subject, apply};
use crate::tag_list::SIGNS;
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

/// The signs that stand for a semicolon in the text. A bracket may close another one.
fn signs(text: &str) -> impl Fn(char) -> bool {
    let is_open = text.contains('(');
    move |sign| SIGNS.contains(&sign) && !(is_open && sign == ')')
}

/// Addresses, and words as people write them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '@' | '.' | '_' | '-' | '+'))
}

/// Whether the word is a policy that asks for something.
fn is_asking(word: &str) -> bool {
    Policy::read(word).is_some_and(|policy| policy > Policy::None)
}

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

    /// The removal of the part at `span`; `None` where it holds an address or a policy that stands nowhere else.
    pub(super) fn taken_away(&self, span: Span) -> Option<Fix> {
        let text = self.text();
        let (before, behind) = (&text[..span.start as usize], &text[span.end as usize..]);
        let is_elsewhere =
            |word: &str| text.len() <= MAX_SEARCHED && words(before).chain(words(behind)).any(|other| other == word);
        let is_lost =
            words(self.slice(span)).any(|word| (word.contains('@') || is_asking(word)) && !is_elsewhere(word));
        (!is_lost).then(|| Fix::maybe("take it away", [self.without(span)]))
    }

    /// Whether a policy that asks for something is among the words at `span`.
    pub(super) fn asks(&self, span: Span) -> bool {
        self.slice(span).split(|c: char| !c.is_ascii_alphabetic()).any(is_asking)
    }

    /// Parts a value that is one word from the tag that it has swallowed: no sign belongs there, and one before a tag stands for a semicolon.
    pub(super) fn swallowed_by_word(&self, value: Span) -> Option<Edit> {
        self.swallowed_tag(value).or_else(|| self.tag_behind_sign(value))
    }

    /// Tells how to part the value from the tag that it has swallowed, which does nothing there; `false` if none is lost.
    pub(super) fn tell_swallowed(&self, value: Span, found: &mut Diagnostic) -> bool {
        let Some(edit) = self.swallowed_by_word(value) else { return false };
        // What stands elsewhere too is not lost, unless this value is needed.
        if found.severity != Severity::Error && self.tag(self.tag_behind(&edit)).is_some() {
            return false;
        }
        let after = apply(self.text(), std::slice::from_ref(&edit));
        // Whether receivers are to be asked for less than now, somebody has to decide first.
        let asks_less = after.is_some_and(|after| Standing::of(self.text()).is_more_than(&Standing::of(&after)));
        let sure = if asks_less { Applicability::HasPlaceholders } else { Applicability::MaybeIncorrect };
        self.tell_lost(edit, sure, found);
        true
    }

    /// The same of a tag that nobody reads. Prose may stand there: lost is only what the record lacks, with a value that reaches to the end.
    pub(super) fn tell_swallowed_by_unread(&self, value: Span, found: &mut Diagnostic) -> bool {
        let Some(edit) = self.tag_behind_space(value) else { return false };
        let behind = Span { start: edit.span.end, end: value.end };
        let Some((_, text)) = self.slice(behind).split_once('=') else { return false };
        let is_lost = match self.tag_behind(&edit) {
            Tag::P => self.record.p().is_absent() && Policy::read(text.trim()).is_some(),
            Tag::Rua if !self.record.has_rua() => {
                !text.is_empty() && read_list(text, Span::new(0, text.len())).iter().all(Uri::is_valid)
            }
            _ => false,
        };
        if is_lost {
            self.tell_lost(edit, Applicability::MaybeIncorrect, found);
        }
        is_lost
    }

    fn tell_lost(&self, edit: Edit, sure: Applicability, found: &mut Diagnostic) {
        let next = self.tag_behind(&edit);
        let lost = if self.is_lost_policy(next) { self.trap().0 } else { Effect::PartIgnored };
        let effect = found.effect.max(lost);
        let fix = Fix::edit(format!("put a `;` before `{}`", next.as_str()), [edit], sure);
        found.severity(Severity::Error).effect(effect).fix(fix);
    }

    /// Whether `tag`, which receivers do not read as it is written, is the policy that the record lacks.
    pub(super) fn is_lost_policy(&self, tag: Tag) -> bool {
        tag == Tag::P && self.record.p().is_absent()
    }

    /// The tag before which the edit puts a semicolon.
    pub(super) fn tag_behind(&self, edit: &Edit) -> Tag {
        Tag::of(self.text()[edit.span.end as usize..].split('=').next().unwrap_or_default().trim_ascii_end())
    }

    /// `p=reject:sp=none`. A comma before a tag is told by the rule about commas.
    pub(super) fn tag_behind_sign(&self, value: Span) -> Option<Edit> {
        let (text, offset) = (self.slice(value), value.start as usize);
        let is_filler = |c: char| matches!(c, ' ' | '\t');
        let signs = text.match_indices(signs(text));
        let tags = signs.filter_map(|(at, sign)| {
            let behind = text[at + sign.len()..].trim_start_matches(is_filler);
            let (name, _) = behind.split_at(behind.find(|c: char| !c.is_ascii_alphabetic())?);
            let is_tag = Tag::of(name) != Tag::Unknown && behind[name.len()..].trim_start().starts_with('=');
            let before = text[..at].trim_end_matches(is_filler).len();
            is_tag.then(|| Span::new(offset + before, offset + text.len() - behind.len()))
        });
        tags.map(|gap| Edit::replace(gap, "; ")).next()
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
        let (text, offset) = (self.slice(value), value.start as usize);
        let (is_space, is_sign) = (|c: char| matches!(c, ' ' | '\t'), signs(text));
        let mut end = 0;
        // Each run of white space is looked at once: there may be thousands.
        while let Some(start) = text[end..].find(is_space).map(|at| end + at) {
            let behind = text[start..].trim_start_matches(is_space);
            end = text.len() - behind.len();
            let word = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
            let (name, rest) = behind.split_at(word);
            let is_tag = Tag::KNOWN.iter().any(|tag| tag.as_str().eq_ignore_ascii_case(name));
            // A comma before it is told by the rule about commas.
            if is_tag && rest.trim_start().starts_with('=') && !text[..start].ends_with(',') {
                // `p=reject | sp=none`
                let start = text[..start].trim_end_matches(|c| is_space(c) || is_sign(c)).len();
                return Some(Edit::replace(Span::new(offset + start, offset + end), "; "));
            }
        }
        None
    }

    /// Whether the record has a policy that asks for something for some mail.
    pub(super) fn policies(&self) -> Option<crate::dmarc::Policies> {
        match self.record.request() {
            Request::Policies(policies) => Some(policies),
            Request::ActAsNone | Request::NoProcessing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{LintOptions, Record, lint, mended};
    use crate::finding::{Diagnostic, Severity, apply};

    fn told(text: &str) -> Vec<Diagnostic> {
        lint(&Record::parse(text))
    }

    /// Nobody reads it, and prose may name a tag.
    #[test]
    fn prose_in_a_tag_that_is_ignored_loses_nothing() {
        for ignored in [
            "comment=see sp=none for more",
            "note=was t=y until 2025",
            "note=set psd=y later",
            "note=old ruf=mailto:old@d.example",
            "x=https://d.example/?a=1&t=2",
            "key=abc_t=",
            "google-site-verification=Xyz123_t=",
            "d=2024-01-01 t=10:00",
            "k=rsa t=s",
        ] {
            let text = format!("v=DMARC1; p=reject; {ignored}; rua=mailto:d@d.example");
            let found = told(&text);
            assert!(found.iter().all(|found| found.severity != Severity::Error), "{text}");
            let fixes =
                found.iter().filter(|found| found.primary.quoted().contains('=')).flat_map(|found| &found.fixes);
            assert!(fixes.map(|fix| fix.title.as_str()).all(|title| title == "take it away"), "{text}");
        }
    }

    /// What is lost is told and named; but the sub-domains are not to lose their policy by what is published without a look.
    #[test]
    fn a_swallowed_tag_that_asks_for_less_is_for_somebody_to_decide() {
        for text in
            ["v=DMARC1; p=reject; adkim=s sp=none", "v=DMARC1; p=quarantine; pct=50 sp=none rua=mailto:d@d.example"]
        {
            let record = Record::parse(text);
            let found = lint(&record);
            let told = found.iter().find(|found| found.severity == Severity::Error).unwrap();
            assert_eq!(told.fixes[0].title, "put a `;` before `sp`");
            assert_eq!(mended(&record, None, &LintOptions::default()), None, "{text}");
        }
    }

    #[test]
    fn a_bracket_is_closed_before_the_next_tag() {
        let text = "v=DMARC1; p=reject (test) sp=none";
        let found = told(text);
        let fix = found.iter().find(|found| found.code == "dmarc-p-invalid").unwrap().fixes[0].edits();
        assert_eq!(apply(text, fix).unwrap(), "v=DMARC1; p=reject (test); sp=none");
    }

    /// What stands nowhere else would be gone.
    #[test]
    fn no_help_drops_a_policy_or_an_address() {
        for text in [
            "v=DMARC1; p=none;reject; rua=mailto:a@d.example",
            "v=DMARC1; reject; rua=mailto:a@d.example",
            "v=DMARC1; p=please reject; rua=mailto:a@d.example",
            "v=DMARC1; p=reject; rua=mailto:ab@d.example; see b@d.example for help",
            "v=DMARC1; p=reject; rua=mailto:ab@d.example; contact b@d.example",
        ] {
            let found = told(text);
            assert!(found.iter().any(|found| found.severity == Severity::Error), "{text}");
            assert!(found.iter().all(|found| found.fixes.is_empty()), "{text}: {found:#?}");
        }
        for fine in [
            "v=DMARC1; p=reject; policy=reject",
            "v=DMARC1; p=none; foo; rua=mailto:a@d.example",
            "v=DMARC1; p=none; ruaa=mailto:a@d.example; rua=mailto:a@d.example",
        ] {
            assert!(told(fine).iter().any(|found| found.fixes.iter().any(|fix| fix.title == "take it away")), "{fine}");
        }
    }
}
