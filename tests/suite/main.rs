//! Everything that needs no network, in one binary.

mod face;
mod layers;
mod oracle;
mod random_zone;
mod replay;
mod reports;
mod rfc7208;
mod world;
