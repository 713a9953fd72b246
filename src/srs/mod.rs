//! SRS, the Sender Rewriting Scheme: how forwarders write their own domain into the reverse-path so that SPF passes, and
//! send bounces back all the same.
//!
//! SRS repairs SPF, not DMARC: the forwarder's domain does not align with From.
//!
//! [`Address`] reads an address and [`Dialect`] knows those of other schemes; [`Srs`] rewrites and reverses, in the way of
//! Mail::SRS, libsrs2, postsrsd and pysrs; [`lint`] tells what is to be known about an address.

mod address;
mod dialect;
mod form;
mod outcome;
#[cfg(feature = "crypto")]
mod part;
#[cfg(feature = "crypto")]
mod reverse;
#[cfg(feature = "crypto")]
mod rewrite;
pub(crate) mod rules;
#[cfg(feature = "crypto")]
mod secret;
#[cfg(feature = "crypto")]
mod settings;
mod stamp;
#[cfg(all(test, feature = "crypto"))]
mod tests;

pub use address::Address;
pub use dialect::Dialect;
pub use form::{Field, Form, Inner, Malformed, Srs0, Srs1};
pub use outcome::{Caution, ForwardError, Forwarded, ReverseError, Reversed, Unchanged};
#[cfg(feature = "crypto")]
pub use rewrite::Srs;
pub use rules::{DomainFacts, Place, Surroundings, lint};
#[cfg(feature = "crypto")]
pub use secret::{MAX_HASH, Secret};
#[cfg(feature = "crypto")]
pub use settings::{Alphabet, LocalDomain, Separator, Settings};
pub use stamp::{PERIOD_DAYS, Stamp};
