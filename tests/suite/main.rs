//! Everything that needs no network, in one binary.
#![allow(unreachable_pub, clippy::print_stderr)]

mod attacks;
mod bounces;
mod codes;
mod damaged;
mod diagnose_replay;
mod dkim_pages;
mod dmarc_model;
mod dmarc_oracle;
mod dmarc_replay;
mod dmarc_rfc9989;
mod dmarc_world;
mod espoofer;
mod examples;
mod face;
mod fixes;
mod headlines;
mod layers;
mod limits;
mod linear;
#[cfg(feature = "mail-auth")]
mod mail_auth_caches;
#[cfg(feature = "mail-auth")]
mod mail_auth_cases;
mod mending;
#[cfg(feature = "crypto")]
mod messages;
mod oracle;
mod pages;
mod pasted;
mod random_zone;
mod replay;
mod reports;
mod rfc7208;
mod rfc7208_macros;
mod sarif;
mod schema;
mod schema_cases;
#[path = "../../src/shared.rs"]
mod shared;
#[path = "../support/mod.rs"]
mod support;
mod world;
#[path = "../../examples/conformance/zone.rs"]
mod zone;

use oracle::support::caches;

/// Octets that a case writes as characters; the zone module looks for it here.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}
