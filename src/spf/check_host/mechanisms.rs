//! The mechanisms (RFC 7208 §5), in the RFC's order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{At, Eval, Evaluator, Halt};
use crate::Name;
use crate::dns::{Lookup, RecordType, Records};
use crate::spf::outcome::{Cause, SpfResult};
use crate::spf::record::{DomainSpec, DualCidr, Mechanism};
use crate::spf::trace::{Miss, Observer, Verdict};

impl<'a, O: Observer> Evaluator<'a, O> {
    /// Whether a mechanism matches.
    pub(super) fn mechanism(&mut self, at: &At<'_, 'a>, mechanism: &Mechanism) -> Eval<Verdict> {
        match *mechanism {
            // §5.1
            Mechanism::All => Ok(Verdict::Matched),
            Mechanism::Include(spec) => self.include(at, spec),
            Mechanism::A { domain, cidr } => self.a(at, domain, cidr),
            Mechanism::Mx { domain, cidr } => self.mx(at, domain, cidr),
            Mechanism::Ptr { domain } => self.ptr(at, domain),
            // §5.6
            Mechanism::Ip4 { address, prefix, .. } => Ok(match self.session.ip() {
                IpAddr::V4(ip) if within4(ip, address, prefix) => Verdict::Matched,
                IpAddr::V4(_) => Verdict::Missed(Miss::OutsideNetwork),
                IpAddr::V6(_) => Verdict::Missed(Miss::OtherFamily),
            }),
            Mechanism::Ip6 { address, prefix, .. } => Ok(match self.session.ip() {
                IpAddr::V6(ip) if within6(ip, address, prefix) => Verdict::Matched,
                IpAddr::V6(_) => Verdict::Missed(Miss::OutsideNetwork),
                IpAddr::V4(_) => Verdict::Missed(Miss::OtherFamily),
            }),
            Mechanism::Exists(spec) => self.exists(at, spec),
        }
    }

    /// §5.2
    fn include(&mut self, at: &At<'_, 'a>, spec: DomainSpec) -> Eval<Verdict> {
        self.count_lookup(at)?;
        let target = match self.target(at, Some(spec))? {
            Ok(target) => target,
            Err(Miss::NonAsciiLocalPart) => return Ok(Verdict::Missed(Miss::NonAsciiLocalPart)),
            Err(_) => {
                return self.permerror(Cause::TargetWithoutRecord { at: at.term(), target: None, nonexistent: false });
            }
        };
        self.depth += 1;
        self.includes += 1;
        let result = self.record_at(&target, Some(at))?;
        self.depth -= 1;
        self.includes -= 1;
        match result {
            SpfResult::Pass => Ok(Verdict::Matched),
            SpfResult::None => {
                let (target, nonexistent) = (Some(Name::from_canonical(&target)), self.nonexistent);
                self.permerror(Cause::TargetWithoutRecord { at: at.term(), target, nonexistent })
            }
            result => Ok(Verdict::Missed(Miss::Included(result))),
        }
    }

    /// §5.3
    fn a(&mut self, at: &At<'_, 'a>, domain: Option<DomainSpec>, cidr: DualCidr) -> Eval<Verdict> {
        self.count_lookup(at)?;
        let target = match self.target(at, domain)? {
            Ok(target) => target,
            Err(miss) => return Ok(Verdict::Missed(miss)),
        };
        let answer = self.ask(at, &target, self.address_type())?;
        Ok(self.compare(answer.records(), cidr))
    }

    /// §5.4
    fn mx(&mut self, at: &At<'_, 'a>, domain: Option<DomainSpec>, cidr: DualCidr) -> Eval<Verdict> {
        self.count_lookup(at)?;
        let target = match self.target(at, domain)? {
            Ok(target) => target,
            Err(miss) => return Ok(Verdict::Missed(miss)),
        };
        let answer = self.ask(at, &target, RecordType::Mx)?;
        // §5.4: without an MX record there is no implicit one.
        let Some(Records::Mx(exchanges)) = answer.records() else { return Ok(Verdict::Missed(Miss::NoRecords)) };
        // §4.6.4
        if exchanges.len() > self.limits.exchanges {
            return self.permerror(Cause::TooManyExchanges { at: at.term(), count: exchanges.len() });
        }
        let mut verdict = Verdict::Missed(Miss::NoRecords);
        let mut missing = false;
        let mut void = false;
        for mx in exchanges {
            let host = mx.exchange.as_str();
            // RFC 7505: a null MX has no host.
            if host.is_empty() {
                continue;
            }
            let Some(answer) = self.dns.lookup(host, self.address_type()) else {
                let _: Eval<()> = self.want(host, self.address_type());
                missing = true;
                continue;
            };
            // What comes after a missing answer may not decide before it is there.
            if missing {
                continue;
            }
            // §4.6.4 counts terms, so the hosts of one `mx` are void at most once.
            if matches!(answer.lookup, Lookup::NoData | Lookup::NxDomain) && void {
                self.observer.lookup(Some(at.event), host, self.address_type(), answer, false);
                continue;
            }
            void |= answer.records().is_none();
            self.heard(answer, host, self.address_type(), Some(at))?;
            match self.compare(answer.records(), cidr) {
                Verdict::Matched => return Ok(Verdict::Matched),
                Verdict::Missed(Miss::NoRecords) => {}
                other => verdict = other,
            }
        }
        if missing { Err(Halt::Ask) } else { Ok(verdict) }
    }

    /// §5.7: an A record, whatever family the client has.
    fn exists(&mut self, at: &At<'_, 'a>, spec: DomainSpec) -> Eval<Verdict> {
        self.count_lookup(at)?;
        let target = match self.target(at, Some(spec))? {
            Ok(target) => target,
            Err(miss) => return Ok(Verdict::Missed(miss)),
        };
        let answer = self.ask(at, &target, RecordType::A)?;
        Ok(match answer.records() {
            Some(_) => Verdict::Matched,
            None => Verdict::Missed(Miss::NoRecords),
        })
    }

    /// §5: the type of address that the client has.
    pub(super) fn address_type(&self) -> RecordType {
        if self.session.ip().is_ipv4() { RecordType::A } else { RecordType::Aaaa }
    }

    /// Whether the client is within the prefix of one of the addresses.
    fn compare(&self, records: Option<&Records>, cidr: DualCidr) -> Verdict {
        let matched = match (records, self.session.ip()) {
            (Some(Records::A(addresses)), IpAddr::V4(ip)) => addresses.iter().any(|a| within4(ip, *a, cidr.v4)),
            (Some(Records::Aaaa(addresses)), IpAddr::V6(ip)) => addresses.iter().any(|a| within6(ip, *a, cidr.v6)),
            _ => return Verdict::Missed(Miss::NoRecords),
        };
        if matched { Verdict::Matched } else { Verdict::Missed(Miss::OtherAddresses) }
    }
}

/// Whether both have the same first `prefix` bits.
pub(super) fn within4(ip: Ipv4Addr, network: Ipv4Addr, prefix: u8) -> bool {
    let differing = u32::from(ip) ^ u32::from(network);
    differing.checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
}

/// Whether both have the same first `prefix` bits.
pub(super) fn within6(ip: Ipv6Addr, network: Ipv6Addr, prefix: u8) -> bool {
    let differing = u128::from(ip) ^ u128::from(network);
    differing.checked_shr(128 - u32::from(prefix.min(128))).unwrap_or(0) == 0
}
