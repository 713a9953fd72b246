//! The texts of `rua` and `ruf`.

use super::context::Context;
use super::uri_repair;
use crate::dmarc::{MAX_URIS, PartKind, ReportKind, Tag, Target, Uri, UriProblem};
use crate::finding::{Edit, Evidence, Findings, Fix, Severity, rules};
use crate::text::Span;
use crate::unread;

rules! {
    /// # No aggregate reports
    ///
    /// Without `rua` nobody reports what happens to mail from the domain: neither forged mail nor a broken service is seen.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:dmarc-reports@d.example
    /// ```
    RUA_MISSING = "dmarc-rua-missing", Warning, Ok, ["RFC 9989 §4.7", "RFC 9989 §5.1.3"],
        "the record has no `rua`, so nobody sends aggregate reports";

    /// # A report address without `mailto:`
    ///
    /// Destinations are URIs. A plain address is none, and reporters ignore it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=reports@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    NO_SCHEME = "dmarc-rua-no-scheme", Error, PartIgnored, ["RFC 9989 §4.6", "RFC 3986 §3.1"],
        "`{uri}` in `{tag}` has no `mailto:` before it, so reporters ignore it";

    /// # Only the first address has `mailto:`
    ///
    /// Each destination is a URI of its own and needs its own scheme.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,b@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    MISSING_SCHEME_LATER = "dmarc-rua-missing-scheme-second", Error, PartIgnored, ["RFC 9989 §4.8"],
        "`{uri}` in `{tag}` has no `mailto:` of its own, so reporters ignore it";

    /// # A destination that cannot be read
    ///
    /// White space, a character that must be percent-encoded, or an address without a domain make it no URI. Reporters ignore it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto: reports@d.example
    /// ```
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=<mailto:reports@d.example>
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    INVALID = "dmarc-rua-invalid-uri", Error, PartIgnored, ["RFC 3986", "RFC 6068 §2"],
        "`{uri}` in `{tag}` is no URI: {reason}, so reporters ignore it";

    /// # `mailto://`
    ///
    /// `mailto:` takes no slashes. With them, they are part of the address, and no such mailbox exists.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto://reports@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    SLASHES = "dmarc-rua-mailto-slashes", Warning, PartIgnored, ["RFC 6068 §2"],
        "`{uri}` in `{tag}` has slashes after `mailto:`, which become part of the address: reports cannot be delivered";

    /// # Addresses separated by spaces
    ///
    /// The members of the list are separated by commas. With a space, all of it is one broken URI.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example mailto:b@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    SPACE_SEPARATED = "dmarc-rua-space-separated", Error, PartIgnored, ["RFC 9989 §4.8"],
        "the destinations in `{tag}` are separated by spaces and not by commas, so reporters ignore them";

    /// # The second address is behind a semicolon
    ///
    /// A semicolon ends the tag. What follows is no tag, and reporters never see it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example;mailto:b@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    SEMICOLON_SEPARATED = "dmarc-rua-semicolon-separated", Error, PartIgnored, ["RFC 9989 §4.8"],
        "`{part}` stands behind a semicolon and belongs to no tag, so no reports go there";

    /// # A character that must be encoded
    ///
    /// In a destination, `!`, `,` and `;` have a meaning of their own. In an address they are written `%21`, `%2C`, `%3B`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:team!reports@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:team%21reports@d.example
    /// ```
    UNENCODED = "dmarc-rua-unencoded-char", Warning, PartIgnored, ["RFC 9989 §4.8"],
        "`{found}` in a destination of `{tag}` must be written `{encoded}`, otherwise reporters do not read the address";

    /// # A size limit
    ///
    /// RFC 7489 let a destination limit the size of reports. RFC 9989 reporters strip and ignore the limit.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example!10m
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    SIZE_LIMIT = "dmarc-rua-size-limit", Note, PartIgnored, ["RFC 9989 §4.8"],
        "the size limit `{size}` in `{tag}` is obsolete, and reporters ignore it";

    /// # A size limit that is none
    ///
    /// Digits and one of `k`, `m`, `g`, `t` make a limit. Anything else after `!` breaks the URI, and limits are obsolete anyway.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example!10q
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    SIZE_INVALID = "dmarc-rua-size-invalid", Warning, PartIgnored, ["RFC 7489 §6.4", "RFC 9989 §4.8"],
        "`{size}` in `{tag}` is no size limit, so strict reporters ignore the destination";

    /// # A scheme that reporters do not support
    ///
    /// Any URI may be written, but reporters have to support `mailto:` only, and no other way of sending is defined.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=https://reports.d.example/in
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    UNSUPPORTED_SCHEME = "dmarc-rua-unsupported-scheme", Warning, PartIgnored, ["RFC 9989 §4.7"],
        "`{scheme}:` in `{tag}` is not supported by reporters, which send by `mailto:`";

    /// # More than two destinations
    ///
    /// RFC 7489 obliged reporters to serve two. Some stop there.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example,mailto:c@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    TOO_MANY = "dmarc-rua-too-many", Note, Ok, ["RFC 7489 §6.2", "RFC 9989 §4.6"],
        "`{tag}` has {count} destinations; some reporters send to the first two only";

    /// # A destination stands twice
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:a@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example
    /// ```
    DUPLICATE = "dmarc-rua-duplicate", Note, Ok, ["RFC 9989 §4.6"],
        "`{uri}` stands twice in `{tag}`";

    /// # Reports go to a mailbox provider
    ///
    /// Reports about a domain go to another organization only if that permits it in its DNS. The great mailbox providers do not:
    /// no report arrives.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:me@gmail.com
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    CONSUMER = "dmarc-rua-consumer-mailbox", Warning, PartIgnored, ["RFC 9990 §4"],
        "`{host}` in `{tag}` is a mailbox provider, which would have to permit reports about your domain in its DNS, and does not";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for (kind, tag) in [(ReportKind::Rua, Tag::Rua), (ReportKind::Ruf, Tag::Ruf)] {
        list(cx, kind, tag, out);
    }
    uri_repair::behind_semicolons(cx, out);
    let lost = super::tags::has_typo_of(out, Tag::Rua);
    if !cx.record.has_rua() && !lost && !has_lost_rua(cx) {
        let found = out.report(&RUA_MISSING, cx.whole());
        if let Some(domain) = cx.domain {
            let end = cx.text().trim_end_matches([';', ' ', '\t']).len();
            let text = format!("; rua=mailto:dmarc-reports@{domain}");
            found.fix(Fix::edit(
                "name a mailbox for reports",
                [Edit::replace(Span::new(end, cx.text().len()), text)],
                crate::finding::Applicability::HasPlaceholders,
            ));
        }
    }
}

/// A `rua` that is there for the eye, such as `rua:` or one after strange white space.
fn has_lost_rua(cx: &Context<'_>) -> bool {
    cx.record.parts().iter().any(|part| match part.kind {
        PartKind::Word => cx.slice(part.span).get(..3).is_some_and(|head| head.eq_ignore_ascii_case("rua")),
        PartKind::Tag { name, value, .. } => {
            cx.slice(name).trim_matches(|c: char| !c.is_ascii_alphanumeric()).eq_ignore_ascii_case("rua")
                || cx.slice(value).contains("rua=")
        }
        PartKind::Empty => false,
    })
}

fn list(cx: &Context<'_>, kind: ReportKind, tag: Tag, out: &mut Findings) {
    let uris = kind.uris(cx.record);
    let Some(written) = cx.tag(tag).filter(|written| !written.value.is_empty()) else { return };
    let name = kind.as_str();
    let mut skip = false;
    for (i, uri) in uris.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if let Some(size) = uri.size {
            out.report(&SIZE_LIMIT, cx.label(size))
                .quote("size")
                .arg("tag", name)
                .fix(Fix::machine("take the limit away", [Edit::delete(size)]));
        }
        match uri.target {
            Target::Mailto { address } if cx.slice(address).starts_with("//") => {
                let slashes = cx.slice(address).len() - cx.slice(address).trim_start_matches('/').len();
                let at = address.start as usize;
                out.report(&SLASHES, cx.label(uri.uri))
                    .quote("uri")
                    .arg("tag", name)
                    .fix(Fix::machine("take the slashes away", [Edit::delete(Span::new(at, at + slashes))]));
            }
            Target::Mailto { .. } => good(cx, name, uri, &uris[..i], out),
            Target::Other { scheme } => other_scheme(cx, name, uri, scheme, out),
            // What is valid in itself stands beside a character that is not ASCII, which is told.
            Target::Unusable { span, .. } if !uri.span.contains(span) => {}
            Target::Unusable { problem, span } => {
                skip = comma_inside(cx, name, uri, uris.get(i + 1), out);
                if !skip {
                    uri_repair::unusable(cx, name, uri, problem, span, &uris[..i], out);
                }
            }
        }
    }
    let count = uris.iter().filter(|uri| uri.is_valid()).count();
    if count > 2 {
        out.report(&TOO_MANY, cx.label(written.part)).arg("tag", name).arg("count", count);
    }
    let last = uris.get(MAX_URIS - 1).map(|uri| uri.span);
    unread::check(cx.subject, MAX_URIS, last, written.value.end as usize, out);
}

fn good(cx: &Context<'_>, tag: &str, uri: &Uri, before: &[Uri], out: &mut Findings) {
    let same = before.iter().find(|other| cx.slice(other.uri).eq_ignore_ascii_case(cx.slice(uri.uri)));
    if let Some(first) = same {
        let comma = cx.text()[..uri.span.start as usize].rfind(',').unwrap_or(uri.span.start as usize);
        out.report(&DUPLICATE, cx.label(uri.uri))
            .quote("uri")
            .arg("tag", tag)
            .related(cx.label(first.uri).with("first here"))
            .fix(Fix::machine("keep one", [Edit::delete(Span::new(comma, uri.span.end as usize))]));
    }
    let Some(host) = uri.host(cx.record.source()) else {
        if uri_repair::joined(cx, tag, uri, out) {
            return;
        }
        // An address literal: a valid URI, and no domain that could permit reports (RFC 9990 §4).
        out.report(&INVALID, cx.label(uri.uri))
            .quote("uri")
            .arg("tag", tag)
            .arg("reason", "the address is none that mail can be sent to")
            .severity(Severity::Warning);
        return;
    };
    let foreign = cx.domain.is_none_or(|domain| !domain.is_within(&host) && !host.is_within(domain));
    if foreign && PROVIDERS.contains(&host.as_str()) {
        out.report(&CONSUMER, cx.label(uri.uri)).arg("host", host).arg("tag", tag).evidence(Evidence::Guessed);
    }
}

/// Mailbox providers for everybody.
const PROVIDERS: &[&str] = &[
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

fn other_scheme(cx: &Context<'_>, tag: &str, uri: &Uri, scheme: Span, out: &mut Findings) {
    let found = out.report(&UNSUPPORTED_SCHEME, cx.label(uri.uri)).arg("scheme", cx.slice(scheme)).arg("tag", tag);
    let word = cx.slice(scheme).to_ascii_lowercase();
    let meant = super::near::meant(&word, ["mailto"]).is_some() || matches!(word.as_str(), "mail" | "email" | "smtp");
    if meant && cx.slice(uri.uri).contains('@') {
        let rest = cx.slice(Span { start: scheme.end + 1, end: uri.uri.end });
        let slashes = rest.len() - rest.trim_start_matches('/').len();
        let whole = Span::new(scheme.start as usize, scheme.end as usize + 1 + slashes);
        found.fix(Fix::maybe("write `mailto:`", [Edit::replace(whole, "mailto:")]));
    }
}

/// `mailto:a,b@x`: two members that are one address with a comma.
fn comma_inside(cx: &Context<'_>, tag: &str, uri: &Uri, next: Option<&Uri>, out: &mut Findings) -> bool {
    let Some(next) = next else { return false };
    let head = cx.slice(uri.span);
    let cut = matches!(uri.target, Target::Unusable { problem: UriProblem::Address, .. }) && !head.contains('@');
    let rest = matches!(next.target, Target::Unusable { problem: UriProblem::NoScheme, .. });
    let address = cx.slice(next.span).contains('@') && head.len() > "mailto:".len();
    if !(cut && rest && address) {
        return false;
    }
    let comma = uri.span.end as usize;
    let span = Span::new(comma, next.span.start as usize);
    out.report(&UNENCODED, cx.label(Span::new(comma, comma + 1)))
        .quote("found")
        .arg("encoded", "%2C")
        .arg("tag", tag)
        .fix(Fix::maybe("write `%2C`", [Edit::replace(span, "%2C")]));
    true
}
