//! What rewriting and reversing answer.

/// What became of a sender that is forwarded.
///
/// ```
/// use mailproof::{Timestamp, srs::{Forwarded, Secret, Srs, Unchanged}};
///
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let forward = |sender| srs.forward(sender, &"fwd.example".parse().unwrap(), Timestamp(1_700_000_000));
/// let Forwarded::Rewritten { address, cautions } = forward("alice@example.com")? else { panic!() };
/// assert!(address.ends_with("=example.com=alice@fwd.example") && cautions.is_empty());
/// assert_eq!(forward("bob@fwd.example")?, Forwarded::Unchanged(Unchanged::OwnDomain));
/// # Ok::<(), mailproof::srs::ForwardError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Forwarded {
    /// It has a new address.
    Rewritten {
        /// The reverse-path to use.
        address: String,
        /// What may go wrong with it elsewhere.
        cautions: Vec<Caution>,
    },
    /// It stays as it is.
    Unchanged(Unchanged),
}

/// Why a sender stays as it is.
///
/// ```
/// use mailproof::{Timestamp, srs::{Forwarded, Secret, Srs, Unchanged}};
///
/// // A bounce of a bounce would go round in circles.
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let forwarded = srs.forward("<>", &"fwd.example".parse()?, Timestamp(1_700_000_000))?;
/// assert_eq!(forwarded, Forwarded::Unchanged(Unchanged::NullSender));
/// assert_eq!(Unchanged::NullSender.as_str(), "null_sender");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Unchanged {
    /// The null reverse-path: bounces are never rewritten (RFC 5321 §4.5.5).
    NullSender,
    /// The sender is at the forwarder's own domain.
    OwnDomain,
    /// The sender is at a local domain.
    LocalDomain,
}

/// What may go wrong elsewhere with a rewritten address.
///
/// ```
/// use mailproof::{Timestamp, srs::{Caution, Forwarded, Secret, Srs}};
///
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let sender = "bounce-4711-a-rather-long-name=customer.example@lists.example.com";
/// let forwarded = srs.forward(sender, &"fwd.example".parse()?, Timestamp(1_700_000_000))?;
/// let Forwarded::Rewritten { cautions, .. } = forwarded else { panic!() };
/// assert_eq!(cautions, [Caution::LocalPartOver64]);
/// assert_eq!(cautions[0].as_str(), "local_part_over_64");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Caution {
    /// More than 64 octets before the `@` (RFC 5321 §4.5.3.1.1): strict hosts refuse it.
    #[cfg_attr(feature = "serde", serde(rename = "local_part_over_64"))]
    LocalPartOver64,
    /// More than 254 octets in all (RFC 5321 §4.5.3.1.3): it fits in no path.
    #[cfg_attr(feature = "serde", serde(rename = "address_over_254"))]
    AddressOver254,
    /// Characters outside ASCII: the way of the bounce needs SMTPUTF8 (RFC 6531).
    Smtputf8,
    /// A quoted local-part: some hosts do not take them.
    Quoted,
}

impl Unchanged {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NullSender => "null_sender",
            Self::OwnDomain => "own_domain",
            Self::LocalDomain => "local_domain",
        }
    }
}

impl Caution {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LocalPartOver64 => "local_part_over_64",
            Self::AddressOver254 => "address_over_254",
            Self::Smtputf8 => "smtputf8",
            Self::Quoted => "quoted",
        }
    }
}

/// Why a sender cannot be rewritten.
///
/// ```
/// use mailproof::{Timestamp, srs::{ForwardError, Secret, Srs}};
///
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let error = srs.forward("alice", &"fwd.example".parse()?, Timestamp(1_700_000_000)).unwrap_err();
/// assert_eq!((error, error.to_string().as_str()), (ForwardError::NoAt, "the sender has no `@`"));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub enum ForwardError {
    /// It has no `@`.
    #[error("the sender has no `@`")]
    NoAt,
    /// It is no address that another one could carry.
    #[error("the sender is not a valid address")]
    InvalidSender,
    /// It starts as SRS1 and lacks a field.
    #[error("the sender is an SRS1 address without all of its fields")]
    Malformed,
    /// There is no key to sign with.
    #[error("there is no secret")]
    NoSecret,
}

impl ForwardError {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAt => "no_at",
            Self::InvalidSender => "invalid_sender",
            Self::Malformed => "malformed",
            Self::NoSecret => "no_secret",
        }
    }
}

/// The address to which a bounce goes on.
///
/// ```
/// use mailproof::{Timestamp, srs::{Secret, Srs}};
///
/// // A bounce comes to an address in lower case, made with the secret before the present one.
/// let srs = Srs::new([Secret::new(b"new").unwrap(), Secret::new(b"tops3cr3t").unwrap()]);
/// let reversed = srs.reverse("srs0=pgkz=g3=example.com=alice@fwd.example", Timestamp(1_700_000_000))?;
/// assert_eq!(reversed.address, "alice@example.com");
/// assert_eq!((reversed.case_changed, reversed.secret), (true, 1));
/// # Ok::<(), mailproof::srs::ReverseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reversed {
    /// The original sender, or for SRS1 the SRS0 address at the first forwarder.
    pub address: String,
    /// The hash matches only without regard to case: somebody changed the case, so that of the address may be lost too.
    pub case_changed: bool,
    /// Which secret matched, counted from 0: above 0 it is an older one.
    pub secret: usize,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Caution, ForwardError, Forwarded, ReverseError, Reversed, Unchanged};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads, reads_words};

    impl Read for Forwarded {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant()? {
                ("rewritten", held) => {
                    fields!(held, { needs address, cautions; takes });
                    Ok(Self::Rewritten { address, cautions })
                }
                ("unchanged", held) => Read::read(held).map(Self::Unchanged),
                (other, _) => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(Forwarded);
    reads! { Reversed { needs address, case_changed, secret; takes } }
    reads_words!(Caution, ForwardError, ReverseError, Unchanged);
}

/// Why an address is not reversed.
///
/// ```
/// use mailproof::{Timestamp, srs::{ReverseError, Secret, Srs}};
///
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let reverse = |address: &str, day: u64| srs.reverse(address, Timestamp(1_700_000_000 + day * 86_400)).unwrap_err();
/// // Somebody put another sender under the hash; and a bounce comes two months late.
/// assert_eq!(reverse("SRS0=PGkz=G3=victim.example=jane@fwd.example", 0), ReverseError::BadHash);
/// assert_eq!(reverse("SRS0=PGkz=G3=example.com=alice@fwd.example", 60), ReverseError::Expired);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReverseError {
    /// It has no `@`.
    #[error("the address has no `@`")]
    NoAt,
    /// It is not an SRS address.
    #[error("the address is not SRS")]
    NotSrs,
    /// It starts as SRS and lacks a field, or carries what is no address.
    #[error("the address starts as SRS and does not have all of its fields")]
    Malformed,
    /// Its hash has fewer characters than are asked for.
    #[error("the hash is too short")]
    HashTooShort,
    /// Its hash is not made by any of the secrets.
    #[error("the hash does not verify")]
    BadHash,
    /// Its stamp is not two base32 characters.
    #[error("the stamp is not a day")]
    BadTimestamp,
    /// Its stamp is older than the maximum age.
    #[error("the address has expired")]
    Expired,
    /// Its stamp is of one of the days to come, so a wrong clock made it, or checks it.
    #[error("the stamp of the address is in the future")]
    FromFuture,
    /// It holds a key to the data base of the postsrsd that wrote it, and no sender.
    #[error("the sender is in the data base of the forwarder")]
    Database,
    /// There is no key to verify with.
    #[error("there is no secret")]
    NoSecret,
}

impl ReverseError {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAt => "no_at",
            Self::NotSrs => "not_srs",
            Self::Malformed => "malformed",
            Self::HashTooShort => "hash_too_short",
            Self::BadHash => "bad_hash",
            Self::BadTimestamp => "bad_timestamp",
            Self::Expired => "expired",
            Self::FromFuture => "from_future",
            Self::Database => "database",
            Self::NoSecret => "no_secret",
        }
    }
}
