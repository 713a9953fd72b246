//! How a text is made to begin with its version, as the records of MTA-STS, TLS-RPT and BIMI have to. They are damaged in the
//! same ways.

use crate::finding::{Edit, apply};
use crate::tag_list::{Kind, segments};
use crate::text::Span;

/// What stands instead of `wanted` (such as `v=STSv1`), and the edits that make the text begin with it and a semicolon.
pub(crate) fn version(text: &str, wanted: &str) -> (Span, Vec<Edit>) {
    let mut edits = damaged_ends(text);
    let start = edits.first().map_or(0, |edit| edit.span.end as usize);
    // A closing quotation mark has an edit of its own.
    let end = edits.get(1).map_or(text.len(), |edit| edit.span.start as usize).max(start);
    let within = |span: Span| Span::new((span.start as usize).clamp(start, end), (span.end as usize).clamp(start, end));
    let begins = |span: Span| span.start as usize <= start;
    let mut tags = segments(text).filter(|segment| segment.kind != Kind::Empty);
    let first = tags.next().map(|segment| within(segment.span));
    let is_version = |span: Span| names_version(&text[span]) || !text[span].contains('=');
    match first.filter(|first| begins(*first) && !first.is_empty() && is_version(*first)) {
        Some(first) => {
            let end = end_of_version(text, first, wanted);
            // `v=STSv1,id=1`: the comma stands where a semicolon belongs.
            let rest = text[end..first.end as usize].trim_start();
            let end = rest.strip_prefix(',').map_or(end, |rest| first.end as usize - rest.len());
            let span = Span::new(first.start as usize, end);
            let is_followed = text[span.end as usize..].trim_start().starts_with(';');
            edits.push(Edit::replace(span, format!("{wanted}{}", if is_followed { "" } else { ";" })));
            (Span::new(0, span.end as usize), edits)
        }
        None => {
            edits.push(Edit::insert(start, format!("{wanted}; ")));
            // A version behind other tags moves to the front.
            let later = tags.find(|segment| names_version(&text[segment.span]));
            if let Some(later) = later {
                let from = text[..later.span.start as usize].rfind(';').unwrap_or(later.span.start as usize);
                edits.push(Edit::delete(Span::new(from, within(later.span).end as usize)));
            }
            (Span::at(0), edits)
        }
    }
}

/// The text as it is once it begins with `wanted`: what is missing from it then is missing, and not only unread.
pub(crate) fn repaired(text: &str, wanted: &str) -> Option<String> {
    apply(text, &version(text, wanted).1)
}

/// `v=`, and what stands behind it.
fn names_version(tag: &str) -> bool {
    tag.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("v"))
}

/// Where the version ends if no semicolon follows it but another tag: `v=STSv1 id=1`, `v=STSv1id=1`.
fn end_of_version(text: &str, tag: Span, wanted: &str) -> usize {
    let value = text[tag].find('=').map_or(0, |at| at + 1);
    let value = value + text[tag][value..].len() - text[tag][value..].trim_start().len();
    let version = wanted.trim_start_matches("v=").len();
    let is_wanted = |head: &str| head.eq_ignore_ascii_case(&wanted[wanted.len() - version..]);
    if let Some((head, rest)) = text[tag][value..].split_at_checked(version)
        && is_wanted(head)
        && rest.contains('=')
    {
        return tag.start as usize + value + version;
    }
    let space = text[tag][value..].find([' ', '\t']).map(|at| value + at);
    let end = space.filter(|&at| text[tag][at..].contains('='));
    end.map_or(tag.end as usize, |at| tag.start as usize + at)
}

/// White space before the text, and quotation marks around all of it, which belong into zone files only.
fn damaged_ends(text: &str) -> Vec<Edit> {
    let inside = text.trim();
    let start = text.len() - text.trim_start().len();
    let end = start + inside.len();
    let Some(mark) = inside.chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
        return if start > 0 { vec![Edit::delete(Span::new(0, start))] } else { Vec::new() };
    };
    let mut edits = vec![Edit::delete(Span::new(0, start + 1))];
    if inside.len() > 1 && inside.ends_with(mark) {
        edits.push(Edit::delete(Span::new(end - 1, text.len())));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;

    #[test]
    fn a_record_begins_with_its_version() {
        for (text, mended) in [
            ("v=stsv1; id=1", "v=STSv1; id=1"),
            ("v = STSv1 ; id=1", "v=STSv1 ; id=1"),
            ("STSv1; id=1", "v=STSv1; id=1"),
            ("id=1", "v=STSv1; id=1"),
            ("id=1; v=STSv1", "v=STSv1; id=1"),
            ("id=1; v=STSv1;", "v=STSv1; id=1;"),
            ("v=STSv1 id=1", "v=STSv1; id=1"),
            ("v=STS v1; id=1", "v=STSv1; id=1"),
            ("v=STSv1,id=1", "v=STSv1;id=1"),
            ("v=stsv1 , id=1", "v=STSv1; id=1"),
            ("v=STSv1id=1", "v=STSv1;id=1"),
            ("v=STSv1", "v=STSv1;"),
            ("\"v=STSv1; id=1\"", "v=STSv1; id=1"),
            ("'v=STSv1; id=1'", "v=STSv1; id=1"),
            ("\"v=STSv1\"", "v=STSv1;"),
            ("\"id=1; v=STSv1\"", "v=STSv1; id=1"),
            (" \"v=STSv1; id=1", "v=STSv1; id=1"),
            ("\"", "v=STSv1; "),
            ("", "v=STSv1; "),
        ] {
            assert_eq!(apply(text, &version(text, "v=STSv1").1).unwrap(), mended, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "([ ;=\"']|v=|STSv1|id|é){0,10}") {
            let mended = apply(&text, &version(&text, "v=STSv1").1).unwrap();
            // White space before the semicolon stays, as in `v = STSv1 ; id=1` above.
            let is_followed = |rest: &str| rest.trim_start().starts_with(';');
            proptest::prop_assert!(mended.strip_prefix("v=STSv1").is_some_and(is_followed), "{text:?} {mended:?}");
        }
    }
}
