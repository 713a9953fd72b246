//! Rewriting senders.

use super::address;
use super::form::{Form, Malformed, Srs0, Srs1};
use super::part::{is_carriable, is_dot_atom, is_host};
use super::secret::{MAX_HASH, Secret};
use super::{Alphabet, Caution, ForwardError, Forwarded, Separator, Settings, Stamp, Unchanged};
use crate::{Name, Timestamp};

/// A rewriter: secrets and how addresses are written.
///
/// The first secret signs, all verify. Drop an old one when the maximum age and the longest stay in a queue have passed
/// since it last signed; SRS1 addresses have no stamp, so bounces over several forwarders may want it longer.
///
/// ```
/// use mailproof::Timestamp;
/// use mailproof::srs::{Forwarded, Secret, Srs};
///
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
/// let now = Timestamp(1_700_000_000);
/// let Forwarded::Rewritten { address, .. } = srs.forward("alice@example.com", &"fwd.example".parse()?, now)? else { panic!() };
/// assert_eq!(address, "SRS0=PGkz=G3=example.com=alice@fwd.example");
/// assert_eq!(srs.reverse(&address, now)?.address, "alice@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Srs {
    pub(super) secrets: Vec<Secret>,
    pub(super) settings: Settings,
}

/// Octets of a local-part (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_PART: usize = 64;
/// Octets of an address: a path of 256 without its angle brackets (RFC 5321 §4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

impl Srs {
    /// Signs with the first secret and verifies with all. Without any, nothing is rewritten or reversed.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { secrets: secrets.into_iter().collect(), settings: Settings::default() }
    }

    /// With other settings. Lengths of the hash outside 1 to 27 are brought inside.
    ///
    /// ```
    /// use mailproof::srs::{Secret, Separator, Settings, Srs};
    ///
    /// let mut settings = Settings::default();
    /// (settings.separator, settings.hash_length) = (Separator::Plus, 100);
    /// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]).with(settings);
    /// assert_eq!((srs.settings().separator, srs.settings().hash_length), (Separator::Plus, 27));
    /// ```
    #[must_use]
    pub fn with(mut self, mut settings: Settings) -> Self {
        let longest = MAX_HASH as u8;
        settings.hash_length = settings.hash_length.clamp(1, longest);
        settings.hash_min = settings.hash_min.map(|least| least.clamp(1, settings.hash_length));
        self.settings = settings;
        self
    }

    /// How addresses are written.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The reverse-path with which `forwarder` sends on a message from `sender`.
    ///
    /// `sender` is an addr-spec without angle brackets, or nothing or `<>` for the null reverse-path. Domains compare as
    /// written, without regard to case: U-labels are not turned into A-labels.
    ///
    /// # Errors
    /// When `sender` is no address that can be carried inside another, or there is no secret.
    pub fn forward(&self, sender: &str, forwarder: &Name, now: Timestamp) -> Result<Forwarded, ForwardError> {
        if sender.is_empty() || sender == "<>" {
            return Ok(Forwarded::Unchanged(Unchanged::NullSender));
        }
        let parts = address::scan(sender);
        let Some(domain) = parts.domain else { return Err(ForwardError::NoAt) };
        let (local, domain) = (&sender[parts.local], &sender[domain]);
        if !is_carriable(local, parts.quoted) || !is_host(domain) {
            return Err(ForwardError::InvalidSender);
        }
        if self.settings.local_domains.iter().any(|known| known.holds(domain)) {
            return Ok(Forwarded::Unchanged(Unchanged::LocalDomain));
        }
        if !self.settings.always_rewrite && domain.eq_ignore_ascii_case(forwarder.as_str()) {
            return Ok(Forwarded::Unchanged(Unchanged::OwnDomain));
        }
        let Some(secret) = self.secrets.first() else { return Err(ForwardError::NoSecret) };
        let writer = Writer { settings: &self.settings, quoted: parts.quoted, forwarder };
        match parts.form {
            Form::Srs1(Srs1 { hash, host, rest, .. }) if !hash.is_empty() && is_host(&sender[host]) => {
                let (host, rest) = (&sender[host], &sender[rest]);
                Ok(writer.address(b'1', &secret.hash([host, rest, ""]), [host, rest, ""]))
            }
            Form::Srs1(_) => Err(ForwardError::Malformed),
            Form::Malformed(broken) if sender[broken.tag].ends_with('1') => Err(ForwardError::Malformed),
            // An SRS0 address that lacks fields is the first forwarder's to judge.
            Form::Srs0(Srs0 { tag, .. }) | Form::Malformed(Malformed { tag, .. }) => {
                let rest = &sender[tag.end as usize..parts.local.end as usize];
                Ok(writer.address(b'1', &secret.hash([domain, rest, ""]), [domain, rest, ""]))
            }
            Form::Other => {
                let stamp = Stamp::new(now).to_bytes();
                // The alphabet of stamps is ASCII.
                let stamp = std::str::from_utf8(&stamp).unwrap_or_default();
                Ok(writer.address(b'0', &secret.hash([stamp, domain, local]), [stamp, domain, local]))
            }
        }
    }
}

struct Writer<'a> {
    settings: &'a Settings,
    quoted: bool,
    forwarder: &'a Name,
}

impl Writer<'_> {
    /// `SRSn`, separator, hash, and the fields (the last may be missing) at the forwarder.
    fn address(&self, digit: u8, hash: &[u8; MAX_HASH], fields: [&str; 3]) -> Forwarded {
        let hash = &hash[..usize::from(self.settings.hash_length)];
        let forwarder = self.forwarder.as_str();
        let lengths: usize = fields.iter().map(|field| field.len() + 1).sum();
        let mut out = String::with_capacity(5 + hash.len() + lengths + forwarder.len() + 3);
        out.push_str(if digit == b'0' { "SRS0" } else { "SRS1" });
        out.push(match self.settings.separator {
            Separator::Equals => '=',
            Separator::Plus => '+',
            Separator::Minus => '-',
        });
        out.extend(hash.iter().map(|&b| match (b, self.settings.alphabet) {
            (b'+', Alphabet::UrlSafe) => '-',
            (b'/', Alphabet::UrlSafe) => '_',
            _ => char::from(b),
        }));
        for field in fields.iter().filter(|field| !field.is_empty()) {
            out.push('=');
            out.push_str(field);
        }
        // The brackets of an address literal, for one, may stand in a quoted string only.
        let quoted = self.quoted || !is_dot_atom(&out);
        if quoted {
            out.insert(0, '"');
            out.push('"');
        }
        let local_part = out.len();
        out.push('@');
        out.push_str(forwarder);
        let cautions = cautions(&out, local_part, quoted);
        Forwarded::Rewritten { address: out, cautions }
    }
}

fn cautions(address: &str, local_part: usize, quoted: bool) -> Vec<Caution> {
    let found = [
        (local_part > MAX_LOCAL_PART, Caution::LocalPartOver64),
        (address.len() > MAX_ADDRESS, Caution::AddressOver254),
        (!address.is_ascii(), Caution::Smtputf8),
        (quoted, Caution::Quoted),
    ];
    found.into_iter().filter_map(|(is, caution)| is.then_some(caution)).collect()
}
