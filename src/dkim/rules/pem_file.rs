//! A key file in place of a key record (RFC 7468).

use super::context::Context;
use crate::dkim::der::{self, Structure};
use crate::dkim::{base64, pem};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::text::Span;

rules! {
    /// # A key file stands in place of a key record
    ///
    /// A PEM file holds the key between two lines. A key record holds the same base64 in its tag `p`, without the lines, and only that of
    /// the public key: the private one stays with the signer.
    ///
    /// ```dkim-key bad
    /// -----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=-----END PUBLIC KEY-----
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    PEM_FILE = "dkim-key-pem-file", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 7468 §2"], covers ["dkim-key-p-pem-armor"],
        "a key file stands here and no key record{why}";
}

/// Tells of a key file. Nothing else is to be said about one.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) -> bool {
    let text = cx.text().trim();
    if !text.starts_with("-----BEGIN ") {
        return false;
    }
    let found = out.report(&PEM_FILE, cx.label(Span::of(text, cx.text())));
    if text.contains("PRIVATE KEY-----") {
        found.arg("why", ", and its key is private: only the signer may have it");
        return true;
    }
    found.arg("why", "");
    if let Some(record) = record(text) {
        found.fix(Fix::machine("write the key record", [Edit::replace(Span::new(0, cx.text().len()), record)]));
    }
    true
}

/// The key record of a file that holds a public key.
fn record(file: &str) -> Option<String> {
    let octets = pem::octets(file)?;
    match der::structure(&octets) {
        Structure::RsaSpki { .. } => Some(format!("v=DKIM1; k=rsa; p={}", base64::encode(&octets))),
        Structure::RsaPkcs1 { .. } => Some(format!("v=DKIM1; k=rsa; p={}", base64::encode(&der::spki_of_rsa(&octets)))),
        Structure::Ed25519Spki(key) => Some(format!("v=DKIM1; k=ed25519; p={}", base64::encode(key))),
        Structure::Private | Structure::OtherSpki | Structure::Truncated { .. } | Structure::Unknown => None,
    }
}
