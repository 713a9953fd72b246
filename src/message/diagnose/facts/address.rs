//! Addresses out of fields and answers.

use std::net::IpAddr;

use crate::Name;
use crate::dns::{Answer, Records};
use crate::message::AddressList;

/// The first address of a field's body.
pub(in super::super) fn first_address(body: &str) -> Option<String> {
    AddressList::parse(body).mailboxes().next().map(|mailbox| mailbox.address.clone())
}

/// The addresses in an answer.
pub(in super::super) fn addresses(answer: &Answer) -> Vec<IpAddr> {
    match answer.records() {
        Some(Records::A(list)) => list.iter().copied().map(IpAddr::V4).collect(),
        Some(Records::Aaaa(list)) => list.iter().copied().map(IpAddr::V6).collect(),
        _ => Vec::new(),
    }
}

/// The mail exchanges in an answer.
pub(in super::super) fn exchanges(answer: &Answer) -> impl Iterator<Item = &Name> {
    let list = match answer.records() {
        Some(Records::Mx(list)) => list.as_slice(),
        _ => &[],
    };
    list.iter().map(|mx| &mx.exchange)
}
