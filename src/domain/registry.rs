//! Where names are registered, by the Public Suffix List; without it nothing is known.

use crate::Name;

/// Whether others register names below this one.
pub(super) fn is_public_suffix(name: &Name) -> bool {
    #[cfg(feature = "psl")]
    return registrable(name).is_none();
    #[cfg(not(feature = "psl"))]
    return name.label_count() == 1;
}

/// Whether this very name is what was registered, so that a zone begins at it.
pub(super) fn is_registrable(name: &Name) -> bool {
    #[cfg(feature = "psl")]
    return registrable(name).as_ref() == Some(name);
    #[cfg(not(feature = "psl"))]
    return name.label_count() == 0;
}

#[cfg(feature = "psl")]
fn registrable(name: &Name) -> Option<Name> {
    use crate::dmarc::{PublicSuffixes, Section};
    // What providers hand out below their own domains is no zone.
    PublicSuffixes::built_in().org_domain(name, Section::Icann)
}
