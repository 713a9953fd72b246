//! What a forwarder or a list did to the message and its verdicts.

use super::Facts;
use crate::Name;
use crate::dmarc::{DmarcResult, Policy};
use crate::finding::{Effect, Evidence, Findings, Label, Subject, rules};
use crate::spf::SpfResult;
use crate::text::Span;

rules! {
    /// # The message was forwarded
    ///
    /// A redirect, a forwarder or a filter in front of the mailbox passed it on. SPF sees the forwarder and not the author's
    /// server; DKIM survives if nothing was changed.
    ///
    /// ```forwarding bad
    /// Delivered-To: u@fwd.example
    /// From: alice@a.example
    /// To: u@d.example
    /// ```
    ///
    /// ```forwarding good
    /// Delivered-To: u@d.example
    /// From: alice@a.example
    /// To: u@d.example
    /// ```
    DETECTED = "forward-detected", Note, Ok, ["RFC 7960 §3"], "the message was forwarded: {evidence}";

    /// # SPF fails because of the forwarding
    ///
    /// The forwarder kept the author's MAIL FROM, and the author's SPF record does not list the forwarder's address. That is
    /// how SPF works (RFC 7208 §10.3), and no fault of the author. DMARC passes all the same if DKIM does.
    ///
    /// ```forwarding bad mail-from=alice@a.example spf=fail:aligned
    /// Delivered-To: u@fwd.example
    /// From: alice@a.example
    /// To: u@d.example
    /// ```
    ///
    /// ```forwarding good mail-from=SRS0=abcd=G3=a.example=alice@fwd.example spf=pass
    /// Delivered-To: u@fwd.example
    /// From: alice@a.example
    /// To: u@d.example
    /// ```
    SPF_BROKEN = "forward-spf-broken", Note, Ok, ["RFC 7960 §3.2.1", "RFC 7208 §10.3"],
        "SPF says {result} because the message was forwarded with the MAIL FROM `{mail_from}` unchanged";

    /// # SRS makes SPF pass, but not DMARC
    ///
    /// The forwarder wrote its own domain into MAIL FROM. SPF passes for that domain, which is not the author's, so it can
    /// never be aligned with From. DMARC needs the author's DKIM signature.
    ///
    /// ```forwarding bad mail-from=SRS0=abcd=G3=d.example=alice@fwd.example spf=pass
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good mail-from=alice@d.example spf=pass:aligned
    /// From: alice@d.example
    /// ```
    SRS_UNALIGNED = "forward-srs-spf-unaligned", Note, Ok, ["RFC 7960 §4.1.3", "RFC 9989 §4.4.2"],
        "{scheme} in MAIL FROM `{mail_from}` makes SPF pass for the forwarder, which cannot be aligned with From";

    /// # The signature survived the forwarding
    ///
    /// Nothing that it covers was changed, so DMARC passes by DKIM whatever SPF says. That is the right set-up.
    ///
    /// ```forwarding bad mail-from=SRS0=abcd=G3=d.example=alice@fwd.example dkim=pass:d.example:aligned
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good mail-from=SRS0=abcd=G3=d.example=alice@fwd.example dkim=fail:d.example:aligned
    /// From: alice@d.example
    /// ```
    DKIM_SURVIVES = "forward-dkim-survives", Note, Ok, ["RFC 7960 §3.2.1", "RFC 9989 §4.4.1"],
        "the signature of `{domain}` survived the forwarding, so DMARC passes by DKIM";

    /// # The forwarding broke the signature
    ///
    /// Whoever passed the message on changed what the author had signed: a footer, a tag in Subject, another encoding. DMARC
    /// has nothing left to pass by. The forwarder must leave the message as it is, or a list put its own address into From.
    ///
    /// ```forwarding bad dkim=fail:d.example:aligned
    /// List-Id: <list.l.example>
    /// List-Post: <mailto:list@l.example>
    /// Subject: [list] hello
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good dkim=pass:d.example:aligned
    /// List-Id: <list.l.example>
    /// List-Post: <mailto:list@l.example>
    /// Subject: hello
    /// From: alice@d.example
    /// ```
    DKIM_BROKEN = "forward-dkim-broken-by", Note, Ok, ["RFC 7960 §3.2"],
        "the signature of `{domain}` was broken on the way: {what}";

    /// # DMARC fails, and ARC shows that it passed before
    ///
    /// The first server that took part in ARC saw the message pass. A receiver that trusts that server may let the message
    /// through; none must, and ARC is no pass of DMARC.
    ///
    /// ```forwarding bad dmarc=fail:reject arc=pass
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good dmarc=pass:reject arc=pass
    /// From: alice@d.example
    /// ```
    ARC_COULD_HELP = "forward-arc-could-help", Note, Ok, ["RFC 8617 §7.2"],
        "DMARC fails now, and the valid ARC chain says that the message passed when it first was checked";

    /// # The message came through a mailing list
    ///
    /// Lists send with their own MAIL FROM, and many change the message. Then only mail with the list's address in From
    /// passes DMARC of strict authors.
    ///
    /// ```forwarding bad
    /// List-Id: Talk <talk.l.example>
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good
    /// From: alice@d.example
    /// ```
    LIST = "mailing-list-detected", Note, Ok, ["RFC 2919 §3", "RFC 7960 §3.2.3"],
        "the message came through a mailing list: it has `{field}`";

    /// # From was rewritten
    ///
    /// The list or forwarder put its own address into From, so that DMARC asks its own domain. The author stands in the
    /// display name, in Reply-To or in another field.
    ///
    /// ```forwarding bad
    /// From: Ann via Talk <talk@l.example>
    /// Reply-To: Ann <ann@d.example>
    /// List-Id: Talk <talk.l.example>
    /// ```
    ///
    /// ```forwarding good
    /// From: Ann <ann@d.example>
    /// List-Id: Talk <talk.l.example>
    /// ```
    MUNGED = "from-munged", Note, Ok, ["RFC 7960 §4.1.3.1"], "From was rewritten to `{address}`{original}";

    /// # The next forwarding will fail DMARC
    ///
    /// DMARC passes by SPF alone. If the recipient has the message forwarded, SPF cannot be aligned any more, and the policy
    /// takes hold. Sign with DKIM for the author's domain.
    ///
    /// ```forwarding bad spf=pass:aligned dmarc=pass:reject dkim=none
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good spf=pass:aligned dmarc=pass:reject dkim=pass:d.example:aligned
    /// From: alice@d.example
    /// ```
    NEXT_HOP = "forward-next-hop-dmarc-risk", Warning, Ok, ["RFC 7960 §3.2", "RFC 9989 §7.4"],
        "DMARC passes by SPF only: the next forwarding fails it, and the policy asks to {policy}";
}

pub(super) fn check(facts: &Facts<'_>, out: &mut Findings) {
    let list = list(facts);
    let forwarded = evidence(facts);
    if let Some((label, evidence)) = &forwarded {
        let found = out.report(&DETECTED, label.clone()).arg("evidence", evidence.join(", "));
        if facts.rewritten().is_none() {
            found.evidence(Evidence::Guessed);
        }
    }
    if let Some(subject) = &list {
        let name = match subject.origin() {
            crate::finding::Origin::Field { name, .. } => name.clone(),
            _ => String::new(),
        };
        let found = out.report(&LIST, Label::whole(subject)).arg("field", &name);
        // Senders of newsletters write List-Id too.
        if name.eq_ignore_ascii_case("List-Id") || name.eq_ignore_ascii_case("Precedence") {
            found.evidence(Evidence::Guessed);
        }
    }
    munged(facts, list.is_some(), out);
    let passed_on = forwarded.is_some() || list.is_some();
    spf(facts, forwarded.is_some(), out);
    if passed_on {
        dkim(facts, list.is_some(), out);
    }
    dmarc(facts, out);
}

/// The domain of an address, with or without angle brackets.
fn domain(address: &str) -> Option<Name> {
    let (_, domain) = address.trim_matches(['<', '>', ' ']).rsplit_once('@')?;
    Name::parse(domain).ok()
}

/// The signs of a redirect, and where the first stands.
fn evidence(facts: &Facts<'_>) -> Option<(Label, Vec<String>)> {
    let mut signs = Vec::new();
    let mut place = None;
    if let (Some(scheme), Some(mail_from)) = (facts.rewritten(), &facts.mail_from) {
        signs.push(format!("MAIL FROM is rewritten by {scheme}"));
        place.get_or_insert(Label::whole(&Subject::session("mail-from", mail_from)));
    }
    if let Some((subject, delivered)) = facts.first("Delivered-To").or_else(|| facts.first("X-Original-To")) {
        let lists: Vec<_> = ["To", "Cc"].into_iter().filter_map(|name| facts.addresses(name)).collect();
        let mut to = lists.iter().flat_map(|(_, list)| list.mailboxes()).map(|to| to.address.as_str()).peekable();
        // Inside one domain it is an alias. Who gets a blind copy stands nowhere either, but somebody else stands in To then too: so
        // this is a guess.
        if let (Some(first), Some(here)) = (to.peek().copied(), domain(&delivered))
            && !to.any(|to| domain(to).as_ref() == Some(&here))
        {
            let delivered = delivered.trim_matches(['<', '>']);
            signs.push(format!("it was delivered to `{delivered}` and is addressed to `{first}`"));
            place.get_or_insert(Label::whole(&subject));
        }
    }
    for name in MARKS {
        if let Some((subject, _)) = facts.first(name) {
            signs.push(format!("it has `{name}`"));
            place.get_or_insert(Label::whole(&subject));
        }
    }
    if let Some((hop, first, last)) = two_recipients(facts) {
        signs.push(format!("one server took it for `{first}` and a later one for `{last}`"));
        place.get_or_insert(Label::whole(&facts.subject(hop)));
    }
    let arc = facts.message.fields_named("ARC-Seal").count();
    // One set may be of the receiver itself.
    if arc >= 2 {
        signs.push(format!("{arc} servers sealed it with ARC"));
        let at = facts.message.fields_named("ARC-Seal").next();
        place = place.or(at.map(|at| Label::whole(&facts.subject(at))));
    }
    Some((place?, signs))
}

/// Fields that only who passes a message on writes.
const MARKS: [&str; 6] = [
    "Resent-From",
    "Resent-To",
    "X-Forwarded-To",
    "X-Forwarded-For",
    "X-Forwarded-Encrypted",
    "X-MS-Exchange-Forwarded",
];

/// Two recipients in Received fields, at two domains: inside one domain it is an alias.
fn two_recipients<'f>(facts: &'f Facts<'_>) -> Option<(usize, &'f str, &'f str)> {
    let mut recipients = facts.path.hops().iter().filter_map(|hop| Some((hop.field, hop.received.recipient()?)));
    let (_, first) = recipients.next()?;
    let (field, last) = recipients.next_back()?;
    let (first_domain, last_domain) = (domain(first)?, domain(last)?);
    (first_domain != last_domain).then_some((field, first, last))
}

/// The field that shows a mailing list; the surest first.
fn list(facts: &Facts<'_>) -> Option<Subject> {
    let sure = ["X-BeenThere", "X-Mailman-Version", "List-Post", "Mailing-List", "List-Id"];
    sure.into_iter().find_map(|name| facts.first(name)).map(|(subject, _)| subject).or_else(|| {
        let (subject, text) = facts.first("Precedence")?;
        text.eq_ignore_ascii_case("list").then_some(subject)
    })
}

fn munged(facts: &Facts<'_>, is_list: bool, out: &mut Findings) {
    let Some((subject, list)) = facts.addresses("From") else { return };
    let Some(mailbox) = list.mailboxes().next() else { return };
    let original = ["X-Original-From", "X-Original-Sender", "X-Mailman-Original-From"];
    let original = original.into_iter().find_map(|name| facts.first(name)).map(|(_, text)| text);
    let shown = list.display_name(mailbox).unwrap_or_default().to_ascii_lowercase();
    let says_via = shown.contains(" via ") || shown.ends_with(" via");
    if original.is_none() && !(says_via && (is_list || facts.first("Reply-To").is_some())) {
        return;
    }
    let told = original.map_or(String::new(), |original| format!("; it was `{original}`"));
    let span = if mailbox.span.is_empty() { Span::new(0, list.source().text().len()) } else { mailbox.span };
    let found = out.report(&MUNGED, Label::new(&subject, span)).arg("address", &mailbox.address);
    found.arg("original", told).evidence(Evidence::Guessed);
}

fn spf(facts: &Facts<'_>, forwarded: bool, out: &mut Findings) {
    let (Some(spf), Some(mail_from)) = (facts.spf, facts.mail_from.as_deref()) else { return };
    let label = Label::whole(&Subject::session("mail-from", mail_from));
    match facts.rewritten() {
        Some(scheme) if spf.result == SpfResult::Pass && !spf.aligned => {
            out.report(&SRS_UNALIGNED, label).arg("scheme", scheme).arg("mail_from", mail_from);
        }
        None if forwarded && matches!(spf.result, SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral) => {
            let found = out.report(&SPF_BROKEN, label).arg("result", spf.result).arg("mail_from", mail_from);
            found.evidence(Evidence::Guessed);
        }
        _ => {}
    }
}

fn dkim(facts: &Facts<'_>, is_list: bool, out: &mut Findings) {
    let Some(signatures) = &facts.dkim else { return };
    let label = facts.first("DKIM-Signature").or_else(|| facts.first("From"));
    let label = label.map_or(Label::whole(&Subject::given("")), |(subject, _)| Label::whole(&subject));
    if let Some(dkim) = facts.aligned_pass() {
        out.report(&DKIM_SURVIVES, label).arg("domain", &dkim.domain);
        return;
    }
    let Some(dkim) = signatures.iter().find(|dkim| dkim.aligned && !dkim.passes) else { return };
    let subject = facts.first("Subject").map(|(_, text)| text);
    let tagged = subject.is_some_and(|text| text.starts_with('[') && text.contains(']'));
    let (what, sure) = match &dkim.broken_by {
        Some(what) => (what.as_str(), true),
        None if tagged && is_list => ("the list put its tag into Subject, and perhaps a footer below the text", false),
        None if is_list => ("the list probably added a footer or encoded the text anew", false),
        None => ("the forwarder probably changed the text or a signed field", false),
    };
    let found = out.report(&DKIM_BROKEN, label).arg("domain", &dkim.domain).arg("what", what);
    if !sure {
        found.evidence(Evidence::Guessed);
    }
}

fn dmarc(facts: &Facts<'_>, out: &mut Findings) {
    let Some(dmarc) = facts.dmarc else { return };
    let label = facts.first("From").map_or(Label::whole(&Subject::given("")), |(subject, _)| Label::whole(&subject));
    match dmarc.result {
        DmarcResult::Fail if facts.arc.is_some_and(|arc| arc.intact && arc.passed_before) => {
            out.report(&ARC_COULD_HELP, label).effect(Effect::Differs);
        }
        // With signatures that were not checked, nothing is known about the next hop.
        DmarcResult::Pass if dmarc.policy != Policy::None && facts.dkim.is_some() && facts.aligned_pass().is_none() => {
            out.report(&NEXT_HOP, label).arg("policy", dmarc.policy);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::forwarding::{Facts, findings};
    use crate::message::Message;

    fn is_told(head: &str) -> bool {
        let text = format!("From: alice@a.example\r\n{head}\r\n\r\n");
        let message = Message::parse(text.as_bytes());
        findings(&Facts::of(&message, &[])).iter().any(|found| found.code == "forward-detected")
    }

    #[test]
    fn inside_one_domain_it_is_an_alias() {
        assert!(is_told("Delivered-To: bob@fwd.example\r\nTo: bob@d.example"));
        for (delivered, to) in [
            ("bob@d.example", "bob+news@d.example"),
            ("bob@d.example", "info@d.example"),
            ("<bob@d.example>", "Bob <bob@D.example>"),
            ("bob@b\u{fc}cher.example", "bob@xn--bcher-kva.example"),
            // What qmail writes of a virtual domain.
            ("d.example-ann@d.example", "ann@d.example"),
        ] {
            assert!(!is_told(&format!("Delivered-To: {delivered}\r\nTo: {to}")), "{delivered} {to}");
        }
        let many = "x@e.example, ".repeat(150);
        assert!(!is_told(&format!("Delivered-To: bob@d.example\r\nTo: {many}bob@d.example")));
    }
}
