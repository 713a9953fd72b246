//! Whether the address that refused a message is the one that was written to, or where a redirect led.

use super::dsn::{Original, Recipient};
use crate::message::mime::fields;

/// Where a redirect led: the recipient's address, if the message was written to another one (RFC 3464 §2.3.1), or reached another
/// one before.
pub(super) fn led_to<'a>(recipient: &'a Recipient, reached: Option<&Mailbox>) -> Option<&'a str> {
    let address = recipient.address.as_deref()?;
    let own = recipient.original_address.as_deref().map(Mailbox::of);
    let written = own.as_ref().map_or(reached, Option::as_ref)?;
    written.is_another_than(&Mailbox::of(address)?).then_some(address)
}

impl Original {
    /// The mailbox that the message had reached, as most servers note when they send on what is delivered to an address.
    pub(super) fn delivered_to(&self) -> Option<Mailbox> {
        let mut fields = fields(&self.header);
        let (_, body) = fields.find(|(name, _)| name.eq_ignore_ascii_case("Delivered-To"))?;
        Mailbox::of(&body)
    }
}

/// An address in lower case, its user without a detail.
pub(super) struct Mailbox {
    user: String,
    domain: String,
}

impl Mailbox {
    fn of(address: &str) -> Option<Self> {
        let (local, domain) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
        let user = local.split_once('+').map_or(local, |(user, _)| user);
        Some(Self { user: user.to_lowercase(), domain: domain.trim_end_matches('.').to_lowercase() })
    }

    /// Hosts within one domain, and what stands behind a `+`, are no redirect.
    fn is_another_than(&self, other: &Self) -> bool {
        let within = |inner: &str, outer: &str| {
            inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.user != other.user || !(within(&self.domain, &other.domain) || within(&other.domain, &self.domain))
    }
}

#[cfg(test)]
mod tests {
    use super::Mailbox;
    use crate::actor::Actor;
    use crate::bounce::{Cause, Dsn};

    fn notice(recipient: &str, original: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.d.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.d.example\r\n\r\n{recipient}Action: failed\r\n\
             Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\n\
             {original}From: ann@x.example\r\nTo: bob@d.example\r\n--x--\r\n"
        )
    }

    fn first(recipient: &str, original: &str) -> (Actor, &'static str, Option<String>) {
        let bounce = Dsn::parse(notice(recipient, original).as_bytes()).unwrap().bounces().remove(0);
        assert_eq!(bounce.cause, Cause::UnknownUser);
        let advice = bounce.advice()[0];
        (advice.actor, advice.text, bounce.redirected_to)
    }

    #[test]
    fn the_redirect_is_to_be_corrected() {
        let led = "Final-Recipient: rfc822; bob@gone.example\r\n";
        let (actor, text, to) = first(&format!("{led}Original-Recipient: rfc822;bob@d.example\r\n"), "");
        assert_eq!((actor, to.as_deref()), (Actor::Forwarder, Some("bob@gone.example")));
        assert!(text.starts_with("Correct the redirect"));
        assert_eq!(first(led, "Delivered-To: bob@d.example\r\n").0, Actor::Forwarder);
    }

    #[test]
    fn a_redirect_to_a_domain_that_is_gone() {
        let told = "Final-Recipient: rfc822; bob@gone.example\r\nOriginal-Recipient: rfc822;bob@d.example\r\n";
        let mail = notice(told, "")
            .replace("5.1.1", "5.1.2")
            .replace("smtp; 550 5.1.2 User unknown", "X-Postfix; no such place");
        let bounce = Dsn::parse(mail.as_bytes()).unwrap().bounces().remove(0);
        assert_eq!((bounce.cause, bounce.actor), (Cause::UnknownDomain, Actor::Forwarder));
        assert_eq!(bounce.reply.text, "no such place");
    }

    #[test]
    fn a_wrong_address_is_the_senders() {
        let same = "Final-Recipient: rfc822; Bob@D.example\r\nOriginal-Recipient: rfc822;bob@d.example\r\n";
        assert_eq!(first(same, ""), (Actor::Sender, "Correct the recipient's address", None));
        // A copy that To does not name is no redirect.
        assert_eq!(first("Final-Recipient: rfc822; eve@e.example\r\n", "").0, Actor::Sender);
    }

    #[test]
    fn one_mailbox_under_two_names() {
        let is_another =
            |written, address| Mailbox::of(written).unwrap().is_another_than(&Mailbox::of(address).unwrap());
        assert!(!is_another("bob+news@d.example", "bob@d.example"));
        assert!(!is_another("<bob@d.example>", "bob@store1.d.example."));
        assert!(is_another("info@d.example", "bob@d.example"));
        assert!(Mailbox::of("no address").is_none());
    }
}
