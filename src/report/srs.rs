//! The report on one SRS address: what it is, what forwarding made of it, or where a bounce to it goes.

use super::{Actor, Advice, Facts, Input, Report};
use crate::dns::Snapshot;
use crate::finding::{Diagnostic, Severity};
use crate::srs::{
    Address, Caution, DomainFacts, Form, ForwardError, Forwarded, Place, ReverseError, Reversed, Stamp, Surroundings,
    Unchanged, lint,
};
use crate::{Name, Timestamp};

/// An SRS address, and what was asked about it.
///
/// Secrets are no part of it: what they gave is. So a report can be shown around.
///
/// ```
/// use mailproof::report::{Input, SrsInput};
///
/// let input = Input::Srs(SrsInput::inspect("SRS0=PGkz=G3=example.com=alice@fwd.example"));
/// let report = input.check(&mailproof::dns::Snapshot::new()).done().unwrap();
/// assert_eq!(report.headline, "SRS0: fwd.example forwarded mail of alice@example.com with this address");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SrsInput {
    /// The address, without angle brackets; for a sender that is forwarded also the null one, which is empty.
    pub address: String,
    /// What was asked, with what the secrets gave.
    pub question: SrsQuestion,
    /// When; without it nothing is said about ages.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub now: Option<Timestamp>,
    /// The greatest age of a stamp that is accepted, in days; 21 if not given.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max_age_days: Option<u16>,
}

/// What was asked about an address, with what the secrets gave.
///
/// ```
/// use mailproof::{Timestamp, report::{SrsInput, SrsQuestion}, srs::{Secret, Srs}};
///
/// let srs = Srs::new([Secret::new(b"a secret of the forwarder").unwrap()]);
/// let input = SrsInput::forward(&srs, "alice@example.com", &"fwd.example".parse()?, Timestamp(1_800_000_000));
/// // What the secret gave stands in the question; the secret does not.
/// let SrsQuestion::Forward { forwarder, answer } = input.question else { panic!() };
/// assert_eq!(forwarder, "fwd.example");
/// assert!(answer.is_ok());
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SrsQuestion {
    /// What is it?
    Inspect,
    /// With which address is mail from it sent on?
    Forward {
        /// The domain that rewrites.
        forwarder: Name,
        /// What rewriting gave.
        answer: Result<Forwarded, ForwardError>,
    },
    /// Where does a bounce to it go?
    Reverse {
        /// What reversing gave.
        answer: Result<Reversed, ReverseError>,
    },
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{SrsInput, SrsQuestion};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads};

    reads! { SrsInput { needs address, question; takes now, max_age_days } }

    impl Read for SrsQuestion {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant()? {
                ("inspect", _) => Ok(Self::Inspect),
                ("forward", held) => {
                    fields!(held, { needs forwarder, answer; takes });
                    Ok(Self::Forward { forwarder, answer })
                }
                ("reverse", held) => {
                    fields!(held, { needs answer; takes });
                    Ok(Self::Reverse { answer })
                }
                (other, _) => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(SrsQuestion);
}

/// What is known of an SRS address.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Facts, Input, SrsInput}, srs::{Secret, Srs}};
///
/// let srs = Srs::new([Secret::new(b"a secret of the forwarder").unwrap()]);
/// let input = SrsInput::forward(&srs, "alice@example.com", &"fwd.example".parse()?, Timestamp(1_800_000_000));
/// let report = Input::Srs(input).check(&Snapshot::new()).done().unwrap();
/// let Some(Facts::Srs(facts)) = report.facts else { panic!() };
/// // The MAIL FROM to send on with.
/// let result = facts.result.unwrap();
/// assert!(result.starts_with("SRS0=") && result.ends_with("=example.com=alice@fwd.example"));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SrsFacts {
    /// `srs0`, `srs1`, `malformed` or `other`.
    pub form: &'static str,
    /// Another scheme, where the address has its shape.
    pub scheme: Option<&'static str>,
    /// The sender that is written in the address.
    pub original: Option<String>,
    /// How many days ago it was made, where that can be told.
    pub age_days: Option<u16>,
    /// The address to use: rewritten or reversed.
    pub result: Option<String>,
}

impl SrsInput {
    /// What is `address`?
    pub fn inspect(address: &str) -> Self {
        Self { address: address.to_owned(), question: SrsQuestion::Inspect, now: None, max_age_days: None }
    }

    /// With which address does `forwarder` send on mail from `sender`?
    #[cfg(feature = "crypto")]
    pub fn forward(srs: &crate::srs::Srs, sender: &str, forwarder: &Name, now: Timestamp) -> Self {
        let answer = srs.forward(sender, forwarder, now);
        Self {
            address: sender.to_owned(),
            question: SrsQuestion::Forward { forwarder: forwarder.clone(), answer },
            now: Some(now),
            max_age_days: Some(srs.settings().max_age_days),
        }
    }

    /// Where does a bounce to `address` go?
    ///
    /// ```
    /// use mailproof::{Timestamp, dns::Snapshot, report::{Input, SrsInput}, srs::{Secret, Srs}};
    ///
    /// let srs = Srs::new([Secret::new(b"a secret of the forwarder").unwrap()]);
    /// // Somebody invented the hash.
    /// let invented = "SRS0=AAAA=G3=example.com=alice@fwd.example";
    /// let report = Input::Srs(SrsInput::reverse(&srs, invented, Timestamp(1_800_000_000)));
    /// let report = report.check(&Snapshot::new()).done().unwrap();
    /// assert!(!report.passed, "the bounce goes nowhere");
    /// ```
    #[cfg(feature = "crypto")]
    pub fn reverse(srs: &crate::srs::Srs, address: &str, now: Timestamp) -> Self {
        Self {
            address: address.to_owned(),
            question: SrsQuestion::Reverse { answer: srs.reverse(address, now) },
            now: Some(now),
            max_age_days: Some(srs.settings().max_age_days),
        }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Report {
        let address = Address::parse(&self.address);
        let (headline, findings, result, well, advice) = match &self.question {
            SrsQuestion::Inspect => {
                let findings = self.lint(&address, Place::ReversePath, None, None);
                let well = findings.iter().all(|found| found.severity != Severity::Error);
                (inspected(&address, &findings), findings, None, well, None)
            }
            SrsQuestion::Forward { forwarder, answer } => {
                // With `always_rewrite` its own domain is like any other.
                let spared = Some(forwarder).filter(|_| !matches!(answer, Ok(Forwarded::Rewritten { .. })));
                let mut findings = self.lint(&address, Place::ToForward, spared, None);
                if let Ok(Forwarded::Rewritten { address, .. }) = answer {
                    let made = self.lint(&Address::parse(address), Place::ReversePath, Some(forwarder), None);
                    findings.extend(made.into_iter().filter(|found| found.severity != Severity::Note));
                }
                let (headline, result) = forwarded(&self.address, answer);
                (headline, findings, result, answer.is_ok(), forward_advice(answer))
            }
            SrsQuestion::Reverse { answer } => {
                let findings = self.lint(&address, Place::Recipient, None, Some(answer));
                let (headline, result) = reversed(&address, answer);
                (headline, findings, result, answer.is_ok(), reverse_advice(answer))
            }
        };
        let mut report = Report::new(Input::Srs(self.clone()), well, headline, dns.clone()).with_findings(findings);
        report.advice.extend(advice);
        report.facts = Some(Facts::Srs(self.facts(&address, result)));
        report
    }

    fn lint(
        &self,
        address: &Address,
        place: Place,
        forwarder: Option<&Name>,
        reversal: Option<&Result<Reversed, ReverseError>>,
    ) -> Vec<Diagnostic> {
        let (now, max_age_days) = (self.now, self.max_age_days);
        let domain = DomainFacts::default();
        lint(address, &Surroundings { place, now, max_age_days, forwarder, reversal, accepted: false, domain })
    }

    fn facts(&self, address: &Address, result: Option<String>) -> SrsFacts {
        let form = address.form();
        let stamp = form.stamp().and_then(|stamp| Stamp::parse(address.slice(stamp)));
        SrsFacts {
            form: match form {
                Form::Srs0(_) => "srs0",
                Form::Srs1(_) => "srs1",
                Form::Malformed(_) => "malformed",
                Form::Other => "other",
            },
            scheme: address.dialect().map(|dialect| dialect.name()),
            original: original(address),
            age_days: stamp.zip(self.now).map(|(stamp, now)| stamp.age_days(now)),
            result,
        }
    }
}

/// The sender that is written in the address.
fn original(address: &Address) -> Option<String> {
    let (user, host) = address.form().original()?;
    let quote = if address.is_quoted() { "\"" } else { "" };
    Some(format!("{quote}{}{quote}@{}", address.slice(user), address.slice(host)))
}

fn inspected(address: &Address, findings: &[Diagnostic]) -> String {
    let said = |code: &str| findings.iter().find(|found| found.code.as_str() == code).map(Diagnostic::message);
    let original = original(address).unwrap_or_else(|| "a sender that cannot be read".to_owned());
    let domain = address.domain().filter(|domain| !domain.is_empty()).unwrap_or("somebody");
    match (address.form(), address.dialect()) {
        (Form::Srs0(_), None) => format!("SRS0: {domain} forwarded mail of {original} with this address"),
        (Form::Srs0(_), Some(dialect)) => {
            format!("SRS0: {domain} forwarded mail with this address, in the way of {}", dialect.name())
        }
        (Form::Srs1(srs1), _) => format!(
            "SRS1: {domain} forwarded mail of {original} that {} had forwarded before",
            address.slice(srs1.host)
        ),
        (Form::Malformed(_), _) => {
            format!("error: {}", said("srs-malformed").unwrap_or_else(|| ReverseError::Malformed.to_string()))
        }
        (Form::Other, Some(dialect)) => {
            format!("{}: {}", dialect.name(), said("srs-batv-prvs").unwrap_or_else(|| "not SRS".to_owned()))
        }
        (Form::Other, None) if matches!(address.as_str(), "" | "<>") => {
            "not SRS: this is the null sender, with which bounces are sent".to_owned()
        }
        (Form::Other, None) => "not SRS, and in no other scheme that is known here".to_owned(),
    }
}

/// The answer, and the address to use.
fn forwarded(sender: &str, answer: &Result<Forwarded, ForwardError>) -> (String, Option<String>) {
    match answer {
        Ok(Forwarded::Rewritten { address, .. }) => {
            (format!("rewritten: send on mail of {sender} as {address}"), Some(address.clone()))
        }
        Ok(Forwarded::Unchanged(why)) => {
            let why = match why {
                Unchanged::NullSender => "the null sender of a bounce is never rewritten",
                Unchanged::OwnDomain => "the sender is at the domain that forwards, whose SPF record is its own",
                Unchanged::LocalDomain => "the sender is at a local domain",
            };
            (format!("unchanged: {why}"), Some(sender.to_owned()))
        }
        Err(error) => (format!("error: mail of {sender} cannot be sent on: {error}"), None),
    }
}

fn forward_advice(answer: &Result<Forwarded, ForwardError>) -> Option<Advice> {
    let Ok(Forwarded::Rewritten { cautions, .. }) = answer else { return None };
    let told = match cautions.first()? {
        Caution::LocalPartOver64 | Caution::AddressOver254 => {
            "rewrite with a short domain; hosts that keep to the limits of RFC 5321 refuse this address"
        }
        Caution::Smtputf8 => "the way back of a bounce needs SMTPUTF8 on every host",
        Caution::Quoted => "some hosts refuse quoted local-parts; nothing can be done about it here",
    };
    Some(Advice::new(Actor::Forwarder, told))
}

fn reversed(address: &Address, answer: &Result<Reversed, ReverseError>) -> (String, Option<String>) {
    match answer {
        Ok(found) => {
            let whose = match address.form() {
                Form::Srs1(_) => "the first forwarder, as",
                _ => "the original sender,",
            };
            (format!("reversed: a bounce goes to {whose} {}", found.address), Some(found.address.clone()))
        }
        Err(error) => (format!("refused: {error}"), None),
    }
}

fn reverse_advice(answer: &Result<Reversed, ReverseError>) -> Option<Advice> {
    let told = match answer {
        Ok(found) if found.secret > 0 => "an older secret made it: keep that secret until such addresses have expired",
        Ok(_) => return None,
        Err(ReverseError::BadHash) => {
            "refuse it, unless an older secret or another of your hosts made it: then add that secret"
        }
        Err(ReverseError::HashTooShort) => "refuse it: a short hash can be guessed",
        Err(ReverseError::FromFuture) => {
            "refuse it, and look at the clocks of the hosts that write and check such addresses"
        }
        Err(ReverseError::Expired | ReverseError::BadTimestamp) => "refuse it: bounces come within days",
        Err(ReverseError::Database) => "ask the postsrsd that wrote it: only its data base knows the sender",
        Err(ReverseError::Malformed) => "refuse it: no part of a valid address may be missing",
        Err(ReverseError::NotSrs | ReverseError::NoAt) => "deliver it like any other recipient, if there is such a one",
        Err(ReverseError::NoSecret) => "give the secret with which it was made",
    };
    Some(Advice::new(Actor::Forwarder, told))
}

#[cfg(test)]
mod tests {
    use super::SrsInput;
    use crate::dns::Snapshot;
    use crate::report::Input;

    #[test]
    fn a_headline_names_nobody_where_no_domain_stands() {
        for end in ["", "@"] {
            let input = SrsInput::inspect(&format!("SRS0=PGkz=G3=example.com=alice{end}"));
            let report = Input::Srs(input).check(&Snapshot::new()).done().unwrap();
            assert_eq!(report.headline, "SRS0: somebody forwarded mail of alice@example.com with this address");
        }
    }
}
