//! Known mail services, by the names of their hosts and records: guesses, as the facts may have changed.

use super::service_facts::{of_exchange, of_include, retired};
use super::world::World;
use super::{Context, edits};
use crate::finding::{Edit, Evidence, Findings, Fix, rules};
use crate::spf::tree::{BranchKind, Target};
use crate::spf::{DomainSpec, Mechanism};
use crate::text::Span;

rules! {
    /// # A service is used and not authorised
    ///
    /// The domain receives its mail at a known service, and the record does not include that service's senders. Mail that is
    /// written there fails SPF.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// d.example. MX 1 smtp.google.com.
    /// ```
    ///
    /// If mail is also sent from there:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 include:_spf.google.com -all"
    /// d.example. MX 1 smtp.google.com.
    /// _spf.google.com. TXT "v=spf1 ip4:74.125.0.0/16 ~all"
    /// ```
    MISSING = "spf-provider-missing", Note, Ok, ["RFC 7208 §10.1"],
        "mail of this domain is received at {service}, whose senders the record does not include";

    /// # An include that the service has given up
    ///
    /// The service no longer asks its customers for this include: it was renamed, or the service sends with a return path of
    /// its own, which this record is never looked up for. It costs look-ups and may stop working.
    ///
    /// ```spf bad
    /// v=spf1 include:spf.mandrillapp.com mx -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    RETIRED = "spf-provider-deprecated-include", Warning, Ok, ["RFC 7208 §10.1.1"],
        "{service} no longer asks for `{term}`";

    /// # A shared sender
    ///
    /// All customers of this service send from the same hosts, so each of them passes SPF with this domain as return path, unless
    /// the service checks who owns it. DMARC counts such a pass when the domains are aligned.
    ///
    /// ```spf bad
    /// v=spf1 include:sendgrid.net -all
    /// ```
    ///
    /// Where the service offers a return path below your domain with a record of its own, use that and leave the include out:
    ///
    /// ```spf good
    /// v=spf1 ip4:9.9.9.9 -all
    /// ```
    SHARED = "spf-shared-provider-wide", Note, Ok, ["RFC 7208 §11.4", "RFC 9989 §11.8"],
        "`{term}` lets every customer of {service} pass SPF for this domain";

    /// # `mx` authorises a service's inbound hosts
    ///
    /// The mail exchanges belong to a known service that sends from other hosts. The term costs a look-up and authorises hosts
    /// that send no mail for this domain.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx include:_spf.google.com ~all"
    /// d.example. MX 1 smtp.google.com.
    /// smtp.google.com. A 142.250.102.26
    /// _spf.google.com. TXT "v=spf1 ip4:74.125.0.0/16 ~all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:_spf.google.com ~all"
    /// d.example. MX 1 smtp.google.com.
    /// _spf.google.com. TXT "v=spf1 ip4:74.125.0.0/16 ~all"
    /// ```
    MX = "spf-mx-of-provider", Note, Ok, ["RFC 7208 §5.4"],
        "`{term}` authorises inbound hosts of {service}, which sends from others";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for term in cx.record.terms() {
        let is_followed = match term.kind {
            crate::spf::TermKind::Directive(directive) => matches!(directive.mechanism, Mechanism::Include(_)),
            crate::spf::TermKind::Redirect(_) => true,
            _ => false,
        };
        if let Some(spec) = term.domain_spec().filter(|_| is_followed) {
            include(cx, term.span, spec, out);
        }
    }
}

fn include(cx: &Context<'_>, span: Span, spec: DomainSpec, out: &mut Findings) {
    let name = cx.text(spec.span);
    let name = name.strip_suffix('.').unwrap_or(name);
    if let Some(retired) = retired(name) {
        let fix = match retired.instead {
            Some(instead) => Fix::maybe(format!("include `{instead}`"), [Edit::replace(spec.span, instead)]),
            None => Fix::maybe("remove it", [edits::remove(cx, span)]),
        };
        out.report(&RETIRED, cx.at(span))
            .quote("term")
            .arg("service", retired.service)
            .fix(fix)
            .evidence(Evidence::Guessed);
    } else if let Some(service) = of_include(name).filter(|service| service.is_shared) {
        out.report(&SHARED, cx.at(span)).quote("term").arg("service", service.name).evidence(Evidence::Guessed);
    }
}

pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    for branch in world.own().filter(|branch| branch.kind == BranchKind::Mx) {
        let services: Option<Vec<_>> = branch.exchanges().map(|mx| of_exchange(mx.exchange.as_str())).collect();
        // A server of one's own among them may send.
        let Some([service, others @ ..]) = services.as_deref() else { continue };
        if others.iter().any(|other| other.name != service.name) {
            continue;
        }
        out.report(&MX, cx.at(branch.span))
            .quote("term")
            .arg("service", service.name)
            .fix(Fix::maybe("remove it", [edits::remove(cx, branch.span)]))
            .evidence(Evidence::Guessed);
    }
    missing(cx, world, out);
}

fn missing(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let Some(service) = world.exchanges.iter().find_map(|mx| of_exchange(mx.exchange.as_str())) else { return };
    let is_included =
        world.tree.nodes().any(|node| of_include(node.domain.as_str()).is_some_and(|s| s.name == service.name));
    let sends_nothing =
        world.networks.ipv4.is_empty() && world.networks.ipv6.is_empty() && world.networks.open.is_empty();
    // What an include with macros, or one that did not answer, holds is not known.
    let is_unknown = world.own().any(|branch| branch.kind == BranchKind::Include && branch.target == Target::Sender)
        || !world.tree.complete
        || world.networks.passes_everyone();
    if is_included || sends_nothing || is_unknown {
        return;
    }
    let Some(include) = service.includes.first() else { return };
    let end = cx.record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All).map(|(span, _)| span);
    let end = end.or(cx.record.redirect().map(|(span, _)| span));
    let edit = match end {
        Some(span) => Edit::insert(span.start as usize, format!("include:{include} ")),
        None => edits::append(cx, &format!("include:{include}")),
    };
    out.report(&MISSING, cx.at(cx.record.version()))
        .arg("service", service.name)
        .fix(Fix::maybe(format!("include `{include}`"), [edit]))
        .evidence(Evidence::Guessed);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, codes_in, fixed, zone_fixed};

    #[test]
    fn retired_names() {
        assert_eq!(
            fixed("v=spf1 include:smtp.zendesk.com ?all", "spf-provider-deprecated-include"),
            "v=spf1 include:mail.zendesk.com ?all"
        );
        assert_eq!(
            fixed("v=spf1 mx include:SPF.mandrillapp.com ?all", "spf-provider-deprecated-include"),
            "v=spf1 mx ?all"
        );
        assert!(codes("v=spf1 include:spf.sendinblue.com ?all").iter().all(|code| *code != "spf-shared-provider-wide"));
    }

    #[test]
    fn a_server_of_ones_own_beside_a_service_may_send() {
        let told = |exchanges: &[&str]| {
            let exchanges: String = exchanges.iter().map(|host| format!("\nd.example MX {host}")).collect();
            let world = format!("d.example TXT v=spf1 mx include:_spf.google.com ~all{exchanges}");
            codes_in(&world).contains(&"spf-mx-of-provider")
        };
        assert!(told(&["aspmx.l.google.com", "alt1.aspmx.l.google.com"]));
        assert!(!told(&["mail.d.example", "aspmx.l.google.com"]));
        assert!(!told(&[]));
    }

    #[test]
    fn a_service_that_is_not_included() {
        let world = |record: &str| {
            format!(
                "d.example TXT {record}\nd.example MX aspmx.l.google.com\n_spf.google.com TXT v=spf1 ip4:74.125.0.0/16 ~all"
            )
        };
        assert_eq!(
            zone_fixed(&world("v=spf1 ip4:9.9.9.9 -all"), "spf-provider-missing"),
            "v=spf1 ip4:9.9.9.9 include:_spf.google.com -all"
        );
        for record in [
            "v=spf1 -all",
            "v=spf1 include:_spf.google.com -all",
            "v=spf1 redirect=_spf.google.com",
            "v=spf1 include:%{d}.x.example -all",
        ] {
            assert!(!codes_in(&world(record)).contains(&"spf-provider-missing"), "{record}");
        }
    }
}
