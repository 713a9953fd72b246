//! What an address is for whoever writes with it.

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
