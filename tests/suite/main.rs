//! Everything that needs no network, in one binary.
#![allow(unreachable_pub, clippy::print_stderr)]

mod codes;
mod face;
mod fixes;
mod layers;
mod oracle;
mod pages;
mod random_zone;
mod replay;
mod reports;
mod rfc7208;
mod world;
