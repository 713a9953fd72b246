//! What the receiver wrote into Authentication-Results (RFC 8601) when the message came.

use super::super::mail::Mail;
use crate::Name;
use crate::finding::Label;
use crate::message::AuthResults;
use crate::text::Source;

/// Where the receiver says that a signature passed. Believed is what stands above the hops of others and bears the name of a
/// trusted host, or of the server that took the message.
pub(in super::super) fn passed_at_delivery(mail: &Mail<'_>, domain: &Name, selector: Option<&Name>) -> Option<Label> {
    let fields = mail.message.fields_named("Authentication-Results");
    // The server at the border writes this field above its own Received field.
    let border = mail.path.boundary().or(mail.path.claimed().last()).map(|hop| hop.field);
    fields.filter(|at| border.is_none_or(|border| *at < border)).find_map(|at| {
        let results = AuthResults::from_source(Source::from_bytes(mail.message.fields()[at].body()));
        let writer = results.authserv_id().and_then(|id| Name::parse(id).ok())?;
        if !is_receivers(mail, &writer) {
            return None;
        }
        let is =
            |value: Option<&str>, name: &Name| value.and_then(|value| Name::parse(value).ok()).as_ref() == Some(name);
        let mut passes = results.of_method("dkim").filter(|result| result.result == "pass");
        let passed = passes.any(|result| {
            let key = result.property("header", "s");
            is(result.property("header", "d"), domain)
                && (key.is_none() || selector.is_none_or(|selector| is(key, selector)))
        });
        passed.then(|| mail.label_at(at))
    })
}

fn is_receivers(mail: &Mail<'_>, writer: &Name) -> bool {
    let trusted = &mail.input.trusted_hosts;
    if !trusted.is_empty() {
        return trusted.iter().any(|host| writer.is_within(host));
    }
    let hosts = mail.path.trusted().iter().filter_map(|hop| Name::parse(hop.received.by()?).ok());
    mail.input.connection.ip.is_none() && hosts.into_iter().any(|host| host == *writer)
}
