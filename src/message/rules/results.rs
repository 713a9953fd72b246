//! Authentication-Results fields (RFC 8601): whose they are, whether they agree with each other and with what is found now.

use std::collections::{BTreeMap, BTreeSet};

use crate::Name;
use crate::finding::{Findings, Label, Subject, rules};
use crate::message::lint::Context;
use crate::message::{AuthResults, FaultKind, Hop, MethodResult, Verdict};
use crate::unread;

rules! {
    /// # Authentication-Results of somebody else
    ///
    /// Anybody can write such a field into a message. Only those of one's own servers count, which stand beside the Received
    /// field in which the message came in or above it; a server must take those away that come with its own name in them
    /// (RFC 8601 §5).
    ///
    /// ```message bad trusted=mx.d.example
    /// Authentication-Results: mx.attacker.example; dmarc=pass header.from=bank.example
    /// From: ceo@bank.example
    /// ```
    ///
    /// ```message good trusted=mx.d.example
    /// Authentication-Results: mx.d.example; dmarc=pass header.from=bank.example
    /// From: ceo@bank.example
    /// ```
    FORGED = "align-authres-forged", Warning, PartIgnored, ["RFC 8601 §5", "RFC 8601 §7.1"],
        "Authentication-Results of `{id}` count for nothing: {why}";

    /// # Authentication-Results fields disagree
    ///
    /// Each server on the way checks for itself: behind a forwarder or a list SPF fails that passed before. What counts is the
    /// field of the last trusted server.
    ///
    /// ```message bad
    /// Authentication-Results: mx2.d.example; dmarc=fail header.from=d.example
    /// Authentication-Results: mx1.d.example; dmarc=pass header.from=d.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// Authentication-Results: mx2.d.example; dmarc=pass header.from=d.example
    /// Authentication-Results: mx1.d.example; dmarc=pass header.from=d.example
    /// From: alice@d.example
    /// ```
    DISAGREE = "align-authres-multiple", Note, Ok, ["RFC 8601 §4.1"],
        "`{method}` of `{domain}` is `{result}` for `{id}` and `{other_result}` for `{other_id}`";

    /// # Authentication-Results that RFC 8601 does not have
    ///
    /// Methods and results of a provider's own, such as `compauth` and `bestguesspass`, a missing name of who checked, or
    /// broken grammar: programs that read the field may understand nothing of it, or another thing.
    ///
    /// ```message bad
    /// Authentication-Results: mx.d.example; dmarc=bestguesspass header.from=d.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// Authentication-Results: mx.d.example; dmarc=pass header.from=d.example
    /// From: alice@d.example
    /// ```
    NONSTANDARD = "align-authres-nonstandard", Note, Differs, ["RFC 8601 §2.2", "RFC 8601 §2.7"],
        "`{text}` in Authentication-Results is not of RFC 8601: {why}";

    /// # The receiver did not do what the policy asks
    ///
    /// DMARC failed and the domain asks to quarantine or reject, but the receiver decided otherwise: it trusts the forwarder
    /// or list, an ARC seal, or its user's own rule. That is its right (RFC 9989 §5.4). In reports it stands as the reason of
    /// an override.
    ///
    /// ```message bad
    /// Authentication-Results: mx.google.example; dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=d.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// Authentication-Results: mx.google.example; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=d.example
    /// From: alice@d.example
    /// ```
    OVERRIDE = "dmarc-disposition-override", Note, Ok, ["RFC 9989 §5.4", "RFC 9990 §3.1.6"],
        "DMARC failed and the policy asks to {policy}, but `{id}` did {applied}";

    /// # The result is another one now
    ///
    /// Where the receiver's DKIM result was fail and the signature verifies now, or the other way round, the message was
    /// changed after delivery, or a key or record in the DNS was. A copy that a mail program exported is often changed.
    ///
    /// ```message bad verdict=dkim:d.example:pass
    /// Authentication-Results: mx.d.example; dkim=fail header.d=d.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good verdict=dkim:d.example:pass
    /// Authentication-Results: mx.d.example; dkim=pass header.d=d.example
    /// From: alice@d.example
    /// ```
    CHANGED = "authres-result-differs", Warning, Ok, ["RFC 8601 §2.7"],
        "`{id}` said {method}={result}, and now it is {method}={now}: {why}";
}

/// Fields that are looked at: each server adds one or two.
const MAX_FIELDS: usize = 50;

struct Field {
    at: usize,
    subject: Subject,
    results: AuthResults,
}

impl Field {
    fn id(&self) -> &str {
        self.results.authserv_id().unwrap_or("nobody")
    }

    /// The place that says whose it is.
    fn label(&self) -> Label {
        match self.results.authserv_id_span() {
            Some(span) => Label::new(&self.subject, span),
            None => Label::whole(&self.subject),
        }
    }
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    let fields: Vec<Field> = cx
        .message
        .fields_named("Authentication-Results")
        .take(MAX_FIELDS)
        .map(|at| {
            let subject = cx.subject(at);
            Field { at, results: AuthResults::from_source(subject.source().clone()), subject }
        })
        .collect();
    if let Some(last) = fields.last() {
        let total = cx.message.fields_named("Authentication-Results").count();
        unread::beyond(Label::whole(&last.subject), "Authentication-Results fields", total, MAX_FIELDS, out);
    }
    let above = said_above(cx, &fields);
    for field in &fields {
        if !whose(cx, field, out) {
            passed_on(cx, field, &above, out);
        }
        nonstandard(field, out);
        for result in field.results.of_method("dmarc").take(1) {
            disposition(field, result, out);
        }
    }
    disagreements(&fields, out);
    compare(cx, &fields, out);
}

/// RFC 8601 §5: only those of trusted servers, above the Received field at which the message came in. Whether it was told.
fn whose(cx: &Context<'_>, field: &Field, out: &mut Findings) -> bool {
    let Some(id) = field.results.authserv_id() else { return true };
    let label = || field.label();
    let name = Name::parse(id).ok();
    let is_own = name.is_some_and(|name| cx.options.trusted.iter().any(|host| name.is_within(host)));
    if !cx.options.trusted.is_empty() && !is_own {
        out.report(&FORGED, label()).arg("id", id).arg("why", "it is none of the trusted servers");
        return true;
    }
    // Some servers write theirs directly below their own Received field; below the next one it came from outside.
    let below_others = cx.path.claimed().last().is_some_and(|hop| field.at > hop.field);
    let outside = cx.options.at_border || below_others;
    let by = cx.path.boundary().and_then(|boundary| boundary.received.by());
    // Without a list of one's own servers, whoever wrote the boundary is the own one.
    let claims_own = is_own || by.is_some_and(|by| by.eq_ignore_ascii_case(id));
    if outside && claims_own {
        let why = if below_others {
            "the field stands below Received fields of others, so the sender wrote it or passed it on"
        } else {
            "the server has not written any yet, so the sender wrote it or passed it on"
        };
        out.report(&FORGED, label()).arg("id", id).arg("why", why);
    }
    outside || !claims_own
}

/// Who says it, by which method, about what.
type Check<'a> = (String, &'a str, String);

fn key<'a>(field: &Field, result: &'a MethodResult) -> Check<'a> {
    (field.id().to_ascii_lowercase(), &result.method, domain(result).to_ascii_lowercase())
}

/// The results of each check that stand above the Received field at which the message came in.
fn said_above<'a>(cx: &Context<'_>, fields: &'a [Field]) -> BTreeMap<Check<'a>, BTreeSet<&'a str>> {
    let boundary = cx.path.boundary().map_or(0, |hop| hop.field);
    let mut said: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for field in fields.iter().filter(|field| field.at < boundary) {
        for result in field.results.results() {
            said.entry(key(field, result)).or_default().insert(&result.result);
        }
    }
    said
}

/// Directly below the Received field of its server a field may be its own, or have come with the message. A server checks each
/// thing once: where it says something else above its Received field, the one below is not its own.
fn passed_on(cx: &Context<'_>, field: &Field, above: &BTreeMap<Check<'_>, BTreeSet<&str>>, out: &mut Findings) {
    if cx.path.boundary().is_none_or(|hop| field.at <= hop.field) {
        return;
    }
    let contradicts = |said: &MethodResult| {
        above.get(&key(field, said)).is_some_and(|results| !results.contains(said.result.as_str()))
    };
    if field.results.results().iter().any(contradicts) {
        let why = "the server says something else above its Received field, so this one came with the message";
        out.report(&FORGED, field.label()).arg("id", field.id()).arg("why", why);
    }
}

fn nonstandard(field: &Field, out: &mut Findings) {
    let odd = field.results.results().iter().find_map(|result| {
        let Some(words) = words_of(&result.method) else {
            return (!result.method.starts_with("x-")).then_some((result.method_span, "no such method is registered"));
        };
        let known = words.contains(&result.result.as_str());
        (!known).then_some((result.result_span, "the method has no such result"))
    });
    let fault = field.results.faults().iter().find(|fault| fault.kind != FaultKind::Utf8);
    let fault = fault.map(|fault| (fault.span, why(fault.kind)));
    if let Some((span, why)) = odd.or(fault) {
        let label = if span.is_empty() { Label::whole(&field.subject) } else { Label::new(&field.subject, span) };
        out.report(&NONSTANDARD, label).quote("text").arg("why", why);
    }
}

fn why(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::NoAuthservId => "it does not say who checked",
        FaultKind::AuthservId => "the name of who checked is not as it should be",
        FaultKind::NoResult => "there is no result, not even `none`",
        FaultKind::NoneAndResults => "`none` stands beside results",
        FaultKind::EmptyResult => "there is nothing between two semicolons",
        FaultKind::Method => "it is no method with a result",
        FaultKind::Reason => "the reason is not at its place",
        FaultKind::NoType => "the property has no type",
        FaultKind::Property => "it is no property",
        FaultKind::Value => "the value needs quotes, or is missing",
        FaultKind::Unclosed => "a quotation mark or parenthesis is not closed",
        FaultKind::Instance | FaultKind::Utf8 | FaultKind::TooMany => "it is more than a reader expects",
    }
}

/// The results of each registered method (IANA, Email Authentication Parameters).
fn words_of(method: &str) -> Option<&'static [&'static str]> {
    const COMMON: &[&str] = &["none", "pass", "fail", "policy", "neutral", "temperror", "permerror"];
    const SPF: &[&str] = &["none", "pass", "fail", "softfail", "policy", "neutral", "temperror", "permerror"];
    Some(match method {
        "dkim" | "domainkeys" | "dkim-atps" => COMMON,
        "spf" | "sender-id" => SPF,
        // RFC 8617 §10.1
        "arc" => &["none", "pass", "fail"],
        "dmarc" | "vbr" => &["none", "pass", "fail", "temperror", "permerror"],
        "auth" => &["none", "pass", "fail", "temperror", "permerror"],
        "iprev" => &["pass", "fail", "temperror", "permerror"],
        "smime" => COMMON,
        "dkim-adsp" => &["none", "pass", "unknown", "fail", "discard", "nxdomain", "temperror", "permerror"],
        "rrvs" => &["none", "pass", "fail", "unknown", "temperror", "permerror"],
        "dnswl" => &["none", "pass", "temperror", "permerror"],
        "bimi" => &["none", "pass", "fail", "temperror", "declined", "skipped"],
        _ => return None,
    })
}

/// What Gmail (`(p=REJECT sp=REJECT dis=NONE)`), Microsoft (`action=oreject`) and RFC 9989 readers write.
fn disposition(field: &Field, result: &MethodResult, out: &mut Findings) {
    if result.result != "fail" {
        return;
    }
    let text = field.results.source().text();
    let comments = || result.comments.iter().map(|&span| &text[span]);
    let in_comment = |key: &str| {
        let words = comments().flat_map(|comment| comment.split(|c: char| !(c.is_alphanumeric() || c == '=')));
        words.filter_map(|word| word.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case(key))
    };
    let property = |ptype: &str, name: &str| result.property(ptype, name);
    let policy = property("policy", "dmarc").or(in_comment("p").map(|(_, value)| value)).map(str::to_ascii_lowercase);
    let action = property("", "action").or(property("policy", "disposition"));
    let applied = action.or(in_comment("dis").map(|(_, value)| value)).map(str::to_ascii_lowercase);
    let Some(applied) = applied else { return };
    // Microsoft: `oreject` and `o.reject` are rejections that were overridden.
    let overridden = applied.strip_prefix("o.").or(applied.strip_prefix('o')).map(str::to_owned);
    let level = |word: &str| ["none", "quarantine", "reject"].iter().position(|known| *known == word);
    let (asked, did) = match (overridden, policy) {
        (Some(asked), _) if level(&asked).is_some() => (asked, "not".to_owned()),
        (_, Some(policy)) if level(&applied).is_some() && level(&applied) < level(&policy) => {
            let did = if applied == "none" { "not".to_owned() } else { format!("{applied} it only") };
            (policy, did)
        }
        _ => return,
    };
    let found = out.report(&OVERRIDE, Label::new(&field.subject, result.span));
    found.arg("policy", asked).arg("id", field.id()).arg("applied", did);
}

/// What a result is about.
fn domain(result: &MethodResult) -> &str {
    let domain = match result.method.as_str() {
        "spf" => result.property("smtp", "mailfrom").or(result.property("smtp", "helo")),
        "dkim" => result.property("header", "d").or(result.property("header", "i")),
        "dmarc" => result.property("header", "from"),
        _ => None,
    };
    let domain = domain.unwrap_or_default();
    domain.rsplit_once('@').map_or(domain, |(_, domain)| domain)
}

fn disagreements(fields: &[Field], out: &mut Findings) {
    let mut seen: BTreeMap<(&str, String, &str), (&Field, &MethodResult)> = BTreeMap::new();
    let (mut told, mut count) = (0, 0);
    for field in fields {
        for result in field.results.results() {
            let signature =
                if result.method == "dkim" { result.property("header", "b").unwrap_or_default() } else { "" };
            let key = (result.method.as_str(), domain(result).to_ascii_lowercase(), signature);
            let Some((first, other)) = seen.get(&key) else {
                seen.insert(key, (field, result));
                continue;
            };
            // A field may have two signatures of one domain.
            if first.at == field.at || other.result == result.result {
                continue;
            }
            count += 1;
            if told == MAX_DISAGREEMENTS {
                continue;
            }
            told += 1;
            let found = out.report(&DISAGREE, Label::new(&field.subject, result.span));
            found.arg("method", &result.method).arg("domain", if key.1.is_empty() { "the message" } else { &key.1 });
            found.arg("result", &result.result).arg("id", field.id());
            found.arg("other_result", &other.result).arg("other_id", first.id());
            found.related(Label::new(&first.subject, other.span).with("here it is another one"));
        }
    }
    if let Some(first) = fields.first() {
        unread::beyond(first.label(), "results that disagree", count, MAX_DISAGREEMENTS, out);
    }
}

/// Disagreements that are told; more say the same.
const MAX_DISAGREEMENTS: usize = 5;

/// The uppermost field against what is found now.
fn compare(cx: &Context<'_>, fields: &[Field], out: &mut Findings) {
    // At the border the uppermost field is that of a server before, which saw another connection.
    let Some(field) = fields.first().filter(|_| !cx.options.at_border) else { return };
    let below = cx.path.boundary().is_some_and(|hop| field.at > hop.field);
    let earlier = is_of_earlier_hop(cx, field);
    for verdict in &cx.options.verdicts {
        // That server saw another connection, which SPF looks at, and DMARC with it.
        if earlier && !matches!(verdict.method.as_str(), "dkim" | "arc") {
            continue;
        }
        let mut said = field.results.of_method(&verdict.method).filter(|result| is_about(verdict, result));
        let Some(first) = said.next() else { continue };
        if first.result == verdict.result || said.any(|result| result.result == verdict.result) {
            continue;
        }
        // SPF looks at the connection, which the message itself does not show.
        let why = match (verdict.method.as_str(), verdict.result.as_str()) {
            (_, result) if earlier && result != "pass" => {
                "the message was changed behind that server, or a key was taken away"
            }
            _ if below && !earlier => {
                "it stands below the Received field of that server, so the sender may have written it; or records changed"
            }
            ("dkim", "pass") => "the key was published later, or that server checked a changed copy",
            ("dkim", _) => "the message was changed after delivery, or the key was taken away",
            ("arc", _) => "the message was changed after delivery, or a key was",
            _ => "the records were changed since, or the check had other facts",
        };
        let found = out.report(&CHANGED, Label::new(&field.subject, first.span));
        found.arg("id", field.id()).arg("method", &verdict.method).arg("result", &first.result);
        found.arg("now", &verdict.result).arg("why", why);
    }
}

/// Whether the server that wrote the field handed the message on before it came here.
fn is_of_earlier_hop(cx: &Context<'_>, field: &Field) -> bool {
    let is_by = |hop: &Hop| hop.received.by().is_some_and(|by| by.eq_ignore_ascii_case(field.id()));
    cx.path.claimed().iter().any(is_by) && !cx.path.trusted().iter().any(is_by)
}

fn is_about(verdict: &Verdict, result: &MethodResult) -> bool {
    let Some(wanted) = &verdict.domain else { return true };
    Name::parse(domain(result)).is_ok_and(|domain| domain == *wanted)
}
