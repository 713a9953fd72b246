//! Includes of well-known services, written as the service does not write them.

use super::Context;
use crate::finding::{Edit, Evidence, Findings, Fix, rules};
use crate::spf::{Mechanism, TermKind};

rules! {
    /// # The include of a known service, misspelt
    ///
    /// The name is nearly the one under which a well-known service publishes its senders. The names that services use differ by an
    /// underscore or a word. A wrong one has no SPF record, which is a permerror, or that of the service's own staff. Which of the two,
    /// the DNS says.
    ///
    /// ```spf bad
    /// v=spf1 include:spf.google.com ~all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.google.com ~all
    /// ```
    PROVIDER_TYPO = "spf-domain-spec-underscore-typo", Warning, Ok, ["RFC 7208 §5.2"],
        "`{domain}` is not the name that {service} publishes; it is `{meant}`";
}

/// A service, the name that it documents, and names that people write in its place.
struct Service {
    name: &'static str,
    domain: &'static str,
    mistakes: &'static [&'static str],
}

/// From the services' own setup pages. A mistake is listed only if the service documents another name, and never one that it
/// documented once or includes itself (`_spf.mailgun.org`).
const SERVICES: &[Service] = &[
    Service {
        name: "Google Workspace",
        domain: "_spf.google.com",
        mistakes: &[
            "spf.google.com",
            "_spf.google.come",
            "_spf.gmail.com",
            "spf.gmail.com",
            "_spf_google.com",
            "_spf.googlemail.com",
            "spf.googlemail.com",
            "-spf.google.com",
            "__spf.google.com",
            "_.spf.google.com",
            "_spf.goggle.com",
            "_spf.gogle.com",
            "_spf.gooogle.com",
            "_spf.google.co",
            "_spf.google.cm",
            "_sfp.google.com",
            "_spf.google.com.com",
        ],
    },
    Service {
        name: "Microsoft 365",
        domain: "spf.protection.outlook.com",
        mistakes: &[
            "_spf.protection.outlook.com",
            "spf.protection.outllook.com",
            "spf.protection.outlok.com",
            "spf.protection.outlook.co",
            "spf.protection.outlook.cm",
            "spf.protection.outlook.come",
            "spf.protecton.outlook.com",
            "spf.protection.office365.com",
            "spf.outlook.com",
            "_spf.outlook.com",
            "protection.outlook.com",
            "spf.protections.outlook.com",
            "spf.protection.outlook",
            "spf-protection.outlook.com",
            "spf.protection-outlook.com",
            "spf.protection.microsoft.com",
            "spf.office365.com",
            "spf.mail.protection.outlook.com",
        ],
    },
    Service {
        name: "Amazon SES",
        domain: "amazonses.com",
        mistakes: &["_spf.amazonses.com", "spf.amazonses.com", "amazonses.com.com", "amazon.ses.com"],
    },
    Service {
        name: "SendGrid",
        domain: "sendgrid.net",
        mistakes: &["_spf.sendgrid.net", "spf.sendgrid.net", "_spf.sendgrid.com", "spf.sendgrid.com", "sendgrid.com"],
    },
    Service {
        name: "Mailgun",
        domain: "mailgun.org",
        mistakes: &["spf.mailgun.org", "mailgun.com", "_spf.mailgun.com", "spf.mailgun.com"],
    },
    Service {
        name: "Mailchimp",
        domain: "servers.mcsv.net",
        mistakes: &[
            "server.mcsv.net",
            "_spf.mcsv.net",
            "spf.mcsv.net",
            "servers.mscv.net",
            "servers.mcvs.net",
            "_spf.servers.mcsv.net",
        ],
    },
    Service { name: "Zendesk", domain: "mail.zendesk.com", mistakes: &["_spf.zendesk.com", "spf.zendesk.com"] },
    Service { name: "Salesforce", domain: "_spf.salesforce.com", mistakes: &["spf.salesforce.com", "salesforce.com"] },
    Service { name: "Zoho", domain: "zohomail.com", mistakes: &["_spf.zoho.com", "_spf.zohomail.com"] },
    Service {
        name: "Fastmail",
        domain: "spf.messagingengine.com",
        mistakes: &["_spf.messagingengine.com", "messagingengine.com", "spf.fastmail.com", "_spf.fastmail.com"],
    },
    Service {
        name: "Proton Mail",
        domain: "_spf.protonmail.ch",
        mistakes: &["spf.protonmail.ch", "_spf.protonmail.com", "spf.protonmail.com", "_spf.proton.me"],
    },
    Service { name: "Mailjet", domain: "spf.mailjet.com", mistakes: &["_spf.mailjet.com", "mailjet.com"] },
    Service {
        name: "Yandex",
        domain: "_spf.yandex.net",
        mistakes: &["spf.yandex.net", "spf.yandex.ru", "_spf.yandex.com"],
    },
];

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for term in cx.record.terms() {
        let spec = match term.kind {
            TermKind::Directive(directive) => match directive.mechanism {
                Mechanism::Include(spec) => spec,
                _ => continue,
            },
            TermKind::Redirect(spec) => spec,
            _ => continue,
        };
        let text = cx.text(spec.span).trim_end_matches('.');
        let Some(service) = SERVICES.iter().find(|service| service.is_mistaken_for(text)) else { continue };
        out.report(&PROVIDER_TYPO, cx.at(spec.span))
            .quote("domain")
            .arg("service", service.name)
            .arg("meant", service.domain)
            .evidence(Evidence::Guessed)
            .fix(Fix::maybe(format!("write `{}`", service.domain), [Edit::replace(spec.span, service.domain)]));
    }
}

impl Service {
    fn is_mistaken_for(&self, name: &str) -> bool {
        self.mistakes.iter().any(|mistake| mistake.len() == name.len() && mistake.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::found_in;
    use super::super::tests::{keeps_quiet, tells};
    use crate::finding::Effect;

    /// RFC 7208 §5.2: only an include that ends in none or permerror is a permerror, and the DNS says whether this one does.
    #[test]
    fn the_dns_decides() {
        let found = crate::spf::lint_text(&"v=spf1 include:salesforce.com ~all".into());
        assert_eq!(crate::spf::effect(&found), Effect::Ok, "{found:#?}");
        let of = |text: &str| {
            found_in(&format!("d.example TXT v=spf1 include:salesforce.com ~all\nsalesforce.com TXT {text}"))
        };
        assert_eq!(crate::spf::effect(&of("v=spf1 ip4:9.9.9.9 ~all")), Effect::Ok);
        assert_eq!(crate::spf::effect(&of("x")), Effect::Permerror);
    }

    #[test]
    fn known_names() {
        let code = "spf-domain-spec-underscore-typo";
        tells("v=spf1 include:spf.google.com ~all", code, "v=spf1 include:_spf.google.com ~all");
        tells(
            "v=spf1 include:_spf.protection.outlook.com ~all",
            code,
            "v=spf1 include:spf.protection.outlook.com ~all",
        );
        keeps_quiet("v=spf1 include:_spf.google.com include:spf.protection.outlook.com ~all", code);
        // Names below the documented one, which it includes.
        keeps_quiet("v=spf1 include:_spf.mailgun.org include:spf.zohomail.com ~all", code);
        for service in super::SERVICES {
            assert!(!service.mistakes.contains(&service.domain), "{}", service.name);
        }
    }
}
