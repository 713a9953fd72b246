//! Domain-specs (RFC 7208 §7.1): names that cannot be, or are not what was meant.

use super::mechanisms::family;
use super::unknown::{Claim, Unknown, is_term};
use super::{Context, exp_text, mechanisms, modifiers, no_name, separators, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Severity, rules};
use crate::name::{MAX_LABEL, MAX_NAME};
use crate::spf::{Directive, DomainSpec, Letter, Mechanism, Piece, Record, SyntaxErrorKind, Term, TermKind, pieces};
use crate::text::Span;

rules! {
    /// # A domain without a dot
    ///
    /// The domain of a term has at least two labels, or ends in a macro. `include:spf` is a permerror: names in a record are not
    /// relative to anything, so the whole name must be written.
    ///
    /// ```spf bad
    /// v=spf1 include:spf -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:spf.example.com -all
    /// ```
    SINGLE_LABEL = "spf-domain-spec-single-label", Error, Permerror, ["RFC 7208 §7.1"],
        "`{domain}` has no dot: a term needs the whole name";

    /// # A domain that ends in no top-level label
    ///
    /// The last label of a domain has a letter or a hyphen inside, and nothing but letters, digits and inner hyphens. An address in
    /// `a:` or `include:` ends in a number and is a permerror; addresses belong into `ip4`.
    ///
    /// ```spf bad
    /// v=spf1 a:203.0.113.7 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 -all
    /// ```
    BAD_TOPLABEL = "spf-domain-spec-bad-toplabel", Error, Permerror, ["RFC 7208 §7.1"],
        "`{domain}` ends in `{label}`, which no domain name ends in";

    /// # A label that no host name can have
    ///
    /// Labels have 1 to 63 octets: letters, digits, hyphens and underscores. The grammar of SPF lets other ones pass, but such a name is
    /// not found, so the term never matches; for `include` and `redirect` that is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 a:mail..example.com include::_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a:mail.example.com include:_spf.example.net -all
    /// ```
    LABEL_LENGTH = "spf-domain-spec-label-length", Warning, PartIgnored, ["RFC 7208 §4.8", "RFC 1035 §2.3.4"],
        "`{domain}` cannot be the name of a host or domain: it has {what}";

    /// # A name that is too long
    ///
    /// A DNS name has at most 253 characters. What is longer after the macros are expanded is cut from the left, label by label, and then
    /// another name is looked up than the one written.
    ///
    /// ```spf bad
    /// v=spf1 exists:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.%{i}.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    NAME_LENGTH = "spf-domain-spec-name-length", Warning, Ok, ["RFC 7208 §7.3"],
        "the name of `{term}` has up to {octets} characters, and is cut from the left to 253";

    /// # A URL in the place of a domain
    ///
    /// A term takes a domain name. A URL is read as a very odd name, which does not exist: for `include` and `redirect` a permerror,
    /// for other terms no match.
    ///
    /// ```spf bad
    /// v=spf1 include:https://_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    URL = "spf-domain-spec-url", Error, Permerror, ["RFC 7208 §12"],
        "`{domain}` is a URL; a term takes a domain name";

    /// # A mail address in the place of a domain
    ///
    /// A term takes a domain name. `@` is allowed by the grammar, but no such name exists: for `include` and `redirect` a permerror,
    /// for other terms no match.
    ///
    /// ```spf bad
    /// v=spf1 include:postmaster@example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:example.net -all
    /// ```
    MAILBOX = "spf-domain-spec-mailbox", Error, Permerror, ["RFC 7208 §12"],
        "`{domain}` is a mail address; a term takes a domain name";

    /// # A final dot
    ///
    /// A final dot is allowed and changes nothing: names in a record are always complete. The standard advises against it, and some
    /// programs stumble over it.
    ///
    /// ```spf bad
    /// v=spf1 include:_spf.example.net. -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    TRAILING_DOT = "spf-domain-spec-trailing-dot", Note, Ok, ["RFC 7208 §7.1", "RFC 7208 §7.3"],
        "`{domain}` ends in a dot, which is allowed and not needed";
}

/// Domains of terms that can be read.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let all = all(cx.record);
    for term in cx.record.terms() {
        let Some(spec) = term.domain_spec() else { continue };
        let text = cx.text(spec.span);
        let is_joined = cx.record.source().seam_inside(term.span).is_some();
        if spec.is_canonical && text.bytes().all(is_of_names) && !ends_in_all(text) && !is_joined {
            continue;
        }
        let missing = when_missing(term, all);
        if url_or_mailbox(cx, spec.span, missing, out)
            || separators::in_term(cx, term, missing.0, out)
            || no_name::check(cx, term, spec, missing, out)
        {
            continue;
        }
        trailing_dot(cx, spec, out);
        lengths(cx, term, spec, missing, out);
    }
}

pub(super) fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

fn ends_in_all(text: &str) -> bool {
    text.len() > 4 && text.as_bytes()[text.len() - 4..].eq_ignore_ascii_case(b"-all")
}

/// The first `all` of a record.
pub(super) fn all(record: &Record) -> Option<Span> {
    record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All).map(|(span, _)| span)
}

/// What receivers do when the name does not exist. What stands behind `all` is not looked at, nor is a redirect beside one (§5.1).
pub(super) fn when_missing(term: &Term, all: Option<Span>) -> (Effect, Severity) {
    let is_dead = all.is_some_and(|all| all.start < term.span.start || matches!(term.kind, TermKind::Redirect(_)));
    match term.kind {
        TermKind::Unknown(_) => (Effect::Permerror, Severity::Error),
        TermKind::Directive(Directive { mechanism: Mechanism::Include(_), .. }) | TermKind::Redirect(_) if !is_dead => {
            (Effect::Permerror, Severity::Error)
        }
        _ => (Effect::PartIgnored, Severity::Warning),
    }
}

fn url_or_mailbox(cx: &Context<'_>, span: Span, missing: (Effect, Severity), out: &mut Findings) -> bool {
    let text = cx.text(span);
    let (effect, severity) = missing;
    // To look for the colon first costs a tenth.
    if let Some((_, rest)) = text.contains(':').then(|| text.split_once("://")).flatten() {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let found = out.report(&URL, cx.at(span)).quote("domain").effect(effect).severity(severity);
        if is_term(&format!("a:{host}")) {
            found.fix(Fix::machine(format!("write `{host}`"), [Edit::replace(span, host)]));
        }
        return true;
    }
    // `%{l}@%{o}` may be a name that somebody serves.
    let Some((local_part, domain)) = text.rsplit_once('@').filter(|(local, _)| !local.ends_with('}')) else {
        return false;
    };
    let start = span.start as usize;
    let found = out.report(&MAILBOX, cx.at(span)).quote("domain").effect(effect).severity(severity);
    if is_term(&format!("a:{domain}")) {
        let place = Span::new(start, start + local_part.len() + 1);
        found.fix(Fix::machine(format!("write `{domain}`"), [Edit::delete(place)]));
    }
    true
}

fn trailing_dot(cx: &Context<'_>, spec: DomainSpec, out: &mut Findings) {
    let end = spec.span.end as usize;
    if cx.text(spec.span).ends_with('.') && spec.span.len() > 1 {
        out.report(&TRAILING_DOT, cx.at(spec.span))
            .quote("domain")
            .fix(Fix::machine("take the dot out", [Edit::delete(Span::new(end - 1, end))]));
    }
}

fn lengths(cx: &Context<'_>, term: &Term, spec: DomainSpec, missing: (Effect, Severity), out: &mut Findings) {
    let text = cx.text(spec.span);
    let name = text.strip_suffix('.').unwrap_or(text);
    let octets = if spec.has_macros { longest(name) } else { name.len() };
    if octets > MAX_NAME {
        out.report(&NAME_LENGTH, cx.at(spec.span)).arg("term", cx.text(term.span)).arg("octets", octets);
    }
    labels(cx, spec, (name, missing), out);
}

/// One finding for all empty labels, and one for all that are too long.
fn labels(
    cx: &Context<'_>,
    spec: DomainSpec,
    (name, (effect, severity)): (&str, (Effect, Severity)),
    out: &mut Findings,
) {
    let first = spec.span.start as usize;
    let mut at = first;
    let mut dots = Vec::new();
    let mut are_before = true;
    let mut long: Vec<Span> = Vec::new();
    for label in name.split('.') {
        let (start, end) = (at, at + label.len());
        at = end + 1;
        // A macro may hold dots among its delimiters.
        if label.is_empty() && !spec.has_macros {
            // Before the first name it is the dot behind that makes it empty, else the dot before.
            let leads = start - first == dots.len();
            are_before &= leads;
            dots.push(if leads { Span::new(start, start + 1) } else { Span::new(start - 1, start) });
        } else if label.len() > MAX_LABEL && !label.contains(['%', '{', '}']) {
            long.push(Span::new(start, end));
        }
    }
    if let Some(dot) = dots.first() {
        let found = out.report(&LABEL_LENGTH, cx.at(*dot)).arg("domain", name).arg("what", "an empty label");
        found.effect(effect).severity(severity);
        if name.contains(|c| c != '.') {
            let edits: Vec<Edit> = dots.iter().copied().map(Edit::delete).collect();
            // Between two dots a label may be lost.
            found.fix(Fix::edit("take the dot out", edits, sure_if(are_before)));
        }
    }
    if let Some(label) = long.first() {
        let what = format!("a label of {} octets, and 63 is the limit", label.len());
        let found = out.report(&LABEL_LENGTH, cx.at(*label)).arg("domain", name).arg("what", what);
        found.effect(effect).severity(severity);
        for label in &long[1..] {
            found.related(cx.at(*label).with("and here"));
        }
    }
}

/// How long a macro-string commonly gets: an IPv6 address has 63 characters, a local part up to 64.
fn longest(text: &str) -> usize {
    let of = |piece| match piece {
        Piece::Literal(span) => span.len(),
        Piece::Percent(_) | Piece::Space(_) => 1,
        Piece::UrlSpace(_) => 3,
        Piece::Expand(expand) => match (expand.letter, expand.keep) {
            (Letter::Ip, None) => 63,
            (Letter::Ip, Some(keep)) => keep.saturating_mul(2).saturating_sub(1).min(63) as usize,
            (Letter::LocalPart, None) => 64,
            (Letter::Version, _) => 7,
            _ => 1,
        },
    };
    pieces(text).filter_map(Result::ok).map(of).fold(0, usize::saturating_add)
}

/// URLs and mail addresses in terms that cannot be read, whatever the parser stopped at.
pub(super) fn unknown_value(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let known = mechanisms::NAMES.iter().any(|name| term.is(name)) || term.is("redirect") || term.is("exp");
    if !known || term.value.is_empty() || !matches!(term.separator, ":" | "=") {
        return Claim::No;
    }
    let whole = Term { span: term.span, kind: TermKind::Unknown(term.error) };
    let missing = when_missing(&whole, None);
    if url_or_mailbox(term.cx, term.span_of(term.value), missing, out) { Claim::Told } else { Claim::No }
}

/// Domains in terms that cannot be read.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let domain = term.value;
    let span = term.span_of(domain);
    match term.error.kind {
        SyntaxErrorKind::SingleLabel if term.is("exp") => return exp_text::unknown(term, out),
        SyntaxErrorKind::SingleLabel => {
            let found = out.report(&SINGLE_LABEL, term.cx.at(span)).quote("domain");
            // `include:2001:db8::1`
            address(term, found);
        }
        SyntaxErrorKind::TopLabel => {
            let label = term.cx.text(term.error.span).to_owned();
            let found = out.report(&BAD_TOPLABEL, term.cx.at(span)).quote("domain").arg("label", label);
            address(term, found);
            if found.fixes.is_empty() {
                final_noise(term, found);
            }
        }
        SyntaxErrorKind::MissingDomain => {
            // Only a modifier can be without a domain here.
            out.report(&modifiers::REDIRECT_MISSING_DOMAIN, term.cx.at(term.span)).quote("term");
        }
        _ => return Claim::No,
    }
    Claim::Told
}

/// `a:192.0.2.1` means `ip4:192.0.2.1`.
fn address(term: &Unknown<'_>, found: &mut crate::finding::Diagnostic) {
    if let Some(fix) = mechanisms::another_term(term) {
        found.fix(fix);
        return;
    }
    let Some(mechanism) = family(term.value).filter(|_| term.separator == ":") else { return };
    let repaired = format!("{}{mechanism}:{}", term.qualifier, term.value);
    let place = term.span_of(term.name);
    found.fix(Fix::edit(
        format!("write `{mechanism}:`"),
        [Edit::replace(place, mechanism)],
        // Who writes an address behind `exists` may mean something else.
        sure_if(is_term(&repaired) && !term.is("exists")),
    ));
}

/// Brackets or quotes around a name, a port or a stray character behind it: `include:[x.example]`, `a:x.example:25`.
fn final_noise(term: &Unknown<'_>, found: &mut crate::finding::Diagnostic) {
    let name = term.value.trim_start_matches(['[', '<', '(', '{', '\'', '`']);
    let name = name.split_once(':').filter(|(_, port)| is_port(port)).map_or(name, |(name, _)| name);
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let repaired = format!("{}{}{}{name}", term.qualifier, term.name, term.separator);
    // `'x.example','y.example'` is no name in quotes.
    if !name.is_empty() && name.len() < term.value.len() && !name.contains(['\'', '`']) && is_term(&repaired) {
        let span = term.span_of(term.value);
        found.fix(Fix::machine(format!("write `{name}`"), [Edit::replace(span, name)]));
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};
    use crate::Timestamp;
    use crate::dns::Snapshot;
    use crate::finding::Effect;
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{Session, SpfResult};

    #[test]
    fn names() {
        tells("v=spf1 include:localhost -all", "spf-domain-spec-single-label", "v=spf1 include:localhost -all");
        tells("v=spf1 a:86.181.11.37 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 ip4:86.181.11.37 ~all");
        tells("v=spf1 a:86.181.11.0/24 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 ip4:86.181.11.0/24 ~all");
        tells("v=spf1 include:2001:db8::1 ~all", "spf-domain-spec-single-label", "v=spf1 ip6:2001:db8::1 ~all");
        tells("v=spf1 include:ip4:9.9.9.9 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 ip4:9.9.9.9 ~all");
        tells("v=spf1 -a:ip4:9.9.9.0/24 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 -ip4:9.9.9.0/24 ~all");
        tells("v=spf1 a:ip6:2001:db8::1 ~all", "spf-domain-spec-single-label", "v=spf1 ip6:2001:db8::1 ~all");
        tells("v=spf1 a:x.123 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 a:x.123 ~all");
        tells("v=spf1 include:x.example) ~all", "spf-domain-spec-bad-toplabel", "v=spf1 include:x.example ~all");
        tells("v=spf1 include:[x.example] ~all", "spf-domain-spec-bad-toplabel", "v=spf1 include:x.example ~all");
        tells("v=spf1 a:x.example:25 ~all", "spf-domain-spec-bad-toplabel", "v=spf1 a:x.example ~all");
        tells("v=spf1 a:x..example ~all", "spf-domain-spec-label-length", "v=spf1 a:x.example ~all");
        tells("v=spf1 include:x..example ~all", "spf-domain-spec-label-length", "v=spf1 include:x.example ~all");
        tells("v=spf1 a:..x...example ~all", "spf-domain-spec-label-length", "v=spf1 a:x.example ~all");
        tells("v=spf1 include:http://x.example ~all", "spf-domain-spec-url", "v=spf1 include:x.example ~all");
        tells("v=spf1 include:https://x.example/ ~all", "spf-domain-spec-url", "v=spf1 include:x.example ~all");
        tells("v=spf1 include:a@x.example ~all", "spf-domain-spec-mailbox", "v=spf1 include:x.example ~all");
        tells("v=spf1 include:x.example. ~all", "spf-domain-spec-trailing-dot", "v=spf1 include:x.example. ~all");
    }

    /// §5.2, §6.1: what `include` and `redirect` cannot look up is a permerror; other mechanisms do not match. As `check_host` has it.
    #[test]
    fn an_empty_label_has_the_effect_that_the_evaluation_gives_it() {
        let label = "m".repeat(64);
        for (terms, effect, result) in [
            ("include:x..example -all", Effect::Permerror, SpfResult::Permerror),
            ("redirect=x..example", Effect::Permerror, SpfResult::Permerror),
            (&format!("include:{label}.example -all"), Effect::Permerror, SpfResult::Permerror),
            ("a:x..example -all", Effect::PartIgnored, SpfResult::Fail),
            ("mx:x..example -all", Effect::PartIgnored, SpfResult::Fail),
            ("exists:x..example -all", Effect::PartIgnored, SpfResult::Fail),
        ] {
            let record = format!("v=spf1 {terms}");
            let found = crate::spf::lint_text(&record.as_str().into());
            let told = found.iter().find(|found| found.code == *"spf-domain-spec-label-length").unwrap();
            assert_eq!(told.effect, effect, "{record}");
            let zone = Zone::parse(&format!("d.example. TXT \"{record}\"")).unwrap();
            let session = Session::new("192.0.2.1".parse().unwrap(), "h.d.example", "a@d.example");
            let outcome = drive_sync(
                &mut Snapshot::new(),
                |question| zone.answer(question),
                |dns| crate::spf::check_host(dns, &session, Timestamp(0)),
            );
            assert_eq!(outcome.result, result, "{record}");
        }
    }

    #[test]
    fn lengths() {
        let label = "m".repeat(63);
        keeps_quiet(&format!("v=spf1 a:{label}.example -all"), "spf-domain-spec-label-length");
        let long = format!("v=spf1 a:{label}m.example -all");
        tells(&long, "spf-domain-spec-label-length", &long);
        let name = |last: usize| format!("v=spf1 exists:{label}.{label}.{label}.{}.example -all", "n".repeat(last));
        keeps_quiet(&name(53), "spf-domain-spec-name-length");
        tells(&name(54), "spf-domain-spec-name-length", &name(54));
    }
}
