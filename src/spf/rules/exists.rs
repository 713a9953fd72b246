//! `exists` and `ptr` (RFC 7208 §5.5, §5.7).

use super::Context;
use crate::finding::{Applicability, Edit, Findings, Fix, rules};
use crate::spf::{Letter, Mechanism, Piece, pieces};

rules! {
    /// # `ptr` is published
    ///
    /// Every receiver has to look up the reverse name of the client, and the addresses of up to ten names found there. That
    /// is slow, fails when the reverse zone's servers do, and puts load on them. The standard says not to publish it, and
    /// some receivers do not evaluate it.
    ///
    /// ```spf bad
    /// v=spf1 ptr -all
    /// ```
    ///
    /// Name the hosts or networks instead:
    ///
    /// ```spf good
    /// v=spf1 a:mail.example.com ip4:192.0.2.0/24 -all
    /// ```
    PTR_USED = "spf-ptr-used", Warning, Ok, ["RFC 7208 §5.5"],
        "`{term}` is slow and unreliable, and should not be published";

    /// # `exists` asks about each sender
    ///
    /// Its name holds the client's address or the sender's mailbox, so each receiver asks the zone's owner about each mail.
    /// Nobody else can see who is authorised, the answers can hardly be cached, and the owner learns who writes to whom.
    ///
    /// ```spf bad
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    ///
    /// Where the senders can be listed, list them:
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    EXISTS_USED = "spf-exists-used", Note, Ok, ["RFC 7208 §5.7", "RFC 7208 §11.6"],
        "`{term}` asks the owner of that zone about each sender";

    /// # `exists` without a macro
    ///
    /// The name is the same for every sender, so it matches everybody or nobody: everybody passes as long as the name has
    /// an address.
    ///
    /// ```spf bad
    /// v=spf1 exists:spf.example.com -all
    /// ```
    ///
    /// To authorise the host of that name, use `a`:
    ///
    /// ```spf good
    /// v=spf1 a:spf.example.com -all
    /// ```
    EXISTS_STATIC = "spf-exists-static", Warning, Ok, ["RFC 7208 §5.7"],
        "`{term}` matches everybody or nobody: its name is the same for every sender";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for (span, directive) in cx.record.directives() {
        match directive.mechanism {
            Mechanism::Ptr { .. } => {
                let by_name =
                    Fix::edit("name the hosts", [Edit::replace(span, "a:HOST")], Applicability::HasPlaceholders);
                out.report(&PTR_USED, cx.at(span)).quote("term").fix(by_name);
            }
            Mechanism::Exists(spec) if spec.has_macros && depends_on_sender(cx.text(spec.span)) => {
                out.report(&EXISTS_USED, cx.at(span)).quote("term");
            }
            Mechanism::Exists(spec) => {
                let name = Fix::maybe(
                    "authorise the host of that name",
                    [Edit::replace(span, format!("a:{}", cx.text(spec.span)))],
                );
                out.report(&EXISTS_STATIC, cx.at(span)).quote("term").fix(name);
            }
            _ => {}
        }
    }
}

fn depends_on_sender(text: &str) -> bool {
    pieces(text).any(|piece| matches!(piece, Ok(Piece::Expand(expand)) if expand.letter != Letter::Domain))
}

#[cfg(test)]
mod tests {
    use super::super::testing::codes;

    #[test]
    fn the_domain_is_the_same_for_every_sender() {
        assert_eq!(codes("v=spf1 exists:spf.%{d2} ~all"), ["spf-exists-static", "spf-softfail-all"]);
        assert_eq!(codes("v=spf1 exists:%{l}.spf.%{d} ~all"), ["spf-exists-used", "spf-softfail-all"]);
    }
}
