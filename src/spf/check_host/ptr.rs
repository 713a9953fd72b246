//! `ptr` and `%{p}` (RFC 7208 §5.5, §7.3): names that the client's address has, and that have the client's address.

use std::net::IpAddr;

use super::{At, Eval, Evaluator, Halt};
use crate::Name;
use crate::dns::{RecordType, Records};
use crate::order::sort_by_key;
use crate::spf::expand::UNKNOWN;
use crate::spf::record::DomainSpec;
use crate::spf::trace::{Miss, Observer, Verdict};

impl<'a, O: Observer> Evaluator<'a, O> {
    /// §5.5, with erratum 4751: a validated name matches that is the target or below it.
    pub(super) fn ptr(&mut self, at: &At<'_, 'a>, domain: Option<DomainSpec>) -> Eval<Verdict> {
        self.count_lookup(at)?;
        let target = match self.target(at, domain)? {
            Ok(target) => target,
            Err(miss) => return Ok(Verdict::Missed(miss)),
        };
        let reverse = reverse_name(self.session.ip());
        let Some(answer) = self.dns.lookup(reverse.as_str(), RecordType::Ptr) else {
            return self.want(reverse.as_str(), RecordType::Ptr);
        };
        // §5.5: a failure here is no match.
        if answer.failure().is_none() {
            self.heard(answer, reverse.as_str(), RecordType::Ptr, Some(at))?;
        }
        let target = Name::from_canonical(&target);
        let mut missing = false;
        for name in first_names(answer.records(), self.limits.names).filter(|name| name.is_within(&target)) {
            match self.is_validated(name) {
                // Any name will do, so nothing that is still missing can change this.
                Ok(true) => return Ok(Verdict::Matched),
                Ok(false) => {}
                Err(_) => missing = true,
            }
        }
        if missing { Err(Halt::Ask) } else { Ok(Verdict::Missed(Miss::NotValidated)) }
    }

    /// The value of `%{p}` (§7.3): the domain itself, else a name below it, else any; `unknown` if there is none.
    pub(super) fn validated_name(&mut self, domain: &str) -> Eval<String> {
        self.asked_for_names = true;
        let reverse = reverse_name(self.session.ip());
        let Some(answer) = self.dns.lookup(reverse.as_str(), RecordType::Ptr) else {
            return self.want(reverse.as_str(), RecordType::Ptr);
        };
        let domain = Name::from_canonical(domain);
        let mut names: Vec<&Name> = first_names(answer.records(), self.limits.names).collect();
        sort_by_key(&mut names, |name| (**name != domain, !name.is_within(&domain)));
        let mut missing = false;
        for name in names {
            match self.is_validated(name) {
                Ok(true) if !missing => return Ok(name.to_string()),
                Ok(_) => {}
                Err(_) => missing = true,
            }
        }
        if missing { Err(Halt::Ask) } else { Ok(UNKNOWN.to_owned()) }
    }

    /// Whether the client's address is one of the name's (§5.5). A failure only skips the name.
    fn is_validated(&mut self, name: &Name) -> Eval<bool> {
        let record_type = self.address_type();
        let Some(answer) = self.dns.lookup(name.as_str(), record_type) else {
            return self.want(name.as_str(), record_type);
        };
        Ok(match (answer.records(), self.session.ip()) {
            (Some(Records::A(addresses)), IpAddr::V4(ip)) => addresses.contains(&ip),
            (Some(Records::Aaaa(addresses)), IpAddr::V6(ip)) => addresses.contains(&ip),
            _ => false,
        })
    }
}

/// §4.6.4: the first ten; the rest are ignored.
fn first_names(records: Option<&Records>, limit: usize) -> impl Iterator<Item = &Name> {
    let names: &[Name] = match records {
        Some(Records::Ptr(names)) => names,
        _ => &[],
    };
    names.iter().take(limit)
}

/// The name under `in-addr.arpa` or `ip6.arpa` that holds the names of an address (RFC 1035 §3.5, RFC 3596 §2.5).
pub(crate) fn reverse_name(ip: IpAddr) -> Name {
    let text = match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let nibbles: String =
                v6.octets().iter().rev().map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4)).collect();
            format!("{nibbles}ip6.arpa")
        }
    };
    Name::from_canonical(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names() {
        assert_eq!(reverse_name([192, 0, 2, 1].into()), "1.2.0.192.in-addr.arpa");
        let v6 = reverse_name("2001:db8::cb01".parse().unwrap());
        assert_eq!(v6, "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }
}
