//! The logo as the caller fetched it.

use super::logo::{NOT_SQUARE, PROFILE, SIZE, TITLE};
use crate::Name;
use crate::finding::{Diagnostic, Findings, Label, Origin, Subject};
use crate::text::{Source, Span};
use crate::unread;
use crate::xml::{self, Element, Tag, Value, Visitor};

/// What receivers want at most.
const MAX_OCTETS: usize = 32 * 1024;
/// Problems of the profile that are told; one is enough to hide the logo.
const MAX_TOLD: usize = 10;

/// What there is to say about the logo that `l` names, uncompressed.
///
/// ```
/// use mailproof::bimi;
///
/// let found = bimi::lint_logo(&"d.example".parse()?, b"<svg version='1.1'></svg>");
/// assert_eq!(found[0].code, "bimi-svg-profile");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_logo(domain: &Name, svg: &[u8]) -> Vec<Diagnostic> {
    let subject = Subject::new(Origin::Policy { host: domain.clone() }, Source::from_bytes(svg));
    let mut out = Findings::default();
    if svg.len() > MAX_OCTETS {
        out.report(&SIZE, Label::new(&subject, Span::at(0))).arg("octets", svg.len());
    }
    let mut logo = Logo::default();
    let (defects, more) = xml::walk(subject.source().text(), &mut logo);
    logo.problems.extend(defects.iter().map(|defect| (defect.span, "it is no well-formed XML".to_owned())));
    logo.complete();
    unread::beyond(Label::whole(&subject), "problems of the logo", logo.problems.len() + more, MAX_TOLD, &mut out);
    for (span, why) in logo.problems.into_iter().take(MAX_TOLD) {
        out.report(&PROFILE, Label::new(&subject, span)).arg("why", why);
    }
    if let Some((span, [width, height])) = logo.size.filter(|(_, [width, height])| width != height) {
        out.report(&NOT_SQUARE, Label::new(&subject, span)).arg("width", width).arg("height", height);
    }
    if let Some(title) = logo.title.filter(|title| GENERIC.contains(&title.text.to_ascii_lowercase().as_str())) {
        out.report(&TITLE, Label::new(&subject, title.span)).quote("title");
    }
    out.into_sorted()
}

/// Titles that drawing programs write.
const GENERIC: [&str; 6] = ["untitled", "untitled-1", "logo", "image", "title", "svg"];
/// Elements that the profile leaves out (SVG Tiny PS §2).
const FORBIDDEN: [&str; 14] = [
    "a",
    "animate",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "audio",
    "foreignObject",
    "handler",
    "image",
    "iframe",
    "script",
    "set",
    "style",
    "video",
];

#[derive(Default)]
struct Logo {
    root: bool,
    problems: Vec<(Span, String)>,
    /// Width and height of the view box.
    size: Option<(Span, [f64; 2])>,
    title: Option<Value>,
}

impl Visitor for Logo {
    fn begins(&mut self, path: &[Element], tag: &Tag<'_>) {
        let Some(element) = path.last() else { return };
        if path.len() == 1 {
            self.root(element, tag);
        }
        if FORBIDDEN.contains(&element.name.as_str()) {
            self.problems.push((tag.span, format!("`{}` is not allowed in it", element.name)));
        }
        for (name, value) in tag.attributes() {
            let is_elsewhere = name == "href" && !value.trim_start().starts_with('#');
            if is_elsewhere || name.starts_with("on") {
                self.problems.push((tag.span, format!("`{name}` of `{}` is not allowed in it", element.name)));
            }
        }
    }

    fn ends(&mut self, path: &[Element], value: Value) {
        if let [_, inner] = path
            && inner.name == "title"
            && self.title.is_none()
        {
            self.title = Some(value);
        }
    }
}

impl Logo {
    fn root(&mut self, element: &Element, tag: &Tag<'_>) {
        self.root = element.name == "svg";
        let mut problem = |why: &str| self.problems.push((tag.span, why.to_owned()));
        if element.name != "svg" {
            return problem("its outermost element is not `svg`");
        }
        let attributes = tag.attributes();
        let value = |name: &str| attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        if value("version") != Some("1.2") {
            problem("`version` is not 1.2");
        }
        if value("baseProfile") != Some("tiny-ps") {
            problem("`baseProfile` is not tiny-ps");
        }
        for name in ["x", "y"].into_iter().filter(|name| value(name).is_some()) {
            problem(&format!("`svg` has `{name}`"));
        }
        let numbers: Vec<f64> = value("viewBox")
            .map(|text| text.split([' ', ',']).filter_map(|number| number.parse().ok()).collect())
            .unwrap_or_default();
        if let [_, _, width, height] = numbers[..] {
            self.size = Some((tag.span, [width, height]));
        }
    }

    fn complete(&mut self) {
        if self.root && self.title.as_ref().is_none_or(|title| title.text.is_empty()) {
            self.problems.push((Span::at(0), "it has no `title`".to_owned()));
        }
        if !self.root && self.problems.is_empty() {
            self.problems.push((Span::at(0), "it is no SVG file".to_owned()));
        }
    }
}
