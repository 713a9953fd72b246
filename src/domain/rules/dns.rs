//! The name itself, and the DNS below every protocol.

use super::Context;
use crate::Name;
use crate::dns::{Lookup, RecordType, Records};
use crate::domain::{Input, NotADomain};
use crate::finding::{Applicability, Change, Findings, Fix, Label, Subject, rules};
use crate::text::Source;

rules! {
    /// # This is not a domain
    ///
    /// The DNS is asked about domains: `d.example`, not the address of a web page, a mailbox or a host.
    ///
    /// ```domain bad https://www.d.example/kontakt
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. A 192.0.2.1
    /// ```
    NAME_INVALID = "dns-name-invalid", Error, Ok, ["RFC 1035 §2.3.1"], covers ["dns-panel-http-or-url"],
        "`{text}` is not a domain: {why}";

    /// # The name has another form in the DNS
    ///
    /// Letters beyond ASCII are sent to the DNS as A-labels. Records are published under that form.
    ///
    /// ```domain bad bücher.example
    /// xn--bcher-kva.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good xn--bcher-kva.example
    /// xn--bcher-kva.example. A 192.0.2.1
    /// ```
    IDN_OWNER = "dns-idn-owner", Note, Ok, ["RFC 5890 §2.3.2.1"],
        "`{text}` is `{name}` in the DNS";

    /// # A CNAME at the top of a zone
    ///
    /// An alias stands alone: where it is, no other record counts. At the top of a zone it hides the MX and TXT records of the
    /// domain, SPF among them, and servers disagree about what to answer.
    ///
    /// ```domain bad d.example
    /// $ORIGIN d.example.
    /// @ CNAME sites.host.example.
    /// @ NS    ns1.host.example.
    /// ```
    ///
    /// Ask the provider for an address, or for a record that it calls ALIAS or ANAME:
    ///
    /// ```domain good d.example
    /// $ORIGIN d.example.
    /// @ A  192.0.2.1
    /// @ NS ns1.host.example.
    /// ```
    CNAME_AT_APEX = "dns-cname-at-apex", Error, Differs, ["RFC 1034 §3.6.2", "RFC 2181 §10.1"],
        "`{domain}` is the top of a zone and an alias for `{target}`: its MX and TXT records are hidden";

    /// # The server denies a name that others lie below
    ///
    /// A name exists when there are names below it. A server that answers NXDOMAIN for it makes resolvers believe that nothing is
    /// below it either (RFC 8020), so that the records there come and go. DMARC's `np` applies wrongly too.
    ///
    /// ```domain bad d.example
    /// d.example.        NXDOMAIN
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject"
    /// ```
    ///
    /// ```domain good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject"
    /// ```
    BROKEN_ENT = "dns-broken-ent", Warning, Differs, ["RFC 8020 §2", "RFC 9989 §3.2.13"],
        "the DNS says that `{domain}` does not exist, although `{below}` does";
}

/// The text that was given is no domain.
pub(in crate::domain) fn not_a_domain(input: &Input, why: &NotADomain, out: &mut Findings) {
    let subject = Subject::given(&input.domain);
    let found = out.report(&NAME_INVALID, Label::whole(&subject)).quote("text").arg("why", why);
    if let Some(meant) = input.meant() {
        let edit = crate::finding::Edit::replace(found.primary.span, meant.as_str());
        found.fix(Fix::maybe(format!("ask about `{meant}`"), [edit]));
    }
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let domain = &cx.facts.domain;
    if !cx.input.domain.is_ascii() {
        out.report(&IDN_OWNER, Label::whole(&Subject::given(&cx.input.domain))).quote("text").arg("name", domain);
    }
    cname_at_apex(cx, domain, out);
    broken_ent(cx, domain, out);
}

fn cname_at_apex(cx: &Context<'_>, domain: &Name, out: &mut Findings) {
    let records = |of| cx.dns.lookup(domain.as_str(), of).filter(|answer| answer.aliases.is_empty())?.records();
    let Some(Records::Cname(targets)) = records(RecordType::Cname) else { return };
    let begins_zone = records(RecordType::Soa).is_some() || records(RecordType::Ns).is_some();
    let is_apex = begins_zone || crate::domain::registry::is_registrable(domain);
    if let (Some(target), true) = (targets.first(), is_apex) {
        let subject = Subject::record(domain, RecordType::Cname, Source::new(target.as_str()));
        let fix = Fix {
            title: "take the alias away; put addresses in its place".to_owned(),
            change: Change::Records {
                owner: domain.clone(),
                record_type: RecordType::Cname,
                remove: vec![format!("{target}.")],
                add: Vec::new(),
            },
            applicability: Applicability::MaybeIncorrect,
        };
        out.report(&CNAME_AT_APEX, Label::whole(&subject)).arg("domain", domain).arg("target", target).fix(fix);
    }
}

fn broken_ent(cx: &Context<'_>, domain: &Name, out: &mut Findings) {
    if cx.facts.exists {
        return;
    }
    // What is asked is bounded, so the snapshot is small.
    let denied =
        cx.dns.lookup(domain.as_str(), RecordType::Txt).map(|answer| &answer.lookup) == Some(&Lookup::NxDomain);
    let below = cx.dns.iter().find(|(question, answer)| {
        question.name.is_subdomain_of(domain) && matches!(answer.lookup, Lookup::Records(_) | Lookup::NoData)
    });
    if let (true, Some((question, _))) = (denied, below) {
        let place = |name: &Name, of| Label::whole(&Subject::record(name, of, Source::default()));
        out.report(&BROKEN_ENT, place(domain, RecordType::Txt).with("NXDOMAIN"))
            .arg("domain", domain)
            .arg("below", &question.name)
            .related(place(&question.name, question.record_type).with("exists"));
    }
}
