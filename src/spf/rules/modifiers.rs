//! Modifiers (RFC 7208 §6): names with `=`.

use super::spelling::is_near;
use super::unknown::{Claim, Unknown, is_term};
use super::{Context, mechanisms, misspelt_all, rfc6652, sure_if, version};
use crate::finding::{Edit, Effect, Findings, Fix, Severity, rules};
use crate::spf::{Modifier, SyntaxErrorKind, TermKind};
use crate::text::Span;

rules! {
    /// # A mechanism written with `=`
    ///
    /// Mechanisms take their value behind a colon. `include=…`, `ip4=…` or `a=…` reads as a modifier of that name, and receivers ignore
    /// modifiers that they do not know. Nothing complains, and nobody is authorised by the term.
    ///
    /// ```spf bad
    /// v=spf1 include=_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    EQUALS_FOR_COLON = "spf-equals-for-colon", Warning, PartIgnored, ["RFC 7208 §6"],
        "`{term}` is read as an unknown modifier and authorises nobody; a mechanism takes a colon";

    /// # `redirect` or `exp` written with `:`
    ///
    /// `redirect` and `exp` are modifiers and take `=`. With a colon they are unknown mechanisms, and the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx redirect:_spf.example.net
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx redirect=_spf.example.net
    /// ```
    COLON_FOR_EQUALS = "spf-colon-for-equals", Error, Permerror, ["RFC 7208 §6.1", "RFC 7208 §12"],
        "`{name}` is a modifier and takes `=`, not a colon";

    /// # An unknown modifier
    ///
    /// Receivers ignore modifiers that they do not know. That is by design, so that the standard can grow; but a modifier that was
    /// meant to do something does nothing.
    ///
    /// ```spf bad
    /// v=spf1 mx foo=bar -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    UNKNOWN_MODIFIER = "spf-unknown-modifier", Note, PartIgnored, ["RFC 7208 §6"],
        "`{name}` is not a modifier that receivers know, so they ignore `{term}`";

    /// # The name of a modifier is malformed
    ///
    /// The name of a modifier begins with a letter and goes on with letters, digits, `-`, `_` and `.`. With another name the term
    /// cannot be read, and the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx 1foo=bar -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx foo1=bar -all
    /// ```
    MODIFIER_NAME_INVALID = "spf-modifier-name-invalid", Error, Permerror, ["RFC 7208 §12"],
        "`{name}` cannot be the name of a modifier";

    /// # `redirect=` without a domain
    ///
    /// `redirect` hands the decision to the record of another domain and must name it. An empty one is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx redirect=
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx redirect=_spf.example.net
    /// ```
    REDIRECT_MISSING_DOMAIN = "spf-redirect-missing-domain", Error, Permerror, ["RFC 7208 §6.1"],
        "`{term}` does not say which domain to go on with";

    /// # `exp=` without a domain
    ///
    /// `exp` names where the explanation text is. An empty one is a permerror, though explanations are otherwise never one.
    ///
    /// ```spf bad
    /// v=spf1 mx -all exp=
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all exp=explain.example.net
    /// ```
    EXP_MISSING_DOMAIN = "spf-exp-missing-domain", Error, Permerror, ["RFC 7208 §6.2"],
        "`{term}` does not say where the explanation is";

    /// # More than one `redirect`
    ///
    /// `redirect` may stand once. Two of them are a permerror; receivers do not choose.
    ///
    /// ```spf bad
    /// v=spf1 redirect=_spf.example.net redirect=_spf.example.com
    /// ```
    ///
    /// To allow the senders of both, include them:
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net include:_spf.example.com -all
    /// ```
    TWO_REDIRECTS = "spf-two-redirects", Error, Permerror, ["RFC 7208 §6"],
        "`{term}` is a second `redirect`, and only one may stand in a record";

    /// # More than one `exp`
    ///
    /// `exp` may stand once. Two of them are a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx -all exp=a.example.net exp=b.example.net
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all exp=a.example.net
    /// ```
    TWO_EXPS = "spf-two-exps", Error, Permerror, ["RFC 7208 §6"],
        "`{term}` is a second `exp`, and only one may stand in a record";
}

/// Modifiers that are not those of SPF.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for term in cx.record.terms() {
        let TermKind::UnknownModifier(modifier) = term.kind else { continue };
        let name = cx.text(modifier.name);
        if rfc6652::is_modifier(name) || version::is_version(cx, modifier.name, modifier.value) {
            continue;
        }
        if let Some(meant) = mechanisms::meant(name, cx.text(modifier.value)) {
            equals_for_colon(cx, term.span, modifier, meant, false, out);
            continue;
        }
        let found = out.report(&UNKNOWN_MODIFIER, cx.at(term.span)).quote("term").arg("name", name);
        if let Some(meant) = misspelt(name) {
            found
                .severity(Severity::Warning)
                .label(format!("`{meant}` was probably meant"))
                .fix(Fix::maybe(format!("write `{meant}`"), [Edit::replace(modifier.name, meant)]));
        }
    }
}

fn misspelt(name: &str) -> Option<&'static str> {
    if is_near(name, "redirect") {
        return Some("redirect");
    }
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "explain" | "explanation" | "expl" | "exps" | "epx").then_some("exp")
}

/// `include=…`: ignored, or with a qualifier a permerror.
pub(super) fn equals_for_colon(
    cx: &Context<'_>,
    term: Span,
    Modifier { name, value }: Modifier,
    meant: &'static str,
    qualified: bool,
    out: &mut Findings,
) {
    let place = Span::new(name.start as usize, value.start as usize);
    let qualifier = cx.text(Span { start: term.start, end: name.start });
    let repaired = [qualifier, meant, ":", cx.text(value)].concat();
    let found = out.report(&EQUALS_FOR_COLON, cx.at(term)).quote("term");
    if qualified {
        found.severity(Severity::Error).effect(Effect::Permerror);
    }
    let all = misspelt_all::qualified(cx.text(value)).filter(|_| meant == "all" && !qualified);
    if let Some(all) = all {
        found.fix(Fix::maybe(format!("write `{all}`"), [Edit::replace(term, all)]));
        return;
    }
    // `all=` has no value to keep.
    let (edit, good) = match meant {
        "all" => (Edit::replace(name.to(value), meant), false),
        _ => (Edit::replace(place, [meant, ":"].concat()), is_term(&repaired)),
    };
    found.fix(Fix::edit(format!("write `{meant}:`"), [edit], sure_if(good)));
}

pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let at = term.cx.at(term.span);
    match term.error.kind {
        SyntaxErrorKind::DuplicateModifier { first } => {
            let rule = if term.is("exp") { &TWO_EXPS } else { &TWO_REDIRECTS };
            let found = out.report(rule, at).quote("term").related(term.cx.at(first).with("the first one"));
            if term.cx.text(first).eq_ignore_ascii_case(term.text) {
                let span = version::with_space_before(term.cx.whole(), term.span);
                found.fix(Fix::machine("take the repetition out", [Edit::delete(span)]));
            }
        }
        SyntaxErrorKind::MissingDomain if term.is("redirect") => {
            out.report(&REDIRECT_MISSING_DOMAIN, at).quote("term");
        }
        SyntaxErrorKind::MissingDomain if term.is("exp") => {
            let found = out.report(&EXP_MISSING_DOMAIN, at).quote("term");
            // Without an explanation all works; a record that stops here may go on with more than its name.
            if term.cx.record.has_all() || term.cx.record.redirect().is_some() {
                let span = version::with_space_before(term.cx.whole(), term.span);
                found.fix(Fix::maybe("remove it", [Edit::delete(span)]));
            }
        }
        SyntaxErrorKind::ModifierName => {
            let span = if term.name.is_empty() { term.span } else { term.span_of(term.name) };
            out.report(&MODIFIER_NAME_INVALID, term.cx.at(span)).quote("name");
        }
        SyntaxErrorKind::UnknownMechanism if term.separator == ":" => return colon(term, out),
        _ => return Claim::No,
    }
    Claim::Told
}

/// `redirect:…`
fn colon(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let meant = match term.name.to_ascii_lowercase().as_str() {
        "redirect" => "redirect",
        "exp" => "exp",
        _ if is_near(term.name, "redirect") => "redirect",
        _ => return Claim::No,
    };
    let place = term.span_of(term.name).to(term.span_of(term.separator));
    let good = is_term(&format!("{meant}={}", term.value));
    out.report(&COLON_FOR_EQUALS, term.cx.at(term.span)).arg("name", term.name).fix(Fix::edit(
        format!("write `{meant}=`"),
        [Edit::replace(place, format!("{meant}="))],
        sure_if(good),
    ));
    Claim::Told
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};

    #[test]
    fn colon_and_equals() {
        tells(
            "v=spf1 a=mail.x.example ip4=192.0.2.1 ~all",
            "spf-equals-for-colon",
            "v=spf1 a:mail.x.example ip4:192.0.2.1 ~all",
        );
        tells("v=spf1 ipv4=192.0.2.1 ~all", "spf-equals-for-colon", "v=spf1 ip4:192.0.2.1 ~all");
        tells("v=spf1 +include=x.example ~all", "spf-equals-for-colon", "v=spf1 +include:x.example ~all");
        tells("v=spf1 mx all=-", "spf-equals-for-colon", "v=spf1 mx -all");
        tells("v=spf1 exp:x.example -all", "spf-colon-for-equals", "v=spf1 exp=x.example -all");
        tells("v=spf1 -redirect:x.example", "spf-colon-for-equals", "v=spf1 redirect=x.example");
        tells("v=spf1 ~redirect=x.example", "spf-qualifier-on-modifier", "v=spf1 redirect=x.example");
    }

    #[test]
    fn modifiers() {
        tells("v=spf1 redirect=", "spf-redirect-missing-domain", "v=spf1 redirect=");
        tells("v=spf1 -all exp=", "spf-exp-missing-domain", "v=spf1 -all");
        tells("v=spf1 mx exp=", "spf-exp-missing-domain", "v=spf1 mx exp=");
        tells("v=spf1 =x -all", "spf-modifier-name-invalid", "v=spf1 =x -all");
        tells("v=spf1 redirect=a.example redirect=a.example", "spf-two-redirects", "v=spf1 redirect=a.example");
        tells("v=spf1 redirct=a.example", "spf-unknown-modifier", "v=spf1 redirect=a.example");
        tells("v=spf1 exp=a.example exp=b.example -all", "spf-two-exps", "v=spf1 exp=a.example exp=b.example -all");
        keeps_quiet("v=spf1 mx -all ra=a rp=10 rr=e:f", "spf-unknown-modifier");
        keeps_quiet("v=spf1 mx v=spf1 -all", "spf-unknown-modifier");
    }
}
