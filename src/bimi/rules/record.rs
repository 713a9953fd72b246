//! The text of the record.

use std::collections::BTreeSet;

use crate::bimi::Record;
use crate::finding::{
    Applicability, Diagnostic, Edit, Effect, Findings, Fix, Label, Origin, Severity, Subject, apply_all_where, rules,
};
use crate::panel;
use crate::tag_list::MAX_FIELDS;
use crate::text::{Source, Span};
use crate::unread;
use crate::version_repair::Spelling;

rules! {
    /// # The version is wrong
    ///
    /// A BIMI record begins with `v=BIMI1`.
    ///
    /// ```bimi bad
    /// v=BIMI2; l=https://d.example/logo.svg
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    VERSION = "bimi-version", Error, NoLogo, ["BIMI draft §4.3"],
        "the BIMI record does not begin with `v=BIMI1`, so receivers do not see it";

    /// # No logo is named
    ///
    /// `l` is required. Empty, together with an empty `a`, it says that the domain takes no part.
    ///
    /// ```bimi bad
    /// v=BIMI1; a=https://d.example/vmc.pem
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem
    /// ```
    L_MISSING = "bimi-l-missing", Error, NoLogo, ["BIMI draft §4.3"], "the BIMI record has no `l`";

    /// # The logo is not fetched by https
    ///
    /// ```bimi bad
    /// v=BIMI1; l=http://d.example/logo.svg
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    L_NOT_HTTPS = "bimi-l-not-https", Error, NoLogo, ["BIMI draft §4.3"], "the logo `{uri}` is not an https address";

    /// # The logo does not look like SVG
    ///
    /// Logos are SVG Tiny PS. The name of the file does not matter to receivers, but another ending mostly means another format.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.png
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    L_NOT_SVG = "bimi-l-not-svg", Warning, Differs, ["BIMI draft §4.3"], "the logo `{uri}` does not look like an SVG file";

    /// # More than one logo is named
    ///
    /// Only one address is allowed.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/a.svg,https://d.example/b.svg
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/a.svg
    /// ```
    L_MULTIPLE = "bimi-l-multiple", Error, NoLogo, ["BIMI draft §4.3"], "`l` names {count} logos, and one is allowed";

    /// # The domain takes no part
    ///
    /// `l` and `a` are empty: receivers show no logo, not even one of the domain above.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=; a=;
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    DECLINED = "bimi-declined", Note, NoLogo, ["BIMI draft §4.3"], "the BIMI record says that the domain shows no logo";

    /// # There is no certificate
    ///
    /// Without a mark certificate (VMC or CMC) few mailboxes show the logo; Gmail and Apple want one.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem
    /// ```
    A_MISSING = "bimi-a-missing", Note, Differs, ["BIMI draft §4.3"],
        "the BIMI record names no certificate (`a`), and few mailboxes show the logo without one";

    /// # The certificate is not fetched by https
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.svg; a=http://d.example/vmc.pem
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem
    /// ```
    A_NOT_HTTPS = "bimi-a-not-https", Error, NoLogo, ["BIMI draft §4.3"], "the certificate `{uri}` is not an https address";

    /// # The preference is unknown
    ///
    /// `avp` is `brand` or `personal`.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.svg; avp=x
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; avp=brand
    /// ```
    AVP = "bimi-avp-invalid", Error, DefaultUsed, ["BIMI draft §4.3"], "`{value}` is no value of `avp`: `brand` and `personal` are";

    /// # The list of local-part prefixes cannot be read
    ///
    /// `lps` holds prefixes of letters, digits and hyphens, divided by commas, each with up to 63 of them.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.svg; lps=a_b
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; lps=news,sales
    /// ```
    LPS = "bimi-lps-invalid", Error, PartIgnored, ["BIMI draft §4.3.14"], "`{prefix}` in `lps` is no prefix of a local part";

    /// # A tag stands twice
    ///
    /// Tag lists may not repeat a tag, and receivers drop such a record.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/a.svg; l=https://d.example/b.svg
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/a.svg
    /// ```
    DUPLICATE = "bimi-duplicate-tag", Error, NoLogo, ["BIMI draft §4.3", "RFC 6376 §3.2"],
        "`{name}` stands twice in the BIMI record";

    /// # A tag that BIMI does not know
    ///
    /// Receivers ignore it.
    ///
    /// ```bimi bad
    /// v=BIMI1; l=https://d.example/logo.svg; x=y
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg
    /// ```
    UNKNOWN = "bimi-unknown-tag", Note, Ok, ["BIMI draft §4.3"], "`{tag}` means nothing in a BIMI record";

    /// # A part that is no tag
    ///
    /// The record is a list of `name=value`. Receivers have to ignore a tag that they do not know; text without `=` makes the list invalid,
    /// and some drop the record.
    ///
    /// ```bimi bad
    /// v=BIMI1; logo; l=https://d.example/logo.svg; a=https://d.example/logo.pem
    /// ```
    ///
    /// ```bimi good
    /// v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/logo.pem
    /// ```
    SYNTAX = "bimi-syntax", Warning, Differs, ["BIMI draft §4.3", "RFC 6376 §3.2"],
        "`{tag}` is no tag, so the BIMI record is not valid: some receivers drop it";
}

/// The tags of §4.3. `s` and `f` were in earlier drafts.
const KNOWN: [&str; 5] = ["v", "l", "a", "avp", "lps"];
const SPELLING: Spelling = Spelling { version: "v=BIMI1", fields: &["l", "a", "avp", "lps"] };
/// The longest label of the DNS, since a prefix becomes one.
const MAX_PREFIX: usize = 63;

/// What there is to say about the text of a record.
///
/// ```
/// use mailproof::bimi;
///
/// let found = bimi::lint(&"v=BIMI1; l=https://example.com/logo.png; a=https://example.com/vmc.pem".into());
/// assert_eq!(found[0].code, "bimi-l-not-svg");
/// assert_eq!(found[0].primary.quoted(), "https://example.com/logo.png");
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

/// The record after every suggested edit; `None` if there is none.
///
/// ```
/// use mailproof::bimi;
///
/// let mended = bimi::mended("v=bimi1; l=http://example.com/logo.svg");
/// assert_eq!(mended.unwrap(), "v=BIMI1; l=https://example.com/logo.svg");
/// assert_eq!(bimi::mended("v=BIMI1; l=https://example.com/logo.svg"), None);
/// ```
pub fn mended(text: &str) -> Option<String> {
    let mended = apply_all_where(
        text,
        |text| lint(&Source::new(text)),
        |found, fix| found.severity < Severity::Note && fix.applicability < Applicability::HasPlaceholders,
    );
    (mended.text != text).then_some(mended.text)
}

pub(super) fn check(subject: &Subject, out: &mut Findings) {
    panel::look_in_quotes(subject, out, &value);
}

fn value(subject: &Subject, out: &mut Findings) {
    let record = Record::parse(subject.source().clone());
    let text = subject.source().text();
    let label = |span: Span| Label::new(subject, span);
    version(subject, out);
    let (mut seen, mut fields) = (BTreeSet::new(), SPELLING.fields_of(text));
    for (at, &(span, name, _)) in record.tags.iter().enumerate() {
        let name = &text[name];
        if at == 0 && name.eq_ignore_ascii_case("v") {
            seen.insert("v");
        } else if at > 0 && name.is_empty() {
            out.report(&SYNTAX, label(span)).quote("tag").fix(fields.fix(span));
        } else if !KNOWN.contains(&name) {
            out.report(&UNKNOWN, label(span)).quote("tag");
        } else if !seen.insert(name) {
            out.report(&DUPLICATE, label(span)).arg("name", name);
        }
    }
    let last = record.tags.get(MAX_FIELDS - 1).map(|(span, ..)| *span);
    unread::check(subject, MAX_FIELDS, last, text.len(), out);
    if record.declines() {
        out.report(&DECLINED, Label::whole(subject));
        return;
    }
    match record.tag("l") {
        Some(logo) if !logo.is_empty() => self::logo(subject, logo, out),
        // Where the version or the tag itself is mended, it may be there.
        None if fields.is_mended("l") || is_unread(text) => {}
        Some(_) | None => drop(out.report(&L_MISSING, Label::whole(subject))),
    }
    certificate(subject, record.tag("a"), out);
    preferences(subject, &record, out);
}

/// Whether the logo is only unread, since the version is not right: a comma behind it makes one tag of all.
fn is_unread(text: &str) -> bool {
    let has_logo = |text: &str| Record::parse(Source::new(text)).tag("l").is_some_and(|logo| !logo.is_empty());
    !Record::is_bimi(text) && SPELLING.would_have(text, "l", has_logo)
}

fn version(subject: &Subject, out: &mut Findings) {
    if Record::is_bimi(subject.source().text()) {
        return;
    }
    SPELLING.tell(&VERSION, subject, out);
}

fn logo(subject: &Subject, span: Span, out: &mut Findings) {
    let text = &subject.source().text()[span];
    let addresses = text.split(',').filter(|part| part.contains("://")).count();
    if addresses > 1 {
        out.report(&L_MULTIPLE, Label::new(subject, span)).arg("count", addresses);
        return;
    }
    if !is_https(text) {
        address(&L_NOT_HTTPS, subject, span, out);
        return;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if !path.ends_with(".svg") && !path.ends_with(".svgz") {
        out.report(&L_NOT_SVG, Label::new(subject, span)).quote("uri");
    }
}

fn certificate(subject: &Subject, span: Option<Span>, out: &mut Findings) {
    match span.filter(|span| !span.is_empty()) {
        None => drop(out.report(&A_MISSING, Label::whole(subject))),
        Some(span) if !is_https(&subject.source().text()[span]) => address(&A_NOT_HTTPS, subject, span, out),
        Some(_) => {}
    }
}

fn preferences(subject: &Subject, record: &Record, out: &mut Findings) {
    let text = subject.source().text();
    if let Some(avp) = record.tag("avp").filter(|avp| !matches!(&text[*avp], "brand" | "personal")) {
        let found = out.report(&AVP, Label::new(subject, avp)).quote("value");
        let lower = text[avp].to_ascii_lowercase();
        if matches!(lower.as_str(), "brand" | "personal") {
            found.fix(Fix::machine(format!("write `{lower}`"), [Edit::replace(avp, lower)]));
        }
    }
    let Some(lps) = record.tag("lps") else { return };
    for prefix in text[lps].split(',').map(str::trim) {
        let is_prefix = (1..=MAX_PREFIX).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !prefix.starts_with('-')
            && !prefix.ends_with('-');
        if !is_prefix {
            out.report(&LPS, Label::new(subject, Span::of(prefix, text))).quote("prefix");
        }
    }
}

fn is_https(text: &str) -> bool {
    let scheme = text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    scheme && text.len() > 8 && text.bytes().all(|b| b.is_ascii_graphic())
}

fn address(rule: &'static crate::finding::Rule, subject: &Subject, span: Span, out: &mut Findings) {
    let text = &subject.source().text()[span];
    let found = out.report(rule, Label::new(subject, span)).quote("uri").effect(Effect::NoLogo);
    let http = text.get(..7).filter(|start| start.eq_ignore_ascii_case("http://"));
    if let Some(rest) = http.map(|_| &text[7..]).filter(|rest| !rest.is_empty()) {
        // Logos are public files, and every host of them speaks https or has to.
        found.fix(Fix::maybe("write `https://`", [Edit::replace(span, format!("https://{rest}"))]));
    } else if !text.contains(':') && text.split('/').next().is_some_and(|host| host.contains('.')) {
        found.fix(Fix::maybe("write `https://`", [Edit::insert(span.start as usize, "https://")]));
    }
}
