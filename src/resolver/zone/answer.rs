//! Questions to answers: CNAMEs (RFC 1034 §3.6.2), wildcards (RFC 4592), negative answers (RFC 2308).

use super::{Mark, Node, Set, Zone, parent};
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records};

/// CNAMEs that one answer follows. Resolvers stop at about as many: unbound at 11, BIND at 16.
const MAX_ALIASES: usize = 16;

pub(super) fn answer(zone: &Zone, question: &Question) -> Answer {
    let mut name = question.name.clone();
    let mut aliases = Vec::new();
    let mut ttl = None;
    loop {
        let lookup = match said(zone, &name, question.record_type) {
            Said::Records(set) => {
                ttl = lowest(ttl, set.ttl);
                Lookup::Records(set.records.clone())
            }
            Said::Alias { target, ttl: of_alias } => {
                ttl = lowest(ttl, of_alias);
                // A loop would never end, so it ends here: at its first name that comes again.
                let again = *target == question.name || aliases.contains(target);
                aliases.push(target.clone());
                if !again && aliases.len() <= MAX_ALIASES {
                    name = target.clone();
                    continue;
                }
                Lookup::Failure(Failure::Malformed)
            }
            Said::Mark(Mark::Failure(failure)) => Lookup::Failure(failure),
            Said::Mark(Mark::NxDomain) | Said::NoSuchName => Lookup::NxDomain,
            Said::NoData => Lookup::NoData,
        };
        match lookup {
            Lookup::Records(_) => {}
            Lookup::NoData | Lookup::NxDomain => {
                ttl = negative_ttl(zone, name.as_str()).map(|n| ttl.map_or(n, |t| t.min(n)))
            }
            Lookup::Failure(_) => ttl = None,
        }
        return Answer { aliases, ttl, ..Answer::new(lookup) };
    }
}

/// What one name says, before CNAMEs are followed.
enum Said<'a> {
    Records(&'a Set),
    Alias { target: &'a Name, ttl: Option<u32> },
    Mark(Mark),
    NoData,
    NoSuchName,
}

fn said<'a>(zone: &'a Zone, name: &Name, record_type: RecordType) -> Said<'a> {
    let Some(node) = zone.find(name.as_str()).or_else(|| wildcard(zone, name.as_str())) else {
        return Said::NoSuchName;
    };
    if let Some(mark) = node.mark_for(Some(record_type)) {
        return Said::Mark(mark);
    }
    if let Some(set) = node.set(record_type) {
        return Said::Records(set);
    }
    if let Some((Records::Cname(targets), ttl)) = node.set(RecordType::Cname).map(|set| (&set.records, set.ttl))
        && let Some(target) = targets.first()
    {
        return Said::Alias { target, ttl };
    }
    node.mark_for(None).map_or(Said::NoData, Said::Mark)
}

/// The source of synthesis for a name that does not exist: `*` at its closest encloser (RFC 4592 §3.3.1).
fn wildcard<'a>(zone: &'a Zone, name: &str) -> Option<&'a Node> {
    let mut encloser = parent(name)?;
    while zone.find(encloser).is_none() {
        encloser = parent(encloser)?;
    }
    if encloser.is_empty() { zone.find("*") } else { zone.find(&format!("*.{encloser}")) }
}

/// The lower of the TTL and the minimum of the SOA record above `name` (RFC 2308 §5).
fn negative_ttl(zone: &Zone, name: &str) -> Option<u32> {
    let mut at = Some(name);
    while let Some(name) = at {
        if let Some(set) = zone.find(name).and_then(|node| node.set(RecordType::Soa))
            && let Records::Soa(soas) = &set.records
        {
            return lowest(set.ttl, soas.first().map(|soa| soa.minimum));
        }
        at = parent(name);
    }
    None
}

fn lowest(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    one.into_iter().chain(other).min()
}

impl Node {
    fn set(&self, record_type: RecordType) -> Option<&Set> {
        self.sets.iter().find(|set| set.records.record_type() == record_type)
    }

    fn mark_for(&self, limit: Option<RecordType>) -> Option<Mark> {
        self.marks.iter().find(|(of, _)| *of == limit).map(|(_, mark)| *mark)
    }
}
