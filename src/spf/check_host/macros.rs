//! What macros make in an evaluation (RFC 7208 §7): the names that terms ask for (§4.8), and the explanation of a fail (§6.2).

use std::borrow::Cow;

use super::{At, Eval, Evaluator, Limits};
use crate::dns::{RecordType, Snapshot, Step};
use crate::name::is_canonical;
use crate::spf::expand::{MAX_EXPANDED, Values, expand, shortened, shows_local_part};
use crate::spf::macros::Place;
use crate::spf::outcome::SpfResult;
use crate::spf::parse::{explanation_error, macro_string_error};
use crate::spf::record::DomainSpec;
use crate::spf::session::Session;
use crate::spf::trace::{Miss, Observer};
use crate::{Name, Timestamp};

/// The expansion of a macro-string (§7): in [`Place::Term`] as a name to ask for, in [`Place::Explanation`] as text.
///
/// `None` for a wrong macro-string, and for one that becomes no name. `%{d}` is the session's domain.
///
/// ```
/// use mailproof::{Timestamp, dns::{Snapshot, Step}, spf::{self, Place}};
///
/// let session = spf::Session::new("192.0.2.3".parse()?, "mx.example.com", "a@example.com");
/// let text = "%{ir}.%{v}._spf.%{d2}";
/// let step = spf::expand_macros(&Snapshot::new(), text, Place::Term, &session, Timestamp(0));
/// assert_eq!(step, Step::Done(Some("3.2.0.192.in-addr._spf.example.com".to_owned())));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn expand_macros(
    dns: &Snapshot,
    text: &str,
    place: Place,
    session: &Session,
    now: Timestamp,
) -> Step<Option<String>> {
    let limits = Limits::default();
    let mut evaluator = Evaluator::new(dns, session, now, &limits, ());
    let domain = session.checked_domain().map_or("", Name::as_str);
    let values = evaluator.values(domain);
    let wrong = match place {
        Place::Term => macro_string_error(text),
        Place::Explanation => explanation_error(text),
    };
    if wrong.is_some() {
        return Step::Done(None);
    }
    let expanded = match place {
        Place::Term => evaluator.expanded(text, values),
        Place::Explanation => evaluator.explained(text, values),
    };
    match expanded {
        Ok(expanded) => Step::Done(expanded),
        Err(_) => Step::Ask(evaluator.asked),
    }
}

impl<'a, O: Observer> Evaluator<'a, O> {
    /// §6.2: whatever goes wrong here, there is just no explanation. Only a missing answer halts.
    pub(super) fn explanation(&mut self, result: SpfResult) -> Eval<Option<String>> {
        if result != SpfResult::Fail {
            return Ok(None);
        }
        let Some((domain, spec)) = self.explanation.take() else { return Ok(None) };
        let values = self.values(&domain);
        let Some(target) = self.expanded(spec, values)? else { return Ok(None) };
        let Some(answer) = self.dns.lookup(&target, RecordType::Txt) else {
            return self.want(&target, RecordType::Txt);
        };
        let [text] = answer.txts() else { return Ok(None) };
        if explanation_error(text.text()).is_some() {
            return Ok(None);
        }
        self.explained(text.text(), values)
    }

    fn explained(&mut self, text: &str, values: Values<'_>) -> Eval<Option<String>> {
        let mut out = String::new();
        expand(text, values, &mut out, || self.validated_name(values.domain))?;
        // One that long has lost its beginning, and fits into no reply.
        Ok(Some(out).filter(|text| text.len() < MAX_EXPANDED))
    }

    pub(super) fn values<'v>(&self, domain: &'v str) -> Values<'v>
    where
        'a: 'v,
    {
        Values { session: self.session, domain, now: self.now }
    }

    /// The name that a term asks for (§4.8), in normal form; or why there is none.
    pub(super) fn target<'f>(&mut self, at: &At<'f, 'a>, spec: Option<DomainSpec>) -> Eval<Result<Cow<'f, str>, Miss>> {
        let Some(spec) = spec else {
            self.observer.target(at.event, at.frame.domain);
            return Ok(Ok(Cow::Borrowed(at.frame.domain)));
        };
        let text = at.frame.policy.record.text(spec.span);
        if spec.is_canonical {
            self.observer.target(at.event, text);
            return Ok(Ok(Cow::Borrowed(text)));
        }
        if spec.has_macros && !self.session.local_part().is_ascii() && shows_local_part(text) {
            return Ok(Err(Miss::NonAsciiLocalPart));
        }
        let values = self.values(at.frame.domain);
        self.asked_for_names = false;
        let name = self.expanded(text, values)?;
        // §4.6.4: the PTR query of `%{p}` counts too; §7.3 lets it be asked once.
        if self.asked_for_names {
            self.count_lookup(at)?;
        }
        let Some(name) = name else { return Ok(Err(Miss::UnusableTarget)) };
        self.observer.target(at.event, &name);
        Ok(Ok(Cow::Owned(name)))
    }

    /// A domain-spec expanded to a name in normal form; `None` where the DNS cannot be asked for it.
    pub(super) fn expanded(&mut self, text: &str, values: Values<'_>) -> Eval<Option<String>> {
        let mut name = String::with_capacity(text.len() + 32);
        expand(text, values, &mut name, || self.validated_name(values.domain))?;
        name.make_ascii_lowercase();
        // §7.3: one trailing dot makes no difference.
        let without_dot = name.strip_suffix('.').unwrap_or(&name);
        let short = shortened(without_dot);
        if short.is_empty() || !is_canonical(short) {
            return Ok(None);
        }
        if short.len() < name.len() {
            name = short.to_owned();
        }
        Ok(Some(name))
    }
}
