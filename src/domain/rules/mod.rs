//! What is told about a domain as a whole.

mod alias;
mod answers;
mod bulk_senders;
mod dane;
mod dns;
mod mx;
mod together;

pub(super) use alias::ask as ask_main;
pub(super) use dane::ask as ask_tlsa;
pub(super) use dns::not_a_domain;

use super::{EffectivePolicy, Facts, Input, MAX_SELECTORS};
use crate::Name;
use crate::dns::{Question, RecordType, Snapshot};
use crate::finding::{Diagnostic, Findings, Label, Rule, Severity, Subject};
use crate::unread;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] =
    &[alias::RULES, answers::RULES, bulk_senders::RULES, dane::RULES, dns::RULES, mx::RULES, together::RULES];

/// What a rule about a domain looks at.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) dns: &'a Snapshot,
    pub(super) input: &'a Input,
    pub(super) facts: &'a Facts,
}

/// What the rules need beside what the protocols ask: who serves the name.
pub(super) fn ask_early(dns: &Snapshot, domain: &Name, open: &mut Vec<Question>) {
    for record_type in [RecordType::Cname, RecordType::Ns, RecordType::Soa] {
        if dns.lookup(domain.as_str(), record_type).is_none() {
            open.push(Question::new(domain.clone(), record_type));
        }
    }
}

/// What the protocols say each for itself, and what they say together.
pub(super) fn together(cx: &Context<'_>, of_keys: Vec<Diagnostic>, mut told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    dns::check(cx, &mut out);
    answers::check(cx, &mut out);
    if !cx.facts.exists && out.as_slice().iter().all(|found| found.severity == Severity::Note) {
        // Nothing can be missing at a name that is not there.
        let inherits = !matches!(cx.facts.policies.own, EffectivePolicy::Nothing);
        let matters = |code: &str| code == "spf-domain-nonexistent" || (inherits && code.starts_with("dmarc-"));
        told.retain(|found| matters(found.code.as_str()));
        told.extend(out.into_vec());
        return told;
    }
    out.extend(of_keys);
    let asked = Label::whole(&Subject::given(&cx.input.domain));
    unread::beyond(asked, "DKIM selectors", cx.input.selectors.len(), MAX_SELECTORS, &mut out);
    mx::check(cx, &mut out);
    dane::check(cx, &mut out);
    alias::check(cx, &mut out);
    bulk_senders::check(cx, &mut out);
    together::check(cx, &told, &mut out);
    // What is told with more reason here is not told twice.
    for (wide, narrow) in together::REPLACES {
        if out.has(wide) {
            told.retain(|found| found.code != *narrow);
        }
    }
    out.extend(told);
    out.into_vec()
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::domain::{Input, Protection, SpfState, check, explain};
    use crate::resolver::{Zone, drive_sync};

    fn look(zone: &str, input: &Input) -> (Vec<&'static str>, Option<crate::domain::Facts>) {
        let zone = Zone::parse(zone).unwrap();
        let known = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| check(dns, input));
        (known.findings.iter().map(|found| found.code.as_str()).collect(), known.facts)
    }

    fn protection(zone: &str) -> (Protection, String) {
        let (_, facts) = look(zone, &Input::new("d.example"));
        let facts = facts.unwrap();
        (facts.protection(), explain::headline(&facts))
    }

    #[test]
    fn nothing_is_missing_where_nothing_is() {
        let (codes, facts) = look("", &Input::new("d.example").selector("s1".parse().unwrap()));
        assert_eq!(codes, ["spf-domain-nonexistent"]);
        assert!(!facts.unwrap().exists);
    }

    #[test]
    fn protections() {
        for (zone, expected) in [
            (r#"d.example. TXT "v=spf1 mx ~all""#, Protection::NoDmarc),
            (r#"_dmarc.d.example. TXT "v=DMARC1; p=none""#, Protection::MonitoringOnly),
            (r#"_dmarc.d.example. TXT "v=DMARC1; p=quarantine; t=y""#, Protection::MonitoringOnly),
            (
                r#"_dmarc.d.example. TXT "v=DMARC1; p=reject; sp=bogus; rua=mailto:a@d.example""#,
                Protection::MonitoringOnly,
            ),
            (r#"_dmarc.d.example. TXT "v=DMARC1; p=reject""#, Protection::Full),
            (r#"_dmarc.d.example. TXT "v=DMARC1; p=reject; np=none""#, Protection::WithoutSubdomains),
            (r#"_dmarc.d.example. TXT "v=DMARC1; p=reject; sp=none""#, Protection::WithoutSubdomains),
            ("_dmarc.d.example. SERVFAIL", Protection::Unknown),
            ("d.example. TXT \"v=spf1 +all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"", Protection::OpenSpf),
            ("d.example. TXT \"v=spf1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"", Protection::Full),
            (r#"_dmarc.example. TXT "v=DMARC1; p=none; np=reject; psd=y""#, Protection::Full),
        ] {
            let (found, told) = protection(zone);
            assert_eq!(found, expected, "{zone}: {told}");
        }
    }

    #[test]
    fn a_domain_that_locks_itself_out() {
        let zone = "d.example. TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"";
        let (codes, facts) = look(zone, &Input::new("d.example").selector("s1".parse().unwrap()));
        assert_eq!(facts.as_ref().unwrap().spf.state, SpfState::Broken);
        assert_eq!(facts.unwrap().protection(), Protection::AgainstItself);
        for code in ["dmarc-enforcing-no-auth", "spf-mechanism-typo", "dkim-key-missing"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
        // Without a selector nobody knows about DKIM.
        let (codes, facts) = look(zone, &Input::new("d.example"));
        assert!(!codes.contains(&"dmarc-enforcing-no-auth"));
        assert_eq!(facts.unwrap().protection(), Protection::BrokenSpf);
    }

    #[test]
    fn what_all_selectors_have_is_told_once() {
        let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
        let owners = ["s1._domainkey.d.example", "s2._domainkey.d.example", "*._domainkey.d.example"];
        let zone: String = owners.iter().map(|owner| format!("{owner}. {key}\n")).collect();
        let input = Input::new("d.example").selector("s1".parse().unwrap()).selector("s2".parse().unwrap());
        let (codes, _) = look(&zone, &input);
        for code in ["dkim-key-ed25519-only", "dkim-key-shared", "dkim-key-wildcard"] {
            assert_eq!(codes.iter().filter(|told| **told == code).count(), 1, "{code}: {codes:?}");
        }
    }

    #[test]
    fn selectors_that_many_use() {
        let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
        let mut input = Input::new("d.example");
        input.guess_selectors = true;
        let (codes, facts) = look(&format!("google._domainkey.d.example. {key}\nd.example. A 192.0.2.1"), &input);
        let selectors = facts.unwrap().selectors;
        assert_eq!(selectors.iter().map(|one| one.selector.as_str()).collect::<Vec<_>>(), ["google"]);
        assert!(selectors[0].is_guess && !codes.contains(&"dkim-key-missing"), "{codes:?}");
        // A wildcard answers for all of them.
        let (_, facts) = look(&format!("*._domainkey.d.example. {key}\nd.example. A 192.0.2.1"), &input);
        assert_eq!(facts.unwrap().selectors.len(), 1);
    }

    #[test]
    fn few_rounds() {
        let zone =
            Zone::parse("d.example. TXT \"v=spf1 mx -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"").unwrap();
        let input = Input::new("d.example");
        let rounds = std::cell::Cell::new(0);
        drive_sync(
            &mut Snapshot::new(),
            |question| zone.answer(question),
            |dns| {
                rounds.set(rounds.get() + 1);
                check(dns, &input)
            },
        );
        assert!(rounds.get() <= 5, "{} rounds", rounds.get());
    }
}
