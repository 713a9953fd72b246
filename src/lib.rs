//! mailproof
pub mod arc;
pub mod dkim;
pub mod dns;
pub mod finding;
pub mod mailbox;
pub mod message;
pub mod name;
pub mod report;
pub mod resolver;
pub mod tag_list;
pub mod text;
mod time;

pub use mailbox::Mailbox;
pub use name::Name;
pub use time::Timestamp;

/// Every rule there is.
pub fn rules() -> impl Iterator<Item = &'static finding::Rule> {
    [spf::rules::ALL].into_iter().flatten().flat_map(|rules| rules.iter().copied())
}
pub mod spf;

/// The README's program is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
