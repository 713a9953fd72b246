//! Keys of the given selectors.

use super::Context;
use crate::dns::RecordType;
use crate::domain::KeyState;
use crate::finding::{Findings, Label, Subject, rules};
use crate::text::Source;

rules! {
    /// # A selector has no key
    ///
    /// Verifiers find the key of a signature at `selector._domainkey.domain`. Where nothing stands there, or a record without a
    /// key, every signature with that selector fails for good.
    ///
    /// ```domain bad d.example selector=s1
    /// d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example selector=s1
    /// s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    MISSING = "dkim-key-missing", Error, Permerror, ["RFC 6376 §3.6.2.2", "RFC 6376 §6.1.2"],
        "the selector `{selector}` has no {what}: nothing that is signed with it can pass";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for selector in &cx.facts.selectors {
        let what = match selector.state {
            KeyState::Present | KeyState::Unknown(_) => continue,
            KeyState::Missing => "record",
            KeyState::Unusable => "key that can be used",
        };
        let texts = cx.dns.lookup(selector.owner.as_str(), RecordType::Txt).map_or(&[][..], |answer| answer.txts());
        let text = texts.first().cloned().unwrap_or_else(Source::default);
        let subject = Subject::record(&selector.owner, RecordType::Txt, text);
        out.report(&MISSING, Label::whole(&subject)).arg("selector", &selector.selector).arg("what", what);
    }
}
