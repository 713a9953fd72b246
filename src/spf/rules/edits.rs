//! Edits that keep a record's terms separated by single spaces.

use super::Context;
use crate::finding::Edit;
use crate::text::Span;

/// Takes a term away, with the spaces before it.
pub(super) fn remove(cx: &Context<'_>, term: Span) -> Edit {
    let before = &cx.record.source().text()[Span::new(0, term.start as usize)];
    let start = before.trim_end_matches(' ').len();
    Edit::delete(Span::new(start, term.end as usize))
}

/// Puts a term behind the last one.
pub(super) fn append(cx: &Context<'_>, term: &str) -> Edit {
    let end = cx.record.source().text().trim_end_matches(' ').len();
    Edit::insert(end, format!(" {term}"))
}

/// Moves a term behind the last one.
pub(super) fn move_to_end(cx: &Context<'_>, term: Span) -> [Edit; 2] {
    [remove(cx, term), append(cx, cx.text(term))]
}
