//! The Received fields.

use super::Facts;
use crate::finding::{Findings, Label, Subject, rules};
use crate::ip::is_private;
use crate::message::Hop;

rules! {
    /// # The message has no Received field
    ///
    /// Every server that takes a message writes one (RFC 5321 §4.4). Without any, the message was taken before a server had it,
    /// or somebody removed them, and nothing is known of its way.
    ///
    /// ```forwarding bad
    /// From: alice@d.example
    /// ```
    ///
    /// ```forwarding good
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 +0000
    /// From: alice@d.example
    /// ```
    MISSING = "received-missing", Note, Ok, ["RFC 5321 §4.4"], "the message has no Received field: nothing is known of its way";

    /// # A Received field cannot be read
    ///
    /// It names neither who wrote it nor when, so this hop is unknown.
    ///
    /// ```forwarding bad
    /// Received: foo
    /// ```
    ///
    /// ```forwarding good
    /// Received: by mx.e.example; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    UNPARSABLE = "received-unparsable", Note, Ok, ["RFC 5321 §4.4"],
        "`{text}` in Received does not say who took the message, or when{more}";

    /// # The clock goes backwards
    ///
    /// A server wrote a time before that of the server from which it took the message. One of their clocks is wrong, or the
    /// lower field was made up.
    ///
    /// ```forwarding bad
    /// Received: by b.e.example; Thu, 1 Jan 2026 10:00:00 +0000
    /// Received: by a.e.example; Thu, 1 Jan 2026 11:00:00 +0000
    /// ```
    ///
    /// ```forwarding good
    /// Received: by b.e.example; Thu, 1 Jan 2026 11:00:05 +0100
    /// Received: by a.e.example; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    ORDER = "received-chain-order", Note, Ok, ["RFC 5321 §4.4"],
        "`{by}` took the message {time} before the hop that comes first{more}";

    /// # A hop took long
    ///
    /// Queues, greylisting and filters hold messages back. The server that wrote this field had to wait for the one below.
    ///
    /// ```forwarding bad
    /// Received: by b.e.example; Thu, 1 Jan 2026 14:00:00 +0000
    /// Received: by a.e.example; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    ///
    /// ```forwarding good
    /// Received: by b.e.example; Thu, 1 Jan 2026 10:01:00 +0000
    /// Received: by a.e.example; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    DELAY = "received-delay", Note, Ok, ["RFC 5321 §4.4"], "the message took {time} to reach `{by}`{more}";

    /// # The message began at a private address
    ///
    /// The first hop was inside a network: usual for computers behind a router. Nobody outside can tell which.
    ///
    /// ```forwarding bad
    /// Received: from pc ([192.168.1.5]) by mail.d.example with ESMTPSA; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    ///
    /// ```forwarding good
    /// Received: from pc ([192.0.2.5]) by mail.d.example with ESMTPSA; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    PRIVATE = "received-private-origin", Note, Ok, ["RFC 1918 §3", "RFC 5321 §4.4"],
        "the first hop came from the private address `{ip}`";

    /// # The older hops are what the client says
    ///
    /// Anybody can put Received fields into a message before it is sent. Those below the one in which a trusted server took
    /// it from outside may be true or made up.
    ///
    /// ```forwarding bad
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTPS; Thu, 1 Jan 2026 10:00:05 +0000
    /// Received: from pc ([198.51.100.1]) by h.d.example with ESMTPSA; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    ///
    /// ```forwarding good
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTPS; Thu, 1 Jan 2026 10:00:05 +0000
    /// ```
    FORGEABLE = "received-forgeable-note", Note, Ok, ["RFC 5321 §4.4", "RFC 5321 §7.1", "RFC 7208 §9.1"],
        "from this Received field on ({count} in all), the path is what the client {client}says, not what a trusted server saw";

    /// # A hop was not encrypted
    ///
    /// The message went over the network in the clear (RFC 3848: `SMTP` and `ESMTP` are without TLS, `ESMTPS` with it).
    ///
    /// ```forwarding bad
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with SMTP; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    ///
    /// ```forwarding good
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    NO_TLS = "received-tls-missing", Note, Ok, ["RFC 3848", "RFC 3207"], "`{by}` took the message without TLS (`{protocol}`){more}";
}

/// Seconds that clocks may differ without a word about it.
const CLOCK_TOLERANCE: i64 = 10;
/// Seconds that a hop may take without a word about it: queues and filters take minutes.
const LONG_DELAY: i64 = 600;

pub(super) fn check(facts: &Facts<'_>, out: &mut Findings) {
    let hops = facts.path.hops();
    let Some(origin) = hops.first() else {
        out.report(&MISSING, Label::whole(&Subject::given("")));
        return;
    };
    if let Some((hop, more)) = first(hops, |hop| !hop.received.is_readable()) {
        let label = whole(facts, hop);
        let shown = label.quoted();
        out.report(&UNPARSABLE, label).arg("text", shown.trim()).arg("more", more);
    }
    if let Some((hop, more)) = first(hops, |hop| hop.delay.is_some_and(|delay| delay < -CLOCK_TOLERANCE)) {
        let found = out.report(&ORDER, date(facts, hop)).arg("by", by(hop));
        found.arg("time", duration(hop.delay.unwrap_or_default())).arg("more", more);
    }
    if let Some((hop, more)) = first(hops, |hop| hop.delay.is_some_and(|delay| delay > LONG_DELAY)) {
        let found = out.report(&DELAY, date(facts, hop)).arg("time", duration(hop.delay.unwrap_or_default()));
        found.arg("by", by(hop)).arg("more", more);
    }
    if let (Some(ip), Some(span)) = (origin.received.ip(), origin.received.spans.ip)
        && is_private(ip)
    {
        out.report(&PRIVATE, Label::new(&facts.subject(origin.field), span)).arg("ip", ip);
    }
    if let Some(hop) = facts.path.claimed().last() {
        let client = facts.path.boundary().and_then(|hop| hop.received.ip());
        let client = client.map_or(String::new(), |ip| format!("{ip} "));
        let found = out.report(&FORGEABLE, whole(facts, hop)).arg("count", facts.path.claimed().len());
        found.arg("client", client);
    }
    // Inside a house there is no network to listen on.
    let clear = |hop: &Hop| hop.received.tls() == Some(false) && hop.received.ip().is_some_and(|ip| !is_private(ip));
    if let Some((hop, more)) = first(hops, clear) {
        let subject = facts.subject(hop.field);
        let label = hop.received.spans.protocol.map_or(Label::whole(&subject), |span| Label::new(&subject, span));
        let found = out.report(&NO_TLS, label).arg("by", by(hop));
        found.arg("protocol", hop.received.protocol().unwrap_or_default()).arg("more", more);
    }
}

/// The first hop of which it is true, and how many more there are: one finding is enough for any number of fields.
fn first(hops: &[Hop], is: impl Fn(&Hop) -> bool) -> Option<(&Hop, String)> {
    let mut found = hops.iter().filter(|hop| is(hop));
    let hop = found.next()?;
    let more = found.count();
    let more = if more == 0 { String::new() } else { format!(", and {more} more do so") };
    Some((hop, more))
}

fn whole(facts: &Facts<'_>, hop: &Hop) -> Label {
    Label::whole(&facts.subject(hop.field))
}

fn date(facts: &Facts<'_>, hop: &Hop) -> Label {
    let subject = facts.subject(hop.field);
    hop.received.spans.date.map_or(Label::whole(&subject), |span| Label::new(&subject, span))
}

fn by(hop: &Hop) -> &str {
    hop.received.by().unwrap_or("a server")
}

fn duration(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
