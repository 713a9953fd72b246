//! The record, and where it stands.

use crate::Name;
use crate::aliases;
use crate::dns::{Snapshot, Step};
use crate::finding::{
    Diagnostic, Edit, Effect, Findings, Fix, Label, Origin, Subject, apply_all_kept, is_grave, rules,
};
use crate::mta_sts::Record;
use crate::mta_sts::record::is_id;
use crate::panel;
use crate::tag_list::{Kind, MAX_FIELDS, is_extension, is_tag_name, segments};
use crate::text::{Source, Span};
use crate::txt_place::{self, Announces, look};
use crate::unread;
use crate::version_repair::{Spelling, swallowed};

rules! {
    /// # There is no MTA-STS record
    ///
    /// Nothing tells senders that the mail servers of the domain speak TLS, so an attacker on the way can make them deliver in
    /// the clear. MTA-STS or DANE prevents that.
    ///
    /// ```zone bad d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=20261122"
    /// ```
    MISSING = "sts-missing", Note, NoPolicy, ["RFC 8461 §3.1"], "no MTA-STS record stands at `{owner}`";

    /// # There is more than one MTA-STS record
    ///
    /// Senders then act as if there were none.
    ///
    /// ```zone bad d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// _mta-sts.d.example. TXT "v=STSv1; id=2"
    /// ```
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=2"
    /// ```
    MULTIPLE = "sts-multiple", Error, NoPolicy, ["RFC 8461 §3.1"],
        "{count} MTA-STS records stand at `{owner}`, and senders use none of them";

    /// # The version is wrong
    ///
    /// An MTA-STS record begins with `v=STSv1;` in this spelling. Everything else is dropped.
    ///
    /// ```mta-sts bad
    /// v=STSV1; id=77
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=77
    /// ```
    VERSION = "sts-version", Error, NoPolicy, ["RFC 8461 §3.1"],
        "the MTA-STS record does not begin with `v=STSv1;`, so senders do not see it";

    /// # There is no id
    ///
    /// The `id` tells senders that the policy file changed. Without it the record counts for nothing.
    ///
    /// ```mta-sts bad
    /// v=STSv1;
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=20261122
    /// ```
    ID_MISSING = "sts-id-missing", Error, NoPolicy, ["RFC 8461 §3.1"], "the MTA-STS record has no `id`";

    /// # The id has a form that is not allowed
    ///
    /// It has 1 to 32 letters and digits, and nothing else, and stands right behind `id=`.
    ///
    /// ```mta-sts bad
    /// v=STSv1; id=2026-11-22
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=20261122
    /// ```
    ID_INVALID = "sts-id-invalid", Error, NoPolicy, ["RFC 8461 §3.1"],
        "`{id}` is no `id`: 1 to 32 letters and digits are allowed, right behind `id=`";

    /// # White space before the first semicolon
    ///
    /// The grammar allows it, but the text says that a record begins with `v=STSv1;`. Some senders do not see this one.
    ///
    /// ```mta-sts bad
    /// v=STSv1 ; id=1
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=1
    /// ```
    SPACE = "sts-ws-before-semicolon", Warning, Differs, ["RFC 8461 §3.1"],
        "white space stands between `v=STSv1` and the semicolon, and some senders do not see such a record";

    /// # A field that no standard knows
    ///
    /// Senders ignore it. `mode`, `mx` and `max_age` belong into the policy file.
    ///
    /// ```mta-sts bad
    /// v=STSv1; id=1; owner=noc
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=1
    /// ```
    UNKNOWN = "sts-unknown-field", Note, Ok, ["RFC 8461 §3.1"], "`{field}` means nothing in an MTA-STS record";

    /// # The record is not what the grammar allows
    ///
    /// Fields are `name=value` without white space in them, one semicolon between two of them. One fault makes the record invalid, and
    /// senders act as if there were no policy.
    ///
    /// ```mta-sts bad
    /// v=STSv1; enforce; id=1
    /// ```
    ///
    /// ```mta-sts bad
    /// v=STSv1; id=1;;
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=1;
    /// ```
    SYNTAX = "sts-syntax", Error, NoPolicy, ["RFC 8461 §3.1"], "{what}, so the MTA-STS record is not valid";

    /// # A field stands twice
    ///
    /// Senders use the first, in the record as in the policy file. Only `mx` of the file may be repeated.
    ///
    /// ```mta-sts bad
    /// v=STSv1; id=1; id=2
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=2
    /// ```
    DUPLICATE = "sts-duplicate-field", Warning, PartIgnored, ["RFC 8461 §3.2"],
        "`{name}` stands twice, and senders use the first";

    /// # The record stands at the wrong name
    ///
    /// Senders look at `_mta-sts.` before the domain, and nowhere else.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=STSv1; id=1"
    /// ```
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// ```
    MISPLACED = "sts-wrong-location", Error, NoPolicy, ["RFC 8461 §3.1"],
        "an MTA-STS record stands at `{found}`, where no sender looks; it belongs at `{owner}`";

    /// # An SPF record stands where MTA-STS belongs
    ///
    /// Nobody reads it there. Often a wildcard puts it at every name.
    ///
    /// ```zone bad d.example
    /// _mta-sts.d.example. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// ```
    SPF_HERE = "sts-spf-at-name", Error, NoPolicy, ["RFC 8461 §3.1"],
        "an SPF record stands at `{owner}`, where it means nothing";

    /// # Other texts beside the record
    ///
    /// Senders drop every TXT record there that is no MTA-STS record. It does no harm.
    ///
    /// ```zone bad d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// _mta-sts.d.example. TXT "foo"
    /// ```
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// ```
    UNRELATED = "sts-unrelated-txt", Note, Ok, ["RFC 8461 §3.1"],
        "a TXT record at `{owner}` has nothing to do with MTA-STS, and senders drop it";

    /// # An alias and other records at one name
    ///
    /// A name with a CNAME may have no other records. What resolvers answer depends on which of them they saw first.
    ///
    /// ```zone good d.example
    /// _mta-sts.d.example. TXT "v=STSv1; id=1"
    /// ```
    CONFLICT = "sts-cname-conflict", Error, Differs, ["RFC 1034 §3.6.2"],
        "both a CNAME (of `{target}`) and a TXT record stand at `{owner}`: which one a sender sees is chance";
}

static PLACE: txt_place::Rules = txt_place::Rules {
    missing: &MISSING,
    multiple: &MULTIPLE,
    version: &VERSION,
    misplaced: &MISPLACED,
    spf: Some(&SPF_HERE),
    unrelated: Some(&UNRELATED),
    conflict: Some(&CONFLICT),
    publishable: |text| mended(text).or_else(|| Record::is_mta_sts(text).then(|| text.to_owned())),
};

const SPELLING: Spelling = Spelling {
    version: "v=STSv1",
    fields: &["id"],
    aliases: &[],
    // A date, mostly.
    value_of: |text| {
        let is_date = text.starts_with(|c: char| c.is_ascii_digit());
        (is_date && is_id(&text.replace(['-', '.', ':'], ""))).then_some("id")
    },
    required: ("id", Effect::NoPolicy),
    list: None,
};

const ANNOUNCES: Announces =
    Announces { label: "_mta-sts", mistaken: &["mta-sts"], is_record: Record::is_mta_sts, is_near };

/// Meant as an MTA-STS record, but for its spelling.
fn is_near(text: &str) -> bool {
    let start: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).take(5).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("vsts") || start.starts_with("stsv")
}

/// What there is to say about the text of a record.
///
/// ```
/// use mailproof::mta_sts;
///
/// let found = mta_sts::lint(&"v=STSv1;".into());
/// assert_eq!(found[0].code, "sts-id-missing");
/// assert!(mta_sts::lint(&"v=STSv1; id=20261122".into()).is_empty());
/// ```
pub fn lint(text: &Source) -> Vec<Diagnostic> {
    lint_subject(&Subject::new(Origin::Given, text.clone()))
}

/// The same for a text that came from somewhere.
pub(crate) fn lint_subject(subject: &Subject) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    check(subject, &mut out);
    out.into_sorted()
}

/// What there is to say about the record of `domain` and where it stands. The policy file is for [`lint_policy`](super::lint_policy).
///
/// ```
/// use mailproof::{dns::Snapshot, mta_sts, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_mta-sts.d.example. TXT \"v=STSv1; id=a\"\n_mta-sts.d.example. TXT \"v=STSv1; id=b\"")?;
/// let domain = "d.example".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_domain(dns, &domain));
/// assert_eq!(found[0].code, "sts-multiple");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_domain(dns: &Snapshot, domain: &Name) -> Step<Vec<Diagnostic>> {
    let place = match look(dns, domain, ANNOUNCES) {
        Step::Done(Some(place)) => place,
        Step::Done(None) => return Step::Done(Vec::new()),
        Step::Ask(questions) => return Step::Ask(questions),
    };
    let mut out = Findings::default();
    place.check(&PLACE, None, &mut out);
    aliases::check(dns, &place.owner, &mut out);
    for record in place.record().into_iter().chain(place.elsewhere()) {
        check(record, &mut out);
    }
    Step::Done(out.into_vec())
}

/// The record after every suggested edit; `None` if there is none, or senders would have no use of what comes of them.
///
/// ```
/// assert_eq!(mailproof::mta_sts::mended("v=stsv1; id=1").unwrap(), "v=STSv1; id=1");
/// ```
pub fn mended(text: &str) -> Option<String> {
    let lint = |text: &str| lint(&Source::new(text));
    let is_sound = |mended: &str| lint(mended).iter().all(|found| found.effect < Effect::NoPolicy);
    apply_all_kept(text, &lint, &is_grave, &keeps, &is_sound)
}

/// Whether `mended` has the id that senders read in `text`.
pub(crate) fn keeps(text: &str, mended: &str) -> bool {
    let id = |text: &str| {
        let id = Record::parse(Source::new(text)).id()?;
        is_id(&text[id]).then(|| text[id].to_owned())
    };
    id(text).is_none_or(|was| id(mended) == Some(was))
}

fn check(subject: &Subject, out: &mut Findings) {
    panel::look_in_quotes(subject, out, &value);
}

fn value(subject: &Subject, out: &mut Findings) {
    let record = Record::parse(subject.source().clone());
    let text = subject.source().text();
    let label = |span: Span| Label::new(subject, span);
    let is_version = |name: Span| name.is_empty() || text[name].eq_ignore_ascii_case("v");
    let first = record.fields.first().filter(|(_, name, _)| is_version(*name)).copied();
    version(subject, out);
    empty_places(subject, out);
    let (mut has_id, mut fields) = (false, SPELLING.fields_of(text, record.id().is_none()));
    for &(span, name, value) in record.fields.iter().skip(usize::from(first.is_some())) {
        let (name, value_text) = (&text[name], &text[value]);
        if name != "id" && !is_extension(&text[span]) {
            let found = out.report(&SYNTAX, label(span));
            found.arg("what", format!("`{}` is no field", label(span).quoted()));
            fields.tell(found, span, false);
        } else if name != "id" {
            fields.tell(out.report(&UNKNOWN, label(span)).quote("field"), span, true);
        } else if std::mem::replace(&mut has_id, true) {
            out.report(&DUPLICATE, label(span)).arg("name", name);
        } else if !is_id(value_text) {
            id(subject, value, value_text, out);
        } else if text[span] != *format!("id={value_text}") {
            // §3.1: the grammar has no white space around the `=`.
            let fix = Fix::machine("take the white space away", [Edit::replace(span, format!("id={value_text}"))]);
            out.report(&ID_INVALID, label(span)).quote("id").fix(fix);
        }
    }
    let last = record.fields.get(MAX_FIELDS - 1).map(|(span, ..)| *span);
    unread::check(subject, MAX_FIELDS, last, text.len(), out);
    let has_id = |text: &str| Record::parse(Source::new(text)).id().is_some();
    let is_unread = || !Record::is_mta_sts(text) && SPELLING.would_have(text, "id", has_id);
    if record.id().is_none() && !fields.is_mended("id") && !is_unread() {
        out.report(&ID_MISSING, Label::whole(subject));
    }
}

/// §3.1: only at its end the record may have a semicolon with nothing behind it.
fn empty_places(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    let empty = segments(text).take(MAX_FIELDS).filter(|segment| segment.kind == Kind::Empty);
    for place in empty.filter(|place| Record::is_mta_sts(text) && place.span.start > 0) {
        let Some(length) = text[place.span.end as usize..].find(';') else { continue };
        let semicolon = Span::at(place.span.end as usize + length).to(Span::at(place.span.end as usize + length + 1));
        out.report(&SYNTAX, Label::new(subject, semicolon))
            .arg("what", "nothing stands between two semicolons")
            .fix(Fix::machine("take the semicolon away", [Edit::delete(semicolon)]));
    }
}

fn version(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    if Record::is_mta_sts(text) {
        let start = "v=STSv1".len();
        let space = text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len();
        if space > 0 {
            let span = Span::new(start, start + space);
            out.report(&SPACE, Label::new(subject, span)).fix(Fix::machine("take it away", [Edit::delete(span)]));
        }
        return;
    }
    SPELLING.tell(&VERSION, subject, out);
}

fn id(subject: &Subject, value: Span, text: &str, out: &mut Findings) {
    let found = out.report(&ID_INVALID, Label::new(subject, value)).quote("id");
    let kept: String = text.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    // `<id>`, `{{id}}`
    let stands_for_one = text.contains(['<', '$', '{', '[']) && !kept.contains(|c: char| c.is_ascii_digit());
    if let Some(fix) = swallowed(subject.source().text(), value, &is_tag_name) {
        found.fix(fix);
    } else if !kept.is_empty() && !text.contains('=') && !stands_for_one {
        // The id is a mark of a version, so any other does as well.
        found.fix(Fix::machine("leave letters and digits", [Edit::replace(value, kept)]));
    }
}
