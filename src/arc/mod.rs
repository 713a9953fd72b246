//! Authenticated Received Chain (RFC 8617): validated and shown, never taken as authentication of the author.

#[cfg(feature = "crypto")]
pub mod explain;
mod fields;
#[cfg(feature = "crypto")]
mod outcome;
#[cfg(feature = "crypto")]
pub(crate) mod rules;
#[cfg(feature = "crypto")]
mod seal;
mod set;
#[cfg(all(test, feature = "crypto"))]
mod tests;
#[cfg(feature = "crypto")]
mod verify;

pub use fields::{AuthenticationResults, FieldKind, MAX_SETS, MessageSignature, Seal, Validation};
#[cfg(feature = "crypto")]
pub use outcome::{ArcResult, Cause, Check, CheckProblem, Outcome, SetOutcome};
#[cfg(feature = "crypto")]
pub use rules::{Known, findings};
#[cfg(feature = "crypto")]
pub use seal::{Headers, SealError, Sealer, seal};
pub use set::{Chain, Defect, DefectKind, Set};
#[cfg(feature = "crypto")]
pub use verify::{Options, verdict, verify, verify_with};
