//! Lists that are longer than what is looked at of them: what stands behind is told, whatever it is that they list.

use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::text::Span;

rules! {
    /// # The end of a list is not read
    ///
    /// A record has a few tags, and a tag names a few destinations. Of a list of hundreds the beginning is read and no more, so
    /// nothing is said here about what stands behind it. Receivers stop elsewhere or read all of it, and may find tags or destinations
    /// there. Take out what is not needed; mostly such a text has one mistake over and over.
    ///
    /// ```panel good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    REST = "dns-record-rest-unread", Warning, Differs, ["RFC 6376 §3.2"],
        "the list goes on behind its first {count} parts, and what stands there was not read ({octets} octets): receivers that read on \
         may find other parts in it";

    /// # Not all of them are looked at
    ///
    /// Nobody has hundreds of mail servers, selectors or authors; whoever wants to keep a program busy can publish thousands. The first
    /// are looked at, and nothing is said about the others, good or bad. Take out what is not needed, and look again.
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    BEYOND = "more-not-looked-at", Warning, Ok, [],
        "{what}: the first {limit} are looked at, and {count} more are not";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&crate::finding::Rule]] = &[RULES];

/// Tells what stands behind `last`, if `last` is there: the last one of the `count` parts that there is room for. The list ends at `end`;
/// its parts are separated by `;`, `,` or `:`.
pub(crate) fn check(subject: &Subject, count: usize, last: Option<Span>, end: usize, out: &mut Findings) {
    let text = subject.source().text();
    let Some(behind) = last.and_then(|last| text.get(last.end as usize..end)) else { return };
    let rest = behind.trim_start().strip_prefix([';', ',', ':']).unwrap_or_default().trim_ascii();
    if rest.is_empty() {
        return;
    }
    let found = out.report(&REST, Label::new(subject, Span::of(rest, text)));
    found.arg("count", count).arg("octets", rest.len()).evidence(Evidence::NotChecked);
}

/// Tells that of `total` things only the first `limit` are looked at; `what` names them, in the plural.
pub(crate) fn beyond(place: Label, what: &'static str, total: usize, limit: usize, out: &mut Findings) {
    if total > limit {
        let found = out.report(&BEYOND, place).arg("what", what).arg("limit", limit).arg("count", total - limit);
        found.evidence(Evidence::NotChecked);
    }
}

#[cfg(test)]
mod tests;
