//! What a rule found, and where.

use std::fmt::Write as _;

use smallvec::SmallVec;
use smol_str::{SmolStr, ToSmolStr as _};

use super::{Code, Effect, Fix, Rule, Severity, Subject};
use crate::order::sort_by_key;
use crate::text::{Safe, Span};

/// A finding: which rule, where, with which values, and what mends it.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let found = &spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 -all"))[0];
/// assert_eq!(found.code, "spf-mechanism-typo");
/// assert_eq!(found.message(), "`ipv4` is not a mechanism; `ip4` was probably meant");
/// assert_eq!((found.severity.as_str(), found.effect.told()), ("error", "answer permerror"));
/// // Where it stands, which sentence says so, and what mends it.
/// assert_eq!(found.primary.quoted(), "ipv4");
/// assert!(found.code.rule().citations.iter().all(|citation| citation.starts_with("RFC 7208")));
/// assert!(!found.fixes.is_empty());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Which rule.
    pub code: Code,
    /// How bad it is here.
    pub severity: Severity,
    /// What receivers do because of it.
    pub effect: Effect,
    /// The values in the message, so that another language can say it too.
    pub params: Params,
    /// Where it is.
    pub primary: Label,
    /// Other places that matter: "first defined here".
    pub related: Vec<Label>,
    /// What mends it; the best first.
    pub fixes: Vec<Fix>,
    /// How it is known.
    pub evidence: Evidence,
}

/// A place in a text, with a few words.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let record = Record::parse("v=spf1 redirect=a.example redirect=b.example");
/// let found = spf::lint(&record);
/// let found = found.iter().find(|found| !found.related.is_empty()).unwrap();
/// assert_eq!(found.primary.quoted(), "redirect=b.example");
/// // The other place that matters.
/// let first = &found.related[0];
/// assert_eq!((first.quoted().as_str(), first.text.as_str()), ("redirect=a.example", "the first one"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Label {
    /// The text.
    pub subject: Subject,
    /// The place in it.
    pub span: Span,
    /// A few words, or none.
    pub text: String,
}

impl Label {
    /// The place `span` in `subject`.
    // Hundreds of places call it: a copy in each would weigh on what a browser loads.
    #[inline(never)]
    pub fn new(subject: &Subject, span: Span) -> Self {
        Self { subject: subject.clone(), span, text: String::new() }
    }

    /// The whole of `subject`.
    pub fn whole(subject: &Subject) -> Self {
        Self::new(subject, Span::new(0, subject.source().text().len()))
    }

    /// With a few words.
    #[must_use]
    pub fn with(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// What is written there.
    ///
    /// ```
    /// use mailproof::{finding::{Label, Subject}, text::Span};
    ///
    /// // What does not show is shown as an escape.
    /// let subject = Subject::given("v=spf1\u{a0}mx -all");
    /// assert_eq!(Label::new(&subject, Span::new(0, 10)).quoted(), "v=spf1\\u{a0}mx");
    /// assert_eq!(Label::whole(&subject).with("the whole record").text, "the whole record");
    /// ```
    pub fn quoted(&self) -> String {
        self.subject.source().visible(self.span).to_string()
    }
}

/// How a finding is known.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, finding::Evidence, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.7 -all""#)?;
/// let session = spf::Session::new("192.0.2.8".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let found = spf::explain(&drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check), &session);
/// // That it fails was seen. That the next address is the old one's successor is a guess.
/// let evidence: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.evidence)).collect();
/// assert_eq!(evidence, [("spf-eval-fail", Evidence::Observed), ("spf-eval-near-miss", Evidence::Guessed)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Evidence {
    /// It was seen.
    #[default]
    Observed,
    /// A likely reading; a person should look.
    Guessed,
    /// It could not be looked at.
    NotChecked,
}

// Most messages have one value or two, and most values are a few words: they need no allocation.
/// The values in a message, in order, by name.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let found = &spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 -all"))[0];
/// assert_eq!(found.params.get("name"), Some("ipv4"));
/// // The same finding in another language.
/// let template = "`{name}` ist kein Mechanismus; gemeint ist wohl `{meant}`";
/// assert_eq!(found.params.render(template), "`ipv4` ist kein Mechanismus; gemeint ist wohl `ip4`");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Params(SmallVec<[(&'static str, SmolStr); 2]>);

impl Params {
    /// The value called `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// `template` with `{name}` replaced by the value called so. An unknown name stays as it is. Control and invisible
    /// characters of a value are shown as escapes, so that nobody's text breaks the line or drives a terminal.
    pub fn render(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            rest = match after.split_once('}').and_then(|(key, tail)| Some((self.get(key)?, tail))) {
                Some((value, tail)) => {
                    // Writing to a string does not fail.
                    let _ = write!(out, "{}", Safe(value));
                    tail
                }
                None => {
                    out.push('{');
                    after
                }
            };
        }
        out.push_str(rest);
        out
    }
}

impl Diagnostic {
    /// A finding of `rule` at `primary`.
    ///
    /// ```
    /// use mailproof::finding::{Diagnostic, Edit, Effect, Evidence, Fix, Label, Severity, Subject};
    /// use mailproof::{dns::RecordType, text::Span};
    ///
    /// // What a program of your own found out, told in the words of a rule.
    /// let rule = mailproof::rules().find(|rule| rule.code == "spf-mechanism-typo").unwrap();
    /// let subject = Subject::record(&"example.com".parse()?, RecordType::Txt, "v=spf1 ipv4:192.0.2.1 -all".into());
    /// let word = Span::new(7, 11);
    /// let mut found = Diagnostic::new(rule, Label::new(&subject, word));
    /// found.quote("name").arg("meant", "ip4").fix(Fix::machine("write `ip4`", [Edit::replace(word, "ip4")]));
    /// assert_eq!(found.message(), "`ipv4` is not a mechanism; `ip4` was probably meant");
    /// // What is known here and not to the rule: words under the caret, another place, how grave and how sure it is.
    /// let all = Label::new(&subject, Span::new(22, 26)).with("never reached");
    /// found.label("this word").related(all).evidence(Evidence::Guessed);
    /// found.severity(Severity::Warning).effect(Effect::Differs);
    /// assert_eq!((found.primary.text.as_str(), found.related[0].quoted()), ("this word", "-all".to_owned()));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn new(rule: &'static Rule, primary: Label) -> Self {
        Self {
            code: Code::new(rule),
            severity: rule.severity,
            effect: rule.effect,
            params: Params::default(),
            primary,
            related: Vec::new(),
            fixes: Vec::new(),
            evidence: Evidence::Observed,
        }
    }

    /// The message: one line, no full stop.
    pub fn message(&self) -> String {
        self.params.render(self.code.rule().template)
    }

    /// Sets a value of the message.
    pub fn arg(&mut self, name: &'static str, value: impl std::fmt::Display) -> &mut Self {
        self.params.0.push((name, value.to_smolstr()));
        self
    }

    /// Sets a value of the message to what is written at the primary label.
    pub fn quote(&mut self, name: &'static str) -> &mut Self {
        let quoted = self.primary.subject.source().visible(self.primary.span).to_short();
        self.params.0.push((name, quoted));
        self
    }

    /// Sets the words under the caret.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    pub fn related(&mut self, label: Label) -> &mut Self {
        self.related.push(label);
        self
    }

    /// Adds a way to mend it.
    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fixes.push(fix);
        self
    }

    /// Sets what receivers do, where that depends on the case.
    pub fn effect(&mut self, effect: Effect) -> &mut Self {
        self.effect = effect;
        self
    }

    /// Sets how bad it is, where that depends on the case.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Sets how it is known.
    pub fn evidence(&mut self, evidence: Evidence) -> &mut Self {
        self.evidence = evidence;
        self
    }
}

/// Where rules put what they find.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Diagnostic>);

impl Findings {
    /// Adds a finding of `rule` at `primary`, to be completed by the caller.
    pub(crate) fn report(&mut self, rule: &'static Rule, primary: Label) -> &mut Diagnostic {
        self.push(Diagnostic::new(rule, primary));
        // One was pushed on the line above.
        self.0.last_mut().expect("not empty")
    }

    /// Whether `rule` has reported something.
    pub(crate) fn has(&self, rule: &'static Rule) -> bool {
        self.0.iter().any(|found| std::ptr::eq(found.code.rule(), rule))
    }

    pub(crate) fn push(&mut self, found: Diagnostic) {
        self.0.push(found);
    }

    /// Makes room for `more` findings.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }

    /// Takes all of them out; their room stays.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Diagnostic> {
        self.0.drain(..)
    }

    pub(crate) fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(more);
    }

    pub(crate) fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [Diagnostic] {
        &mut self.0
    }

    /// All of them, in the order of the places they point at, the gravest first at one place.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        sort_by_key(&mut self.0, |found| (found.primary.span.start, found.severity, found.primary.span.end));
        self.0
    }

    pub(crate) fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

#[cfg(feature = "serde")]
mod as_data {
    use serde::ser::SerializeMap as _;

    impl serde::Serialize for super::Params {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(self.0.len()))?;
            for (key, value) in &self.0 {
                map.serialize_entry(key, value.as_str())?;
            }
            map.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;

    #[test]
    fn no_value_breaks_the_line() {
        let params = Params(smallvec![("found", "a\r\n\u{1b}[31m\u{202e}b".into())]);
        assert_eq!(params.render("`{found}` is {none}"), r"`a\r\n\u{1b}[31m\u{202e}b` is {none}");
        assert_eq!(params.get("found"), Some("a\r\n\u{1b}[31m\u{202e}b"));
    }
}
