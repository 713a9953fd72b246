//! Questions from a help desk: what a user sees, what is behind it, how to prove it, and who mends what.
//!
//! Every page goes from the symptom to the proof to the fix. The proof is a program with its own small DNS zone, and a test.
//! To ask the same of real mail, put the message, the session and a resolver of real DNS in their places.
//!
//! | what the user says or sees | page |
//! |---|---|
//! | "DMARC reject" after a redirect | [`redirect_without_srs`] |
//! | "malformed DMARC record" | [`malformed_dmarc_record`] |
//! | "invalid DMARC record", "invalid policy" | [`invalid_dmarc_policy`] |
//! | "multiple DMARC records" | [`several_dmarc_records`] |
//! | "SPF or DKIM not aligned", while both pass | [`not_aligned`] |
//! | "Sender mismatch", "not owned by user" | [`sender_mismatch`] |
//! | "I got spam from my own address" | [`own_address_forged`] |
//! | "I get bounces for mail that I never sent" | [`bounces_never_sent`] |
//! | "I write to my own domain from Gmail, it redirects to Gmail, and nothing comes" | [`gmail_to_gmail`] |
//! | "Mail to our Mailman list is refused, or members are unsubscribed" | [`mailman`] |
//! | "I send through another provider" | [`other_provider`] |
//! | "The domain, its DNS or its MX is at another registrar" | [`mx_elsewhere`] |
//! | "It comes twice", "it fails from the alias domain only" | [`alias_domains`] |
//!
//! Two rules hold on every page. DMARC passes if SPF **or** DKIM passes for a domain that is aligned with the one in From
//! (RFC 9989 §3.2.10, §5.3). And a redirect breaks SPF, but not DKIM: so sign all mail.

#[doc = include_str!("redirect_without_srs.md")]
pub mod redirect_without_srs {}
#[doc = include_str!("malformed_dmarc_record.md")]
pub mod malformed_dmarc_record {}
#[doc = include_str!("invalid_dmarc_policy.md")]
pub mod invalid_dmarc_policy {}
#[doc = include_str!("several_dmarc_records.md")]
pub mod several_dmarc_records {}
#[doc = include_str!("not_aligned.md")]
pub mod not_aligned {}
#[doc = include_str!("sender_mismatch.md")]
pub mod sender_mismatch {}
#[doc = include_str!("own_address_forged.md")]
pub mod own_address_forged {}
#[doc = include_str!("bounces_never_sent.md")]
pub mod bounces_never_sent {}
#[doc = include_str!("gmail_to_gmail.md")]
pub mod gmail_to_gmail {}
#[doc = include_str!("mailman.md")]
pub mod mailman {}
#[doc = include_str!("other_provider.md")]
pub mod other_provider {}
#[doc = include_str!("mx_elsewhere.md")]
pub mod mx_elsewhere {}
#[doc = include_str!("alias_domains.md")]
pub mod alias_domains {}
