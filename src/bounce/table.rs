//! Replies that are known, by provider. Facts only: who says which words, and what they mean.

use std::sync::LazyLock;

use super::cause::Cause;
use super::phrases::Phrases;
use super::provider::{self as p, Provider};
use super::reply::Enhanced;

/// Words of a reply and what they mean.
#[derive(Debug)]
pub(super) struct Row {
    /// Who says so, as precisely as is known.
    pub(super) provider: &'static str,
    /// Whose hosts say so; `None` for software that anybody runs.
    pub(super) of: Option<&'static Provider>,
    pub(super) cause: Cause,
    /// Lower-case words, any of which is enough.
    pub(super) words: &'static [&'static str],
    /// Lower-case words that are enough only from the provider's hosts, or with its marks.
    pub(super) weak: &'static [&'static str],
    /// Subject and detail of enhanced codes that go with it. They decide between rows with the same words.
    pub(super) codes: &'static [(u16, u16)],
}

macro_rules! rows {
    ($($provider:literal $(@ $of:ident)? => $cause:ident [$($word:literal),*] $(weak [$($weak:literal),*])? $(codes [$($code:expr),*])?;)+) => {
        /// In the order in which ties are decided.
        pub(super) static ROWS: &[Row] = &[$(Row {
            provider: $provider,
            of: rows!(@of $($of)?),
            cause: Cause::$cause,
            words: &[$($word),*],
            weak: &[$($($weak),*)?],
            codes: &[$($($code),*)?],
        }),+];
    };
    (@of) => { None };
    (@of $of:ident) => { Some(&p::$of) };
}

rows! {
    "Gmail" @GMAIL => Unauthenticated ["senders to authenticate with either spf or dkim", "fails to pass authentication checks"] codes [(7, 26)];
    "Gmail" @GMAIL => Spf ["has an spf record with a hard fail policy", "fails to pass spf checks for an spf record with a hard fail"] codes [(7, 26)];
    "Gmail" @GMAIL => Dmarc ["is not accepted due to domain's dmarc policy", "p=dmarcrejection"] codes [(7, 26)];
    "Gmail" @GMAIL => DmarcTemperror ["temporary dns failures prevent authentication"] codes [(7, 26)];
    "Gmail" @GMAIL => Spf ["authenticate their email with spf", "senders to authenticate with spf", "authenticate with spf"] codes [(7, 27)];
    "Gmail" @GMAIL => Dkim ["authenticate their email with dkim", "senders to authenticate with dkim"] codes [(7, 30)];
    "Gmail" @GMAIL => Alignment ["aligned with either the authenticated spf or dkim"] codes [(7, 32)];
    "Gmail" @GMAIL => Spf ["the spf record of the sending domain has one or more suspicious"] codes [(7, 24)];
    "Gmail" @GMAIL => DmarcMissing [] weak ["dmarc"] codes [(7, 40), (7, 31)];
    "Gmail" @GMAIL => Ptr [] weak ["ptr record", "forward dns"] codes [(7, 23), (7, 25)];
    "Gmail" @GMAIL => Tls [] weak ["tls"] codes [(7, 29)];
    "Gmail" @GMAIL => Reputation ["very low reputation", "p=unsolicitediperror", "not authorized to send email directly to our servers"];
    "Gmail" @GMAIL => Spam ["likely unsolicited mail", "likely suspicious"] weak ["suspicious"];
    "Gmail" @GMAIL => Content ["content presents a potential security issue"];
    "Gmail" @GMAIL => FromSyntax ["multiple 'from' headers", "missing a valid address in from"];
    "Gmail" @GMAIL => Format ["not rfc 5322 compliant", "missing a valid messageid"];
    "Gmail" @GMAIL => RateLimit ["receiving mail at a rate", "user sending limit exceeded", "an unusual rate of"];
    "Gmail" @GMAIL => Inactive ["tried to reach is inactive", "tried to reach is disabled"];
    "Gmail" @GMAIL => Restricted ["has a policy that prohibited the mail", "not in whitelist for rcpt domain"];
    "Gmail" @GMAIL => RelayDenied ["invalid credentials for relay"];
    "Microsoft 365 / Outlook.com" @MICROSOFT => Dmarc ["does not pass dmarc verification", "5.7.509"];
    "Outlook.com (consumer)" @MICROSOFT => Unauthenticated ["does not meet the required authentication level", "5.7.515"];
    "Microsoft (seen by its senders)" @MICROSOFT => Spf ["sender policy framework violation"];
    "Microsoft 365" @MICROSOFT => Unauthenticated ["must pass either spf or dkim validation"];
    "Microsoft 365 submission" @MICROSOFT => SenderMismatch ["does not have permissions to send as this sender"] codes [(7, 60)];
    "Exchange on-premises submission" => SenderMismatch ["does not have permissions to send as this sender"] codes [(7, 1)];
    "Microsoft 365 submission" @MICROSOFT => SenderMismatch ["sendasdenied"];
    "Microsoft 365 submission" @MICROSOFT => Login ["client not authenticated to send mail", "smtpclientauthentication is disabled"];
    "Microsoft 365" @MICROSOFT => AccountBlocked ["bad outbound sender", "traffic not accepted from this ip", "sending from unregistered domains", "tenant has exceeded threshold"];
    "Microsoft 365" @MICROSOFT => NoForwarding ["does not allow external forwarding"];
    "Microsoft 365" @MICROSOFT => Restricted ["sendernotauthenticatedfor", "unifiedgroupagent", "not in allowed-senders list", "resolver.rst.authrequired", "resolver.rst.notauthorized", "restrictedtorecipients", "tenantinboundattribution"];
    "Microsoft 365" @MICROSOFT => UnknownUser ["resolver.adr.recipientnotfound"] weak ["recipient address rejected: access denied"];
    "Microsoft 365" @MICROSOFT => UnknownDomain ["infodomainnonexistent", "dns.nonexistentdomain"] weak ["5.4.310"];
    "Microsoft 365" @MICROSOFT => RateLimit ["4.7.500 server busy"];
    "Microsoft 365" @MICROSOFT => Network ["queue.expired"];
    "Yahoo/AOL" @YAHOO => Unauthenticated ["yahoo requires all senders to authenticate with either spf or dkim"];
    "Yahoo/AOL" @YAHOO => Policy ["not accepted for policy reasons"];
    "Yahoo/AOL" @YAHOO => Reputation ["tss04", "will be permanently deferred"];
    "iCloud" @ICLOUD => Dmarc [] weak ["'s dmarc policy"];
    "iCloud (Hide My Email)" @ICLOUD => Unauthenticated ["[hme1]", "failing both spf and dkim"];
    "Orange / La Poste" @ORANGE => Spf [] weak ["is not allowed to send mail", "_401"];
    "Orange / La Poste" @ORANGE => Inactive [] weak ["_420", "_426"];
    "Orange / La Poste" @ORANGE => Policy [] weak ["_510"];
    "Orange / La Poste" @ORANGE => Spam [] weak ["ofr_506"];
    "Orange" @ORANGE => Spf ["spf/dns de votre nom de domaine"];
    "Orange / La Poste" @ORANGE => Dmarc [] weak ["dmarc verification failed", "_517"];
    "La Poste / Orange submission" @ORANGE => SenderMismatch ["mail from not owned by user"];
    "Free (proxad)" @FREE => Spam [] weak ["spam detected"];
    "GMX / WEB.DE / mail.com / IONOS" @GMX => Spf ["reject due to spf policy"];
    "GMX / WEB.DE" @GMX => UnknownUser [] weak ["c=mbun"];
    "GMX / WEB.DE" @GMX => SenderDomain ["invalid dns mx or a/aaaa"];
    "GMX / WEB.DE" @GMX => MailboxFull [] weak ["c=quot"];
    "GMX / WEB.DE" @GMX => Reputation [] weak ["c=bip", "block listed"];
    "GMX / WEB.DE" @GMX => Ptr [] weak ["c=rdns", "bad dns ptr"];
    "GMX / WEB.DE" @GMX => RateLimit [] weak ["c=maxconn", "max number of connections"];
    "GMX / WEB.DE" @GMX => FromSyntax [] weak ["invalid from header"];
    "GMX / WEB.DE" @GMX => Policy ["postmaster.gmx.net/en/case", "postmaster.web.de"];
    "Mimecast" @MIMECAST => Spf ["spf sender invalid - envelope rejected"];
    "Mimecast" @MIMECAST => Dkim ["dkim sender invalid - envelope rejected"];
    "Mimecast" @MIMECAST => Dmarc ["dmarc sender invalid - envelope rejected"];
    "Mimecast" @MIMECAST => Greylisting ["internal resources are temporarily unavailable"];
    "Mimecast" @MIMECAST => Restricted ["envelope blocked"];
    "NetEase (163.com)" @NETEASE => Spam ["dt:spm"];
    "NetEase (163.com)" @NETEASE => RateLimit [] weak ["mi:cel", "mi:dmc", "mi:sfq"];
    "Tencent QQ" @QQ => Spf [] weak ["spf check failed"];
    "Tencent QQ" @QQ => Dmarc [] weak ["dmarc check failed"];
    "GoDaddy (secureserver.net)" @GODADDY => Spf ["per it's spf record", "ib508"] weak ["is not allowed to send from"];
    "Cox" @COX => Unauthenticated ["cxsndr"];
    "Cisco Secure Email" @CISCO => Spf ["spf unauthorized mail is prohibited"];
    "Cisco Secure Email" @CISCO => Dmarc ["unauthenticated mail is prohibited"];
    "Symantec / MessageLabs" @SYMANTEC => Spf ["spf (sender policy framework) domain authentication"];
    "Proofpoint Essentials / Open-Xchange filter" @PROOFPOINT => Spf ["rejected per sender's spf policy"];
    "Proofpoint" @PROOFPOINT => Reputation ["ipcheck.proofpoint.com", "support.proofpoint.com/dnsbl"];
    "T-Online" @T_ONLINE => Reputation ["a problem occurred. (ask your postmaster"];
    "Comcast" => Reputation ["comcast block for spam", "comcast bl0"];
    "Trend Micro" => Restricted ["block-send-er"];
    "Amazon SES" @AMAZON => SenderMismatch ["email address is not verified"];
    "Zoho" @ZOHO => Policy ["mail rejected by destination domain"];
    "Zoho submission" @ZOHO => AccountBlocked ["unusual sending activity"];
    "Mail.ru" @MAIL_RU => Dmarc ["owner dmarc policy"];
    "Rackspace" @RACKSPACE => DmarcTemperror ["temporary dmarc dns lookup failure"];
    "OpenDMARC milter" => Dmarc ["rejected by dmarc policy for"];
    "OpenDMARC milter" => FromSyntax ["multi-valued from field"];
    "Postfix + policyd-spf (Python)" => Spf ["message rejected due to: spf"] codes [(7, 23), (7, 24)];
    "Postfix + policyd-spf (Perl)" => Spf ["openspf", "/why?s="];
    "Exim (example ACL of the manual)" => Spf ["is not allowed to send mail from"];
    "Exim (example ACL of the manual)" => Dmarc ["failed sender's dmarc policy"];
    "rspamd" => Spam ["spam message rejected"];
    "rspamd" => Greylisting ["4.7.1 try again later"];
    "Stalwart" => Dmarc ["email rejected per dmarc policy"];
    "Stalwart" => Spf ["spf validation failed, status"];
    "Stalwart" => Dkim ["no passing dkim signatures found"] codes [(7, 20)];
    "Stalwart" => Arc ["arc validation failed"] codes [(7, 29)];
    "Stalwart submission" => SenderMismatch ["not allowed to send from this address"];
    "Postfix / mailcow / Mail-in-a-Box / OVH-type hosting" => SenderMismatch ["not owned by user"];
    "Postfix" => SenderMismatch ["sender address rejected: not logged in"];
    "Infomaniak submission" @INFOMANIAK => SenderMismatch ["sender mismatch"];
    "Yandex submission" @YANDEX => SenderMismatch ["not owned by auth user"];
    "Tencent submission" @QQ => SenderMismatch ["must be same as authorization user"];
    "Zoho submission" @ZOHO => SenderMismatch [] weak ["relaying disallowed"];
    "SendGrid" @SENDGRID => SenderMismatch ["does not match a verified sender identity"];
    "unidentified MTA" => SenderMismatch ["incorrect sender header"];
    "various" => Srs ["local part too long", "local-part too long"];
    "Exim (example router of the manual)" => Srs ["invalid srs recipient address"];
}

/// Rows that hold only if the envelope sender is an SRS address: some hosts take no `/` in addresses.
pub(super) static SRS_ROWS: &[Row] = &[
    Row {
        provider: "Yandex (receiving)",
        of: Some(&p::YANDEX),
        cause: Cause::Srs,
        words: &[],
        weak: &["invalid sender", "syntax"],
        codes: &[],
    },
    Row {
        provider: "some Exim sites",
        of: None,
        cause: Cause::Srs,
        words: &["invalid sender address"],
        weak: &[],
        codes: &[],
    },
];

/// The words of each row, and its weak ones.
pub(super) static PHRASES: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new(ROWS.iter().chain(SRS_ROWS).flat_map(|row| row.words.iter().chain(row.weak))));

impl Row {
    /// Whether subject and detail of the code go with it.
    pub(super) fn has_code(&self, code: Option<Enhanced>) -> bool {
        code.is_some_and(|Enhanced(_, subject, detail)| self.codes.contains(&(subject, detail)))
    }
}
