//! Key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463): TXT at `<selector>._domainkey.<domain>`.

use super::base64;
use super::key_data::{KeyData, KeyType, key_data};
use super::signature::HashAlgorithm;
use super::tags::{self, ListFault, Tag, parts};
use crate::Name;
use crate::text::{Source, Span, Spanned};

/// A key record as written, and what is wrong with it. Reading never fails.
///
/// ```
/// use mailproof::dkim::{Key, KeyData, KeyType};
///
/// let key = Key::parse(&"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into());
/// assert_eq!(key.key_type(), Some(KeyType::Ed25519));
/// assert!(matches!(key.data, KeyData::Ed25519(_)));
/// assert!(key.is_usable());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// The record.
    pub source: Source,
    /// Every tag in order, also those that nobody knows; a name only where it stood first.
    pub tags: Vec<Tag>,
    /// `k=`; `None` if it is absent, which means RSA.
    pub k: Option<Spanned<Option<KeyType>>>,
    /// `h=`; `None` if it is absent, which means every hash. See [`Key::hashes`].
    pub h: Option<Span>,
    /// `s=`; `None` if it is absent, which means every service. See [`Key::services`].
    pub s: Option<Span>,
    /// `t=`. See [`Key::flags`].
    pub t: Option<Span>,
    /// What `p=` holds.
    pub data: KeyData,
    /// What is wrong, in no particular order; at most 64 of the tag-list. What is wrong with `p=` is in [`Key::data`].
    pub defects: Vec<Defect>,
    /// How much more is wrong.
    pub more_defects: usize,
}

/// Something wrong with a key record.
///
/// ```
/// use mailproof::dkim::Key;
///
/// let record = "v=DKIM2; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=; k=ed25519";
/// let key = Key::parse(&record.into());
/// assert_eq!(&record[key.defects[0].span], "DKIM2");
/// assert!(key.has_key() && !key.is_usable());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// Where in [`Key::source`].
    pub span: Span,
}

/// What kind of defect.
///
/// ```
/// use mailproof::dkim::{Key, key_defect::DefectKind};
///
/// // RFC 6376 §3.6.1: if there is a `v=`, it must be the first tag.
/// let key = Key::parse(&"k=ed25519; v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into());
/// assert_eq!(key.defects[0].kind, DefectKind::VersionNotFirst);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DefectKind {
    /// The tag-list is broken.
    List(ListFault),
    /// `v=` is not `DKIM1`.
    Version,
    /// `v=` is not the first tag.
    VersionNotFirst,
}

/// Keys of one answer that are tried; the RFC has one. Each costs a signature check. As many other records are kept to be told of.
pub const MAX_KEYS: usize = 8;

/// Defects that are kept. [`Key::more_defects`] counts the others.
pub(super) const MAX_DEFECTS: usize = 64;

impl Key {
    /// Reads a key record.
    pub fn parse(source: &Source) -> Self {
        let text = source.text();
        let (mut defects, mut more_defects) = (Vec::new(), 0);
        let tags = tags::read(text, |fault, span| match defects.len() < MAX_DEFECTS {
            true => defects.push(Defect { kind: DefectKind::List(fault), span }),
            false => more_defects += 1,
        });
        // §3.6.1; each name stands in `tags` once.
        let (mut v, mut h, mut k, mut p, mut s, mut t) = (None, None, None, None, None, None);
        for (at, tag) in tags.iter().enumerate() {
            match &text.as_bytes()[tag.name.range()] {
                b"v" => v = Some(at),
                b"h" => h = Some(tag.value),
                b"k" => k = Some(tag.value),
                b"p" => p = Some(tag.value),
                b"s" => s = Some(tag.value),
                b"t" => t = Some(tag.value),
                _ => {}
            }
        }
        if let Some(at) = v {
            if &text[tags[at].value] != "DKIM1" {
                defects.push(Defect { kind: DefectKind::Version, span: tags[at].value });
            }
            if at > 0 {
                defects.push(Defect { kind: DefectKind::VersionNotFirst, span: tags[at].name });
            }
        }
        let k = k.map(|span| Spanned::new(key_type(&text[span]), span));
        let data = match (p, k) {
            (None, _) => KeyData::Missing,
            (Some(p), _) if p.is_empty() => KeyData::Revoked,
            (_, Some(Spanned { value: None, .. })) => KeyData::OtherType,
            (Some(p), Some(Spanned { value: Some(k), .. })) => key_data(text[p].as_bytes(), k, true),
            (Some(p), None) => key_data(text[p].as_bytes(), KeyType::Rsa, false),
        };
        Self { source: source.clone(), tags, k, h, s, t, data, defects, more_defects }
    }

    /// The type, if it is a known one.
    pub fn key_type(&self) -> Option<KeyType> {
        self.k.map_or(Some(KeyType::Rsa), |k| k.value)
    }

    /// The value of the tag called `name`.
    ///
    /// ```
    /// use mailproof::dkim::Key;
    ///
    /// let record = "v=DKIM1; p=; n=rotated in May";
    /// let note = Key::parse(&record.into()).tag("n").unwrap();
    /// assert_eq!(&record[note], "rotated in May");
    /// ```
    pub fn tag(&self, name: &str) -> Option<Span> {
        self.tags.iter().find(|tag| &self.source.text()[tag.name] == name).map(|tag| tag.value)
    }

    /// The names in `h=`; `None` if it is absent, which means all.
    ///
    /// ```
    /// use mailproof::dkim::Key;
    ///
    /// let record = "v=DKIM1; h=sha1 : sha256; p=";
    /// let key = Key::parse(&record.into());
    /// assert_eq!(key.hashes().unwrap().map(|hash| &record[hash]).collect::<Vec<_>>(), ["sha1", "sha256"]);
    /// assert!(Key::parse(&"v=DKIM1; p=".into()).hashes().is_none());
    /// ```
    pub fn hashes(&self) -> Option<impl Iterator<Item = Span>> {
        self.h.map(|value| self.list(value))
    }

    /// The service types in `s=`; `None` if it is absent, which means all.
    ///
    /// ```
    /// use mailproof::dkim::Key;
    ///
    /// let record = "v=DKIM1; s=email:tlsrpt; p=";
    /// let key = Key::parse(&record.into());
    /// assert_eq!(key.services().unwrap().map(|service| &record[service]).collect::<Vec<_>>(), ["email", "tlsrpt"]);
    /// ```
    pub fn services(&self) -> Option<impl Iterator<Item = Span>> {
        self.s.map(|value| self.list(value))
    }

    /// The flags in `t=`.
    ///
    /// ```
    /// use mailproof::dkim::Key;
    ///
    /// // `t=y`: testing, so a verifier must not treat mail in another way because of it (RFC 6376 §3.6.1).
    /// let record = "v=DKIM1; t=y:s; p=";
    /// let key = Key::parse(&record.into());
    /// assert_eq!(key.flags().map(|flag| &record[flag]).collect::<Vec<_>>(), ["y", "s"]);
    /// assert!(key.is_testing() && key.is_strict() && !key.has_flag("x"));
    /// ```
    pub fn flags(&self) -> impl Iterator<Item = Span> {
        self.t.into_iter().flat_map(|value| self.list(value))
    }

    fn list(&self, value: Span) -> impl Iterator<Item = Span> {
        parts(self.source.text(), value, b':')
    }

    /// Whether it may be used for mail: `s=` is absent, or lists `email` or `*`.
    ///
    /// ```
    /// assert!(!mailproof::dkim::Key::parse(&"v=DKIM1; s=tlsrpt; p=".into()).is_for_email());
    /// ```
    pub fn is_for_email(&self) -> bool {
        let text = self.source.text();
        self.services().is_none_or(|mut list| list.any(|s| matches!(&text[s], "*" | "email")))
    }

    /// Whether `h=` allows `hash`.
    ///
    /// ```
    /// use mailproof::dkim::{HashAlgorithm, Key};
    ///
    /// let key = Key::parse(&"v=DKIM1; h=sha256; p=".into());
    /// assert!(key.allows(HashAlgorithm::Sha256) && !key.allows(HashAlgorithm::Sha1));
    /// ```
    pub fn allows(&self, hash: HashAlgorithm) -> bool {
        let text = self.source.text();
        self.hashes().is_none_or(|mut list| list.any(|name| &text[name] == hash.as_str()))
    }

    /// Whether `flag` is in `t=`.
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags().any(|span| &self.source.text()[span] == flag)
    }

    /// `t=y`: the domain is testing DKIM.
    pub fn is_testing(&self) -> bool {
        self.has_flag("y")
    }

    /// `t=s`: the domain of `i=` must be that of `d=`.
    pub fn is_strict(&self) -> bool {
        self.has_flag("s")
    }

    /// Whether a verifier can use it for anything: well-formed, and a key it knows.
    pub fn is_usable(&self) -> bool {
        self.defects.is_empty() && matches!(self.data, KeyData::Rsa(_) | KeyData::Ed25519(_))
    }

    /// Whether it holds a key that can check signatures, whatever else is wrong with the record.
    pub fn has_key(&self) -> bool {
        matches!(self.data, KeyData::Rsa(_) | KeyData::Ed25519(_))
    }

    /// Whether it was meant as a key record: it has `p=`, or a `v=` that speaks of DKIM.
    ///
    /// ```
    /// use mailproof::dkim::Key;
    ///
    /// assert!(Key::parse(&"v=dkim1; k=rsa".into()).looks_like_a_key());
    /// assert!(!Key::parse(&"v=spf1 -all".into()).looks_like_a_key());
    /// ```
    pub fn looks_like_a_key(&self) -> bool {
        let version = self.tag("v").map(|v| self.source.text()[v].to_ascii_uppercase());
        self.tag("p").is_some() || version.is_some_and(|v| v.starts_with("DKIM"))
    }

    /// Whether the text was meant as a key record, however badly it is one, and not as one of another protocol.
    pub(crate) fn is_meant(&self) -> bool {
        let text = self.source.text();
        let version = self.tag("v").map(|v| text[v].to_ascii_uppercase());
        if version.is_some_and(|version| OTHERS.iter().any(|other| version.starts_with(other))) {
            return false;
        }
        let has = |name| self.tag(name).is_some();
        let bare = || text.len() > 40 && base64::decode(text.trim().as_bytes()).is_ok();
        // Hosts of services have the word in their names.
        let says_so = || text.to_ascii_uppercase().contains("DKIM") && host_named(text).is_none();
        says_so() || has("p") || has("k") || bare()
    }
}

/// How versions of other protocols begin.
const OTHERS: [&str; 5] = ["SPF", "DMARC", "STS", "TLSRPT", "BIMI"];

/// The host that a text names, if it is nothing but a name. Base64 has no dots.
pub(super) fn host_named(text: &str) -> Option<Name> {
    // Most texts are records: `=` mostly is their second octet, so the search ends there.
    if text.contains('=') {
        return None;
    }
    let name = Name::parse(text.trim()).ok()?;
    (name.label_count() >= 3 && name.is_hostname_but_for_underscores() && name.has_top_level()).then_some(name)
}

fn key_type(text: &str) -> Option<KeyType> {
    match text {
        "rsa" => Some(KeyType::Rsa),
        "ed25519" => Some(KeyType::Ed25519),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
