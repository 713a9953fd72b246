//! A term that needs the DNS: what it asks, what it is told, where it leads.

use super::{Counts, Found, Node, Voids};
use crate::Name;
use crate::dns::{Answer, Lookup, Mx, Question, RecordType, Records};
use crate::spf::{Mechanism, Qualifier};
use crate::text::Span;

/// A term that needs the DNS, and what it costs.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 a include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 mx mx:b.example -all"
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let include = &tree.root.branches[1];
/// assert_eq!(tree.root.record().unwrap().text(include.span), "include:_spf.esp.example");
/// // One for itself and two for what is below it, after the one of `a`.
/// assert_eq!((include.cost, include.before.lookups, include.after.lookups), (1, 1, 4));
/// assert_eq!(include.node.as_ref().unwrap().branches.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Branch {
    /// Its number among the record's terms.
    pub term: usize,
    /// Where it is written in the node's record.
    pub span: Span,
    /// What it is.
    pub kind: BranchKind,
    /// What a match means; pass for `redirect` and `exp`, which have none.
    pub qualifier: Qualifier,
    /// The name it asks about.
    pub target: Target,
    /// Whether a receiver can come to it: not after an `all`, not a `redirect` beside an `all`.
    pub live: bool,
    /// How many look-ups the term itself counts for: 1, with one more where `%{p}` is in it; `exp` is free.
    pub cost: usize,
    /// The counters when it is reached by a sender who matched nothing before.
    pub before: Counts,
    /// The counters after it and all below it.
    pub after: Counts,
    /// Questions and answers of the term itself. Look-ups that depend on the sender are not among them.
    pub asked: Vec<Asked>,
    /// Void look-ups of the term itself.
    pub voids: Voids,
    /// The record that an `include` or `redirect` leads to.
    pub node: Option<Box<Node>>,
}

/// The terms that need the DNS.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, tree::BranchKind}};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.0/24 mx ptr redirect=_spf.d.example""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let kinds: Vec<BranchKind> = tree.root.branches.iter().map(|branch| branch.kind).collect();
/// // `ip4` needs no DNS.
/// assert_eq!(kinds, [BranchKind::Mx, BranchKind::Ptr, BranchKind::Redirect]);
/// assert_eq!(kinds[2].as_str(), "redirect");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum BranchKind {
    /// `include` (§5.2)
    Include,
    /// `a` (§5.3)
    A,
    /// `mx` (§5.4)
    Mx,
    /// `ptr` (§5.5)
    Ptr,
    /// `exists` (§5.7)
    Exists,
    /// `redirect` (§6.1)
    Redirect,
    /// `exp` (§6.2), which costs nothing
    Explanation,
}

/// The name that a term asks about.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, tree::Target}};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 a:%{d} exists:%{i}._spf.%{d} -all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let targets: Vec<&Target> = tree.root.branches.iter().map(|branch| &branch.target).collect();
/// assert_eq!(targets, [&Target::Name(domain), &Target::Sender]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// This one, whoever sends.
    Name(Name),
    /// Another one for each sender: it has other macros than `%{d}`.
    Sender,
    /// A text that is no DNS name, such as one with an empty label; it has no records (§4.8).
    Unusable,
}

/// A question and its answer.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 mx -all"
/// d.example. MX 10 mail.d.example.
/// mail.d.example. A 192.0.2.25
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let asked: Vec<_> = tree.root.branches[0].asked.iter().map(|asked| asked.question.to_string()).collect();
/// // An IPv4 client costs the first two, an IPv6 client the first and the last.
/// assert_eq!(asked, ["d.example MX", "mail.d.example A", "mail.d.example AAAA"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

impl Branch {
    /// Whether it leads back to a record above it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 include:d.example -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.root.branches[0].is_cycle());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_cycle(&self) -> bool {
        self.node.as_ref().is_some_and(|node| matches!(node.found, Found::Cycle(_)))
    }

    /// The look-ups of the term with all below it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.branches[1].lookups(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lookups(&self) -> usize {
        if self.live { self.after.lookups - self.before.lookups } else { 0 }
    }

    /// The exchanges that an `mx` found.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.branches[0].exchanges().next().unwrap().exchange, "mail.d.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exchanges(&self) -> impl Iterator<Item = &Mx> {
        self.asked.iter().flat_map(|asked| match asked.answer.records() {
            Some(Records::Mx(exchanges)) => exchanges.as_slice(),
            _ => &[],
        })
    }

    /// The answer to the question for `record_type` about the target itself.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let mx = tree.root.branches[0].answer(mailproof::dns::RecordType::Mx);
    /// assert!(mx.unwrap().records().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(&self, record_type: RecordType) -> Option<&Answer> {
        let Target::Name(target) = &self.target else { return None };
        let asked = self.asked.iter().find(|a| a.question.record_type == record_type && a.question.name == *target);
        asked.map(|asked| &asked.answer)
    }
}

impl Asked {
    /// Whether it is a void look-up: no record, or no such name.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 a:gone.example -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.root.branches[0].asked[0].is_void());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_void(&self) -> bool {
        matches!(self.answer.lookup, Lookup::NoData | Lookup::NxDomain)
    }
}

impl BranchKind {
    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::A => "a",
            Self::Mx => "mx",
            Self::Ptr => "ptr",
            Self::Exists => "exists",
            Self::Redirect => "redirect",
            Self::Explanation => "exp",
        }
    }

    /// What a mechanism leads to; the others ask for nothing.
    pub(super) fn of(mechanism: &Mechanism) -> Option<Self> {
        match mechanism {
            Mechanism::Include(_) => Some(Self::Include),
            Mechanism::A { .. } => Some(Self::A),
            Mechanism::Mx { .. } => Some(Self::Mx),
            Mechanism::Ptr { .. } => Some(Self::Ptr),
            Mechanism::Exists(_) => Some(Self::Exists),
            Mechanism::All | Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => None,
        }
    }
}
