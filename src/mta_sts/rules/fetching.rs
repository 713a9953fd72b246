//! Whether senders get the policy file at all.

use crate::Name;
use crate::dns::{Lookup, Question, RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Findings, Label, Origin, Subject, rules};
use crate::mta_sts::{Fetched, Record};
use crate::text::{Source, Span};

rules! {
    /// # The policy file cannot be fetched
    ///
    /// Senders get it from `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, with a certificate for that name, status 200, and
    /// follow no redirect. Anything else, an error page too, means that there is no policy.
    ///
    /// ```mta-sts-policy bad status=301
    /// ```
    ///
    /// ```mta-sts-policy good status=200
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    FETCH = "sts-policy-fetch", Error, NoPolicy, ["RFC 8461 §3.3"],
        "the MTA-STS policy of `{domain}` cannot be fetched: {why}";

    /// # The policy file is served as something else than text
    ///
    /// The type is `text/plain`. Senders need not care, and some do.
    ///
    /// ```mta-sts-policy bad content-type=text/html
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    ///
    /// ```mta-sts-policy good content-type=text/plain
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    CONTENT_TYPE = "sts-policy-content-type", Warning, Differs, ["RFC 8461 §3.2"],
        "the MTA-STS policy is served as `{content_type}` and not as `text/plain`";
}

/// Whether the policy file that a record announces has a host that it could come from, where nobody has tried to fetch it. A domain
/// without a record costs no more questions.
///
/// ```
/// use mailproof::{dns::Snapshot, mta_sts, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_mta-sts.d.example. TXT \"v=STSv1; id=1\"")?;
/// let domain = "d.example".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_host(dns, &domain));
/// assert_eq!(found[0].message(), "the MTA-STS policy of `d.example` cannot be fetched: `mta-sts.d.example` has no address");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_host(dns: &Snapshot, domain: &Name) -> Step<Vec<Diagnostic>> {
    let mut out = Findings::default();
    let (Ok(owner), Ok(host)) = (domain.prefixed("_mta-sts"), domain.prefixed("mta-sts")) else {
        return Step::Done(Vec::new());
    };
    let Some(announced) = dns.lookup(owner.as_str(), RecordType::Txt) else {
        return Step::Ask(vec![Question::new(owner, RecordType::Txt)]);
    };
    if !announced.txts().iter().any(|text| Record::is_mta_sts(text.text())) {
        return Step::Done(Vec::new());
    }
    let of_host = [RecordType::A, RecordType::Aaaa].map(|of| Question::new(host.clone(), of));
    let answers: Vec<_> = of_host.iter().map(|question| dns.get(question)).collect();
    if answers.iter().any(Option::is_none) {
        return Step::Ask(
            of_host.into_iter().zip(answers).filter(|(_, answer)| answer.is_none()).map(|(q, _)| q).collect(),
        );
    }
    let is_nowhere = |answer: &&crate::dns::Answer| matches!(answer.lookup, Lookup::NoData | Lookup::NxDomain);
    if answers.iter().flatten().all(is_nowhere) {
        let why = format!("`{host}` has no address");
        let subject = Subject::new(Origin::Policy { host }, Source::new(""));
        out.report(&FETCH, Label::new(&subject, Span::at(0))).arg("domain", domain).arg("why", why);
    }
    Step::Done(out.into_sorted())
}

/// Whether there is a file to read.
pub(super) fn fetched(domain: &Name, file: &Fetched, subject: &Subject, out: &mut Findings) -> bool {
    let start = file.body.trim_ascii_start();
    let why = match (&file.failure, file.status) {
        (Some(failure), _) => failure.clone(),
        (None, Some(status @ 300..=399)) => format!("the server redirects (HTTP {status}), and senders do not follow"),
        (None, Some(status)) if status != 200 => format!("the server answers HTTP {status}"),
        _ if start.starts_with(b"<") => "the server sends a web page".to_owned(),
        _ => {
            if let Some(content_type) = file.content_type.as_deref().filter(|is| !is_plain_text(is)) {
                out.report(&CONTENT_TYPE, Label::whole(subject)).arg("content_type", content_type);
            }
            return true;
        }
    };
    out.report(&FETCH, Label::new(subject, Span::at(0))).arg("domain", domain).arg("why", why);
    false
}

fn is_plain_text(content_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/plain")
}
