//! The protocols `dmarc` and `orgdomain`.

use std::cell::RefCell;
use std::rc::Rc;

use mailproof::Name;
use mailproof::dmarc::{
    self, Authenticated, Author, DmarcResult, MethodResult, Mode, PublicSuffixes, Record, ReportKind, Request, Section,
    Uri,
};
use mailproof::dns::{Snapshot, Step};
use mailproof::message::AddressList;
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{latin1, text, unsupported};

pub fn answer(case: &Value) -> Value {
    match case["kind"].as_str().unwrap_or_default() {
        "parse" => parse(case),
        "discover" => discover(case),
        "eval" => eval(case),
        "align" => align(case),
        "extreport" => report(case),
        "fromdomain" => from_domain(case),
        _ => unsupported(),
    }
}

fn parse(case: &Value) -> Value {
    let record = Record::of(Source::from_bytes(&latin1(text(case, "record"))));
    let old = case["standard"] == "rfc7489";
    let verdict = if old { record.is_valid_rfc7489() } else { record.is_valid() };
    let request = record.request();
    let policies = match request {
        Request::Policies(policies) => [policies.p, policies.sp, policies.np],
        Request::ActAsNone | Request::NoProcessing => Default::default(),
    };
    let uris = |uris: &[Uri]| -> Vec<String> {
        uris.iter().filter(|uri| uri.is_valid()).map(|uri| record.source().text()[uri.uri].to_owned()).collect()
    };
    // RFC 7489 allows `0` beside `1`; a case of both standards wants what is written.
    let fo = if case["standard"] == "rfc9989" { None } else { written_options(&record) };
    let fo = fo.unwrap_or_else(|| record.fo().or_default().iter().map(|option| option.as_str().to_owned()).collect());
    json!({
        "valid": verdict,
        "applies": record.is_dmarc() && request != Request::NoProcessing,
        "tags": {
            "p": policies[0].as_str(), "sp": policies[1].as_str(), "np": policies[2].as_str(),
            "adkim": record.adkim().or_default().as_str(), "aspf": record.aspf().or_default().as_str(),
            "psd": record.psd().or_default().as_str(), "t": record.t().or_default().as_str(),
            "fo": fo, "rua": uris(record.rua()), "ruf": uris(record.ruf()),
        },
    })
}

/// The members of `fo` as written, if all of them are known.
fn written_options(record: &Record) -> Option<Vec<String>> {
    let options = record.source().text()[record.fo().span()?].to_ascii_lowercase();
    let options: Vec<String> = options.split(':').map(str::to_owned).collect();
    options.iter().all(|option| ["0", "1", "d", "s"].contains(&option.as_str())).then_some(options)
}

fn discover(case: &Value) -> Value {
    let Ok(domain) = Name::parse(text(case, "domain")) else { return json!({ "discovery": "none" }) };
    if case["standard"] == "rfc7489" {
        let verdict = ask(case, |dns| {
            dmarc::evaluate_by_list(dns, &domain, &Authenticated::default(), &suffixes(case), section(case))
        });
        let word = match (verdict.result, &verdict.policy_domain) {
            (DmarcResult::Temperror, _) => "temperror",
            (_, Some(_)) => "found",
            (_, None) => "none",
        };
        return json!({ "discovery": word, "record_domain": verdict.policy_domain, "org_domain": verdict.org_domain });
    }
    let discovery = ask(case, |dns| dmarc::discover(dns, &domain));
    let (word, record_domain) = match &discovery.policy {
        Ok(Some(policy)) => ("found", Some(&policy.domain)),
        Ok(None) => ("none", None),
        Err(_) => ("temperror", None),
    };
    // §4.10.1: a record at the Author Domain ends the search; the walk goes on for alignment only.
    let asked = if record_domain == Some(&domain) { 1 } else { discovery.walk.visits.len() };
    let queries: Vec<String> =
        discovery.walk.visits[..asked].iter().map(|visit| format!("_dmarc.{}", discovery.walk.name(visit))).collect();
    json!({
        "discovery": word,
        "record_domain": record_domain,
        "org_domain": discovery.org_domain.as_ref().ok().map(|org| &org.name),
        "queries": queries,
    })
}

fn eval(case: &Value) -> Value {
    let Ok(author) = Name::parse(text(case, "from_domain")) else { return json!({ "result": "none" }) };
    let ids = identifiers(case);
    if case["standard"] == "rfc7489" {
        let verdict = ask(case, |dns| dmarc::evaluate_by_list(dns, &author, &ids, &suffixes(case), section(case)));
        return json!({
            "result": verdict.result.as_str(),
            "policy": verdict.policy.map(dmarc::Policy::as_str),
            "disposition": verdict.disposition().as_str(),
            "spf_aligned": verdict.spf_aligned,
            "dkim_aligned": verdict.dkim_aligned,
            "record_domain": verdict.policy_domain,
            "org_domain": verdict.org_domain,
        });
    }
    let outcome = ask(case, |dns| dmarc::evaluate(dns, &author, &ids));
    json!({
        "result": outcome.result.as_str(),
        "policy": outcome.applied.map(|applied| applied.requested.as_str()),
        "disposition": outcome.disposition().as_str(),
        "spf_aligned": outcome.spf_aligned(),
        "dkim_aligned": outcome.dkim_aligned(),
        "record_domain": outcome.policy_record().map(|policy| &policy.domain),
        "org_domain": outcome.discovery.org_domain.as_ref().ok().map(|org| &org.name),
    })
}

fn identifiers(case: &Value) -> Authenticated {
    let identifier = |value: &Value| {
        let domain = value["domain"].as_str().and_then(|domain| Name::parse(domain).ok())?;
        let result: MethodResult = value["result"].as_str()?.parse().ok()?;
        Some((domain, result))
    };
    let mut ids = Authenticated::default();
    if let Some((domain, result)) = identifier(&case["spf"]) {
        ids = ids.spf(domain, result);
    }
    for (domain, result) in case["dkim"].as_array().into_iter().flatten().filter_map(identifier) {
        ids = ids.dkim(domain, result);
    }
    ids
}

fn align(case: &Value) -> Value {
    let names = (Name::parse(text(case, "auth_domain")), Name::parse(text(case, "from_domain")));
    let (Ok(identifier), Ok(author)) = names else { return json!({ "aligned": false }) };
    let strict = case["mode"].as_str().is_some_and(|mode| mode.eq_ignore_ascii_case(Mode::Strict.as_str()));
    let aligned = if identifier == author {
        true
    } else if strict {
        false
    } else if case.get("zone").is_some() {
        let org = |name: &Name| ask(case, |dns| dmarc::org_domain(dns, name)).map(|org| org.name);
        matches!((org(&identifier), org(&author)), (Ok(a), Ok(b)) if a == b)
    } else {
        let suffixes = suffixes(case);
        let org = |name: &Name| suffixes.org_domain(name, section(case));
        org(&identifier).is_some() && org(&identifier) == org(&author)
    };
    json!({ "aligned": aligned })
}

fn report(case: &Value) -> Value {
    let names = (Name::parse(text(case, "domain")), Name::parse(text(case, "destination")));
    let (Ok(domain), Ok(host)) = names else { return json!({ "authorized": false }) };
    let kind = ReportKind::Rua;
    let permission = ask(case, |dns| match text(case, "standard") {
        "rfc7489" => dmarc::permission_by_list(dns, &domain, &host, kind, &suffixes(case), section(case)),
        _ => dmarc::permission(dns, &domain, &host, kind),
    });
    json!({ "authorized": permission.is_given() })
}

fn from_domain(case: &Value) -> Value {
    let list = AddressList::from_source(Source::from_bytes(&latin1(text(case, "header"))));
    let domains = list.mailboxes().filter_map(|mailbox| Some(mailbox.address.rsplit_once('@')?.1));
    let author = if list.is_broken() { Author::Nobody } else { Author::of(domains) };
    json!({ "from_domain": author.domain() })
}

pub fn org_domain_answer(case: &Value) -> Value {
    let org =
        Name::parse(text(case, "domain")).ok().and_then(|domain| suffixes(case).org_domain(&domain, section(case)));
    json!({ "org_domain": org })
}

/// The rules that a case names, or the built-in ones.
pub fn suffixes(case: &Value) -> Rc<PublicSuffixes> {
    thread_local!(static FILE: RefCell<Option<(String, Rc<PublicSuffixes>)>> = const { RefCell::new(None) });
    if let Some(text) = case["psl_text"].as_str() {
        return Rc::new(PublicSuffixes::parse(text));
    }
    if let Some(rules) = case["psl"].as_array() {
        let rules: Vec<&str> = rules.iter().filter_map(Value::as_str).collect();
        return Rc::new(PublicSuffixes::parse(&rules.join("\n")));
    }
    let Some(path) = case["psl"].as_str() else { return Rc::new(PublicSuffixes::built_in()) };
    FILE.with_borrow_mut(|file| match file {
        Some((known, list)) if known == path => Rc::clone(list),
        _ => {
            let list = Rc::new(PublicSuffixes::parse(&String::from_utf8_lossy(
                &crate::surroundings::read(path).unwrap_or_default(),
            )));
            *file = Some((path.to_owned(), Rc::clone(&list)));
            list
        }
    })
}

fn section(case: &Value) -> Section {
    if case["icann_only"] == true { Section::Icann } else { Section::All }
}

fn ask<T>(case: &Value, evaluate: impl Fn(&Snapshot) -> Step<T>) -> T {
    let zone = zone(&case["zone"]);
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), evaluate)
}
