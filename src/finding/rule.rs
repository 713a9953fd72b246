//! What a rule is: its stable code, how bad a finding is, what receivers do, its sources and its page.

use std::fmt;

/// A rule, as its page shows it.
///
/// ```
/// let rule = mailproof::rules().find(|rule| rule.code == "spf-ptr-used").unwrap();
/// assert_eq!(rule.citations, ["RFC 7208 §5.5"]);
/// // Its page is what `check explain spf-ptr-used` prints.
/// assert!(rule.page.trim_start().starts_with("# ") && rule.page.contains(rule.title()));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its stable code, such as `spf-ptr-used`.
    pub code: &'static str,
    /// How bad a finding is, by consequence.
    pub severity: Severity,
    /// What receivers do with a record that has it, where that is one thing.
    pub effect: Effect,
    /// The sentences of the standards, such as `RFC 7208 §5.5`.
    pub citations: &'static [&'static str],
    /// The catalogue ids that it covers beside its own.
    pub covers: &'static [&'static str],
    /// The message, with `{name}` where a value goes.
    pub template: &'static str,
    /// The page in Markdown: what it means, why it matters, an example, what to write instead.
    pub page: &'static str,
}

impl Rule {
    /// The page's first line, without the mark of a heading.
    pub fn title(&self) -> &'static str {
        self.page.trim_start().lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }
}

/// How bad, by consequence and not by taste.
///
/// ```
/// use mailproof::{finding::Severity, spf::{self, Record}};
///
/// let found = spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 ptr -all"));
/// // The gravest is the least.
/// let worst = found.iter().map(|found| found.severity).min();
/// assert_eq!(worst, Some(Severity::Error));
/// assert!(Severity::Error < Severity::Warning && Severity::Warning < Severity::Note);
/// assert_eq!(Severity::Error.as_str(), "error");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Severity {
    /// A conforming receiver returns permerror, ignores the record, or rejects good mail.
    Error,
    /// It works today, but is fragile or unsafe, or a SHOULD NOT.
    Warning,
    /// Legal, and worth knowing.
    Note,
}

impl Severity {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! effects {
    ($($(#[$doc:meta])+ $variant:ident $word:literal $told:literal;)+) => {
        /// What receivers do with a record, signature or message because of a finding.
        ///
        /// The order is from the mildest to the gravest, so that the effect of several findings is the greatest.
        ///
        /// ```
        /// use mailproof::{dmarc, finding::Effect, spf::{self, Record}};
        ///
        /// // A misspelt mechanism costs the whole SPF record, a misspelt tag of DMARC only itself.
        /// let spf = spf::effect(&spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 -all")));
        /// assert_eq!((spf, spf.as_str(), spf.told()), (Effect::Permerror, "permerror", "answer permerror"));
        /// let dmarc = dmarc::lint(&dmarc::Record::parse("v=DMARC1; p=reject; ruaa=mailto:d@example.com"));
        /// assert_eq!(dmarc.iter().map(|found| found.effect).max(), Some(Effect::PartIgnored));
        /// ```
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
        #[non_exhaustive]
        pub enum Effect {
            /// Used as written.
            #[default]
            Ok,
            $($(#[$doc])+ #[cfg_attr(feature = "serde", serde(rename = $word))] $variant,)+
        }

        impl Effect {
            /// The word in reports.
            pub fn as_str(self) -> &'static str {
                match self { Self::Ok => "ok", $(Self::$variant => $word,)+ }
            }

            /// The sentence for people: "receivers …".
            pub fn told(self) -> &'static str {
                match self { Self::Ok => "use it as written", $(Self::$variant => $told,)+ }
            }
        }
    };
}

effects! {
    /// A written part has no effect: an unknown tag or modifier, a dead term, a bad URI.
    PartIgnored "part-ignored" "ignore the part";
    /// A bad value falls back to the tag's default.
    DefaultUsed "default-used" "use the default instead";
    /// Legitimate receivers differ.
    Differs "differs" "differ";
    /// The key is in test mode.
    Testing "testing" "treat the key as a test";
    /// SPF: nobody is failed.
    Neutral "neutral" "fail nobody";
    /// SPF: everybody passes.
    PassForEveryone "pass-for-everyone" "pass everyone";
    /// SPF: permerror for senders that match late, pass for others.
    PermerrorForSome "permerror-for-some" "answer permerror for senders that match late";
    /// DMARC: the record counts as `p=none`.
    PolicyNone "p=none" "act as if the policy were none";
    /// BIMI: no logo is shown.
    NoLogo "no-logo" "show no logo";
    /// TLS-RPT: no reports come.
    NoReports "no-reports" "send no reports";
    /// MTA-STS: no policy applies.
    NoPolicy "no-policy" "apply no policy";
    /// MX: no mail comes.
    NoMail "no-mail" "deliver no mail";
    /// MTA-STS: mail is refused.
    MailRefused "mail-refused" "refuse to deliver";
    /// DKIM: the signature counts for nothing.
    Ignored "ignored" "ignore it";
    /// SPF: no record is seen.
    None "none" "see no record";
    /// DMARC: no DMARC at all.
    NoDmarc "no-dmarc" "apply no DMARC";
    /// A transient error: try again, no statement about the record.
    Temperror "temperror" "answer temperror and may try again later";
    /// A permanent error.
    Permerror "permerror" "answer permerror";
    /// The message, or this signature, fails.
    Fail "fail" "answer fail";
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The stable, documented name of a rule. Compares with `&str`.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let code = spf::lint(&Record::parse("v=spf1 ptr -all"))[0].code;
/// assert!(code == "spf-ptr-used" && code.as_str() == "spf-ptr-used");
/// // The rule behind it, with its page.
/// assert_eq!(code.rule().title(), "`ptr` is published");
/// ```
#[derive(Clone, Copy)]
pub struct Code(&'static Rule);

impl Code {
    pub(crate) const fn new(rule: &'static Rule) -> Self {
        Self(rule)
    }

    /// The code as text.
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// The rule behind it.
    pub fn rule(self) -> &'static Rule {
        self.0
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Code {}

impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Declares rules. The doc comment of each is its page; `RULES` lists all of the file.
///
/// ```text
/// rules! {
///     /// # `ptr` is published
///     /// …
///     PTR_USED = "spf-ptr-used", Warning, Ok, ["RFC 7208 §5.5"], "`{term}` is slow and unreliable";
///     /// …
///     OTHER = "spf-other", Error, Permerror, ["RFC 7208 §12"], covers ["spf-another"], "…";
/// }
/// ```
macro_rules! rules {
    ($($(#[doc = $page:literal])+ $name:ident = $code:literal, $severity:ident, $effect:ident, [$($citation:literal),* $(,)?],
       $(covers [$($covered:literal),+ $(,)?],)? $template:literal;)+) => {
        $(
            pub(crate) static $name: $crate::finding::Rule = $crate::finding::Rule {
                code: $code,
                severity: $crate::finding::Severity::$severity,
                effect: $crate::finding::Effect::$effect,
                citations: &[$($citation),*],
                covers: &[$($($covered),+)?],
                template: $template,
                page: concat!($($page, "\n"),+),
            };
        )+

        /// Every rule of this file.
        pub(crate) static RULES: &[&$crate::finding::Rule] = &[$(&$name),+];
    };
}
pub(crate) use rules;
