//! What a chain is worth (RFC 8617 §7, §9).

use super::tell::{Validated, sealer};
use crate::arc::{ArcResult, CheckProblem};
use crate::finding::{Evidence, Findings, rules};
use crate::message::AuthResults;
use crate::text::Source;

rules! {
    /// # The message was changed between two seals
    ///
    /// Older message signatures do not verify any more, newer ones do. So the message was changed after the one sealer had
    /// it and before the next one sealed: mostly by the next one, a list that adds its footer and seals.
    ///
    /// ```sealed bad reseal
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// + friends@list.example
    /// ```
    ///
    /// ```sealed good reseal
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    OLDEST_PASS = "arc-oldest-pass", Note, Ok, ["RFC 8617 §5.2"],
        "the message was changed after `{before}` had sealed it and before `{domain}` did (oldest-pass is {instance})";

    /// # An intact chain proves nothing by itself
    ///
    /// Anybody can seal. An intact chain says that its sealers, and nobody else, say what it says; whether they are to be
    /// believed is the receiver's own list to answer.
    ///
    /// ```sealed bad
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```sealed good trusted=l.example
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    UNTRUSTED = "arc-sealer-untrusted", Note, Ok, ["RFC 8617 §7.2", "RFC 8617 §9"],
        "the ARC chain is intact and worth as much as the word of `{domain}`, which is not known as trusted";

    /// # Only the receiver itself has sealed
    ///
    /// Large providers seal all mail that they take in. One set made by the server that also delivered the message does not
    /// mean that it was forwarded.
    ///
    /// ```sealed bad
    ///   Authentication-Results: mx.l.example; dmarc=pass header.from=d.example
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```sealed good
    ///   Authentication-Results: mx.r.example; dmarc=pass header.from=d.example
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    FIRST_HOP = "arc-first-hop-only", Note, Ok, ["RFC 8617 §5.1"],
        "only `{domain}`, which seems to have received the message itself, has sealed it: that is no sign of forwarding";

    /// # ARC is on its way out
    ///
    /// ARC is an experiment, and the IETF is about to declare it historic. Few receivers go by it, and none may count it as
    /// authentication of the author.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// ```
    HISTORIC = "arc-historic-note", Note, Ok, ["RFC 8617 §1"],
        "ARC is an experiment that is being ended: few receivers go by the chain, and it never authenticates the author";
}

pub(super) fn check(cx: &Validated<'_>, out: &mut Findings) {
    oldest_pass(cx, out);
    if cx.outcome.result == ArcResult::Pass {
        untrusted(cx, out);
        first_hop(cx, out);
    }
    if let Some(place) = cx.chain().last().and_then(|set| cx.some_field(set)) {
        out.report(&HISTORIC, place);
    }
}

fn oldest_pass(cx: &Validated<'_>, out: &mut Findings) {
    let Some(instance) = cx.outcome.oldest_pass.filter(|&instance| instance > 1) else { return };
    let failed = cx.outcome.sets.iter().find(|set| set.instance + 1 == instance);
    // A key that is gone shows no change.
    let changed = matches!(
        failed.and_then(|set| set.message_signature.as_ref()),
        Some(CheckProblem::BodyHash | CheckProblem::Mismatch)
    );
    let (Some(before), Some(set), true) = (cx.set(instance - 1), cx.set(instance), changed) else { return };
    if let Some(ams) = &set.message_signature {
        let found = out.report(&OLDEST_PASS, cx.tag(ams.field, &ams.signature, "i"));
        found.arg("before", sealer(before)).arg("domain", sealer(set)).arg("instance", instance);
    }
}

fn untrusted(cx: &Validated<'_>, out: &mut Findings) {
    for set in &cx.chain().sets {
        let Some(seal) = &set.seal else { continue };
        let Some(domain) = &seal.signature.domain else { continue };
        if !cx.known.trusted.iter().any(|trusted| domain.value.is_within(trusted)) {
            out.report(&UNTRUSTED, cx.tag(seal.field, &seal.signature, "d")).arg("domain", &domain.value);
            // One stranger is enough to doubt the chain.
            return;
        }
    }
}

fn first_hop(cx: &Validated<'_>, out: &mut Findings) {
    let [set] = cx.chain().sets.as_slice() else { return };
    let (Some(results), Some(seal)) = (&set.results, &set.seal) else { return };
    let claimed = AuthResults::parse_arc(results.source.text());
    let Some(top) = cx.message.fields_named("Authentication-Results").next() else { return };
    let received = AuthResults::from_source(Source::from_bytes(cx.message.fields()[top].body()));
    let (Some(sealed_by), Some(received_by)) = (claimed.authserv_id(), received.authserv_id()) else { return };
    if sealed_by.eq_ignore_ascii_case(received_by) {
        let found = out.report(&FIRST_HOP, cx.tag(seal.field, &seal.signature, "d"));
        found.arg("domain", sealer(set)).evidence(Evidence::Guessed);
    }
}
