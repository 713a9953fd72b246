//! Text added to the text of parts in base64. Whoever adds it, as lists do, decodes the part and encodes all of it anew, so that the
//! last line of the old text, its padding and perhaps every line end are other ones; or the part was in no base64 before.

use std::ops::Range;

use super::{Alteration, Certainty, DIGEST_COST, Lines, Scope, Search, What};
use crate::dkim::canonical::{self, Sink as _};
use crate::dkim::crypto::Hasher;
use crate::dkim::forensics::Edit;
use crate::dkim::forensics::coding::{Habit, decode_base64, encode_base64, encode_quoted_printable};
use crate::dkim::forensics::recode::{encoding_named, parts};
use crate::dkim::signature::Canonicalization;
use crate::message::mime::fields;
use crate::message::{LineEnds, Message};

/// Places in a text, counted from its end, where the signed one may have ended. A footer has fewer lines and tags.
const MAX_CUTS: usize = 200;
/// The same for a footer in two parts at once, where each place in one is tried with each in the other: a footer has some lines.
const MAX_CUTS_OF_TWO: usize = 40;

/// How the signed part may have been written, likeliest first.
const FORMS: &[Form] = &[
    // Encoders end the last line or leave that to the delimiter.
    Form::Base64 { width: 76, end: b"" },
    Form::Base64 { width: 76, end: b"\r\n" },
    Form::Text("8bit"),
    Form::Quoted { careful: false },
    Form::Text("7bit"),
    Form::Base64 { width: 72, end: b"" },
    Form::Base64 { width: 72, end: b"\r\n" },
    Form::Base64 { width: 64, end: b"" },
    Form::Base64 { width: 64, end: b"\r\n" },
    Form::Quoted { careful: true },
];

#[derive(Clone, Copy)]
enum Form {
    Base64 {
        /// Characters in a line, as programs write it.
        width: usize,
        end: &'static [u8],
    },
    Quoted {
        careful: bool,
    },
    /// As it is; what the part calls that.
    Text(&'static str),
}

/// A part in base64.
struct Coded {
    header: Range<usize>,
    start: usize,
    end: usize,
    text: Vec<u8>,
    is_html: bool,
    /// What stands behind it in the canonical body.
    after: Vec<u8>,
}

/// Guesses at what was added: from one of `cuts` up to `rest`.
struct Guesses {
    /// Ascending.
    cuts: Vec<usize>,
    rest: Range<usize>,
}

/// What was added to a part.
struct Added {
    cut: usize,
    rest: Range<usize>,
}

impl Search<'_> {
    pub(super) fn added_in_base64(&mut self, message: &Message<'_>) -> Option<Alteration> {
        // Places of parts are those of a body with CRLF.
        if self.ends == LineEnds::Lf {
            return None;
        }
        let coded = self.coded(message);
        self.added_in_one(&coded).or_else(|| self.with_half(|search| search.added_in_two(&coded)))
    }

    fn coded(&self, message: &Message<'_>) -> Vec<Coded> {
        let whole = message.fields_named("Content-Type").next_back().map(|at| message.fields()[at].bytes());
        let coded = parts(message).into_iter().filter_map(|part| {
            let header =
                if part.content.start == 0 { whole.unwrap_or_default() } else { &self.body[part.header.clone()] };
            let kind = fields(header).find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
            let kind = kind.map_or_else(String::new, |(_, kind)| kind.to_ascii_lowercase());
            // Nobody adds text to an attachment.
            let is_text = kind.is_empty() || kind.starts_with("text/");
            let text = decode_base64(&self.body[part.content.clone()]).filter(|_| is_text)?;
            let mut after = Vec::new();
            canonical::body(self.goal.mode, &self.body[part.content.end..], self.ends, &mut after);
            if after.is_empty() {
                after.extend_from_slice(b"\r\n");
            }
            let is_html = kind.starts_with("text/html");
            Some(Coded { header: part.header, start: part.content.start, end: part.content.end, text, is_html, after })
        });
        coded.collect()
    }

    fn added_in_one(&mut self, coded: &[Coded]) -> Option<Alteration> {
        for part in coded {
            // The last guesses, if there is not enough for all.
            let affordable = self.work.left() / 4 / (part.after.len() as u64 + DIGEST_COST);
            let most = usize::try_from(affordable).unwrap_or(usize::MAX).min(MAX_CUTS);
            for (&form, guesses) in part.tries(most) {
                let before = self.frame(0, part, form);
                let hasher = self.hashed(&before)?;
                let found = self.added(hasher, part, form, &guesses, &mut |search, hasher, rest| {
                    search.ends_with(hasher, rest, &part.after)
                });
                if let Some(added) = found {
                    return Some(self.told_in_one(part, form, added));
                }
            }
        }
        None
    }

    /// A text and its HTML form, for instance.
    fn added_in_two(&mut self, coded: &[Coded]) -> Option<Alteration> {
        for (at, first) in coded.iter().enumerate() {
            for second in &coded[at + 1..] {
                for (&form, guesses) in first.tries(MAX_CUTS_OF_TWO) {
                    let before = self.frame(0, first, form);
                    let between = self.frame(first.end, second, form);
                    let others = second.guesses(MAX_CUTS_OF_TWO);
                    let mut other = None;
                    let hasher = self.hashed(&before).filter(|_| self.work.spend(between.len() as u64, 0))?;
                    let found = self.added(hasher, first, form, &guesses, &mut |search, hasher, rest| {
                        if !search.work.spend(between.len() as u64, 0) {
                            return false;
                        }
                        let mut hasher = hasher.clone();
                        hasher.push(rest);
                        hasher.push(&between);
                        other = others.iter().find_map(|guesses| {
                            search.added(hasher.clone(), second, form, guesses, &mut |search, hasher, rest| {
                                search.ends_with(hasher, rest, &second.after)
                            })
                        });
                        other.is_some()
                    });
                    if let (Some(one), Some(other)) = (found, other) {
                        return Some(self.told_in_two([(first, one), (second, other)], form));
                    }
                }
            }
        }
        None
    }

    /// What was added to `part`, by `is_it`: it gets the hash up to the line of a guess, and what is left of the part, both paid for.
    fn added(
        &mut self,
        mut hasher: Hasher,
        part: &Coded,
        form: Form,
        guesses: &Guesses,
        is_it: &mut dyn FnMut(&mut Self, &mut Hasher, &[u8]) -> bool,
    ) -> Option<Added> {
        let (text, mode, kept) = (&part.text, self.goal.mode, &part.text[guesses.rest.clone()]);
        let mut at = 0;
        for &cut in &guesses.cuts {
            let line = form.line_start(text, cut);
            // Paid before it is written: base64 has a good third more.
            let octets = (cut - at + kept.len()) * 3 / 2;
            if !self.work.spend(octets as u64, 0) {
                return None;
            }
            hasher.push(&form.canonical(mode, &text[at..line], true));
            let rest = form.canonical(mode, &[&text[line..cut], kept].concat(), false);
            at = line;
            if is_it(self, &mut hasher, &rest) {
                return Some(Added { cut, rest: guesses.rest.clone() });
            }
        }
        None
    }

    /// Whether the goal comes out with `rest`, which is paid for, and `after` at the end.
    fn ends_with(&mut self, hasher: &mut Hasher, rest: &[u8], after: &[u8]) -> bool {
        self.work.spend(after.len() as u64 + DIGEST_COST, 1) && self.hits(&hasher.digest_with(&[rest, after].concat()))
    }

    /// What stands in the canonical body between `from` and the content of a part, if that had been written so.
    fn frame(&self, from: usize, part: &Coded, form: Form) -> Vec<u8> {
        let text =
            [&self.body[from..part.header.start], &self.header(part, form), &self.body[part.header.end..part.start]];
        Lines::new(self.goal.mode, &text.concat(), self.ends).text
    }

    fn header(&self, part: &Coded, form: Form) -> Vec<u8> {
        let header = &self.body[part.header.clone()];
        match form {
            Form::Base64 { .. } => header.to_vec(),
            Form::Quoted { .. } => encoding_named(header, "quoted-printable"),
            Form::Text(named) => encoding_named(header, named),
        }
    }

    fn told_in_one(&self, part: &Coded, form: Form, added: Added) -> Alteration {
        let Edit { at, length, original } = self.edit(part, form, added);
        let what = if part.start == 0 { What::Appended } else { What::Inserted };
        let mut found = Alteration::of_body(what, Certainty::Proven, at, length);
        found.scope = Scope::Body;
        found.original = Some([&self.body[..at], &original, &self.body[at + length..]].concat());
        found
    }

    fn told_in_two(&self, parts: [(&Coded, Added); 2], form: Form) -> Alteration {
        let edits: Vec<Edit> = parts.into_iter().map(|(part, added)| self.edit(part, form, added)).collect();
        let mut found = Alteration::of_body(What::Inserted, Certainty::Proven, edits[0].at, edits[0].length);
        found.original = Some(edits[0].original.clone());
        found.edits = edits;
        found
    }

    /// From the first octet of a part that differs.
    fn edit(&self, part: &Coded, form: Form, added: Added) -> Edit {
        let from = if matches!(form, Form::Base64 { .. }) { part.start } else { part.header.start };
        let text = form.written(&[&part.text[..added.cut], &part.text[added.rest]].concat(), false);
        let signed = match form {
            Form::Base64 { .. } => text,
            Form::Quoted { .. } | Form::Text(_) => {
                [&self.header(part, form), &self.body[part.header.end..part.start], &text].concat()
            }
        };
        let received = &self.body[from..part.end];
        let same = received.iter().zip(&signed).take_while(|(now, then)| now == then).count();
        Edit { at: from + same, length: received.len() - same, original: signed[same..].to_vec() }
    }
}

impl Coded {
    fn tries(&self, most: usize) -> impl Iterator<Item = (&'static Form, Guesses)> + '_ {
        FORMS.iter().flat_map(move |form| self.guesses(most).into_iter().map(move |guesses| (form, guesses)))
    }

    fn guesses(&self, most: usize) -> Vec<Guesses> {
        let text = &self.text;
        let at_end = Guesses { cuts: cuts(text, self.is_html, most), rest: text.len()..text.len() };
        // Before the end of the document: what stands behind it is shown by few. The line end there may be the delimiter's.
        let end = self.is_html.then(|| memchr::memrchr_iter(b'<', text).find(|&at| ends_html(&text[at..]))).flatten();
        let trimmed = text.trim_ascii_end().len();
        let lasts = if trimmed < text.len() { vec![text.len(), trimmed] } else { vec![trimmed] };
        let rests = end.into_iter().flat_map(|end| lasts.iter().map(move |&last| end..last));
        let before = rests.map(|rest| Guesses { cuts: cuts(&text[..rest.start], true, most), rest });
        before.chain([at_end]).collect()
    }
}

fn ends_html(tag: &[u8]) -> bool {
    tag.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"</body"))
}

impl Form {
    /// Where the line begins that a cut changes.
    fn line_start(self, text: &[u8], cut: usize) -> usize {
        match self {
            Self::Base64 { width, .. } => {
                let octets = width / 4 * 3;
                cut.saturating_sub(1) / octets * octets
            }
            Self::Quoted { .. } | Self::Text(_) => memchr::memrchr(b'\n', &text[..cut]).map_or(0, |at| at + 1),
        }
    }

    /// `text` as it is written in a body; `goes_on` says that more lines follow.
    fn written(self, text: &[u8], goes_on: bool) -> Vec<u8> {
        match self {
            Self::Base64 { width, end } => {
                let mut lines = encode_base64(text, width);
                if !goes_on {
                    lines.truncate(lines.len().saturating_sub(2));
                    lines.extend_from_slice(end);
                }
                lines
            }
            Self::Quoted { careful } => encode_quoted_printable(text, Habit { width: 76, careful, upper: true }),
            Self::Text(_) => with_crlf(text),
        }
    }

    fn canonical(self, mode: Canonicalization, text: &[u8], goes_on: bool) -> Vec<u8> {
        let written = self.written(text, goes_on);
        if matches!(self, Self::Base64 { .. }) {
            return written;
        }
        let mut lines = Lines::new(mode, &written, LineEnds::Crlf).text;
        if !written.ends_with(b"\r\n") {
            lines.truncate(lines.len().saturating_sub(2));
        }
        lines
    }
}

/// The lines of a text that was encoded may have LF alone.
fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 30);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(content) => out.extend_from_slice(&[content.strip_suffix(b"\r").unwrap_or(content), b"\r\n"].concat()),
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Before and behind each of the last line ends, and in HTML of the last tags, ascending.
fn cuts(text: &[u8], is_html: bool, most: usize) -> Vec<usize> {
    let is_edge = |byte: u8| byte == b'\n' || is_html && matches!(byte, b'<' | b'>');
    let edges = (0..text.len()).rev().filter(|&at| is_edge(text[at])).take(most);
    let mut cuts: Vec<usize> = edges
        .flat_map(|at| match text[at] {
            b'\n' => [at + 1, at - usize::from(text[..at].ends_with(b"\r"))],
            b'<' => [at, at],
            _ => [at + 1, at + 1],
        })
        .filter(|&cut| cut > 0 && cut < text.len())
        .collect();
    cuts.reverse();
    cuts.dedup();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_ascend() {
        assert_eq!(cuts(b"a\r\n\nb\nc", false, 9), [1, 3, 4, 5, 6]);
        assert_eq!(cuts(b"\nx\n", false, 9), [1, 2]);
        assert_eq!(cuts(&b"x\n".repeat(1_000), false, MAX_CUTS).len(), 2 * MAX_CUTS - 1);
        assert_eq!(cuts(b"<p>a</p>\n<i>b", true, 9), [3, 4, 8, 9, 12]);
        assert_eq!(cuts(b"<p>a</p>\n<i>b", true, 2), [9, 12]);
    }
}
