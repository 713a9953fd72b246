//! How to mend what was found.

use crate::Name;
use crate::dns::RecordType;
use crate::order::sort_by_key;
use crate::text::Span;

/// One way to mend a finding. A finding without one can be mended too: repairs are looked for in texts as long as records are (some up to
/// 2,048 octets, others up to 4,096), and only where few slips stand in one place (RFC 7208 §3.4 wants 450 octets).
///
/// ```
/// use mailproof::{finding::{Applicability, apply}, spf::{self, Record}};
///
/// let text = "v=spf1 ipv4:192.0.2.1 -all";
/// let found = spf::lint(&Record::parse(text));
/// let fix = &found[0].fixes[0];
/// assert_eq!(fix.applicability, Applicability::MachineApplicable);
/// assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 ip4:192.0.2.1 -all");
/// ```
///
/// One of your own says how sure it is:
///
/// ```
/// use mailproof::{finding::{Applicability, Edit, Fix, apply}, text::Span};
///
/// let text = "v=spf1 mx ptr -all";
/// let fix = Fix::machine("take `ptr` away", [Edit::delete(Span::new(9, 13))]);
/// assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 mx -all");
/// let fix = Fix::maybe("begin with `~all`", [Edit::replace(Span::new(14, 15), "~")]);
/// assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 mx ptr ~all");
/// let edits = [Edit::insert(14, "ip4:YOUR-ADDRESS ")];
/// let fix = Fix::edit("add your server", edits, Applicability::HasPlaceholders);
/// assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 mx ptr ip4:YOUR-ADDRESS -all");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Fix {
    /// What it does, in a few words: "write `ip4:`".
    pub title: String,
    /// What changes.
    pub change: Change,
    /// How sure it is.
    pub applicability: Applicability,
}

/// What a fix changes.
///
/// ```
/// use mailproof::{dns::Snapshot, finding::Change, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// example.com. TXT "v=spf1 include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
/// "#)?;
/// let (domain, options) = ("example.com".parse()?, spf::LintOptions::default());
/// let lint = |dns: &Snapshot| spf::lint_domain(dns, &domain, &options);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), lint);
/// let mut changes = found.iter().flat_map(|found| &found.fixes).map(|fix| &fix.change);
/// // Two records are mended in the DNS, not in either text: one takes the place of both.
/// let records = changes.find(|change| matches!(change, Change::Records { .. }));
/// let Some(Change::Records { remove, add, .. }) = records else { panic!() };
/// assert_eq!((remove.len(), add.len()), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Change {
    /// Edits of the text that the finding's primary label is in.
    Edit(Vec<Edit>),
    /// Records taken away from a name and put there.
    Records {
        /// The name.
        owner: Name,
        /// The type of the records.
        record_type: RecordType,
        /// The values to take away.
        remove: Vec<String>,
        /// The values to put there.
        add: Vec<String>,
    },
}

/// A replacement in a text.
///
/// ```
/// use mailproof::{finding::apply, spf::{self, Record}};
///
/// // The one edit of a fix: take the stray semicolon away.
/// let text = "v=spf1 mx -all;";
/// let found = spf::lint(&Record::parse(text));
/// let edit = &found[0].fixes[0].edits()[0];
/// assert_eq!((&text[edit.span], edit.text.as_str()), (";", ""));
/// assert_eq!(apply(text, &[edit.clone()]).unwrap(), "v=spf1 mx -all");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Edit {
    /// What is replaced; an empty span for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// How sure a fix is.
///
/// ```
/// use mailproof::{finding::Applicability, spf::{self, Record}};
///
/// let sure = |text| spf::lint(&Record::parse(text))[0].fixes[0].applicability;
/// assert_eq!(sure("v=spf1 ipv4:192.0.2.1 -all"), Applicability::MachineApplicable);
/// // Whether everybody should pass only the owner knows.
/// assert_eq!(sure("v=spf1 mx +all"), Applicability::MaybeIncorrect);
/// assert!(Applicability::MachineApplicable < Applicability::MaybeIncorrect, "the surest is the least");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Applicability {
    /// It is what was meant, or keeps every verdict: a machine may apply it.
    MachineApplicable,
    /// Probably what was meant; somebody should look.
    MaybeIncorrect,
    /// It has places that somebody must fill in; or it is one step of several, and more has to be mended before the text is published.
    HasPlaceholders,
}

impl Fix {
    /// Edits that a machine may apply.
    pub fn machine(title: impl Into<String>, edits: impl Into<Vec<Edit>>) -> Self {
        Self::edit(title, edits, Applicability::MachineApplicable)
    }

    /// Edits that somebody should look at.
    pub fn maybe(title: impl Into<String>, edits: impl Into<Vec<Edit>>) -> Self {
        Self::edit(title, edits, Applicability::MaybeIncorrect)
    }

    /// Edits, this sure.
    pub fn edit(title: impl Into<String>, edits: impl Into<Vec<Edit>>, applicability: Applicability) -> Self {
        Self { title: title.into(), change: Change::Edit(edits.into()), applicability }
    }

    /// A record to publish.
    ///
    /// ```
    /// use mailproof::{dns::RecordType, finding::{Applicability, Change, Fix}};
    ///
    /// let owner = "_dmarc.example.com".parse()?;
    /// let record = "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com";
    /// let sure = Applicability::HasPlaceholders;
    /// let fix = Fix::publish("publish a record", &owner, RecordType::Txt, record, sure);
    /// assert!(matches!(fix.change, Change::Records { ref remove, .. } if remove.is_empty()));
    /// assert!(fix.edits().is_empty(), "no text is edited");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn publish(
        title: impl Into<String>,
        owner: &Name,
        record_type: RecordType,
        value: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        let change = Change::Records { owner: owner.clone(), record_type, remove: Vec::new(), add: vec![value.into()] };
        Self { title: title.into(), change, applicability }
    }

    /// The edits, if it is made of edits.
    pub fn edits(&self) -> &[Edit] {
        match &self.change {
            Change::Edit(edits) => edits,
            Change::Records { .. } => &[],
        }
    }
}

impl Edit {
    /// Puts `text` in the place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Takes `span` away.
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// Puts `text` before `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self::replace(Span::at(offset), text)
    }
}

/// `text` with `edits` made; `None` if two of them overlap or one lies outside the text.
///
/// ```
/// use mailproof::finding::{Edit, apply};
/// use mailproof::text::Span;
///
/// let edits = [Edit::replace(Span::new(7, 11), "ip4"), Edit::insert(21, " -all")];
/// assert_eq!(apply("v=spf1 ipv4:192.0.2.1", &edits).unwrap(), "v=spf1 ip4:192.0.2.1 -all");
/// ```
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    in_order(&mut edits);
    apply_ordered(text, 0, &edits)
}

/// Sorts edits by their places.
pub(crate) fn in_order(edits: &mut [&Edit]) {
    sort_by_key(edits, |edit| (edit.span.start, edit.span.end));
}

/// The same as [`apply`] for edits that are [`in_order`], without what stands before the offset `at`.
pub(crate) fn apply_ordered(text: &str, mut at: usize, edits: &[&Edit]) -> Option<String> {
    let mut out = String::with_capacity(text.len().saturating_sub(at));
    for edit in edits {
        out.push_str(text.get(at..edit.span.start as usize)?);
        out.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The same, unless more than `most` octets come of it: a long text must not be made once for each of its faults.
pub(crate) fn apply_within(text: &str, edits: &[Edit], most: usize) -> Option<String> {
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let removed: usize = edits.iter().map(|edit| edit.span.len()).sum();
    if text.len() + added > most.saturating_add(removed) { None } else { apply(text, edits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_result_is_not_made() {
        let edits = [Edit::insert(0, "xy"), Edit::delete(Span::new(1, 2))];
        assert_eq!(apply_within("abc", &edits, 4).unwrap(), "xyac");
        assert_eq!(apply_within("abc", &edits, 3), None);
    }

    #[test]
    fn overlapping_edits_are_refused() {
        let a = Edit::replace(Span::new(0, 3), "x");
        let b = Edit::replace(Span::new(2, 4), "y");
        assert_eq!(apply("abcdef", &[a.clone(), b]), None);
        assert_eq!(apply("ab", &[Edit::delete(Span::new(1, 9))]), None);
        assert_eq!(apply("abcdef", &[Edit::insert(6, "!"), a]).unwrap(), "xdef!");
    }
}
