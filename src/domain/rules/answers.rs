//! The answers of the DNS themselves: how long they live, how large they are, whether they can be believed.

use super::Context;
use crate::Name;
use crate::aliases;
use crate::dns::{Answer, Failure, RecordType};
use crate::domain::EffectivePolicy;
use crate::finding::{Findings, Label, Subject, rules};
use crate::text::Source;

rules! {
    /// # A record lives very short or very long
    ///
    /// With a time to live of less than a minute every mail costs look-ups, and a slow name server costs mail. With a week, a
    /// mistake stays in the world for a week.
    ///
    /// ```domain bad d.example
    /// d.example. 30 TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. 3600 TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    TTL = "dns-ttl-extreme", Note, Ok, ["RFC 1035 §3.2.1"], "the TXT records of `{owner}` live for {ttl} seconds";

    /// # The domain does not exist
    ///
    /// NXDOMAIN says that there is neither the name nor anything below it; an empty answer (NODATA) says only that there is no
    /// record of one type. For DMARC the difference decides: `np` is for names that do not exist, `sp` for those that do.
    ///
    /// ```domain bad x.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=none; np=reject"
    /// ```
    ///
    /// ```domain good x.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=none; np=reject"
    /// x.d.example.      A   192.0.2.1
    /// ```
    NONEXISTENT = "dns-nxdomain-vs-nodata", Note, Ok, ["RFC 8020 §2", "RFC 9989 §3.2.13"],
        "`{domain}` does not exist (NXDOMAIN), so the policy for such names applies; with any record it would be that for sub-domains";

    /// # An answer is large
    ///
    /// An answer that does not fit into 1232 octets goes over TCP, or in fragments that some firewalls drop. Take old verification
    /// records away.
    ///
    /// ```domain bad d.example pad=1300
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    LARGE = "dns-edns-large", Note, Ok, ["RFC 7208 §3.4", "RFC 6891 §6.2.3"],
        "the TXT records of `{owner}` take at least {octets} octets, too many for one packet";

    /// # The zone is signed wrongly
    ///
    /// Resolvers that validate DNSSEC refuse the answer, so receivers see none: mail is delayed or refused. Mostly signatures have
    /// expired, or the DS record at the registrar is that of an older key.
    ///
    /// ```domain bad d.example
    /// d.example. BOGUS
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. A 192.0.2.1
    /// ```
    BOGUS = "dns-dnssec-bogus", Error, Temperror, ["RFC 4035 §5.5"],
        "DNSSEC of `{owner}` does not validate, so most receivers get no answer";
}

/// Shorter, and the look-up costs more than the record.
const SHORT: u32 = 60;
/// Longer than the week that RFC 1035's time saw as normal, nobody forgets a mistake in time.
const LONG: u32 = 7 * 24 * 60 * 60;
/// What fits into a packet on every network (DNS flag day 2020).
const MAX_PACKET: usize = 1232;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let domain = &cx.facts.domain;
    let owners = [Some(domain.clone()), domain.prefixed("_dmarc").ok()];
    for owner in owners.into_iter().flatten() {
        let Some(answer) = cx.dns.lookup(owner.as_str(), RecordType::Txt) else { continue };
        lifetime(&owner, answer, out);
        size(&owner, answer, out);
    }
    aliases::check(cx.dns, domain, out);
    bogus(cx, domain, out);
    if !cx.facts.exists && matches!(cx.facts.policies.own, EffectivePolicy::Applies { .. }) {
        let place = Label::whole(&Subject::record(domain, RecordType::Txt, Source::default()));
        out.report(&NONEXISTENT, place.with("NXDOMAIN")).arg("domain", domain);
    }
}

fn place(owner: &Name) -> Label {
    Label::whole(&Subject::record(owner, RecordType::Txt, Source::default()))
}

fn lifetime(owner: &Name, answer: &Answer, out: &mut Findings) {
    if let Some(ttl) = answer.ttl.filter(|ttl| (*ttl < SHORT || *ttl >= LONG) && !answer.txts().is_empty()) {
        out.report(&TTL, place(owner)).arg("owner", owner).arg("ttl", ttl);
    }
}

fn size(owner: &Name, answer: &Answer, out: &mut Findings) {
    // The header, the question, and for each record the fixed fields and the length of each string (RFC 1035 §4).
    let question = 12 + owner.as_str().len() + 2 + 4;
    let record = |text: &Source| 12 + text.bytes().len() + text.bytes().len().div_ceil(255);
    let octets = question + answer.txts().iter().map(record).sum::<usize>();
    if octets > MAX_PACKET {
        out.report(&LARGE, place(owner)).arg("owner", owner).arg("octets", octets);
    }
}

/// The first answer that cannot be believed; the others are of the same zone.
fn bogus(cx: &Context<'_>, domain: &Name, out: &mut Findings) {
    let bogus = cx
        .dns
        .iter()
        .find(|(question, answer)| question.name.is_within(domain) && answer.failure() == Some(Failure::Bogus));
    if let Some((question, _)) = bogus {
        let subject = Subject::record(&question.name, question.record_type, Source::default());
        out.report(&BOGUS, Label::whole(&subject)).arg("owner", &question.name);
    }
}
