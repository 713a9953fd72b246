//! Several aliases of one name, at whatever name a protocol looks.

use crate::Name;
use crate::dns::{Lookup, RecordType, Records, Snapshot};
use crate::finding::{Applicability, Change, Findings, Fix, Label, Rule, Subject, rules};
use crate::text::Source;

rules! {
    /// # A name has several aliases
    ///
    /// A name has one CNAME or none. Resolvers take one of several by chance, or refuse the answer.
    ///
    /// ```domain bad d.example
    /// _dmarc.d.example. CNAME a.e.example.
    /// _dmarc.d.example. CNAME b.e.example.
    /// ```
    ///
    /// ```domain good d.example
    /// _dmarc.d.example. CNAME a.e.example.
    /// a.e.example.      TXT "v=DMARC1; p=none"
    /// ```
    SEVERAL = "dns-cname-multiple", Error, Differs, ["RFC 2181 §10.1"],
        "`{owner}` is an alias of {count} names, and one is allowed";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

/// Writes the name that was meant where a panel has added the name of a zone of `domain` to `target`, which has no final dot. The record
/// at `owner` names it; `value` writes such a record.
pub(crate) fn without_zone(
    owner: &Name,
    record_type: RecordType,
    value: impl Fn(&Name) -> String,
    target: &Name,
    domain: &Name,
) -> Option<Fix> {
    let zones = (2..=domain.label_count()).map(|labels| domain.suffix(labels));
    let meant = zones.filter_map(|zone| {
        let meant = target.as_str().strip_suffix(zone.as_str())?.strip_suffix('.')?;
        Name::parse(meant).ok()
    });
    // `s1._domainkey.old` and `mx.mail` are hardly whole names.
    let is_whole = |meant: &Name| {
        let mut labels = meant.as_str().rsplit('.').skip(1);
        meant.has_top_level() && labels.next().is_some_and(|label| !label.contains('_')) && labels.next().is_some()
    };
    let meant = meant.filter(is_whole).min_by_key(Name::label_count)?;
    let title = format!("write `{meant}.` with a dot at its end: the DNS panel has added the name of the zone");
    let change =
        Change::Records { owner: owner.clone(), record_type, remove: vec![value(target)], add: vec![value(&meant)] };
    Some(Fix { title, change, applicability: Applicability::MaybeIncorrect })
}

/// What a CNAME record with this target is written as.
pub(crate) fn value(target: &Name) -> String {
    format!("{target}.")
}

/// Tells of several aliases at `owner`, if its CNAME records were asked for.
pub(crate) fn check(dns: &Snapshot, owner: &Name, out: &mut Findings) {
    let answer = dns.lookup(owner.as_str(), RecordType::Cname);
    if let Some(Lookup::Records(Records::Cname(targets))) = answer.map(|answer| &answer.lookup)
        && targets.len() > 1
    {
        let text = targets.iter().map(Name::as_str).collect::<Vec<_>>().join(" ");
        let subject = Subject::record(owner, RecordType::Cname, Source::new(&text));
        out.report(&SEVERAL, Label::whole(&subject)).arg("owner", owner).arg("count", targets.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_zone_goes() {
        let meant = |target: &str, domain: &str| {
            let name = |text: &str| Name::parse(text).unwrap();
            let owner = name("s1._domainkey.d.example");
            let fix = without_zone(&owner, RecordType::Cname, value, &name(target), &name(domain))?;
            let Change::Records { add, .. } = fix.change else { panic!() };
            add.into_iter().next()
        };
        let target = "s1.domainkey.u1.wl.sendgrid.net.d.example";
        assert_eq!(meant(target, "d.example").as_deref(), Some("s1.domainkey.u1.wl.sendgrid.net."));
        assert_eq!(meant(target, "news.d.example").as_deref(), Some("s1.domainkey.u1.wl.sendgrid.net."));
        assert_eq!(meant("_dmarc.vali.email.d.example", "d.example").as_deref(), Some("_dmarc.vali.email."));
        for own in ["s2._domainkey.d.example", "s1._domainkey.old.d.example", "s1.e.example", "mail.d.example"] {
            assert_eq!(meant(own, "d.example"), None, "{own}");
        }
    }
}
