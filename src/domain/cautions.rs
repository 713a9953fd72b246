//! What whoever publishes advised records should know before: what they end, and what they rest on.

use std::fmt;

use super::{Intent, Senders, ToPublish};
use crate::dmarc::{self, Policy};
use crate::dns::RecordType;
use crate::spf::{Mechanism, Qualifier, Record, TermKind};

/// What to know before advised records are published.
///
/// ```
/// use mailproof::dns::Snapshot;
/// use mailproof::domain::{self, Caution, Intent};
/// use mailproof::resolver::{Zone, drive_sync};
///
/// let zone = Zone::parse("example.com. MX 10 mail.example.com.")?;
/// let intent = Intent::nobody("example.com".parse()?);
/// let mut dns = Snapshot::new();
/// let advised = drive_sync(&mut dns, |question| zone.answer(question), |dns| domain::advise(dns, &intent))?;
/// assert!(matches!(advised.cautions[..], [Caution::EndsMail { .. }]));
/// assert_eq!(
///     advised.cautions[0].to_string(),
///     "mail is received or sent today (`10 mail.example.com.`), and none will be then"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Caution {
    /// Mail is received or sent today, and none will be then.
    EndsMail {
        /// The records that show it.
        today: Vec<String>,
    },
    /// What the record of today authorises, and the new one does not name.
    LosesSenders {
        /// Its terms.
        terms: Vec<String>,
    },
    /// The policy is enforced and no DKIM key is known: forwarded mail fails. `p=reject` must not rest on SPF alone (RFC 9989 §7.4).
    RestsOnSpf {
        /// The policy.
        policy: Policy,
    },
    /// The policy of today asks for more.
    WeakerPolicy {
        /// The policy of today.
        today: Policy,
        /// The new one.
        then: Policy,
    },
}

/// One sentence without a full stop.
impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsMail { today } => {
                write!(f, "mail is received or sent today (`{}`), and none will be then", today.join("`, `"))
            }
            Self::LosesSenders { terms } => {
                write!(
                    f,
                    "`{}` of the SPF record of today is not in the new one: what it authorises will not pass SPF",
                    terms.join("`, `")
                )
            }
            Self::RestsOnSpf { policy } => {
                write!(
                    f,
                    "`p={policy}` rests on SPF alone as far as is known here, and forwarded mail fails SPF: sign with DKIM first"
                )
            }
            Self::WeakerPolicy { today, then } => {
                write!(f, "the policy of today is `{today}`, and `{then}` asks for less")
            }
        }
    }
}

pub(super) fn cautions(intent: &Intent, records: &[ToPublish]) -> Vec<Caution> {
    let mut out = Vec::new();
    let replaced = |start: &'static str| {
        let texts = records.iter().filter(move |record| record.value.starts_with(start));
        texts.flat_map(|record| &record.replaces)
    };
    let lost: Vec<String> =
        replaced("v=spf1").flat_map(|old| senders_of(old)).filter(|term| !has_term(records, term)).collect();
    match intent.senders {
        Senders::Nobody => {
            let exchanges = records.iter().filter(|record| record.record_type == RecordType::Mx);
            let exchanges = exchanges.flat_map(|record| &record.replaces).filter(|old| *old != "0 .");
            let today: Vec<String> = exchanges.cloned().chain(lost).collect();
            if !today.is_empty() {
                out.push(Caution::EndsMail { today });
            }
        }
        Senders::These { .. } => {
            if !lost.is_empty() {
                out.push(Caution::LosesSenders { terms: lost });
            }
            if intent.policy != Policy::None && intent.keys.is_empty() {
                out.push(Caution::RestsOnSpf { policy: intent.policy });
            }
        }
    }
    let policies = replaced("v=DMARC1").filter_map(|old| dmarc::Record::parse(old.as_str()).p().value());
    if let Some(today) = policies.max().filter(|today| *today > intent.policy) {
        out.push(Caution::WeakerPolicy { today, then: intent.policy });
    }
    out
}

/// The terms of an SPF record that authorise somebody.
fn senders_of(text: &str) -> Vec<String> {
    let record = Record::parse(text);
    let authorises = |kind: &TermKind| match kind {
        TermKind::Directive(directive) => {
            directive.qualifier == Qualifier::Pass && directive.mechanism != Mechanism::All
        }
        TermKind::Redirect(_) => true,
        TermKind::Explanation(_) | TermKind::UnknownModifier(_) | TermKind::Unknown(_) => false,
    };
    record
        .terms()
        .iter()
        .filter(|term| authorises(&term.kind))
        .map(|term| text[term.span].trim_start_matches('+').to_owned())
        .collect()
}

fn has_term(records: &[ToPublish], term: &str) -> bool {
    let new = records.iter().filter(|record| record.value.starts_with("v=spf1"));
    new.flat_map(|record| record.value.split(' ')).any(|other| other.eq_ignore_ascii_case(term))
}
