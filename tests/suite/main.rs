//! Everything that needs no network, in one binary.

mod oracle;
mod replay;
mod rfc7208;
mod world;
