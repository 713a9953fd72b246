//! What whoever publishes advised records should know before: what they end, and what they rest on.

use std::fmt;

use super::{EffectivePolicy, Intent, Policies, Senders, ToPublish};
use crate::dmarc::Policy;
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
    /// What the DMARC record of today says, and the new one does not.
    LosesTags {
        /// Its tags.
        tags: Vec<String>,
    },
    /// The policy is enforced and no DKIM key is known: forwarded mail fails. `p=reject` must not rest on SPF alone (RFC 9989 §7.4).
    RestsOnSpf {
        /// The policy.
        policy: Policy,
    },
    /// The policy of today asks for more, by a record of the domain or of one above it.
    WeakerPolicy {
        /// The policy of today.
        today: Policy,
        /// The new one.
        then: Policy,
    },
    /// The policy of today asks for more of mail from names below the domain.
    WeakerBelow {
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
            Self::LosesTags { tags } => {
                write!(f, "`{}` of the DMARC record of today is not in the new one", tags.join("; "))
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
            Self::WeakerBelow { today, then } => {
                write!(f, "the policy of today for names below the domain is `{today}`, and `{then}` asks for less")
            }
        }
    }
}

pub(super) fn cautions(intent: &Intent, records: &[ToPublish], lost_tags: Vec<String>) -> Vec<Caution> {
    let mut out = Vec::new();
    let replaced =
        records.iter().filter(|record| record.value.starts_with("v=spf1")).flat_map(|record| &record.replaces);
    let lost: Vec<String> = replaced.flat_map(|old| senders_of(old)).filter(|term| !has_term(records, term)).collect();
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
    if !lost_tags.is_empty() {
        out.push(Caution::LosesTags { tags: lost_tags });
    }
    out
}

/// What receivers are asked for less than today. A domain without a record has that of one above it.
pub(super) fn weaker(today: &Policies, then: &Policies) -> Option<Caution> {
    let less = |today: &EffectivePolicy, then: &EffectivePolicy| {
        Some((today.policy()?, then.policy()?)).filter(|(today, then)| today > then)
    };
    if let Some((today, then)) = less(&today.own, &then.own) {
        return Some(Caution::WeakerPolicy { today, then });
    }
    let below = less(&today.subdomain, &then.subdomain).or_else(|| less(&today.nonexistent, &then.nonexistent));
    below.map(|(today, then)| Caution::WeakerBelow { today, then })
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
