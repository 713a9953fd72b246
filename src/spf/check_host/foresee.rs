//! Questions that the terms to come will ask, so that they are asked in the same round.
//!
//! Limits are counted by the evaluation itself, so asking early never changes a verdict. At most what the limit
//! of ten DNS-querying terms lets through is asked.

use super::{Evaluator, Frame, Halt};
use crate::dns::{RecordType, Records};
use crate::spf::expand::{expand, shows_local_part};
use crate::spf::record::{DomainSpec, Mechanism, TermKind};
use crate::spf::select::{Policy, Selected};
use crate::spf::trace::Observer;

/// Includes and redirects deep: the limit of ten terms ends it before.
const MAX_DEPTH: u32 = 10;

impl<'a, O: Observer> Evaluator<'a, O> {
    /// Asks what the terms of `frame` from number `first` on will ask, as far as that is known.
    pub(super) fn foresee(&mut self, frame: &Frame<'_, 'a>, first: usize) {
        let mut left = self.limits.lookups.saturating_sub(self.counters.lookups);
        self.foresee_terms(frame.domain, frame.policy, first, &mut left, 0);
    }

    fn foresee_terms(&mut self, domain: &str, policy: &'a Policy, first: usize, left: &mut u32, depth: u32) {
        for term in policy.record.terms().iter().skip(first) {
            let TermKind::Directive(directive) = &term.kind else { continue };
            if self.decides(&directive.mechanism) {
                return;
            }
            if term.is_dns_querying() {
                if *left == 0 {
                    return;
                }
                *left -= 1;
                self.foresee_mechanism(domain, policy, &directive.mechanism, left, depth);
            }
        }
        if let Some((_, spec)) = policy.redirect
            && *left > 0
        {
            *left -= 1;
            self.foresee_record(domain, policy, spec, left, depth);
        }
    }

    /// Whether a mechanism matches without a question, so that nothing after it is tried.
    fn decides(&self, mechanism: &Mechanism) -> bool {
        use super::mechanisms::{within4, within6};
        use std::net::IpAddr;
        match (*mechanism, self.session.ip()) {
            (Mechanism::All, _) => true,
            (Mechanism::Ip4 { address, prefix, .. }, IpAddr::V4(ip)) => within4(ip, address, prefix),
            (Mechanism::Ip6 { address, prefix, .. }, IpAddr::V6(ip)) => within6(ip, address, prefix),
            _ => false,
        }
    }

    fn foresee_mechanism(
        &mut self,
        domain: &str,
        policy: &'a Policy,
        mechanism: &Mechanism,
        left: &mut u32,
        depth: u32,
    ) {
        match *mechanism {
            Mechanism::Include(spec) => self.foresee_record(domain, policy, spec, left, depth),
            Mechanism::A { domain: spec, .. } => {
                self.foresee_name(domain, policy, spec, self.address_type());
            }
            Mechanism::Mx { domain: spec, .. } => {
                if let Some(name) = self.foresee_name(domain, policy, spec, RecordType::Mx) {
                    self.foresee_exchanges(&name);
                }
            }
            Mechanism::Exists(spec) => {
                self.foresee_name(domain, policy, Some(spec), RecordType::A);
            }
            // `ptr` should not be published, and its names should not be asked for without need.
            Mechanism::Ptr { .. } | Mechanism::All | Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => {}
        }
    }

    fn foresee_record(&mut self, domain: &str, policy: &'a Policy, spec: DomainSpec, left: &mut u32, depth: u32) {
        let Some(name) = self.foresee_name(domain, policy, Some(spec), RecordType::Txt) else { return };
        if depth < MAX_DEPTH
            && let Some((_, Selected::One(inner))) = self.dns.parsed::<Selected>(&name, RecordType::Txt)
            && inner.error.is_none()
        {
            self.foresee_terms(&name, inner, 0, left, depth + 1);
        }
    }

    fn foresee_exchanges(&mut self, name: &str) {
        let Some(Records::Mx(exchanges)) = self.dns.lookup(name, RecordType::Mx).and_then(|a| a.records()) else {
            return;
        };
        for mx in exchanges.iter().take(self.limits.exchanges) {
            let (host, record_type) = (mx.exchange.as_str(), self.address_type());
            if !host.is_empty() && self.dns.lookup(host, record_type).is_none() {
                let _: Result<(), Halt> = self.want(host, record_type);
            }
        }
    }

    /// Asks for a target, unless its answer is known or its name depends on answers to come.
    fn foresee_name(
        &mut self,
        domain: &str,
        policy: &'a Policy,
        spec: Option<DomainSpec>,
        record_type: RecordType,
    ) -> Option<String> {
        let name = match spec {
            None => domain.to_owned(),
            Some(spec) => self.foreseen_target(domain, policy.record.text(spec.span), spec)?,
        };
        if self.dns.lookup(&name, record_type).is_none() {
            let _: Result<(), Halt> = self.want(&name, record_type);
        }
        Some(name)
    }

    fn foreseen_target(&mut self, domain: &str, text: &str, spec: DomainSpec) -> Option<String> {
        if spec.is_canonical {
            return Some(text.to_owned());
        }
        if spec.has_macros && !self.session.local_part().is_ascii() && shows_local_part(text) {
            return None;
        }
        let values = self.values(domain);
        // `%{p}` needs the DNS itself.
        expand(text, values, &mut String::new(), || Err(())).ok()?;
        self.expanded(text, values).ok()?
    }
}
