//! A record of another protocol in the text of the DMARC record: two were pasted into one.

use super::context::{Context, Written};
use crate::dmarc::{Tag, Uri};
use crate::finding::{Applicability, Edit, Effect, Findings, Fix, rules};
use crate::other_record;
use crate::text::Span;

rules! {
    /// # Another record stands inside this one
    ///
    /// Two records were pasted into one text. Receivers read all of it as tags of DMARC: `v` stands twice then, and a value
    /// that goes on with another record is none. Each protocol has a TXT record of its own, at a name of its own: SPF at the
    /// domain, a DKIM key at its selector below `_domainkey`, BIMI at `default._bimi`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:d@d.example; v=spf1 mx -all
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    OTHER_RECORD = "dmarc-other-record", Error, Differs, ["RFC 6376 §3.2", "RFC 9989 §4.7"],
        "`{found}` begins another record inside this one: each needs a TXT record of its own";
}

/// Whether there is one. Nothing in it is of DMARC, so nothing else is told about it.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) -> bool {
    let text = cx.text();
    let Some((at, kind)) = find(text).filter(|_| cx.record.is_dmarc()) else { return false };
    // What is stuck to an address is told with the address.
    let in_address = |tag: Written| matches!(tag.tag, Tag::Rua | Tag::Ruf) && tag.part.range().contains(&at);
    if cx.tags().any(in_address) {
        return false;
    }
    let kept = text[..at].trim_end_matches([' ', ';', ',']).len();
    let end = end(text, at, kind);
    let effect = if cx.policies().is_none() { cx.trap().0 } else { Effect::Differs };
    let cut = Span::new(kept, end);
    // Some receivers take a destination that stands in it.
    let is_read = |uri: &Uri| uri.is_valid() && cut.contains(uri.span);
    let holds_destination = cx.record.rua().iter().chain(cx.record.ruf()).any(is_read);
    let sure = if end == text.len() && !holds_destination {
        Applicability::MachineApplicable
    } else {
        Applicability::MaybeIncorrect
    };
    let found = out.report(&OTHER_RECORD, cx.label(Span::new(at, at + kind.begin.len())));
    found.quote("found").label(kind.told()).effect(effect);
    found.fix(Fix::edit("cut it off", [Edit::delete(cut)], sure));
    found.fixes.extend(cx.domain.and_then(|domain| kind.publish(domain, &text[at..end])));
    true
}

fn find(text: &str) -> Option<(usize, &'static other_record::Kind)> {
    other_record::find(text, |kind| kind.has_version() && kind.begin != "v=DMARC1")
}

/// The other record in a text.
pub(super) fn span(text: &str) -> Option<Span> {
    find(text).map(|(at, kind)| Span::new(at, end(text, at, kind)))
}

/// Where the other record ends: before a tag that it cannot have and DMARC has.
fn end(text: &str, start: usize, kind: &other_record::Kind) -> usize {
    let is_own = |at: &usize| {
        let name = text[at + 1..].split('=').next().unwrap_or_default().trim();
        match Tag::of(name) {
            Tag::Unknown | Tag::V => false,
            // Keys have both.
            Tag::P | Tag::T => kind.begin == "v=spf1",
            Tag::Rua => kind.begin != "v=TLSRPTv1",
            _ => true,
        }
    };
    text[start..].match_indices(';').map(|(at, _)| start + at).find(is_own).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{self, LintOptions, Record};
    use crate::finding::{Applicability, Change, Effect, Subject, apply};

    #[test]
    fn another_record_is_cut_off() {
        for (text, mended, effect) in [
            ("v=DMARC1; p=none; v=spf1 mx -all", "v=DMARC1; p=none", Effect::Differs),
            ("v=DMARC1; p=reject v=spf1 mx -all", "v=DMARC1; p=reject", Effect::NoDmarc),
            ("v=DMARC1; p=rejectv=spf1 mx -all", "v=DMARC1; p=reject", Effect::NoDmarc),
            ("v=DMARC1; p=none; v=DKIM1; k=rsa; p=MIGf", "v=DMARC1; p=none", Effect::Differs),
            ("v=DMARC1; p=none; v=BIMI1; l=https://d.example/l.svg", "v=DMARC1; p=none", Effect::Differs),
            ("v=DMARC1; p=none; v=TLSRPTv1; rua=mailto:t@d.example", "v=DMARC1; p=none", Effect::Differs),
            (
                "v=DMARC1; p=none; v=spf1 mx -all; rua=mailto:d@d.example",
                "v=DMARC1; p=none; rua=mailto:d@d.example",
                Effect::Differs,
            ),
        ] {
            let found = dmarc::lint(&Record::parse(text));
            let told = found.iter().find(|found| found.code == "dmarc-other-record").expect(text);
            assert_eq!((told.effect, apply(text, told.fixes[0].edits()).unwrap().as_str()), (effect, mended), "{text}");
            assert!(!found.iter().any(|found| found.code == "dmarc-duplicate-tag"), "{text}: {found:#?}");
            assert_eq!(dmarc::mended(&Record::parse(text), None, &LintOptions::default()).unwrap(), mended, "{text}");
        }
        let middle = "v=DMARC1; p=none; v=spf1 mx -all; rua=mailto:d@d.example";
        let found = dmarc::lint(&Record::parse(middle));
        let told = found.iter().find(|found| found.code == "dmarc-other-record").unwrap();
        assert_eq!(told.fixes[0].applicability, Applicability::MaybeIncorrect);
        // Some receivers send reports there.
        let read = "v=DMARC1; p=none; v=TLSRPTv1; rua=mailto:t@d.example";
        let found = dmarc::lint(&Record::parse(read));
        let told = found.iter().find(|found| found.code == "dmarc-other-record").unwrap();
        assert_eq!(told.fixes[0].applicability, Applicability::MaybeIncorrect);
        for fine in ["v=DMARC1; p=none; rua=mailto:v=spf1@d.example", "v=DMARC1; p=none; k=rsa; rua=mailto:d@d.example"]
        {
            assert!(
                !dmarc::lint(&Record::parse(fine)).iter().any(|found| found.code == "dmarc-other-record"),
                "{fine}"
            );
        }
    }

    /// What else is wrong with the DMARC record is told too, and where the other one belongs.
    #[test]
    fn nothing_is_hidden_by_it() {
        let text = "v=DMARC1; p=none; v=spf1 mx -all";
        let domain = "d.example".parse().unwrap();
        let (record, subject) = (Record::parse(text), Subject::given(text));
        let found = dmarc::lint_at(&record, &subject, Some(&domain), &LintOptions::default());
        assert!(found.iter().any(|found| found.code == "dmarc-p-none-no-rua"), "{found:#?}");
        let told = found.iter().find(|found| found.code == "dmarc-other-record").unwrap();
        let Change::Records { owner, add, .. } = &told.fixes[1].change else { panic!("{told:#?}") };
        assert_eq!((owner.as_str(), add[0].as_str()), ("d.example", "v=spf1 mx -all"));
    }
}
