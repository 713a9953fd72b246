//! Who answered: by the host's name, or by the words that only this provider writes.

use std::sync::LazyLock;

use super::phrases::Phrases;

/// A provider, as far as its replies differ from others'.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    /// Domains of its hosts.
    pub(super) hosts: &'static [&'static str],
    /// Lower-case words that only its replies have.
    pub(super) marks: &'static [&'static str],
}

macro_rules! providers {
    ($($id:ident $name:literal [$($host:literal),*] [$($mark:literal),*];)+) => {
        $(pub(super) static $id: Provider = Provider { name: $name, hosts: &[$($host),*], marks: &[$($mark),*] };)+
        /// All of them.
        pub(super) static ALL: &[&Provider] = &[$(&$id),+];
    };
}

providers! {
    GMAIL "Gmail" ["google.com", "googlemail.com", "gmail.com"] ["gsmtp", "support.google.com"];
    MICROSOFT "Microsoft 365" ["outlook.com", "hotmail.com", "office365.com", "live.com", "microsoft.com"]
        ["protection.outlook.com", "prod.outlook.com", "microsoft", "exchangelabs"];
    YAHOO "Yahoo/AOL" ["yahoodns.net", "yahoo.com", "aol.com", "yahooinc.com"] ["yahooinc.com", "help.yahoo.com", "[tss"];
    ICLOUD "iCloud" ["icloud.com", "apple.com", "me.com", "mac.com"] ["support.apple.com", "[hme1]"];
    ORANGE "Orange / La Poste" ["orange.fr", "wanadoo.fr", "laposte.net"] ["ofr_", "ofr00", "lpn00", "lpn10", "postmaster.orange.fr"];
    FREE "Free (proxad)" ["free.fr", "proxad.net"] ["postmaster.free.fr"];
    GMX "GMX / WEB.DE" ["gmx.net", "gmx.de", "gmx.com", "web.de", "mail.com"]
        ["postmaster.gmx", "postmaster.web.de", "postmaster.mail.com"];
    IONOS "IONOS" ["kundenserver.de", "ionos.com", "ionos.de", "1and1.com"] ["postmaster.1and1", "postmaster.kundenserver.de"];
    MIMECAST "Mimecast" ["mimecast.com", "mimecast-offshore.com"] ["mimecast"];
    NETEASE "NetEase (163.com)" ["163.com", "126.com", "yeah.net", "netease.com"] ["mail.163.com/help"];
    QQ "Tencent QQ" ["qq.com", "exmail.qq.com", "tencent.com"] ["service.mail.qq.com"];
    GODADDY "GoDaddy (secureserver.net)" ["secureserver.net", "godaddy.com"] ["secureserver", "ib508"];
    COX "Cox" ["cox.net"] ["cxsndr"];
    CISCO "Cisco Secure Email" ["iphmx.com"] ["iphmx"];
    SYMANTEC "Symantec / MessageLabs" ["messagelabs.com"] ["messagelabs", "symantec"];
    PROOFPOINT "Proofpoint Essentials / Open-Xchange filter" ["ppe-hosted.com", "pphosted.com"] ["proofpoint"];
    HORNETSECURITY "Hornetsecurity" ["antispameurope.com", "hornetsecurity.com"] ["antispameurope", "hornetsecurity"];
    MAIL_RU "Mail.ru" ["mail.ru"] ["help.mail.ru"];
    RACKSPACE "Rackspace" ["emailsrvr.com", "rackspace.com"] ["emailsrvr", "(g1e", "rackspace"];
    YANDEX "Yandex" ["yandex.ru", "yandex.net", "yandex.com"] ["yandex"];
    ZOHO "Zoho" ["zoho.com", "zoho.eu", "zohomail.com"] ["zoho"];
    SENDGRID "SendGrid" ["sendgrid.net", "sendgrid.com"] ["sendgrid"];
    INFOMANIAK "Infomaniak" ["infomaniak.com", "infomaniak.ch"] ["infomaniak"];
    OVH "OVH" ["ovh.net", "ovh.com"] [];
    T_ONLINE "T-Online" ["t-online.de"] ["tosa@rx.t-online.de"];
    AMAZON "Amazon SES" ["amazonaws.com", "amazonses.com"] ["amazon ses"];
}

/// The provider of a host.
pub(super) fn of_host(host: &str) -> Option<&'static Provider> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_in = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ALL.iter().copied().find(|provider| provider.hosts.iter().any(|domain| is_in(domain)))
}

/// The provider by whose words a reply, in lower case, is known.
pub(super) fn of_words(lower: &str) -> Option<&'static Provider> {
    let first = MARKS.places(lower, |_, _| true).first()?;
    ALL.iter().flat_map(|provider| provider.marks.iter().map(|_| *provider)).nth(first)
}

static MARKS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(ALL.iter().flat_map(|provider| provider.marks)));
