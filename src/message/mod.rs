//! A message as it lies on the wire: header fields with their offsets, and where the body starts.

mod fields;

pub use fields::{Defect, DefectKind, Field, Limits, LineEnds, MAX_LINE, Message};
