//! Sets of addresses as ranges that do not touch, in order.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};

/// First and last address of a range, as numbers.
pub(super) type Range = (u128, u128);

/// A set of addresses of one family. Ranges that meet become one, so a hostile record cannot make it large twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(BTreeMap<u128, u128>);

impl Ranges {
    /// The parts of `range` that are not in the set.
    pub(super) fn missing(&self, (start, end): Range) -> Vec<Range> {
        let mut out = Vec::new();
        let mut at = start;
        let before = self.0.range(..=start).next_back().filter(|(_, last)| **last >= start);
        let first = before.map_or(start, |(&first, _)| first);
        for (&from, &to) in self.0.range(first..=end) {
            if from > at {
                out.push((at, from - 1));
            }
            match to.checked_add(1) {
                Some(next) => at = at.max(next),
                None => return out,
            }
        }
        if at <= end {
            out.push((at, end));
        }
        out
    }

    /// Adds a range.
    pub(super) fn insert(&mut self, (mut start, mut end): Range) {
        if let Some((&from, &to)) = self.0.range(..=start).next_back()
            && to.saturating_add(1) >= start
        {
            start = from;
            end = end.max(to);
        }
        while let Some((&from, &to)) = self.0.range(start..=end.saturating_add(1)).next() {
            self.0.remove(&from);
            end = end.max(to);
        }
        self.0.insert(start, end);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Range> {
        self.0.iter().map(|(&start, &end)| (start, end))
    }

    /// How many addresses; 2^128 counts as one less.
    pub(super) fn count(&self) -> u128 {
        self.iter().fold(0, |sum: u128, (start, end)| sum.saturating_add((end - start).saturating_add(1)))
    }

    /// The fewest networks that make up the set of IPv4 addresses.
    pub(super) fn ipv4_networks(&self) -> Vec<Ipv4Net> {
        let address = |number: u128| Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX));
        self.iter().flat_map(|(start, end)| Ipv4Subnets::new(address(start), address(end), 0)).collect()
    }

    /// The fewest networks that make up the set of IPv6 addresses.
    pub(super) fn ipv6_networks(&self) -> Vec<Ipv6Net> {
        self.iter()
            .flat_map(|(start, end)| Ipv6Subnets::new(Ipv6Addr::from_bits(start), Ipv6Addr::from_bits(end), 0))
            .collect()
    }
}

/// A value for each of the two families.
#[derive(Clone, Debug, Default)]
pub(super) struct Families<T> {
    pub(super) ipv4: T,
    pub(super) ipv6: T,
}

impl<T> Families<T> {
    pub(super) fn of(&self, network: &IpNet) -> &T {
        if matches!(network, IpNet::V4(_)) { &self.ipv4 } else { &self.ipv6 }
    }

    pub(super) fn of_mut(&mut self, network: &IpNet) -> &mut T {
        if matches!(network, IpNet::V4(_)) { &mut self.ipv4 } else { &mut self.ipv6 }
    }
}

/// The range of a network.
pub(super) fn range(network: &IpNet) -> Range {
    (number(network.network()), number(network.broadcast()))
}

/// An address as a number.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_meet_become_one() {
        let mut set = Ranges::default();
        for range in [(10, 19), (30, 39), (20, 25), (50, 60), (5, 9), (26, 29), (41, 49)] {
            set.insert(range);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [(5, 39), (41, 60)]);
        assert_eq!(set.missing((0, 70)), [(0, 4), (40, 40), (61, 70)]);
        assert_eq!(set.missing((7, 20)), []);
        assert_eq!(set.missing((39, 41)), [(40, 40)]);
        assert_eq!(set.count(), 55);
        set.insert((0, u128::MAX));
        assert_eq!(set.missing((3, u128::MAX)), []);
        assert_eq!(set.count(), u128::MAX);
    }

    #[test]
    fn the_fewest_networks() {
        let mut set = Ranges::default();
        for network in ["192.0.2.0/25", "192.0.2.128/26", "192.0.2.192/26", "192.0.3.1/32"] {
            set.insert(range(&network.parse().unwrap()));
        }
        let networks: Vec<String> = set.ipv4_networks().iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["192.0.2.0/24", "192.0.3.1/32"]);
    }
}
