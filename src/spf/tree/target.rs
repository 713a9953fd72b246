//! The name that a term asks about, as far as it is the same for every sender.

use super::Target;
use crate::Name;
use crate::spf::expand::{shortened, transform};
use crate::spf::{DomainSpec, Letter, Piece, Record, pieces};

/// The target of `spec` in a record that stands at `domain` (§4.8); the domain itself where nothing is written.
pub(super) fn target(record: &Record, spec: Option<DomainSpec>, domain: &Name) -> Target {
    let Some(spec) = spec else { return Target::Name(domain.clone()) };
    let text = record.text(spec.span);
    if !spec.has_macros {
        return usable(text);
    }
    let mut expanded = String::with_capacity(text.len() + domain.as_str().len());
    for piece in pieces(text) {
        match piece {
            Ok(Piece::Literal(span)) => expanded.push_str(&text[span]),
            Ok(Piece::Percent(_)) => expanded.push('%'),
            Ok(Piece::Space(_)) => expanded.push(' '),
            Ok(Piece::UrlSpace(_)) => expanded.push_str("%20"),
            Ok(Piece::Expand(expand)) if expand.letter == Letter::Domain => {
                transform(domain.as_str(), &expand, &text[expand.delimiters], &mut expanded);
            }
            Ok(Piece::Expand(_)) => return Target::Sender,
            // The parser has read it.
            Err(_) => return Target::Unusable,
        }
    }
    usable(&expanded)
}

/// Whether it has `%{p}`, which asks for the client's names, once.
pub(super) fn asks_for_names(record: &Record, spec: Option<DomainSpec>) -> bool {
    let Some(spec) = spec.filter(|spec| spec.has_macros) else { return false };
    let is_p = |piece: Result<Piece, _>| matches!(piece, Ok(Piece::Expand(e)) if e.letter == Letter::ValidatedName);
    pieces(record.text(spec.span)).any(is_p)
}

/// §7.3: a name that is too long loses labels from the left, and one trailing dot makes no difference.
fn usable(text: &str) -> Target {
    let text = shortened(text.strip_suffix('.').unwrap_or(text));
    Name::parse(text).map_or(Target::Unusable, Target::Name)
}
