//! A report as data, in the order of RFC 9990 appendix A.

use std::net::IpAddr;

use crate::Timestamp;
use crate::text::{Source, Span};
pub use crate::xml::Value;

/// An aggregate report. What it does not say is `None` or empty.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><report_metadata><org_name>Receiver</org_name></report_metadata>
///     <record><row><count>93</count>
///       <policy_evaluated><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row></record>
///     <record><row><count>7</count>
///       <policy_evaluated><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row></record>
///   </feedback>");
/// assert_eq!(report.org_name.as_ref().unwrap().text, "Receiver");
/// assert_eq!((report.messages(), report.passed()), (100, 93));
///
/// assert!(!Report::read(b"Dear postmaster, please find the report attached.").is_report());
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The XML.
    pub source: Source,
    /// `org_name`: who reports.
    pub org_name: Option<Value>,
    /// `email`: whom to ask about it.
    pub email: Option<Value>,
    /// `report_id`.
    pub report_id: Option<Value>,
    /// `date_range`: when it begins.
    pub begin: Option<Timestamp>,
    /// `date_range`: when it ends.
    pub end: Option<Timestamp>,
    /// Where the date range stands in the XML.
    pub date_range: Span,
    /// `policy_published`.
    pub published: Published,
    /// `record`, each a source of mail.
    pub records: Vec<Record>,
    /// What is wrong with the file; of its markup the first hundred things.
    pub defects: Vec<Defect>,
    /// How much more is wrong with its markup.
    pub more_defects: usize,
    /// Prefixes of namespaces behind the first hundred (RFC 9990 appendix A). Elements with one of them count as the report's.
    pub more_prefixes: usize,
}

/// `policy_published`: the policy that the receiver found.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><policy_published>
///     <domain>example.com</domain><p>reject</p><testing>y</testing>
///     <discovery_method>treewalk</discovery_method></policy_published></feedback>");
/// let published = &report.published;
/// // The receiver saw `p=reject; t=y`, and found it as RFC 9989 says.
/// assert!(published.p.as_ref().unwrap().is("reject") && published.testing.as_ref().unwrap().is("y"));
/// assert!(published.discovery_method.as_ref().unwrap().is("treewalk"));
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Published {
    /// `domain`: where the record was found.
    pub domain: Option<Value>,
    /// `p`.
    pub p: Option<Value>,
    /// `sp`.
    pub sp: Option<Value>,
    /// `np` (RFC 9990).
    pub np: Option<Value>,
    /// `adkim`.
    pub adkim: Option<Value>,
    /// `aspf`.
    pub aspf: Option<Value>,
    /// `fo`.
    pub fo: Option<Value>,
    /// `testing`: the `t` tag (RFC 9990).
    pub testing: Option<Value>,
    /// `discovery_method`: `psl` or `treewalk` (RFC 9990).
    pub discovery_method: Option<Value>,
}

/// `record`: messages from one source that had one result.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><record><row><source_ip>192.0.2.1</source_ip><count>7</count>
///       <policy_evaluated><disposition>quarantine</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated>
///     </row><identifiers><header_from>example.com</header_from></identifiers></record></feedback>");
/// let record = &report.records[0];
/// assert_eq!((record.source_ip, record.count), ("192.0.2.1".parse().ok(), 7));
/// assert!(!record.passes() && record.disposition.as_ref().unwrap().is("quarantine"));
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// `source_ip`, if it is an address.
    pub source_ip: Option<IpAddr>,
    /// `count`: messages.
    pub count: u64,
    /// `disposition`: what was done with them.
    pub disposition: Option<Value>,
    /// `policy_evaluated/dkim`: the aligned result.
    pub aligned_dkim: Option<Value>,
    /// `policy_evaluated/spf`: the aligned result.
    pub aligned_spf: Option<Value>,
    /// `reason`: why something else was done than the policy asks for.
    pub reasons: Vec<Reason>,
    /// `header_from`: the Author Domain.
    pub header_from: Option<Value>,
    /// `envelope_from`: the domain of MAIL FROM; empty for the null sender.
    pub envelope_from: Option<Value>,
    /// `envelope_to`: the domain of the recipient.
    pub envelope_to: Option<Value>,
    /// `auth_results/dkim`.
    pub dkim: Vec<DkimResult>,
    /// `auth_results/spf`. RFC 7489 allowed several.
    pub spf: Vec<SpfResult>,
}

/// `reason`: why something else was done than the policy asks for.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><record><row><policy_evaluated><disposition>none</disposition>
///     <dkim>fail</dkim><spf>fail</spf><reason><type>mailing_list</type><comment>list.example</comment></reason>
///   </policy_evaluated></row></record></feedback>");
/// // It failed, and was delivered all the same: the receiver knows the list.
/// let reason = &report.records[0].reasons[0];
/// assert!(reason.kind.as_ref().unwrap().is("mailing_list"));
/// assert_eq!(reason.comment.as_ref().unwrap().text, "list.example");
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reason {
    /// `type`.
    pub kind: Option<Value>,
    /// `comment`.
    pub comment: Option<Value>,
}

/// `auth_results/dkim`: a signature.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><record><auth_results><dkim>
///     <domain>esp.example</domain><selector>s1</selector><result>pass</result>
///   </dkim></auth_results></record></feedback>");
/// let signature = &report.records[0].dkim[0];
/// assert_eq!(signature.domain.as_ref().unwrap().text, "esp.example");
/// assert!(signature.result.as_ref().unwrap().is("pass"));
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct DkimResult {
    /// Where the element stands in the XML.
    pub span: Span,
    /// `d=`.
    pub domain: Option<Value>,
    /// `s=`.
    pub selector: Option<Value>,
    /// The result.
    pub result: Option<Value>,
}

/// `auth_results/spf`.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let report = Report::read(b"<feedback><record><auth_results><spf>
///     <domain>bounce.esp.example</domain><scope>mfrom</scope><result>softfail</result>
///   </spf></auth_results></record></feedback>");
/// let spf = &report.records[0].spf[0];
/// assert_eq!(spf.domain.as_ref().unwrap().text, "bounce.esp.example");
/// assert!(spf.scope.as_ref().unwrap().is("mfrom") && spf.result.as_ref().unwrap().is("softfail"));
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SpfResult {
    /// The domain that was checked.
    pub domain: Option<Value>,
    /// `mfrom`, or `helo` in older reports.
    pub scope: Option<Value>,
    /// The result.
    pub result: Option<Value>,
}

/// Something wrong with the file.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::{DefectKind, Report};
///
/// let report = Report::read(b"<!DOCTYPE feedback><feedback><record><row><count>7</count></row></record></feedback>");
/// let defect = report.defects[0];
/// assert_eq!(defect.kind, DefectKind::Doctype);
/// assert_eq!(&report.source.text()[defect.span], "<!DOCTYPE feedback>");
/// // The figures are read all the same.
/// assert_eq!(report.messages(), 7);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Defect {
    /// Where it stands in the XML; empty at the start for the packing.
    pub span: Span,
    /// What.
    pub kind: DefectKind,
}

/// What can be wrong with the file.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::{DefectKind, Report};
///
/// let kinds = |file: &[u8]| Report::read(file).defects.iter().map(|defect| defect.kind).collect::<Vec<_>>();
/// assert_eq!(kinds(b"<html>Please log in.</html>"), [DefectKind::NoReport]);
/// // The mail was cut off before the end of its attachment.
/// assert_eq!(kinds(b"<feedback><record><row><count>7</count>"), [DefectKind::Nesting]);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DefectKind {
    /// There is no `feedback` element in it.
    NoReport,
    /// The gzip or zip file is damaged or ends too early.
    Packing,
    /// It is larger than [`MAX_OCTETS`](super::MAX_OCTETS) when unpacked; the rest was not read.
    TooLarge,
    /// Octets that are not in its character encoding.
    Encoding,
    /// It has a document type declaration, which attackers use and reports do not need.
    Doctype,
    /// An element ends that is not open, or is not closed.
    Nesting,
    /// The markup is broken, and was not read further.
    Markup,
    /// A `count` is missing, or no number of messages; its messages are counted as none. Only the first one is listed.
    Count,
    /// There is more than one report in the file or mail; only the first was read.
    MoreReports,
}

/// Prefixes that are known: a report has one or two. Elements with one behind them count as the report's, which is told.
pub(super) const MAX_PREFIXES: usize = 100;

impl Value {
    /// Whether it is `word`. Older reports write words in either case.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

impl Report {
    /// How many messages it is about.
    pub fn messages(&self) -> u64 {
        self.records.iter().fold(0, |sum, record| sum.saturating_add(record.count))
    }

    /// How many messages passed DMARC.
    pub fn passed(&self) -> u64 {
        let passed = self.records.iter().filter(|record| record.passes());
        passed.fold(0, |sum, record| sum.saturating_add(record.count))
    }

    /// Whether a report was found in the file: a `feedback` element that says anything.
    pub fn is_report(&self) -> bool {
        let is_told = self.org_name.is_some() || self.report_id.is_some() || self.begin.is_some();
        let is_empty = !is_told && self.published.domain.is_none() && self.records.is_empty();
        !is_empty && self.has_feedback()
    }

    /// Whether a `feedback` element was found in the file, if only an empty one.
    pub(super) fn has_feedback(&self) -> bool {
        !self.defects.iter().any(|defect| defect.kind == DefectKind::NoReport)
    }

    /// Whether the file can be read to its end without guessing: a tolerant reader goes on behind what is no XML, a strict one does not.
    ///
    /// ```
    /// # #[cfg(feature = "xml")] {
    /// use mailproof::aggregate::Report;
    ///
    /// let cut = Report::read(b"<feedback><report_metadata><org_name>Receiver</org_name>");
    /// assert!(cut.is_report() && !cut.is_well_formed());
    /// # }
    /// ```
    pub fn is_well_formed(&self) -> bool {
        self.defects.iter().all(|defect| matches!(defect.kind, DefectKind::MoreReports | DefectKind::Count))
    }
}

impl Record {
    /// Whether its messages passed DMARC: DKIM or SPF passed and was aligned.
    pub fn passes(&self) -> bool {
        [&self.aligned_dkim, &self.aligned_spf].into_iter().flatten().any(|result| result.is("pass"))
    }
}
