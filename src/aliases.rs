//! Several aliases of one name, at whatever name a protocol looks.

use crate::Name;
use crate::dns::{Lookup, RecordType, Records, Snapshot};
use crate::finding::{Findings, Label, Rule, Subject, rules};
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
