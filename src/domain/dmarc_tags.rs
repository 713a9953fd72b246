//! A DMARC record with another policy: what its owner said besides stays.

use super::{Intent, Senders};
use crate::dmarc::{Record, Tag, Uri};

/// The new record, and the tags of `old` that it does not have.
pub(super) fn with_policy(old: Option<&Record>, intent: &Intent) -> (String, Vec<String>) {
    let mut new = format!("v=DMARC1; p={}", intent.policy.as_str());
    let mut lost = Vec::new();
    let mut seen = vec![Tag::P];
    for (tag, name, value) in old.into_iter().flat_map(Record::tags) {
        let text = old.map_or("", |old| old.source().text());
        let said = format!("{}={}", text[name].to_ascii_lowercase(), &text[value]);
        let is_first = !seen.contains(&tag);
        seen.push(tag);
        match tag {
            Tag::P | Tag::V => {}
            // What receivers do without it too.
            Tag::T | Tag::Pct | Tag::Ri if is_default(tag, &text[value]) => {}
            Tag::Rua if intent.reports.as_ref().is_some_and(|to| text[value] == format!("mailto:{to}")) => {}
            Tag::Rua if intent.reports.is_some() => lost.push(said),
            _ if is_first && old.is_some_and(|old| stays(old, tag, intent)) => new += &format!("; {said}"),
            _ => lost.push(said),
        }
    }
    if let Some(to) = &intent.reports {
        new += &format!("; rua=mailto:{to}");
    }
    (new, lost)
}

fn is_default(tag: Tag, value: &str) -> bool {
    match tag {
        Tag::T => value.eq_ignore_ascii_case("n"),
        Tag::Pct => value == "100",
        Tag::Ri => value == "86400",
        _ => false,
    }
}

/// Whether receivers read the tag and it leaves the policy of the domain as it is, which `t=y` and a `pct` below 100 lower.
fn stays(old: &Record, tag: Tag, intent: &Intent) -> bool {
    // Nobody would receive what goes to a domain without mail.
    let is_outside = |uri: &Uri| uri.host(old.source()).is_some_and(|host| !host.is_within(&intent.domain));
    let arrives = |uri: &Uri| uri.is_valid() && (!matches!(intent.senders, Senders::Nobody) || is_outside(uri));
    let all_arrive = |uris: &[Uri]| uris.iter().all(arrives);
    match tag {
        Tag::Sp => old.sp().value().is_some(),
        Tag::Np => old.np().value().is_some(),
        Tag::Adkim => old.adkim().value().is_some(),
        Tag::Aspf => old.aspf().value().is_some(),
        Tag::Psd => old.psd().value().is_some(),
        Tag::Fo => old.fo().value().is_some(),
        Tag::Rua => all_arrive(old.rua()),
        Tag::Ruf => all_arrive(old.ruf()),
        Tag::V | Tag::P | Tag::T | Tag::Pct | Tag::Rf | Tag::Ri | Tag::Unknown => false,
    }
}
