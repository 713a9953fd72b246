//! Facts about mail services, as their own documentation gives them; looked up in November 2026. A service that is not here
//! is not known, no more.

/// A mail service.
pub(super) struct Service {
    /// What it is called.
    pub(super) name: &'static str,
    /// The domains below which its inbound hosts are.
    pub(super) exchanges: &'static [&'static str],
    /// The names whose records cover its outbound hosts; the first is what it tells its customers to include.
    pub(super) includes: &'static [&'static str],
    /// Whether any customer can send from the same hosts.
    pub(super) is_shared: bool,
}

/// A name that a service no longer wants to be included.
pub(super) struct Retired {
    /// The name.
    pub(super) include: &'static str,
    /// Whose it was.
    pub(super) service: &'static str,
    /// What to include instead; nothing where the service sends with a return path of its own.
    pub(super) instead: Option<&'static str>,
}

const fn mailboxes(
    name: &'static str,
    exchanges: &'static [&'static str],
    includes: &'static [&'static str],
) -> Service {
    Service { name, exchanges, includes, is_shared: true }
}

const fn sender(name: &'static str, includes: &'static [&'static str]) -> Service {
    Service { name, exchanges: &[], includes, is_shared: true }
}

pub(super) static SERVICES: &[Service] = &[
    mailboxes(
        "Google Workspace",
        &["google.com", "googlemail.com"],
        &["_spf.google.com", "_netblocks.google.com", "_netblocks2.google.com", "_netblocks3.google.com"],
    ),
    mailboxes("Microsoft 365", &["mail.protection.outlook.com", "mx.microsoft"], &["spf.protection.outlook.com"]),
    // Each data centre of Zoho sends from hosts of its own.
    mailboxes(
        "Zoho Mail",
        &["zoho.com", "zohomail.com"],
        &["zohomail.com", "zoho.com", "one.zoho.com", "spf.zoho.com", "spf.zohomail.com"],
    ),
    mailboxes("Zoho Mail (EU)", &["zoho.eu", "zohomail.eu"], &["zohomail.eu", "zoho.eu", "one.zoho.eu"]),
    mailboxes("Zoho Mail (India)", &["zoho.in", "zohomail.in"], &["zoho.in", "zohomail.in", "one.zoho.in"]),
    mailboxes("Fastmail", &["messagingengine.com"], &["spf.messagingengine.com"]),
    mailboxes("Proton Mail", &["protonmail.ch"], &["_spf.protonmail.ch"]),
    mailboxes("iCloud Mail", &["mail.icloud.com"], &["icloud.com"]),
    mailboxes("Yandex 360", &["mx.yandex.net", "mx.yandex.ru"], &["_spf.yandex.net", "_spf.yandex.ru"]),
    mailboxes("Migadu", &["migadu.com"], &["spf.migadu.com"]),
    mailboxes("mailbox.org", &["mailbox.org"], &["mailbox.org"]),
    mailboxes("Tuta", &["tutanota.de"], &["spf.tutanota.de"]),
    mailboxes("Gandi", &["mail.gandi.net"], &["_mailcust.gandi.net"]),
    mailboxes("OVHcloud", &["mail.ovh.net"], &["mx.ovh.com"]),
    mailboxes("OVHcloud (Canada)", &["mail.ovh.ca"], &["mx.ovh.ca"]),
    mailboxes("Infomaniak", &["infomaniak.ch", "infomaniak.com"], &["spf.infomaniak.ch"]),
    mailboxes("Rackspace Email", &["emailsrvr.com"], &["emailsrvr.com"]),
    mailboxes("Namecheap Private Email", &["privateemail.com"], &["spf.privateemail.com"]),
    mailboxes("Titan", &["titan.email"], &["spf.titan.email"]),
    mailboxes("Hostinger", &["hostinger.com"], &["_spf.mail.hostinger.com"]),
    sender("Amazon SES", &["amazonses.com"]),
    sender("Brevo", &["spf.brevo.com", "spf.sendinblue.com"]),
    sender("Campaign Monitor", &["_spf.createsend.com"]),
    sender("Freshdesk", &["email.freshdesk.com"]),
    sender("Mailchimp", &["servers.mcsv.net"]),
    sender("Mailgun", &["mailgun.org", "eu.mailgun.org", "_spf.mailgun.org", "_spf.eu.mailgun.org"]),
    sender("Mailjet", &["spf.mailjet.com"]),
    sender("Marketo", &["mktomail.com"]),
    sender("Salesforce", &["_spf.salesforce.com"]),
    sender("Salesforce Marketing Cloud", &["cust-spf.exacttarget.com"]),
    sender("SendGrid", &["sendgrid.net"]),
    sender("Zendesk", &["mail.zendesk.com"]),
];

pub(super) static RETIRED: &[Retired] = &[
    Retired { include: "spf.mandrillapp.com", service: "Mailchimp Transactional (Mandrill)", instead: None },
    Retired { include: "spf.mtasv.net", service: "Postmark", instead: None },
    Retired { include: "support.zendesk.com", service: "Zendesk", instead: Some("mail.zendesk.com") },
    Retired { include: "smtp.zendesk.com", service: "Zendesk", instead: Some("mail.zendesk.com") },
    Retired { include: "aspmx.googlemail.com", service: "Google Workspace", instead: Some("_spf.google.com") },
    Retired {
        include: "spf.messaging.microsoft.com",
        service: "Microsoft 365",
        instead: Some("spf.protection.outlook.com"),
    },
    Retired { include: "spf.sendinblue.com", service: "Brevo (Sendinblue)", instead: Some("spf.brevo.com") },
];

/// The service whose inbound hosts `host` is one of.
pub(super) fn of_exchange(host: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.exchanges.iter().any(|domain| is_below(host, domain)))
}

/// The service that `name` is included for.
pub(super) fn of_include(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.includes.iter().any(|include| name.eq_ignore_ascii_case(include)))
}

/// The retired name that `name` is.
pub(super) fn retired(name: &str) -> Option<&'static Retired> {
    RETIRED.iter().find(|retired| name.eq_ignore_ascii_case(retired.include))
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Mail services that are known here, by name, each with the name that it tells its customers to include.
///
/// ```
/// let google = mailproof::spf::services().find(|(name, _)| *name == "Google Workspace");
/// assert_eq!(google.unwrap().1, "_spf.google.com");
/// ```
pub fn services() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVICES.iter().filter_map(|service| Some((service.name, *service.includes.first()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_at_label_boundaries() {
        assert_eq!(of_exchange("aspmx.l.google.com").unwrap().name, "Google Workspace");
        assert_eq!(of_exchange("smtp.google.com").unwrap().name, "Google Workspace");
        assert!(of_exchange("mx.notgoogle.com").is_none());
        assert_eq!(of_include("_SPF.google.com").unwrap().name, "Google Workspace");
    }

    #[test]
    fn regions_have_senders_of_their_own() {
        let include = |host| of_exchange(host).unwrap().includes[0];
        assert_eq!(
            (include("mx.zoho.com"), include("mx.zoho.eu"), include("mx2.zoho.in")),
            ("zohomail.com", "zohomail.eu", "zoho.in")
        );
        assert_eq!((include("mx1.mail.ovh.net"), include("mx.mail.ovh.ca")), ("mx.ovh.com", "mx.ovh.ca"));
    }

    #[test]
    fn names_are_written_as_names_are_kept() {
        for name in
            SERVICES.iter().flat_map(|s| s.exchanges.iter().chain(s.includes)).chain(RETIRED.iter().map(|r| &r.include))
        {
            assert_eq!(name.parse::<crate::Name>().unwrap(), **name);
        }
    }
}
