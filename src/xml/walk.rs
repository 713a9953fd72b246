//! XML as people really write it: elements and their texts with places, whatever is broken around them.
//!
//! Entities of a document type are not resolved, so there is nothing that could grow.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::PrefixDeclaration;

use super::{MAX_DEFECTS, Value};
use crate::text::Span;

/// Elements in elements. Reports have six.
const MAX_DEPTH: usize = 64;

/// Something wrong with the markup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Defect {
    pub(crate) span: Span,
    pub(crate) kind: DefectKind,
}

/// What can be wrong with the markup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DefectKind {
    /// A document type declaration.
    Doctype,
    /// An element ends that is not open, or is not closed.
    Nesting,
    /// The markup is broken, and was not read further.
    Markup,
}

/// What happens on the way through the XML.
pub(crate) trait Visitor {
    /// An element begins; the last name of `path` is its own.
    fn begins(&mut self, path: &[Element], tag: &Tag<'_>);
    /// An element ends, with the text that stood directly in it.
    fn ends(&mut self, path: &[Element], value: Value);
}

/// A start-tag.
pub(crate) struct Tag<'a> {
    /// Where it stands in the XML.
    pub(crate) span: Span,
    tag: &'a BytesStart<'a>,
}

impl Tag<'_> {
    /// Names without namespace, and values; what is no attribute is left out.
    pub(crate) fn attributes(&self) -> Vec<(String, String)> {
        let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
            (attribute.key.local_name().as_ref().to_owned(), attribute.value.into_owned())
        };
        self.tag.attributes().with_checks(false).flatten().map(pair).collect()
    }

    /// What it binds prefixes to, and what elements without one (`None`).
    pub(crate) fn namespaces(&self) -> Vec<(Option<String>, String)> {
        let binding = |attribute: quick_xml::events::attributes::Attribute<'_>| {
            let prefix = match attribute.key.as_namespace_binding()? {
                PrefixDeclaration::Default => None,
                PrefixDeclaration::Named(prefix) => Some(prefix.to_owned()),
            };
            Some((prefix, attribute.value.into_owned()))
        };
        self.tag.attributes().with_checks(false).flatten().filter_map(binding).collect()
    }
}

/// An element that is open.
pub(crate) struct Element {
    /// Its name without namespace.
    pub(crate) name: String,
    /// What stands before the name for its namespace.
    pub(crate) prefix: Option<String>,
    /// Where its content begins.
    start: usize,
    text: String,
}

/// Goes through `xml` up to its end or to where its markup cannot be read. The first defects, and how many more there are.
pub(crate) fn walk(xml: &str, visitor: &mut impl Visitor) -> (Vec<Defect>, usize) {
    // The reader skips a byte order mark, and does not count it.
    let content = xml.trim_start_matches('\u{feff}');
    let skipped = xml.len() - content.len();
    let mut reader = Reader::from_str(content);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut walk = Walk { path: Vec::new(), defects: Vec::new(), more: 0, visitor };
    loop {
        let before = skipped + position(reader.buffer_position());
        let event = reader.read_event();
        let after = skipped + position(reader.buffer_position());
        match event {
            Ok(Event::Start(tag)) => {
                if walk.path.len() == MAX_DEPTH {
                    walk.defect(before, after, DefectKind::Markup);
                    break;
                }
                walk.begin(&tag, Span::new(before, after));
            }
            Ok(Event::Empty(tag)) => {
                walk.begin(&tag, Span::new(before, after));
                walk.end(after);
            }
            Ok(Event::End(tag)) => walk.close(tag.local_name().as_ref(), before, after),
            Ok(Event::Text(text)) => walk.text(&text),
            Ok(Event::CData(text)) => walk.text(&text),
            Ok(Event::GeneralRef(entity)) => match entity.resolve_char_ref() {
                Ok(Some(c)) => walk.text(c.encode_utf8(&mut [0; 4])),
                _ => match predefined(&entity) {
                    Some(text) => walk.text(text),
                    None => walk.text(&xml[before..after]),
                },
            },
            Ok(Event::DocType(_)) => walk.defect(before, after, DefectKind::Doctype),
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Eof) => {
                if !walk.path.is_empty() {
                    walk.defect(xml.len(), xml.len(), DefectKind::Nesting);
                }
                break;
            }
            Err(_) => {
                let at = xml.floor_char_boundary(skipped + position(reader.error_position()));
                walk.defect(at, xml.len(), DefectKind::Markup);
                break;
            }
        }
    }
    while !walk.path.is_empty() {
        walk.end(xml.len());
    }
    (walk.defects, walk.more)
}

/// XML 1.0 §4.6.
fn predefined(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

/// An offset in a text that fits into memory.
fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

struct Walk<'v, V> {
    path: Vec<Element>,
    defects: Vec<Defect>,
    more: usize,
    visitor: &'v mut V,
}

impl<V: Visitor> Walk<'_, V> {
    fn begin(&mut self, tag: &BytesStart<'_>, span: Span) {
        let name = tag.local_name().as_ref().to_owned();
        let prefix = tag.name().prefix().map(|prefix| prefix.as_ref().to_owned());
        self.path.push(Element { name, prefix, start: span.end as usize, text: String::new() });
        self.visitor.begins(&self.path, &Tag { span, tag });
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.path.last_mut() {
            element.text.push_str(text);
        }
    }

    /// Ends the innermost element called `name`, and those in it that were left open.
    fn close(&mut self, name: &str, before: usize, after: usize) {
        let Some(depth) = self.path.iter().rposition(|element| element.name == name) else {
            return self.defect(before, after, DefectKind::Nesting);
        };
        if depth + 1 < self.path.len() {
            self.defect(before, after, DefectKind::Nesting);
        }
        while self.path.len() > depth {
            self.end(before);
        }
    }

    fn end(&mut self, at: usize) {
        let Some(element) = self.path.last() else { return };
        let text = element.text.trim().to_owned();
        let value = Value { text, span: Span::new(element.start, at) };
        self.visitor.ends(&self.path, value);
        self.path.pop();
    }

    fn defect(&mut self, start: usize, end: usize, kind: DefectKind) {
        if self.defects.len() < MAX_DEFECTS {
            self.defects.push(Defect { span: Span::new(start, end), kind });
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each element stands with its content.
    #[derive(Default)]
    struct Places(Vec<Span>);

    impl Visitor for Places {
        fn begins(&mut self, _: &[Element], tag: &Tag<'_>) {
            self.0.push(tag.span);
        }

        fn ends(&mut self, _: &[Element], value: Value) {
            self.0.push(value.span);
        }
    }

    #[test]
    fn byte_order_marks_are_counted() {
        for mark in ["", "\u{feff}", "\u{feff}\u{feff}"] {
            let xml = format!("{mark}<a>&b;é</a><:");
            let mut places = Places::default();
            let (defects, _) = walk(&xml, &mut places);
            let quoted: Vec<&str> = places.0.iter().map(|span| &xml[span.range()]).collect();
            assert_eq!(quoted, ["<a>", "&b;é"], "{xml:?}");
            assert!(defects.iter().all(|defect| xml.get(defect.span.range()).is_some()), "{defects:?}");
        }
    }
}
