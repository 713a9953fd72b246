//! Records that are right and in the wrong place (RFC 7208 §3).

use super::null_record::is_null;
use super::surroundings::{Surroundings, spf_records};
use super::{opening, sure_if};
use crate::Name;
use crate::dns::{RecordType, Records};
use crate::finding::{Applicability, Findings, Fix, Label, Subject, rules};
use crate::spf::Record;
use crate::text::Source;

rules! {
    /// # The record is published as type SPF
    ///
    /// The DNS once had a record type of its own for SPF (99). It was given up: receivers ask for TXT only, so what is published as type SPF
    /// has no effect.
    ///
    /// ```zone bad example.com
    /// example.com. SPF "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    WRONG_RRTYPE = "spf-record-in-wrong-rrtype", Warning, Ok, ["RFC 7208 §3.1"],
        "`{domain}` publishes a record of the obsolete type SPF, which receivers do not ask for";

    /// # The records of type SPF and TXT differ
    ///
    /// Receivers read the TXT record only. A record of the obsolete type SPF that says something else is left over from an earlier change, and
    /// misleads whoever looks at it.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 ~all"
    /// example.com. SPF "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// Remove the record of type SPF:
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 ~all"
    /// ```
    TYPE99_DIFFERS = "spf-type99-differs", Warning, Ok, ["RFC 7208 §3.1", "RFC 4408 §3.1.1"],
        "the record of type SPF at `{domain}` says something else than the TXT record, and only the latter counts";

    /// # The record is at another name
    ///
    /// Receivers look for SPF at the domain in MAIL FROM itself. A record at `_spf`, `spf` or `www` below it is found only if another
    /// record includes it.
    ///
    /// ```zone bad example.com
    /// example.com. A 203.0.113.7
    /// _spf.example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. A 203.0.113.7
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    AT_UNDERSCORE_NAME = "spf-at-underscore-name", Error, None, ["RFC 7208 §3"],
        "`{domain}` has no SPF record, but `{place}` has one, where receivers do not look for it";

    /// # The name of the domain is doubled
    ///
    /// Many DNS panels add the domain to each name. Whoever types the whole name gets it twice: the record stands at
    /// `example.com.example.com`, where nobody looks.
    ///
    /// ```zone bad example.com
    /// example.com. A 203.0.113.7
    /// example.com.example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// In such a panel leave the name empty, or write `@`:
    ///
    /// ```zone good example.com
    /// example.com. A 203.0.113.7
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    DOUBLED_ZONE_NAME = "spf-doubled-zone-name", Error, None, ["RFC 7208 §3"], covers ["dns-panel-doubled-zone"],
        "the SPF record stands at `{place}`: the DNS panel has added the domain once more";

    /// # SPF only through a wildcard
    ///
    /// A wildcard record answers for names that do not exist. Names that have any record of their own, such as the domain itself, a web
    /// server or a mail host, do not get it, and are without SPF.
    ///
    /// ```zone bad example.com
    /// example.com. A 203.0.113.7
    /// *.example.com. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. A 203.0.113.7
    /// example.com. TXT "v=spf1 -all"
    /// *.example.com. TXT "v=spf1 -all"
    /// ```
    WILDCARD_ONLY = "spf-wildcard-only", Note, None, ["RFC 7208 §3.5"],
        "names below `{domain}` get an SPF record from a wildcard, but `{domain}` itself has none";
}

/// Where the record is, if not at the domain. False if it is nowhere, so that the lack is told.
pub(super) fn elsewhere(around: &Surroundings<'_>, out: &mut Findings) -> bool {
    if let Some(source) = around.wildcard.and_then(|answer| spf_records(answer).next()) {
        let found = out.report(&WILDCARD_ONLY, Label::whole(&around.subject(source)));
        found.arg("domain", around.domain);
        // Every name below has it, so none of them tells anything.
        return false;
    }
    let mut any = false;
    for (place, answer) in &around.beside {
        let source = spf_records(answer).next().filter(|_| answer.aliases.is_empty());
        // §10.1.2: a null record protects that name; moved to the domain it would refuse all of its mail.
        if let Some(source) = source.filter(|source| !is_null(&Record::from_source((*source).clone()))) {
            any = true;
            moved(around, &AT_UNDERSCORE_NAME, place, source, out);
        }
    }
    if let Some((place, answer)) = &around.doubled
        && let Some(source) = spf_records(answer).next()
    {
        any = true;
        moved(around, &DOUBLED_ZONE_NAME, place, source, out);
    }
    any
}

fn moved(
    around: &Surroundings<'_>,
    rule: &'static crate::finding::Rule,
    place: &Name,
    source: &Source,
    out: &mut Findings,
) {
    let subject = Subject::record(place, RecordType::Txt, source.clone());
    out.report(rule, Label::whole(&subject)).arg("domain", around.domain).arg("place", place).fix(Fix::publish(
        "publish it at the domain",
        around.domain,
        RecordType::Txt,
        source.text(),
        Applicability::MaybeIncorrect,
    ));
}

/// The obsolete type.
pub(super) fn type99(around: &Surroundings<'_>, out: &mut Findings) {
    let Some(Records::Spf(records)) = around.type99.records() else { return };
    let Some(source) = records.first() else { return };
    let subject = Subject::record(around.domain, RecordType::Spf, source.clone());
    let found = out.report(&WRONG_RRTYPE, Label::whole(&subject)).arg("domain", around.domain);
    let record = Record::from_source(source.clone());
    if !around.has_record() && Record::is_spf(source.text()) {
        // §11.1: so far receivers see no record at all, and none that is open or broken is for a machine to give them.
        let sure = sure_if(!opening::is_open(&record) && record.errors().next().is_none());
        found.fix(Fix::publish("publish it as TXT", around.domain, RecordType::Txt, source.text(), sure));
    }
    let mut txt = spf_records(around.txt).peekable();
    if txt.peek().is_some() && !txt.any(|txt| txt.text() == source.text()) {
        out.report(&TYPE99_DIFFERS, Label::whole(&subject)).arg("domain", around.domain);
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::finding::{Applicability, Change};
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{LintOptions, lint_domain};

    /// §3.1, §11.1: nobody passes by a record of the obsolete type, so what lets everybody pass is looked at before it is published.
    #[test]
    fn no_machine_publishes_an_open_record() {
        let sure = |record: &str| {
            let zone = Zone::parse(&format!("d.example. SPF \"{record}\"")).unwrap();
            let domain = "d.example".parse().unwrap();
            let lint = |dns: &Snapshot| lint_domain(dns, &domain, &LintOptions::default());
            let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
            let told = found.iter().find(|found| found.code == *"spf-record-in-wrong-rrtype").unwrap();
            let Change::Records { add, .. } = &told.fixes[0].change else { panic!("{told:?}") };
            assert_eq!(add[..], [record]);
            told.fixes[0].applicability == Applicability::MachineApplicable
        };
        assert!(sure("v=spf1 mx -all"));
        for record in ["v=spf1 mx +all", "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 exists:x.example -all", "v=spf1 mx foo"] {
            assert!(!sure(record), "{record}");
        }
    }

    /// §10.1.2: `www` says for itself that it sends no mail. Moved to the domain, that would refuse all of its mail.
    #[test]
    fn a_null_record_is_at_its_place() {
        let codes = |record: &str| {
            let zone = format!("d.example. MX 10 mx.d.example.\nwww.d.example. TXT \"{record}\"");
            let (zone, domain) = (Zone::parse(&zone).unwrap(), "d.example".parse().unwrap());
            let lint = |dns: &Snapshot| lint_domain(dns, &domain, &LintOptions::default());
            let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
            found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(codes("v=spf1 -all"), ["spf-missing"]);
        assert!(codes("v=spf1 mx -all").contains(&"spf-at-underscore-name"));
    }
}
