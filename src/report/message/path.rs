//! The way that a message came.

use super::{HopFacts, KnownFacts, MessageFacts};
use crate::message::{MAX_HOPS, Path};
use crate::report::{Branch, Mark, Trace};

pub(super) fn facts(path: &Path) -> Vec<HopFacts> {
    let claimed = path.claimed().len();
    let hops = path.hops().iter().enumerate();
    hops.map(|(at, hop)| HopFacts {
        field: hop.field,
        believed: at >= claimed,
        from: hop.received.helo().or(hop.received.from_name()).map(str::to_owned),
        ip: hop.received.ip().map(|ip| ip.to_string()),
        by: hop.received.by().map(str::to_owned),
        protocol: hop.received.protocol().map(str::to_owned),
        tls: hop.received.tls(),
        authenticated: hop.received.authenticated(),
        date: hop.received.date().map(|date| date.0),
        delay: hop.delay,
    })
    .collect()
}

/// The hops, then the session; `None` where nothing is known of the way.
pub(super) fn trace(facts: &MessageFacts) -> Option<Trace> {
    let (earlier, shown) = facts.path.split_at(facts.path.len().saturating_sub(MAX_HOPS));
    let mut branches: Vec<Branch> = earlier_hops(earlier.len()).into_iter().chain(shown.iter().map(hop)).collect();
    branches.extend(session(facts));
    (!branches.is_empty()).then(|| Trace { title: "the way that it came".to_owned(), counters: Vec::new(), branches })
}

/// Where there are more than are shown.
fn earlier_hops(count: usize) -> Option<Branch> {
    let (text, outcome) = (format!("{count} earlier hops"), "not shown here".to_owned());
    (count > 0).then(|| Branch { text, outcome, mark: Mark::Skipped, ..Branch::default() })
}

fn hop(hop: &HopFacts) -> Branch {
    let from = match (&hop.from, &hop.ip) {
        (Some(from), Some(ip)) if !from.contains(ip.as_str()) => format!("{from} [{ip}]"),
        (Some(from), _) => from.clone(),
        (None, Some(ip)) => format!("[{ip}]"),
        (None, None) => "(inside)".to_owned(),
    };
    let by = hop.by.as_deref().unwrap_or("an unnamed server");
    let (mut outcome, mark) =
        if hop.believed { ("seen".to_owned(), Mark::Good) } else { ("claimed".to_owned(), Mark::Skipped) };
    if let Some(delay) = hop.delay.filter(|delay| *delay != 0) {
        outcome.push_str(&if delay > 0 {
            format!(", {} later", duration(delay))
        } else {
            format!(", {} earlier", duration(delay))
        });
    }
    if hop.authenticated {
        outcome.push_str(", logged in");
    }
    if hop.tls == Some(false) {
        outcome.push_str(", without TLS");
    }
    Branch { text: format!("{from} -> {by}"), outcome, mark, ..Branch::default() }
}

/// What SPF is judged by.
fn session(facts: &MessageFacts) -> Option<Branch> {
    let session = &facts.session;
    let path = |path: &KnownFacts| KnownFacts { value: format!("<{}>", path.value), ..path.clone() };
    let mail_from = session.mail_from.as_ref().map(path);
    let parts = [("client", &session.ip), ("HELO", &session.helo), ("MAIL FROM", &mail_from)];
    let mut notes: Vec<String> =
        parts.iter().filter_map(|(name, known)| Some(format!("{name} {}", told(known.as_ref()?)))).collect();
    if !session.rcpt_to.is_empty() {
        notes.push(format!("RCPT TO {}", session.rcpt_to.join(", ")));
    }
    let known = parts.iter().filter_map(|(_, known)| known.as_ref()).any(|known| known.claimed_by.is_none());
    let outcome = if known { "as given" } else { "as the message tells it" };
    (!notes.is_empty()).then(|| Branch {
        text: "the SMTP session".to_owned(),
        outcome: outcome.to_owned(),
        notes,
        ..Branch::default()
    })
}

fn told(known: &KnownFacts) -> String {
    match (&known.field, known.claimed_by) {
        (Some(field), Some(at)) => format!("{} (claimed by {field}, header field {})", known.value, at + 1),
        _ => known.value.clone(),
    }
}

fn duration(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn earlier_hops_are_counted() {
        let shown = |count: usize| {
            let text =
                "Received: from a (a [192.0.2.1]) by b.example; x\r\n".repeat(count) + "From: a@d.example\r\n\r\n";
            let path = facts(&Path::of(&Message::parse(text.as_bytes()), &[]));
            assert_eq!(path.len(), count, "the data has all of them");
            let trace = trace(&MessageFacts { path, ..MessageFacts::default() }).unwrap();
            (trace.branches.len(), trace.branches[0].text.clone())
        };
        assert_eq!(shown(50), (50, "a [192.0.2.1] -> b.example".to_owned()));
        assert_eq!(shown(53), (51, "3 earlier hops".to_owned()));
    }
}
