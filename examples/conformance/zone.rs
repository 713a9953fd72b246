//! The zones of the public cases.

use mailproof::Name;
use mailproof::dns::{Failure, Mx, RecordType, Records};
use mailproof::resolver::Zone;
use mailproof::resolver::zone::Mark;
use mailproof::text::Source;
use serde_json::Value;

use crate::latin1;

/// The zone of a case; names that no DNS can hold are left out, since nobody can ask for them.
pub fn zone(value: &Value) -> Zone {
    let mut zone = Zone::new();
    for (name, types) in value.as_object().into_iter().flatten() {
        let Ok(name) = Name::parse(name) else { continue };
        for (record_type, data) in types.as_object().into_iter().flatten() {
            if record_type == "ERROR" {
                errors(&mut zone, &name, data);
            } else if let Some(records) = records(record_type, data) {
                zone.insert(name.clone(), records);
            }
        }
        if types.as_object().is_none_or(|types| types.is_empty()) {
            zone.insert(name, Records::A(Vec::new()));
        }
    }
    zone
}

fn errors(zone: &mut Zone, name: &Name, marks: &Value) {
    for (record_type, mark) in marks.as_object().into_iter().flatten() {
        let mark = match mark.as_str().unwrap_or_default() {
            "TIMEOUT" => Mark::Failure(Failure::Timeout),
            "REFUSED" => Mark::Failure(Failure::Refused),
            "NXDOMAIN" => Mark::NxDomain,
            _ => Mark::Failure(Failure::ServFail),
        };
        zone.fail(name.clone(), record_type.parse::<RecordType>().ok(), mark);
    }
}

fn records(record_type: &str, data: &Value) -> Option<Records> {
    let list = data.as_array()?;
    let names = || list.iter().filter_map(|v| Name::parse(v.as_str()?).ok()).collect();
    let texts = || list.iter().map(source).collect();
    Some(match record_type.parse().ok()? {
        RecordType::A => Records::A(list.iter().filter_map(|v| v.as_str()?.parse().ok()).collect()),
        RecordType::Aaaa => Records::Aaaa(list.iter().filter_map(|v| v.as_str()?.parse().ok()).collect()),
        RecordType::Cname => Records::Cname(names()),
        RecordType::Mx => Records::Mx(list.iter().filter_map(exchange).collect()),
        RecordType::Ns => Records::Ns(names()),
        RecordType::Ptr => Records::Ptr(names()),
        RecordType::Spf => Records::Spf(texts()),
        RecordType::Txt => Records::Txt(texts()),
        _ => return None,
    })
}

fn source(value: &Value) -> Source {
    let strings = value.as_array().into_iter().flatten();
    Source::from_strings(strings.map(|s| latin1(s.as_str().unwrap_or_default())))
}

fn exchange(value: &Value) -> Option<Mx> {
    let preference = u16::try_from(value[0].as_u64()?).ok()?;
    let exchange = match value[1].as_str()? {
        "" | "." => Name::root(),
        host => Name::parse(host).ok()?,
    };
    Some(Mx { preference, exchange })
}
