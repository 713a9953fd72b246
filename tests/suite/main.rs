//! Everything that needs no network, in one binary.

mod codes;
mod face;
mod fixes;
mod pages;
mod replay;
mod reports;
mod rfc7208;
mod world;
