//! A key that came through a form of a website, where `+` stands for a space (application/x-www-form-urlencoded).

use super::context::Context;
use crate::dkim::key_data::key_data;
use crate::dkim::{KeyData, KeyType};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::text::Span;

rules! {
    /// # The key has lost its `+`
    ///
    /// In what a form of a website sends, `+` means a space, and a DNS panel that decodes the form once too often puts spaces in its
    /// place. Verifiers skip white space in a key, so to them characters are missing, and the key cannot be read.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07 tQ9f9afGD/z7ncgiAB/syD/70nlcB tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd 9q U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1 FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7 JOlaOsPEnPLtXgnP /cCB ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN// 1mw9DoZjirlebKKTXiEirdAL0 LV9PlF1DU1IsTygRca WOZfVQIDAQAB
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    P_PLUS_LOST = "dkim-key-p-plus-lost", Error, Permerror, ["RFC 6376 §2.10", "RFC 4648 §4"],
        "`p` has white space in place of `+`: with it the key is whole";
}

/// Tells it of a `p` that is no key as it stands; whether it did.
pub(super) fn is_told(cx: &Context<'_>, p: Span, out: &mut Findings) -> bool {
    let text = cx.slice(p);
    if !text.contains(' ') {
        return false;
    }
    let whole = text.replace(' ', "+");
    let k = cx.key.k.and_then(|k| k.value);
    let edits = [Edit::replace(p, whole.clone())];
    let title = "write `+` in the place of each space";
    let fix = match key_data(whole.as_bytes(), k.unwrap_or(KeyType::Rsa), k.is_some()) {
        // Its own octets say how long the key is.
        KeyData::Rsa(_) => Fix::machine(title, edits),
        // Any 32 octets look like one.
        KeyData::Ed25519(_) => Fix::maybe(title, edits),
        KeyData::Missing | KeyData::Revoked | KeyData::OtherType | KeyData::Invalid(_) => return false,
    };
    let at = text.find(' ').map_or(p.start as usize, |at| p.start as usize + at);
    out.report(&P_PLUS_LOST, cx.label(Span::new(at, at + 1))).fix(fix);
    true
}

#[cfg(test)]
mod tests {
    use crate::dkim::lint_key;
    use crate::finding::Applicability;

    fn codes(text: &str) -> Vec<&'static str> {
        lint_key(&text.into()).iter().map(|found| found.code.as_str()).collect()
    }

    /// The length alone speaks for it.
    #[test]
    fn a_key_of_ed25519_is_perhaps_so() {
        let lost = "v=DKIM1; k=ed25519; p=11qYAY xCrfVS/7TyWQHOg7hcvPapi lrwIaaPcHURo=";
        assert_eq!(codes(lost), ["dkim-key-p-plus-lost"]);
        assert_eq!(lint_key(&lost.into())[0].fixes[0].applicability, Applicability::MaybeIncorrect);
    }

    /// What is cut off is so with `+` or without.
    #[test]
    fn a_key_that_is_cut_off_has_not_lost_its_plus() {
        let cut = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ wIRP/UC3S";
        assert_eq!(codes(cut), ["dkim-key-p-truncated"]);
    }
}
