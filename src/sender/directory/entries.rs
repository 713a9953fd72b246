//! A directory as a file has it.

use std::collections::BTreeMap;

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
    /// The characters of which each separates a sub-address from the local-part, as in Postfix; empty where there are none.
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
