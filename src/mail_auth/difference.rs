//! Where mail-auth comes to something else, and the sections that decide.

use crate::Name;
use crate::arc;
use crate::dkim::{self, KeyProblem, signature_defect};
use crate::dmarc::{self, DmarcResult, Found, PartKind};
use crate::message::{DefectKind, Message};
use crate::spf::{self, Miss, Verdict};

/// That mail-auth came to something else, and why.
///
/// ```
/// use mail_auth::{SpfOutput, SpfResult};
/// use mailproof::mail_auth::{Reason, Verdicts, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}, spf};
///
/// // A record with an error is a permerror, also where an earlier term matches.
/// let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 ipv4:192.0.2.2 -all\"")?;
/// let session = spf::Session::new("192.0.2.1".parse()?, "mx.d.example", "a@d.example");
/// let message = Message::parse(b"From: a@d.example\r\n\r\nHello\r\n");
/// let theirs = SpfOutput::new("d.example".to_owned()).with_result(SpfResult::Pass);
/// let verdicts = Verdicts { spf: Some(&theirs), ..Verdicts::default() };
/// let step = |dns: &_| explain(dns, &message, Some(&session), Timestamp(0), &verdicts);
/// let explained = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step);
/// let difference = explained[0].difference.as_ref().unwrap();
/// assert_eq!((difference.reason, difference.sections[0]), (Reason::SpfSyntax, "RFC 7208 §4.6"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Why.
    pub reason: Reason,
    /// The sections that decide, such as `RFC 7208 §4.5`.
    pub sections: Vec<&'static str>,
}

macro_rules! reasons {
    ($($(#[$doc:meta])+ $name:ident [$($section:literal),*] $told:literal;)+) => {
        /// Why mail-auth comes to something else.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])+ $name,)+
        }

        impl Reason {
            /// What the standards say and mail-auth does, in one sentence without a full stop.
            pub fn told(self) -> &'static str {
                match self { $(Self::$name => $told),+ }
            }

            /// The sections that decide; none where nothing is known.
            pub fn sections(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($section),*]),+ }
            }
        }
    };
}

reasons! {
    /// Both mean the same.
    Word ["RFC 8601 §2.7.1"] "both refuse the signature, in other words: a signature that was judged and does not verify is a fail";
    /// The DNS answered one of the two only.
    Dns [] "one of the two had no answer from the DNS: ask again";
    /// Which domain SPF is asked about.
    Identity ["RFC 7208 §2.4", "RFC 7208 §4.3"]
        "a MAIL FROM without `@` is a domain whose local-part is `postmaster`; mail-auth looks at the HELO name instead";
    /// Several SPF records.
    SeveralRecords ["RFC 7208 §4.5"] "several SPF records are a permerror; mail-auth takes the first that it can read";
    /// What is an SPF record, and what is none.
    Selection ["RFC 7208 §4.5"] "only a text that is `v=spf1`, or starts so with a space behind it, is an SPF record";
    /// Void lookups.
    VoidLookups ["RFC 7208 §4.6.4"] "more than two lookups that find nothing are a permerror; mail-auth does not count them";
    /// The other limits of SPF.
    Limits ["RFC 7208 §4.6.4"] "the terms that ask the DNS are counted in another way";
    /// An include or redirect without a record.
    TargetWithoutRecord ["RFC 7208 §5.2", "RFC 7208 §6.1"]
        "an include or redirect to a name without an SPF record is a permerror";
    /// A record that is not of the grammar.
    SpfSyntax ["RFC 7208 §4.6", "RFC 7208 §12"] "one error anywhere in a record is a permerror; mail-auth reads on in another way";
    /// An include in an include.
    NestedInclude ["RFC 7208 §5.2"]
        "a pass of the inner record is a match of each include around it; mail-auth does not look at the outer qualifiers";
    /// `ptr`.
    Pointer ["RFC 7208 §5.5"] "`ptr` matches a validated name that is the target or below it; mail-auth misses the name itself";
    /// `exists`.
    Exists ["RFC 7208 §5.7"] "`exists` asks for A records only; mail-auth asks for AAAA too";
    /// Addresses of the other family.
    OtherFamily ["RFC 7208 §5", "RFC 7208 §5.6"]
        "an IPv4 client is compared with IPv4 networks only, and so for IPv6; mail-auth mixes them";
    /// A signature that mail-auth leaves out.
    Unread ["RFC 6376 §6.1.1"] "mail-auth says nothing of a signature that it cannot read; a malformed signature is a permerror";
    /// A signature that is not of the grammar.
    SignatureSyntax ["RFC 6376 §3.2", "RFC 6376 §3.5", "RFC 6376 §6.1.1"]
        "a malformed signature can never verify; mail-auth reads it all the same";
    /// From is not signed.
    FromNotSigned ["RFC 6376 §5.4", "RFC 6376 §6.1.1"] "a signature that does not cover From is of no use; mail-auth takes it";
    /// rsa-sha1.
    Sha1 ["RFC 8301 §3.1"] "signatures with SHA-1 must not be taken; mail-auth takes them";
    /// The size of the key.
    KeySize ["RFC 8301 §3.2"] "RSA keys of fewer than 1,024 bits must not be taken; what mail-auth does depends on how it was built";
    /// `h=` and `s=` of the key.
    KeyRestriction ["RFC 6376 §3.6.1", "RFC 6376 §6.1.2"]
        "a key may be for some hashes and services only; mail-auth does not look at it";
    /// The key record is not of the grammar, or not of the type.
    KeySyntax ["RFC 6376 §3.6.1", "RFC 6376 §6.1.2"] "a malformed key record is of no use; mail-auth reads it all the same";
    /// Several key records.
    SeveralKeys ["RFC 6376 §3.6.2.2"] "there are several key records, of which a verifier may take any";
    /// `l=`.
    BodyLength ["RFC 6376 §3.5", "RFC 6376 §3.7"]
        "`l=` counts octets of the canonical body; mail-auth cuts the body before that, and takes `l=0` for no limit";
    /// Ends of lines that are not CRLF.
    LineEnds ["RFC 5322 §2.3", "RFC 6376 §5.3"] "a CR or LF by itself is an octet like any other; mail-auth ends a line there";
    /// Lines of the header section that are no header fields.
    HeaderSection ["RFC 5322 §2.2"] "the header section has lines that are no fields, and mail-auth parts the fields around them in another way";
    /// `x=`, against the clock of each.
    Clock ["RFC 6376 §3.5"] "mail-auth looked at another time, and the signature expires";
    /// More than is looked at here.
    Work ["RFC 6376 §8.4"] "there is more to verify than we look at, which a verifier may limit";
    /// The structure of an ARC chain.
    ChainSyntax ["RFC 8617 §4.1", "RFC 8617 §5.2"] "a malformed ARC set breaks the chain; mail-auth reads it all the same";
    /// A message signature of ARC without header fields.
    SignsNoField ["RFC 8617 §4.1.2"] "an ARC message signature that names no header field covers the body; mail-auth refuses it";
    /// A message signature of ARC without `c=`.
    NoCanonicalization ["RFC 8617 §4.1.2", "RFC 6376 §3.5"]
        "a sealer that leaves `c=` out of its ARC message signature canonicalized as relaxed; mail-auth expects simple";
    /// SPF or DKIM came to something else.
    Inputs ["RFC 9989 §4.3", "RFC 9989 §4.4"] "DMARC rests on SPF and DKIM, and one of them came to something else";
    /// The From field.
    Authors ["RFC 9989 §5.3"] "DMARC needs one domain in From";
    /// Which domain the From field names.
    FromField ["RFC 5322 §3.4", "RFC 9989 §5.3"] "the From field is not of the grammar, and mail-auth reads another author in it, or none";
    /// Several DMARC records.
    SeveralPolicies ["RFC 9989 §4.10"] "several DMARC records at a name are all discarded; mail-auth takes the first that it can read";
    /// What is a DMARC record, and what is none.
    PolicySelection ["RFC 9989 §4.7", "RFC 9989 §4.10"] "only a text that starts with `v=DMARC1`, in this case, is a DMARC record";
    /// Whether the author's domain exists.
    Existence ["RFC 9989 §3.2.13", "RFC 9989 §4.7"]
        "`np` applies to a domain that does not exist and `sp` to one that does, and the two found it otherwise";
    /// A part of the DMARC record is no tag, has no value of its tag, or is there again.
    PolicySyntax ["RFC 9989 §4.7", "RFC 9989 §4.8"]
        "a part that is no tag, has an unknown value, or is there again counts as if it were not there; mail-auth refuses the record \
         or takes the last";
    /// Nothing that is known.
    Unknown [] "no known difference explains it";
}

/// Why SPF came to something else.
pub(super) fn of_spf(ours: &spf::Outcome, output: &::mail_auth::SpfOutput) -> Option<Reason> {
    use spf::{Cause, SpfResult};
    let theirs = SpfResult::from(output.result());
    if ours.result == theirs {
        return None;
    }
    // An output that was made by hand may name none.
    let about = output.domain();
    if let Some(domain) = &ours.domain
        && !about.is_empty()
        && Name::parse(about).as_ref() != Ok(domain)
    {
        return Some(Reason::Identity);
    }
    let reason = match &ours.cause {
        Cause::SeveralRecords { .. } => Reason::SeveralRecords,
        Cause::TooManyVoids { .. } => Reason::VoidLookups,
        Cause::TooManyLookups { .. } | Cause::TooManyExchanges { .. } => Reason::Limits,
        Cause::TargetWithoutRecord { .. } => Reason::TargetWithoutRecord,
        Cause::Syntax { .. } => Reason::SpfSyntax,
        Cause::Dns { .. } => Reason::Dns,
        Cause::NoRecord { .. } => Reason::Selection,
        _ if theirs == SpfResult::Temperror => Reason::Dns,
        Cause::NoDomain(_) | Cause::Matched { .. } | Cause::NothingMatched { .. } => in_trace(ours, theirs),
    };
    Some(reason)
}

/// What stands in the records that were read, the likeliest first.
fn in_trace(ours: &spf::Outcome, theirs: spf::SpfResult) -> Reason {
    let trace = &ours.trace;
    let term = |event: &spf::Event| {
        let source = trace.records.get(event.record).and_then(|record| record.source.as_ref());
        let text = source.and_then(|source| source.text().get(event.span.range())).unwrap_or_default();
        spf::unqualified(text).to_ascii_lowercase()
    };
    let is =
        |text: &str, name: &str| text.strip_prefix(name).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let has = |name: &str| trace.events.iter().any(|event| is(&term(event), name));
    let nested = trace.records.iter().any(|record| {
        record.depth >= 2
            && record.parent.and_then(|event| trace.events.get(event)).is_some_and(|e| is(&term(e), "include"))
    });
    let other_family = trace.events.iter().any(|event| event.verdict == Verdict::Missed(Miss::OtherFamily));
    match () {
        () if nested => Reason::NestedInclude,
        () if has("ptr") => Reason::Pointer,
        () if has("exists") => Reason::Exists,
        () if theirs == spf::SpfResult::Permerror => Reason::SpfSyntax,
        () if other_family => Reason::OtherFamily,
        () => Reason::Unknown,
    }
}

/// Why a signature came to something else; `theirs` is `None` where mail-auth says nothing of it.
pub(super) fn of_dkim(
    message: &Message<'_>,
    ours: &dkim::Outcome,
    theirs: Option<dmarc::MethodResult>,
) -> Option<Reason> {
    use dkim::{Cause, DkimResult};
    use dmarc::MethodResult as Theirs;
    let Some(theirs) = theirs else { return Some(Reason::Unread) };
    if ours.result.as_str() == theirs.as_str() {
        return None;
    }
    let (pass, passes) = (ours.result == DkimResult::Pass, theirs == Theirs::Pass);
    if ours.result == DkimResult::Temperror || theirs == Theirs::Temperror {
        // Free text at the name of a key is a temperror here.
        return Some(if passes { of_key(ours) } else { Reason::Dns });
    }
    if pass == passes {
        return Some(Reason::Word);
    }
    Some(match &ours.cause {
        Cause::Signature(defect) => of_defect(&defect.kind),
        Cause::Sha1 => Reason::Sha1,
        Cause::Expired => Reason::Clock,
        Cause::Key(problem) => of_key_problem(*problem),
        Cause::TooManySignatures | Cause::MessageLimit(_) => Reason::Work,
        _ if ours.signature.length.is_some() => Reason::BodyLength,
        Cause::Verified if ours.signature.expiration.is_some() => Reason::Clock,
        Cause::Verified | Cause::BodyHash | Cause::HeaderSignature if has_bare_line_ends(message) => Reason::LineEnds,
        _ => of_key(ours),
    })
}

impl Reason {
    /// Where nothing else is known: in a broken header section the two do not see the same fields.
    pub(super) fn or_header_section(self, message: &Message<'_>) -> Self {
        let is_none = |kind: DefectKind| matches!(kind, DefectKind::NotAField | DefectKind::FieldName);
        let broken = message.defects().iter().any(|defect| is_none(defect.kind));
        if self == Self::Unknown && broken { Self::HeaderSection } else { self }
    }
}

fn has_bare_line_ends(message: &Message<'_>) -> bool {
    let body = message.body_defects();
    message.defects().iter().chain(&body).any(|defect| matches!(defect.kind, DefectKind::BareLf | DefectKind::BareCr))
}

fn of_key(ours: &dkim::Outcome) -> Reason {
    match &ours.keys {
        dkim::KeyLookup::Found { candidates, .. } if candidates.len() > 1 => Reason::SeveralKeys,
        dkim::KeyLookup::Found { .. } => {
            ours.keys.used().and_then(|key| key.problem).map_or(Reason::Unknown, of_key_problem)
        }
        dkim::KeyLookup::Failed { .. } => Reason::Dns,
        _ => Reason::Unknown,
    }
}

fn of_defect(kind: &signature_defect::DefectKind) -> Reason {
    match kind {
        signature_defect::DefectKind::FromNotSigned => Reason::FromNotSigned,
        _ => Reason::SignatureSyntax,
    }
}

fn of_key_problem(problem: KeyProblem) -> Reason {
    match problem {
        KeyProblem::TooShort | KeyProblem::TooLong => Reason::KeySize,
        KeyProblem::Service | KeyProblem::Hash => Reason::KeyRestriction,
        KeyProblem::NotAKey
        | KeyProblem::Syntax
        | KeyProblem::Revoked
        | KeyProblem::Type
        | KeyProblem::Undecodable
        | KeyProblem::Strict => Reason::KeySyntax,
    }
}

/// Why a chain came to something else.
pub(super) fn of_arc(ours: &arc::Outcome, theirs: &::mail_auth::ArcOutput<'_>) -> Option<Reason> {
    use arc::{Cause, CheckProblem};
    if ours.result == theirs.into() {
        return None;
    }
    if matches!(theirs.result(), ::mail_auth::DkimResult::TempError(_)) {
        return Some(Reason::Dns);
    }
    Some(match &ours.cause {
        Cause::Structure(_) | Cause::NoChain => Reason::ChainSyntax,
        // A seal that says `cv=fail` decides here, whatever its set lacks.
        Cause::SealedAsFailed if !ours.chain.defects.is_empty() => Reason::ChainSyntax,
        Cause::MessageLimit => Reason::Work,
        Cause::MessageSignature(problem) | Cause::Seal { problem, .. } => match problem {
            CheckProblem::Signature(_) => Reason::ChainSyntax,
            CheckProblem::Expired => Reason::Clock,
            CheckProblem::Sha1 => Reason::Sha1,
            CheckProblem::KeyUnavailable(_) => Reason::Dns,
            CheckProblem::Key(problem) => of_key_problem(*problem),
            CheckProblem::KeyName
            | CheckProblem::NoKey
            | CheckProblem::BodyHash
            | CheckProblem::Mismatch
            | CheckProblem::NotChecked => Reason::Unknown,
        },
        Cause::Verified if signs_no_field(&ours.chain) => Reason::SignsNoField,
        Cause::Verified if ours.chain.sets.iter().any(says_no_canonicalization) => Reason::NoCanonicalization,
        Cause::Verified | Cause::SealedAsFailed => Reason::Unknown,
    })
}

fn signs_no_field(chain: &arc::Chain) -> bool {
    let mut signatures = chain.sets.iter().filter_map(|set| set.message_signature.as_ref());
    signatures.any(|signature| signature.signature.headers.is_empty())
}

fn says_no_canonicalization(set: &arc::Set) -> bool {
    set.message_signature.as_ref().is_some_and(|signature| signature.signature.tag("c").is_none())
}

/// Whether mail-auth found the same author: one that it judged is named in its output, and without one it says none.
fn is_about(author: &Name, theirs: &::mail_auth::DmarcOutput) -> bool {
    match theirs.domain() {
        "" => DmarcResult::from(theirs) != DmarcResult::None,
        domain => Name::parse(domain).is_ok_and(|domain| domain == *author),
    }
}

/// Why DMARC came to something else. `with_theirs` is our verdict with mail-auth's results of SPF and DKIM.
pub(super) fn of_dmarc(
    ours: &dmarc::Outcome,
    with_theirs: &dmarc::Outcome,
    theirs: &::mail_auth::DmarcOutput,
) -> Option<Reason> {
    use dmarc::{Policy, Stated};
    let same = |outcome: &dmarc::Outcome| {
        outcome.result == theirs.into()
            && (outcome.result != DmarcResult::Fail || outcome.disposition() == Policy::from(theirs.policy()))
    };
    if same(ours) {
        return None;
    }
    if !is_about(&ours.author, theirs) {
        return Some(Reason::FromField);
    }
    if same(with_theirs) {
        return Some(Reason::Inputs);
    }
    let several = ours.discovery.walk.visits.iter().any(|visit| matches!(visit.found, Found::Several(_)));
    let unreadable = ours.discovery.walk.records().any(|(_, record)| {
        let policies = [record.p(), record.sp(), record.np()];
        policies.iter().any(|policy| matches!(policy, Stated::Invalid { .. }))
            || [record.adkim(), record.aspf()].iter().any(|mode| matches!(mode, Stated::Invalid { .. }))
            || matches!(record.fo(), Stated::Invalid { .. })
            || matches!(record.psd(), Stated::Invalid { .. })
            || matches!(record.t(), Stated::Invalid { .. })
            || record.parts().iter().any(|part| part.kind == PartKind::Word)
            || record.rua().iter().chain(record.ruf()).any(|uri| !uri.is_valid())
            || dmarc::Tag::KNOWN.iter().any(|&known| record.tags().filter(|(tag, _, _)| *tag == known).count() > 1)
    });
    let error = DmarcResult::from(theirs) == DmarcResult::Temperror;
    let inherited = ours.policy_record().is_some_and(|policy| policy.domain != ours.author);
    Some(match () {
        () if several => Reason::SeveralPolicies,
        () if unreadable => Reason::PolicySyntax,
        () if error || ours.result == DmarcResult::Temperror => Reason::Dns,
        () if ours.cause == dmarc::Cause::NoRecord => Reason::PolicySelection,
        () if inherited && ours.result == theirs.into() => Reason::Existence,
        () => Reason::Unknown,
    })
}
