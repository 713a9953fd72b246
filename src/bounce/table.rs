//! Replies that are known, by provider. Facts only: who says which words, and what they mean.

use super::provider::{self as p, Provider};
use super::reply::Enhanced;

/// Why a message was refused or delayed. Read back, the words of the first reports (`unknown_user`) are taken too.
///
/// ```
/// use mailproof::bounce::{Cause, Context, diagnose};
///
/// let reply = "550 5.7.1 Rejected by the DMARC policy of example.com";
/// let bounce = diagnose(reply, &Context::default());
/// assert_eq!(bounce.cause, Cause::Dmarc);
/// assert_eq!(bounce.cause.as_str(), "dmarc");
/// assert_eq!(bounce.cause.told(), "DMARC fails, and the policy of the domain in From is to refuse");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Cause {
    /// Neither SPF nor DKIM passes.
    Unauthenticated,
    /// SPF does not pass.
    Spf,
    /// DKIM does not pass, or there is no signature.
    Dkim,
    /// DMARC fails and its policy is to refuse.
    Dmarc,
    /// DMARC could not be checked because of the DNS.
    #[cfg_attr(feature = "serde", serde(alias = "dmarc_temperror"))]
    DmarcTemperror,
    /// The domain of From has no DMARC record.
    #[cfg_attr(feature = "serde", serde(alias = "dmarc_missing"))]
    DmarcMissing,
    /// SPF or DKIM pass, but not for the domain of From.
    Alignment,
    /// The ARC chain is broken.
    Arc,
    /// The address of the client has no name, or one that does not lead back.
    Ptr,
    /// The connection is not encrypted.
    Tls,
    /// The login may not use this sender.
    #[cfg_attr(feature = "serde", serde(alias = "sender_mismatch"))]
    SenderMismatch,
    /// From is missing or has no single author.
    #[cfg_attr(feature = "serde", serde(alias = "from_syntax"))]
    FromSyntax,
    /// The envelope sender is an SRS address that is not taken.
    Srs,
    /// The domain of the envelope sender takes no mail.
    #[cfg_attr(feature = "serde", serde(alias = "sender_domain"))]
    SenderDomain,
    /// The provider's policy, without saying which part.
    Policy,
    /// The message looks like spam.
    Spam,
    /// The address or domain has a bad reputation, or is on a list.
    Reputation,
    /// Too much mail in too short a time.
    #[cfg_attr(feature = "serde", serde(alias = "rate_limit"))]
    RateLimit,
    /// First contact: try again later.
    Greylisting,
    /// The recipient does not exist.
    #[cfg_attr(feature = "serde", serde(alias = "unknown_user"))]
    UnknownUser,
    /// The recipient's domain does not exist or takes no mail.
    #[cfg_attr(feature = "serde", serde(alias = "unknown_domain"))]
    UnknownDomain,
    /// The recipient's mailbox is full.
    #[cfg_attr(feature = "serde", serde(alias = "mailbox_full"))]
    MailboxFull,
    /// The message is too large.
    #[cfg_attr(feature = "serde", serde(alias = "too_large"))]
    TooLarge,
    /// The server does not send on mail for strangers.
    #[cfg_attr(feature = "serde", serde(alias = "relay_denied"))]
    RelayDenied,
    /// Too many servers in a row: a loop.
    Loop,
    /// No connection, or the server is out of order.
    Network,
    /// It cannot be told.
    Unknown,
}

impl Cause {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::DmarcTemperror => "dmarc-temperror",
            Self::DmarcMissing => "dmarc-missing",
            Self::Alignment => "alignment",
            Self::Arc => "arc",
            Self::Ptr => "ptr",
            Self::Tls => "tls",
            Self::SenderMismatch => "sender-mismatch",
            Self::FromSyntax => "from-syntax",
            Self::Srs => "srs",
            Self::SenderDomain => "sender-domain",
            Self::Policy => "policy",
            Self::Spam => "spam",
            Self::Reputation => "reputation",
            Self::RateLimit => "rate-limit",
            Self::Greylisting => "greylisting",
            Self::UnknownUser => "unknown-user",
            Self::UnknownDomain => "unknown-domain",
            Self::MailboxFull => "mailbox-full",
            Self::TooLarge => "too-large",
            Self::RelayDenied => "relay-denied",
            Self::Loop => "loop",
            Self::Network => "network",
            Self::Unknown => "unknown",
        }
    }

    /// What it means, after "because".
    pub fn told(self) -> &'static str {
        match self {
            Self::Unauthenticated => "neither SPF nor DKIM passes",
            Self::Spf => "SPF does not pass",
            Self::Dkim => "DKIM does not pass, or there is no signature",
            Self::Dmarc => "DMARC fails, and the policy of the domain in From is to refuse",
            Self::DmarcTemperror => "DMARC could not be checked: the DNS did not answer",
            Self::DmarcMissing => "the domain in From has no DMARC record",
            Self::Alignment => "neither SPF nor DKIM passes for the domain in From",
            Self::Arc => "the ARC chain is broken",
            Self::Ptr => "the sending address has no name in the DNS that leads back to it",
            Self::Tls => "the connection was not encrypted",
            Self::SenderMismatch => "the login may not use this sender",
            Self::FromSyntax => "From is missing or has no single author",
            Self::Srs => "the SRS address is not taken",
            Self::SenderDomain => "the domain of the envelope sender takes no mail",
            Self::Policy => "its policy forbids it, which can be many things",
            Self::Spam => "it looks like spam",
            Self::Reputation => "the sending address or domain has a bad reputation",
            Self::RateLimit => "too much mail came in too short a time",
            Self::Greylisting => "it does not know the sender yet and wants to be asked again",
            Self::UnknownUser => "the recipient does not exist",
            Self::UnknownDomain => "the recipient's domain does not exist or takes no mail",
            Self::MailboxFull => "the recipient's mailbox is full",
            Self::TooLarge => "the message is too large",
            Self::RelayDenied => "it takes no mail for the recipient's domain, and sends on none for strangers",
            Self::Loop => "the message went round in a loop",
            Self::Network => "the servers could not talk to each other",
            Self::Unknown => "of something that the reply does not tell",
        }
    }
}

impl Cause {
    /// Whether it is said of many things.
    pub(super) fn is_vague(self) -> bool {
        matches!(self, Self::Policy | Self::Spam)
    }

    /// Whether it is about who sent the message.
    pub(super) fn is_authentication(self) -> bool {
        matches!(
            self,
            Self::Unauthenticated
                | Self::Spf
                | Self::Dkim
                | Self::Dmarc
                | Self::Alignment
                | Self::Arc
                | Self::SenderMismatch
        )
    }
}

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
    "Gmail" @GMAIL => Unauthenticated ["senders to authenticate with either spf or dkim", "fails to pass authentication checks"] codes [(7, 26), (7, 1)];
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
    "Microsoft 365 / Outlook.com" @MICROSOFT => Dmarc ["does not pass dmarc verification", "5.7.509"];
    "Outlook.com (consumer)" @MICROSOFT => Unauthenticated ["does not meet the required authentication level", "5.7.515"];
    "Microsoft (seen by its senders)" @MICROSOFT => Spf ["sender policy framework violation"];
    "Microsoft 365" @MICROSOFT => Unauthenticated ["must pass either spf or dkim validation"];
    "Microsoft 365 submission" @MICROSOFT => SenderMismatch ["does not have permissions to send as this sender"] codes [(7, 60)];
    "Exchange on-premises submission" => SenderMismatch ["does not have permissions to send as this sender"] codes [(7, 1)];
    "Microsoft 365 submission" @MICROSOFT => SenderMismatch ["sendasdenied"];
    "Yahoo/AOL" @YAHOO => Unauthenticated ["yahoo requires all senders to authenticate with either spf or dkim"];
    "Yahoo/AOL" @YAHOO => Policy ["not accepted for policy reasons"];
    "Yahoo/AOL" @YAHOO => Reputation ["tss04"];
    "iCloud" @ICLOUD => Dmarc [] weak ["'s dmarc policy"];
    "iCloud (Hide My Email)" @ICLOUD => Unauthenticated ["[hme1]", "failing both spf and dkim"];
    "Orange / La Poste" @ORANGE => Spf [] weak ["is not allowed to send mail", "_401"] codes [(5, 0)];
    "Orange" @ORANGE => Spf ["spf/dns de votre nom de domaine"];
    "Orange / La Poste" @ORANGE => Dmarc [] weak ["dmarc verification failed", "_517"];
    "La Poste / Orange submission" @ORANGE => SenderMismatch ["mail from not owned by user"];
    "Free (proxad)" @FREE => Spam [] weak ["spam detected"];
    "GMX / WEB.DE / mail.com / IONOS" @GMX => Spf ["reject due to spf policy"];
    "GMX / WEB.DE" @GMX => Policy ["postmaster.gmx.net/en/case", "postmaster.web.de"];
    "Mimecast" @MIMECAST => Spf ["spf sender invalid - envelope rejected"];
    "Mimecast" @MIMECAST => Dkim ["dkim sender invalid - envelope rejected"];
    "Mimecast" @MIMECAST => Dmarc ["dmarc sender invalid - envelope rejected"];
    "Tencent QQ" @QQ => Spf [] weak ["spf check failed"];
    "Tencent QQ" @QQ => Dmarc [] weak ["dmarc check failed"];
    "GoDaddy (secureserver.net)" @GODADDY => Spf ["per it's spf record", "ib508"] weak ["is not allowed to send from"];
    "Cox" @COX => Unauthenticated ["cxsndr"];
    "Cisco Secure Email" @CISCO => Spf ["spf unauthorized mail is prohibited"];
    "Cisco Secure Email" @CISCO => Dmarc ["unauthenticated mail is prohibited"];
    "Symantec / MessageLabs" @SYMANTEC => Spf ["spf (sender policy framework) domain authentication"];
    "Proofpoint Essentials / Open-Xchange filter" @PROOFPOINT => Spf ["rejected per sender's spf policy"];
    "Mail.ru" @MAIL_RU => Dmarc ["owner dmarc policy"];
    "Rackspace" @RACKSPACE => DmarcTemperror ["temporary dmarc dns lookup failure"];
    "OpenDMARC milter" => Dmarc ["rejected by dmarc policy for"];
    "OpenDMARC milter" => FromSyntax ["multi-valued from field"];
    "Postfix + policyd-spf (Python)" => Spf ["message rejected due to: spf"] codes [(7, 23), (7, 24)];
    "Postfix + policyd-spf (Perl)" => Spf ["openspf", "/why?s="];
    "Exim (example ACL of the manual)" => Spf ["is not allowed to send mail from"];
    "Exim (example ACL of the manual)" => Dmarc ["failed sender's dmarc policy"];
    "rspamd" => Spam ["spam message rejected"];
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

impl Row {
    /// Whether subject and detail of the code go with it.
    pub(super) fn has_code(&self, code: Option<Enhanced>) -> bool {
        code.is_some_and(|Enhanced(_, subject, detail)| self.codes.contains(&(subject, detail)))
    }
}
