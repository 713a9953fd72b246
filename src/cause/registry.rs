//! Every root cause: its id, meaning, advice, and who acts.

use std::fmt;
use std::str::FromStr;

use crate::Actor;

macro_rules! causes {
    ($($variant:ident $id:literal $actor:ident $meaning:literal, $advice:literal;)+) => {
        /// A root cause.
        ///
        /// ```
        /// use mailproof::{Actor, cause::Cause};
        ///
        /// let cause: Cause = "forwarded-without-srs".parse()?;
        /// assert_eq!(cause.actor(), Actor::Forwarder);
        /// assert!(cause.advice().contains("SRS"));
        /// # Ok::<(), mailproof::cause::UnknownCause>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum Cause {
            $(
                #[doc = concat!($meaning, ".")]
                #[cfg_attr(feature = "serde", serde(rename = $id))]
                $variant,
            )+
        }

        impl Cause {
            /// All causes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for programs.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What it means, in one sentence without a full stop.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }

            /// What to do, in one sentence without a full stop.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),+ }
            }

            /// Who acts, where nothing more is known.
            pub fn actor(self) -> Actor {
                match self { $(Self::$variant => Actor::$actor),+ }
            }
        }
    };
}

causes! {
    NoProblem "no-problem" Nobody
        "The message is authenticated, or the check that failed is harmless and expected",
        "Nothing: leave everything as it is";
    ForwardedWithoutSrs "forwarded-without-srs" Forwarder
        "A forwarder sent the message on under the original MAIL FROM, so SPF fails for it, and no aligned DKIM signature carries DMARC",
        "Rewrite the return path with SRS and leave the message as it is; the author's domain should sign with DKIM";
    MailingListModified "mailing-list-modified" ListOperator
        "A mailing list changed a signed message and kept the author's address in From",
        "Pass messages on unchanged, or write the list's own address into From";
    DkimBodyModifiedFooter "dkim-body-modified-footer" Forwarder
        "Text was appended to the signed body, and no mailing list is involved",
        "Append nothing to signed mail, or append before signing";
    DkimBodyModifiedBanner "dkim-body-modified-banner" Forwarder
        "Text was inserted at the top of the signed body, or into its parts",
        "Verify before inserting and trust that result, or insert nothing";
    DkimBodyReencoded "dkim-body-reencoded" Forwarder
        "The body was put in another transfer encoding or charset after signing",
        "Relay 8-bit mail as it is; sign content that is 7-bit already";
    DkimBodyWhitespaceChanged "dkim-body-whitespace-changed" Forwarder
        "Only white space, line ends, line lengths or line-start escapes of the body changed",
        "Leave the body alone; signers use relaxed body canonicalization and lines below 998 octets";
    DkimBodyTruncated "dkim-body-truncated" Forwarder
        "The body is shorter than the one that was signed",
        "Find the size limit or the broken transfer on the way";
    DkimBodyContentChanged "dkim-body-content-changed" Forwarder
        "Content of the body was replaced or removed after signing",
        "Verify DKIM before rewriting content; otherwise treat the message as tampered with";
    DkimHeaderModifiedSubject "dkim-header-modified-subject" Forwarder
        "The signed Subject was changed, and no mailing list is involved",
        "Change no signed field, or verify before";
    DkimHeaderModified "dkim-header-modified" Forwarder
        "A signed header field other than Subject was changed, re-folded, removed or added",
        "Leave signed fields alone; signers use relaxed header canonicalization and sign what survives";
    DkimKeyMissing "dkim-key-missing" DomainOwner
        "There is no key record at the selector of the signature",
        "Publish the key at the name that the signature asks for";
    DkimKeyRevoked "dkim-key-revoked" DomainOwner
        "The key of the signature was revoked: its record has an empty `p=`",
        "Sign with a key that is published";
    DkimKeyInvalid "dkim-key-invalid" DomainOwner
        "The key record is there and cannot be used",
        "Publish the key again, whole and in one record";
    DkimKeyMismatch "dkim-key-mismatch" DomainOwner
        "Message and signature fit together, but the published key did not make the signature",
        "Publish the public half of the key that signs, and use a new selector for each key";
    DkimSignatureInvalid "dkim-signature-invalid" SendingService
        "The DKIM-Signature field itself cannot be used",
        "Repair the signer";
    DkimSignatureExpired "dkim-signature-expired" SendingService
        "The signature had expired when the message was received",
        "Sign for a longer time, and look for delays on the way";
    DkimWeakCrypto "dkim-weak-crypto" DomainOwner
        "The signature uses rsa-sha1 or a key below 1024 bits, which nobody accepts any more",
        "Sign with rsa-sha256 and a key of 2048 bits";
    DkimNotSigned "dkim-not-signed" DomainOwner
        "There is no DKIM signature, and SPF alone cannot carry DMARC here",
        "Sign with the domain in From";
    DkimNotAligned "dkim-not-aligned" DomainOwner
        "A DKIM signature passes for another domain than the author's, and nothing else aligns",
        "Sign with `d=` of the domain in From";
    DkimPartialBody "dkim-partial-body" SendingService
        "DKIM passes, but `l=` leaves content unsigned that was received",
        "Stop signing with `l=`; do not trust the unsigned part";
    SpfMissing "spf-missing" DomainOwner
        "The MAIL FROM domain publishes no SPF record",
        "Publish an SPF record";
    SpfRecordInvalid "spf-record-invalid" DomainOwner
        "The SPF record cannot be interpreted",
        "Repair the SPF record";
    SpfTooManyLookups "spf-too-many-lookups" DomainOwner
        "The SPF record needs more DNS lookups than receivers do",
        "Replace includes until ten lookups are enough";
    SpfSenderIpNotAuthorized "spf-sender-ip-not-authorized" DomainOwner
        "A host of the domain or of its usual sender is not listed in its SPF record, and no aligned signature helps",
        "If the server is yours, add its address to the SPF record, or sign with DKIM";
    SpfNotAligned "spf-not-aligned" DomainOwner
        "SPF passes for a return path that is not aligned with From, and no aligned signature helps",
        "Use a return path below the domain in From, or sign with that domain";
    ThirdPartySenderNotAuthorized "third-party-sender-not-authorized" DomainOwner
        "Somebody else's server sends in the name of a domain that authorised it neither by SPF nor by DKIM",
        "If the service sends for you, authorise it by SPF and DKIM, or send through the domain's own server";
    DmarcMissing "dmarc-missing" DomainOwner
        "No DMARC record applies to the domain in From",
        "Publish a DMARC record at `_dmarc` below the domain";
    DmarcRecordMalformed "dmarc-record-malformed" DomainOwner
        "A record stands at `_dmarc`, but receivers do not recognise it as DMARC",
        "Correct the syntax of the record";
    DmarcPolicyInvalid "dmarc-policy-invalid" DomainOwner
        "`p`, `sp` or `np` is missing or invalid, so receivers act as if the policy were none, or not at all",
        "Write none, quarantine or reject";
    DmarcMultipleRecords "dmarc-multiple-records" DomainOwner
        "Several DMARC records stand at one name, so receivers discard them all",
        "Merge them into one record";
    DmarcStrictAlignment "dmarc-strict-alignment" DomainOwner
        "The domains would align in relaxed mode, but the record asks for strict alignment",
        "Ask for relaxed alignment, or sign with exactly the domain in From";
    TreeWalkPslDivergence "tree-walk-psl-divergence" DomainOwner
        "Receivers of RFC 9989 and of RFC 7489 find different Organizational Domains, and with them another result",
        "Publish a record at the Organizational Domain, or sign with exactly the domain in From";
    FromNotSingleDomain "from-not-single-domain" SendingService
        "From does not name exactly one domain",
        "Write exactly one From field with addresses of one domain";
    AliasDomainNotConfigured "alias-domain-not-configured" DomainOwner
        "The domain in From is an alias domain whose own DNS zone lacks or contradicts the records of the main domain",
        "Publish SPF and DKIM for the alias domain too";
    SenderMismatchFrom "sender-mismatch-from" Sender
        "The address in From belongs neither to the login nor to its aliases, alias domains or delegations",
        "Write with an address of the login, or add the alias or delegation";
    SenderMismatchReturnPath "sender-mismatch-return-path" Sender
        "The envelope sender is no address of the login",
        "Correct the return path in the mail program";
    SpoofedOwnDomain "spoofed-own-domain" DomainOwner
        "Somebody else forged the recipient's own address or domain; no account was used",
        "Enforce DMARC for the domain, and take its addresses off allow lists; no password has to be changed";
    DisplayNameSpoof "display-name-spoof" Recipient
        "The message is authentic for its own domain, but its display name shows somebody else's address",
        "Judge by the real address";
    Backscatter "backscatter" Nobody
        "A bounce or automatic reply to a message that this account never sent: its address was forged elsewhere",
        "Nothing: the site that bounces should have refused instead";
    GenuineBounce "genuine-bounce" Sender
        "A report about a message that was really sent",
        "Correct the recipient's address, or whatever the report names";
    SrsHashInvalid "srs-hash-invalid" Forwarder
        "A bounce to an SRS address whose hash does not verify",
        "Keep old secrets while new ones come into use; otherwise refuse such mail";
    SrsExpired "srs-expired" Forwarder
        "A bounce to an SRS address that is too old",
        "Refuse it, or accept a greater age if mail is delayed that long";
    GmailLoopDedup "gmail-loop-dedup" Recipient
        "The message came back by a redirect to the Gmail mailbox that sent it, and Gmail shows a message once only",
        "Test from another address; nothing is broken";
    DuplicateByAlias "duplicate-by-alias" Nobody
        "The message went to a mailbox and to an alias of it, so it is delivered twice",
        "Nothing: address only one of them";
    DnsTemporaryFailure "dns-temporary-failure" DomainOwner
        "A DNS question that decides had no answer, so there is no verdict yet",
        "Check the name servers of the domain; receivers try again";
}

impl Cause {
    /// Whether it is that something changed a message after it was signed.
    ///
    /// ```
    /// use mailproof::cause::Cause;
    ///
    /// assert!(Cause::MailingListModified.is_alteration());
    /// assert!(!Cause::DkimKeyMissing.is_alteration());
    /// ```
    pub fn is_alteration(self) -> bool {
        matches!(
            self,
            Self::MailingListModified
                | Self::DkimBodyModifiedFooter
                | Self::DkimBodyModifiedBanner
                | Self::DkimBodyReencoded
                | Self::DkimBodyWhitespaceChanged
                | Self::DkimBodyTruncated
                | Self::DkimBodyContentChanged
                | Self::DkimHeaderModifiedSubject
                | Self::DkimHeaderModified
        )
    }
}

/// The text is not the id of a cause.
///
/// ```
/// use mailproof::cause::Cause;
///
/// let error = "bad-weather".parse::<Cause>().unwrap_err();
/// assert_eq!(error.to_string(), "`bad-weather` is not the id of a root cause");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not the id of a root cause")]
pub struct UnknownCause(String);

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, UnknownCause> {
        Self::ALL.iter().copied().find(|cause| cause.id() == text).ok_or_else(|| UnknownCause(text.to_owned()))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_shared_list_and_no_others() {
        let Some(list) = crate::shared::shared("causes.tsv") else { return };
        let rows = list.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
        let listed: Vec<(String, String)> = rows.map(|row| (row[0].to_owned(), row[3].to_owned())).collect();
        let ours: Vec<(String, String)> =
            Cause::ALL.iter().map(|cause| (cause.id().to_owned(), cause.actor().to_string())).collect();
        assert_eq!(ours, listed);
    }

    #[test]
    fn ids_are_read_back() {
        for cause in Cause::ALL {
            assert_eq!(cause.id().parse(), Ok(*cause));
            assert!(!cause.meaning().ends_with('.') && !cause.advice().ends_with('.'), "{cause}");
        }
        assert!("no-such-cause".parse::<Cause>().is_err());
    }
}
