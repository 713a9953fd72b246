//! `include` as written (RFC 7208 §5.2). What the targets hold is in `targets`.

use super::{Context, edits};
use crate::finding::{Edit, Findings, Fix, Severity, rules};
use crate::spf::{DomainSpec, Mechanism, Qualifier, TermKind};
use crate::text::Span;

rules! {
    /// # An include with a qualifier
    ///
    /// The qualifier is the result for senders whom the *included* record passes. `-include:` fails the senders of that
    /// service, `~include:` and `?include:` let them in half-way. It says nothing about senders that the included record fails.
    ///
    /// `?include:` has a use: a service that many customers share lets them all send in each other's name. With `?` its senders do not
    /// pass for DMARC through SPF, so their mail needs a DKIM signature of the domain (RFC 9989 §11.1).
    ///
    /// ```spf bad
    /// v=spf1 ~include:_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net ~all
    /// ```
    QUALIFIER = "spf-include-qualifier", Warning, Ok, ["RFC 7208 §5.2", "RFC 9989 §11.1"],
        "`{term}` gives {result} to the senders that the included record passes";

    /// # An include is no end
    ///
    /// `include` only asks whether the other record says pass. Its `-all` or `~all` ends that record and does not fail anybody
    /// in this one: senders whom it does not pass go on to the next term here, and without one they are neutral.
    ///
    /// ```spf bad
    /// v=spf1 include:_spf.example.net
    /// ```
    ///
    /// End the record itself; or, if the other record is all of it, redirect to it:
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net ~all
    /// ```
    NO_END = "spf-include-then-all-semantics", Note, Ok, ["RFC 7208 §5.2"],
        "`{term}` does not end the record: the `all` of an included record fails nobody here";

    /// # A record that includes itself
    ///
    /// Each time it is read it asks for itself again, until the limit of ten look-ups ends in permerror.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:d.example -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:_spf.d.example -all"
    /// _spf.d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    SELF = "spf-self-include", Error, PermerrorForSome, ["RFC 7208 §4.6.4"],
        "`{term}` leads back to the record that it stands in";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let ends = cx.record.has_all() || cx.record.redirect().is_some();
    let mut first = true;
    for term in cx.record.terms() {
        match term.kind {
            TermKind::Directive(directive) => {
                let Mechanism::Include(spec) = directive.mechanism else { continue };
                qualifier(cx, term.span, directive.qualifier, directive.qualifier_span, out);
                itself(cx, term.span, spec, out);
                if first && !ends {
                    out.report(&NO_END, cx.at(term.span)).quote("term");
                }
                first = false;
            }
            TermKind::Redirect(spec) if !cx.record.has_all() => itself(cx, term.span, spec, out),
            _ => {}
        }
    }
}

fn qualifier(cx: &Context<'_>, span: Span, qualifier: Qualifier, written: Span, out: &mut Findings) {
    let result = match qualifier {
        Qualifier::Pass => return,
        Qualifier::Fail => "fail",
        Qualifier::Softfail => "softfail",
        Qualifier::Neutral => "neutral",
    };
    let found = out.report(&QUALIFIER, cx.at(span)).quote("term").arg("result", result);
    let title = if qualifier == Qualifier::Neutral {
        found.severity(Severity::Note).label("for DMARC they do not pass by SPF: their mail needs a DKIM signature");
        "pass its senders, for DMARC too: not if the service sends for others as well"
    } else {
        "pass its senders"
    };
    found.fix(Fix::maybe(title, [Edit::delete(written)]));
}

fn itself(cx: &Context<'_>, span: Span, spec: DomainSpec, out: &mut Findings) {
    let text = cx.text(spec.span);
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_itself =
        text.eq_ignore_ascii_case("%{d}") || cx.domain.is_some_and(|d| text.eq_ignore_ascii_case(d.as_str()));
    if is_itself {
        let effect = super::effects::reached(cx.record, span);
        out.report(&SELF, cx.at(span))
            .quote("term")
            .effect(effect)
            .fix(Fix::maybe("remove it", [edits::remove(cx, span)]));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed};
    use crate::finding::{Applicability, Severity};

    #[test]
    fn qualifiers() {
        assert_eq!(fixed("v=spf1 ?include:x.example ~all", "spf-include-qualifier"), "v=spf1 include:x.example ~all");
        let of = |text: &str| {
            let found = crate::spf::lint(&crate::spf::Record::parse(text));
            let found = found.into_iter().find(|found| found.code == *"spf-include-qualifier").unwrap();
            (found.severity, found.fixes[0].applicability)
        };
        assert_eq!(of("v=spf1 -include:x.example ~all"), (Severity::Warning, Applicability::MaybeIncorrect));
        // RFC 9989 §11.1 advises it.
        assert_eq!(of("v=spf1 ?include:x.example ~all"), (Severity::Note, Applicability::MaybeIncorrect));
        assert!(!codes("v=spf1 +include:x.example ~all").contains(&"spf-include-qualifier"));
    }

    #[test]
    fn the_domain_of_the_record() {
        assert!(codes("v=spf1 redirect=%{d}").contains(&"spf-self-include"));
        assert!(!codes("v=spf1 redirect=%{d} -all").contains(&"spf-self-include"));
        assert!(!codes("v=spf1 include:%{d2} -all").contains(&"spf-self-include"));
    }
}
