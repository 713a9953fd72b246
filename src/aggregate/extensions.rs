//! What a sender adds to a report: elements of another namespace (RFC 9990 appendix A), and what no version knows.
//!
//! Elements of none are the report's: RFC 7489 appendix C qualifies the root alone, and some programs write `xmlns=""`. So are those
//! with a prefix that is bound to nothing.

use std::collections::BTreeMap;

use super::report::MAX_PREFIXES;
use crate::xml::{Element, Tag};

/// What holds elements in a record; `identities` is what the first drafts called `identifiers`.
const OF_RECORD: [&str; 8] =
    ["row", "policy_evaluated", "reason", "identifiers", "identities", "auth_results", "dkim", "spf"];

/// What is known of the extensions on the way through a report.
#[derive(Default)]
pub(super) struct Extensions {
    /// How deep the one is that is being read.
    open: Option<usize>,
    /// What elements without a prefix are bound to in the whole report.
    of_report: String,
    /// What prefixes are bound to.
    bound: BTreeMap<String, String>,
    /// How often a prefix was bound that is not known.
    pub(super) more_prefixes: usize,
}

impl Extensions {
    /// Whether the element that begins belongs to an extension.
    pub(super) fn begins(&mut self, path: &[Element], tag: &Tag<'_>) -> bool {
        let is_extension = path.last().is_some_and(|element| element.name == "extension");
        if self.open.is_none() && (is_extension || self.is_foreign(path, tag)) {
            self.open = Some(path.len());
        }
        self.open.is_some() || is_unknown(path)
    }

    /// Whether the element that ends belonged to one.
    pub(super) fn ends(&mut self, path: &[Element]) -> bool {
        let is_foreign = self.open.is_some();
        self.open = self.open.filter(|depth| path.len() > *depth);
        is_foreign || is_unknown(path)
    }

    fn is_foreign(&mut self, path: &[Element], tag: &Tag<'_>) -> bool {
        let Some((element, outer)) = path.split_last() else { return false };
        let report = path.iter().find(|element| element.name == "feedback");
        let is_in_report = outer.iter().any(|element| element.name == "feedback");
        let mut is_bound_anew = false;
        for (prefix, namespace) in tag.namespaces() {
            match prefix {
                None if is_in_report => is_bound_anew = !self.is_own(&namespace),
                None => self.of_report = namespace,
                Some(prefix) if self.bound.len() < MAX_PREFIXES => drop(self.bound.insert(prefix, namespace)),
                Some(_) => self.more_prefixes += 1,
            }
        }
        let is_bound_to_another = |prefix| self.bound.get(prefix).is_some_and(|namespace| !self.is_own(namespace));
        match &element.prefix {
            Some(prefix) => report.is_some_and(|it| it.prefix != element.prefix) && is_bound_to_another(prefix),
            None => is_bound_anew,
        }
    }

    /// Whether it is what one of the two RFCs binds reports to, or what this report is bound to.
    fn is_own(&self, namespace: &str) -> bool {
        namespace.is_empty()
            || namespace == self.of_report
            || namespace.starts_with("http://dmarc.org/")
            || namespace.starts_with("urn:ietf:params:xml:ns:dmarc-")
    }
}

/// Whether it is a record, or stands in one, outside of the records of the report or within something that no version knows.
fn is_unknown(path: &[Element]) -> bool {
    match record(path) {
        Some([_, within @ .., _]) => !within.iter().all(|element| OF_RECORD.contains(&element.name.as_str())),
        Some(_) => false,
        None => path.iter().any(|element| element.name == "record"),
    }
}

/// The path from a record of the report on.
pub(super) fn record(path: &[Element]) -> Option<&[Element]> {
    // Some reports stand in the schema.
    let report = path.iter().position(|element| element.name == "feedback")?;
    path.get(report + 1..).filter(|path| path.first().is_some_and(|element| element.name == "record"))
}

#[cfg(test)]
mod tests {
    use crate::aggregate::Report;

    /// RFC 9990: a record may have elements of other namespaces.
    #[test]
    fn extensions_are_not_counted() {
        let report = |extension: &str| {
            let xml = "<feedback><record><row><source_ip>192.0.2.1</source_ip><count>1</count>ROW</row>RECORD</record></feedback>";
            Report::read(xml.replace("ROW", extension).replace("RECORD", extension).as_bytes())
        };
        for extension in [
            "<x:count xmlns:x='urn:x'>99</x:count>",
            // An attribute that is called like a prefix binds nothing.
            "<x:ext xmlns:x='urn:x' x=''><x:count x='urn:ietf:params:xml:ns:dmarc-2.0'>9</x:count></x:ext>",
            "<ext xmlns='urn:q'><row><count>5</count><source_ip>192.0.2.9</source_ip></row></ext>",
            "<x:ext xmlns:x='urn:x'><row><count>5</count></row></x:ext>",
        ] {
            let report = report(extension);
            assert_eq!((report.messages(), report.records.len(), &report.defects[..]), (1, 1, &[][..]), "{extension}");
            assert_eq!(report.records[0].source_ip, Some([192, 0, 2, 1].into()));
        }
    }

    /// RFC 9990 appendix A: `extension` stands beside the records, too, and holds what it likes.
    #[test]
    fn extensions_beside_the_records_say_nothing_of_them() {
        let record = "<record><row><count>7</count></row></record>";
        let policy = "<policy_published><domain>d.example</domain>POLICY</policy_published>";
        for (of_policy, extension) in [
            ("", "<extension><e xmlns='urn:x'><record><row><count>500</count></row></record></e></extension>"),
            ("", "<extension><record><row><count>500</count></row></record></extension>"),
            ("", "<extension><date_range><begin>5</begin></date_range></extension>"),
            ("", "<x:e xmlns:x='urn:x'><date_range><begin>5</begin></date_range></x:e>"),
            ("<ext xmlns='urn:x'><p>reject</p></ext>", ""),
        ] {
            let policy = policy.replace("POLICY", of_policy);
            let xml = format!("<feedback xmlns='urn:y'>{policy}{record}{extension}</feedback>");
            let report = Report::read(xml.as_bytes());
            assert_eq!((report.messages(), report.records.len(), &report.defects[..]), (7, 1, &[][..]), "{xml}");
            assert_eq!((report.published.p, report.begin), (None, None), "{xml}");
        }
    }

    /// RFC 7489 appendix C qualifies the root alone; and a prefix is no namespace, only what it is bound to is one.
    #[test]
    fn prefixes_of_the_namespace_of_reports() {
        for (report, policy, row) in [
            ("ns2:feedback xmlns:ns2='http://dmarc.org/dmarc-xml/0.1'", "policy_published", "row"),
            ("feedback xmlns:ns2='http://dmarc.org/dmarc-xml/0.1'", "policy_published", "ns2:row"),
            ("feedback", "d:policy_published xmlns:d='urn:ietf:params:xml:ns:dmarc-2.0'", "row"),
            ("feedback xmlns='urn:ietf:params:xml:ns:dmarc-2.0'", "policy_published xmlns=''", "row"),
            ("feedback", "q:policy_published", "q:row"),
            ("feedback xmlns='http://a.example/'", "policy_published xmlns='http://a.example/'", "row"),
        ] {
            let end = |tag: &str| tag.split(' ').next().unwrap_or_default().to_owned();
            let xml = format!(
                "<{report}><report_metadata><org_name>o</org_name></report_metadata><{policy}><p>none</p></{}><record>\
                 <{row}><count>7</count></{}></record></{}>",
                end(policy),
                end(row),
                end(report)
            );
            let report = Report::read(xml.as_bytes());
            assert_eq!((report.messages(), report.records.len(), &report.defects[..]), (7, 1, &[][..]), "{xml}");
            assert_eq!((report.org_name.unwrap().text, report.published.p.unwrap().text), ("o".into(), "none".into()));
        }
    }
}
