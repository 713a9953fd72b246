//! What SPF and DKIM said about a message: the input of DMARC (RFC 9989 §4.3 and §4.4).

use std::fmt;
use std::str::FromStr;

use crate::Name;

/// The identifiers of a message, each with its result.
///
/// Only those that passed are Authenticated Identifiers (RFC 9989 §3.2.1). The others are told about:
/// "would align, but did not pass" is what people look for.
///
/// ```
/// use mailproof::dmarc::{Authenticated, MethodResult};
///
/// let ids = Authenticated::default()
///     .spf("bounce.esp.example".parse()?, MethodResult::Pass)
///     .dkim("example.com".parse()?, MethodResult::Pass);
/// assert_eq!(ids.identifiers.len(), 2);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Authenticated {
    /// At most one of SPF, one of DKIM for each signature, in the order of the message.
    pub identifiers: Vec<Identifier>,
}

/// A domain that SPF or DKIM looked at.
///
/// ```
/// use mailproof::dmarc::{Authenticated, MethodResult};
///
/// let ids = Authenticated::default()
///     .spf("bounce.esp.example".parse()?, MethodResult::Pass)
///     .dkim("example.com".parse()?, MethodResult::Fail);
/// let [spf, dkim] = &ids.identifiers[..] else { panic!() };
/// assert!(spf.is_spf() && spf.passed());
/// // Nobody vouches for this domain: the signature failed.
/// assert_eq!((dkim.to_string().as_str(), dkim.passed()), ("DKIM d=example.com", false));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Identifier {
    /// Which mechanism.
    pub method: Method,
    /// SPF: the domain of the MAIL FROM identity. DKIM: `d=`.
    pub domain: Name,
    /// What the mechanism said.
    pub result: MethodResult,
}

/// An authentication mechanism of DMARC (§4.3), and what it knows beside its result.
///
/// ```
/// use mailproof::dmarc::{Authenticated, Method, MethodResult};
///
/// // A bounce has a null reverse-path, `MAIL FROM:<>`, so SPF is about the HELO domain.
/// let ids = Authenticated::default().spf_of_null_path("mx.example.com".parse()?, MethodResult::Pass);
/// assert_eq!(ids.identifiers[0].method, Method::Spf { null_path: true });
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Method {
    /// SPF of the MAIL FROM identity. HELO counts only through a null reverse-path (RFC 7208 §2.4).
    Spf {
        /// Whether the reverse-path was null, so that the identity is `postmaster@` and the HELO domain.
        null_path: bool,
    },
    /// One DKIM signature.
    Dkim {
        /// Its `s=`.
        selector: Option<Name>,
        /// Why its pass is worth little.
        weakness: Option<Weakness>,
    },
}

/// Why a passing signature is worth little.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, LintOptions, MethodResult, Weakness};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "example.com".parse()?;
/// // The signature has `l=`: it is aligned and passes, but anybody can append to the body.
/// let (domain, selector, weakness) = ("example.com".parse()?, "s1".parse()?, Some(Weakness::PartialBody));
/// let ids = Authenticated::default().dkim_signature(domain, selector, MethodResult::Pass, weakness);
/// let mut dns = Snapshot::new();
/// let outcome = drive_sync(&mut dns, |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// let found = dmarc::lint_outcome(&outcome, &dns, &LintOptions::default());
/// assert!(found.iter().any(|found| found.code == "align-weak-dkim-only"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Weakness {
    /// `l=` leaves a part of the body unsigned (RFC 6376 §8.2).
    PartialBody,
    /// The key is in test mode (`t=y`).
    TestKey,
    /// The key is short.
    ShortKey,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Authenticated, Identifier, Method, MethodResult, Weakness};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads, reads_words};

    reads! { Authenticated { needs identifiers; takes } }
    reads! { Identifier { needs method, domain, result; takes } }
    reads_words!(MethodResult, Weakness);

    impl Read for Method {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant()? {
                ("spf", held) => {
                    fields!(held, { needs null_path; takes });
                    Ok(Self::Spf { null_path })
                }
                ("dkim", held) => {
                    fields!(held, { needs; takes selector, weakness });
                    Ok(Self::Dkim { selector, weakness })
                }
                (other, _) => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(Method);
}

macro_rules! results {
    ($($(#[$doc:meta])+ $variant:ident $text:literal;)+) => {
        /// The result of SPF or DKIM, in the words of RFC 8601 §2.7.
        ///
        /// ```
        /// use mailproof::dmarc::MethodResult;
        ///
        /// // From `Authentication-Results: mx.example.com; spf=softfail smtp.mailfrom=example.com`.
        /// let result: MethodResult = "softfail".parse()?;
        /// assert_ne!(result, MethodResult::Pass, "nothing for DMARC to align");
        /// assert_eq!(result.as_str(), "softfail");
        /// # Ok::<(), mailproof::dmarc::UnknownResult>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
        pub enum MethodResult {
            $($(#[$doc])+ $variant,)+
        }

        impl MethodResult {
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for MethodResult {
            type Err = UnknownResult;

            fn from_str(text: &str) -> Result<Self, UnknownResult> {
                $(if text.eq_ignore_ascii_case($text) { return Ok(Self::$variant); })+
                Err(UnknownResult(text.to_owned()))
            }
        }
    };
}

results! {
    /// Nothing was there to check.
    None "none";
    /// Nothing is said.
    Neutral "neutral";
    /// The identifier is authenticated.
    Pass "pass";
    /// It would pass, but the receiver's policy does not accept it.
    Policy "policy";
    /// It is not.
    Fail "fail";
    /// It probably is not.
    Softfail "softfail";
    /// A transient error.
    Temperror "temperror";
    /// A permanent error.
    Permerror "permerror";
}

/// The text is not a result of SPF or DKIM.
///
/// ```
/// use mailproof::dmarc::MethodResult;
///
/// assert_eq!("SoftFail".parse(), Ok(MethodResult::Softfail));
/// // Some mail systems write words of their own into Authentication-Results.
/// let unknown = "bestguesspass".parse::<MethodResult>().unwrap_err();
/// assert_eq!(unknown.to_string(), "`bestguesspass` is not a result of SPF or DKIM");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a result of SPF or DKIM")]
pub struct UnknownResult(String);

impl fmt::Display for MethodResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Authenticated {
    /// With the result of SPF for the domain of the reverse-path.
    #[must_use]
    pub fn spf(self, domain: Name, result: MethodResult) -> Self {
        self.with(Identifier { method: Method::Spf { null_path: false }, domain, result })
    }

    /// With the result of SPF for a null reverse-path: `helo` is the HELO domain.
    ///
    /// ```
    /// use mailproof::dmarc::{Authenticated, MethodResult, explain};
    ///
    /// let ids = Authenticated::default().spf_of_null_path("mx.example.com".parse()?, MethodResult::Pass);
    /// assert_eq!(explain::identifier(&ids.identifiers[0]), "HELO mx.example.com (the reverse-path is null)");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn spf_of_null_path(self, helo: Name, result: MethodResult) -> Self {
        self.with(Identifier { method: Method::Spf { null_path: true }, domain: helo, result })
    }

    /// With the result of a signature by `domain`.
    #[must_use]
    pub fn dkim(self, domain: Name, result: MethodResult) -> Self {
        self.with(Identifier { method: Method::Dkim { selector: None, weakness: None }, domain, result })
    }

    /// With the result of a signature by `domain` with a key at `selector`.
    ///
    /// ```
    /// use mailproof::dmarc::{Authenticated, Method, MethodResult, Weakness};
    ///
    /// let (domain, selector, weakness) = ("example.com".parse()?, "s1".parse()?, Some(Weakness::TestKey));
    /// let ids = Authenticated::default().dkim_signature(domain, selector, MethodResult::Pass, weakness);
    /// assert!(matches!(ids.identifiers[0].method, Method::Dkim { weakness: Some(Weakness::TestKey), .. }));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn dkim_signature(
        self,
        domain: Name,
        selector: Name,
        result: MethodResult,
        weakness: Option<Weakness>,
    ) -> Self {
        self.with(Identifier { method: Method::Dkim { selector: Some(selector), weakness }, domain, result })
    }

    fn with(mut self, identifier: Identifier) -> Self {
        self.identifiers.push(identifier);
        self
    }
}

impl Identifier {
    /// Whether SPF gave it.
    pub fn is_spf(&self) -> bool {
        matches!(self.method, Method::Spf { .. })
    }

    /// Whether it is an Authenticated Identifier (§3.2.1).
    pub fn passed(&self) -> bool {
        self.result == MethodResult::Pass
    }
}

/// `SPF example.com` or `DKIM d=example.com`.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            Method::Spf { .. } => write!(f, "SPF {}", self.domain),
            Method::Dkim { .. } => write!(f, "DKIM d={}", self.domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_identifiers_are_named() {
        let name = |text: &str| text.parse().unwrap();
        let ids = Authenticated::default().spf(name("d.example"), MethodResult::Pass);
        let ids = ids.dkim(name("e.example"), MethodResult::Fail);
        let named: Vec<String> = ids.identifiers.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["SPF d.example", "DKIM d=e.example"]);
        assert_eq!(ids.identifiers.iter().map(Identifier::passed).collect::<Vec<_>>(), [true, false]);
    }
}
