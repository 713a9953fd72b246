//! Messages: their header fields and what can be told from them.

mod address_list;
#[cfg(test)]
mod address_list_tests;
mod encoded_word;
mod tokens;

pub use address_list::{Address, AddressList, Flaw, FlawKind, Group, NameAddr};
pub use encoded_word::decode_words;
