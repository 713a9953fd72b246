//! Modifiers for failure reports: `ra`, `rp`, `rr` (RFC 6652 §3).

use super::Context;
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::{Modifier, Record, TermKind};
use crate::text::Span;

rules! {
    /// # `ra=` is not a local part
    ///
    /// `ra` is the local part of the address for reports on SPF failures; the domain is always the one of the record, so that nobody can send
    /// reports to others. With a whole address the modifier is ignored.
    ///
    /// ```spf bad
    /// v=spf1 mx -all ra=abuse@example.com
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all ra=abuse
    /// ```
    RA_INVALID = "spf-rfc6652-ra-invalid", Warning, PartIgnored, ["RFC 6652 §3"],
        "`{value}` is not the local part of an address, so no reports are sent";

    /// # `rp=` is not a percentage
    ///
    /// `rp` is the share of failures to report, a whole number from 0 to 100. With another value it is ignored.
    ///
    /// ```spf bad
    /// v=spf1 mx -all ra=abuse rp=200
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all ra=abuse rp=20
    /// ```
    RP_INVALID = "spf-rfc6652-rp-invalid", Warning, PartIgnored, ["RFC 6652 §3"],
        "`{value}` is not a percentage from 0 to 100";

    /// # `rr=` has an unknown kind of report
    ///
    /// `rr` lists the results to report, separated by colons: `all`, or of `e` (errors), `f` (fail), `s` (softfail), `n` (neutral).
    ///
    /// ```spf bad
    /// v=spf1 mx -all ra=abuse rr=x
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all ra=abuse rr=e:f
    /// ```
    RR_INVALID = "spf-rfc6652-rr-invalid", Warning, PartIgnored, ["RFC 6652 §3"],
        "`{value}` is not a kind of report: they are `all`, `e`, `f`, `s` and `n`";

    /// # `rp=` or `rr=` without `ra=`
    ///
    /// Without an address in `ra` there is nobody to report to, and the other two modifiers mean nothing.
    ///
    /// ```spf bad
    /// v=spf1 mx -all rp=50
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all ra=abuse rp=50
    /// ```
    NO_RA = "spf-rfc6652-no-ra", Note, PartIgnored, ["RFC 6652 §3"],
        "`{term}` has no effect without `ra=`";

    /// # A reporting modifier stands twice
    ///
    /// Of several `ra`, `rp` or `rr` the first counts.
    ///
    /// ```spf bad
    /// v=spf1 mx -all ra=abuse ra=postmaster
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all ra=abuse
    /// ```
    DUPLICATE = "spf-rfc6652-duplicate", Note, PartIgnored, ["RFC 6652 §3"],
        "`{term}` stands behind another one of its name and is ignored";
}

/// Whether `name` is one of these modifiers.
pub(super) fn is_modifier(name: &str) -> bool {
    index(name).is_some()
}

fn index(name: &str) -> Option<usize> {
    ["ra", "rp", "rr"].iter().position(|known| known.eq_ignore_ascii_case(name))
}

/// The term `ra=` of a record.
pub(super) fn address(record: &Record) -> Option<Span> {
    record.terms().iter().find_map(|term| match term.kind {
        TermKind::UnknownModifier(modifier) if record.text(modifier.name).eq_ignore_ascii_case("ra") => Some(term.span),
        _ => None,
    })
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut first: [Option<Span>; 3] = [None; 3];
    for term in cx.record.terms() {
        let TermKind::UnknownModifier(modifier) = term.kind else { continue };
        let Some(index) = index(cx.text(modifier.name)) else { continue };
        if let Some(first) = first[index] {
            out.report(&DUPLICATE, cx.at(term.span)).quote("term").related(cx.at(first).with("this one counts"));
            continue;
        }
        first[index] = Some(term.span);
        match index {
            0 => reporter(cx, modifier, out),
            1 => percentage(cx, modifier, out),
            _ => kinds(cx, modifier, out),
        }
    }
    if first[0].is_none() {
        for span in first.into_iter().flatten() {
            out.report(&NO_RA, cx.at(span)).quote("term");
        }
    }
}

fn reporter(cx: &Context<'_>, modifier: Modifier, out: &mut Findings) {
    let value = cx.text(modifier.value);
    if is_local_part(value) {
        return;
    }
    let found = out.report(&RA_INVALID, cx.at(modifier.value)).quote("value");
    // `mailto:abuse@example.com` is written by those who know DMARC.
    let mailbox = value.strip_prefix("mailto:").unwrap_or(value);
    let local_part = mailbox.split('@').next().unwrap_or_default().trim_end_matches([';', ',']);
    if is_local_part(local_part) {
        found.fix(Fix::machine(format!("write `ra={local_part}`"), [Edit::replace(modifier.value, local_part)]));
    }
}

/// A dot-atom; `%` would begin a macro.
fn is_local_part(text: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-/=?^_`{|}~".contains(c);
    !text.is_empty() && text.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

fn percentage(cx: &Context<'_>, modifier: Modifier, out: &mut Findings) {
    let value = cx.text(modifier.value);
    let digits = (1..=3).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    if digits && value.parse().is_ok_and(|share: u16| share <= 100) {
        return;
    }
    let found = out.report(&RP_INVALID, cx.at(modifier.value)).quote("value");
    let number = value.trim_end_matches(['%', ';', ',']);
    if number.len() < value.len() && number.parse().is_ok_and(|share: u16| share <= 100) {
        found.fix(Fix::machine(format!("write `rp={number}`"), [Edit::replace(modifier.value, number)]));
    }
}

fn kinds(cx: &Context<'_>, modifier: Modifier, out: &mut Findings) {
    let value = cx.text(modifier.value);
    let mut at = modifier.value.start as usize;
    for kind in value.split(':') {
        if !["all", "e", "f", "s", "n"].iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            out.report(&RR_INVALID, cx.at(Span::new(at, at + kind.len()))).quote("value");
        }
        at += kind.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};

    #[test]
    fn reporting() {
        tells("v=spf1 mx -all ra=abuse@x.example", "spf-rfc6652-ra-invalid", "v=spf1 mx -all ra=abuse");
        tells("v=spf1 mx -all ra=mailto:abuse@x.example", "spf-rfc6652-ra-invalid", "v=spf1 mx -all ra=abuse");
        tells("v=spf1 mx -all ra=abuse rp=150", "spf-rfc6652-rp-invalid", "v=spf1 mx -all ra=abuse rp=150");
        tells("v=spf1 mx -all ra=abuse rr=e:x", "spf-rfc6652-rr-invalid", "v=spf1 mx -all ra=abuse rr=e:x");
        tells("v=spf1 mx -all rr=e", "spf-rfc6652-no-ra", "v=spf1 mx -all rr=e");
        tells("v=spf1 mx -all ra=a ra=b", "spf-rfc6652-duplicate", "v=spf1 mx -all ra=a ra=b");
        for code in ["spf-rfc6652-no-ra", "spf-rfc6652-ra-invalid", "spf-rfc6652-rp-invalid", "spf-rfc6652-rr-invalid"]
        {
            keeps_quiet("v=spf1 mx -all ra=postmaster rp=10 rr=e:f", code);
        }
    }
}
