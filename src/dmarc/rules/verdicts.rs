//! The result for a message, and what receivers of the older standard make of it.

use super::alignment::from;
use super::lint::LintOptions;
use crate::dmarc::{
    Authenticated, Author, Cause, DmarcResult, Existence, Outcome, Policy, Section, Verdict, evaluate_by_list, explain,
    listed,
};
use crate::dns::{Snapshot, Step};
use crate::finding::{Effect, Findings, Label, Rule, Severity, Subject, rules};

rules! {
    /// # DMARC passes
    ///
    /// A mechanism authenticated an identifier that is aligned with From. One is enough.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:other.test
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    PASS = "dmarc-eval-pass", Note, Ok, ["RFC 9989 §5.3.5"],
        "DMARC passes for `{author}`: {why}";

    /// # DMARC fails
    ///
    /// No mechanism authenticated an identifier that is aligned with From. Either a mechanism failed, or it authenticated another
    /// domain than the one people see.
    ///
    /// ```dmarc-eval bad from=d.example spf=pass:b.esp.test dkim=pass:esp.test
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:b.esp.test dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    FAIL = "dmarc-eval-fail", Error, Fail, ["RFC 9989 §5.3.5", "RFC 9989 §5.3.6"],
        "DMARC fails for `{author}` ({policy} is asked for): {why}";

    /// # DMARC does not apply
    ///
    /// No usable record was found, so receivers must not apply DMARC, even if SPF and DKIM are aligned.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    NONE = "dmarc-eval-none", Note, NoDmarc, ["RFC 9989 §4.10.1", "RFC 9989 §5.3.2"],
        "{why}";

    /// # There is no single Author Domain
    ///
    /// DMARC needs exactly one domain in From. With none or several, validation is not possible. Several domains are a known way
    /// around DMARC: a receiver may evaluate each and follow the strictest policy that fails.
    ///
    /// ```dmarc-eval bad from=a.example,b.example
    /// _dmarc.a.example. TXT "v=DMARC1; p=reject; rua=mailto:r@a.example"
    /// ```
    ///
    /// ```dmarc-eval good from=a.example,a.example dkim=pass:a.example
    /// _dmarc.a.example. TXT "v=DMARC1; p=reject; rua=mailto:r@a.example"
    /// ```
    PERMERROR = "dmarc-eval-permerror", Error, Permerror, ["RFC 9989 §5.3.1", "RFC 9989 §11.5"],
        "DMARC is not possible: From names {domains}";

    /// # DMARC could not be decided
    ///
    /// The DNS did not answer something that the result depends on. Receivers may answer with a temporary error or deliver.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:d.example
    /// _dmarc.d.example. SERVFAIL
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    TEMPERROR = "dmarc-eval-temperror", Warning, Temperror, ["RFC 9989 §5.3.6"],
        "{why}";

    /// # The result depends on the receiver
    ///
    /// RFC 9989 receivers find the organization by tree walk, RFC 7489 receivers by the Public Suffix List, and here that
    /// changes the result or what is asked for.
    ///
    /// ```dmarc-eval bad from=s.d.example dkim=pass:d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```dmarc-eval good from=s.d.example dkim=pass:s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. A 192.0.2.1
    /// ```
    DIFFERS = "align-org-differs-psl-walk", Warning, Differs, ["RFC 9989 §4.10.2", "RFC 7489 §3.2"],
        "receivers differ about `{author}`: {walk}; {list}";
}

/// What there is to say about a From field without a single Author Domain.
///
/// ```
/// use mailproof::dmarc::{self, Author};
///
/// // Two From fields, or one with addresses of two domains: receivers may refuse the message.
/// let found = dmarc::lint_author(&Author::of(["example.com", "example.net"]));
/// assert_eq!(found[0].code, "dmarc-eval-permerror");
/// assert!(dmarc::lint_author(&Author::of(["example.com"])).is_empty());
/// ```
pub fn lint_author(author: &Author) -> Vec<crate::finding::Diagnostic> {
    let mut out = Findings::default();
    let domains = match author {
        Author::Domain(_) => return Vec::new(),
        Author::Nobody => "no domain".to_owned(),
        Author::Several(domains) => {
            format!("several domains, {}", listed(domains, "`"))
        }
    };
    let subject = Subject::session("from", &domains.replace('`', ""));
    out.report(&PERMERROR, Label::whole(&subject)).arg("domains", domains);
    out.into_vec()
}

pub(super) fn result(outcome: &Outcome, out: &mut Findings) {
    let why = explain::outcome(outcome);
    let (rule, detail): (&'static Rule, _) = match outcome.result {
        DmarcResult::Pass => (&PASS, why.split_once(": ").map(|(_, why)| why.to_owned())),
        DmarcResult::Fail => (&FAIL, why.split_once(": ").map(|(_, why)| why.to_owned())),
        DmarcResult::None => (&NONE, None),
        DmarcResult::Temperror => (&TEMPERROR, None),
        DmarcResult::Permerror => (&PERMERROR, None),
    };
    let found = out.report(rule, from(outcome));
    found.arg("author", &outcome.author).arg("policy", outcome.disposition()).arg("why", detail.unwrap_or(why));
    // `p=none` changes nothing for the message.
    if outcome.result == DmarcResult::Fail && outcome.disposition() == Policy::None {
        found.severity(Severity::Warning).effect(Effect::PolicyNone);
    }
    if let (Cause::ExistenceUnknown(_), Existence::Unknown(failure)) = (&outcome.cause, outcome.existence) {
        found.label(failure.as_str());
    }
}

/// What RFC 7489 receivers make of it, as far as the snapshot tells.
pub(super) fn receivers(outcome: &Outcome, dns: &Snapshot, options: &LintOptions, out: &mut Findings) {
    let Some(suffixes) = &options.suffixes else { return };
    let identifiers = outcome.alignments.iter().map(|alignment| alignment.identifier.clone());
    let ids = Authenticated { identifiers: identifiers.collect() };
    let walk = Verdict::from(outcome);
    if matches!(walk.result, DmarcResult::Temperror | DmarcResult::None) {
        return;
    }
    for section in [Section::All, Section::Icann] {
        let Step::Done(list) = evaluate_by_list(dns, &outcome.author, &ids, suffixes, section) else { continue };
        // `pct` is told by the rules about the record.
        let same = list.result == walk.result && (list.policy_domain == walk.policy_domain || list.agrees_with(&walk));
        if !same && list.result != DmarcResult::Temperror {
            out.report(&DIFFERS, from(outcome))
                .arg("author", &outcome.author)
                .arg("walk", explain::verdict(&walk))
                .arg("list", explain::verdict(&list));
            return;
        }
    }
}
