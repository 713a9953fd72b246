//! What a zone text holds, entry by entry.

use std::ops::Range;

use crate::Name;
use crate::dns::{Failure, RecordType, Records};
use crate::text::Span;

/// One entry of a zone text.
///
/// ```
/// use mailproof::resolver::Zone;
///
/// let text = "$ORIGIN example.com.\n@       300 MX 10 mail\n_dmarc      TXT \"v=DMARC1; p=reject\"\n";
/// let zone = Zone::parse(text)?;
/// let dmarc = zone.entries().iter().find(|entry| entry.name == "_dmarc.example.com").unwrap();
/// assert_eq!((dmarc.line, dmarc.columns.start), (3, 1));
/// assert_eq!(&text[dmarc.span], "_dmarc      TXT \"v=DMARC1; p=reject\"");
/// # Ok::<(), mailproof::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The owner.
    pub name: Name,
    /// What it says about the owner.
    pub data: Data,
    /// Its TTL in seconds: its own, that of `$TTL`, or the last one stated above.
    pub ttl: Option<u32>,
    /// The line of its first word, counted from 1.
    pub line: u32,
    /// The columns that it takes on that line, in characters counted from 1; the end is one past the last.
    pub columns: Range<u32>,
    /// Its bytes in the text, from its first word to its last.
    pub span: Span,
}

/// What an entry says about its owner.
///
/// ```
/// use mailproof::dns::{RecordType, Records};
/// use mailproof::resolver::{Zone, zone::{Data, Mark}};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 -all\"\nexample.com. LOC 0 N 0 E 0m\nexample.com. NXDOMAIN MX")?;
/// let [spf, place, mark] = zone.entries() else { panic!() };
/// assert!(matches!(&spf.data, Data::Record(Records::Txt(texts)) if texts[0].text() == "v=spf1 -all"));
/// assert_eq!(place.data, Data::Other("LOC".into()));
/// assert_eq!(mark.data, Data::Mark(Mark::NxDomain, Some(RecordType::Mx)));
/// # Ok::<(), mailproof::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// One record.
    Record(Records),
    /// A record of a type that mail authentication never asks for, by its mnemonic; its data are not kept.
    Other(Box<str>),
    /// A mark, and the type that it is limited to.
    Mark(Mark, Option<RecordType>),
}

/// An answer without records that a zone is told to give.
///
/// ```
/// use mailproof::dns::{Failure, Snapshot};
/// use mailproof::resolver::{Zone, drive_sync, zone::{Data, Mark}};
/// use mailproof::{Timestamp, spf};
///
/// // What becomes of the mail if the servers of the included domain are down?
/// let zone = Zone::parse("example.com. TXT \"v=spf1 include:esp.example -all\"\nesp.example. SERVFAIL")?;
/// assert_eq!(zone.entries()[1].data, Data::Mark(Mark::Failure(Failure::ServFail), None));
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let outcome =
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// assert_eq!(outcome.result, spf::SpfResult::Temperror);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mark {
    /// No answer can be had.
    Failure(Failure),
    /// The name does not exist, nor does any wildcard apply to it or to a name below it.
    NxDomain,
}

impl From<Failure> for Mark {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}
