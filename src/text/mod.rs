//! Words for texts that are shown to people: where something stands ([`Span`]) and in what ([`Source`]).

mod latin;
mod short;
mod source;
mod span;
mod unicode;
mod utf16;
mod visible;

pub(crate) use latin::{iso_8859_15, to_windows_1252, windows_1252};
pub(crate) use short::short;
pub use source::{CharacterString, Source};
pub use span::{Span, Spanned};
pub(crate) use unicode::{composed, lowercase, to_ascii, to_unicode};
pub(crate) use utf16::Utf16;
pub use visible::Visible;
pub(crate) use visible::{Cell, Safe, is_invisible, is_no_text, is_zero_width};
