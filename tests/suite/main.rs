//! Everything that needs no network, in one binary.
#![allow(unreachable_pub, clippy::print_stderr)]

mod codes;
mod dkim_pages;
mod dmarc_model;
mod dmarc_oracle;
mod dmarc_replay;
mod dmarc_rfc9989;
mod dmarc_world;
mod face;
mod fixes;
mod layers;
mod oracle;
mod pages;
mod random_zone;
mod replay;
mod reports;
mod rfc7208;
#[path = "../../src/shared.rs"]
mod shared;
mod world;
