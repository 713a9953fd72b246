//! What is known about a key beside the DNS.

use crate::dkim::{Algorithm, KeyData};
use crate::{Name, Timestamp};

/// What is known about a key beside what the DNS says. Nothing is told about what is not known.
///
/// ```
/// use mailproof::dkim::{Algorithm, LintOptions};
///
/// let options = LintOptions::default().signs_with(Algorithm::RsaSha256).other_key("s2._domainkey.d.example".parse()?);
/// assert_eq!(options.others.len(), 1);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LintOptions {
    /// The algorithms that signatures with this key name.
    pub algorithms: Vec<Algorithm>,
    /// Names of other keys, of this domain or others, to compare with; the first [`MAX_OTHERS`] are looked at.
    pub others: Vec<Name>,
    /// The public key that belongs to the private key that signs.
    pub signing_key: Option<KeyData>,
    /// The selector is a guess: that nothing stands there says nothing about the domain.
    pub guessed: bool,
    /// Since when the key is in use, as far as that is known.
    pub in_use_since: Option<Timestamp>,
    /// The present time.
    pub now: Option<Timestamp>,
}

/// Other keys that are looked at: each costs a DNS question. No domain signs with as many at once.
pub const MAX_OTHERS: usize = 50;

impl LintOptions {
    /// Signatures with this key name `algorithm`.
    #[must_use]
    pub fn signs_with(mut self, algorithm: Algorithm) -> Self {
        self.algorithms.push(algorithm);
        self
    }

    /// There is another key at `name`, such as `s2._domainkey.d.example`.
    #[must_use]
    pub fn other_key(mut self, name: Name) -> Self {
        self.others.push(name);
        self
    }

    /// Mail is signed with the private key that `key` belongs to; see [`KeyData::from_pem`].
    ///
    /// ```
    /// use mailproof::dkim::{Key, LintOptions, lint_key_at};
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse("s1._domainkey.d.example. TXT \"v=DKIM1; k=ed25519; \
    ///     p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"")?;
    /// // The mail server signs with another private key.
    /// let other = Key::parse(&"v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=".into()).data;
    /// let options = LintOptions::default().signing_key(other);
    /// let name = "s1._domainkey.d.example".parse()?;
    /// let step = |dns: &_| lint_key_at(dns, &name, &options);
    /// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), step);
    /// assert!(found.iter().any(|found| found.code == "dkim-key-mismatch-private"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signing_key(mut self, key: KeyData) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// The selector is a guess.
    ///
    /// ```
    /// use mailproof::dkim::{LintOptions, lint_key_at};
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
    ///
    /// let (zone, name) = (Zone::new(), "default._domainkey.d.example".parse()?);
    /// let found = |guessed| {
    ///     let options = LintOptions::default().guessed(guessed);
    ///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| lint_key_at(dns, &name, &options))
    /// };
    /// // No key there: a fault if mail is signed so, and no proof of anything if it was only tried.
    /// assert_eq!(found(false)[0].code, "dkim-key-missing");
    /// assert_eq!(found(true)[0].code, "dkim-selector-unknown");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn guessed(mut self, guessed: bool) -> Self {
        self.guessed = guessed;
        self
    }

    /// The key has been in use since `since`, and it is `now`.
    ///
    /// ```
    /// use mailproof::{Timestamp, dkim::{LintOptions, lint_key_at}};
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse("s1._domainkey.d.example. TXT \"v=DKIM1; k=ed25519; \
    ///     p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"")?;
    /// let (now, year) = (Timestamp(1_790_000_000), 31_557_600);
    /// let options = LintOptions::default().in_use(Timestamp(now.0 - 3 * year), now);
    /// let name = "s1._domainkey.d.example".parse()?;
    /// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| lint_key_at(dns, &name, &options));
    /// assert!(found.iter().any(|found| found.code == "dkim-key-old"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn in_use(mut self, since: Timestamp, now: Timestamp) -> Self {
        (self.in_use_since, self.now) = (Some(since), Some(now));
        self
    }
}
