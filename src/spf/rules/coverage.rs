//! Which names around a domain its record does not speak for, and records in odd places (RFC 7208 §10.1).

use super::null_record::is_null;
use super::rfc6652;
use super::surroundings::{Surroundings, has_spf, spf_records};
use crate::Name;
use crate::dns::{Answer, RecordType};
use crate::finding::{Edit, Findings, Fix, Label, Rule, Subject, rules};
use crate::spf::Record;
use crate::spf::tree::MAX_EXCHANGES;
use crate::text::{Source, Span};
use crate::unread;

rules! {
    /// # Mail hosts without an SPF record
    ///
    /// Bounces have an empty MAIL FROM, and then SPF checks the name that the host gives in HELO. A mail host without a record of its own
    /// gets none for its bounces.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 mx -all"
    /// example.com. MX 10 mail.example.com.
    /// mail.example.com. A 203.0.113.7
    /// ```
    ///
    /// Give each mail host a record that allows itself:
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 mx -all"
    /// example.com. MX 10 mail.example.com.
    /// mail.example.com. A 203.0.113.7
    /// mail.example.com. TXT "v=spf1 a -all"
    /// ```
    HELO_HOST_MISSING = "spf-helo-host-missing", Note, Ok, ["RFC 7208 §2.3", "RFC 7208 §2.4", "RFC 7208 §10.1.3"],
        "the mail host {hosts} has no SPF record of its own, so its bounces get none";

    /// # Hosts without an SPF record
    ///
    /// SPF records are not inherited. A host name with an address and no record of its own can be used in MAIL FROM by anybody, and the
    /// result is none.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// www.example.com. A 203.0.113.7
    /// ```
    ///
    /// Names that send no mail get the null record:
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// www.example.com. A 203.0.113.7
    /// www.example.com. TXT "v=spf1 -all"
    /// ```
    SUBDOMAIN_UNCOVERED = "spf-subdomain-uncovered", Note, Ok, ["RFC 7208 §10.1"],
        "{hosts} has an address and no SPF record, so anybody can use it in MAIL FROM";

    /// # A parked domain with more than the null record
    ///
    /// A domain that sends no mail should say exactly `v=spf1 -all`. Everything else lets somebody send in its name, and parked names are
    /// what impostors look for. A domain with a null MX (`MX 0 .`) counts as parked.
    ///
    /// ```zone bad example.com parked
    /// example.com. TXT "v=spf1 a ~all"
    /// example.com. A 203.0.113.7
    /// ```
    ///
    /// ```zone good example.com parked
    /// example.com. TXT "v=spf1 -all"
    /// example.com. A 203.0.113.7
    /// ```
    PARKED_NOT_NULL = "spf-parked-not-null", Warning, Ok, ["RFC 7208 §10.1.2", "RFC 7505 §4.2"],
        "`{domain}` sends no mail, but its record is not `v=spf1 -all`";

    /// # An SPF record at a public suffix
    ///
    /// Top-level domains, names below `arpa` and other public suffixes are not used for mail. A record there that allows senders is hardly
    /// meant.
    ///
    /// ```zone bad example.com public-suffix
    /// example.com. TXT "v=spf1 a -all"
    /// example.com. A 203.0.113.7
    /// ```
    ///
    /// ```zone good example.com public-suffix
    /// example.com. TXT "v=spf1 -all"
    /// example.com. A 203.0.113.7
    /// ```
    ON_PUBLIC_SUFFIX = "spf-on-public-suffix", Note, Ok, ["RFC 3172 §2"],
        "`{domain}` is a public suffix, and its record lets somebody send mail";

    /// # `ra=` in an included record
    ///
    /// Reports go to the address of the record that was looked up first. `ra` in a record that it includes is ignored.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 include:_spf.example.net -all"
    /// _spf.example.net. TXT "v=spf1 ip4:203.0.113.7 -all ra=abuse"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 include:_spf.example.net -all ra=abuse"
    /// _spf.example.net. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    RA_IN_INCLUDE = "spf-rfc6652-ra-in-include", Note, Ok, ["RFC 6652 §3"],
        "`{modifier}` in the record of `{target}` is ignored when that is included";
}

pub(crate) fn domain(around: &Surroundings<'_>, out: &mut Findings) {
    let mut records = spf_records(around.txt);
    let Some(source) = records.next() else { return };
    hosts(&HELO_HOST_MISSING, &around.exchanges, out);
    let (what, total) = ("mail servers that may need an SPF record", around.exchange_count);
    unread::beyond(Label::whole(&around.subject(source)), what, total, MAX_EXCHANGES, out);
    let is_exchange = |host: &Name| around.exchanges.iter().any(|(exchange, _)| exchange == host);
    let others: Vec<_> = around.hosts.iter().filter(|(host, _)| !is_exchange(host)).cloned().collect();
    hosts(&SUBDOMAIN_UNCOVERED, &others, out);
    if records.next().is_some() {
        return;
    }
    let record = Record::from_source(source.clone());
    let subject = around.subject(source);
    if !is_null(&record) {
        not_null(around, &record, &subject, out);
    }
    in_includes(around, &subject, out);
}

/// One finding for all hosts without a record.
fn hosts(rule: &'static Rule, hosts: &[(Name, &Answer)], out: &mut Findings) {
    let without: Vec<&Name> =
        hosts.iter().filter(|(_, txt)| txt.failure().is_none() && !has_spf(txt)).map(|(host, _)| host).collect();
    let Some(first) = without.first() else { return };
    let subject = |host: &Name| Subject::record(host, RecordType::Txt, Source::new(""));
    let list: Vec<String> = without.iter().map(|host| format!("`{host}`")).collect();
    let found = out.report(rule, Label::whole(&subject(first))).arg("hosts", list.join(", "));
    for host in &without[1..] {
        found.related(Label::whole(&subject(host)));
    }
}

fn not_null(around: &Surroundings<'_>, record: &Record, subject: &Subject, out: &mut Findings) {
    let version = record.version().end as usize;
    let terms = Span::new(version, record.source().text().len());
    if around.options.parked || around.has_null_mx() {
        let fix = Fix::maybe("let nobody send", [Edit::replace(terms, " -all")]);
        out.report(&PARKED_NOT_NULL, Label::whole(subject)).arg("domain", around.domain).fix(fix);
    }
    let arpa = around.domain.labels().next_back() == Some("arpa");
    if around.options.public_suffix || around.domain.label_count() == 1 || arpa {
        out.report(&ON_PUBLIC_SUFFIX, Label::whole(subject)).arg("domain", around.domain);
    }
}

fn in_includes(around: &Surroundings<'_>, subject: &Subject, out: &mut Findings) {
    for (span, target, txt) in &around.includes {
        let Some(source) = spf_records(txt).next() else { continue };
        let record = Record::from_source(source.clone());
        if let Some(place) = rfc6652::address(&record) {
            let there = Subject::record(target, RecordType::Txt, source.clone());
            out.report(&RA_IN_INCLUDE, Label::new(subject, *span))
                .arg("modifier", record.text(place))
                .arg("target", target)
                .related(Label::new(&there, place));
        }
    }
}
