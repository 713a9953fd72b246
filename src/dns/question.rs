//! A name and a type.

use std::fmt;
use std::str::FromStr;

use crate::Name;

/// A DNS question (RFC 1035 §4.1.2), class IN.
///
/// ```
/// use mailproof::{dns::{Question, RecordType, Snapshot, Step}, dmarc};
///
/// // The first thing that a receiver asks about the domain in From.
/// let Step::Ask(questions) = dmarc::discover(&Snapshot::new(), &"example.com".parse()?) else { panic!() };
/// assert_eq!(questions[0], Question::new("_dmarc.example.com".parse()?, RecordType::Txt));
/// assert_eq!(questions[0].to_string(), "_dmarc.example.com TXT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Question {
    /// The name asked about.
    pub name: Name,
    /// The type of record wanted.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub record_type: RecordType,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Question, RecordType};
    use crate::reading::{Fault, Field, Needed, Read, Tree, deserialize, reads_words};

    impl Read for Question {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let mut name = Needed(None);
            let mut record_type = Needed(None);
            tree.fill(
                false,
                &mut [
                    Field { names: "name", needed: true, place: &mut name },
                    Field { names: "type", needed: true, place: &mut record_type },
                ],
            )?;
            Ok(Self { name: name.take("name")?, record_type: record_type.take("type")? })
        }
    }
    deserialize!(Question);
    reads_words!(RecordType);
}

impl Question {
    /// The question for `record_type` at `name`.
    pub fn new(name: Name, record_type: RecordType) -> Self {
        Self { name, record_type }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.record_type)
    }
}

macro_rules! record_types {
    ($($(#[$doc:meta])+ $variant:ident $text:literal $number:literal;)+) => {
        /// A type of DNS record that mail authentication asks for.
        ///
        /// ```
        /// use mailproof::dns::RecordType;
        ///
        /// assert_eq!("txt".parse(), Ok(RecordType::Txt));
        /// // The type that SPF records once had as their own; receivers look at TXT only.
        /// assert_eq!((RecordType::Spf.as_str(), RecordType::Spf.number()), ("SPF", 99));
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum RecordType {
            $($(#[$doc])+ #[cfg_attr(feature = "serde", serde(rename = $text))] $variant,)+
        }

        impl RecordType {
            /// Every type, in the order of their mnemonics.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The mnemonic, as in a zone file.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The number that IANA assigned.
            pub fn number(self) -> u16 {
                match self { $(Self::$variant => $number),+ }
            }
        }
    };
}

record_types! {
    /// IPv4 address.
    A "A" 1;
    /// IPv6 address.
    Aaaa "AAAA" 28;
    /// Alias of another name.
    Cname "CNAME" 5;
    /// Mail exchange.
    Mx "MX" 15;
    /// Name server.
    Ns "NS" 2;
    /// Name of an address.
    Ptr "PTR" 12;
    /// Start of a zone of authority.
    Soa "SOA" 6;
    /// The obsolete SPF type (RFC 7208 §3.1): lints look at it, evaluators never.
    Spf "SPF" 99;
    /// TLS certificate association (DANE).
    Tlsa "TLSA" 52;
    /// Text.
    Txt "TXT" 16;
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not the mnemonic of a known record type.
///
/// ```
/// use mailproof::dns::RecordType;
///
/// let error = "DMARC".parse::<RecordType>().unwrap_err();
/// assert_eq!(error.to_string(), "`DMARC` is not a record type known here", "it is published as TXT");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a record type known here")]
pub struct UnknownType(String);

impl FromStr for RecordType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let found = Self::ALL.iter().find(|t| t.as_str().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| UnknownType(text.to_owned()))
    }
}
