//! Requirements of large mailbox providers.

use super::Context;
use crate::dns::RecordType;
use crate::domain::bulk_senders::{Met, Provider, bulk_sender_requirements};
use crate::finding::{Findings, Label, Subject, rules};
use crate::text::Source;

rules! {
    /// # Large providers ask for more from those who send much
    ///
    /// Google, Yahoo and Microsoft take bulk mail only from domains with SPF, DKIM and DMARC, aligned with From; Google and Yahoo also
    /// ask for one-click unsubscribe in advertising. Bulk is 5000 messages a day at Google and Microsoft; Yahoo names no number.
    /// Whoever sends less to Google or Yahoo needs SPF or DKIM. (As of November 2026.)
    ///
    /// ```domain bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```domain good d.example selector=s1
    /// d.example.        MX 10 mx.d.example.
    /// mx.d.example.     A  192.0.2.1
    /// d.example.        TXT "v=spf1 mx -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:d@d.example"
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    REQUIREMENTS = "bulk-sender-requirements", Note, Ok, ["Google, Yahoo and Microsoft sender requirements of 2024 and 2025"],
        "bulk mail of `{domain}` is not welcome at {providers} without more: {missing}";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let list = bulk_sender_requirements(cx.facts);
    let missing: Vec<_> = list.iter().filter(|one| one.met == Met::No).collect();
    // A domain that sends nothing needs nothing of this.
    if missing.is_empty() || !cx.facts.exists || cx.facts.sends_nothing() {
        return;
    }
    let asks = |provider: &Provider| missing.iter().any(|one| one.providers.contains(provider));
    let providers = [Provider::Google, Provider::Yahoo, Provider::Microsoft].into_iter().filter(asks);
    let providers: Vec<&str> = providers.map(Provider::as_str).collect();
    let missing: Vec<String> = missing.iter().map(|one| format!("{} ({})", one.what, one.why)).collect();
    let subject = Subject::record(&cx.facts.domain, RecordType::Txt, Source::default());
    let found = out.report(&REQUIREMENTS, Label::whole(&subject)).arg("domain", &cx.facts.domain);
    found.arg("providers", providers.join(", ")).arg("missing", missing.join("; "));
}
