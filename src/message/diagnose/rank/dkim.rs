//! The DKIM leg: why no aligned signature passes.

use memchr::memmem;

use super::{Case, Signed, copied, stranger};
use crate::Actor;
use crate::cause::{Cause, Evidence, Found};
use crate::dkim::forensics::{Alteration, Certainty, KeyEvidence, Scope, What};
use crate::dkim::{self, KeyLookup, KeyProblem, MAX_SIGNATURES, explain};
use crate::finding::Label;
use crate::message::Message;
use crate::message::diagnose::facts::{forwarded, passed_at_delivery, rewritten};
use crate::message::diagnose::signatures::MAX_INVESTIGATED;
use crate::message::mime::Part;
use crate::spf::SpfResult;

/// Why DKIM does not carry the message; `None` if it does.
pub(super) fn leg(case: &Case<'_>) -> Option<Found> {
    let signatures = &case.checks.signatures;
    if signatures.iter().any(|signed| signed.passes() && case.is_aligned(signed)) {
        return None;
    }
    if let Some(signed) = case.aligned_failures().into_iter().next() {
        return Some(broken(case, signed));
    }
    if let Some(signed) = case.unaligned_pass() {
        return Some(not_aligned(case, signed));
    }
    Some(match signatures.first() {
        Some(signed) if signed.outcome.domain().is_none() => broken(case, signed),
        _ => not_signed(case),
    })
}

pub(super) fn not_signed(case: &Case<'_>) -> Found {
    let author = case.author();
    let seen = match case.checks.signatures.len() {
        0 => "the message has no DKIM-Signature".to_owned(),
        _ => format!("no signature of the message is {author}'s"),
    };
    let told = format!("the message has no DKIM signature of {author}");
    let found = Found::new(Cause::DkimNotSigned, seen).told(told);
    match stranger::to_provider(case) {
        Some(sender) => stranger::own_address(case, found, sender.as_str()),
        None => found.advise(format!("Sign outgoing mail with DKIM and d={author}")),
    }
}

fn not_aligned(case: &Case<'_>, signed: &Signed) -> Found {
    let author = case.author();
    let domain = signed.outcome.domain().map(ToString::to_string).unwrap_or_default();
    let seen = format!("the signature of {domain} passes");
    let found = Found::new(Cause::DkimNotAligned, Evidence::at(case.mail.label_at(signed.outcome.field), seen))
        .told(format!("the signature of {domain} passes, but is not aligned with {author}"));
    let remedy = format!("have it sign with d={author}, with a key that {author} publishes");
    match signed.outcome.domain() {
        Some(sender) => stranger::advised(case, found, sender, &remedy),
        None => found,
    }
}

/// Why a signature does not pass.
pub(super) fn broken(case: &Case<'_>, signed: &Signed) -> Found {
    let outcome = &signed.outcome;
    let cause = cause(signed, &case.mail.message);
    let told = explain::headline(outcome, &case.mail.message, &signed.evidence);
    let mut found =
        Found::new(cause, Evidence::at(case.mail.label_at(outcome.field), explain::reason(outcome, &signed.evidence)))
            .told(told);
    let sure = |found: &Alteration| {
        format!("{} ({})", explain::alteration(found, &case.mail.message), explain::certainty(found))
    };
    found = found.and_all(signed.alterations().map(|alteration| Evidence::from(sure(alteration))));
    found = found.and_all(explain::key_lookup(&outcome.keys).map(Evidence::from));
    found = found.and_all(explain::key(&signed.evidence.key).map(Evidence::from));
    if signed.is_left_out() {
        found = found.and(format!(
            "what was changed was not looked for: more than {MAX_INVESTIGATED} signatures fail, and others were searched"
        ));
    }
    found = found.for_actor(actor(case, signed, cause));
    if let Some(label) = key_removed(case, signed) {
        return removed(found, signed, label);
    }
    match advice(cause, &outcome.keys, signed) {
        Some(advice) => found.advise(advice),
        None => copied::or_copied(case, signed, found),
    }
}

/// What the receiver wrote when the message came: this signature passed then, and now its key is gone.
pub(super) fn key_removed(case: &Case<'_>, signed: &Signed) -> Option<Label> {
    let gone = matches!(signed.outcome.cause, dkim::Cause::NoKey | dkim::Cause::Key(KeyProblem::Revoked));
    let domain = signed.outcome.domain().filter(|_| gone)?;
    let selector = signed.outcome.signature.selector.as_ref().map(|selector| &selector.value);
    passed_at_delivery(case.mail, domain, selector)
}

fn removed(found: Found, signed: &Signed, label: Label) -> Found {
    let signature = explain::name(&signed.outcome.signature);
    found
        .and(Evidence::at(label, "the receiver found dkim=pass"))
        .told(format!(
            "the DKIM signature of {signature} passed when the message was delivered, and its key has been taken out of the DNS since"
        ))
        .for_actor(Actor::Nobody)
        .advise("Nothing: after a change of keys the old one is taken away")
}

/// What was changed, in a clause.
pub(super) fn change(case: &Case<'_>, signed: &Signed) -> String {
    let known = signed.alterations().filter(|found| found.certainty != Certainty::Unknown);
    let told: Vec<String> = known.map(|found| explain::alteration(found, &case.mail.message)).collect();
    if told.is_empty() { explain::reason(&signed.outcome, &signed.evidence) } else { told.join(", and ") }
}

/// Why the only signature fails, if nobody can tell whose it was meant to be. Where SPF passes for whoever sends, it is a service
/// that signs badly; otherwise the field may be anybody's.
pub(super) fn unreadable(case: &Case<'_>) -> Option<Found> {
    if case.spf_result() != Some(SpfResult::Pass) {
        return None;
    }
    let [signed] = case.checks.signatures.as_slice() else { return None };
    let is_nameless = signed.outcome.domain().is_none() && matches!(signed.outcome.cause, dkim::Cause::Signature(_));
    is_nameless.then(|| broken(case, signed))
}

fn cause(signed: &Signed, message: &Message<'_>) -> Cause {
    use dkim::Cause as C;
    match &signed.outcome.cause {
        C::Signature(_) | C::TooManySignatures | C::MessageLimit(_) => Cause::DkimSignatureInvalid,
        C::Expired => Cause::DkimSignatureExpired,
        C::Sha1 | C::Key(KeyProblem::TooShort) => Cause::DkimWeakCrypto,
        C::KeyUnavailable(_) => Cause::DnsTemporaryFailure,
        C::NoKey | C::KeyName => Cause::DkimKeyMissing,
        C::Key(KeyProblem::Revoked) => Cause::DkimKeyRevoked,
        C::Key(
            KeyProblem::NotAKey
            | KeyProblem::Syntax
            | KeyProblem::Service
            | KeyProblem::Hash
            | KeyProblem::Type
            | KeyProblem::Undecodable
            | KeyProblem::TooLong
            | KeyProblem::Strict,
        ) => Cause::DkimKeyInvalid,
        C::BodyTooShort => Cause::DkimBodyTruncated,
        C::BodyHash => match &signed.evidence.body {
            Some(found) if found.what != What::Unknown => body(found, message.body()),
            Some(_) | None if is_cut(message) => Cause::DkimBodyTruncated,
            Some(_) | None => Cause::DkimBodyContentChanged,
        },
        C::HeaderSignature if signed.key_is_another() => Cause::DkimKeyMismatch,
        C::HeaderSignature => header(&signed.evidence.header),
        C::Verified => Cause::NoProblem,
    }
}

/// Who is nearest to what broke the signature.
fn actor(case: &Case<'_>, signed: &Signed, cause: Cause) -> Actor {
    // rsa-sha1 is the signer's choice, a short key stands in the DNS.
    if signed.outcome.cause == dkim::Cause::Sha1 {
        return Actor::SendingService;
    }
    let on_the_way = cause.actor() == Actor::Forwarder;
    if on_the_way && case.came_over_list(signed).is_some() {
        return Actor::ListOperator;
    }
    let sent_on = rewritten(case.mail).is_some() || forwarded(case.mail, case.checks).is_some();
    // Nobody between the signer and us: the service that sends changed what it, or its customer, had signed.
    if on_the_way && !sent_on && case.spf_result() == Some(SpfResult::Pass) {
        Actor::SendingService
    } else {
        cause.actor()
    }
}

fn body(found: &Alteration, text: &[u8]) -> Cause {
    match found.what {
        What::Appended | What::Inserted if is_white_space(found, text) => Cause::DkimBodyWhitespaceChanged,
        What::Appended | What::MimeWrapped => Cause::DkimBodyModifiedFooter,
        What::Inserted | What::Replaced if is_escape(found, text) => Cause::DkimBodyWhitespaceChanged,
        // Before a delimiter, too: the preamble of a multipart.
        What::Inserted if found.at == Some(0) || is_first_part(found, text) => Cause::DkimBodyModifiedBanner,
        What::Inserted if ends_a_part(found, text) => Cause::DkimBodyModifiedFooter,
        What::Inserted => Cause::DkimBodyModifiedBanner,
        What::Replaced => Cause::DkimBodyContentChanged,
        What::Truncated => Cause::DkimBodyTruncated,
        What::ReEncoded | What::Reframed => Cause::DkimBodyReencoded,
        What::Whitespace | What::LineEndings => Cause::DkimBodyWhitespaceChanged,
        What::SignedOtherwise => Cause::DkimSignatureInvalid,
        What::Unknown | What::HeaderChanged | What::HeaderRefolded | What::HeaderAdded | What::HeaderRemoved => {
            Cause::DkimBodyContentChanged
        }
    }
}

/// Whether nothing to be seen was added: blank lines and such.
fn is_white_space(found: &Alteration, text: &[u8]) -> bool {
    let is_blank = |at: usize, length: usize| {
        let added = text.get(at..at.saturating_add(length)).unwrap_or_default();
        !added.is_empty() && added.iter().all(u8::is_ascii_whitespace)
    };
    match (found.edits.as_slice(), found.at) {
        ([], Some(at)) => is_blank(at, found.length),
        ([], None) => false,
        (edits, _) => edits.iter().all(|edit| edit.original.is_empty() && is_blank(edit.at, edit.length)),
    }
}

/// Whether the body stops in the middle: every line of a message ends in CRLF (RFC 5321 §4.1.1.4), and a multipart in a
/// delimiter of its own (RFC 2046 §5.1.1).
fn is_cut(message: &Message<'_>) -> bool {
    let body = message.body();
    let holds = |delimiter: &[&[u8]]| memmem::find(body, &delimiter.concat()).is_some();
    let boundary = Part::new(message.bytes()).boundary();
    let is_open = boundary.is_some_and(|boundary| holds(&[b"--", &boundary]) && !holds(&[b"--", &boundary, b"--"]));
    is_open || !body.is_empty() && !body.ends_with(b"\n")
}

/// `.` before a line that begins with a dot (RFC 5321 §4.5.2), `>` before `From `: one octet put in at each place, or a dot
/// taken away.
fn is_escape(found: &Alteration, text: &[u8]) -> bool {
    if found.scope == Scope::Body {
        return found.original.as_deref().is_some_and(|signed| is_escaped_body(found.what, text, signed));
    }
    let is_one = |length: usize, original: &[u8]| match found.what {
        What::Inserted => length == 1 && original.is_empty(),
        _ => length == 0 && original == b".",
    };
    match (found.edits.as_slice(), &found.original) {
        ([], Some(original)) => is_one(found.length, original),
        ([], None) => false,
        (edits, _) => edits.iter().all(|edit| is_one(edit.length, &edit.original)),
    }
}

/// The same of all lines, where the places are too many to be told one by one.
fn is_escaped_body(what: What, received: &[u8], signed: &[u8]) -> bool {
    let mut received = lines(received.trim_ascii_end());
    let mut signed = lines(signed.trim_ascii_end());
    let is_same = |received: &[u8], signed: &[u8]| match what {
        _ if received == signed => true,
        What::Inserted => received.strip_prefix(b".").or(received.strip_prefix(b">")) == Some(signed),
        _ => signed.strip_prefix(b".") == Some(received),
    };
    signed.all(|signed| received.next().is_some_and(|received| is_same(received, signed))) && received.next().is_none()
}

/// Whether what was inserted is a new part before all others: what readers see first. It may start at its delimiter, or
/// behind the one that stood there.
fn is_first_part(found: &Alteration, text: &[u8]) -> bool {
    let (Some(at), []) = (found.at, found.edits.as_slice()) else { return false };
    let Some((before, rest)) = text.split_at_checked(at) else { return false };
    let Some((added, after)) = rest.split_at_checked(found.length) else { return false };
    let is_delimiter = |line: &[u8]| line.len() > 2 && line.starts_with(b"--");
    let seen = |delimiter: &[u8]| lines(before).filter(|line| *line == delimiter).count();
    let (first, last) = (lines(added).next().unwrap_or_default(), last_line(before));
    let from_delimiter = is_delimiter(first) && lines(after).next() == Some(first) && seen(first) == 0;
    let behind_delimiter = is_delimiter(last) && last_line(added) == last && seen(last) == 1;
    from_delimiter || behind_delimiter
}

fn lines(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end)
}

/// The last line that is complete.
fn last_line(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").and_then(|text| lines(text).next_back()).unwrap_or_default()
}

/// Whether what was inserted stands at the end of a part, before the next delimiter or the end of the HTML.
fn ends_a_part(found: &Alteration, text: &[u8]) -> bool {
    let ends = |at: usize, length: usize| {
        let after = text.get(at.saturating_add(length)..).unwrap_or_default().trim_ascii_start();
        let tag = |tag: &[u8]| after.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        after.starts_with(b"--") || tag(b"</body") || tag(b"</html")
    };
    match (found.edits.as_slice(), found.at) {
        ([], Some(at)) => ends(at, found.length),
        ([], None) => false,
        (edits, _) => edits.iter().any(|edit| ends(edit.at, edit.length)),
    }
}

fn header(found: &[Alteration]) -> Cause {
    let subject = found
        .first()
        .and_then(|found| found.header.as_deref())
        .is_some_and(|name| name.eq_ignore_ascii_case("Subject"));
    if subject { Cause::DkimHeaderModifiedSubject } else { Cause::DkimHeaderModified }
}

fn advice(cause: Cause, keys: &KeyLookup, signed: &Signed) -> Option<String> {
    match signed.outcome.cause {
        dkim::Cause::TooManySignatures => {
            return Some(format!(
                "Send with fewer DKIM signatures: of one message the first {MAX_SIGNATURES} are looked at"
            ));
        }
        dkim::Cause::MessageLimit(_) => return Some("Send with fewer or shorter header fields".to_owned()),
        dkim::Cause::BodyHash if signed.alterations().any(|found| found.what == What::Reframed) => {
            return Some(
                "Leave the MIME structure of messages as it is: boundaries are part of the signed body".to_owned(),
            );
        }
        _ => {}
    }
    let name = keys.name()?;
    Some(match cause {
        Cause::DkimKeyMissing => format!("Publish the public key at {name}"),
        Cause::DkimKeyRevoked => format!("Sign with another key than that of {name}, which is revoked"),
        Cause::DkimKeyInvalid => match (&signed.outcome.cause, signed.outcome.domain()) {
            (dkim::Cause::Key(KeyProblem::Strict), Some(domain)) => {
                format!("Take `t=s` out of the key at {name}, or sign with i=@{domain}")
            }
            (dkim::Cause::Key(KeyProblem::Service), _) => {
                format!("Take `s=` out of the key at {name}: it excludes mail")
            }
            (dkim::Cause::Key(KeyProblem::Hash), _) => {
                format!("Take `h=` out of the key at {name}: it excludes the hash that the signer uses")
            }
            (dkim::Cause::Key(KeyProblem::Type), _) => {
                format!("Publish at {name} the key that signs: the one there is of another type")
            }
            (dkim::Cause::Key(KeyProblem::TooLong), _) => {
                format!("Sign with an RSA key of 2048 bits: that at {name} is larger than receivers check")
            }
            _ => format!("Publish the key at {name} again, whole and in one record"),
        },
        Cause::DkimKeyMismatch => match &signed.evidence.key {
            KeyEvidence::PublishedElsewhere { name: other } => {
                format!("Sign with the selector of {other}, whose key signs, or publish that key at {name}")
            }
            KeyEvidence::Signed { .. } | KeyEvidence::Other | KeyEvidence::Unknown => {
                format!("Publish at {name} the public half of the key that signs")
            }
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_a_whole_body() {
        let is = |what, received: &str, signed: &str| is_escaped_body(what, received.as_bytes(), signed.as_bytes());
        assert!(is(What::Inserted, ">From a\r\nb\r\n>From c\r\n", "From a\r\nb\r\nFrom c\r\n"));
        assert!(is(What::Inserted, "..\n..a\n", ".\r\n.a\r\n"));
        assert!(is(What::Replaced, "a\r\nb\r\n", ".a\r\nb\r\n\r\n"));
        assert!(!is(What::Inserted, "#From a\r\n", "From a\r\n"));
        assert!(!is(What::Replaced, "a\r\n", "-a\r\n"));
        // Something else was put in as well, or is missing.
        assert!(!is(What::Inserted, ">From a\r\nb\r\n", "From a\r\n"));
        assert!(!is(What::Inserted, ">From a\r\n", "From a\r\nb\r\n"));
    }
}
