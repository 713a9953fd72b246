//! Whether two domains have one owner, as far as names tell.

use crate::Name;
use crate::dmarc::{PublicSuffixes, Section};
use crate::message::diagnose::Input;

/// Compares the owners of domains by the Public Suffix List.
#[derive(Clone, Copy)]
pub(in super::super) struct Owners<'a>(Option<&'a PublicSuffixes>);

impl<'a> Owners<'a> {
    pub(in super::super) fn of(input: &'a Input<'_>) -> Self {
        Self(input.suffixes.as_ref())
    }

    /// The domain that somebody registered. Without a list, the last two labels.
    pub(in super::super) fn registrable(self, name: &Name) -> Name {
        match self.0 {
            Some(suffixes) => suffixes.org_domain(name, Section::All).unwrap_or_else(|| name.clone()),
            None => name.suffix(2),
        }
    }

    pub(in super::super) fn same(self, a: &Name, b: &Name) -> bool {
        a == b || self.registrable(a) == self.registrable(b)
    }
}
