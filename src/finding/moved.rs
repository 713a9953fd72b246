//! Where things stood before edits were made.

use super::fix::{apply_ordered, in_order};
use super::{Change, Diagnostic, Edit, Label, Subject};
use crate::text::Span;

/// Edits that were made, so that a place in the new text can be found in the old one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved {
    /// One for each edit, in order: where it is in the new text, and where in the old one.
    pieces: Vec<(Span, Span)>,
}

impl Moved {
    /// Makes `edits`; `None` if there are none, if two overlap, or if one lies outside.
    pub(crate) fn apply(text: &str, mut edits: Vec<&Edit>) -> Option<(String, Self)> {
        if edits.is_empty() {
            return None;
        }
        in_order(&mut edits);
        let new = apply_ordered(text, 0, &edits)?;
        let mut moved = Self { pieces: Vec::with_capacity(edits.len()) };
        let (mut grown, mut shrunk) = (0, 0);
        for edit in edits {
            let start = edit.span.start as usize + grown - shrunk;
            moved.pieces.push((Span::new(start, start + edit.text.len()), edit.span));
            grown += edit.text.len();
            shrunk += edit.span.len();
        }
        Some((new, moved))
    }

    /// The same place in the old text; grown to whole edits where it begins or ends within one.
    pub(crate) fn back(&self, span: Span) -> Span {
        let start = self.start(span.start).unwrap_or_else(|within| within.start);
        if span.is_empty() {
            return Span { start, end: start };
        }
        let end = self.end(span.end).unwrap_or_else(|within| within.end);
        Span { start, end: end.max(start) }
    }

    /// The same place in the old text, if it does not begin or end within an edit.
    pub(crate) fn back_exactly(&self, span: Span) -> Option<Span> {
        let start = self.start(span.start).ok()?;
        let end = if span.is_empty() { start } else { self.end(span.end).ok()? };
        (start <= end).then_some(Span { start, end })
    }

    /// Whether an edit was made right behind `old`, so that what follows it there is not what it seems.
    fn continues(&self, old: Span) -> bool {
        self.pieces.iter().any(|(_, edited)| edited.start == old.end && edited.end > old.start)
    }

    /// Where an offset of the old text is in the new one; the end of an edit for an offset within it.
    pub(crate) fn forward(&self, offset: u32) -> u32 {
        let before = self.pieces.partition_point(|(_, old)| old.start < offset);
        match self.pieces[..before].last() {
            None => offset,
            Some((new, old)) if offset < old.end => new.end,
            Some((new, old)) => offset - old.end + new.end,
        }
    }

    /// For an offset that begins something: what was taken away before it stays outside.
    fn start(&self, offset: u32) -> Result<u32, Span> {
        let before = self.pieces.partition_point(|(new, _)| new.start <= offset);
        let Some(&(new, old)) = self.pieces[..before].last() else { return Ok(offset) };
        if new.start == offset && !new.is_empty() {
            return Ok(old.start);
        }
        if offset < new.end { Err(old) } else { Ok(offset - new.end + old.end) }
    }

    /// For an offset that ends something: what was taken away behind it stays outside.
    fn end(&self, offset: u32) -> Result<u32, Span> {
        let before = self.pieces.partition_point(|(new, _)| new.start < offset);
        let Some(&(new, old)) = self.pieces[..before].last() else { return Ok(offset) };
        if offset < new.end { Err(old) } else { Ok(offset - new.end + old.end) }
    }
}

/// Whether `span` of the text after `moves` is a part of what one of them wrote in the place of the text from its beginning on.
pub(crate) fn is_written(moves: &[Moved], mut span: Span) -> bool {
    moves.iter().rev().any(|moved| {
        let edited = match (moved.start(span.start), moved.end(span.end)) {
            (Err(edited), Ok(end)) if end <= edited.end => Some(edited),
            (Ok(start), Err(edited)) if start >= edited.start => Some(edited),
            (Err(a), Err(b)) if a == b => Some(a),
            _ => None,
        };
        span = moved.back(span);
        edited.is_some_and(|edited| edited.start == 0)
    })
}

/// Where `span` of the text after `moves` is in the text before them.
pub(crate) fn place_before(moves: &[Moved], span: Span) -> Span {
    moves.iter().rev().fold(span, |span, moved| moved.back(span))
}

/// Moves what was found in `from`, the text after `moves`, to where it stands in `to`, the text before them. A fix within one of
/// their edits, or up to one, is left out: it has to wait until that one is made.
pub(crate) fn bring_back(found: &mut Diagnostic, from: &Subject, to: &Subject, moves: &[Moved]) {
    let back = |label: &mut Label| {
        if label.subject == *from {
            label.subject = to.clone();
            label.span = place_before(moves, label.span);
        }
    };
    back(&mut found.primary);
    found.related.iter_mut().for_each(back);
    found.fixes.retain_mut(|fix| match &mut fix.change {
        Change::Edit(edits) => edits.iter_mut().all(|edit| {
            let place = moves
                .iter()
                .rev()
                .try_fold(edit.span, |span, moved| moved.back_exactly(span).filter(|&old| !moved.continues(old)));
            place.map(|place| edit.span = place).is_some()
        }),
        Change::Records { .. } => true,
    });
    // What one of the edits did is not to be done again.
    let text = to.source().text();
    let changes = |edit: &Edit| text.get(edit.span.range()) != Some(&edit.text);
    found.fixes.retain(|fix| fix.edits().is_empty() || fix.edits().iter().any(changes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again() {
        let old = "v=spf1 ipv4:192.0.2.1, –all";
        let dash = Span::new(23, 26);
        let edits = [Edit::replace(Span::new(7, 11), "ip4"), Edit::delete(Span::new(21, 22)), Edit::replace(dash, "-")];
        let (new, moved) = Moved::apply(old, edits.iter().collect()).unwrap();
        assert_eq!(new, "v=spf1 ip4:192.0.2.1 -all");
        let find = |part: &str| {
            let start = new.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        assert_eq!(&old[moved.back(find("192.0.2.1"))], "192.0.2.1");
        assert_eq!(&old[moved.back(find("-all"))], "–all");
        assert_eq!(&old[moved.back(find("ip4:192.0.2.1 "))], "ipv4:192.0.2.1, ");
        assert_eq!(&old[moved.back(find("p4"))], "ipv4");
        assert_eq!(moved.back_exactly(find("p4")), None);
        assert_eq!(moved.back_exactly(find("ip4")), Some(Span::new(7, 11)));
    }
}
