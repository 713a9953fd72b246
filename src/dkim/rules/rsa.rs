//! An RSA key in `p` (RFC 6376 §3.6.1, RFC 8301): how strong it is, and how it is written.

use super::context::Context;
use crate::dkim::der::{self, Structure};
use crate::dkim::{RsaForm, RsaKey, base64};
use crate::finding::{Edit, Effect, Findings, Fix, Severity, rules};
use crate::text::Span;

rules! {
    /// # The RSA key stands without its envelope
    ///
    /// RFC 6376 speaks of RSAPublicKey; everybody publishes SubjectPublicKeyInfo. Not every verifier reads both.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIGJAoGBALdiFic7yHCXILb4eEhlB1lp7XcEl55Qn4Mfx1A6gtWhwwB9DyCehc7pSvnCg6oVQTrCzZINcJFjxiWRdwCnUcYfUBRSDxJZPxIR/1yC/hpMxKe5qDlASiGIPWI4AxGMTgOJoBGj3Buu1OlpgO0yghPS5PYifLF4mCUyr6pdOs4nAgMBAAE=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    RSA_PKCS1 = "dkim-key-rsa-pkcs1", Note, Differs, ["RFC 6376 §3.6.1", "RFC 8017 A.1.1"],
        "`p` is an RSAPublicKey and not a SubjectPublicKeyInfo, which not every verifier reads";

    /// # The RSA key is too short
    ///
    /// Verifiers must not accept RSA keys of fewer than 1024 bits: they can be broken.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANsleCqVRuWrGdIwm5ulJtN+GO/dCZqUCAEygas6BpxWCDFkcXwaYRuxbfDBmg6z6Yf4dojSzZ50QJZWv9RI8SkCAwEAAQ==
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    TOO_SHORT = "dkim-key-too-short", Error, Permerror, ["RFC 8301 §3.2"],
        "the RSA key has {bits} bits: verifiers must not accept fewer than 1024";

    /// # The RSA key is shorter than recommended
    ///
    /// 1024 bits are the least that verifiers accept. 2048 are recommended.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    RSA_1024 = "dkim-key-1024", Warning, Ok, ["RFC 8301 §3.2"],
        "the RSA key has {bits} bits; at least 2048 are recommended";

    /// # The RSA key is longer than usual
    ///
    /// Verifiers must handle up to 4096 bits; older ones stop at 2048.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAozS6IWTZDBXCCNyxLCRE1SAjymnHs1Y2cKOl5Ebjc1Vz/46NO+RoaAV2Un24xRqmWI7/SroHa8ig8ibWz8TIP9LQZUZWUGCOdf5KWqKNRjPmkyQju8VdvVISoHpfLqgMa0X1T+aBHVddRMUmEksd4n7OV7wn/HpK2d+Qmym0ATkXkhCcWJKCfaSuUCVe56dTzoypTiYVuvfK8hLpA8sSLrL9OvMCoPbSQFf/MUUak90CsOvVVDvMRQjS6+n5q45PgaegShrhJTxeHlgUPXtqyUtgCNjlHCJC+q+RqReCml0Uj/7RPTLpECNXBs3Qo6Bb31N2gxGxxa0oMc6U2LgKjZHHP5as0+IEzrh+cv+Mvq6rmMC0/Sw3ipJvytJYtNpj9h2Z/B5JkfCWQq51Cl+IxEhZDABcwr2GtVOsheBPzsllpfn367CI2Rk4ElL7KU6dsVaqeFmacMySPMSqAENoqtF3NRqfzYmY+Osm/C2eDZWYfsNSWMLdCJePUbaMKx2rAgMBAAE=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    TOO_LONG = "dkim-key-too-long", Note, Ok, ["RFC 8301 §3.2"],
        "the RSA key has {bits} bits, which not every verifier handles";

    /// # The exponent of the RSA key is unusual
    ///
    /// Practically every key has the exponent 65537. Some verifiers reject others. With 1, or an even number, there is no key at
    /// all: everybody could sign.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIGdMA0GCSqGSIb3DQEBAQUAA4GLADCBhwKBgQDlCDbztKdaNCgNf8U7kQwH/LpkAngy6qDNMwGgQJXvq3BI65dWsxRet9V7zkfU9plbtWKGPDaRYsJzVVebdXRHrY0o6qsbx1ApnKvZVLTa8SH2zVE8Ps6RjDHvTNf0pTiLYfJLQsOihS9YI2M4fuHNYWD2PDgoH6U3Hdi7OJ77jQIBAw==
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    EXPONENT_ODD = "dkim-key-exponent-odd", Warning, Ok, ["RFC 6376 §8.13"],
        "the exponent of the RSA key is {exponent} and not 65537, which {who} reject";
}

pub(super) fn strength(cx: &Context<'_>, p: Span, rsa: &RsaKey, out: &mut Findings) {
    let bits = rsa.bits();
    // RFC 8301 §3.2
    let rule = match bits {
        ..1024 => Some(&TOO_SHORT),
        1024..2048 => Some(&RSA_1024),
        2048 => None,
        _ => Some(&TOO_LONG),
    };
    if let Some(rule) = rule {
        out.report(rule, cx.label(p)).arg("bits", bits);
    }
    if rsa.exponent() != [1, 0, 1] {
        let exponent = number(rsa.exponent());
        out.report(&EXPONENT_ODD, cx.label(p)).arg("exponent", exponent).arg("who", "some verifiers");
    }
    if rsa.form == RsaForm::Pkcs1 {
        let found = out.report(&RSA_PKCS1, cx.label(p));
        if let Ok(bare) = base64::decode(cx.slice(p).as_bytes()) {
            let wrapped = base64::encode(&der::spki_of_rsa(&bare));
            found.fix(Fix::machine("write it as SubjectPublicKeyInfo", [Edit::replace(p, wrapped)]));
        }
    }
}

/// With such an exponent everybody could sign.
pub(super) fn bad_exponent(cx: &Context<'_>, p: Span, out: &mut Findings) {
    let octets = base64::decode(cx.slice(p).as_bytes()).unwrap_or_default();
    let (Structure::RsaSpki { exponent, .. } | Structure::RsaPkcs1 { exponent, .. }) = der::structure(&octets) else {
        return;
    };
    let found = out.report(&EXPONENT_ODD, cx.label(p)).arg("exponent", number(exponent));
    found.arg("who", "all verifiers").severity(Severity::Error).effect(Effect::Permerror);
}

/// A number of a few octets; a longer one is only called so.
fn number(octets: &[u8]) -> String {
    match octets.len() {
        ..=8 => octets.iter().fold(0u64, |number, &octet| number << 8 | u64::from(octet)).to_string(),
        length => format!("a number of {length} octets"),
    }
}
