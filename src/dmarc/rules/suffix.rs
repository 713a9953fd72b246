//! Where the tree walk and the Public Suffix List draw the border of an organization.

use super::context::Context;
use super::domain::{DomainContext, owner};
use super::settings;
use crate::Name;
use crate::dmarc::{ChosenBy, LookupFailure, OrgDomain, Psd, Section, Visit, org_domain};
use crate::dns::{Answer, Question, RecordType, Snapshot, Step};
use crate::finding::{Evidence, Findings, Label, rules};

rules! {
    /// # The Organizational Domain depends on the receiver
    ///
    /// RFC 9989 receivers find it by walking up the DNS and looking for records; RFC 7489 receivers take it from the Public Suffix
    /// List. Here they differ, so relaxed alignment and inherited policies differ too. A record at each domain that sends mail,
    /// and `psd=n` at the Organizational Domain, make both see the same.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@s.d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    PSL_VS_WALK = "dmarc-psl-vs-treewalk", Warning, Ok, ["RFC 9989 §4.10.2", "RFC 7489 §3.2"],
        "the Organizational Domain of `{domain}` is `{walk}` to RFC 9989 receivers and `{list}` to RFC 7489 receivers{remedy}";

    /// # `psd=n` draws a border
    ///
    /// The record says that its domain is an Organizational Domain. Mail from here no longer aligns with the domain above, and
    /// the policy above does not apply below this name.
    ///
    /// ```zone bad a.unit.d.example
    /// _dmarc.unit.d.example. TXT "v=DMARC1; p=quarantine; psd=n; rua=mailto:r@d.example"
    /// _dmarc.d.example.      TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// a.unit.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; psd=n; rua=mailto:r@d.example"
    /// ```
    PSD_N = "dmarc-psd-n-boundary", Note, Ok, ["RFC 9989 §4.10.2", "RFC 9989 §5.1.8"],
        "`psd=n` at `{owner}` makes `{org}` an Organizational Domain: mail from `{domain}` does not align with `{above}`";
}

pub(super) fn check(cx: &DomainContext<'_>, open: &mut Vec<Question>, out: &mut Findings) {
    let Ok(org) = &cx.discovery.org_domain else { return };
    let suffixes = cx.options.suffixes.as_ref();
    // Without a list: a name of two labels is most often registered.
    let registered = suffixes.and_then(|list| list.org_domain(cx.domain, Section::All));
    let apex = registered.clone().unwrap_or_else(|| cx.domain.suffix(2));
    if org.by == ChosenBy::PsdNo && org.name.is_subdomain_of(&apex) {
        let place = cx.discovery.walk.records().find(|(_, record)| record.psd().or_default() == Psd::No);
        if let Some((_, record)) = place {
            out.report(&PSD_N, Label::whole(&cx.subject(&org.name, record.source().clone())))
                .arg("owner", owner(&org.name))
                .arg("org", &org.name)
                .arg("domain", cx.domain)
                .arg("above", &apex);
        }
    }
    let Some(suffixes) = suffixes else { return };
    let lists = [Section::Icann, Section::All].map(|section| suffixes.org_domain_or_self(cx.domain, section));
    // Without any record nothing is aligned to anything, and nobody minds.
    let records = cx.discovery.walk.records().next().is_some();
    if records && lists.iter().any(|list| *list != org.name) {
        let list = match &lists {
            [icann, all] if icann == all => icann.to_string(),
            [icann, all] => format!("{icann}` or `{all}"),
        };
        out.report(&PSL_VS_WALK, cx.policy_label())
            .arg("domain", cx.domain)
            .arg("walk", &org.name)
            .arg("list", list)
            .arg("remedy", remedy(cx, org, &lists, open).map_or_else(String::new, |remedy| format!(": {remedy}")));
    }
}

/// The first change to the records after which the walk gives what the list gives.
fn remedy(cx: &DomainContext<'_>, org: &OrgDomain, lists: &[Name; 2], open: &mut Vec<Question>) -> Option<String> {
    // No record makes receivers agree whose lists differ.
    let [list, _] = lists.iter().all(|list| *list == lists[0]).then_some(lists)?;
    let drawn = match &org.by {
        ChosenBy::PsdNo => Some((&org.name, "psd=n")),
        ChosenBy::BelowPsd(psd) => Some((psd, "psd=y")),
        ChosenBy::FewestLabels | ChosenBy::NoRecord => None,
    };
    let mut ways = Vec::new();
    if let Some((place, tag)) = drawn {
        ways.push((format!("they agree without `{tag}` at `{}`", owner(place)), vec![(place, PLAIN)]));
    }
    let has_record = |(visit, _): (&Visit, _)| cx.discovery.walk.name(visit) == *list;
    if !cx.discovery.walk.records().any(has_record) {
        ways.push((format!("a record at `{}` makes them agree", owner(list)), vec![(list, PLAIN)]));
    }
    ways.push((format!("`psd=n` in a record at `{}` makes them agree", owner(list)), vec![(list, BORDER)]));
    if let Some((place, tag)) = drawn {
        let moved = format!("`psd=n` at `{}` instead of `{tag}` at `{}` makes them agree", owner(list), owner(place));
        ways.push((moved, vec![(place, PLAIN), (list, BORDER)]));
    }
    let mut unknown = false;
    let works = |(_, records): &(String, Vec<(&Name, &str)>)| match with(cx, records) {
        Step::Done(org) => !unknown && org.is_ok_and(|org| org.name == *list),
        Step::Ask(questions) => {
            unknown = true;
            open.extend(questions);
            false
        }
    };
    ways.into_iter().find(works).map(|(remedy, _)| remedy)
}

/// A record that leaves the border to the walk, and one that draws it.
const PLAIN: &str = "v=DMARC1; p=none";
const BORDER: &str = "v=DMARC1; p=none; psd=n";

/// The Organizational Domain if `records` stood in place of what is there.
fn with(cx: &DomainContext<'_>, records: &[(&Name, &str)]) -> Step<Result<OrgDomain, LookupFailure>> {
    let mut dns = Snapshot::new();
    for (name, text) in records {
        dns.insert(Question::new(owner(name), RecordType::Txt), Answer::txt([*text]));
    }
    for labels in 1..=cx.domain.label_count() {
        let question = Question::new(owner(&cx.domain.suffix(labels)), RecordType::Txt);
        if let Some(answer) = cx.dns.get(&question) {
            dns.insert(question, answer.clone());
        }
    }
    org_domain(&dns, cx.domain)
}

/// `psd=y` where the list knows no public suffix.
pub(super) fn psd_yes(cx: &DomainContext<'_>, text: &Context<'_>, out: &mut Findings) {
    let (Some(place), Some(suffixes)) = (text.domain, cx.options.suffixes.as_ref()) else { return };
    let Some(value) = text.record.psd().span() else { return };
    let ordinary = place.label_count() > 1 && suffixes.suffix(place, Section::All) != *place;
    if ordinary && text.record.psd().value() == Some(Psd::Yes) {
        out.report(&settings::PSD_Y, text.label(value))
            .arg("domain", place)
            .evidence(Evidence::Guessed)
            .fix(crate::finding::Fix::maybe("write `psd=n`", [crate::finding::Edit::replace(value, "n")]));
    }
}
