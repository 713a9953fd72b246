//! What is told about a Received-SPF field.

use crate::finding::{Diagnostic, Findings, Label, Subject, rules};
use crate::spf::received_spf::ReceivedSpf;

rules! {
    /// # The Received-SPF field does not parse
    ///
    /// A receiver writes its SPF result, the client's address and the identities down in Received-SPF. A field that does not
    /// follow the grammar is ignored by programs that read it, or read in different ways.
    ///
    /// ```received-spf bad
    /// Pas (x) client-ip=
    /// ```
    ///
    /// ```received-spf good
    /// pass (mx.example.org: ok) client-ip=192.0.2.1; envelope-from="a@example.com"; helo=mx.example.com
    /// ```
    MALFORMED = "spf-received-spf-malformed", Note, Ignored, ["RFC 7208 §9.1"],
        "in Received-SPF `{part}` {defect}";
}

/// The findings about the body of a Received-SPF field.
///
/// ```
/// let found = mailproof::spf::lint_received_spf("Pas (x) client-ip=");
/// assert!(found.iter().all(|finding| finding.code == "spf-received-spf-malformed"));
/// assert_eq!(found[0].primary.quoted(), "Pas");
/// ```
pub fn lint_received_spf(text: &str) -> Vec<Diagnostic> {
    let subject = Subject::given(text);
    let mut out = Findings::default();
    for (defect, span) in ReceivedSpf::parse(text).defects {
        let found = out.report(&MALFORMED, Label::new(&subject, span).with(defect.told()));
        found.quote("part").arg("defect", defect.told());
    }
    out.into_sorted()
}
