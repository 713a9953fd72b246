//! Rewriting senders and reversing the addresses that came of it.

use super::address::{self, Form, Parts, Srs0, Srs1};
use super::secret::{self, MAX_HASH, Secret};
use super::{Caution, ForwardError, Forwarded, ReverseError, Reversed, Stamp, Unchanged};
use crate::mailbox::is_atext;
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
    secrets: Vec<Secret>,
    settings: Settings,
}

/// How addresses are written, and which are accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The separator after the tag. Some filters know `=` only, and `+` and `-` may be recipient delimiters.
    pub separator: Separator,
    /// The alphabet of the hash. Both are accepted on the way back.
    pub alphabet: Alphabet,
    /// Characters of the hash, from 1 to 27; 4 make about 20 bits, since case does not count.
    pub hash_length: u8,
    /// The fewest characters of the hash that are accepted; `None`: as many as are written.
    pub hash_min: Option<u8>,
    /// The greatest age of a stamp, in days, today being 0.
    pub max_age_days: u16,
    /// Whether senders at the forwarder's own domain are rewritten too.
    pub always_rewrite: bool,
    /// Senders that are never rewritten.
    pub local_domains: Vec<LocalDomain>,
}

/// The character after `SRS0` and `SRS1`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Separator {
    /// `=`
    #[default]
    Equals,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// The last two characters of base64.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Alphabet {
    /// `-_`, as postsrsd writes them since 2.2.6. Some hosts refuse `/` in addresses.
    #[default]
    UrlSafe,
    /// `+/`, as all others write them.
    Standard,
}

/// A domain whose senders are not rewritten.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LocalDomain {
    /// This domain, and nothing below it.
    Exactly(Name),
    /// All domains below this one, but not itself; postsrsd writes it with a dot in front.
    Below(Name),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            separator: Separator::default(),
            alphabet: Alphabet::default(),
            hash_length: 4,
            hash_min: None,
            max_age_days: 21,
            always_rewrite: false,
            local_domains: Vec::new(),
        }
    }
}

/// Octets of a local-part (RFC 5321 §4.5.3.1.1).
pub(super) const MAX_LOCAL_PART: usize = 64;
/// Octets of an address: a path of 256 without its angle brackets (RFC 5321 §4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

impl Srs {
    /// Signs with the first secret and verifies with all. Without any, nothing is rewritten or reversed.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { secrets: secrets.into_iter().collect(), settings: Settings::default() }
    }

    /// With other settings. Lengths of the hash outside 1 to 27 are brought inside.
    #[must_use]
    pub fn with(mut self, mut settings: Settings) -> Self {
        let longest = MAX_HASH as u8;
        settings.hash_length = settings.hash_length.clamp(1, longest);
        settings.hash_min = settings.hash_min.map(|least| least.clamp(1, longest));
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
            Form::Srs1(Srs1 { hash, host, rest, .. }) if !hash.is_empty() => {
                let (host, rest) = (&sender[host], &sender[rest]);
                Ok(writer.address(b'1', &secret.hash([host, rest, ""]), [host, rest, ""]))
            }
            Form::Srs1(_) => Err(ForwardError::Malformed),
            Form::Malformed(broken) if sender[broken.tag].ends_with('1') => Err(ForwardError::Malformed),
            // An SRS0 address that lacks fields is the first forwarder's to judge.
            Form::Srs0(Srs0 { tag, .. }) | Form::Malformed(address::Malformed { tag, .. }) => {
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

    /// Where a bounce to `address` goes on: the original sender, or for SRS1 the SRS0 address at the first forwarder.
    ///
    /// The domain of `address` is not looked at, because the hash does not cover it: see to it that it is yours. Nothing
    /// separates the fields under the hash either, so whoever has a valid address of `x@example.com` has one of
    /// `mx@example.co` too.
    ///
    /// # Errors
    /// In this order: not an address, not SRS, fields missing, hash too short, hash wrong, stamp unreadable, too old.
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
                if stamp.age_days(now) > self.settings.max_age_days {
                    return Err(ReverseError::Expired);
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

impl LocalDomain {
    /// Reads postsrsd's form: a domain, or a dot and the domain above.
    ///
    /// # Errors
    /// When it is no DNS name.
    pub fn parse(text: &str) -> Result<Self, crate::name::NameError> {
        match text.strip_prefix('.') {
            Some(parent) => Name::parse(parent).map(Self::Below),
            None => Name::parse(text).map(Self::Exactly),
        }
    }

    fn holds(&self, domain: &str) -> bool {
        match self {
            Self::Exactly(name) => domain.eq_ignore_ascii_case(name.as_str()),
            Self::Below(name) => {
                let parent = name.as_str();
                let Some(cut) = domain.len().checked_sub(parent.len() + 1) else { return false };
                domain.as_bytes()[cut] == b'.' && domain.as_bytes()[cut + 1..].eq_ignore_ascii_case(parent.as_bytes())
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

/// Whether a local-part can be part of another one: nothing that would end it early, nothing invisible.
fn is_carriable(local: &str, quoted: bool) -> bool {
    if quoted {
        return !local.is_empty() && !local.bytes().any(|b| b.is_ascii_control());
    }
    !local.is_empty()
        && !local.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'@' | b'"' | b'\\'))
        && (local.is_ascii() || !local.contains(char::is_whitespace))
}

fn is_host(domain: &str) -> bool {
    !domain.is_empty()
        && !domain.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'@' | b'"' | b'\\' | b'=' | b'<' | b'>'))
        && (domain.is_ascii() || !domain.contains(char::is_whitespace))
}

/// RFC 5322 §3.2.3, with the UTF-8 of RFC 6532.
fn is_dot_atom(text: &str) -> bool {
    let mut after_dot = true;
    for byte in text.bytes() {
        if byte == b'.' {
            if after_dot {
                return false;
            }
            after_dot = true;
        } else if ATEXT[usize::from(byte)] {
            after_dot = false;
        } else {
            return false;
        }
    }
    !after_dot && (text.is_ascii() || text.chars().all(|c| c == '.' || is_atext(c)))
}

/// By the first byte of a character; those outside ASCII are looked at again.
const ATEXT: [bool; 256] = {
    let mut table = [false; 256];
    let others = b"!#$%&'*+-/=?^_`{|}~";
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = true;
        i += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() || byte >= 128 {
            table[byte] = true;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn srs(keys: &[&str]) -> Srs {
        Srs::new(keys.iter().filter_map(|key| Secret::new(key.as_bytes())))
    }

    fn forward(srs: &Srs, sender: &str, forwarder: &str) -> String {
        match srs.forward(sender, &Name::parse(forwarder).unwrap(), NOW) {
            Ok(Forwarded::Rewritten { address, cautions }) => {
                let words = cautions.iter().map(|caution| caution.as_str());
                [address.as_str()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
            }
            Ok(Forwarded::Unchanged(reason)) => reason.as_str().to_owned(),
            Err(error) => error.as_str().to_owned(),
        }
    }

    fn reverse(srs: &Srs, address: &str) -> String {
        srs.reverse(address, NOW).map_or_else(|error| error.as_str().to_owned(), |found| found.address)
    }

    #[test]
    fn three_forwarders_and_back() {
        let (a, b, c) = (srs(&["tops3cr3t"]), srs(&["second-hop-secret"]), srs(&["third-hop-secret"]));
        let one = forward(&a, "alice@example.com", "fwd.example");
        let two = forward(&b, &one, "second.example");
        let three = forward(&c, &two, "third.example");
        assert_eq!(two, "SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example");
        assert_eq!(three, "SRS1=A2y2=fwd.example==PGkz=G3=example.com=alice@third.example");
        assert_eq!(reverse(&c, &three), one);
        assert_eq!(reverse(&a, &one), "alice@example.com");
    }

    #[test]
    fn every_separator_and_alphabet_comes_back() {
        for (separator, alphabet) in [(Separator::Plus, Alphabet::Standard), (Separator::Minus, Alphabet::UrlSafe)] {
            let srs = srs(&["tops3cr3t"]).with(Settings { separator, alphabet, ..Settings::default() });
            let address = forward(&srs, "a-b@example.com", "fwd.example");
            assert_eq!(address.contains("/haN"), alphabet == Alphabet::Standard);
            assert_eq!(reverse(&srs, &address), "a-b@example.com");
            assert_eq!(reverse(&srs, &address.to_lowercase()), "a-b@example.com");
        }
    }

    #[test]
    fn case_and_rotation_are_told() {
        let (old, both) = (srs(&["old"]), srs(&["new", "old"]));
        let address = forward(&old, "alice@example.com", "fwd.example");
        let found = both.reverse(&address.to_uppercase(), NOW).unwrap();
        assert_eq!((found.secret, found.case_changed), (1, true));
        assert!(!both.reverse(&address, NOW).unwrap().case_changed);
        assert_eq!(reverse(&srs(&["new"]), &address), "bad_hash");
    }

    #[test]
    fn nothing_breaks_out_of_an_address() {
        let srs = srs(&["k"]);
        for sender in [
            "a\r\nRCPT TO:<x@y>@h",
            "a b@h",
            "a@h\0",
            "a\"b@h",
            "a@h=b",
            "\"\"@h",
            "\"a\nb\"@h",
            "a@<h>",
            "a\u{2028}@h",
        ] {
            assert_eq!(forward(&srs, sender, "f"), "invalid_sender", "{sender:?}");
        }
        assert_eq!(forward(&srs, "alice.@h", "f").matches('"').count(), 2);
        // Signed by a program that does not look at what it signs.
        let hash = String::from_utf8(Secret::new(b"k").unwrap().hash(["G3", "h", "a\r\nb"]).to_vec()).unwrap();
        assert_eq!(reverse(&srs, &format!("SRS0={}=G3=h=a\r\nb@f", &hash[..4])), "malformed");
    }

    #[test]
    fn without_a_secret() {
        let srs = srs(&[]);
        assert_eq!(forward(&srs, "a@h", "f"), "no_secret");
        assert_eq!(reverse(&srs, "SRS0=PGkz=G3=h=a@f"), "no_secret");
        assert_eq!(format!("{:?}", Srs::new([Secret::new(b"tops3cr3t").unwrap()]).secrets), "[Secret(..)]");
    }

    #[test]
    fn local_domains() {
        let local = |text: &str| LocalDomain::parse(text).unwrap();
        assert!(local("own.example").holds("OWN.example") && !local("own.example").holds("a.own.example"));
        assert!(local(".own.example").holds("a.own.EXAMPLE") && !local(".own.example").holds("own.example"));
        assert!(!local(".own.example").holds("xown.example"));
        assert!(!local(".own.example").holds("é.example"));
    }
}
