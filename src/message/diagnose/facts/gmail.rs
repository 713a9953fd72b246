//! Gmail addresses, and hosts of Google.

use crate::Name;
use crate::message::diagnose::mail::domain_of;

/// Whether a domain is one of Gmail's.
pub(in super::super) fn is_gmail(domain: &Name) -> bool {
    ["gmail.com", "googlemail.com"].contains(&domain.as_str())
}

/// Whether a mail exchange is Google's.
pub(in super::super) fn is_google_host(host: &Name) -> bool {
    let host = host.as_str();
    ["google.com", "googlemail.com"]
        .iter()
        .any(|of| host.strip_suffix(of).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// Whether two addresses lead to one mailbox, if it is at Gmail: dots in the local-part, a `+tag` and the name of the
/// domain make no difference there.
pub(in super::super) fn same_gmail(a: &str, b: &str) -> bool {
    key(a).is_some_and(|a| Some(a) == key(b))
}

fn key(address: &str) -> Option<(String, Name)> {
    let domain = domain_of(address)?;
    let (local, _) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    let local = local.split('+').next().unwrap_or_default().to_ascii_lowercase();
    if is_gmail(&domain) {
        let plain = local.chars().filter(|c| *c != '.').collect();
        return Some((plain, Name::parse("gmail.com").ok()?));
    }
    Some((local, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox() {
        assert!(same_gmail("Ann.Lee+x@gmail.com", "annlee@googlemail.com"));
        assert!(same_gmail("ann+x@d.example", "ann@d.example"));
        assert!(!same_gmail("a.nn@d.example", "ann@d.example"));
        assert!(!same_gmail("nobody", "nobody"));
        assert!(is_google_host(&"aspmx.l.google.com".parse().unwrap()));
        assert!(!is_google_host(&"notgoogle.com".parse().unwrap()));
    }
}
