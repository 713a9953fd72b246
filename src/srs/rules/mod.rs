//! What is to be known about an SRS address.

mod check;
mod domain;
mod forwarding;
mod shape;

use super::{Address, ReverseError, Reversed};
use crate::finding::{Diagnostic, Findings, Label, Origin, Rule, Subject};
use crate::text::Span;
use crate::{Name, Timestamp};

/// Every rule about SRS.
pub(crate) static ALL: &[&[&Rule]] = &[shape::RULES, check::RULES, forwarding::RULES, domain::RULES];

/// What is known around an address. Nothing is claimed about what is not.
///
/// ```
/// use mailproof::{Timestamp, srs::{Address, Surroundings, lint}};
///
/// // A month later than the stamp.
/// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
/// let late = Surroundings { now: Some(Timestamp(1_702_600_000)), ..Surroundings::default() };
/// assert!(lint(&address, &late).iter().any(|found| found.code == "srs-timestamp-expired"));
/// // Without a time nothing is said about its age.
/// assert!(!lint(&address, &Surroundings::default()).iter().any(|found| found.code == "srs-timestamp-expired"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Where the address stands.
    pub place: Place,
    /// The present time, to tell the age of a stamp.
    pub now: Option<Timestamp>,
    /// The greatest age that is accepted, in days; 21 if not given.
    pub max_age_days: Option<u16>,
    /// The domain that rewrites.
    pub forwarder: Option<&'a Name>,
    /// What reversing the address with the secrets gave.
    pub reversal: Option<&'a Result<Reversed, ReverseError>>,
    /// A server has accepted the address as recipient.
    pub accepted: bool,
    /// What is known of the domain of the address.
    pub domain: DomainFacts,
}

/// Where an address stands.
///
/// ```
/// use mailproof::srs::{Address, Place, Surroundings, lint};
///
/// // In the envelope it belongs; in From it shows DMARC the forwarder's domain.
/// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
/// let told = |place| lint(&address, &Surroundings { place, ..Surroundings::default() });
/// assert!(told(Place::Field).iter().any(|found| found.code == "srs-header-from-rewritten"));
/// assert!(!told(Place::ReversePath).iter().any(|found| found.code == "srs-header-from-rewritten"));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// It is a MAIL FROM or Return-Path.
    #[default]
    ReversePath,
    /// It is the sender of a message that is to be forwarded.
    ToForward,
    /// It is a RCPT TO.
    Recipient,
    /// It is in a header field such as From.
    Field,
}

/// What the DNS says of the domain of an SRS address; `None` where it was not asked.
///
/// ```
/// use mailproof::srs::{Address, DomainFacts, Surroundings, lint};
///
/// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
/// let domain = DomainFacts { takes_mail: Some(false), spf_passes: None };
/// let found = lint(&address, &Surroundings { domain, ..Surroundings::default() });
/// let misconfigured = found.iter().find(|found| found.code == "srs-domain-misconfigured").unwrap();
/// assert_eq!(misconfigured.primary.quoted(), "fwd.example");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DomainFacts {
    /// It has an MX or an address, and no null MX.
    pub takes_mail: Option<bool>,
    /// SPF of the domain passes the host of the forwarder; `false` also if there is no record.
    pub spf_passes: Option<bool>,
}

/// All that is to be told about `address`.
///
/// ```
/// use mailproof::srs::{Address, Surroundings, lint};
///
/// let address = Address::parse("srs0=PGkz=G3=example.com=alice@fwd.example");
/// let codes: Vec<_> = lint(&address, &Surroundings::default()).iter().map(|found| found.code).collect();
/// assert_eq!(codes, ["srs-lowercased", "srs0-valid"]);
/// ```
pub fn lint(address: &Address, surroundings: &Surroundings<'_>) -> Vec<Diagnostic> {
    let cx = Context { address, subject: Subject::new(Origin::Given, address.source().clone()), known: surroundings };
    let mut out = Findings::default();
    shape::check(&cx, &mut out);
    check::check(&cx, &mut out);
    forwarding::check(&cx, &mut out);
    domain::check(&cx, &mut out);
    out.into_sorted()
}

/// What the checks look at.
struct Context<'a> {
    address: &'a Address,
    subject: Subject,
    known: &'a Surroundings<'a>,
}

impl Context<'_> {
    fn label(&self, span: Span) -> Label {
        Label::new(&self.subject, span)
    }

    fn whole(&self) -> Label {
        Label::whole(&self.subject)
    }

    /// Whether the secrets do not know the hash.
    fn is_forged(&self) -> bool {
        matches!(self.known.reversal, Some(Err(ReverseError::BadHash | ReverseError::HashTooShort)))
    }

    /// The original sender, quotes where they are needed.
    fn original(&self) -> Option<String> {
        let (user, host) = self.address.form().original()?;
        let quote = if self.address.is_quoted() { "\"" } else { "" };
        Some(format!("{quote}{}{quote}@{}", self.address.slice(user), self.address.slice(host)))
    }

    /// The domain, where one is written.
    fn domain(&self) -> Option<&str> {
        self.address.domain().filter(|domain| !domain.is_empty())
    }

    /// Who rewrote the address, as a sentence can name it.
    fn forwarder(&self) -> String {
        self.domain().map_or("an unnamed forwarder".to_owned(), |domain| format!("`{domain}`"))
    }

    /// A local-part at the domain of the address.
    fn at_domain(&self, local_part: &str) -> String {
        self.domain().map_or(local_part.to_owned(), |domain| format!("{local_part}@{domain}"))
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::*;
    use crate::finding::{Applicability, apply};
    use crate::srs::{Secret, Srs};

    /// A world out of the words of a page's block: `now=… secret=… place=… forwarder=… accepted mail=no spf=no`.
    pub(super) fn codes(text: &str, words: &str) -> Vec<Diagnostic> {
        let word = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let now = word("now").map(|now| Timestamp(now.parse().unwrap()));
        let forwarder = word("forwarder").map(|name| Name::parse(name).unwrap());
        let srs = word("secret").map(|key| Srs::new(Secret::new(key.as_bytes())));
        let reversal = srs.map(|srs| srs.reverse(text, now.unwrap_or_default()).map(|_| ()));
        let reversal =
            reversal.map(|result| result.map(|()| Reversed { address: String::new(), case_changed: false, secret: 0 }));
        let yes = |name| word(name).map(|word| word == "yes");
        let surroundings = Surroundings {
            place: match word("place") {
                Some("forward") => Place::ToForward,
                Some("recipient") => Place::Recipient,
                Some("field") => Place::Field,
                _ => Place::ReversePath,
            },
            now,
            max_age_days: None,
            forwarder: forwarder.as_ref(),
            reversal: reversal.as_ref(),
            accepted: words.split(' ').any(|word| word == "accepted"),
            domain: DomainFacts { takes_mail: yes("mail"), spf_passes: yes("spf") },
        };
        lint(&Address::parse(text), &surroundings)
    }

    #[test]
    fn pages_tell_the_truth() {
        for rule in ALL.iter().copied().flatten() {
            let mut seen = (0, 0);
            let mut lines = rule.page.lines().map(str::trim_start);
            while let Some(line) = lines.next() {
                let Some(words) = line.strip_prefix("```srs ") else { continue };
                let text = lines.next().unwrap().trim_end_matches("```");
                let found = codes(text, words);
                let has = found.iter().any(|found| found.code == rule.code);
                match words.split(' ').next() {
                    Some("bad") => {
                        seen.0 += 1;
                        assert!(has, "{}: {text:?} does not report it, but {found:#?}", rule.code);
                        let found = found.iter().find(|found| found.code == rule.code).unwrap();
                        assert!(!found.message().contains(['{', '\n']), "{}", found.message());
                        let was: Vec<_> = codes(text, words).iter().map(|found| found.code).collect();
                        for fix in
                            found.fixes.iter().filter(|fix| fix.applicability == Applicability::MachineApplicable)
                        {
                            let fixed = apply(text, fix.edits()).unwrap();
                            let is: Vec<_> = codes(&fixed, words).iter().map(|found| found.code).collect();
                            assert!(is.iter().all(|code| was.contains(code) && *code != rule.code), "{fixed}: {is:?}");
                        }
                    }
                    Some("good") => {
                        seen.1 += 1;
                        assert!(!has, "{}: {text:?} reports it", rule.code);
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert!(seen.0 > 0 && seen.1 > 0, "{} has no bad or no good block", rule.code);
        }
    }

    #[test]
    fn all_ids_of_the_group() {
        assert_eq!(ALL.iter().map(|rules| rules.len()).sum::<usize>(), 19);
    }

    #[test]
    fn any_text_has_spans_inside() {
        for text in ["", "<>", "SRS0=", "SRS1=a=b=c", "é", "\"SRS0=a=b=c=d", "SRS0=é=é=é=é@é", "SRS1=a=b==a=b=c=d@"]
        {
            for place in
                ["", "place=forward forwarder=é.example", "place=field", "place=recipient accepted now=5 secret=k"]
            {
                for found in codes(text, place) {
                    assert!(text.get(found.primary.span.range()).is_some(), "{text} {found:?}");
                }
            }
        }
    }
}
