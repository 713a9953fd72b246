//! The name of a host in place of a key record: what a service wants as an alias was published as text.

use super::context::Context;
use crate::dkim::key::host_named;
use crate::finding::{Findings, rules};
use crate::text::Span;

rules! {
    /// # The name of a host stands in place of a key
    ///
    /// Services that keep the key themselves give a name for a CNAME record. Published as TXT, the name is a key record without a
    /// key, and verifiers do not follow it.
    ///
    /// ```zone bad s1._domainkey.d.example
    /// s1._domainkey.d.example. TXT "s1.d.dkim.esp.example"
    /// ```
    ///
    /// ```zone good s1._domainkey.d.example
    /// s1._domainkey.d.example. CNAME s1.d.dkim.esp.example.
    /// s1.d.dkim.esp.example.   TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    HOSTNAME = "dkim-key-is-hostname", Error, Permerror, ["RFC 6376 §3.6.2.2", "RFC 1034 §3.6.2"],
        "`{host}` is the name of a host and no key: it belongs in a CNAME record at the selector";
}

/// Tells of a name of a host. Nothing else is to be said about one.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) -> bool {
    let Some(host) = host_named(cx.text()) else { return false };
    out.report(&HOSTNAME, cx.label(Span::of(cx.text().trim(), cx.text()))).arg("host", host);
    true
}

#[cfg(test)]
mod tests {
    use crate::dkim::lint_key;

    #[test]
    fn a_name_is_told_as_a_name() {
        for text in [
            "s1.domainkey.u123.wl.sendgrid.net",
            "selector1-d-example._domainkey.d.onmicrosoft.com.",
            "u1.dkim.amazonses.com",
            "s1.dkim.xn--e1afmkfd.xn--p1ai",
        ] {
            let found = lint_key(&text.into());
            assert_eq!(found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(), ["dkim-key-is-hostname"]);
        }
        for text in ["p=a.b.example", "d.example", "", "1.2.3.4", "a b.c.example"] {
            assert!(lint_key(&text.into()).iter().all(|found| found.code != *"dkim-key-is-hostname"), "{text}");
        }
    }
}
