//! Outcomes in words. The only place of this folder, beside the rules, that speaks English.

use super::{
    Alignment, Cause, ChosenBy, Identifier, LookupFailure, Method, OrgDomain, Outcome, Place, PolicyTag, Relation,
    Verdict,
};
use crate::Name;

/// One sentence: the result, and what it rests on.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "example.com".parse()?;
/// let ids = Authenticated::default().dkim("mailgun.example".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(
///     dmarc::explain::alignment(&outcome.alignments[0], &author),
///     "d=mailgun.example has Organizational Domain mailgun.example, From has example.com"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn outcome(outcome: &Outcome) -> String {
    let author = &outcome.author;
    match &outcome.cause {
        Cause::Aligned(index) => match outcome.alignments.get(*index) {
            Some(aligned) => format!("DMARC passes for {author}: {}", alignment(aligned, author)),
            None => format!("DMARC passes for {author}"),
        },
        Cause::NothingAligned => format!("DMARC fails for {author}: {}", why_nothing_aligned(outcome)),
        Cause::NoRecord => format!("DMARC does not apply to {author}: no record was found"),
        Cause::NoUsablePolicy => format!(
            "DMARC does not apply to {author}: the record at {} has no usable policy and no report destination",
            outcome.policy_record().map_or(author, |policy| &policy.domain)
        ),
        Cause::SpfNotChecked => {
            format!("DMARC of {author} is undecided: SPF was not checked, and no DKIM signature that is aligned passes")
        }
        Cause::DiscoveryFailed(failed) => format!("DMARC of {author} is unknown: {}", failure(failed)),
        Cause::ExistenceUnknown(failed) => {
            format!(
                "the policy for {author} is unknown, since it depends on whether the domain exists: {}",
                failure(failed)
            )
        }
        Cause::IdentifierTemperror(index) | Cause::AlignmentUnknown(index) => match outcome.alignments.get(*index) {
            Some(unknown) => format!("DMARC of {author} is unknown: {}", alignment(unknown, author)),
            None => format!("DMARC of {author} is unknown"),
        },
    }
}

fn why_nothing_aligned(outcome: &Outcome) -> String {
    if outcome.alignments.is_empty() {
        return "neither SPF nor DKIM gave an identifier".to_owned();
    }
    let reasons: Vec<String> = outcome.alignments.iter().map(|each| alignment(each, &outcome.author)).collect();
    reasons.join("; ")
}

/// How an identifier stands to the Author Domain, and whether it passed.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"")?;
/// let author = "www.example.com".parse()?;
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(
///     explain::alignment(&outcome.alignments[0], &author),
///     "d=mail.example.com has the same Organizational Domain as From www.example.com, example.com (relaxed alignment)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn alignment(alignment: &Alignment, author: &Name) -> String {
    let id = identifier(&alignment.identifier);
    let result = alignment.identifier.result;
    let mode = match alignment.mode {
        super::Mode::Relaxed => "relaxed",
        super::Mode::Strict => "strict",
    };
    let relation = match &alignment.relation {
        Relation::Same => format!("{id} is the From domain itself"),
        Relation::SameOrgDomain(org) => {
            format!("{id} has the same Organizational Domain as From {author}, {}", org_domain(org))
        }
        Relation::StrictNotSame(_) => format!("{id} is not exactly {author}, which strict alignment asks for"),
        Relation::Different { identifier: Some(theirs), author: Some(ours) } => {
            format!("{id} has Organizational Domain {}, From has {}", theirs.name, ours.name)
        }
        Relation::Different { author: Some(ours), .. } => {
            format!("{id} does not lie in {}, the Organizational Domain of From", ours.name)
        }
        Relation::Different { .. } => format!("{id} and From {author} share no domain"),
        Relation::Unknown(failed) => format!("the Organizational Domain of {id} is unknown, {}", failure(failed)),
        Relation::NotChecked => format!("{id} was not looked at, the message has too many identifiers"),
    };
    match (alignment.identifier.passed(), alignment.would_align()) {
        (true, true) => format!("{relation} ({mode} alignment)"),
        (true, false) => relation,
        (false, true) => format!("{relation}, but its result is {result}"),
        (false, false) => format!("{relation}, and its result is {result}"),
    }
}

/// `d=example.com`, `MAIL FROM example.com`, `HELO example.com`.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"")?;
/// let author = "www.example.com".parse()?;
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(explain::identifier(&outcome.alignments[0].identifier), "d=mail.example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn identifier(identifier: &Identifier) -> String {
    match &identifier.method {
        Method::Dkim { .. } => format!("d={}", identifier.domain),
        Method::Spf { null_path: false } => format!("MAIL FROM {}", identifier.domain),
        Method::Spf { null_path: true } => format!("HELO {} (the reverse-path is null)", identifier.domain),
    }
}

/// An Organizational Domain and how it was chosen.
///
/// ```
/// use mailproof::dmarc::{self, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; psd=n\"")?;
/// let domain = "news.example.com".parse()?;
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain)).unwrap();
/// assert_eq!(explain::org_domain(&org), "example.com (its record has psd=n)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn org_domain(org: &OrgDomain) -> String {
    let name = &org.name;
    match &org.by {
        ChosenBy::PsdNo => format!("{name} (its record has psd=n)"),
        ChosenBy::BelowPsd(psd) => format!("{name} (one label below {psd}, whose record has psd=y)"),
        ChosenBy::FewestLabels => name.to_string(),
        ChosenBy::NoRecord => format!("{name} (no DMARC record at or above it)"),
    }
}

/// Which name gave no answer, and what came instead.
///
/// ```
/// use mailproof::dmarc::{self, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. SERVFAIL")?;
/// let domain = "example.com".parse()?;
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain));
/// assert_eq!(explain::failure(&org.unwrap_err()), "the DNS gave SERVFAIL for example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn failure(failed: &LookupFailure) -> String {
    format!("the DNS gave {} for {}", failed.failure.as_str(), failed.name)
}

/// Which policy applies to the Author Domain and where it comes from; `None` if none does.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"")?;
/// let author = "www.example.com".parse()?;
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(
///     explain::policy(&outcome).unwrap(),
///     "quarantine (sp of the record at example.com, its Organizational Domain)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn policy(outcome: &Outcome) -> Option<String> {
    let (applied, record) = (outcome.applied?, outcome.policy_record()?);
    let domain = &record.domain;
    let place = match record.place {
        Place::AuthorDomain => format!("the record at {domain}"),
        Place::OrgDomain => format!("the record at {domain}, its Organizational Domain"),
        Place::Psd => format!("the record at {domain}, its public suffix"),
    };
    let from = match applied.from {
        PolicyTag::P => format!("p of {place}"),
        PolicyTag::PForSubdomain => format!("p of {place}, which has no tag for this subdomain"),
        PolicyTag::Sp => format!("sp of {place}"),
        PolicyTag::Np => format!("np of {place}, since {} does not exist", outcome.author),
        PolicyTag::ActAsNone => format!("{place}, which counts as p=none because a policy tag is missing or not valid"),
    };
    let testing = if applied.testing && applied.policy != applied.requested {
        format!(", lowered from {} by t=y", applied.requested)
    } else {
        String::new()
    };
    Some(format!("{} ({from}{testing})", applied.policy))
}

/// One line about what a kind of receiver makes of a message.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, PublicSuffixes, Section, explain};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=20\"")?;
/// let (author, ids, list) = ("example.com".parse()?, Authenticated::default(), PublicSuffixes::parse("com"));
/// let verdict = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::evaluate_by_list(dns, &author, &ids, &list, Section::All)
/// });
/// assert_eq!(
///     explain::verdict(&verdict),
///     "RFC 7489 (whole Public Suffix List): fail, policy reject from example.com for 20 % of the mail"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verdict(verdict: &Verdict) -> String {
    let policy = match (&verdict.policy_domain, verdict.policy) {
        (Some(domain), Some(policy)) => format!("policy {policy} from {domain}"),
        (Some(domain), None) => format!("the record at {domain} is not usable"),
        (None, _) => "no record applies".to_owned(),
    };
    let sample = if verdict.percent < 100 { format!(" for {} % of the mail", verdict.percent) } else { String::new() };
    format!("{}: {}, {policy}{sample}", verdict.generation.as_str(), verdict.result)
}
