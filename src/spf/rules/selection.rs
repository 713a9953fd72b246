//! Which TXT records are the SPF record, and which are not (RFC 7208 §4.4, §4.5).

use super::duplicates::folded;
use super::surroundings::{Surroundings, has_spf, spf_records};
use super::{Context, characters, merge, misplaced, opening, others, parts, sure_if, text, version};
use crate::dns::{Lookup, RecordType, Records};
use crate::finding::{
    Applicability, Change, Diagnostic, Effect, Findings, Fix, Label, Severity, Subject, presupposes, rules,
};
use crate::order::sort_by;
use crate::spf::Record;
use crate::text::{Source, Span};

rules! {
    /// # The domain has no SPF record
    ///
    /// No TXT record at the domain begins with `v=spf1`. The result is none: receivers cannot tell mail of the domain from mail that only
    /// claims to be. Records of parent domains do not count.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "google-site-verification=x"
    /// example.com. MX 10 mail.example.com.
    /// ```
    ///
    /// Publish who may send:
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 mx -all"
    /// example.com. MX 10 mail.example.com.
    /// mail.example.com. A 203.0.113.7
    /// ```
    MISSING = "spf-missing", Warning, None, ["RFC 7208 §4.5"],
        "`{domain}` has no SPF record";

    /// # The domain does not exist
    ///
    /// The DNS says that there is no such name, so there is nothing to check and no record to mend. Look for a typing mistake, or for a
    /// registration that has run out.
    ///
    /// ```zone bad nowhere.example
    /// example.com. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 -all"
    /// ```
    NONEXISTENT = "spf-domain-nonexistent", Error, None, ["RFC 7208 §4.3"],
        "`{domain}` does not exist (NXDOMAIN)";

    /// # More than one SPF record
    ///
    /// A domain has one SPF record. With two, receivers answer permerror; they neither merge them nor take the first. It happens when a
    /// second sending service brings its own record.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 include:_spf.example.net ~all"
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 ~all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    ///
    /// Put the terms of both into one:
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 include:_spf.example.net ip4:203.0.113.7 ~all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    MULTIPLE_RECORDS = "spf-multiple-records", Error, Permerror, ["RFC 7208 §3.2", "RFC 7208 §4.5"],
        "`{domain}` has {count} SPF records, and receivers do not merge them";

    /// # The same SPF record more than once
    ///
    /// The records say the same, perhaps with other spaces or letters in another case. To receivers they are still several records,
    /// and that is a permerror.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// example.com. TXT "v=spf1  ip4:203.0.113.7 -all "
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    MULTIPLE_IDENTICAL = "spf-multiple-identical", Error, Permerror, ["RFC 7208 §4.5"],
        "`{domain}` has the same SPF record {count} times, which is still more than one";

    /// # A TXT record that is not UTF-8
    ///
    /// One of the TXT records holds bytes that are neither ASCII nor UTF-8. It is not an SPF record, so SPF skips it; but some programs
    /// cannot show or store it, and if it was meant as SPF it is lost.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "\255\254binary"
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    UNDECODABLE = "spf-txt-undecodable", Warning, Ok, ["RFC 7208 §3.1"],
        "a TXT record of `{domain}` holds bytes that are not UTF-8, and is skipped";

    /// # TXT and CNAME at the same name
    ///
    /// A name with a CNAME has no other records. Where both are published, some resolvers give the TXT record and others follow the alias, so
    /// which SPF record counts is a matter of luck.
    ///
    /// ```zone bad www.example.com
    /// www.example.com. TXT "v=spf1 -all"
    /// www.example.com. CNAME host.example.net.
    /// host.example.net. A 203.0.113.7
    /// ```
    ///
    /// ```zone good www.example.com
    /// www.example.com. TXT "v=spf1 -all"
    /// www.example.com. A 203.0.113.7
    /// ```
    CNAME_CONFLICT = "spf-cname-conflict", Error, Differs, ["RFC 1034 §3.6.2", "RFC 2181 §10.1"],
        "`{domain}` has TXT records and a CNAME to `{target}`, so receivers see one or the other";

    /// # Name servers disagree
    ///
    /// The domain's own name servers give different SPF records. Receivers ask any of them, so the same mail passes once and fails the
    /// next time. A zone transfer that does not work is the usual cause; shortly after a change it passes by itself.
    ///
    /// ```servers bad example.com
    /// ; server ns1.example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ; server ns2.example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 ~all"
    /// ```
    ///
    /// ```servers good example.com
    /// ; server ns1.example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ; server ns2.example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    INCONSISTENT = "spf-inconsistent-nameservers", Warning, Differs, ["RFC 7208 §4.4"], covers ["dns-inconsistent-servers", "dns-propagation"],
        "the name servers `{first}` and `{second}` of `{domain}` give different SPF records";

    /// # The DNS did not answer
    ///
    /// The TXT records of the domain could not be had: a server failed, refused, or did not answer in time. Receivers then answer temperror and
    /// may try again. It says nothing about the record.
    ///
    /// ```zone bad example.com
    /// example.com. SERVFAIL TXT
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 -all"
    /// ```
    TEMPERROR = "spf-dns-temperror", Error, Temperror, ["RFC 7208 §4.4"],
        "the TXT records of `{domain}` could not be looked up: {failure}";
}

/// Looks at all records around the domain, and then at the selected one.
pub(crate) fn domain(around: &Surroundings<'_>, out: &mut Findings) {
    let nothing = around.empty_record();
    match around.txt.lookup {
        Lookup::Failure(failure) => {
            let found = out.report(&TEMPERROR, Label::whole(&nothing));
            found.arg("domain", around.domain).arg("failure", failure.as_str());
            return;
        }
        Lookup::NxDomain => {
            out.report(&NONEXISTENT, Label::whole(&nothing)).arg("domain", around.domain);
            return;
        }
        Lookup::Records(_) | Lookup::NoData => {}
    }
    let records: Vec<&Source> = spf_records(around.txt).collect();
    match records[..] {
        [] => unseen(around, out),
        [record] => {
            near_misses(around, Effect::Ok, out);
            parts::tell(around, record, out);
        }
        _ => several(around, &records, out),
    }
    for source in &records {
        out.extend(text(&around.context(&Record::from_source((*source).clone()), &around.subject(source))));
    }
    other_records(around, out);
    cname(around, out);
    servers(around, out);
    misplaced::type99(around, out);
}

impl<'a> Surroundings<'a> {
    /// A TXT record of the domain.
    pub(super) fn subject(&self, source: &Source) -> Subject {
        Subject::record(self.domain, RecordType::Txt, source.clone())
    }

    /// The lack of one.
    pub(super) fn empty_record(&self) -> Subject {
        self.subject(&Source::new(""))
    }

    fn context<'c>(&'c self, record: &'c Record, subject: &'c Subject) -> Context<'c> {
        Context { record, subject, domain: Some(self.domain), tree: self.tree }
    }

    pub(super) fn has_record(&self) -> bool {
        has_spf(self.txt)
    }
}

/// No record is selected: is there one that was meant to be?
fn unseen(around: &Surroundings<'_>, out: &mut Findings) {
    if near_misses(around, Effect::None, out) || misplaced::elsewhere(around, out) {
        return;
    }
    let nothing = around.empty_record();
    let found = out.report(&MISSING, Label::whole(&nothing)).arg("domain", around.domain);
    let (record, applicability) = match (around.options.parked || around.has_null_mx(), around.mx.is_empty()) {
        (true, _) => ("v=spf1 -all", Applicability::MaybeIncorrect),
        (false, true) => ("v=spf1 -all", Applicability::HasPlaceholders),
        (false, false) => ("v=spf1 mx ~all", Applicability::HasPlaceholders),
    };
    found.fix(Fix::publish("publish a record", around.domain, RecordType::Txt, record, applicability));
}

/// TXT records that were probably meant as SPF: why they are not seen. With a good record beside them it does not matter.
fn near_misses(around: &Surroundings<'_>, effect: Effect, out: &mut Findings) -> bool {
    let is_near = |source: &&Source| !Record::is_spf(source.text()) && version::is_candidate(source.text());
    let near: Vec<&Source> = around.txt.txts().iter().filter(is_near).collect();
    for &source in &near {
        let found = text(&around.context(&Record::from_source(source.clone()), &around.subject(source)));
        if effect == Effect::None {
            out.extend(found.into_iter().map(|mut found| {
                // All of them mended would be several records.
                if near.len() > 1 {
                    presupposes(&mut found);
                }
                found
            }));
            continue;
        }
        // Mended, it would be a second record, and break the one that works (§4.5).
        let mut fix = Some(taken_out(around, source));
        let explains = |found: &Diagnostic| {
            version::is_unseen(found.code) || characters::RULES.iter().any(|rule| found.code == rule.code)
        };
        out.extend(found.into_iter().filter(explains).map(|mut found| {
            found.effect(Effect::Ok).severity(Severity::Warning);
            found.fixes = fix.take().into_iter().collect();
            found
        }));
    }
    !near.is_empty()
}

/// The domain without a text that only resembles the record beside it.
fn taken_out(around: &Surroundings<'_>, source: &Source) -> Fix {
    let change = Change::Records {
        owner: around.domain.clone(),
        record_type: RecordType::Txt,
        remove: vec![source.text().to_owned()],
        add: Vec::new(),
    };
    let title = "remove it; what only it says belongs in the record beside it".to_owned();
    Fix { title, change, applicability: Applicability::MaybeIncorrect }
}

/// §4.5: more than one record is a permerror.
fn several(around: &Surroundings<'_>, records: &[&Source], out: &mut Findings) {
    let parsed: Vec<Record> = records.iter().map(|source| Record::from_source((*source).clone())).collect();
    let first = parsed[0].to_string();
    let is_first = |other: String| folded(&other).eq(folded(&first));
    let same = parsed.iter().all(|record| is_first(record.to_string()));
    let rule = if same { &MULTIPLE_IDENTICAL } else { &MULTIPLE_RECORDS };
    let found = out.report(rule, Label::whole(&around.subject(records[0])));
    found.arg("domain", around.domain).arg("count", records.len());
    for record in &records[1..] {
        found.related(Label::whole(&around.subject(record)).with("also an SPF record"));
    }
    let (merged, applicability) = if same {
        (Some(first), sure_if(!opening::is_open(&parsed[0])))
    } else {
        (merge::merged(&parsed), Applicability::MaybeIncorrect)
    };
    if let Some(merged) = merged {
        let title = if same { "publish one record".to_owned() } else { merge::told(&parsed, &merged) };
        let change = Change::Records {
            owner: around.domain.clone(),
            record_type: RecordType::Txt,
            remove: records.iter().map(|source| source.text().to_owned()).collect(),
            add: vec![merged],
        };
        found.fix(Fix { title, change, applicability });
    }
}

/// TXT records that are something else.
fn other_records(around: &Surroundings<'_>, out: &mut Findings) {
    for source in around.txt.txts() {
        let text = source.text();
        if Record::is_spf(text) || version::is_candidate(text) {
            continue;
        }
        let subject = around.subject(source);
        if version::is_sender_id(text) {
            let span = Span::new(0, text.find(' ').unwrap_or(text.len()));
            out.report(&others::SENDER_ID, Label::new(&subject, span)).quote("record");
        } else if others::is_dmarc(text) {
            others::dmarc(around.domain, &subject, out);
        } else if let Some(&(at, _)) = source.invalid_bytes().first() {
            let span = Span::new(at as usize, at as usize + '\u{fffd}'.len_utf8());
            out.report(&UNDECODABLE, Label::new(&subject, span)).arg("domain", around.domain);
        }
    }
}

fn cname(around: &Surroundings<'_>, out: &mut Findings) {
    let Some(Records::Cname(targets)) = around.cname.records() else { return };
    let Some(source) = around.txt.txts().first().filter(|_| around.txt.aliases.is_empty()) else { return };
    let Some(target) = targets.first() else { return };
    let source = spf_records(around.txt).next().unwrap_or(source);
    let found = out.report(&CNAME_CONFLICT, Label::whole(&around.subject(source)));
    found.arg("domain", around.domain).arg("target", target);
}

/// Compares what each name server says, where that was asked.
fn servers(around: &Surroundings<'_>, out: &mut Findings) {
    let answered = around.options.servers.iter().filter(|(_, answer)| answer.failure().is_none());
    let mut policies = answered.map(|(server, answer)| {
        let mut records: Vec<&str> = spf_records(answer).map(Source::text).collect();
        sort_by(&mut records, Ord::cmp);
        (server, records)
    });
    let Some((first, records)) = policies.next() else { return };
    if let Some((second, _)) = policies.find(|(_, other)| *other != records) {
        let source = spf_records(around.txt).next().cloned().unwrap_or_default();
        let found = out.report(&INCONSISTENT, Label::whole(&around.subject(&source)));
        found.arg("domain", around.domain).arg("first", first).arg("second", second);
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::finding::{Applicability, Change, Diagnostic, Effect, Severity};
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{LintOptions, lint_domain};

    fn of_versions(texts: &[&str]) -> Vec<Diagnostic> {
        let zone: String = texts.iter().map(|text| format!("d.example. TXT \"{text}\"\n")).collect();
        let (zone, domain) = (Zone::parse(&zone).unwrap(), "d.example".parse().unwrap());
        let lint = |dns: &Snapshot| lint_domain(dns, &domain, &LintOptions::default());
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        let is_of_version =
            |found: &Diagnostic| found.code.as_str().contains("version") || found.code == *"spf-leading-whitespace";
        assert!(!found.iter().any(|found| found.code == *"spf-empty-record"), "{found:#?}");
        found.into_iter().filter(is_of_version).collect()
    }

    #[test]
    fn no_second_record_is_made_beside_a_good_one() {
        for text in ["v=spf10 a ~all", "spf1 a -all", " v=spf1 a -all", "v=spf1;a;-all", "x v=spf1 -all"] {
            let [found] = &of_versions(&["v=spf1 mx ~all", text])[..] else { panic!("{text}") };
            assert_eq!((found.severity, found.effect), (Severity::Warning, Effect::Ok), "{text}");
            let [fix] = &found.fixes[..] else { panic!("{found:#?}") };
            assert_eq!(fix.applicability, Applicability::MaybeIncorrect);
            let Change::Records { remove, add, .. } = &fix.change else { panic!("{fix:?}") };
            assert_eq!((&remove[..], &add[..]), (&[text.to_owned()][..], &[][..]));
        }
    }

    /// §7.3: a macro's upper-case letter asks for URL escapes.
    #[test]
    fn records_that_differ_in_the_case_of_a_macro_are_not_the_same() {
        let told = |first: &str, second: &str| {
            let zone = format!("d.example. TXT \"{first}\"\nd.example. TXT \"{second}\"");
            let (zone, domain) = (Zone::parse(&zone).unwrap(), "d.example".parse().unwrap());
            let lint = |dns: &Snapshot| lint_domain(dns, &domain, &LintOptions::default());
            let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
            found.iter().any(|found| found.code == *"spf-multiple-identical")
        };
        assert!(told("v=spf1 A -all", "v=spf1  a -all"));
        assert!(!told("v=spf1 exists:%{S}.x.example -all", "v=spf1 exists:%{s}.x.example -all"));
    }

    #[test]
    fn of_several_texts_none_is_surely_the_record() {
        let sure = |texts: &[&str]| {
            let found = of_versions(texts);
            assert_eq!(found.len(), texts.len());
            found.iter().all(|found| found.fixes[0].applicability == Applicability::MachineApplicable)
        };
        assert!(sure(&["v=spf10 a ~all"]));
        assert!(!sure(&["v=spf10 a ~all", "spf1 mx -all"]));
    }
}
