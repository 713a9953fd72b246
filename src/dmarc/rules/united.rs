//! One record in the place of several.

use crate::dmarc::{Mode, Policies, Policy, Record, ReportKind, Request, Tag, Testing, Uri};

/// Which policy wins, and that nothing else is lost.
pub(super) fn kept(records: &[Record]) -> String {
    let mut asked: Vec<Policy> = Vec::new();
    for record in records {
        if let Request::Policies(policies) = record.request()
            && !asked.contains(&policies.p)
        {
            asked.push(policies.p);
        }
    }
    let mildest = asked.iter().min();
    let policy = match (mildest, asked.len()) {
        (None, _) => "none of them has a policy, so it is `p=none`".to_owned(),
        (Some(policy), 1) => format!("its policy is `p={policy}`, as in each of them"),
        (Some(policy), _) => {
            let asked: Vec<&str> = asked.iter().map(|policy| policy.as_str()).collect();
            format!("of the policies {} the mildest is kept, `p={policy}`, so that no mail is lost", asked.join(", "))
        }
    };
    let mut uris = records.iter().flat_map(|record| record.rua().iter().chain(record.ruf()));
    let which = if uris.all(Uri::is_valid) { "every report address" } else { "every report address that can be read" };
    format!("{policy}; {which} is kept")
}

/// One record in place of several: the mildest of each policy and mode, so that no mail is lost that arrives today, and every
/// report destination.
pub(super) fn united(records: &[Record]) -> String {
    let asked: Vec<Asked<'_>> = records.iter().filter_map(Asked::by).collect();
    // RFC 7489 receivers know no `t`: of two that ask for the same, the one that says so to them too.
    let order = |asked: &&Asked<'_>| (asked.meant.p, asked.is_testing, asked.written.p, asked.meant.sp, asked.meant.np);
    let base = asked.iter().min_by_key(order);
    let Some(base) = base else { return "v=DMARC1; p=none".to_owned() };
    let mut text = milder(base, &asked);
    for (kind, tag) in [(ReportKind::Rua, Tag::Rua), (ReportKind::Ruf, Tag::Ruf)] {
        let mut all: Vec<&str> = Vec::new();
        for record in records {
            for uri in kind.uris(record).iter().filter(|uri| uri.is_valid()) {
                let uri = &record.source().text()[uri.uri];
                if !all.contains(&uri) {
                    all.push(uri);
                }
            }
        }
        if !all.is_empty() {
            text = with_tag(&text, tag, &all.join(","));
        }
    }
    text
}

/// What a record asks for.
struct Asked<'a> {
    record: &'a Record,
    /// As RFC 7489 receivers read it.
    written: Policies,
    /// After `t`.
    meant: Policies,
    is_testing: bool,
}

impl<'a> Asked<'a> {
    fn by(record: &'a Record) -> Option<Self> {
        let Request::Policies(written) = record.request() else { return None };
        let is_testing = record.t().or_default() == Testing::Yes;
        let meant = |policy: Policy| if is_testing { policy.lowered() } else { policy };
        let Policies { p, sp, np } = written;
        let meant = Policies { p: meant(p), sp: meant(sp), np: meant(np) };
        Some(Self { record, written, meant, is_testing })
    }
}

/// `base`, the one with the mildest `p`, asking neither kind of receivers for more than any of `asked` does.
fn milder(base: &Asked<'_>, asked: &[Asked<'_>]) -> String {
    let mildest = |of: fn(&Asked<'_>) -> Policy| asked.iter().map(of).min().unwrap_or_default();
    let before_t = |policy| if base.is_testing { before_lowering(policy) } else { policy };
    let mut text = base.record.to_string();
    let sp = before_t(mildest(|asked| asked.meant.sp)).min(mildest(|asked| asked.written.sp));
    if base.written.sp != sp {
        text = with_tag(&text, Tag::Sp, sp.as_str());
    }
    // It follows `sp` where it is not written. RFC 7489 has no `np`.
    let np = mildest(|asked| asked.meant.np);
    if Asked::by(&Record::parse(text.as_str())).is_none_or(|now| now.meant.np != np) {
        text = with_tag(&text, Tag::Np, before_t(np).as_str());
    }
    if asked.iter().any(|asked| asked.record.adkim().or_default() == Mode::Relaxed) {
        text = without_tag(&text, Tag::Adkim);
    }
    if asked.iter().any(|asked| asked.record.aspf().or_default() == Mode::Relaxed) {
        text = without_tag(&text, Tag::Aspf);
    }
    // Which domain is the Organizational Domain is not for this to change.
    let psd = |record: &Record| record.psd().value();
    if let (None, Some(psd)) = (psd(base.record), asked.iter().find_map(|asked| psd(asked.record))) {
        text = with_tag(&text, Tag::Psd, psd.as_str());
    }
    text
}

/// The strictest policy that `t` lowers to `policy` or less.
fn before_lowering(policy: Policy) -> Policy {
    match policy {
        Policy::None => Policy::Quarantine,
        Policy::Quarantine | Policy::Reject => Policy::Reject,
    }
}

fn with_tag(text: &str, tag: Tag, value: &str) -> String {
    format!("{}; {}={value}", without_tag(text, tag), tag.as_str())
}

fn without_tag(text: &str, tag: Tag) -> String {
    let parts = text.split("; ").filter(|part| part.split_once('=').is_none_or(|(name, _)| name != tag.as_str()));
    parts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_policy_is_kept_is_told() {
        let told = |texts: &[&str]| {
            let records: Vec<Record> = texts.iter().map(|text| Record::parse(*text)).collect();
            (united(&records), kept(&records))
        };
        let (record, why) =
            told(&["v=DMARC1; p=reject; rua=mailto:a@d.example", "v=DMARC1; p=none; rua=mailto:b@d.example"]);
        assert_eq!(record, "v=DMARC1; p=none; rua=mailto:a@d.example,mailto:b@d.example");
        assert_eq!(
            why,
            "of the policies reject, none the mildest is kept, `p=none`, so that no mail is lost; every report address is kept"
        );
        let (record, why) = told(&["v=DMARC1; p=reject", "v=DMARC1; p=reject; adkim=s"]);
        assert!(
            record.contains("p=reject") && why.starts_with("its policy is `p=reject`, as in each of them"),
            "{record} {why}"
        );
        for policies in [["p=quarantine; t=y", "p=none; sp=reject"], ["p=reject; t=y", "p=quarantine; sp=reject"]] {
            let texts = policies.map(|policies| format!("v=DMARC1; {policies}"));
            let (record, why) = told(&[&texts[0], &texts[1]]);
            let policy = Record::parse(record.as_str()).p().value().unwrap();
            assert!(why.contains(&format!("the mildest is kept, `p={policy}`")), "{record} {why}");
        }
        let (_, why) = told(&["v=DMARC1; p=none", "v=DMARC1; p=none; rua=dmarc"]);
        assert!(why.ends_with("every report address that can be read is kept"), "{why}");
        let (record, why) = told(&["v=DMARC1; p=no", "v=DMARC1;"]);
        assert!(record.contains("p=none") && why.starts_with("none of them has a policy"), "{record} {why}");
    }

    /// Each of them may let mail through that the others would not.
    #[test]
    fn the_mildest_of_each_tag_is_kept() {
        let united = |texts: &[&str]| {
            let records: Vec<Record> = texts.iter().map(|text| Record::parse(*text)).collect();
            united(&records)
        };
        for (texts, one) in [
            (["v=DMARC1; p=none; sp=reject", "v=DMARC1; p=reject; sp=none"], "v=DMARC1; p=none; sp=none"),
            (["v=DMARC1; p=reject; np=none", "v=DMARC1; p=reject"], "v=DMARC1; p=reject; np=none"),
            (["v=DMARC1; p=quarantine; sp=none", "v=DMARC1; p=reject; np=reject"], "v=DMARC1; p=quarantine; sp=none"),
            // All three ask for quarantine.
            (["v=DMARC1; p=reject; t=y", "v=DMARC1; p=quarantine"], "v=DMARC1; p=quarantine"),
            (["v=DMARC1; p=reject; t=y", "v=DMARC1; p=reject"], "v=DMARC1; p=reject; t=y"),
            (["v=DMARC1; p=reject; t=y", "v=DMARC1; p=reject; np=quarantine"], "v=DMARC1; p=reject; t=y"),
            // Nor may an RFC 7489 receiver do more than before.
            (["v=DMARC1; p=quarantine; t=y", "v=DMARC1; p=none; sp=reject"], "v=DMARC1; p=none; sp=none"),
            (["v=DMARC1; p=reject; t=y", "v=DMARC1; p=quarantine; sp=reject"], "v=DMARC1; p=quarantine; sp=quarantine"),
            (["v=DMARC1; p=quarantine; t=y", "v=DMARC1; p=none; t=y"], "v=DMARC1; p=none; t=y"),
            (
                ["v=DMARC1; p=quarantine; sp=reject; t=y", "v=DMARC1; p=reject; sp=quarantine"],
                "v=DMARC1; p=quarantine; t=y; sp=quarantine; np=reject",
            ),
            (["v=DMARC1; p=reject; psd=n", "v=DMARC1; p=none"], "v=DMARC1; p=none; psd=n"),
            (["v=DMARC1; p=reject; adkim=s; aspf=s", "v=DMARC1; p=reject; adkim=s"], "v=DMARC1; p=reject; adkim=s"),
        ] {
            assert_eq!(united(&texts), one);
            assert_eq!(united(&[texts[1], texts[0]]).split("; ").count(), one.split("; ").count(), "{texts:?}");
        }
    }
}
