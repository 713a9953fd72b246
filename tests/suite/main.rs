//! Everything that needs no network, in one binary.

mod replay;
mod rfc7208;
mod world;
