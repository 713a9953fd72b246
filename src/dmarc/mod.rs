//! DMARC (RFC 9989): the record, the tree walk, alignment, the result, reports, and what receivers of RFC 7489 do.
//!
//! | to know | call |
//! |---|---|
//! | what a record says | [`Record::parse`], [`Record::request`] |
//! | what is wrong with it, and how to mend it | [`lint`], [`mended`] |
//! | which record applies to a domain, to a name below it | [`discover`], [`discover_below`] |
//! | what there is to say about a domain and its DNS | [`lint_domain`] |
//! | the Organizational Domain | [`org_domain`] |
//! | the Author Domain of a message | [`Author::of`] |
//! | the result for a message | [`evaluate`], in words [`explain`], as findings [`lint_outcome`] |
//! | what older receivers make of it | [`compare`] |
//! | what another record would change | [`simulate()`] |
//! | whether reports may go to a host | [`permission`] |
//!
//! What SPF and DKIM said comes in as values, [`Authenticated`].

mod alignment;
mod author;
mod discovery;
mod evaluate;
pub mod explain;
mod identifiers;
mod org_domain;
mod receivers;
mod record;
mod reporting;
pub(crate) mod rules;
mod simulate;
mod suffixes;
mod tag;
mod tag_set;
mod tree_walk;
mod uri;
mod validity;
mod value;

pub use alignment::{Alignment, Relation};
pub(crate) use author::listed;
pub use author::{Author, MAX_AUTHORS, evaluate_each, strictest};
pub use discovery::{Applied, Discovery, Existence, Place, PolicyRecord, PolicyTag, discover, discover_below, exists};
pub use evaluate::{Cause, DmarcResult, MAX_IDENTIFIERS, Outcome, evaluate, verdict};
pub use identifiers::{Authenticated, Identifier, Method, MethodResult, UnknownResult, Weakness};
pub use org_domain::{ChosenBy, LookupFailure, OrgDomain, org_domain};
pub use receivers::{Generation, Verdict, compare, evaluate_by_list};
pub use record::{MAX_PARTS, Policies, Record, Request, Version};
pub use reporting::{Permission, ReportKind, permission, permission_by_list, permission_name};
pub(crate) use rules::keeps;
pub use rules::{Leg, LintOptions, lint, lint_at, lint_author, lint_domain, lint_outcome, lint_spelling, mended};
pub use simulate::{Simulation, simulate};
pub use suffixes::{PublicSuffixes, Section};
pub use tag::{Part, PartKind, Tag};
pub use tree_walk::{Found, MAX_VISITS, Visit, Walk, walk};
pub use uri::{MAX_URIS, Target, Uri, UriProblem};
pub use value::{FailureOption, FailureOptions, FailureOptionsError, Mode, Policy, Psd, Stated, Testing};
