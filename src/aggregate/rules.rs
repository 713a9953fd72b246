//! What is told about an aggregate report.
//!
//! Thousands of records often have the same flaw. Each is told once, at the first place, with how many there are.

use std::collections::BTreeMap;

use super::lines::Lines;
use super::report::{Defect, DefectKind, MAX_PREFIXES, Record, Report, Value};
use crate::finding::{Diagnostic, Findings, Rule, bounded, rules};
use crate::text::{Span, lowercase};
use crate::{unread, xml};

rules! {
    /// # The report is damaged
    ///
    /// An aggregate report is well-formed XML, alone or in gzip (RFC 9990 §3.5.2). A cut or hostile file is read as far as
    /// possible; figures after the damage are missing. Ask the reporter for it again.
    ///
    /// ```aggregate bad
    /// <feedback><report_metadata><org_name>Receiver</org_name>
    /// ```
    ///
    /// ```aggregate bad
    /// <!DOCTYPE feedback [<!ENTITY a "aaaa">]><feedback></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback></feedback>
    /// ```
    XML_INVALID = "agg-xml-invalid", Error, Ignored, ["RFC 9990 §3.5.2", "RFC 9990 §8.1"], "the report {problem}";

    /// # Something is missing that every report has
    ///
    /// Who reports, how to reach them, the number of the report, its time and the domain of the policy are required
    /// (RFC 9990 §3.1.1). Without them reports cannot be told apart or put in order.
    ///
    /// ```aggregate bad
    /// <feedback><report_metadata><org_name/></report_metadata></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><report_metadata><org_name>Receiver</org_name><email>d@receiver.example</email><report_id>1</report_id>
    /// <date_range><begin>0</begin><end>86399</end></date_range></report_metadata>
    /// <policy_published><domain>d.example</domain><p>none</p></policy_published></feedback>
    /// ```
    MISSING = "agg-missing-org-name", Warning, Ok, ["RFC 9990 §3.1.1"], "the report does not say {missing}";

    /// # The file holds more than one report
    ///
    /// A report has a file and a mail of its own (RFC 9990 §3.5.2). In an archive of several, or a mail with several, only the first is
    /// read: the figures of the others are missing. Unpack it, and look at each.
    ///
    /// ```aggregate bad
    /// <feedback></feedback><feedback></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback></feedback>
    /// ```
    MORE_REPORTS = "agg-more-reports", Warning, Ok, ["RFC 9990 §3.5.2"],
        "the file holds more than one report, and only the first is read: give each by itself";

    /// # A DKIM result does not name its selector
    ///
    /// RFC 9990 requires the selector. Without it nobody can see which of several keys, and so which service, signed the mail.
    ///
    /// ```aggregate bad
    /// <feedback><record><auth_results><dkim><domain>d.example</domain><result>pass</result></dkim></auth_results></record></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><record><auth_results><dkim><domain>d.example</domain><selector>s1</selector><result>pass</result></dkim>
    /// </auth_results></record></feedback>
    /// ```
    MISSING_SELECTOR = "agg-missing-selector", Note, Ok, ["RFC 9990 §3.1.1"],
        "{count} of the DKIM results name no selector";

    /// # The reason for an override is one of RFC 7489
    ///
    /// `forwarded` and `sampled_out` are gone from RFC 9990: forwarding is told as `trusted_forwarder`, and policies are no
    /// longer sampled by percentage. The reporter runs older software; the figures can be used.
    ///
    /// ```aggregate bad
    /// <feedback><record><row><policy_evaluated><reason><type>forwarded</type></reason></policy_evaluated></row></record></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><record><row><policy_evaluated><reason><type>trusted_forwarder</type></reason></policy_evaluated></row></record></feedback>
    /// ```
    REMOVED_OVERRIDE = "agg-removed-override-type", Note, Ok, ["RFC 9990 §3.1.6"],
        "{count} of the records give `{reason}` as the reason for an override, which only RFC 7489 knew";

    /// # The reason for an override is unknown
    ///
    /// The reasons are `local_policy`, `mailing_list`, `other`, `policy_test_mode` and `trusted_forwarder`.
    ///
    /// ```aggregate bad
    /// <feedback><record><row><policy_evaluated><reason><type>foo</type></reason></policy_evaluated></row></record></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><record><row><policy_evaluated><reason><type>other</type></reason></policy_evaluated></row></record></feedback>
    /// ```
    UNKNOWN_OVERRIDE = "agg-unknown-override-type", Note, Ok, ["RFC 9990 §3.1.6"],
        "{count} of the records give `{reason}` as the reason for an override, which no standard knows";

    /// # A part of the published policy has an impossible value
    ///
    /// `np` is `none`, `quarantine` or `reject`, `testing` is `y` or `n`, `discovery_method` is `psl` or `treewalk`. With
    /// another value one cannot see which policy the receiver applied.
    ///
    /// ```aggregate bad
    /// <feedback><policy_published><domain>d.example</domain><testing>yes</testing></policy_published></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><policy_published><domain>d.example</domain><testing>y</testing></policy_published></feedback>
    /// ```
    INVALID_POLICY = "agg-invalid-np-testing-discovery", Note, Ok, ["RFC 9990 §3.1.1"],
        "`{value}` is no value of `{element}` in a report";

    /// # The report covers more than a day
    ///
    /// Receivers report daily or more often (RFC 9990 §3.1). In a long report a problem that was mended in between still shows.
    ///
    /// ```aggregate bad
    /// <feedback><report_metadata><date_range><begin>0</begin><end>604799</end></date_range></report_metadata></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><report_metadata><date_range><begin>0</begin><end>86400</end></date_range></report_metadata></feedback>
    /// ```
    TIMESPAN = "agg-timespan-long", Note, Ok, ["RFC 9990 §3.1"], "the report covers {days} days instead of one";

    /// # Mail was let through because of ARC
    ///
    /// The receiver trusts a forwarder that says by ARC that the mail passed before it was changed on the way. Such mail is
    /// forwarded, and no sign that somebody else sends as the domain. Other receivers may not trust the same forwarder.
    ///
    /// ```aggregate bad
    /// <feedback><record><row><count>2</count><policy_evaluated><reason><type>local_policy</type><comment>arc=pass</comment></reason>
    /// </policy_evaluated></row></record></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><record><row><count>2</count><policy_evaluated><reason><type>local_policy</type><comment>allow list</comment></reason>
    /// </policy_evaluated></row></record></feedback>
    /// ```
    ARC_OVERRIDE = "agg-arc-override", Note, Ok, ["RFC 8617 §7.2.2"],
        "{messages} that failed DMARC {were} let through because of ARC: they came through a forwarder";

    /// # A service sends for the domain, and is authenticated only as itself
    ///
    /// DKIM or SPF passes, but for another domain than that in From, so DMARC fails. Mostly this is a service that was not
    /// told to use the domain: give it a DKIM key below the domain, and a return path below the domain. If nobody knows the
    /// service, somebody else sends as the domain, and DMARC does what it is for.
    ///
    /// ```aggregate bad
    /// <feedback><record><row><count>5</count><policy_evaluated><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
    /// <identifiers><header_from>d.example</header_from></identifiers>
    /// <auth_results><dkim><domain>esp.example</domain><selector>k</selector><result>pass</result></dkim></auth_results>
    /// </record></feedback>
    /// ```
    ///
    /// ```aggregate good
    /// <feedback><record><row><count>5</count><policy_evaluated><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
    /// <identifiers><header_from>d.example</header_from></identifiers>
    /// <auth_results><dkim><domain>d.example</domain><selector>k</selector><result>pass</result></dkim></auth_results>
    /// </record></feedback>
    /// ```
    UNALIGNED = "agg-dkim-pass-unaligned", Warning, Ok, ["RFC 9989 §4.4"],
        "{messages} from `{from}` pass {method} as `{domain}`, which is not aligned, and so fail DMARC";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

/// What is wrong with a report, and what its figures mean.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::{Report, lint};
///
/// // RFC 9990 calls it `trusted_forwarder`.
/// let report = Report::read(b"<feedback><record><row><policy_evaluated><reason><type>forwarded</type></reason>
///     </policy_evaluated></row></record></feedback>");
/// assert!(lint(&report).iter().any(|found| found.code == "agg-removed-override-type"));
/// # }
/// ```
pub fn lint(report: &Report) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    let lines = &Lines::of(report.source.text());
    for defect in &report.defects {
        damaged(lines, defect, &mut out);
    }
    let mut beyond = |what, more: usize, limit| {
        unread::beyond(lines.label(Span::default()), what, limit + more, limit, &mut out);
    };
    beyond("faults of the markup", report.more_defects, xml::MAX_DEFECTS);
    beyond("prefixes of namespaces", report.more_prefixes, MAX_PREFIXES);
    if report.has_feedback() {
        missing(report, lines, &mut out);
        timespan(report, lines, &mut out);
        policy(report, lines, &mut out);
        selectors(report, lines, &mut out);
        reasons(report, lines, &mut out);
        unaligned(report, lines, &mut out);
    }
    bounded(out.into_vec())
}

fn damaged(lines: &Lines<'_>, defect: &Defect, out: &mut Findings) {
    let problem = match defect.kind {
        DefectKind::NoReport => "was not found: there is no `feedback` element in the file",
        DefectKind::Packing => "is damaged: its gzip or zip file ends too early or is broken",
        DefectKind::TooLarge => "is too large: it was not read to its end",
        DefectKind::Encoding => "has octets that are not UTF-8",
        DefectKind::Doctype => "has a document type declaration, which attackers use; it was ignored",
        DefectKind::Nesting => "has elements that are not closed, or not open",
        DefectKind::Markup => "has broken markup and was not read further",
        DefectKind::Count => "has a `count` that is missing or no number of messages; its messages are counted as none",
        DefectKind::MoreReports => {
            out.report(&MORE_REPORTS, lines.label(defect.span));
            return;
        }
    };
    out.report(&XML_INVALID, lines.label(defect.span)).arg("problem", problem);
}

fn missing(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    let is_there = [
        (report.org_name.is_some(), "who reports (`org_name`)"),
        (report.email.is_some(), "whom to ask (`email`)"),
        (report.report_id.is_some(), "which report it is (`report_id`)"),
        (report.begin.is_some() && report.end.is_some(), "when it begins and ends (`date_range`)"),
        (report.published.domain.is_some(), "whose policy was applied (`policy_published/domain`)"),
    ];
    let missing: Vec<&str> = is_there.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
    if !missing.is_empty() {
        out.report(&MISSING, lines.label(Span::default())).arg("missing", missing.join(", "));
    }
}

/// A second more or less is a habit of counting.
const DAY: u64 = 24 * 60 * 60;

fn timespan(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    let (Some(begin), Some(end)) = (report.begin, report.end) else { return };
    let seconds = end.0.saturating_sub(begin.0);
    if seconds > DAY + 1 {
        out.report(&TIMESPAN, lines.label(report.date_range)).arg("days", seconds.div_ceil(DAY));
    }
}

fn policy(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    let published = &report.published;
    let rules: [(&str, &Option<Value>, &[&str]); 3] = [
        ("np", &published.np, &["none", "quarantine", "reject"]),
        ("testing", &published.testing, &["y", "n"]),
        ("discovery_method", &published.discovery_method, &["psl", "treewalk"]),
    ];
    for (element, value, allowed) in rules {
        let Some(value) = value.as_ref().filter(|value| !allowed.contains(&value.text.as_str())) else { continue };
        out.report(&INVALID_POLICY, lines.label(value.span)).arg("value", &value.text).arg("element", element);
    }
}

fn selectors(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    let mut without = report.records.iter().flat_map(|record| &record.dkim).filter(|dkim| dkim.selector.is_none());
    if let Some(first) = without.next() {
        out.report(&MISSING_SELECTOR, lines.label(first.span)).arg("count", 1 + without.count());
    }
}

/// RFC 9990 §3.1.6, and what RFC 7489 had.
const REASONS: [&str; 5] = ["local_policy", "mailing_list", "other", "policy_test_mode", "trusted_forwarder"];
const REMOVED: [&str; 2] = ["forwarded", "sampled_out"];

fn reasons(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    let mut seen: BTreeMap<&str, (Span, usize)> = BTreeMap::new();
    let mut by_arc: Option<(Span, u64)> = None;
    for record in &report.records {
        for reason in &record.reasons {
            if let Some(kind) = &reason.kind {
                seen.entry(&kind.text).or_insert((kind.span, 0)).1 += 1;
            }
        }
        // A record is told once, whatever number of reasons it has.
        let comments = record.reasons.iter().filter_map(|reason| reason.comment.as_ref());
        if let Some(comment) =
            comments.into_iter().find(|comment| comment.text.to_ascii_lowercase().contains("arc=pass"))
        {
            let sum = &mut by_arc.get_or_insert((comment.span, 0)).1;
            *sum = sum.saturating_add(record.count);
        }
    }
    for (reason, (span, count)) in seen {
        let rule = match reason {
            known if REASONS.contains(&known) => continue,
            removed if REMOVED.contains(&removed) => &REMOVED_OVERRIDE,
            _ => &UNKNOWN_OVERRIDE,
        };
        out.report(rule, lines.label(span)).arg("count", count).arg("reason", reason);
    }
    if let Some((span, count)) = by_arc {
        let were = if count == 1 { "was" } else { "were" };
        out.report(&ARC_OVERRIDE, lines.label(span)).arg("messages", messages(count)).arg("were", were);
    }
}

fn unaligned(report: &Report, lines: &Lines<'_>, out: &mut Findings) {
    // Who passes as whom, for which From.
    let mut seen: BTreeMap<(&str, &str, String), (Span, u64)> = BTreeMap::new();
    for record in report.records.iter().filter(|record| !record.passes()) {
        let Some(from) = &record.header_from else { continue };
        let Some((method, domain)) = passed(record) else { continue };
        let key = (from.text.as_str(), method, lowercase(&domain.text));
        let sum = &mut seen.entry(key).or_insert((domain.span, 0)).1;
        *sum = sum.saturating_add(record.count);
    }
    for ((from, method, domain), (span, count)) in seen {
        let found = out.report(&UNALIGNED, lines.label(span)).arg("messages", messages(count)).arg("from", from);
        found.arg("method", method).arg("domain", domain);
    }
}

/// What passed for a domain: DKIM says more than SPF about who sends.
fn passed(record: &Record) -> Option<(&'static str, &Value)> {
    let is_pass = |result: &Option<Value>| result.as_ref().is_some_and(|result| result.is("pass"));
    let dkim = record.dkim.iter().filter(|dkim| is_pass(&dkim.result)).find_map(|dkim| dkim.domain.as_ref());
    let spf = record.spf.iter().filter(|spf| is_pass(&spf.result)).find_map(|spf| spf.domain.as_ref());
    dkim.map(|domain| ("DKIM", domain)).or(spf.map(|domain| ("SPF", domain)))
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

#[cfg(all(test, feature = "xml"))]
mod tests {
    use super::*;
    use crate::finding::Origin;

    #[test]
    fn many_records_are_told_once() {
        let record = "<record><row><count>3</count><policy_evaluated><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>\n\
            <identifiers><header_from>d.example</header_from></identifiers><auth_results>\n\
            <dkim><domain>ESP.example</domain><result>pass</result></dkim></auth_results></record>\n";
        let report = Report::read(format!("<feedback>\n{}</feedback>", record.repeat(100)).as_bytes());
        let found = lint(&report);
        let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
        assert_eq!(codes, ["agg-missing-org-name", "agg-missing-selector", "agg-dkim-pass-unaligned"]);
        assert_eq!(
            found[2].message(),
            "300 messages from `d.example` pass DKIM as `esp.example`, which is not aligned, and so fail DMARC"
        );
        assert_eq!(found[2].primary.quoted(), "ESP.example");
        assert_eq!(found[2].primary.subject.origin(), &Origin::AggregateReport { line: 4 });
    }
}
