//! Alias domains: a domain with a zone of its own that stands for another one needs the records of that one.

use super::Context;
use crate::Name;
use crate::dkim::{self, KeyState, Selector};
use crate::dmarc;
use crate::dns::{Answer, Lookup, Question, RecordType, Snapshot};
use crate::domain::check::selectors;
use crate::domain::{EffectivePolicy, Input, MailServer, Mx, SpfState, mail_servers};
use crate::finding::{Applicability, Change, Findings, Fix, Label, Subject, rules};
use crate::spf;
use crate::text::Source;

rules! {
    /// # An alias domain lacks records of the domain it stands for
    ///
    /// Mail to and from an alias domain goes by the records of the alias domain. A provider that takes mail for it as for the main
    /// domain (a synonym) does not copy MX, SPF, DKIM or DMARC into its zone; that is for whoever keeps the zone.
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
    INCOMPLETE = "domain-alias-incomplete", Warning, Ok, ["RFC 7208 §6.1", "RFC 9989 §4.2", "RFC 5321 §5.1"],
        "`{alias}` stands for `{main}`, and {what}";
}

/// What has to be asked about the main domain.
pub(in crate::domain) fn ask(dns: &Snapshot, main: &Name, input: &Input, open: &mut Vec<Question>) {
    if dns.lookup(main.as_str(), RecordType::Txt).is_none() {
        open.push(Question::new(main.clone(), RecordType::Txt));
    }
    let _ = dmarc::discover(dns, main).or_ask(open);
    let _ = mail_servers(dns, main).or_ask(open);
    let _ = selectors(dns, main, input).or_ask(open);
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(main) = &cx.input.alias_of else { return };
    let (facts, alias) = (cx.facts, &cx.facts.domain);
    let at = |owner: &Name, of| Label::whole(&Subject::record(owner, of, Source::default()));
    let mut tell = |place, what: &str, fix: Option<Fix>| {
        let found = out.report(&INCOMPLETE, place).arg("alias", alias).arg("main", main).arg("what", what);
        found.fixes.extend(fix);
    };
    let of_main = cx.dns.lookup(main.as_str(), RecordType::Txt);
    if of_main.is_some_and(|answer| answer.lookup == Lookup::NxDomain) {
        tell(at(main, RecordType::Txt), &format!("`{main}` does not exist in the DNS"), None);
        return;
    }
    let spf_at = |name: &Name| {
        let texts = cx.dns.lookup(name.as_str(), RecordType::Txt).map_or(&[][..], Answer::txts);
        texts.iter().map(Source::text).find(|text| spf::Record::is_spf(text))
    };
    let of_main = spf_at(main).map(spf::Record::parse);
    let unvouched = |what| format!("{what}, so mail from it is not vouched for as mail from `{main}` is");
    match facts.spf.state {
        SpfState::Missing if of_main.is_some() => {
            let what = unvouched("has no SPF record of its own");
            tell(at(alias, RecordType::Txt), &what, redirect(cx, main, None));
        }
        SpfState::Nobody if of_main.is_some_and(|record| authorises(&record)) => {
            let what = unvouched("its SPF record lets nobody send");
            tell(at(alias, RecordType::Txt), &what, redirect(cx, main, spf_at(alias)));
        }
        _ => {}
    }
    let has_dmarc = dmarc::discover(cx.dns, main).done().is_some_and(|found| matches!(found.policy, Ok(Some(_))));
    if has_dmarc && matches!(facts.policies.own, EffectivePolicy::Nothing) {
        let owner = alias.prefixed("_dmarc").unwrap_or_else(|_| alias.clone());
        tell(at(&owner, RecordType::Txt), &unvouched("has no DMARC record of its own"), None);
    }
    let lacking = lacking(cx, main);
    if let [first, ..] = &lacking[..] {
        let names: Vec<String> = lacking.iter().map(|one| format!("`{}`", one.selector)).collect();
        let what = format!("has no DKIM key at {} as `{main}` has", names.join(", "));
        tell(at(&first.owner, RecordType::Txt), &what, None);
    }
    if let Some(main_mx) = mail_servers(cx.dns, main).done()
        && main_mx.takes_mail()
        && is_elsewhere(&facts.mx, &main_mx)
    {
        tell(at(alias, RecordType::Mx), &format!("has none of the mail servers of `{main}`"), None);
    }
}

/// The selectors that have a key at `main`, as far as they are known, and no record at the alias.
fn lacking(cx: &Context<'_>, main: &Name) -> Vec<Selector> {
    let of_main = selectors(cx.dns, main, cx.input).done().unwrap_or_default();
    let there = of_main.into_iter().filter(|one| one.state == KeyState::Present).map(|one| one.selector);
    let here = dkim::selectors(cx.dns, &cx.facts.domain, &there.collect::<Vec<_>>()).done().unwrap_or_default();
    here.into_iter().filter(|one| one.state == KeyState::Missing).collect()
}

/// One record in the place of `old`. Beside a CNAME record there can be none (RFC 1034 §3.6.2), and `old` is that of its target.
fn redirect(cx: &Context<'_>, main: &Name, old: Option<&str>) -> Option<Fix> {
    let alias = &cx.facts.domain;
    if cx.dns.lookup(alias.as_str(), RecordType::Txt).is_some_and(|answer| !answer.aliases.is_empty()) {
        return None;
    }
    let change = Change::Records {
        owner: alias.clone(),
        record_type: RecordType::Txt,
        remove: old.map(str::to_owned).into_iter().collect(),
        add: vec![format!("v=spf1 redirect={main}")],
    };
    let title = format!("send it to the record of `{main}`");
    Some(Fix { title, change, applicability: Applicability::MaybeIncorrect })
}

/// Whether somebody may send by it.
fn authorises(record: &spf::Record) -> bool {
    let passes = |directive: &spf::Directive| directive.qualifier == spf::Qualifier::Pass;
    record.redirect().is_some() || record.directives().any(|(_, directive)| passes(directive))
}

/// Whether no server of `alias` is one of `main`, by name or by address, as far as the DNS tells.
fn is_elsewhere(alias: &Mx, main: &Mx) -> bool {
    let unknown = |mx: &Mx| matches!(mx, Mx::Failure(_)) || mx.servers().iter().any(|server| server.failure.is_some());
    let same = |one: &MailServer, other: &MailServer| {
        one.host == other.host || one.addresses.iter().any(|address| other.addresses.contains(address))
    };
    let any_same = alias.servers().iter().any(|one| main.servers().iter().any(|other| same(one, other)));
    !any_same && !unknown(alias) && !unknown(main)
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::domain::{Input, check};
    use crate::finding::Change;
    use crate::resolver::{Zone, drive_sync};

    fn told(alias: &str, main: &str) -> Vec<String> {
        let zone = Zone::parse(&format!("{alias}\n{main}")).unwrap();
        let mut input = Input::new("alias.example");
        input.alias_of = Some("main.example".parse().unwrap());
        let found =
            drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| check(dns, &input)).findings;
        found.iter().filter(|found| found.code == "domain-alias-incomplete").map(|found| found.message()).collect()
    }

    const MAIN: &str = "main.example. MX 10 mx.main.example.\nmx.main.example. A 192.0.2.1\n\
        main.example. TXT \"v=spf1 mx -all\"";

    /// A second SPF record would be a permerror (RFC 7208 §4.5).
    #[test]
    fn a_record_that_lets_nobody_send_is_replaced() {
        let zone = Zone::parse(&format!("alias.example. TXT \"v=spf1 -all\"\n{MAIN}")).unwrap();
        let mut input = Input::new("alias.example");
        input.alias_of = Some("main.example".parse().unwrap());
        let lint = |dns: &_| check(dns, &input);
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint).findings;
        let incomplete = found.iter().find(|found| found.code == "domain-alias-incomplete").unwrap();
        let Change::Records { remove, add, .. } = &incomplete.fixes[0].change else { panic!() };
        assert_eq!(
            (remove.as_slice(), add.as_slice()),
            (&["v=spf1 -all".to_owned()][..], &["v=spf1 redirect=main.example".to_owned()][..])
        );
    }

    #[test]
    fn the_record_of_a_target_stays() {
        let cname = "alias.example. CNAME parked.example.\nparked.example. TXT \"v=spf1 -all\"";
        let zone = Zone::parse(&format!("{cname}\n{MAIN}")).unwrap();
        let mut input = Input::new("alias.example");
        input.alias_of = Some("main.example".parse().unwrap());
        let lint = |dns: &_| check(dns, &input);
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint).findings;
        let incomplete = found.iter().find(|found| found.code == "domain-alias-incomplete").unwrap();
        assert!(incomplete.fixes.is_empty(), "{:?}", incomplete.fixes);
    }

    #[test]
    fn records_that_say_something_else() {
        let parked = "alias.example. MX 10 mx.parked.example.\nmx.parked.example. A 203.0.113.1\n\
            alias.example. TXT \"v=spf1 -all\"";
        let nobody = "`alias.example` stands for `main.example`, and its SPF record lets nobody send, \
            so mail from it is not vouched for as mail from `main.example` is";
        let elsewhere = "`alias.example` stands for `main.example`, and has none of the mail servers of `main.example`";
        assert_eq!(told(parked, MAIN), [nobody, elsewhere]);
        let same_host = "alias.example. MX 10 mx.alias.example.\nmx.alias.example. A 192.0.2.1\n\
            alias.example. TXT \"v=spf1 redirect=main.example\"";
        assert!(told(same_host, MAIN).is_empty());
    }

    /// Only selectors of which it is known that the main domain has them: given ones, and of those that many use the ones that are there.
    #[test]
    fn keys_of_the_main_domain_that_the_alias_lacks() {
        let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
        let records = |owners: &[&str]| -> String { owners.iter().map(|owner| format!("{owner}. {key}\n")).collect() };
        let main = records(&["s1._domainkey.main.example", "google._domainkey.main.example"]);
        let told = |alias: &str, guess: bool| {
            let zone =
                Zone::parse(&format!("alias.example. A 192.0.2.1\nmain.example. A 192.0.2.1\n{main}{alias}")).unwrap();
            let mut input = Input::new("alias.example").selector("s1".parse().unwrap()).selector("s2".parse().unwrap());
            (input.alias_of, input.guess_selectors) = (Some("main.example".parse().unwrap()), guess);
            let lint = |dns: &_| check(dns, &input);
            let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint).findings;
            let told = found
                .iter()
                .filter(|found| found.code == "domain-alias-incomplete" && found.message().contains("DKIM"));
            told.map(|found| found.params.get("what").unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told("", false), ["has no DKIM key at `s1` as `main.example` has"]);
        assert_eq!(told("", true), ["has no DKIM key at `s1`, `google` as `main.example` has"]);
        let own = records(&["s1._domainkey.alias.example"]);
        assert_eq!(told(&own, true), ["has no DKIM key at `google` as `main.example` has"]);
        assert!(told(&own, false).is_empty());
        // It was taken back, and a server that does not answer says nothing.
        assert!(told("s1._domainkey.alias.example. TXT \"v=DKIM1; p=\"", false).is_empty());
        assert!(told("s1._domainkey.alias.example. SERVFAIL", false).is_empty());
    }

    #[test]
    fn a_main_domain_that_is_not_there() {
        let alias = "alias.example. TXT \"v=spf1 -all\"";
        let gone = "`alias.example` stands for `main.example`, and `main.example` does not exist in the DNS";
        assert_eq!(told(alias, ""), [gone]);
    }
}
