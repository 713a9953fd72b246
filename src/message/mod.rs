//! Messages: their header fields with offsets, where the body starts, and what can be told from them.

mod address_list;
mod auth_results;
pub(crate) mod confusable;
mod encoded_word;
mod fields;
pub(crate) mod find_address;
pub(crate) mod mime;
pub(crate) mod rules;
mod tokens;

pub use address_list::{Address, AddressList, Flaw, FlawKind, Group, NameAddr};
pub use auth_results::{
    AuthResults, Fault, FaultKind, MethodResult, NewProperty, NewResult, Property, Value, write as write_auth_results,
};
pub(crate) use encoded_word::base64;
pub use encoded_word::decode_words;
pub use fields::{Defect, DefectKind, Field, Limits, LineEnds, MAX_LINE, Message};
