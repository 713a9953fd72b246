//! Reversing: the way of a bounce.

use super::address::{self, Parts};
use super::form::{Form, Srs0, Srs1};
use super::part::{is_carriable, is_dot_atom, is_host};
use super::{Dialect, ReverseError, Reversed, Srs, Stamp, secret};
use crate::Timestamp;

impl Srs {
    /// Where a bounce to `address` goes on: the original sender, or for SRS1 the SRS0 address at the first forwarder.
    ///
    /// The domain of `address` is not looked at, because the hash does not cover it: see to it that it is yours. Nothing
    /// separates the fields under the hash either, so whoever has a valid address of `x@example.com` has one of
    /// `mx@example.co` too.
    ///
    /// # Errors
    /// In this order: not an address, not SRS, fields missing, hash too short, hash wrong, stamp unreadable, too old, in a data
    /// base that only the forwarder has.
    ///
    /// ```
    /// use mailproof::{Timestamp, srs::{Secret, Srs}};
    ///
    /// // A bounce to the second forwarder goes on to the first, and only there to the sender.
    /// let now = Timestamp(1_700_000_000);
    /// let second = Srs::new([Secret::new(b"k").unwrap()]);
    /// let first = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
    /// let forwarded = second.forward("SRS0=PGkz=G3=example.com=alice@fwd.example", &"second.example".parse()?, now)?;
    /// let mailproof::srs::Forwarded::Rewritten { address, .. } = forwarded else { panic!() };
    /// let at_first = second.reverse(&address, now)?.address;
    /// assert_eq!(at_first, "SRS0=PGkz=G3=example.com=alice@fwd.example");
    /// assert_eq!(first.reverse(&at_first, now)?.address, "alice@example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reverse(&self, address: &str, now: Timestamp) -> Result<Reversed, ReverseError> {
        let parts = address::scan(address);
        if parts.domain.is_none() {
            return Err(ReverseError::NoAt);
        }
        match parts.form {
            Form::Other => Err(ReverseError::NotSrs),
            Form::Malformed(_) => Err(ReverseError::Malformed),
            Form::Srs1(Srs1 { hash, host, rest, .. }) => {
                let found = self.verify(&address[hash], [&address[host], &address[rest], ""])?;
                found.original(&["SRS0", &address[rest]], &address[host], &parts)
            }
            Form::Srs0(Srs0 { hash, stamp, host, user, .. }) => {
                // The hash before the stamp: whoever forges an address learns nothing about the stamps we take.
                let found = self.verify(&address[hash], [&address[stamp], &address[host], &address[user]])?;
                let stamp = Stamp::parse(&address[stamp]).ok_or(ReverseError::BadTimestamp)?;
                let days = stamp.age_days(now);
                if days > self.settings.max_age_days {
                    let is_ahead = stamp.days_ahead(now).is_some();
                    return Err(if is_ahead { ReverseError::FromFuture } else { ReverseError::Expired });
                }
                if let Some(Dialect::PostsrsdDatabase { .. }) = Dialect::of(address, parts.local, parts.form) {
                    return Err(ReverseError::Database);
                }
                found.original(&[&address[user]], &address[host], &parts)
            }
        }
    }

    fn verify(&self, received: &str, fields: [&str; 3]) -> Result<Verified, ReverseError> {
        let least = self.settings.hash_min.unwrap_or(self.settings.hash_length);
        if received.len() < usize::from(least) {
            return Err(ReverseError::HashTooShort);
        }
        if self.secrets.is_empty() {
            return Err(ReverseError::NoSecret);
        }
        let mut found = None;
        for (index, secret) in self.secrets.iter().enumerate() {
            let hash = secret.hash(fields);
            if secret::matches(received.as_bytes(), &hash) && found.is_none() {
                let same = received.bytes().zip(hash).all(|(a, b)| !a.is_ascii_alphabetic() || a == b);
                found = Some(Verified { case_changed: !same, secret: index });
            }
        }
        found.ok_or(ReverseError::BadHash)
    }
}

struct Verified {
    case_changed: bool,
    secret: usize,
}

impl Verified {
    fn original(self, local: &[&str], host: &str, parts: &Parts) -> Result<Reversed, ReverseError> {
        // Other programs sign whatever they are given; a line end must not come out here.
        if !local.iter().all(|part| is_carriable(part, parts.quoted)) || !is_host(host) {
            return Err(ReverseError::Malformed);
        }
        let length: usize = local.iter().map(|part| part.len()).sum();
        let mut address = String::with_capacity(length + host.len() + 3);
        let start = usize::from(parts.quoted);
        if parts.quoted {
            address.push('"');
        }
        local.iter().for_each(|part| address.push_str(part));
        if is_dot_atom(&address[start..]) {
            address.drain(..start);
        } else {
            if !parts.quoted {
                address.insert(0, '"');
            }
            address.push('"');
        }
        address.push('@');
        address.push_str(host);
        Ok(Reversed { address, case_changed: self.case_changed, secret: self.secret })
    }
}
