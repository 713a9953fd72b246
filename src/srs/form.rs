//! The forms of SRS addresses, and their fields.

use crate::text::Span;

/// What an address is, seen as SRS. All spans are places in the address.
///
/// ```
/// use mailproof::srs::{Address, Form};
///
/// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
/// let (user, host) = address.form().original().unwrap();
/// assert_eq!((address.slice(user), address.slice(host)), ("alice", "example.com"));
/// let form = address.form();
/// let fields = [form.tag(), form.separator(), form.hash()].map(|span| address.slice(span.unwrap()));
/// assert_eq!(fields, ["SRS0", "=", "PGkz"]);
/// assert_eq!(Address::parse("alice@example.com").form(), Form::Other);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case", tag = "form"))]
pub enum Form {
    /// Written by the first forwarder.
    Srs0(Srs0),
    /// Written by the second and each later forwarder.
    Srs1(Srs1),
    /// `SRS0` or `SRS1` with a separator, but not all fields.
    Malformed(Malformed),
    /// Not SRS.
    Other,
}

/// The fields of `SRS0=hash=stamp=host=user`.
///
/// ```
/// use mailproof::srs::{Address, Form};
///
/// let address = Address::parse("SRS0+PGkz=G3=example.com=list=owner@fwd.example");
/// let Form::Srs0(srs0) = address.form() else { panic!() };
/// assert_eq!((address.slice(srs0.separator), address.slice(srs0.stamp)), ("+", "G3"));
/// // Only the first four fields are parted.
/// assert_eq!(address.slice(srs0.user), "list=owner");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Srs0 {
    /// `SRS0`, in any case.
    pub tag: Span,
    /// `=`, `+` or `-`. Only this first separator varies.
    pub separator: Span,
    /// The first characters of the base64 HMAC-SHA1; may be empty.
    pub hash: Span,
    /// The day, in two base32 characters.
    pub stamp: Span,
    /// The domain of the original sender.
    pub host: Span,
    /// The local-part of the original sender, without quotes. It may hold `=`.
    pub user: Span,
}

/// The fields of `SRS1=hash=host=rest`.
///
/// ```
/// use mailproof::srs::{Address, Form};
///
/// let address = Address::parse("SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example");
/// let Form::Srs1(srs1) = address.form() else { panic!() };
/// // Where a bounce goes from second.example.
/// let back = format!("SRS0{}@{}", address.slice(srs1.rest), address.slice(srs1.host));
/// assert_eq!(back, "SRS0=PGkz=G3=example.com=alice@fwd.example");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Srs1 {
    /// `SRS1`, in any case.
    pub tag: Span,
    /// `=`, `+` or `-`.
    pub separator: Span,
    /// The first characters of the base64 HMAC-SHA1; may be empty.
    pub hash: Span,
    /// The first forwarder, to whom a bounce goes.
    pub host: Span,
    /// What followed `SRS0` there, its own separator included.
    pub rest: Span,
    /// `rest`, read as the fields of an SRS0 address; `None` if it is not one.
    pub inner: Option<Inner>,
}

/// The fields of the SRS0 address inside an SRS1 address.
///
/// ```
/// use mailproof::srs::{Address, Form};
///
/// let address = Address::parse("SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example");
/// let Form::Srs1(srs1) = address.form() else { panic!() };
/// let inner = srs1.inner.unwrap();
/// assert_eq!((address.slice(inner.user), address.slice(inner.host)), ("alice", "example.com"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Inner {
    /// Its own separator; the second `=` of `==`.
    pub separator: Span,
    /// The hash of the first forwarder.
    pub hash: Span,
    /// The day of the first rewriting.
    pub stamp: Span,
    /// The domain of the original sender.
    pub host: Span,
    /// The local-part of the original sender.
    pub user: Span,
}

/// An address that starts like SRS and does not go on so.
///
/// ```
/// use mailproof::srs::{Address, Field, Form};
///
/// // Something on the way cut the local-part off.
/// let address = Address::parse("SRS0=PGkz=G3=example.com@fwd.example");
/// let Form::Malformed(malformed) = address.form() else { panic!() };
/// assert_eq!((malformed.missing, malformed.at.start), (Field::User, 24));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Malformed {
    /// `SRS0` or `SRS1`, in any case.
    pub tag: Span,
    /// `=`, `+` or `-`.
    pub separator: Span,
    /// The first field that is missing or empty.
    pub missing: Field,
    /// Where it should stand.
    pub at: Span,
}

/// A field of an SRS address.
///
/// ```
/// use mailproof::srs::{Address, Field, Form};
///
/// let missing = |text: &str| match Address::parse(text).form() {
///     Form::Malformed(malformed) => Some(malformed.missing),
///     _ => None,
/// };
/// assert_eq!(missing("SRS0=PGkz@fwd.example"), Some(Field::Stamp));
/// assert_eq!(missing("SRS1=MAwv=fwd.example@second.example"), Some(Field::Rest));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Field {
    /// The hash.
    Hash,
    /// The day.
    Stamp,
    /// The domain: of the original sender in SRS0, of the first forwarder in SRS1.
    Host,
    /// The local-part of the original sender.
    User,
    /// What followed `SRS0` at the first forwarder.
    Rest,
}

impl Form {
    /// `SRS0` or `SRS1` as written.
    pub fn tag(self) -> Option<Span> {
        match self {
            Self::Srs0(Srs0 { tag, .. }) | Self::Srs1(Srs1 { tag, .. }) | Self::Malformed(Malformed { tag, .. }) => {
                Some(tag)
            }
            Self::Other => None,
        }
    }

    /// The separator after the tag.
    pub fn separator(self) -> Option<Span> {
        match self {
            Self::Srs0(Srs0 { separator, .. })
            | Self::Srs1(Srs1 { separator, .. })
            | Self::Malformed(Malformed { separator, .. }) => Some(separator),
            Self::Other => None,
        }
    }

    /// The hash of whoever wrote this address.
    pub fn hash(self) -> Option<Span> {
        match self {
            Self::Srs0(Srs0 { hash, .. }) | Self::Srs1(Srs1 { hash, .. }) => Some(hash),
            Self::Malformed(_) | Self::Other => None,
        }
    }

    /// The day of the first rewriting: of this address if it is SRS0, of the inner one if it is SRS1.
    ///
    /// ```
    /// use mailproof::{Timestamp, srs::{Address, Stamp}};
    ///
    /// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
    /// let stamp = Stamp::parse(address.slice(address.form().stamp().unwrap())).unwrap();
    /// assert_eq!(stamp.age_days(Timestamp(1_700_000_000 + 86_400)), 1);
    /// ```
    pub fn stamp(self) -> Option<Span> {
        match self {
            Self::Srs0(srs0) => Some(srs0.stamp),
            Self::Srs1(srs1) => srs1.inner.map(|inner| inner.stamp),
            Self::Malformed(_) | Self::Other => None,
        }
    }

    /// The original sender: local-part and domain.
    pub fn original(self) -> Option<(Span, Span)> {
        match self {
            Self::Srs0(srs0) => Some((srs0.user, srs0.host)),
            Self::Srs1(srs1) => srs1.inner.map(|inner| (inner.user, inner.host)),
            Self::Malformed(_) | Self::Other => None,
        }
    }
}
