//! DMARC aggregate reports (RFC 9990 §3, and those of RFC 7489): what receivers saw of a domain's mail, read from XML, gzip,
//! zip, or the mail that brought it.
//!
//! Reports come from programs of every age, so reading never fails: [`Report::read`] keeps what can be read and lists what is
//! wrong as [`Defect`]s, and [`lint`] tells it, together with what the figures mean for the domain.
//!
//! ```
//! # #[cfg(feature = "xml")] {
//! use mailproof::aggregate::{Report, lint};
//!
//! let report = Report::read(b"<feedback><report_metadata><org_name>Receiver</org_name><email>d@receiver.example</email>
//!     <report_id>1</report_id><date_range><begin>0</begin><end>86399</end></date_range></report_metadata>
//!   <policy_published><domain>d.example</domain><p>none</p></policy_published>
//!   <record><row><source_ip>192.0.2.1</source_ip><count>7</count><policy_evaluated><disposition>none</disposition>
//!     <dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>d.example</header_from></identifiers>
//!     <auth_results><dkim><domain>esp.example</domain><selector>s1</selector><result>pass</result></dkim></auth_results>
//!   </record></feedback>");
//! assert_eq!((report.messages(), report.passed()), (7, 0));
//! let found = &lint(&report)[0];
//! assert_eq!(found.code, "agg-dkim-pass-unaligned");
//! assert!(found.message().starts_with("7 messages from `d.example` pass DKIM as `esp.example`"));
//! # }
//! ```

#[cfg(feature = "xml")]
mod decode;
#[cfg(feature = "xml")]
mod extensions;
mod lines;
#[cfg(feature = "xml")]
mod read;
mod report;
pub(crate) mod rules;
#[cfg(feature = "xml")]
mod unpack;
#[cfg(feature = "xml")]
mod zip;

pub use report::{Defect, DefectKind, DkimResult, Published, Reason, Record, Report, SpfResult, Value};
pub use rules::lint;

/// Octets of XML that are read. Reports of large receivers have some megabytes; what unpacks to more is an attack
/// (RFC 9990 §8.1).
pub const MAX_OCTETS: usize = 64 << 20;
