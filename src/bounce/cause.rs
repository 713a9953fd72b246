//! Why mail comes back.

macro_rules! causes {
    ($($(#[$doc:meta])+ $name:ident $word:literal $(or $old:literal)? $told:literal;)+) => {
        /// Why a message was refused or delayed. Read back, the words of the first reports (`unknown_user`) are taken too.
        ///
        /// ```
        /// use mailproof::bounce::{Cause, Context, diagnose};
        ///
        /// let bounce = diagnose("550 5.1.1 <bob@d.example>: User unknown", &Context::default());
        /// assert_eq!((bounce.cause, bounce.cause.as_str()), (Cause::UnknownUser, "unknown-user"));
        /// assert_eq!(bounce.cause.told(), "the recipient does not exist");
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
        #[non_exhaustive]
        pub enum Cause {
            $($(#[$doc])+ $(#[cfg_attr(feature = "serde", serde(alias = $old))])? $name,)+
        }

        impl Cause {
            /// The word in reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// What it means, after "because".
            pub fn told(self) -> &'static str {
                match self { $(Self::$name => $told),+ }
            }

            /// All of them.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

causes! {
    /// Neither SPF nor DKIM passes.
    Unauthenticated "unauthenticated" "neither SPF nor DKIM passes";
    /// SPF does not pass.
    Spf "spf" "SPF does not pass";
    /// DKIM does not pass, or there is no signature.
    Dkim "dkim" "DKIM does not pass, or there is no signature";
    /// DMARC fails and its policy is to refuse.
    Dmarc "dmarc" "DMARC fails, and the policy of the domain in From is to refuse";
    /// DMARC could not be checked because of the DNS.
    DmarcTemperror "dmarc-temperror" or "dmarc_temperror" "DMARC could not be checked: the DNS did not answer";
    /// The domain of From has no DMARC record.
    DmarcMissing "dmarc-missing" or "dmarc_missing" "the domain in From has no DMARC record";
    /// SPF or DKIM pass, but not for the domain of From.
    Alignment "alignment" "neither SPF nor DKIM passes for the domain in From";
    /// The ARC chain is broken.
    Arc "arc" "the ARC chain is broken";
    /// The address of the client has no name, or one that does not lead back.
    Ptr "ptr" "the sending address has no name in the DNS that leads back to it";
    /// The name in HELO is no host name.
    Helo "helo" "the name that the sending server gives (HELO) is no full name of a host";
    /// The connection is not encrypted.
    Tls "tls" "the connection was not encrypted";
    /// The certificate of the receiving server is not the right one.
    Certificate "certificate" "the certificate of the receiving server could not be verified";
    /// The login may not use this sender.
    SenderMismatch "sender-mismatch" or "sender_mismatch" "the login may not use this sender";
    /// Without a login, or with a wrong one, nothing is taken.
    Login "login" "the sender has not logged in, or not with the right password";
    /// The account or the organization that sends was stopped by its provider.
    AccountBlocked "account-blocked" "the sender's own account was blocked, mostly because spam went out through it";
    /// From is missing or has no single author.
    FromSyntax "from-syntax" or "from_syntax" "From is missing or has no single author";
    /// The message is not written as RFC 5322 has it.
    Format "format" "the message is not written as the standard for messages asks";
    /// The server takes ASCII addresses only (RFC 6531).
    Smtputf8 "smtputf8" "the next server takes no addresses with letters outside ASCII";
    /// The envelope sender is an SRS address that is not taken.
    Srs "srs" "the SRS address is not taken";
    /// The address of the envelope sender does not exist.
    SenderAddress "sender-address" "the server did not find the envelope sender's address, to which bounces would go";
    /// The domain of the envelope sender takes no mail.
    SenderDomain "sender-domain" or "sender_domain" "the domain of the envelope sender takes no mail";
    /// The provider's policy, without saying which part.
    Policy "policy" "its policy forbids it, which can be many things";
    /// The message looks like spam.
    Spam "spam" "it looks like spam";
    /// An attachment, or another part of the content, is forbidden.
    Content "content" "something in it is forbidden, mostly an attachment";
    /// The address or domain has a bad reputation, or is on a list.
    Reputation "reputation" "the sending address or domain has a bad reputation";
    /// Too much mail in too short a time.
    RateLimit "rate-limit" or "rate_limit" "too much mail came in too short a time";
    /// First contact: try again later.
    Greylisting "greylisting" "it does not know the sender yet and wants to be asked again";
    /// The recipient does not exist.
    UnknownUser "unknown-user" or "unknown_user" "the recipient does not exist";
    /// The recipient's mailbox is switched off.
    Inactive "inactive" "the recipient's mailbox is switched off";
    /// The recipient takes mail of some senders only.
    Restricted "restricted" "the recipient takes mail from certain senders only";
    /// The recipient's domain does not exist or takes no mail.
    UnknownDomain "unknown-domain" or "unknown_domain" "the recipient's domain does not exist or takes no mail";
    /// The recipient's mailbox is full.
    MailboxFull "mailbox-full" or "mailbox_full" "the recipient's mailbox is full";
    /// The message is too large.
    TooLarge "too-large" or "too_large" "the message is too large";
    /// The server does not send on mail for strangers.
    RelayDenied "relay-denied" or "relay_denied" "it takes no mail for the recipient's domain, and sends on none for strangers";
    /// Who redirects may not.
    NoForwarding "no-forwarding" "the organization of the mailbox that redirects it forbids redirects to the outside";
    /// Too many servers in a row: a loop.
    Loop "loop" "the message went round in a loop";
    /// The receiving server is out of order.
    Server "server" "the receiving server has trouble of its own";
    /// No connection.
    Network "network" "the servers could not talk to each other";
    /// It cannot be told.
    Unknown "unknown" "of something that the reply does not tell";
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

    /// Whether it is about the envelope sender's address.
    pub(super) fn is_of_sender(self) -> bool {
        matches!(self, Self::SenderAddress | Self::SenderDomain)
    }

    /// Whether it is about an address or a domain that is not there: the recipient's, where nothing else is said.
    pub(super) fn is_about_addresses(self) -> bool {
        matches!(self, Self::UnknownUser | Self::UnknownDomain)
    }

    /// Whether waiting mends it.
    pub(crate) fn passes_by_itself(self) -> bool {
        matches!(self, Self::Network | Self::Server | Self::Greylisting)
    }
}
