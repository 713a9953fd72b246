//! What receivers of the older standard do (RFC 7489), beside RFC 9989, as data.
//!
//! They find Organizational Domains by a Public Suffix List, look at two names only, stop where several records stand,
//! do not know `np`, `psd` and `t`, and apply `pct`.

use super::org_domain::LookupFailure;
use super::{
    Authenticated, DmarcResult, Found, MethodResult, Mode, Outcome, Policy, PublicSuffixes, Record, Section, evaluate,
    tree_walk,
};
use crate::Name;
use crate::dns::{Snapshot, Step};

/// A kind of receiver.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Generation, PublicSuffixes};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // `np` came with RFC 9989: older receivers do not know it.
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"")?;
/// let (author, ids) = ("made-up.example.com".parse()?, Authenticated::default());
/// let list = PublicSuffixes::parse("com");
/// let compare = |dns: &Snapshot| dmarc::compare(dns, &author, &ids, &list);
/// let verdicts = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), compare);
/// let asked = verdicts.iter().map(|verdict| (verdict.generation, verdict.disposition().as_str()));
/// assert_eq!(
///     asked.collect::<Vec<_>>(),
///     [(Generation::Rfc9989, "reject"), (Generation::Rfc7489Icann, "none"), (Generation::Rfc7489All, "none")]
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Generation {
    /// RFC 9989: tree walk.
    Rfc9989,
    /// RFC 7489 with the registries' section of the Public Suffix List.
    Rfc7489Icann,
    /// RFC 7489 with the whole Public Suffix List.
    Rfc7489All,
}

impl Generation {
    /// How people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9989 => "RFC 9989 (tree walk)",
            Self::Rfc7489Icann => "RFC 7489 (Public Suffix List, ICANN section)",
            Self::Rfc7489All => "RFC 7489 (whole Public Suffix List)",
        }
    }
}

/// What one kind of receiver makes of a message.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Policy, PublicSuffixes, Section};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=20\"")?;
/// let (author, ids, list) = ("example.com".parse()?, Authenticated::default(), PublicSuffixes::parse("com"));
/// let older = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::evaluate_by_list(dns, &author, &ids, &list, Section::All)
/// });
/// // Four of five failing messages are put into quarantine instead.
/// assert_eq!((older.disposition(), older.percent), (Policy::Reject, 20));
/// let newer = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert!(!older.agrees_with(&dmarc::Verdict::from(&newer)), "RFC 9989 knows no `pct`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Verdict {
    /// Which kind.
    pub generation: Generation,
    /// The result.
    pub result: DmarcResult,
    /// Where the record stands that it applies.
    pub policy_domain: Option<Name>,
    /// The Author Domain's Organizational Domain; `None` if it is unknown.
    pub org_domain: Option<Name>,
    /// The policy asked for, after `t` or `pct=0`; `None` if no record applies.
    pub policy: Option<Policy>,
    /// The share of failing mail that gets the policy, in percent; the rest gets one level less. 100 for RFC 9989.
    pub percent: u8,
    /// Whether SPF gave an aligned pass.
    pub spf_aligned: bool,
    /// Whether DKIM gave an aligned pass.
    pub dkim_aligned: bool,
}

impl Verdict {
    /// What the domain owner asks the receiver to do with this message.
    pub fn disposition(&self) -> Policy {
        if self.result == DmarcResult::Fail { self.policy.unwrap_or_default() } else { Policy::None }
    }

    /// Whether a message fares the same with both: result, and what is asked for.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.result == other.result
            && self.disposition() == other.disposition()
            && (self.percent == other.percent || self.disposition() == Policy::None)
    }
}

impl From<&Outcome> for Verdict {
    fn from(outcome: &Outcome) -> Self {
        Self {
            generation: Generation::Rfc9989,
            result: outcome.result,
            policy_domain: outcome.policy_record().map(|policy| policy.domain.clone()),
            org_domain: outcome.discovery.org_domain.as_ref().ok().map(|org| org.name.clone()),
            policy: outcome.applied.map(|applied| applied.policy),
            percent: 100,
            spf_aligned: outcome.spf_aligned(),
            dkim_aligned: outcome.dkim_aligned(),
        }
    }
}

/// What every kind of receiver makes of a message: RFC 9989 first, then both kinds of RFC 7489.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, DmarcResult, PublicSuffixes};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // The record is neither at the Author Domain nor at `example.com`: only a tree walk comes by.
/// let zone = Zone::parse("_dmarc.dept.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let (author, ids) = ("news.dept.example.com".parse()?, Authenticated::default());
/// let list = PublicSuffixes::parse("com");
/// let compare = |dns: &Snapshot| dmarc::compare(dns, &author, &ids, &list);
/// let verdicts = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), compare);
/// let results: Vec<DmarcResult> = verdicts.iter().map(|verdict| verdict.result).collect();
/// assert_eq!(results, [DmarcResult::Fail, DmarcResult::None, DmarcResult::None]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare(dns: &Snapshot, author: &Name, ids: &Authenticated, suffixes: &PublicSuffixes) -> Step<Vec<Verdict>> {
    let mut open = Vec::new();
    let mut verdicts = Vec::with_capacity(3);
    if let Some(outcome) = evaluate(dns, author, ids).or_ask(&mut open) {
        verdicts.push(Verdict::from(&outcome));
    }
    for section in [Section::Icann, Section::All] {
        verdicts.extend(evaluate_by_list(dns, author, ids, suffixes, section).or_ask(&mut open));
    }
    if open.is_empty() { Step::Done(verdicts) } else { Step::Ask(open) }
}

/// What a receiver of RFC 7489 makes of a message.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, DmarcResult, MethodResult, PublicSuffixes, Section};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.alice.sites.example. TXT \"v=DMARC1; p=reject\"")?;
/// let list = PublicSuffixes::parse("example\n// ===BEGIN PRIVATE DOMAINS===\nsites.example");
/// let author = "alice.sites.example".parse()?;
/// let ids = Authenticated::default().dkim("bob.sites.example".parse()?, MethodResult::Pass);
/// let result = |section| {
///     let evaluate = |dns: &Snapshot| dmarc::evaluate_by_list(dns, &author, &ids, &list, section);
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), evaluate).result
/// };
/// // Who leaves the private section out takes two customers of a hosting provider for one organization.
/// assert_eq!((result(Section::All), result(Section::Icann)), (DmarcResult::Fail, DmarcResult::Pass));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate_by_list(
    dns: &Snapshot,
    author: &Name,
    ids: &Authenticated,
    suffixes: &PublicSuffixes,
    section: Section,
) -> Step<Verdict> {
    let org = suffixes.org_domain_or_self(author, section);
    let mut verdict = Verdict {
        generation: match section {
            Section::Icann => Generation::Rfc7489Icann,
            Section::All => Generation::Rfc7489All,
        },
        result: DmarcResult::None,
        policy_domain: None,
        policy: None,
        percent: 100,
        spf_aligned: false,
        dkim_aligned: false,
        org_domain: Some(org.clone()),
    };
    let (domain, record) = match find(dns, author, &org) {
        Step::Ask(questions) => return Step::Ask(questions),
        Step::Done(Ok(Some(found))) => found,
        Step::Done(Ok(None)) => return Step::Done(verdict),
        Step::Done(Err(_)) => {
            verdict.result = DmarcResult::Temperror;
            return Step::Done(verdict);
        }
    };
    let policy = requested(&record, domain == *author);
    verdict.policy_domain = Some(domain);
    // §6.6.3: "the Mail Receiver applies no DMARC processing to this message".
    let Some(policy) = policy else { return Step::Done(verdict) };
    let aligned = |domain: &Name, mode: Mode| match mode {
        Mode::Strict => domain == author,
        Mode::Relaxed => suffixes.org_domain_or_self(domain, section) == org,
    };
    let mut transient = false;
    for identifier in &ids.identifiers {
        let mode = if identifier.is_spf() { record.aspf() } else { record.adkim() }.or_default();
        if !aligned(&identifier.domain, mode) {
            continue;
        }
        match (identifier.result, identifier.is_spf()) {
            (MethodResult::Pass, true) => verdict.spf_aligned = true,
            (MethodResult::Pass, false) => verdict.dkim_aligned = true,
            (result, _) => transient |= result == MethodResult::Temperror,
        }
    }
    // §6.6.4: outside the sample the next lower policy applies; `pct=0` leaves nothing inside it.
    verdict.percent = record.pct().value().unwrap_or(100);
    verdict.policy = Some(if verdict.percent == 0 { policy.lowered() } else { policy });
    verdict.result = match (verdict.spf_aligned || verdict.dkim_aligned, transient) {
        (true, _) => DmarcResult::Pass,
        (false, true) => DmarcResult::Temperror,
        (false, false) => DmarcResult::Fail,
    };
    Step::Done(verdict)
}

type FoundAt = Option<(Name, std::sync::Arc<Record>)>;

/// RFC 7489 §6.6.3, policy discovery: the Author Domain, then its Organizational Domain.
fn find(dns: &Snapshot, author: &Name, org: &Name) -> Step<Result<FoundAt, LookupFailure>> {
    let mut open = Vec::new();
    let founds = [author, org].map(|name| (name, tree_walk::own(dns, name).or_ask(&mut open)));
    for (name, found) in founds {
        match found {
            None => return Step::Ask(open),
            Some(Found::Record(record)) => return Step::Done(Ok(Some((name.clone(), record)))),
            // Step 5: "If the remaining set contains multiple records […] policy discovery terminates".
            Some(Found::Several(_)) => return Step::Done(Ok(None)),
            Some(Found::Failure(failure)) => return Step::Done(Err(LookupFailure::new(name.clone(), failure))),
            Some(Found::Nothing) => {}
        }
    }
    Step::Done(Ok(None))
}

/// RFC 7489 §6.6.3 step 6: a bad `p` or `sp` leaves `p=none` if there is a report destination. `np` is an unknown tag.
fn requested(record: &Record, own: bool) -> Option<Policy> {
    match record.p().value() {
        Some(p) if !record.sp().is_invalid() => Some(if own { p } else { record.sp().value().unwrap_or(p) }),
        _ => record.has_usable_rua().then_some(Policy::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// What is made of mail of `author` where `record` stands at `_dmarc.example.com`.
    fn verdict(record: &str, author: &str, ids: &Authenticated) -> Verdict {
        let zone = Zone::parse(&format!("_dmarc.example.com. TXT \"{record}\"")).unwrap();
        let (author, list) = (name(author), PublicSuffixes::parse("com"));
        drive_sync(
            &mut Snapshot::new(),
            |q| zone.answer(q),
            |dns| evaluate_by_list(dns, &author, ids, &list, Section::All),
        )
    }

    fn failing(record: &str, author: &str) -> Verdict {
        verdict(record, author, &Authenticated::default())
    }

    /// RFC 7489 §6.3: `p` is for the domain itself and, where no `sp` is, for those below it.
    #[test]
    fn below_the_record_sp_is_asked_for() {
        for (record, itself, below) in [
            ("v=DMARC1; p=reject; sp=quarantine", Policy::Reject, Policy::Quarantine),
            ("v=DMARC1; p=quarantine; sp=reject", Policy::Quarantine, Policy::Reject),
            ("v=DMARC1; p=reject", Policy::Reject, Policy::Reject),
        ] {
            assert_eq!(failing(record, "example.com").policy, Some(itself), "{record}");
            assert_eq!(failing(record, "news.example.com").policy, Some(below), "{record}");
        }
    }

    /// RFC 7489 §6.6.3 step 6: a bad policy counts as `p=none` if reports have somewhere to go; otherwise the record is not applied.
    #[test]
    fn a_bad_policy_counts_as_none_if_there_is_a_report_address() {
        for bad in ["v=DMARC1; p=reject; sp=rejected", "v=DMARC1; p=rejected; sp=reject", "v=DMARC1; sp=reject"] {
            for author in ["example.com", "news.example.com"] {
                let reported = failing(&format!("{bad}; rua=mailto:r@example.com"), author);
                assert_eq!((reported.result, reported.policy), (DmarcResult::Fail, Some(Policy::None)), "{bad}");
                let silent = failing(bad, author);
                assert_eq!((silent.result, silent.policy), (DmarcResult::None, None), "{bad}");
                assert_eq!(silent.policy_domain, Some(name("example.com")), "where it stands is told all the same");
            }
        }
    }

    /// RFC 7489 §3.1: strict alignment wants the same domain, relaxed alignment the same Organizational Domain; each for its method.
    #[test]
    fn each_method_has_its_mode_of_alignment() {
        for (tags, spf, dkim) in [
            ("", true, true),
            ("; aspf=s", false, true),
            ("; adkim=s", true, false),
            ("; aspf=s; adkim=s", false, false),
        ] {
            let record = format!("v=DMARC1; p=reject{tags}");
            let of = |domain: &str| {
                let ids = Authenticated::default().spf(name(domain), MethodResult::Pass);
                let verdict = verdict(&record, "example.com", &ids.dkim(name(domain), MethodResult::Pass));
                assert_eq!(verdict.result == DmarcResult::Pass, verdict.spf_aligned || verdict.dkim_aligned);
                (verdict.spf_aligned, verdict.dkim_aligned)
            };
            assert_eq!(of("example.com"), (true, true), "{record}");
            assert_eq!(of("news.example.com"), (spf, dkim), "{record}");
            assert_eq!(of("example.org"), (false, false), "{record}");
        }
    }

    /// RFC 7489 §6.6.2: what could not be found out matters where it could have given a pass, and only if nothing else gave one.
    #[test]
    fn a_transient_error_counts_where_the_identifier_is_aligned() {
        use MethodResult::{Fail, Pass, Temperror};
        let result = |dkim: &[(&str, MethodResult)]| {
            let ids =
                dkim.iter().fold(Authenticated::default(), |ids, (domain, result)| ids.dkim(name(domain), *result));
            verdict("v=DMARC1; p=reject", "example.com", &ids).result
        };
        assert_eq!(result(&[("example.com", Temperror)]), DmarcResult::Temperror);
        assert_eq!(result(&[("example.com", Temperror), ("example.com", Fail)]), DmarcResult::Temperror);
        assert_eq!(result(&[("example.com", Temperror), ("example.com", Pass)]), DmarcResult::Pass);
        assert_eq!(result(&[("example.org", Temperror), ("example.com", Fail)]), DmarcResult::Fail);
    }

    /// RFC 7489 §6.6.4: outside the sample of `pct` the next lower policy applies, and `pct=0` leaves nothing inside it.
    #[test]
    fn the_sample_of_pct() {
        for (record, asked) in [
            ("v=DMARC1; p=reject", (Policy::Reject, 100)),
            ("v=DMARC1; p=reject; pct=1", (Policy::Reject, 1)),
            ("v=DMARC1; p=reject; pct=0", (Policy::Quarantine, 0)),
            ("v=DMARC1; p=quarantine; pct=0", (Policy::None, 0)),
        ] {
            let verdict = failing(record, "example.com");
            assert_eq!((verdict.disposition(), verdict.percent), asked, "{record}");
        }
    }

    #[test]
    fn only_mail_that_fails_gets_the_policy() {
        let ids = Authenticated::default().dkim(name("example.com"), MethodResult::Pass);
        let passed = verdict("v=DMARC1; p=reject", "example.com", &ids);
        assert_eq!((passed.policy, passed.disposition()), (Some(Policy::Reject), Policy::None));
        assert_eq!(failing("v=DMARC1; p=reject", "example.com").disposition(), Policy::Reject);
    }

    /// Two verdicts agree if the same happens to the message: where nothing is asked for, shares of nothing are all the same.
    #[test]
    fn verdicts_agree_if_the_message_fares_the_same() {
        let all = failing("v=DMARC1; p=reject", "example.com");
        assert!(all.agrees_with(&failing("v=DMARC1; p=none; sp=reject", "news.example.com")));
        assert!(!all.agrees_with(&failing("v=DMARC1; p=quarantine", "example.com")), "another policy");
        assert!(!all.agrees_with(&failing("v=DMARC1; p=reject; pct=20", "example.com")), "another share");
        assert!(!all.agrees_with(&failing("no record", "example.com")), "another result");
        let none = failing("v=DMARC1; p=none", "example.com");
        assert!(none.agrees_with(&failing("v=DMARC1; p=none; pct=20", "example.com")));
        assert!(
            !none.agrees_with(&failing("no record", "example.com")),
            "fail, and no result, although both ask for nothing"
        );
    }
}
