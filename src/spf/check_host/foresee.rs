//! Questions that the terms to come will ask, so that they are asked in the same round.
//!
//! Limits are counted by the evaluation itself, so asking early never changes a verdict. At most what the limit
//! of ten DNS-querying terms lets through is asked, which ends circles of includes too.

use super::{Evaluator, Frame, Halt};
use crate::dns::{RecordType, Records};
use crate::spf::expand::{expand, shows_local_part};
use crate::spf::record::{DomainSpec, Mechanism, TermKind};
use crate::spf::select::{Policy, Selected};
use crate::spf::trace::Observer;

impl<'a, O: Observer> Evaluator<'a, O> {
    /// Asks what the terms of `frame` from number `first` on will ask, as far as that is known.
    pub(super) fn foresee(&mut self, frame: &Frame<'_, 'a>, first: usize) {
        let mut left = self.limits.lookups.saturating_sub(self.counters.lookups);
        self.foresee_terms(frame.domain, frame.policy, first, &mut left);
    }

    fn foresee_terms(&mut self, domain: &str, policy: &'a Policy, first: usize, left: &mut u32) {
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
                self.foresee_mechanism(domain, policy, &directive.mechanism, left);
            }
        }
        if let Some((_, spec)) = policy.redirect
            && *left > 0
        {
            *left -= 1;
            self.foresee_record(domain, policy, spec, left);
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

    fn foresee_mechanism(&mut self, domain: &str, policy: &'a Policy, mechanism: &Mechanism, left: &mut u32) {
        match *mechanism {
            Mechanism::Include(spec) => self.foresee_record(domain, policy, spec, left),
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

    fn foresee_record(&mut self, domain: &str, policy: &'a Policy, spec: DomainSpec, left: &mut u32) {
        let Some(name) = self.foresee_name(domain, policy, Some(spec), RecordType::Txt) else { return };
        if let Some((_, Selected::One(inner))) = self.dns.parsed::<Selected>(&name, RecordType::Txt)
            && inner.error.is_none()
        {
            self.foresee_terms(&name, inner, 0, left);
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

#[cfg(test)]
mod tests {
    use crate::Timestamp;
    use crate::dns::{Snapshot, Step};
    use crate::resolver::Zone;
    use crate::spf::{Session, check_host};

    /// The questions of each round after the first, which asks for the record of d.example.
    fn rounds_from(ip: &str, sender: &str, zone: &str) -> Vec<Vec<String>> {
        let lines: Vec<&str> = zone.lines().map(str::trim).collect();
        let zone = Zone::parse(&lines.join("\n")).unwrap();
        let session = Session::new(ip.parse().unwrap(), "mx.d.example", sender);
        let (mut dns, mut rounds) = (Snapshot::new(), Vec::new());
        while let Step::Ask(questions) = check_host(&dns, &session, Timestamp(0)) {
            rounds.push(questions.iter().map(ToString::to_string).collect());
            for question in questions {
                let answer = zone.answer(&question);
                dns.insert(question, answer);
            }
        }
        rounds.split_off(1)
    }

    fn rounds(zone: &str) -> Vec<Vec<String>> {
        rounds_from("192.0.2.1", "a@d.example", zone)
    }

    #[test]
    fn all_terms_ask_together() {
        let rounds = rounds(
            "d.example. TXT \"v=spf1 a:a.example mx:m.example exists:%{l}.e.example include:i.example redirect=r.example\"
             m.example. MX 10 m1.example
             m.example. MX 20 m2.example
             i.example. TXT \"v=spf1 a:b.example -all\"
             r.example. TXT \"v=spf1 a:c.example -all\"",
        );
        assert_eq!(rounds[0], ["a.example A", "m.example MX", "a.e.example A", "i.example TXT", "r.example TXT"]);
        assert_eq!(rounds[1], ["m1.example A", "m2.example A", "b.example A", "c.example A"]);
        assert_eq!(rounds.len(), 2);
    }

    #[test]
    fn an_open_include_asks_with_what_is_behind_it() {
        let rounds = rounds(
            "d.example. TXT \"v=spf1 include:i.example mx:m.example mx:none.example mx:null.example -all\"
             i.example. TXT \"v=spf1 a:b.example a:c.example -all\"
             m.example. MX 10 m1.example
             m.example. MX 20 m2.example
             null.example. MX 0 .",
        );
        assert_eq!(rounds[0], ["i.example TXT", "m.example MX", "none.example MX", "null.example MX"]);
        assert_eq!(rounds[1], ["b.example A", "c.example A", "m1.example A", "m2.example A"]);
    }

    #[test]
    fn nothing_is_asked_behind_a_term_that_decides() {
        for (term, ipv4, ipv6) in [
            ("all", true, true),
            ("ip4:192.0.2.0/24", true, false),
            ("ip4:198.51.100.0/24", false, false),
            ("ip6:2001:db8::/32", false, true),
            ("ip6:2001:db9::/32", false, false),
            ("ip6:::/0", false, true),
        ] {
            let record = format!("d.example. TXT \"v=spf1 a:a.example {term} a:b.example\"");
            let asked = |ip| rounds_from(ip, "a@d.example", &record)[0].len();
            assert_eq!((asked("192.0.2.1") == 1, asked("2001:db8::1") == 1), (ipv4, ipv6), "{term}");
        }
    }

    /// §4.6.4: what is behind the tenth term is never asked by the evaluation, so it is not asked early either.
    #[test]
    fn at_most_ten_terms_are_foreseen() {
        let terms = |count: usize| (1..=count).map(|i| format!("a:a{i}.example ")).collect::<String>();
        let rounds_of = |record: &str| {
            rounds(&format!(
                "d.example. TXT \"v=spf1 {record}\"
                 i.example. TXT \"v=spf1 {}\"
                 m.example. MX 10 m1.example",
                terms(12)
            ))
        };
        assert_eq!(rounds_of(&terms(12))[0].len(), 10);
        assert_eq!(rounds_of(&(terms(9) + "redirect=r.example"))[0].len(), 10);
        assert_eq!(rounds_of(&(terms(10) + "redirect=r.example"))[0].len(), 10);
        // Behind an include or a redirect too; `mx` and it are two of the ten.
        for record in ["mx:m.example include:i.example a:z.example", "mx:m.example redirect=i.example"] {
            assert_eq!(rounds_of(record)[1].len(), 1 + 8, "{record}");
        }
    }

    #[test]
    fn names_that_depend_on_answers_are_not_foreseen() {
        for term in ["ptr", "ptr:p.example", "exists:%{p}.e.example"] {
            let record = format!("d.example. TXT \"v=spf1 a:a.example {term} a:b.example -all\"");
            assert_eq!(rounds(&record)[0], ["a.example A", "b.example A"], "{term}");
        }
    }

    /// RFC 8616 §4: such a term does not match, so there is nothing to ask.
    #[test]
    fn a_local_part_outside_ascii_is_not_asked_for() {
        let record = "d.example. TXT \"v=spf1 a:a.example exists:%{l}.e.example exists:%{d}.e.example -all\"";
        assert_eq!(rounds_from("192.0.2.1", "ü@d.example", record)[0], ["a.example A", "d.example.e.example A"]);
    }

    /// §4.6: a record with an error is evaluated no further.
    #[test]
    fn nothing_is_foreseen_in_a_broken_record() {
        let rounds = rounds(
            "d.example. TXT \"v=spf1 mx:m.example include:i.example -all\"
             i.example. TXT \"v=spf1 a:b.example ipv4:192.0.2.1 -all\"
             m.example. MX 10 m1.example",
        );
        assert_eq!(rounds[1], ["m1.example A"]);
    }

    /// Includes in a circle: the limit of ten terms ends what is foreseen, as it ends the evaluation.
    #[test]
    fn circles_end() {
        let rounds = rounds(
            "d.example. TXT \"v=spf1 mx:m.example include:i.example -all\"
             i.example. TXT \"v=spf1 include:i.example a:%{d}.x.example -all\"
             m.example. MX 10 m1.example",
        );
        assert_eq!(rounds[0], ["m.example MX", "i.example TXT"]);
        assert_eq!(rounds[1], ["m1.example A"]);
    }
}
