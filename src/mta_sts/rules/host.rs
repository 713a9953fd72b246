//! Whether the policy file that a record announces can be there (RFC 8461 §3.3).

use super::policy::FETCH;
use crate::Name;
use crate::dns::{Answer, Lookup, Question, RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Findings, Label, Origin, Subject};
use crate::mta_sts::Record;
use crate::text::{Source, Span};

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
    let is_nowhere = |answer: &&Answer| matches!(answer.lookup, Lookup::NoData | Lookup::NxDomain);
    if answers.iter().flatten().all(is_nowhere) {
        let why = format!("`{host}` has no address");
        let subject = Subject::new(Origin::Policy { host }, Source::new(""));
        out.report(&FETCH, Label::new(&subject, Span::at(0))).arg("domain", domain).arg("why", why);
    }
    Step::Done(out.into_sorted())
}
