//! What relays, lists and gateways do to mail. Each way is a function that answers `None` where it does not apply.

mod coding;
mod header;
mod lines;
mod several;
mod text;
mod values;

use crate::mail::Mail;

/// One way to alter a signed message.
pub(crate) type Way = fn(&Mail) -> Option<Mail>;

/// Alterations of one kind.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) ways: &'static [Way],
}

const fn kind(name: &'static str, ways: &'static [Way]) -> Kind {
    Kind { name, ways }
}

/// One thing at a time.
pub(crate) fn single() -> Vec<Kind> {
    [text::KINDS, lines::KINDS, coding::KINDS, header::KINDS, values::KINDS].into_iter().flatten().map(copied).collect()
}

/// Several things at once.
pub(crate) fn several() -> Vec<Kind> {
    several::KINDS.iter().map(copied).collect()
}

fn copied(kind: &Kind) -> Kind {
    Kind { ..*kind }
}
