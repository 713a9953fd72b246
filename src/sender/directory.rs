//! Who may write as whom.

mod entries;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use super::key::{Key, folded, folded_domain};
use crate::order;
pub use entries::{Delegation, Entries, Right};
pub use status::Status;

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
    /// What stands for all logins: switched off over receive-only.
    closed: BTreeMap<Key, Status>,
    owned: BTreeMap<Key, Owners>,
    delegations: BTreeMap<(Key, String), Right>,
    alias_domains: BTreeMap<String, AliasDomain>,
    wildcards: BTreeMap<String, Vec<String>>,
    any_sender: BTreeSet<String>,
    domains: BTreeSet<String>,
    mailboxes: BTreeMap<String, String>,
}

/// The logins that an address belongs to.
#[derive(Clone, Debug, Default)]
struct Owners {
    mailbox: Vec<String>,
    alias: Vec<String>,
}

#[derive(Clone, Debug)]
struct AliasDomain {
    target: String,
    has_dns: bool,
}

impl Directory {
    /// Reads the entries.
    ///
    /// # Errors
    /// The first entry that is not what its list is for.
    pub fn new(entries: &Entries) -> Result<Self, DirectoryError> {
        let mut owned: BTreeMap<Key, Owners> = BTreeMap::new();
        let mut mailboxes = BTreeMap::new();
        for (address, logins) in &entries.aliases {
            owned.entry(key("aliases", address)?).or_default().alias.extend(folded_all(logins));
        }
        for (login, address) in &entries.logins {
            owned.entry(key("logins", address)?).or_default().mailbox.push(folded(login));
            mailboxes.insert(folded(login), address.clone());
        }
        let mut domains = order::set(owned.keys().map(|key| key.domain.clone()));
        let mut closed = BTreeMap::new();
        for address in &entries.receive_only {
            closed.insert(key("receive_only", address)?, Status::ReceiveOnly);
        }
        for address in &entries.inactive {
            closed.insert(key("inactive", address)?, Status::Inactive);
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
            let pair = (key("delegations", &delegation.address)?, folded(&delegation.to));
            let right = delegations.entry(pair).or_insert(delegation.right);
            // Of two rights the stronger one counts.
            if delegation.right == Right::SendAs {
                *right = Right::SendAs;
            }
        }
        domains.extend(alias_domains.keys().chain(wildcards.keys()).cloned());
        Ok(Self {
            delimiter: entries.subaddress_delimiter.clone(),
            closed,
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
        if let Some(logins) = self.wildcards.get(&key.domain).or_else(|| self.wildcards.get(target?)) {
            let has_all = login.is_some_and(|login| logins.iter().any(|owner| owner == login));
            return if has_all { Status::Wildcard } else { self.of_others(login) };
        }
        let any = login.is_some_and(|login| self.any_sender.contains(login));
        match (any, self.domains.contains(&key.domain)) {
            (true, _) => Status::AnySender,
            (false, true) => Status::UnknownLocal,
            (false, false) => Status::Foreign,
        }
    }

    fn without_subaddress(&self, key: &Key) -> Option<Key> {
        let (local, _) = key.local.split_once(|c| self.delimiter.contains(c))?;
        (!local.is_empty()).then(|| Key { local: local.to_owned(), domain: key.domain.clone() })
    }

    /// What the entry of exactly this address says; `None` without one.
    fn decided(&self, key: &Key, how: Option<Status>, login: Option<&str>) -> Option<Status> {
        let owners = self.owned.get(key);
        let closed = self.closed.get(key).copied();
        let is_in = |owners: &[String]| login.is_some_and(|login| owners.iter().any(|owner| owner == login));
        // Its own address needs no right that another one gives.
        let own = match owners {
            Some(owners) if is_in(&owners.mailbox) => Some(how.unwrap_or(Status::Own)),
            Some(owners) if is_in(&owners.alias) => Some(how.unwrap_or(Status::Alias)),
            _ => None,
        };
        if let (Some(own), None) = (own, closed) {
            return Some(own);
        }
        if let Some(login) = login
            && let Some(right) = self.delegations.get(&(key.clone(), login.to_owned()))
        {
            return Some(match right {
                Right::SendAs => Status::SendAs,
                Right::SendOnBehalf => Status::SendOnBehalf,
            });
        }
        closed.or_else(|| owners.map(|_| self.of_others(login)))
    }

    /// What an address of others is.
    fn of_others(&self, login: Option<&str>) -> Status {
        match login {
            None => Status::OwnedNotLoggedIn,
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

#[cfg(test)]
mod tests;
