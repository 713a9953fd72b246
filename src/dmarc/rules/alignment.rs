//! The result for a message: which identifier is aligned, and why the others are not.

use super::lint::LintOptions;
use crate::Name;
use crate::dmarc::{
    Alignment, Author, Cause, DmarcResult, Existence, Generation, Identifier, Method, MethodResult, Outcome, Relation,
    Section, Verdict, Weakness, evaluate_by_list, explain,
};
use crate::dmarc::{Authenticated, Policy};
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

    /// # SPF passes for another domain
    ///
    /// The envelope sender belongs to somebody else, often to the service that sends. For DMARC that counts for nothing. Let the
    /// service use an envelope sender below your domain.
    ///
    /// ```dmarc-eval bad from=d.example spf=pass:b.esp.test
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:bounce.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SPF_UNALIGNED = "align-spf-pass-unaligned", Warning, Ok, ["RFC 9989 §4.4.2"],
        "SPF passes, but not for a domain that is aligned with From: {why}";

    /// # SPF would be aligned, but does not pass
    ///
    /// ```dmarc-eval bad from=d.example spf=softfail:d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SPF_NOT_PASS = "align-spf-not-pass", Note, Ok, ["RFC 9989 §4.4.2"],
        "the SPF domain is aligned, but SPF did not pass: {why}";

    /// # The reverse-path is null
    ///
    /// A bounce has no envelope sender. SPF then checks the HELO domain as MAIL FROM, and that is what DMARC compares.
    ///
    /// ```dmarc-eval bad from=d.example helo=pass:mx.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    HELO_ONLY = "align-spf-helo-only", Note, Ok, ["RFC 9989 §4.4.2", "RFC 7208 §2.4"],
        "the reverse-path is null, so the HELO domain `{helo}` is what SPF authenticates";

    /// # DKIM passes for another domain
    ///
    /// The signature is good, but its domain is not aligned with From. Let the service sign with a domain of yours.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:esp.test
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    DKIM_UNALIGNED = "align-dkim-pass-unaligned", Warning, Ok, ["RFC 9989 §4.4.1"],
        "a signature passes, but not for a domain that is aligned with From: {why}";

    /// # The aligned signature does not pass
    ///
    /// ```dmarc-eval bad from=d.example dkim=fail:d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    DKIM_NOT_PASS = "align-dkim-not-pass", Note, Ok, ["RFC 9989 §4.4.1"],
        "the signature's domain is aligned, but it did not pass: {why}";

    /// # Strict alignment is in the way
    ///
    /// The domains belong to one organization, but the record asks for the very same domain.
    ///
    /// ```dmarc-eval bad from=s.d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; adkim=s; rua=mailto:r@d.example"
    /// s.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```dmarc-eval good from=s.d.example dkim=pass:s.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; adkim=s; rua=mailto:r@d.example"
    /// s.d.example. A 192.0.2.1
    /// ```
    STRICT_BLOCKS = "align-strict-blocks", Warning, Fail, ["RFC 9989 §4.4"],
        "`{identifier}` would be aligned with `{author}` in relaxed mode, but the record asks for strict alignment (`{tag}=s`)";

    /// # Siblings are aligned
    ///
    /// In relaxed mode, two names below one Organizational Domain are aligned, also if neither lies below the other.
    ///
    /// ```dmarc-eval bad from=b.d.example dkim=pass:a.d.example spf=pass:b.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// b.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:a.d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SIBLINGS = "align-sibling-subdomains", Note, Ok, ["RFC 9989 §4.4"],
        "`{identifier}` and `{author}` are siblings below `{org}`, which aligns them in relaxed mode";

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

    /// # A public suffix signs or sends
    ///
    /// The domain is one under which independent parties register names. A signature of it says nothing about any of them.
    ///
    /// ```dmarc-eval bad from=d.co.uk dkim=pass:co.uk spf=pass:d.co.uk
    /// _dmarc.d.co.uk. TXT "v=DMARC1; p=reject; rua=mailto:r@d.co.uk"
    /// ```
    ///
    /// ```dmarc-eval good from=d.co.uk dkim=pass:d.co.uk spf=pass:d.co.uk
    /// _dmarc.d.co.uk. TXT "v=DMARC1; p=reject; rua=mailto:r@d.co.uk"
    /// ```
    PUBLIC_SUFFIX = "align-public-suffix-d", Error, Ok, ["RFC 9989 §4.10.2", "RFC 6376 §6.1.1"],
        "`{domain}` ({what}) is a public suffix: independent parties register names below it";

    /// # From is an internationalised domain
    ///
    /// U-labels are turned into A-labels before anything is compared; `bücher.example` and `xn--bcher-kva.example` are the same.
    ///
    /// ```dmarc-eval bad from=bücher.example dkim=pass:xn--bcher-kva.example spf=pass:xn--bcher-kva.example
    /// _dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    IDN = "align-idn", Note, Ok, ["RFC 9989 §5.3.1", "RFC 8616"],
        "From `{unicode}` is compared as `{author}`";

    /// # Only SPF is aligned
    ///
    /// DMARC passes by SPF alone. The first forwarder breaks that: its address is not in your SPF record. Sign with DKIM as well.
    ///
    /// ```dmarc-eval bad from=d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ONLY_SPF = "align-only-spf", Warning, Ok, ["RFC 9989 §7.4", "RFC 7960"],
        "DMARC of `{author}` passes by SPF only, which every forwarding breaks";

    /// # Only DKIM is aligned
    ///
    /// DMARC passes by DKIM alone. It survives forwarding, but nothing is left where a message is changed on its way.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:d.example spf=pass:b.esp.test
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example spf=pass:d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ONLY_DKIM = "align-only-dkim", Note, Ok, ["RFC 9989 §5.1.1"],
        "DMARC of `{author}` passes by DKIM only, SPF gives no aligned pass";

    /// # The only aligned signature is weak
    ///
    /// It leaves a part of the body unsigned, its key is a test, or its key is short. Some receivers do not count it.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:d.example:partial-body
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    WEAK = "align-weak-dkim-only", Warning, Ok, ["RFC 9989 §11.1", "RFC 6376 §8.2"],
        "the only aligned pass of `{author}` is a weak signature: {weakness}";
}

/// What there is to say about a From field without a single Author Domain.
pub fn lint_author(author: &Author) -> Vec<crate::finding::Diagnostic> {
    let mut out = Findings::default();
    let domains = match author {
        Author::Domain(_) => return Vec::new(),
        Author::Nobody => "no domain".to_owned(),
        Author::Several(domains) => {
            let names: Vec<&str> = domains.iter().map(Name::as_str).collect();
            format!("several domains, `{}`", names.join("`, `"))
        }
    };
    let subject = Subject::session("from", &domains.replace('`', ""));
    out.report(&PERMERROR, Label::whole(&subject)).arg("domains", domains);
    out.into_vec()
}

pub(super) fn check(outcome: &Outcome, dns: &Snapshot, options: &LintOptions, out: &mut Findings) {
    result(outcome, out);
    if outcome.author.as_str().contains("xn--") {
        out.report(&IDN, from(outcome)).arg("unicode", outcome.author.to_unicode()).arg("author", &outcome.author);
    }
    for alignment in &outcome.alignments {
        identifier(outcome, alignment, out);
    }
    if let Some(suffixes) = &options.suffixes {
        public_suffixes(outcome, suffixes, out);
        receivers(outcome, dns, options, out);
    }
    legs(outcome, out);
}

fn from(outcome: &Outcome) -> Label {
    Label::whole(&Subject::session("from", outcome.author.as_str()))
}

fn result(outcome: &Outcome, out: &mut Findings) {
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

fn identifier(outcome: &Outcome, alignment: &Alignment, out: &mut Findings) {
    let id = &alignment.identifier;
    let place = label(id);
    let why = explain::alignment(alignment, &outcome.author);
    let spf = id.is_spf();
    if let Method::Spf { null_path: true } = id.method {
        out.report(&HELO_ONLY, place.clone()).arg("helo", &id.domain);
    }
    match (id.result, &alignment.relation) {
        (MethodResult::Pass, Relation::StrictNotSame(_)) => {
            let tag = if spf { "aspf" } else { "adkim" };
            let found = out.report(&STRICT_BLOCKS, place);
            found.arg("identifier", &id.domain).arg("author", &outcome.author).arg("tag", tag);
            if outcome.result != DmarcResult::Fail {
                found.effect(Effect::Ok);
            }
        }
        (MethodResult::Pass, Relation::Different { .. }) => {
            let found = out.report(if spf { &SPF_UNALIGNED } else { &DKIM_UNALIGNED }, place).arg("why", why);
            // Another domain beside the aligned one does no harm.
            if outcome.result == DmarcResult::Pass {
                found.severity(Severity::Note);
            }
        }
        (MethodResult::Pass, Relation::SameOrgDomain(org)) => {
            let (a, b) = (&id.domain, &outcome.author);
            if !a.is_within(b) && !b.is_within(a) {
                out.report(&SIBLINGS, place).arg("identifier", a).arg("author", b).arg("org", &org.name);
            }
        }
        (MethodResult::Pass | MethodResult::None, _) => {}
        _ if alignment.would_align() => {
            out.report(if spf { &SPF_NOT_PASS } else { &DKIM_NOT_PASS }, place).arg("why", why);
        }
        _ => {}
    }
}

fn label(id: &Identifier) -> Label {
    let part = match id.method {
        Method::Spf { null_path: false } => "mail-from",
        Method::Spf { null_path: true } => "helo",
        Method::Dkim { .. } => "dkim",
    };
    Label::whole(&Subject::session(part, id.domain.as_str()))
}

fn public_suffixes(outcome: &Outcome, suffixes: &crate::dmarc::PublicSuffixes, out: &mut Findings) {
    let mut tell = |domain: &Name, what: &str, place: Label| {
        if suffixes.suffix(domain, Section::Icann) == *domain {
            out.report(&PUBLIC_SUFFIX, place).arg("domain", domain).arg("what", what);
        }
    };
    tell(&outcome.author, "From", from(outcome));
    for alignment in outcome.alignments.iter().filter(|alignment| !alignment.identifier.is_spf()) {
        tell(&alignment.identifier.domain, "d=", label(&alignment.identifier));
    }
}

/// What RFC 7489 receivers make of it, as far as the snapshot tells.
fn receivers(outcome: &Outcome, dns: &Snapshot, options: &LintOptions, out: &mut Findings) {
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
            debug_assert!(list.generation != Generation::Rfc9989);
            out.report(&DIFFERS, from(outcome))
                .arg("author", &outcome.author)
                .arg("walk", explain::verdict(&walk))
                .arg("list", explain::verdict(&list));
            return;
        }
    }
}

/// What a pass rests on.
fn legs(outcome: &Outcome, out: &mut Findings) {
    if outcome.result != DmarcResult::Pass {
        return;
    }
    let author = &outcome.author;
    match (outcome.spf_aligned(), outcome.dkim_aligned()) {
        (true, false) => {
            out.report(&ONLY_SPF, from(outcome)).arg("author", author);
        }
        (false, true) => {
            out.report(&ONLY_DKIM, from(outcome)).arg("author", author);
        }
        (true, true) | (false, false) => {}
    }
    let passes: Vec<&Identifier> =
        outcome.alignments.iter().filter(|a| a.aligned_pass()).map(|a| &a.identifier).collect();
    let weak = |id: &&Identifier| match id.method {
        Method::Dkim { weakness, .. } => weakness,
        Method::Spf { .. } => None,
    };
    if let Some(first) = passes.first().and_then(weak)
        && passes.iter().all(|id| weak(id).is_some())
    {
        let weakness = match first {
            Weakness::PartialBody => "`l=` leaves a part of the body unsigned",
            Weakness::TestKey => "its key is in test mode",
            Weakness::ShortKey => "its key is short",
        };
        out.report(&WEAK, from(outcome)).arg("author", author).arg("weakness", weakness);
    }
}
