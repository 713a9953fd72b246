//! The text of the record.

use std::collections::BTreeSet;

use super::addresses;
use crate::bimi::Record;
use crate::finding::{
    Diagnostic, Edit, Effect, Findings, Fix, Label, Origin, Subject, apply_all_kept, is_grave, rules,
};
use crate::panel;
use crate::tag_list::MAX_FIELDS;
use crate::text::{Source, Span};
use crate::unread;
use crate::version_repair::{Spelling, keeps_addresses};

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
pub(super) const KNOWN: [&str; 5] = ["v", "l", "a", "avp", "lps"];
const SPELLING: Spelling = Spelling {
    version: "v=BIMI1",
    fields: &["l", "a", "avp", "lps"],
    aliases: &[("1", "l"), ("i", "l"), ("url", "l"), ("logo", "l"), ("vmc", "a"), ("cmc", "a")],
    value_of: addresses::tag_of,
    required: ("l", Effect::NoLogo),
    list: None,
};
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

/// The record after every suggested edit; `None` if there is none, or no logo would be shown after them either.
///
/// ```
/// use mailproof::bimi;
///
/// let mended = bimi::mended("v=bimi1; l=http://example.com/logo.svg");
/// assert_eq!(mended.unwrap(), "v=BIMI1; l=https://example.com/logo.svg");
/// assert_eq!(bimi::mended("v=BIMI1; l=https://example.com/logo.svg"), None);
/// ```
pub fn mended(text: &str) -> Option<String> {
    let lint = |text: &str| lint(&Source::new(text));
    let is_sound = |mended: &str| {
        let shows = lint(mended).iter().all(|found| found.effect < Effect::NoLogo);
        shows || Record::parse(mended).declines() && Record::is_bimi(mended)
    };
    apply_all_kept(text, &lint, &is_grave, &keeps, &is_sound)
}

/// Whether `mended` names the files that `text` names. §4.3: to take no part is said by an empty `l`, and by no slip of a semicolon.
pub(crate) fn keeps(text: &str, mended: &str) -> bool {
    let declines = || Record::parse(mended).declines() && text.contains('/');
    keeps_addresses(text, mended) && !declines()
}

pub(super) fn check(subject: &Subject, out: &mut Findings) {
    panel::look_in_quotes(subject, out, &value);
}

fn value(subject: &Subject, out: &mut Findings) {
    let record = Record::parse(subject.source().clone());
    let text = subject.source().text();
    let label = |span: Span| Label::new(subject, span);
    version(subject, out);
    let lacks = record.tag("l").is_none_or(Span::is_empty);
    let (mut seen, mut fields) = (BTreeSet::new(), SPELLING.fields_of(text, lacks));
    for (at, &(span, name, _)) in record.tags.iter().enumerate() {
        let name = &text[name];
        if at == 0 && name.eq_ignore_ascii_case("v") {
            seen.insert("v");
        } else if at > 0 && name.is_empty() {
            fields.tell(out.report(&SYNTAX, label(span)).quote("tag"), span, false);
        } else if !KNOWN.contains(&name) {
            fields.tell(out.report(&UNKNOWN, label(span)).quote("tag"), span, true);
        } else if !seen.insert(name) {
            out.report(&DUPLICATE, label(span)).arg("name", name);
        }
    }
    let last = record.tags.get(MAX_FIELDS - 1).map(|(span, ..)| *span);
    unread::check(subject, MAX_FIELDS, last, text.len(), out);
    let is_mended = fields.is_mended("l");
    if record.declines() && !is_mended {
        out.report(&DECLINED, Label::whole(subject));
        return;
    }
    match record.tag("l") {
        Some(logo) if !lacks => addresses::logo(subject, logo, out),
        // Where the version or the tag itself is mended, it may be there.
        logo if is_mended || logo.is_none() && is_unread(text) => {}
        _ => drop(out.report(&L_MISSING, Label::whole(subject))),
    }
    addresses::certificate(subject, record.tag("a"), out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Applicability, Severity, apply_all};

    /// What was meant as a logo is no way to take no part.
    #[test]
    fn no_address_is_lost() {
        for text in [
            "V=BIMI1; L=https://d.example/l.svg",
            "v=BIMI1; L=https://d.example/l.svg",
            "v=BIMI1; url=https://d.example/l.svg",
            "v=BIMI1; https://d.example/l.svg",
            "v=BIMI1; l=; https://d.example/l.svg",
            "; v=BIMI1; l=https://d.example/l.svg",
            "v=BIMI1: l=https://d.example/l.svg",
            "v=BIMI1; l=\"https://d.example/l.svg\"",
            "v=BIMI1; l=<https://d.example/l.svg>",
            "v=BIMI1; l=https//d.example/l.svg",
            "v=BIMI1; l=https:/d.example/l.svg",
            "v=BIMI1; l=//d.example/l.svg",
            "v=BIMI1; l==https://d.example/l.svg",
        ] {
            assert_eq!(mended(text).as_deref(), Some("v=BIMI1; l=https://d.example/l.svg"), "{text}");
        }
        for text in [
            "v=BIMI1; l=https://d.example/l.svg a=https://d.example/v.pem",
            "v=BIMI1; l=https://d.example/l.svg, a=https://d.example/v.pem",
            "v=BIMI1; L=https://d.example/l.svg; A=https://d.example/v.pem",
            "v=BIMI1; https://d.example/l.svg; https://d.example/v.pem",
        ] {
            let both = "v=BIMI1; l=https://d.example/l.svg; a=https://d.example/v.pem";
            assert_eq!(mended(text).as_deref(), Some(both), "{text}");
        }
        for text in [
            "v=BIMI1; logo",
            "v=bimi1; l=ftp://d.example/l.svg",
            "v=BIMI1; l=https://d.example/a.svg; https://d.example/b.svg",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
        assert_eq!(mended("v=bimi1; l=; a=").as_deref(), Some("v=BIMI1; l=; a="));
    }

    #[test]
    fn what_stands_for_a_missing_logo_is_as_grave() {
        for text in [
            "v=BIMI1; A:https://d.example/v.pem; L:https://d.example/l.svg",
            "v=BIMI1; L=https://d.example/l.svg",
            "v=BIMI1; l=; https://d.example/l.svg",
            "v=BIMI1; l=; L=https://d.example/l.svg",
        ] {
            let found = lint(&text.into());
            let is_grave = |found: &Diagnostic| found.severity == Severity::Error && found.effect == Effect::NoLogo;
            assert_eq!(found.iter().filter(|found| is_grave(found)).count(), 1, "{text}: {found:#?}");
        }
    }

    #[test]
    fn an_address_is_not_a_part_of_another() {
        for (text, good) in [
            ("l=https://d.example/a.svgz; https://d.example/a.svg", None),
            ("l=https://d.example/a.svg l=https://d.example/b.svg", None),
            ("l=; l.svg", None),
            (
                "https://d.example/a.svg https://d.example/v.pem",
                Some("l=https://d.example/a.svg https://d.example/v.pem"),
            ),
        ] {
            let text = format!("v=BIMI1; {text}");
            let mended = apply_all(&text, Applicability::MaybeIncorrect, |text| lint(&text.into())).text;
            assert_eq!(mended, good.map_or(text, |good| format!("v=BIMI1; {good}")));
        }
        for text in ["v=BIMI=https://d.example/l.svg; a=", "v=BIMl=https://d.example/l.svg; a=https://d.example/v.pem"]
        {
            assert!(lint(&text.into())[0].fixes.is_empty(), "{text}");
        }
    }
}
