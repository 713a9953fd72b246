//! Which identifier of a message is aligned, and why the others are not.

use super::lint::LintOptions;
use super::verdicts;
use crate::Name;
use crate::dmarc::{
    Alignment, DmarcResult, Identifier, Method, MethodResult, Outcome, Relation, Section, Weakness, explain,
};
use crate::dns::Snapshot;
use crate::finding::{Diagnostic, Effect, Findings, Label, Severity, Subject, rules};

rules! {
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
        "`{unicode}` is compared as `{author}`";

    /// # The domain is written in another form
    ///
    /// Letter case and a final dot make no difference: domains are compared without regard to either.
    ///
    /// ```dmarc-eval bad from=d.example dkim=pass:D.Example. spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```dmarc-eval good from=d.example dkim=pass:d.example spf=pass:d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SPELLING = "align-case-or-trailing-dot", Note, Ok, ["RFC 9989 §5.3.1", "RFC 4343"],
        "`{written}` is compared as `{name}`: letter case and a final dot make no difference";

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

/// What there is to say about a domain as it was written in the message: `part` is `from`, `mail-from`, `helo` or `dkim`.
///
/// ```
/// use mailproof::dmarc;
///
/// // DMARC compares A-labels: this is what stands in the DNS.
/// let found = &dmarc::lint_spelling("from", "bücher.example")[0];
/// assert_eq!((found.code.as_str(), found.params.get("author")), ("align-idn", Some("xn--bcher-kva.example")));
/// assert_eq!(dmarc::lint_spelling("dkim", "Example.COM")[0].code, "align-case-or-trailing-dot");
/// assert!(dmarc::lint_spelling("dkim", "example.com").is_empty());
/// ```
pub fn lint_spelling(part: &str, written: &str) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    if let Ok(name) = Name::parse(written) {
        let label = Label::whole(&Subject::session(part, written));
        if !written.is_ascii() {
            out.report(&IDN, label).arg("unicode", written).arg("author", &name);
        } else if written != name.as_str() {
            out.report(&SPELLING, label).arg("written", written).arg("name", &name);
        }
    }
    out.into_vec()
}

pub(super) fn check(outcome: &Outcome, dns: &Snapshot, options: &LintOptions, out: &mut Findings) {
    verdicts::result(outcome, out);
    if outcome.author.as_str().contains("xn--") {
        out.report(&IDN, from(outcome)).arg("unicode", outcome.author.to_unicode()).arg("author", &outcome.author);
    }
    for alignment in &outcome.alignments {
        identifier(outcome, alignment, out);
    }
    if let Some(suffixes) = &options.suffixes {
        public_suffixes(outcome, suffixes, out);
        verdicts::receivers(outcome, dns, options, out);
    }
    legs(outcome, out);
}

pub(super) fn from(outcome: &Outcome) -> Label {
    Label::whole(&Subject::session("from", outcome.author.as_str()))
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
