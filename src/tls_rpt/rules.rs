//! What is told about TLS-RPT.

mod destinations;

use std::collections::BTreeSet;

use super::record::{Record, Target};
use crate::Name;
use crate::aliases;
use crate::dns::{Snapshot, Step};
use crate::finding::{Diagnostic, Effect, Findings, Label, Rule, Subject, apply_all_kept, is_grave, rules};
use crate::panel;
use crate::tag_list::{MAX_FIELDS, is_extension};
use crate::text::{Source, Span};
use crate::txt_place::{self, Announces, look};
use crate::unread;
use crate::version_repair::Spelling;
pub(crate) use crate::version_repair::keeps_addresses as keeps;

rules! {
    /// # There is no TLS-RPT record
    ///
    /// Senders that cannot reach the mail servers of the domain over TLS tell nobody. A record costs nothing, and with MTA-STS
    /// or DANE it is the only way to learn that mail is being refused.
    ///
    /// ```zone bad d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:tls@d.example"
    /// ```
    MISSING = "tlsrpt-missing", Note, NoReports, ["RFC 8460 §3"], "no TLS-RPT record stands at `{owner}`";

    /// # There is more than one TLS-RPT record
    ///
    /// Reporters then use none. Merge the destinations into one `rua`.
    ///
    /// ```zone bad d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:a@d.example"
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:b@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:a@d.example,mailto:b@d.example"
    /// ```
    MULTIPLE = "tlsrpt-multiple", Error, NoReports, ["RFC 8460 §3"],
        "{count} TLS-RPT records stand at `{owner}`, and reporters use none of them";

    /// # The version is wrong
    ///
    /// A TLS-RPT record begins with `v=TLSRPTv1;` in this spelling. Everything else is dropped.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPT1; rua=mailto:tls@d.example
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:tls@d.example
    /// ```
    VERSION = "tlsrpt-version", Error, NoReports, ["RFC 8460 §3"],
        "the TLS-RPT record does not begin with `v=TLSRPTv1;`, so reporters do not see it";

    /// # No destination is given
    ///
    /// Without `rua` there is nowhere to send reports to.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1;
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:tls@d.example
    /// ```
    RUA_MISSING = "tlsrpt-rua-missing", Error, NoReports, ["RFC 8460 §3"], "the TLS-RPT record has no `rua`";

    /// # A destination cannot be used
    ///
    /// Reports go by mail (`mailto:` and an address) or by POST (`https://`). Everything else is passed over.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; rua=http://d.example/tls
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=https://d.example/tls
    /// ```
    RUA_INVALID = "tlsrpt-rua-invalid", Error, NoReports, ["RFC 8460 §3"],
        "`{uri}` is no destination for reports: `mailto:` with an address or `https://` is";

    /// # A character in a destination has to be encoded
    ///
    /// `!` and `;` mean something in the record, and `,` divides destinations. In an address they are written `%21`, `%3B`
    /// and `%2C`.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; rua=mailto:tls!d@d.example
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:tls%21d@d.example
    /// ```
    RUA_UNENCODED = "tlsrpt-rua-unencoded", Error, Differs, ["RFC 8460 §3", "RFC 3986 §2.1"],
        "`{character}` in `{uri}` has to be written `{encoded}`";

    /// # Many destinations
    ///
    /// Some reporters send to the first destination alone.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; rua=mailto:a@d.example,mailto:b@d.example,mailto:c@d.example
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:a@d.example
    /// ```
    RUA_MANY = "tlsrpt-rua-many", Note, Ok, ["RFC 8460 §3"],
        "reports go to {count} destinations, and some reporters use only the first";

    /// # A field stands twice
    ///
    /// Reporters use the first or drop the record.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; rua=mailto:a@d.example; rua=mailto:b@d.example
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    DUPLICATE = "tlsrpt-duplicate-tag", Warning, Differs, ["RFC 8460 §3"], "`{name}` stands twice in the TLS-RPT record";

    /// # A field that no standard knows
    ///
    /// Reporters ignore it.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; rua=mailto:tls@d.example; foo=bar
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:tls@d.example
    /// ```
    UNKNOWN = "tlsrpt-unknown-tag", Note, Ok, ["RFC 8460 §3"], "`{field}` means nothing in a TLS-RPT record";

    /// # A part that is no field
    ///
    /// Fields are `name=value` without white space in them. Reporters have to read past a field that they do not know, and not past this:
    /// some send no reports.
    ///
    /// ```tls-rpt bad
    /// v=TLSRPTv1; reports; rua=mailto:tls@d.example
    /// ```
    ///
    /// ```tls-rpt good
    /// v=TLSRPTv1; rua=mailto:tls@d.example
    /// ```
    SYNTAX = "tlsrpt-syntax", Warning, Differs, ["RFC 8460 §3"],
        "`{field}` is no field, so the TLS-RPT record is not valid: some reporters drop it";

    /// # The record stands at the wrong name
    ///
    /// Reporters look at `_smtp._tls.` before the domain, and nowhere else.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=TLSRPTv1; rua=mailto:tls@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:tls@d.example"
    /// ```
    MISPLACED = "tlsrpt-wrong-location", Error, NoReports, ["RFC 8460 §3"],
        "a TLS-RPT record stands at `{found}`, where no reporter looks; it belongs at `{owner}`";

    /// # An SPF record stands where TLS-RPT belongs
    ///
    /// Nobody reads it there. Often a wildcard puts it at every name.
    ///
    /// ```zone bad d.example
    /// _smtp._tls.d.example. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:tls@d.example"
    /// ```
    SPF_HERE = "tlsrpt-spf-at-name", Error, NoReports, ["RFC 8460 §3"],
        "an SPF record stands at `{owner}`, where it means nothing";

    /// # An alias and other records at one name
    ///
    /// A name with a CNAME may have no other records. What resolvers answer depends on which of them they saw first.
    ///
    /// ```zone good d.example
    /// _smtp._tls.d.example. TXT "v=TLSRPTv1; rua=mailto:tls@d.example"
    /// ```
    CONFLICT = "tlsrpt-cname-conflict", Error, Differs, ["RFC 1034 §3.6.2"],
        "both a CNAME (of `{target}`) and a TXT record stand at `{owner}`: which one a reporter sees is chance";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

static PLACE: txt_place::Rules = txt_place::Rules {
    missing: &MISSING,
    multiple: &MULTIPLE,
    version: &VERSION,
    misplaced: &MISPLACED,
    spf: Some(&SPF_HERE),
    unrelated: None,
    conflict: Some(&CONFLICT),
    publishable: |text| mended(text).or_else(|| Record::is_tls_rpt(text).then(|| text.to_owned())),
};

const SPELLING: Spelling = Spelling {
    version: "v=TLSRPTv1",
    fields: &["rua"],
    aliases: &[("ruf", "rua")],
    value_of: |text| destinations::meant(text).map(|_| "rua"),
    required: ("rua", Effect::NoReports),
    list: Some("rua"),
};

const ANNOUNCES: Announces = Announces {
    label: "_smtp._tls",
    mistaken: &["_tls", "_smtp-tls", "_tlsrpt", "smtp._tls", "_smtp.tls", "smtp.tls"],
    is_record: Record::is_tls_rpt,
    is_near,
};

/// Meant as a TLS-RPT record, but for its spelling.
fn is_near(text: &str) -> bool {
    let start: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).take(8).collect();
    start.to_ascii_lowercase().starts_with("vtlsrpt") || start.to_ascii_lowercase().starts_with("tlsrpt")
}

/// What there is to say about the text of a record.
///
/// ```
/// use mailproof::tls_rpt;
///
/// let found = tls_rpt::lint(&"v=TLSRPTv1;".into());
/// assert_eq!(found[0].code, "tlsrpt-rua-missing");
/// assert!(tls_rpt::lint(&"v=TLSRPTv1; rua=mailto:tls@example.com".into()).is_empty());
/// ```
pub fn lint(text: &Source) -> Vec<Diagnostic> {
    lint_subject(&Subject::new(crate::finding::Origin::Given, text.clone()))
}

/// The same for a text that came from somewhere.
pub(crate) fn lint_subject(subject: &Subject) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    check(subject, &mut out);
    out.into_sorted()
}

/// What there is to say about TLS-RPT of `domain`.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, tls_rpt};
///
/// let zone = Zone::parse("d.example. TXT \"v=TLSRPTv1; rua=mailto:tls@d.example\"")?;
/// let domain = "d.example".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| tls_rpt::lint_domain(dns, &domain));
/// assert_eq!(found[0].code, "tlsrpt-wrong-location");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_domain(dns: &Snapshot, domain: &Name) -> Step<Vec<Diagnostic>> {
    let place = match look(dns, domain, ANNOUNCES) {
        Step::Done(Some(place)) => place,
        Step::Done(None) => return Step::Done(Vec::new()),
        Step::Ask(questions) => return Step::Ask(questions),
    };
    let mut out = Findings::default();
    place.check(&PLACE, merged(&place.records), &mut out);
    aliases::check(dns, &place.owner, &mut out);
    let one = place.record().map(std::slice::from_ref).unwrap_or_default();
    // Each of several is told of: one of them stays.
    let records = if place.records.len() > 1 { &place.records[..] } else { one };
    for record in records.iter().chain(place.elsewhere()) {
        check(record, &mut out);
    }
    Step::Done(out.into_vec())
}

/// The record after every suggested edit; `None` if there is none, or nobody would send a report because of what comes of them.
///
/// ```
/// use mailproof::tls_rpt;
///
/// let mended = tls_rpt::mended("v=tlsrptv1; rua=mailto:tls@example.com");
/// assert_eq!(mended.unwrap(), "v=TLSRPTv1; rua=mailto:tls@example.com");
/// assert_eq!(tls_rpt::mended("v=TLSRPTv1; rua=mailto:tls@example.com"), None);
/// ```
pub fn mended(text: &str) -> Option<String> {
    let lint = |text: &str| lint(&Source::new(text));
    let is_sound = |mended: &str| lint(mended).iter().all(|found| found.effect < Effect::NoReports);
    apply_all_kept(text, &lint, &is_grave, &keeps, &is_sound)
}

/// The destinations of all records in one.
fn merged(records: &[Subject]) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut uris = Vec::new();
    for record in records.iter().map(|subject| Record::parse(subject.source().clone())) {
        let usable = record.rua.iter().filter(|uri| uri.target != Target::Unusable);
        uris.extend(usable.map(|uri| record.source.text()[uri.span].to_owned()).filter(|uri| seen.insert(uri.clone())));
    }
    (!uris.is_empty()).then(|| format!("v=TLSRPTv1; rua={}", uris.join(",")))
}

fn check(subject: &Subject, out: &mut Findings) {
    panel::look_in_quotes(subject, out, &value);
}

fn value(subject: &Subject, out: &mut Findings) {
    let record = Record::parse(subject.source().clone());
    let text = subject.source().text();
    let label = |span: Span| Label::new(subject, span);
    version(subject, out);
    let torn = destinations::torn(text, &record);
    let has_rua = |record: &Record| record.field("rua").is_some_and(|field| !field.value.is_empty());
    let (mut has_one, mut fields) = (false, SPELLING.fields_of(text, !has_rua(&record)));
    for field in record.fields.iter().skip(usize::from(record.fields.first().is_some_and(is_version(text)))) {
        let name = &text[field.name];
        if torn.iter().any(|(_, _, whole)| whole.contains(field.span)) {
            // The second half of an address, told as such.
        } else if name != "rua" && !is_extension(&text[field.span]) {
            fields.tell(out.report(&SYNTAX, label(field.span)).quote("field"), field.span, false);
        } else if name != "rua" {
            fields.tell(out.report(&UNKNOWN, label(field.span)).quote("field"), field.span, true);
        } else if std::mem::replace(&mut has_one, true) {
            out.report(&DUPLICATE, label(field.span)).arg("name", name);
        }
    }
    let last = record.fields.get(MAX_FIELDS - 1).map(|field| field.span);
    unread::check(subject, MAX_FIELDS, last, text.len(), out);
    if !has_rua(&record) {
        // A comma behind the version makes one field of all.
        let has = |text: &str| has_rua(&Record::parse(Source::new(text)));
        let is_unread = || !Record::is_tls_rpt(text) && SPELLING.would_have(text, "rua", has);
        if !fields.is_mended("rua") && !is_unread() {
            out.report(&RUA_MISSING, Label::whole(subject));
        }
        return;
    }
    destinations::check(subject, &record, &torn, out);
}

fn is_version(text: &str) -> impl Fn(&super::Field) -> bool + '_ {
    |field| text[field.name].eq_ignore_ascii_case("v") || field.name.is_empty()
}

fn version(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    if Record::is_tls_rpt(text) {
        return;
    }
    SPELLING.tell(&VERSION, subject, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_field_is_told() {
        for text in ["v=TLSRPTv1; garbage; rua=mailto:a@d.example", "v=TLSRPTv1; foo=b ar; rua=mailto:a@d.example"] {
            let codes: Vec<&str> = lint(&text.into()).iter().map(|found| found.code.as_str()).collect();
            assert_eq!(codes, ["tlsrpt-syntax"], "{text}");
            assert_eq!(mended(text).as_deref(), Some("v=TLSRPTv1; rua=mailto:a@d.example"));
        }
        assert_eq!(mended("v=TLSRPTv1,rua=mailto:a@d.example").as_deref(), Some("v=TLSRPTv1;rua=mailto:a@d.example"));
        // What the repair of the version brings is not missing.
        let codes = |text: &str| lint(&text.into()).into_iter().map(|found| found.code.to_string()).collect::<Vec<_>>();
        assert_eq!(codes("v=TLSRPTv1,rua=mailto:a@d.example"), ["tlsrpt-version"]);
        assert_eq!(codes("v=TLSRPTv1,"), ["tlsrpt-version", "tlsrpt-rua-missing"]);
        assert_eq!(lint(&"v=TLSRPTv1; foo=bar; rua=mailto:a@d.example".into())[0].code, "tlsrpt-unknown-tag");
    }
}
