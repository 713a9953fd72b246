//! Elements to a report. Their order does not matter: senders do not keep it (RFC 9990 appendix A, RFC 7489 appendix C).

use super::decode::decoded;
use super::extensions::{self, Extensions};
use super::report::{Defect, DefectKind, DkimResult, Reason, Record, Report, SpfResult, Value};
use super::unpack::unpack;
use crate::Timestamp;
use crate::text::Span;
use crate::xml::{self, Element, Tag, Visitor};

impl Report {
    /// Reads a report: XML, gzip, zip, or a mail with one of them.
    pub fn read(file: &[u8]) -> Self {
        let Some(unpacked) = unpack(file) else {
            return Self { defects: vec![packing(DefectKind::NoReport)], ..Self::default() };
        };
        let source = decoded(&unpacked.xml);
        let mut reading = Reading::default();
        let (defects, more_defects) = xml::walk(source.text(), &mut reading);
        let mut report = reading.report;
        report.more_defects = more_defects;
        report.more_prefixes = reading.extensions.more_prefixes;
        report.defects.extend(unpacked.defect.map(packing));
        let has_more = unpacked.has_more || reading.has_more;
        report.defects.extend(has_more.then_some(packing(DefectKind::MoreReports)));
        if let Some(&(at, _)) = source.invalid_bytes().first() {
            let at = at as usize;
            let span = Span::new(at, at + '\u{fffd}'.len_utf8());
            report.defects.push(Defect { span, kind: DefectKind::Encoding });
        }
        report.defects.extend(defects.into_iter().map(markup));
        if !reading.is_feedback {
            report.defects.push(packing(DefectKind::NoReport));
        }
        report.source = source;
        report
    }
}

fn markup(defect: xml::Defect) -> Defect {
    let kind = match defect.kind {
        xml::DefectKind::Doctype => DefectKind::Doctype,
        xml::DefectKind::Nesting => DefectKind::Nesting,
        xml::DefectKind::Markup => DefectKind::Markup,
    };
    Defect { span: defect.span, kind }
}

fn packing(kind: DefectKind) -> Defect {
    Defect { span: Span::default(), kind }
}

#[derive(Default)]
struct Reading {
    report: Report,
    is_feedback: bool,
    /// Whether another report follows the first, as in gzip files that were joined.
    has_more: bool,
    /// Whether the record that is read has a `count`.
    has_count: bool,
    extensions: Extensions,
}

impl Reading {
    /// Only the first one is listed.
    fn no_count(&mut self, span: Span) {
        if !self.report.defects.iter().any(|defect| defect.kind == DefectKind::Count) {
            self.report.defects.push(Defect { span, kind: DefectKind::Count });
        }
    }
}

impl Visitor for Reading {
    fn begins(&mut self, path: &[Element], tag: &Tag<'_>) {
        self.has_more |= self.is_feedback && path.len() == 1;
        if self.extensions.begins(path, tag) || self.has_more {
            return;
        }
        let record = self.report.records.last_mut();
        match names(path) {
            (_, "feedback") => self.is_feedback = true,
            ("feedback", "record") => {
                self.has_count = false;
                self.report.records.push(Record::default());
            }
            (_, "reason") => {
                if let Some(record) = record {
                    record.reasons.push(Reason::default());
                }
            }
            ("auth_results", "dkim") => {
                if let Some(record) = record {
                    record.dkim.push(DkimResult::default());
                }
            }
            ("auth_results", "spf") => {
                if let Some(record) = record {
                    record.spf.push(SpfResult::default());
                }
            }
            _ => {}
        }
    }

    fn ends(&mut self, path: &[Element], value: Value) {
        if self.extensions.ends(path) || !self.is_feedback || self.has_more {
            return;
        }
        if extensions::record(path).is_some() {
            let Some(record) = self.report.records.last_mut() else { return };
            if names(path) == ("row", "count") {
                let count = value.text.parse();
                record.count = count.clone().unwrap_or_default();
                self.has_count = true;
                if count.is_err() {
                    self.no_count(value.span);
                }
                return;
            }
            if names(path) == ("feedback", "record") && !self.has_count {
                return self.no_count(value.span);
            }
            return of_record(record, names(path), value);
        }
        let (report, published) = (&mut self.report, path.iter().any(|element| element.name == "policy_published"));
        if published {
            return of_policy(report, names(path).1, value);
        }
        match names(path) {
            ("report_metadata", "org_name") => set(&mut report.org_name, value),
            ("report_metadata", "email") => set(&mut report.email, value),
            ("report_metadata", "report_id") => set(&mut report.report_id, value),
            ("date_range", "begin") => report.begin = time(&value),
            ("date_range", "end") => report.end = time(&value),
            (_, "date_range") => report.date_range = value.span,
            _ => {}
        }
    }
}

fn of_policy(report: &mut Report, name: &str, value: Value) {
    let published = &mut report.published;
    let target = match name {
        "domain" => &mut published.domain,
        "p" => &mut published.p,
        "sp" => &mut published.sp,
        "np" => &mut published.np,
        "adkim" => &mut published.adkim,
        "aspf" => &mut published.aspf,
        "fo" => &mut published.fo,
        "testing" => &mut published.testing,
        "discovery_method" => &mut published.discovery_method,
        _ => return,
    };
    set(target, value);
}

fn of_record(record: &mut Record, names: (&str, &str), value: Value) {
    let reason = record.reasons.last_mut();
    let (dkim, spf) = (record.dkim.last_mut(), record.spf.last_mut());
    let target = match names {
        ("row", "source_ip") => return record.source_ip = value.text.parse().ok(),
        ("policy_evaluated", "disposition") => Some(&mut record.disposition),
        ("policy_evaluated", "dkim") => Some(&mut record.aligned_dkim),
        ("policy_evaluated", "spf") => Some(&mut record.aligned_spf),
        ("reason", "type") => reason.map(|reason| &mut reason.kind),
        ("reason", "comment") => reason.map(|reason| &mut reason.comment),
        ("identifiers" | "identities", "header_from") => Some(&mut record.header_from),
        // Empty is the null sender, which is a statement too.
        ("identifiers" | "identities", "envelope_from") => return record.envelope_from = Some(value),
        ("identifiers" | "identities", "envelope_to") => Some(&mut record.envelope_to),
        ("auth_results", "dkim") => return dkim.into_iter().for_each(|dkim| dkim.span = value.span),
        ("dkim", "domain") => dkim.map(|dkim| &mut dkim.domain),
        ("dkim", "selector") => dkim.map(|dkim| &mut dkim.selector),
        ("dkim", "result") => dkim.map(|dkim| &mut dkim.result),
        ("spf", "domain") => spf.map(|spf| &mut spf.domain),
        ("spf", "scope") => spf.map(|spf| &mut spf.scope),
        ("spf", "result") => spf.map(|spf| &mut spf.result),
        _ => None,
    };
    if let Some(target) = target {
        set(target, value);
    }
}

/// The first that says something counts.
fn set(target: &mut Option<Value>, value: Value) {
    if target.is_none() && !value.text.is_empty() {
        *target = Some(value);
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.text.parse().ok().map(Timestamp)
}

/// The names of the element and of the one around it.
fn names(path: &[Element]) -> (&str, &str) {
    match path {
        [.., outer, inner] => (&outer.name, &inner.name),
        [only] => ("", &only.name),
        [] => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(xml: &str) -> Vec<DefectKind> {
        Report::read(xml.as_bytes()).defects.iter().map(|defect| defect.kind).collect()
    }

    #[test]
    fn what_can_be_wrong() {
        assert_eq!(kinds("<feedback></feedback>"), []);
        assert_eq!(kinds(""), [DefectKind::NoReport]);
        assert_eq!(kinds("<html></html>"), [DefectKind::NoReport]);
        assert_eq!(kinds("<feedback/><feedback/>"), [DefectKind::MoreReports]);
        assert_eq!(kinds("<feedback>"), [DefectKind::Nesting]);
        assert_eq!(kinds("<feedback></x></feedback>"), [DefectKind::Nesting]);
        assert_eq!(kinds("<!DOCTYPE x [<!ENTITY a 'b'>]><feedback>&a;</feedback>"), [DefectKind::Doctype]);
        assert_eq!(kinds(&"<feedback>".repeat(1000)), [DefectKind::Markup]);
        let latin = Report::read(b"<feedback>\xe9</feedback>");
        assert_eq!(latin.defects[0].kind, DefectKind::Encoding);
        assert_eq!(&latin.source.text()[latin.defects[0].span], "\u{fffd}");
    }

    #[test]
    fn a_count_that_is_no_number_is_told() {
        let xml = |counts: &[&str]| {
            let row = |count: &&str| format!("<record><row><count>{count}</count></row></record>");
            format!("<feedback>{}</feedback>", counts.iter().map(row).collect::<String>())
        };
        assert_eq!(kinds(&xml(&["7", " 8 "])), []);
        let without = "<feedback><record><row></row></record></feedback>";
        assert_eq!(kinds(without), [DefectKind::Count]);
        for wrong in ["", "-1", "1.5", "99999999999999999999", "many"] {
            let report = Report::read(xml(&["7", wrong, wrong]).as_bytes());
            let [defect] = report.defects[..] else { panic!("{wrong}: {:?}", report.defects) };
            assert_eq!((defect.kind, &report.source.text()[defect.span]), (DefectKind::Count, wrong));
            assert_eq!((report.messages(), report.is_well_formed()), (7, true));
        }
    }

    #[test]
    fn a_report_within_the_schema_of_reports() {
        let xml = "<xs:schema xmlns:xs='urn:xs'><feedback><record><row><count>3</count></row></record></feedback></xs:schema>";
        assert_eq!(Report::read(xml.as_bytes()).messages(), 3);
    }

    #[test]
    fn entities_namespaces_and_utf16() {
        let xml = "<n:feedback xmlns:n='urn:ietf:params:xml:ns:dmarc-2.0'><n:report_metadata>\
            <n:org_name>A &amp; B&#33; &nbsp;</n:org_name></n:report_metadata></n:feedback>";
        let report = Report::read(xml.as_bytes());
        let name = report.org_name.unwrap();
        assert_eq!(name.text, "A & B! &nbsp;");
        assert_eq!(&report.source.text()[name.span], "A &amp; B&#33; &nbsp;");

        let mut wide = vec![0xff, 0xfe];
        wide.extend(xml.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(Report::read(&wide).org_name.unwrap().text, "A & B! &nbsp;");
    }

    #[test]
    fn a_broken_element_does_not_take_others_along() {
        let xml = "<feedback><record><row><count>2</count></row><identifiers><header_from>bad<xml.example</header_from>\
            </identifiers></record><record><row><count>3</count></row></record></feedback>";
        let report = Report::read(xml.as_bytes());
        assert_eq!(report.messages(), 5);
        assert_eq!(report.records[0].header_from.as_ref().unwrap().text, "bad");
    }

    proptest::proptest! {
        #[test]
        fn any_octets(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let report = Report::read(&octets);
            super::super::lint(&report);
        }

        #[test]
        fn any_markup(text in "(<[/!?]?(feedback|record|row|reason|type|auth_results|dkim|count)/?>|[a-z&;<>\"\\[\\]é!-]{0,3}){0,30}") {
            let report = Report::read(text.as_bytes());
            for found in super::super::lint(&report) {
                proptest::prop_assert!(found.primary.span.end as usize <= found.primary.subject.source().text().len());
            }
        }
    }
}
