//! What is known of a message, as data.

/// What is known of a message.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"_dmarc.example.com. TXT "v=DMARC1; p=reject""#)?;
/// let mail = b"From: Alice <alice@example.com>\r\n\r\nHello\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let facts = report.message.unwrap();
/// assert_eq!(facts.author.as_deref(), Some("example.com"));
/// // Nothing signs it, and no client is known: nothing can be aligned.
/// assert!(facts.signatures.is_empty() && facts.session.ip.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MessageFacts {
    /// Its DKIM signatures, from the top.
    pub signatures: Vec<SignatureFacts>,
    /// Its ARC chain; `None` if it has none. Evidence, never a pass.
    pub arc: Option<ArcFacts>,
    /// Which of the signatures shows what was changed, counted from 0.
    pub altered: Option<usize>,
    /// The Author Domain; `None` where From names no one domain.
    pub author: Option<String>,
    /// How each identifier stands to the Author Domain.
    pub alignment: Vec<AlignmentFacts>,
    /// The session that SPF is judged by.
    pub session: SessionFacts,
    /// The hops that the Received fields tell of, in the order in which the message went.
    pub path: Vec<HopFacts>,
}

/// How an identifier stands to the Author Domain.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject"
/// bounces.esp.example. TXT "v=spf1 ip4:192.0.2.7 -all"
/// "#)?;
/// let mut message = MessageInput::new(b"From: news@example.com\r\n\r\nHello\r\n", Timestamp(1_800_000_000));
/// message.connection.ip = Some("192.0.2.7".parse()?);
/// message.connection.mail_from = Some("b42@bounces.esp.example".to_owned());
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// // SPF passes, for the newsletter service and not for the author.
/// let spf = &report.message.unwrap().alignment[0];
/// assert_eq!((spf.method, spf.result, spf.aligned), ("spf", "pass", false));
/// assert_eq!((spf.domain.as_str(), spf.mode), ("bounces.esp.example", Some("relaxed")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AlignmentFacts {
    /// `spf` or `dkim`.
    pub method: &'static str,
    /// In words: `MAIL FROM example.com`, `d=example.com`.
    pub identifier: String,
    /// The domain.
    pub domain: String,
    /// The word of RFC 8601.
    pub result: &'static str,
    /// Its Organizational Domain; `None` if it was not needed, or is not known.
    pub org_domain: Option<String>,
    /// `relaxed` or `strict`; `None` without a DMARC record.
    pub mode: Option<&'static str>,
    /// Whether the domains align, passed or not.
    pub aligned: bool,
    /// Why, in a clause without a full stop.
    pub why: String,
}

/// The SMTP session that SPF is judged by.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mut message = MessageInput::new(b"From: alice@example.com\r\n\r\nHello\r\n", Timestamp(1_800_000_000));
/// message.connection.ip = Some("192.0.2.7".parse()?);
/// message.connection.mail_from = Some(String::new());
/// message.connection.helo = Some("mail.example.com".to_owned());
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let session = report.message.unwrap().session;
/// assert_eq!(session.ip.unwrap().value, "192.0.2.7");
/// assert_eq!(session.mail_from.unwrap().value, "", "a bounce");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SessionFacts {
    /// The client's address.
    pub ip: Option<KnownFacts>,
    /// The HELO name.
    pub helo: Option<KnownFacts>,
    /// MAIL FROM; empty for the null reverse-path.
    pub mail_from: Option<KnownFacts>,
    /// The recipients.
    pub rcpt_to: Vec<String>,
}

/// A value, and whether it was given or is claimed by the message.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mail = b"Return-Path: <alice@example.com>\r\nFrom: alice@example.com\r\n\r\nHello\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// // Nobody gave MAIL FROM: it is what the first field of the message claims.
/// let mail_from = report.message.unwrap().session.mail_from.unwrap();
/// assert_eq!(mail_from.value, "alice@example.com");
/// assert_eq!((mail_from.claimed_by, mail_from.field.as_deref()), (Some(0), Some("Return-Path")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct KnownFacts {
    /// The value.
    pub value: String,
    /// The header field that claims it, counted from 0 at the top; `None` if it was given.
    pub claimed_by: Option<usize>,
    /// The name of that field.
    pub field: Option<String>,
}

/// One Received field.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mail = b"Received: from mail.example.com (mail.example.com [192.0.2.7])\r\n\
///     \x20by mx.example.net with ESMTPS; Fri, 15 Jan 2027 07:59:00 +0000\r\n\
///     Received: from laptop.example.com (laptop.example.com [198.51.100.7])\r\n\
///     \x20by mail.example.com with ESMTPSA; Fri, 15 Jan 2027 07:58:59 +0000\r\n\
///     From: alice@example.com\r\n\r\nHello\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let facts = report.message.unwrap();
/// let (first, last) = (&facts.path[0], &facts.path[1]);
/// assert_eq!((first.protocol.as_deref(), first.authenticated), (Some("ESMTPSA"), true));
/// assert_eq!((last.ip.as_deref(), last.delay), (Some("192.0.2.7"), Some(1)));
/// // The receiver's own server wrote the last one. Whoever sent the message could have invented all before it.
/// assert!(last.believed && !first.believed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HopFacts {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// Whether the receiver's own server wrote it; all else is what the client says.
    pub believed: bool,
    /// What the client called itself.
    pub from: Option<String>,
    /// The client's address.
    pub ip: Option<String>,
    /// The server that took the message.
    pub by: Option<String>,
    /// How: `ESMTPS`.
    pub protocol: Option<String>,
    /// Whether it was encrypted, where the field tells.
    pub tls: Option<bool>,
    /// Whether the client had logged in.
    pub authenticated: bool,
    /// When, in seconds since 1970.
    pub date: Option<u64>,
    /// Seconds since the hop before; negative if a clock was wrong.
    pub delay: Option<i64>,
}

/// What is known of a DKIM signature.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mail = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from;\r\n\
///     \x20bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=; b=c2ln\r\nFrom: alice@example.com\r\n\r\nHello\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let signature = &report.message.unwrap().signatures[0];
/// assert_eq!((signature.domain.as_deref(), signature.selector.as_deref()), (Some("example.com"), Some("s1")));
/// // The body is the one that was signed, but nobody publishes the key.
/// assert_eq!((signature.body, signature.result), (Some(true), Some("permerror")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SignatureFacts {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// `d=`.
    pub domain: Option<String>,
    /// `s=`.
    pub selector: Option<String>,
    /// The word of RFC 8601; `None` if it was not checked.
    pub result: Option<&'static str>,
    /// The result and its reason in one sentence.
    pub told: String,
    /// `a=`, if it can be read.
    pub algorithm: Option<&'static str>,
    /// The names in `h=`.
    pub signed: Vec<String>,
    /// Whether the body is the one that was signed; `None` if it was not checked.
    pub body: Option<bool>,
    /// Octets at the end of the canonical body that `l=` leaves unsigned.
    pub unsigned_octets: u64,
    /// Whether the signature over the header verifies; `None` if it was not checked.
    pub header: Option<bool>,
    /// What was published where its key should be.
    pub key: Option<String>,
    /// What an investigation found out about the key.
    pub key_evidence: Option<String>,
    /// What was changed after signing.
    pub alterations: Vec<AlterationFacts>,
}

/// Something that was changed after signing.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mail = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from;\r\n\
///     \x20bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=; b=c2ln\r\n\
///     From: alice@example.com\r\n\r\nHello\r\n-- \r\nThe staff list\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let signature = &report.message.unwrap().signatures[0];
/// let altered = &signature.alterations[0];
/// assert_eq!((altered.part, altered.what, altered.certainty), ("body", "appended", "proven"));
/// assert_eq!(altered.difference, ["  Hello", "+ --\\x20", "+ The staff list"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AlterationFacts {
    /// `body` or `header`.
    pub part: &'static str,
    /// What kind: `appended`.
    pub what: &'static str,
    /// The header field concerned.
    pub header: Option<String>,
    /// Offset in the body as received, or of the header field in the message.
    pub at: Option<usize>,
    /// Octets there.
    pub length: usize,
    /// `proven`, `likely` or `unknown`.
    pub certainty: &'static str,
    /// How sure it is, in words.
    pub sure: String,
    /// Guesses that were tried.
    pub tried: usize,
    /// What happened, in words.
    pub told: String,
    /// Lines: `- ` as signed, `+ ` as received, invisible characters as escapes.
    pub difference: Vec<String>,
    /// Lines that are left out of it.
    pub left_out: usize,
}

/// What is known of an ARC chain.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mail = b"ARC-Seal: i=1; a=rsa-sha256; d=list.example; s=s1; t=1799999000; cv=none; b=c2ln\r\n\
///     ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from;\r\n\
///     \x20bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=; b=c2ln\r\n\
///     ARC-Authentication-Results: i=1; list.example; dkim=pass header.d=example.com\r\n\
///     From: alice@example.com\r\n\r\nHello\r\n";
/// let message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let arc = report.message.unwrap().arc.unwrap();
/// assert_eq!(arc.intact, Some(false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ArcFacts {
    /// Whether the chain is intact; `None` if it was not checked.
    pub intact: Option<bool>,
    /// What it shows, in one sentence.
    pub told: String,
    /// What each set claims, as its sealer wrote it.
    pub claims: Vec<String>,
}

impl AlterationFacts {
    /// It in lines: what happened, then the difference.
    pub(in crate::report) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} ({})", self.told, self.sure)];
        lines.extend(self.difference.iter().cloned());
        if self.left_out > 0 {
            lines.push(format!("... {} more", self.left_out));
        }
        lines
    }
}
