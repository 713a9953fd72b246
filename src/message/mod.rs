//! Messages: their header fields and what can be told from them.

mod address_list;
#[cfg(test)]
mod address_list_tests;
pub(crate) mod confusable;
mod encoded_word;
pub(crate) mod find_address;
pub(crate) mod rules;
mod tokens;

pub use address_list::{Address, AddressList, Flaw, FlawKind, Group, NameAddr};
pub(crate) use encoded_word::base64;
pub use encoded_word::decode_words;
