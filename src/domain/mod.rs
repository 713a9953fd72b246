//! A domain as a whole: what its records mean together, and what receivers do with mail in its name.
//!
//! SPF ([`spf`](crate::spf)) says who may use the domain in MAIL FROM, DMARC ([`dmarc`](crate::dmarc)) what becomes of mail that
//! nothing vouches for. Neither protects anybody alone: [`check`] looks at both, and at the DNS below them.
//!
//! ```
//! use mailproof::dmarc::Policy;
//! use mailproof::dns::Snapshot;
//! use mailproof::domain::{self, Input, SpfState};
//! use mailproof::resolver::{Zone, drive_sync};
//!
//! let zone = Zone::parse(r#"
//!     example.com.        TXT "v=spf1 ip4:192.0.2.0/24 ~all"
//!     _dmarc.example.com. TXT "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com"
//! "#)?;
//! let input = Input::new("example.com");
//! let known = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| domain::check(dns, &input));
//!
//! let facts = known.facts.unwrap();
//! assert_eq!(facts.spf.state, SpfState::Usable);
//! assert_eq!(facts.policies.own.policy(), Some(Policy::Reject));
//! assert_eq!(facts.policies.subdomain.policy(), Some(Policy::Quarantine));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advise;
mod bimi;
mod bulk_senders;
mod cautions;
mod check;
mod dmarc_tags;
pub mod explain;
mod input;
mod mx;
mod panel;
mod policies;
mod proof;
mod registry;
pub(crate) mod rules;
mod spf_facts;

pub use advise::{Advised, Intent, Senders, ToPublish, Unproven, advise};
pub use bimi::bimi_facts;
pub use bulk_senders::{Met, Provider, Requirement, bulk_sender_requirements};
pub use cautions::Caution;
pub use check::{Assessment, Facts, Protection, check};
pub use input::{GUESSED_SELECTORS, Input, MAX_SELECTORS, NotADomain};
pub use mx::{MAX_MAIL_SERVERS, MailServer, Mx, mail_servers};
pub use panel::Panel;
pub use policies::{EffectivePolicy, Policies};
pub use spf_facts::{SpfFacts, SpfState};

pub use crate::dkim::{KeyState, Selector};
