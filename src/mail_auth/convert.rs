//! The results of mail-auth in our words.

use ::mail_auth as theirs;

use crate::Name;
use crate::arc::ArcResult;
use crate::dmarc::{Authenticated, DmarcResult, MethodResult, Policy};
use crate::spf::{Session, SpfResult};

impl From<theirs::SpfResult> for SpfResult {
    fn from(result: theirs::SpfResult) -> Self {
        match result {
            theirs::SpfResult::None => Self::None,
            theirs::SpfResult::Neutral => Self::Neutral,
            theirs::SpfResult::Pass => Self::Pass,
            theirs::SpfResult::Fail => Self::Fail,
            theirs::SpfResult::SoftFail => Self::Softfail,
            theirs::SpfResult::TempError => Self::Temperror,
            theirs::SpfResult::PermError => Self::Permerror,
        }
    }
}

impl From<SpfResult> for MethodResult {
    fn from(result: SpfResult) -> Self {
        match result {
            SpfResult::None => Self::None,
            SpfResult::Neutral => Self::Neutral,
            SpfResult::Pass => Self::Pass,
            SpfResult::Fail => Self::Fail,
            SpfResult::Softfail => Self::Softfail,
            SpfResult::Temperror => Self::Temperror,
            SpfResult::Permerror => Self::Permerror,
        }
    }
}

/// Why it is so is lost: mail-auth gives an error, we give causes and findings.
impl From<&theirs::DkimResult> for MethodResult {
    fn from(result: &theirs::DkimResult) -> Self {
        match result {
            theirs::DkimResult::Pass => Self::Pass,
            theirs::DkimResult::Neutral(_) => Self::Neutral,
            theirs::DkimResult::Fail(_) => Self::Fail,
            theirs::DkimResult::PermError(_) => Self::Permerror,
            theirs::DkimResult::TempError(_) => Self::Temperror,
            theirs::DkimResult::None => Self::None,
        }
    }
}

/// A chain passes, fails, or is not there (RFC 8617 §5.2); whatever else mail-auth says is a fail.
impl From<&theirs::ArcOutput<'_>> for ArcResult {
    fn from(output: &theirs::ArcOutput<'_>) -> Self {
        match output.result() {
            theirs::DkimResult::Pass => Self::Pass,
            theirs::DkimResult::None => Self::None,
            theirs::DkimResult::Neutral(_)
            | theirs::DkimResult::Fail(_)
            | theirs::DkimResult::PermError(_)
            | theirs::DkimResult::TempError(_) => Self::Fail,
        }
    }
}

impl From<&theirs::DmarcResult> for DmarcResult {
    fn from(result: &theirs::DmarcResult) -> Self {
        match result {
            theirs::DmarcResult::Pass => Self::Pass,
            theirs::DmarcResult::Fail(_) => Self::Fail,
            theirs::DmarcResult::TempError(_) => Self::Temperror,
            theirs::DmarcResult::PermError(_) => Self::Permerror,
            theirs::DmarcResult::None => Self::None,
        }
    }
}

/// SPF and DKIM of a message together: mail-auth gives a result for each.
impl From<&theirs::DmarcOutput> for DmarcResult {
    fn from(output: &theirs::DmarcOutput) -> Self {
        Self::from(&output.result())
    }
}

/// A policy that is not stated asks for nothing.
impl From<theirs::dmarc::Policy> for Policy {
    fn from(policy: theirs::dmarc::Policy) -> Self {
        match policy {
            theirs::dmarc::Policy::None | theirs::dmarc::Policy::Unspecified => Self::None,
            theirs::dmarc::Policy::Quarantine => Self::Quarantine,
            theirs::dmarc::Policy::Reject => Self::Reject,
        }
    }
}

/// The identifiers of a message with the results of mail-auth: the input of [`dmarc::evaluate`](crate::dmarc::evaluate).
///
/// Signatures without a readable domain are left out: nothing can be aligned with them.
///
/// ```
/// use mail_auth::{SpfOutput, SpfResult};
/// use mailproof::{dmarc::MethodResult, mail_auth::authenticated, spf::Session};
///
/// let session = Session::new("192.0.2.1".parse()?, "mx.d.example", "news@bounce.d.example");
/// let spf = SpfOutput::new("bounce.d.example".to_owned()).with_result(SpfResult::Pass);
/// let identifiers = authenticated(Some(&session), Some(&spf), &[]).identifiers;
/// assert_eq!((identifiers[0].domain.as_str(), identifiers[0].result), ("bounce.d.example", MethodResult::Pass));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn authenticated(
    session: Option<&Session>,
    spf: Option<&theirs::SpfOutput>,
    dkim: &[theirs::DkimOutput<'_>],
) -> Authenticated {
    let mut ids = Authenticated::default();
    if let Some(spf) = spf {
        let result = SpfResult::from(spf.result()).into();
        ids = with_spf(ids, session, Name::parse(spf.domain()).ok(), result);
    }
    for output in dkim {
        let domain = output.signature().and_then(|signature| Name::parse(&signature.d).ok());
        if let Some(domain) = domain {
            ids = ids.dkim(domain, output.result().into());
        }
    }
    ids
}

/// RFC 7208 §2.4: with a null reverse-path the identity is that of the HELO name.
pub(super) fn with_spf(
    ids: Authenticated,
    session: Option<&Session>,
    domain: Option<Name>,
    result: MethodResult,
) -> Authenticated {
    let null_path = session.is_some_and(|session| session.mail_from().is_empty());
    match domain {
        Some(domain) if null_path => ids.spf_of_null_path(domain, result),
        Some(domain) => ids.spf(domain, result),
        None => ids,
    }
}
