//! Messages: their header fields with offsets, where the body starts, and what can be told from them.

mod address_list;
mod auth_results;
pub(crate) mod confusable;
pub(crate) mod date;
#[cfg(feature = "crypto")]
pub mod diagnose;
mod encoded_word;
mod fields;
pub(crate) mod find_address;
mod lint;
pub(crate) mod mime;
pub(crate) mod providers;
mod received;
pub(crate) mod rules;
mod tokens;

pub use address_list::{Address, AddressList, Flaw, FlawKind, Group, NameAddr};
pub use auth_results::{
    AuthResults, Fault, FaultKind, MethodResult, NewProperty, NewResult, Property, Value, write as write_auth_results,
};
pub use date::parse_date;
#[cfg(feature = "crypto")]
pub use diagnose::diagnose;
pub(crate) use encoded_word::base64;
pub use encoded_word::decode_words;
pub use fields::{Defect, DefectKind, Field, Limits, LineEnds, MAX_FIELDS, MAX_HEADER, MAX_LINE, Message};
pub use lint::{LintOptions, Verdict, lint};
#[cfg(feature = "crypto")]
pub(crate) use received::MAX_HOPS;
pub use received::{Hop, Parts, Path, Received};
