//! The fewest networks that hold the same addresses.

use ipnet::IpNet;

use crate::order::sort_by;

/// The fewest networks with the addresses of `networks`, in order: what `IpNet::aggregate` gives, without a sort of its own for each family
/// (see [`crate::order`]).
pub(in crate::spf) fn united(networks: impl Iterator<Item = IpNet>) -> Vec<IpNet> {
    let mut networks: Vec<IpNet> = networks.map(|network| network.trunc()).collect();
    // What contains a network comes before it.
    sort_by(&mut networks, Ord::cmp);
    let mut united: Vec<IpNet> = Vec::new();
    for network in networks {
        if united.last().is_some_and(|last| last.contains(&network)) {
            continue;
        }
        united.push(network);
        while let [.., low, high] = united[..]
            && let Some(both) =
                low.supernet().filter(|both| low.prefix_len() == high.prefix_len() && both.contains(&high))
        {
            united.truncate(united.len() - 2);
            united.push(both);
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::prelude::*;

    use super::*;

    fn network() -> impl Strategy<Value = IpNet> {
        let v4 = (0..8u32, 0..3u32, 0..=32u8)
            .prop_map(|(high, low, length)| IpNet::from(Ipv4Net::new_assert(Ipv4Addr::from(high << 29 | low), length)));
        let v6 = (0..8u128, 0..3u128, 0..=128u8).prop_map(|(high, low, length)| {
            IpNet::from(Ipv6Net::new_assert(Ipv6Addr::from(high << 125 | low), length))
        });
        prop_oneof![v4, v6]
    }

    proptest! {
        #[test]
        fn as_ipnet_does(networks in proptest::collection::vec(network(), 0..40)) {
            prop_assert_eq!(united(networks.iter().copied()), IpNet::aggregate(&networks));
        }
    }
}
