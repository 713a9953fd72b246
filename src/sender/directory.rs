//! Who may write as whom.

use std::collections::{BTreeMap, BTreeSet};

use super::key::{Key, folded, folded_domain};
use crate::order;

/// The addresses of a mail service and who may use them, as a file has it (feature `serde`).
///
/// Every field may be left out.
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use mailproof::sender::{Directory, Entries, Status};
///
/// let entries: Entries = serde_json::from_str(r#"{
///     "subaddress_delimiter": "+",
///     "logins": {"alice@d.example": "alice@d.example", "scanner01": "scanner@d.example"},
///     "aliases": {"info@d.example": ["alice@d.example"], "boss@d.example": ["carol@d.example"]},
///     "alias_domains": {"alias.example": "d.example"},
///     "synonym_domains": {"d-mail.example": "d.example"},
///     "wildcards": {"@catchall.example": ["alice@d.example"]},
///     "delegations": [{"address": "boss@d.example", "to": "alice@d.example", "right": "send_on_behalf"}],
///     "receive_only": ["abuse@d.example"],
///     "inactive": ["old@d.example"],
///     "any_sender": []
/// }"#).unwrap();
/// let directory = Directory::new(&entries)?;
/// let status = |address| directory.status(address, Some("alice@d.example"));
/// assert_eq!(status("Alice+news@alias.example"), Status::Subaddress);
/// assert_eq!(status("boss@d.example"), Status::SendOnBehalf);
/// assert_eq!(status("scanner@d.example"), Status::OtherUser);
/// # }
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Entries {
    /// What separates a sub-address from the local-part; empty where there are none.
    pub subaddress_delimiter: String,
    /// Each login and the address of its mailbox.
    pub logins: BTreeMap<String, String>,
    /// Each further address and the logins that may use it.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Domains whose every address stands for the same one at another domain. They have DNS records of their own, and need
    /// their own SPF, DKIM and DMARC.
    pub alias_domains: BTreeMap<String, String>,
    /// The same for domains that have no DNS of their own: nobody can answer mail from them.
    pub synonym_domains: BTreeMap<String, String>,
    /// `@domain` and the logins that may use all of its addresses that nobody else has.
    pub wildcards: BTreeMap<String, Vec<String>>,
    /// Rights that one login has to the address of another.
    pub delegations: Vec<Delegation>,
    /// Addresses that take mail and send none.
    pub receive_only: Vec<String>,
    /// Addresses that are switched off.
    pub inactive: Vec<String>,
    /// Logins that may use every address, such as relays.
    pub any_sender: Vec<String>,
}

/// A right to another one's address.
///
/// ```
/// use mailproof::sender::{Delegation, Directory, Entries, Right, Status};
///
/// let address = "boss@example.com".to_owned();
/// let entries = Entries {
///     logins: [("boss".to_owned(), address.clone()), ("alice".to_owned(), "alice@example.com".to_owned())].into(),
///     delegations: vec![Delegation { address, to: "alice".to_owned(), right: Right::SendOnBehalf }],
///     ..Entries::default()
/// };
/// let directory = Directory::new(&entries)?;
/// // With `Sender: alice@example.com` she may write `From: boss@example.com`.
/// assert_eq!(directory.status("boss@example.com", Some("alice")), Status::SendOnBehalf);
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Delegation {
    /// The address.
    pub address: String,
    /// The login that has the right.
    pub to: String,
    /// Which right.
    pub right: Right,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Delegation, Entries, Right};
    use crate::reading::{reads, reads_words};

    reads! {
        strict default Entries {
            needs;
            takes subaddress_delimiter, logins, aliases, alias_domains, synonym_domains, wildcards, delegations, receive_only,
                inactive, any_sender
        }
    }
    reads! { strict Delegation { needs address, to, right; takes } }
    reads_words!(Right);
}

/// Which right.
///
/// ```
/// use mailproof::sender::{Delegation, Directory, Entries, Fields, Right, Submission, check};
///
/// let found = |right| {
///     let address = "boss@example.com".to_owned();
///     let entries = Entries {
///         logins: [("boss".to_owned(), address.clone()), ("alice".to_owned(), "alice@example.com".to_owned())].into(),
///         delegations: vec![Delegation { address, to: "alice".to_owned(), right }],
///         ..Entries::default()
///     };
///     let fields = Fields { from: vec!["boss@example.com".into()], ..Fields::default() };
///     let submission = Submission { login: Some("alice"), fields: Some(fields), ..Submission::default() };
///     let outcome = check(&Directory::new(&entries).unwrap(), &submission, |name| name.suffix(2));
///     outcome.findings.iter().any(|found| found.code == "on-behalf-needs-sender")
/// };
/// // Only who sends on behalf has to show it in Sender.
/// assert!(found(Right::SendOnBehalf) && !found(Right::SendAs));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Right {
    /// Writes as if it were the owner.
    SendAs,
    /// Writes in the name of the owner, and names itself in Sender.
    SendOnBehalf,
}

impl Default for Entries {
    fn default() -> Self {
        Self {
            subaddress_delimiter: "+".to_owned(),
            logins: BTreeMap::new(),
            aliases: BTreeMap::new(),
            alias_domains: BTreeMap::new(),
            synonym_domains: BTreeMap::new(),
            wildcards: BTreeMap::new(),
            delegations: Vec::new(),
            receive_only: Vec::new(),
            inactive: Vec::new(),
            any_sender: Vec::new(),
        }
    }
}

/// What is no address in a directory.
///
/// ```
/// use mailproof::sender::{Directory, Entries};
///
/// let logins = [("alice".to_owned(), "alice".to_owned())];
/// let error = Directory::new(&Entries { logins: logins.into(), ..Entries::default() }).unwrap_err();
/// assert_eq!((error.list, error.entry.as_str()), ("logins", "alice"));
/// assert_eq!(error.to_string(), "`alice` in `logins` is not an address");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{entry}` in `{list}` is not {expected}")]
pub struct DirectoryError {
    /// The list.
    pub list: &'static str,
    /// What stands there.
    pub entry: String,
    /// What should stand there.
    pub expected: &'static str,
}

/// [`Entries`], ready to be asked.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Status};
///
/// let entries = Entries {
///     logins: [("alice".to_owned(), "alice@example.com".to_owned())].into(),
///     aliases: [("info@example.com".to_owned(), vec!["alice".to_owned()])].into(),
///     ..Entries::default()
/// };
/// let directory = Directory::new(&entries)?;
/// assert_eq!(directory.mailbox("alice"), Some("alice@example.com"));
/// assert!(directory.hosts("example.com") && !directory.hosts("example.net"));
/// assert_eq!(directory.domains().collect::<Vec<_>>(), ["example.com"]);
/// assert_eq!(directory.status("Info@example.com", Some("alice")), Status::Alias);
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Directory {
    delimiter: String,
    owned: BTreeMap<Key, Owned>,
    delegations: BTreeMap<(Key, String), Right>,
    alias_domains: BTreeMap<String, AliasDomain>,
    wildcards: BTreeMap<String, Vec<String>>,
    any_sender: BTreeSet<String>,
    domains: BTreeSet<String>,
    mailboxes: BTreeMap<String, String>,
}

/// What an address is.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Owned {
    Inactive,
    ReceiveOnly,
    Mailbox(String),
    Alias(Vec<String>),
}

#[derive(Clone, Debug)]
struct AliasDomain {
    target: String,
    has_dns: bool,
}

/// What an address is for a login.
///
/// ```
/// use mailproof::sender::{Directory, Entries, Status};
///
/// let logins = ["alice", "bob"].map(|login| (login.to_owned(), format!("{login}@example.com")));
/// let directory = Directory::new(&Entries { logins: logins.into(), ..Entries::default() })?;
/// let status = |address| directory.status(address, Some("alice"));
/// assert_eq!(status("alice+news@example.com"), Status::Subaddress);
/// assert_eq!(status("bob@example.com").as_str(), "other_user");
/// assert_eq!(status("nobody@example.com"), Status::UnknownLocal);
/// assert!(!status("alice@example.net").is_allowed(), "a domain that this service does not host");
/// # Ok::<(), mailproof::sender::DirectoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Status {
    /// Its mailbox.
    Own,
    /// One of its aliases.
    Alias,
    /// One of its addresses, at an alias or synonym domain.
    AliasDomain,
    /// A sub-address of one of its addresses.
    Subaddress,
    /// An address of a domain of which it has all.
    Wildcard,
    /// Another one's, which it may use as its own.
    SendAs,
    /// Another one's, in whose name it may write if it names itself in Sender.
    SendOnBehalf,
    /// Any address: the login may use all.
    AnySender,
    /// Another login's.
    OtherUser,
    /// Nobody's, at a domain of this service.
    UnknownLocal,
    /// At a domain that this service does not host.
    Foreign,
    /// It takes mail and sends none.
    ReceiveOnly,
    /// It is switched off.
    Inactive,
    /// Somebody's, and nobody is logged in.
    OwnedNotLoggedIn,
    /// Not an address.
    Invalid,
    /// The null reverse-path.
    Null,
}

impl Status {
    /// Whether the login may use the address.
    pub fn is_allowed(self) -> bool {
        match self {
            Self::Own
            | Self::Alias
            | Self::AliasDomain
            | Self::Subaddress
            | Self::Wildcard
            | Self::SendAs
            | Self::SendOnBehalf
            | Self::AnySender => true,
            Self::OtherUser
            | Self::UnknownLocal
            | Self::Foreign
            | Self::ReceiveOnly
            | Self::Inactive
            | Self::OwnedNotLoggedIn
            | Self::Invalid
            | Self::Null => false,
        }
    }

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Alias => "alias",
            Self::AliasDomain => "alias_domain",
            Self::Subaddress => "subaddress",
            Self::Wildcard => "wildcard",
            Self::SendAs => "send_as",
            Self::SendOnBehalf => "send_on_behalf",
            Self::AnySender => "any_sender",
            Self::OtherUser => "other_user",
            Self::UnknownLocal => "unknown_local",
            Self::Foreign => "foreign",
            Self::ReceiveOnly => "receive_only",
            Self::Inactive => "inactive",
            Self::OwnedNotLoggedIn => "owned_not_logged_in",
            Self::Invalid => "invalid",
            Self::Null => "null",
        }
    }
}

impl Directory {
    /// Reads the entries.
    ///
    /// # Errors
    /// The first entry that is not what its list is for.
    pub fn new(entries: &Entries) -> Result<Self, DirectoryError> {
        let mut owned = BTreeMap::new();
        let mut mailboxes = BTreeMap::new();
        // What comes later wins: switched off over receive-only over mailbox over alias.
        for (address, logins) in &entries.aliases {
            owned.insert(key("aliases", address)?, Owned::Alias(folded_all(logins)));
        }
        for (login, address) in &entries.logins {
            owned.insert(key("logins", address)?, Owned::Mailbox(folded(login)));
            mailboxes.insert(folded(login), address.clone());
        }
        let mut domains = order::set(owned.keys().map(|key| key.domain.clone()));
        for address in &entries.receive_only {
            owned.insert(key("receive_only", address)?, Owned::ReceiveOnly);
        }
        for address in &entries.inactive {
            owned.insert(key("inactive", address)?, Owned::Inactive);
        }
        let with_dns = entries.alias_domains.iter().map(|pair| (pair, true));
        let without = entries.synonym_domains.iter().map(|pair| (pair, false));
        let alias_domains = order::map(with_dns.chain(without).map(|((domain, target), has_dns)| {
            (folded_domain(domain), AliasDomain { target: folded_domain(target), has_dns })
        }));
        let mut wildcards = BTreeMap::new();
        for (entry, logins) in &entries.wildcards {
            let Some(domain) = entry.strip_prefix('@').filter(|domain| !domain.is_empty()) else {
                return Err(DirectoryError { list: "wildcards", entry: entry.clone(), expected: "`@` and a domain" });
            };
            wildcards.insert(folded_domain(domain), folded_all(logins));
        }
        let mut delegations = BTreeMap::new();
        for delegation in &entries.delegations {
            delegations.insert((key("delegations", &delegation.address)?, folded(&delegation.to)), delegation.right);
        }
        domains.extend(alias_domains.keys().chain(wildcards.keys()).cloned());
        Ok(Self {
            delimiter: entries.subaddress_delimiter.clone(),
            owned,
            delegations,
            alias_domains,
            wildcards,
            any_sender: order::set(folded_all(&entries.any_sender)),
            domains,
            mailboxes,
        })
    }

    /// What `address` is for `login`. The first entry decides, in this order: the address, without its sub-address, both
    /// at the target of an alias domain, the wildcard. So `bob+news` that is carol's is not bob's.
    pub fn status(&self, address: &str, login: Option<&str>) -> Status {
        if address.is_empty() || address == "<>" {
            return Status::Null;
        }
        match Key::new(address) {
            Some(key) => self.status_of(&key, login),
            None => Status::Invalid,
        }
    }

    /// The address of the login's mailbox.
    pub fn mailbox(&self, login: &str) -> Option<&str> {
        self.mailboxes.get(&folded(login)).map(String::as_str)
    }

    /// Whether this service hosts the domain.
    pub fn hosts(&self, domain: &str) -> bool {
        self.domains.contains(&folded_domain(domain))
    }

    /// The domains that this service hosts, in order.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().map(String::as_str)
    }

    /// The domain for which `domain` stands without a DNS of its own.
    ///
    /// ```
    /// use mailproof::sender::{Directory, Entries};
    ///
    /// let entries = Entries {
    ///     logins: [("alice".to_owned(), "alice@example.com".to_owned())].into(),
    ///     synonym_domains: [("example.net".to_owned(), "example.com".to_owned())].into(),
    ///     ..Entries::default()
    /// };
    /// assert_eq!(Directory::new(&entries)?.synonym_of("example.net"), Some("example.com"));
    /// # Ok::<(), mailproof::sender::DirectoryError>(())
    /// ```
    pub fn synonym_of(&self, domain: &str) -> Option<&str> {
        self.alias_domains.get(&folded_domain(domain)).filter(|alias| !alias.has_dns).map(|alias| alias.target.as_str())
    }

    pub(super) fn status_of(&self, key: &Key, login: Option<&str>) -> Status {
        let login = login.map(folded);
        let login = login.as_deref();
        let base = self.without_subaddress(key);
        let target = self.alias_domains.get(&key.domain).map(|alias| alias.target.as_str());
        let at_target = |key: &Key| target.map(|domain| Key { local: key.local.clone(), domain: domain.to_owned() });
        let candidates =
            [(at_target(key), Status::AliasDomain), (base.as_ref().and_then(at_target), Status::Subaddress)];
        let decided = self
            .decided(key, None, login)
            .or_else(|| self.decided(base.as_ref()?, Some(Status::Subaddress), login))
            .or_else(|| candidates.iter().find_map(|(key, how)| self.decided(key.as_ref()?, Some(*how), login)));
        if let Some(status) = decided {
            return status;
        }
        if let Some(logins) = self.wildcards.get(&key.domain) {
            return self.shared(logins, Status::Wildcard, login);
        }
        let any = login.is_some_and(|login| self.any_sender.contains(login));
        match (any, self.domains.contains(&key.domain)) {
            (true, _) => Status::AnySender,
            (false, true) => Status::UnknownLocal,
            (false, false) => Status::Foreign,
        }
    }

    fn without_subaddress(&self, key: &Key) -> Option<Key> {
        if self.delimiter.is_empty() {
            return None;
        }
        let (local, _) = key.local.split_once(&self.delimiter)?;
        (!local.is_empty()).then(|| Key { local: local.to_owned(), domain: key.domain.clone() })
    }

    /// What the entry of exactly this address says; `None` without one.
    fn decided(&self, key: &Key, how: Option<Status>, login: Option<&str>) -> Option<Status> {
        if let Some(login) = login
            && let Some(right) = self.delegations.get(&(key.clone(), login.to_owned()))
        {
            return Some(match right {
                Right::SendAs => Status::SendAs,
                Right::SendOnBehalf => Status::SendOnBehalf,
            });
        }
        Some(match self.owned.get(key)? {
            Owned::Inactive => Status::Inactive,
            Owned::ReceiveOnly => Status::ReceiveOnly,
            Owned::Mailbox(owner) => self.shared(std::slice::from_ref(owner), how.unwrap_or(Status::Own), login),
            Owned::Alias(owners) => self.shared(owners, how.unwrap_or(Status::Alias), login),
        })
    }

    fn shared(&self, owners: &[String], status: Status, login: Option<&str>) -> Status {
        match login {
            None => Status::OwnedNotLoggedIn,
            Some(login) if owners.iter().any(|owner| owner == login) => status,
            Some(login) if self.any_sender.contains(login) => Status::AnySender,
            Some(_) => Status::OtherUser,
        }
    }
}

fn folded_all(logins: &[String]) -> Vec<String> {
    logins.iter().map(|login| folded(login)).collect()
}

fn key(list: &'static str, address: &str) -> Result<Key, DirectoryError> {
    Key::new(address).ok_or_else(|| DirectoryError { list, entry: address.to_owned(), expected: "an address" })
}
