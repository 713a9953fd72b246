//! A broken record that another one leads to: who looks after it, and what it looks like once it is mended.

use super::Context;
use super::service_facts::of_include;
use super::world::registrable;
use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Applicability, Change, Fix, Severity, apply_all_where};
use crate::spf::Record;
use crate::spf::tree::Node;
use crate::text::Source;

/// Who looks after a record, as far as names tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// The same who looks after the record that leads to it.
    Same(Name),
    /// A known service.
    Service(&'static str),
    /// Whoever owns this domain.
    Other(Name),
}

impl Owner {
    /// Who looks after the record at `name`, seen from the one at `from`.
    pub(crate) fn of(name: &Name, from: &Name) -> Self {
        if let Some(service) = of_include(name.as_str()) {
            return Self::Service(service.name);
        }
        let domain = registrable(name);
        if name.is_within(from) || from.is_within(name) {
            return Self::Same(domain.unwrap_or_else(|| from.clone()));
        }
        match domain {
            Some(domain) if registrable(from).as_ref() == Some(&domain) => Self::Same(domain),
            Some(domain) => Self::Other(domain),
            None => Self::Other(name.clone()),
        }
    }

    /// Whom to ask to mend it; `None` where the one who reads it can.
    pub(crate) fn whom(&self) -> Option<String> {
        match self {
            Self::Same(_) => None,
            Self::Service(service) => Some((*service).to_owned()),
            Self::Other(domain) => Some(format!("the owner of {domain}")),
        }
    }

    /// Who can mend it, as the end of a sentence.
    pub(super) fn mends(&self) -> String {
        match self {
            Self::Same(domain) => format!("it belongs to `{domain}` itself, whose owner can mend it"),
            Self::Service(service) => format!("only {service} can mend it"),
            Self::Other(domain) => format!("only the owner of `{domain}` can mend it"),
        }
    }
}

/// The record of `node` with its mistakes mended, in place of what stands there; `None` where that needs a choice.
pub(super) fn mended(node: &Node, owner: &Owner) -> Option<Fix> {
    let broken = node.record()?;
    if broken.source().text().len() > MAX_MENDED {
        return None;
    }
    let lint = |text: &str| {
        let record = Record::from_source(Source::new(text));
        let subject = crate::finding::Subject::record(&node.domain, RecordType::Txt, record.source().clone());
        super::text(&Context { record: &record, subject: &subject, domain: Some(&node.domain), tree: None })
    };
    let text = broken.source().text();
    let sure = |fix: &Fix| fix.applicability < Applicability::HasPlaceholders;
    let mended = apply_all_where(text, lint, |found, fix| found.severity == Severity::Error && sure(fix)).text;
    if mended == text || Record::parse(&mended).errors().next().is_some() {
        return None;
    }
    let title = match owner {
        Owner::Same(_) => format!("mend the record of `{}`", node.domain),
        Owner::Service(service) => format!("tell {service} what is wrong with the record of `{}`", node.domain),
        Owner::Other(domain) => {
            format!("ask the owner of `{domain}` to mend the record of `{}`", node.domain)
        }
    };
    let change = Change::Records {
        owner: node.domain.clone(),
        record_type: RecordType::Txt,
        remove: vec![text.to_owned()],
        add: vec![mended],
    };
    Some(Fix { title, change, applicability: Applicability::MaybeIncorrect })
}

/// Octets of a record whose repair is tried: each repair is looked at again, and records that anybody uses are far shorter.
const MAX_MENDED: usize = 2048;
/// Broken records that are mended in one tree: as many as receivers would look up (RFC 7208 §4.6.4).
pub(super) const MAX_REPAIRS: usize = 10;

#[cfg(test)]
mod tests {
    use super::super::testing::found_in;
    use super::Owner;
    use crate::finding::Change;

    fn of(name: &str, from: &str) -> Owner {
        Owner::of(&name.parse().unwrap(), &from.parse().unwrap())
    }

    #[test]
    fn owners() {
        let shop = || Owner::Same("shop.example".parse().unwrap());
        assert_eq!(of("_spf.shop.example", "shop.example"), shop());
        assert_eq!(of("_spf.shop.example", "news.shop.example"), shop());
        assert_eq!(of("_spf.other.co.uk", "shop.co.uk"), Owner::Other("other.co.uk".parse().unwrap()));
        assert_eq!(of("_spf.google.com", "shop.example"), Owner::Service("Google Workspace"));
    }

    #[test]
    fn the_repair_stands_beside_what_it_breaks() {
        let found = |target: &str, record: &str| {
            let world = format!("d.example TXT v=spf1 include:{target} -all\n{target} TXT {record}");
            let found = found_in(&world).into_iter().find(|found| found.code == "spf-include-permerror");
            let found = found.expect("it is broken");
            let add = found.fixes.first().map(|fix| match &fix.change {
                Change::Records { add, .. } => add[0].clone(),
                Change::Edit(_) => panic!("it is another record that is to be mended"),
            });
            (found.message(), add)
        };
        let (message, add) = found("_spf.other.example", "v=spf1 ip4:1.2.3.4/33 -all");
        assert!(message.ends_with("; only the owner of `other.example` can mend it"), "{message}");
        assert_eq!(add.as_deref(), Some("v=spf1 ip4:1.2.3.4 -all"));
        let (message, add) = found("_spf.d.example", "v=spf1 ipv4:9.9.9.9 mx/024 -all");
        assert!(message.ends_with("; it belongs to `d.example` itself, whose owner can mend it"), "{message}");
        assert_eq!(add.as_deref(), Some("v=spf1 ip4:9.9.9.9 mx/24 -all"));
        let (_, add) = found("_spf.other.example", "v=spf1 ip4:192.0.2.300 -all");
        assert_eq!(add, None, "nobody knows which address was meant");
    }
}
