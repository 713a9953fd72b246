//! What a signature that passes is worth (RFC 6376 §6.3, §8).

use super::tell::{Judged, body, field, trimmed};
use crate::dkim::{Algorithm, DkimResult, KeyData};
use crate::finding::{Evidence, Findings, Label, rules};
use crate::message::AddressList;
use crate::{Name, dkim};

rules! {
    /// # The signature passes only because the verifier is lenient
    ///
    /// SHA-1 and RSA keys below 1,024 bits can be forged. Verifiers that follow RFC 8301 do not let them pass, so for
    /// others this mail is unsigned.
    ///
    /// ```signed bad key=rsa512 min-bits=512
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// Sign with rsa-sha256 and a key of 2,048 bits.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    WEAK = "dkim-pass-weak", Warning, Permerror, ["RFC 8301 §3.1", "RFC 8301 §3.2"],
        "the signature of `{domain}` (selector `{selector}`) passes here, and not where RFC 8301 is followed: {why}";

    /// # A part of the body is not signed
    ///
    /// `l` limits the signature to the first octets of the body. Whatever stands behind them may come from anybody, and
    /// the signature passes all the same.
    ///
    /// ```signed bad l=18
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// + And bring money.
    /// ```
    ///
    /// Sign without `l`.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    PARTIAL = "dkim-pass-partial-body", Warning, Differs, ["RFC 6376 §8.2"],
        "the signature of `{domain}` (selector `{selector}`) passes, and does not cover the last {octets} octets of the body";

    /// # The signature is of another domain than From
    ///
    /// It says who is responsible for the message, and nothing about the author: DMARC counts a signature only if its
    /// domain belongs to the organization of the domain in From.
    ///
    /// ```signed bad
    ///   From: shop@paper.example
    ///
    ///   Your order is on its way.
    /// ```
    ///
    /// ```signed good
    ///   From: shop@news.d.example
    ///
    ///   Your order is on its way.
    /// ```
    THIRD_PARTY = "dkim-pass-third-party", Note, Ok, ["RFC 6376 §6.3", "RFC 9989 §4.4.1"],
        "the signature of `{domain}` (selector `{selector}`) passes, and From is of `{author}`: it is not the author's own";

    /// # The key is for testing
    ///
    /// With `t=y` in the key record the domain asks that nothing be made of the result. Many receivers count it as a pass
    /// all the same.
    ///
    /// ```signed bad key=testing
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// Take `t=y` away as soon as signatures pass.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    TESTING = "dkim-pass-testing-key", Note, Testing, ["RFC 6376 §3.6.1"],
        "the signature of `{domain}` (selector `{selector}`) passes with a key that is for testing only";

    /// # The message may have been sent again by somebody else
    ///
    /// The recipient is not one of those whom the signed fields name, and the message was signed long ago. Spammers take a
    /// message with a good signature and send it to many; lists and blind copies look the same.
    ///
    /// ```signed bad h=from:to t=1000 now=400000 rcpt=carol@r.example
    ///   From: alice@d.example
    ///   To: bob@r.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// A signature that expires after some days (`x`) cannot be used for long.
    ///
    /// ```signed good h=from:to t=1000 now=400000 rcpt=bob@r.example
    ///   From: alice@d.example
    ///   To: bob@r.example
    ///
    ///   Lunch at twelve?
    /// ```
    REPLAY = "dkim-replay-hint", Warning, Ok, ["RFC 6376 §8.6"],
        "`{domain}` signed this {hours} hours ago (selector `{selector}`), and `{recipient}` is none of its recipients: perhaps it was sent again";
}

/// What RFC 8301 §3.2 asks of RSA keys, in bits.
const MIN_RSA_BITS: usize = 1024;

/// Seconds after which a message still on its way is one worth a look.
const LONG_AGO: u64 = 24 * 60 * 60;

pub(super) fn check(cx: &Judged<'_>, out: &mut Findings) {
    if cx.outcome.result != DkimResult::Pass {
        return;
    }
    weak(cx, out);
    partial(cx, out);
    third_party(cx, out);
    if cx.outcome.is_testing()
        && let Some(record) = cx.key_record()
    {
        cx.report(&TESTING, record, out);
    }
    replay(cx, out);
}

fn weak(cx: &Judged<'_>, out: &mut Findings) {
    if cx.signature().algorithm.is_some_and(|a| a.value == Algorithm::RsaSha1) {
        cx.report(&WEAK, cx.tag("a"), out).arg("why", "rsa-sha1 counts for nothing");
    }
    if let Some(dkim::Candidate { key, .. }) = cx.outcome.keys.used()
        && let KeyData::Rsa(rsa) = &key.data
        && rsa.bits() < MIN_RSA_BITS
        && let Some(record) = cx.key_record()
    {
        cx.report(&WEAK, record, out).arg("why", format!("its RSA key has {} bits", rsa.bits()));
    }
}

fn partial(cx: &Judged<'_>, out: &mut Findings) {
    let Some(unsigned) = cx.outcome.body.map(|body| body.unsigned()).filter(|&octets| octets > 0) else { return };
    let found = cx.report(&PARTIAL, cx.tag("l"), out).arg("octets", unsigned);
    // Octets of the canonical body; in the body as it is there may be some more.
    let text = cx.message.body();
    let start = text.len().saturating_sub(usize::try_from(unsigned).unwrap_or(usize::MAX));
    found.related(body(cx.message, start, text.len() - start).with("not signed"));
}

fn third_party(cx: &Judged<'_>, out: &mut Findings) {
    let Some(signer) = cx.outcome.domain() else { return };
    let Some((author, place)) = author(cx) else { return };
    let own = match &cx.known.organization {
        Some(organization) => signer.is_within(organization),
        None => signer.is_within(&author) || author.is_within(signer),
    };
    if !own {
        cx.report(&THIRD_PARTY, cx.tag("d"), out).arg("author", author).related(place);
    }
}

/// The domain in From, if there is one only.
fn author(cx: &Judged<'_>) -> Option<(Name, Label)> {
    let mut fields = cx.message.fields_named("From");
    let (at, None) = (fields.next()?, fields.next()) else { return None };
    let subject = field(cx.message, at);
    let list = AddressList::parse(subject.source().text());
    let mut mailboxes = list.mailboxes();
    let (mailbox, None) = (mailboxes.next()?, mailboxes.next()) else { return None };
    let span = mailbox.domain?;
    Some((Name::parse(&subject.source().text()[span]).ok()?, Label::new(&subject, span)))
}

fn replay(cx: &Judged<'_>, out: &mut Findings) {
    let (Some(now), Some(signed)) = (cx.known.now, &cx.signature().timestamp) else { return };
    let age = now.0.saturating_sub(signed.value);
    let Some(recipient) = cx.known.recipients.first().filter(|_| age > LONG_AGO) else { return };
    // Lists send to people whom the message does not name.
    if cx.message.fields_named("List-Id").next().is_some() || cx.signature().signs("To") == 0 {
        return;
    }
    let covered = || cx.outcome.signed.iter().flatten().copied();
    let named = |at: usize| {
        let subject = field(cx.message, at);
        let list = AddressList::parse(subject.source().text());
        list.mailboxes().any(|mailbox| cx.known.recipients.iter().any(|to| to.eq_ignore_ascii_case(&mailbox.address)))
    };
    let is = |at: &usize, name: &str| cx.message.fields()[*at].is(name.as_bytes());
    let Some(to) = covered().find(|at| is(at, "To")) else { return };
    if covered().filter(|at| is(at, "To") || is(at, "Cc")).any(named) {
        return;
    }
    let found = cx.report(&REPLAY, trimmed(&field(cx.message, to)), out);
    found.arg("hours", age / 3600).arg("recipient", recipient).evidence(Evidence::Guessed).related(cx.tag("t"));
}
