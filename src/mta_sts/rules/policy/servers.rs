//! Whether the patterns of a policy and the mail servers fit (RFC 8461 §4.1).

use super::Context;
use crate::Name;
use crate::finding::{Effect, Findings, Severity, rules};
use crate::mta_sts::Mode;
use crate::mta_sts::policy::{fits, is_pattern};

rules! {
    /// # A mail server is not in the policy
    ///
    /// Senders do not deliver to a mail server that no pattern names. If it is the only one that answers, mail stays away. In mode
    /// `testing` they deliver, and say in their TLS reports that they would not.
    ///
    /// ```mta-sts-policy bad zone
    /// version: STSv1
    /// mode: enforce
    /// mx: mx1.d.example
    /// max_age: 604800
    /// ; zone
    /// d.example. MX 10 mx1.d.example.
    /// d.example. MX 20 mx2.d.example.
    /// ```
    ///
    /// ```mta-sts-policy good zone
    /// version: STSv1
    /// mode: enforce
    /// mx: *.d.example
    /// max_age: 604800
    /// ; zone
    /// d.example. MX 10 mx1.d.example.
    /// d.example. MX 20 mx2.d.example.
    /// ```
    MX_NOT_COVERED = "sts-policy-mx-not-covering", Error, MailRefused, ["RFC 8461 §4.1"],
        "no pattern of the MTA-STS policy fits the mail server `{host}`, so senders {what}";

    /// # A pattern fits no mail server
    ///
    /// It does no harm. It may be left from a server that is gone, or announce one that is to come.
    ///
    /// ```mta-sts-policy bad zone
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// mx: old.d.example
    /// max_age: 604800
    /// ; zone
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```mta-sts-policy good zone
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ; zone
    /// d.example. MX 10 mx.d.example.
    /// ```
    MX_EXTRA = "sts-policy-mx-extra", Note, Ok, ["RFC 8461 §4.1"], "`{pattern}` fits no mail server of `{domain}`";
}

impl Context<'_> {
    /// §4.1: whether the patterns and the mail servers fit.
    pub(super) fn servers<'s>(&self, servers: impl Iterator<Item = &'s Name> + Clone, out: &mut Findings) {
        let named = self.policy.mx().next().is_some();
        if !named || self.policy.mode().is_none_or(|mode| mode == Mode::None) {
            return;
        }
        // A null MX takes no mail, and needs no policy.
        let servers = servers.filter(|server| !server.as_str().is_empty() && server.as_str() != ".");
        for server in crate::order::set(servers.clone()) {
            if !self.policy.covers(server) {
                let found = out.report(&MX_NOT_COVERED, self.place("mx")).arg("host", server);
                // §5: only in mode `enforce` is mail kept back.
                let is_enforced = self.policy.mode() == Some(Mode::Enforce);
                found.arg(
                    "what",
                    match (self.counts(), is_enforced) {
                        (true, true) => "do not deliver there",
                        (true, false) => "report it, and in mode `enforce` would not deliver there",
                        (false, _) => "would not deliver there if the policy counted",
                    },
                );
                if !(self.counts() && is_enforced) {
                    found.severity(Severity::Warning).effect(Effect::Ok);
                }
            }
        }
        let text = self.text();
        for pattern in self.policy.mx().filter(|pattern| is_pattern(&text[*pattern])) {
            if !servers.clone().any(|server| fits(&text[pattern], server)) {
                out.report(&MX_EXTRA, self.label(pattern)).quote("pattern").arg("domain", self.domain);
            }
        }
    }
}
