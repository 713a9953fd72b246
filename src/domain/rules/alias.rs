//! Alias domains: a domain with a zone of its own that stands for another one needs the records of that one.

use super::Context;
use crate::Name;
use crate::dmarc;
use crate::dns::{Question, RecordType, Snapshot};
use crate::domain::{EffectivePolicy, SpfState};
use crate::finding::{Applicability, Findings, Fix, Label, Subject, rules};
use crate::spf;
use crate::text::Source;

rules! {
    /// # An alias domain lacks records of the domain it stands for
    ///
    /// Mail from an alias domain is judged by the records of the alias domain. A provider that takes mail for it as for the main
    /// domain (a synonym) does not copy SPF, DKIM or DMARC into its zone; that is for whoever keeps the zone.
    ///
    /// ```domain bad alias.example alias-of=main.example
    /// main.example.  TXT "v=spf1 ip4:192.0.2.1 -all"
    /// alias.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good alias.example alias-of=main.example
    /// main.example.  TXT "v=spf1 ip4:192.0.2.1 -all"
    /// alias.example. TXT "v=spf1 redirect=main.example"
    /// ```
    INCOMPLETE = "domain-alias-incomplete", Warning, Ok, ["RFC 7208 §6.1", "RFC 9989 §4.2"],
        "`{alias}` stands for `{main}` and has no {what} of its own, so mail from it is not vouched for as mail from `{main}` is";
}

/// What has to be asked about the main domain.
pub(in crate::domain) fn ask(dns: &Snapshot, main: &Name, open: &mut Vec<Question>) {
    if dns.lookup(main.as_str(), RecordType::Txt).is_none() {
        open.push(Question::new(main.clone(), RecordType::Txt));
    }
    let _ = dmarc::discover(dns, main).or_ask(open);
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(main) = &cx.input.alias_of else { return };
    let (facts, alias) = (cx.facts, &cx.facts.domain);
    let subject = |name: &Name| Label::whole(&Subject::record(name, RecordType::Txt, Source::default()));
    let texts = cx.dns.lookup(main.as_str(), RecordType::Txt).map_or(&[][..], crate::dns::Answer::txts);
    let main_has_spf = texts.iter().any(|text| spf::Record::is_spf(text.text()));
    if main_has_spf && facts.spf.state == SpfState::Missing {
        let found = out.report(&INCOMPLETE, subject(alias)).arg("alias", alias).arg("main", main);
        found.arg("what", "SPF record").fix(Fix::publish(
            format!("send it to the record of `{main}`"),
            alias,
            RecordType::Txt,
            format!("v=spf1 redirect={main}"),
            Applicability::MaybeIncorrect,
        ));
    }
    let has_dmarc = dmarc::discover(cx.dns, main).done().is_some_and(|found| matches!(found.policy, Ok(Some(_))));
    if has_dmarc && matches!(facts.policies.own, EffectivePolicy::Nothing) {
        let owner = alias.prefixed("_dmarc").unwrap_or_else(|_| alias.clone());
        let found = out.report(&INCOMPLETE, subject(&owner)).arg("alias", alias).arg("main", main);
        found.arg("what", "DMARC record");
    }
}
