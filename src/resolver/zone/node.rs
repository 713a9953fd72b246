//! The records that stand at one name.

use std::collections::HashSet;
use std::hash::Hash;

use super::Mark;
use crate::dns::{RecordType, Records};

/// What stands at one name. It exists even if nothing does.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// One for each type.
    pub(super) sets: Vec<Set>,
    /// By the type they are limited to; each at most once.
    pub(super) marks: Vec<(Option<RecordType>, Mark)>,
    /// Whether it is more than an ancestor of other names.
    pub(super) written: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) records: Records,
    /// The lowest of the records' TTLs (RFC 2181 §5.2).
    pub(super) ttl: Option<u32>,
}

impl Node {
    pub(super) fn add(&mut self, records: Records, ttl: Option<u32>) {
        self.written = true;
        match self.sets.iter_mut().find(|set| set.records.record_type() == records.record_type()) {
            None => self.sets.push(Set { records, ttl }),
            Some(set) => {
                set.ttl = set.ttl.into_iter().chain(ttl).min();
                append(&mut set.records, records);
            }
        }
    }

    pub(super) fn mark(&mut self, record_type: Option<RecordType>, mark: Mark) {
        self.written = true;
        self.marks.retain(|(limit, _)| *limit != record_type);
        self.marks.push((record_type, mark));
    }
}

/// Adds records of the same type.
fn append(to: &mut Records, more: Records) {
    match (to, more) {
        (Records::A(to), Records::A(more)) => to.extend(more),
        (Records::Aaaa(to), Records::Aaaa(more)) => to.extend(more),
        (Records::Mx(to), Records::Mx(more)) => to.extend(more),
        (Records::Soa(to), Records::Soa(more)) => to.extend(more),
        (Records::Tlsa(to), Records::Tlsa(more)) => to.extend(more),
        (Records::Cname(to), Records::Cname(more))
        | (Records::Ns(to), Records::Ns(more))
        | (Records::Ptr(to), Records::Ptr(more)) => to.extend(more),
        (Records::Spf(to), Records::Spf(more)) | (Records::Txt(to), Records::Txt(more)) => to.extend(more),
        // A set holds one type, and its caller chose the set by it.
        _ => {}
    }
}

pub(super) fn remove_duplicates(records: &mut Records) {
    match records {
        Records::A(records) => keep_first(records),
        Records::Aaaa(records) => keep_first(records),
        Records::Cname(records) | Records::Ns(records) | Records::Ptr(records) => keep_first(records),
        Records::Mx(records) => keep_first(records),
        Records::Soa(records) => keep_first(records),
        Records::Spf(records) | Records::Txt(records) => keep_first(records),
        Records::Tlsa(records) => keep_first(records),
    }
}

fn keep_first<T: Clone + Eq + Hash>(records: &mut Vec<T>) {
    if records.len() > 1 {
        let mut seen = HashSet::with_capacity(records.len());
        records.retain(|record| seen.insert(record.clone()));
    }
}
