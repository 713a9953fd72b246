//! The counters of RFC 7208 §4.6.4.

use std::ops::{Add, AddAssign};

/// The two counters of §4.6.4.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 a:old.example mx ip4:192.0.2.0/24 -all"
/// d.example. MX 10 mail.d.example.
/// mail.d.example. A 192.0.2.25
/// mail.d.example. AAAA 2001:db8::25
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// assert_eq!(tree.counts.lookups, 2, "of ten");
/// assert_eq!(tree.counts.voids.worst(), 1, "of two: `old.example` does not exist");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Counts {
    /// Terms that query the DNS; ten are allowed.
    pub lookups: usize,
    /// Look-ups that find nothing; two are allowed.
    pub voids: Voids,
}

/// Void look-ups, which depend on the client's address family: `a` asks for A or for AAAA.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 a:web.d.example -all"
/// web.d.example. A 192.0.2.80
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// // `a` asks for AAAA when the client has an IPv6 address, and the server has none.
/// assert_eq!((tree.counts.voids.ipv4, tree.counts.voids.ipv6), (0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Voids {
    /// For a client with an IPv4 address.
    pub ipv4: usize,
    /// For a client with an IPv6 address.
    pub ipv6: usize,
}

impl Voids {
    /// The greater of the two.
    ///
    /// ```
    /// use mailproof::spf::tree::Voids;
    ///
    /// assert_eq!(Voids { ipv4: 1, ipv6: 3 }.worst(), 3);
    /// ```
    pub fn worst(self) -> usize {
        self.ipv4.max(self.ipv6)
    }

    /// One for each family that is set.
    pub(super) fn one(ipv4: bool, ipv6: bool) -> Self {
        Self { ipv4: usize::from(ipv4), ipv6: usize::from(ipv6) }
    }
}

impl Add for Voids {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { ipv4: self.ipv4 + other.ipv4, ipv6: self.ipv6 + other.ipv6 }
    }
}

impl AddAssign for Voids {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
