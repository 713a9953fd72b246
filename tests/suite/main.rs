//! Everything that needs no network, in one binary.

mod codes;
mod face;
mod fixes;
mod oracle;
mod pages;
mod random_zone;
mod replay;
mod reports;
mod rfc7208;
mod world;
