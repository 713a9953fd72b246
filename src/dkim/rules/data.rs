//! What `p` holds (RFC 6376 §3.6.1, RFC 8301, RFC 8463).

use super::context::{Context, is_key};
use super::{plus_lost, rsa};
use crate::dkim::{KeyData, KeyError, KeyType, Tag, base64};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::text::Span;

rules! {
    /// # The key is revoked
    ///
    /// An empty `p` says that the key must no longer be used: every signature made with it fails.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; p=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    REVOKED = "dkim-key-revoked", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`p` is empty: the key is revoked";

    /// # There is no key
    ///
    /// The tag `p` holds the public key and is required. Verifiers cannot use a record without it.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    P_MISSING = "dkim-key-p-missing", Error, Permerror, ["RFC 6376 §3.6.1"],
        "the key record has no `p`, so there is no key";

    /// # The key is not base64
    ///
    /// The key has a character that base64 does not know, or a part is missing. Invisible characters come with copied text.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; p=11qYAYKx\u{200b}CrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    P_NOT_BASE64 = "dkim-key-p-not-base64", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 6376 §2.10"],
        "`p` is not base64: {why}";

    /// # The key has the lines of a PEM file around it
    ///
    /// Key files put the base64 between lines such as `-----BEGIN PUBLIC KEY-----`. Only what is between them belongs in `p`.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB-----END PUBLIC KEY-----
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblRvj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1DU1IsTygRca+WOZfVQIDAQAB
    /// ```
    P_PEM_ARMOR = "dkim-key-p-pem-armor", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`p` has the lines of a PEM file around the key, so verifiers cannot read it";

    /// # The key is cut off
    ///
    /// The first octets of a key say how long it is, and this one is shorter. Some DNS panels cut a text after 255 characters, as much
    /// as one string holds. Longer keys are published as several strings of one record.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3S
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    P_TRUNCATED = "dkim-key-p-truncated", Error, Permerror, ["RFC 1035 §3.3.14", "RFC 6376 §3.6.1"],
        "the key in `p` ends after {found} of its {wanted} octets, {missing} are missing: all of it goes into one record{strings}";

    /// # A private key is published
    ///
    /// Whoever reads the DNS can sign in the name of the domain. Make a new pair of keys under a new selector, and publish the
    /// public one.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=MIIBOgIBAAJBANsleCqVRuWrGdIwm5ulJtN+GO/dCZqUCAEygas6BpxWCDFkcXwaYRuxbfDBmg6z6Yf4dojSzZ50QJZWv9RI8SkCAwEAAQJAT02L4r0KXuo/+dQlO3nURwyGsaZnZ0zSaLyCOBhTdBbyffsPFuW/wYFWOnkYye8awugn9pL6kPxQiKQ/G/0b0QIhAPKm9PD+LOnftPucdec65XBVqYqu31RD9nuqRlGhWzrHAiEA5zOAlrUObMAN+sXGEmPOE8s2PGQsiuJMAyF3aWdYBI8CIFcFNwyCKvtIpfAiIUpmncfWgLHimubuZKPe4c7+jegbAiA1JXCktCAJvag5AieC6LBhenAQN9LJZjWk7pd9gkUIXwIhAIU4rCjhMnB35gVTCxASysEpDDBaqK7Vv2IEpxKBuj+5
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    P_PRIVATE = "dkim-key-p-private", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 8017 A.1.2"],
        "`p` holds a private key: everybody can sign in the name of the domain";

    /// # The key cannot be read
    ///
    /// `p` is base64, but not of an RSA public key.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=AAAA
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB
    /// ```
    DER_INVALID = "dkim-key-der-invalid", Error, Permerror, ["RFC 6376 §3.6.1", "RFC 8017 A.1.1"],
        "`p` holds no RSA public key that verifiers can read";

    /// # The Ed25519 key has the wrong size
    ///
    /// An Ed25519 public key is 32 octets, no more and no less.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; p=AAAA
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ED25519_SIZE = "dkim-key-ed25519-size", Error, Permerror, ["RFC 8463 §4"],
        "`p` is not an Ed25519 key, which has exactly 32 octets";

    /// # The Ed25519 key has an envelope
    ///
    /// Tools print Ed25519 keys as SubjectPublicKeyInfo. DKIM wants the 32 octets of the key alone.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ED25519_SPKI = "dkim-key-ed25519-spki", Error, Permerror, ["RFC 8463 §4"],
        "the Ed25519 key in `p` is a SubjectPublicKeyInfo; only its last 32 octets belong there";

    /// # An Ed25519 key without `k=ed25519`
    ///
    /// Without `k`, or with `k=rsa`, the key counts as RSA, and 32 octets are no RSA key.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=rsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ED25519_K_MISSING = "dkim-key-ed25519-k-missing", Error, Permerror, ["RFC 8463 §4"],
        "`p` has the 32 octets of an Ed25519 key, but {type}";

    /// # White space in the key
    ///
    /// White space in `p` is allowed. It is often the trace of a text that was split by hand.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; p=11qYAYKx CrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    SPACE_IN_P = "dkim-key-space-in-p", Note, Ok, ["RFC 6376 §3.6.1"], covers ["dns-string-split-space"],
        "there is white space inside the key in `p`";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(p) = cx.tag("p") else {
        if !cx.is_swallowed("p") {
            out.report(&P_MISSING, cx.label(Span::new(0, cx.text().len())));
        }
        return;
    };
    // What else the value holds is told by other rules.
    if cx.is_pasted(p.value) || !cx.swallowed(p).is_empty() {
        return;
    }
    match &cx.key.data {
        KeyData::Revoked => {
            out.report(&REVOKED, cx.part(p));
        }
        KeyData::Rsa(rsa) => rsa::strength(cx, p.value, rsa, out),
        KeyData::Invalid(error) => invalid(cx, p, error, out),
        KeyData::Missing | KeyData::Ed25519(_) | KeyData::OtherType => {}
    }
    if matches!(cx.key.data, KeyData::Rsa(_) | KeyData::Ed25519(_)) {
        space(cx, p.value, out);
    }
}

/// Octets of a character-string (RFC 1035 §3.3).
const STRING: usize = 255;

/// Characters that `octets` take in base64 (RFC 4648 §4).
fn base64_of(octets: usize) -> usize {
    octets.div_ceil(3).saturating_mul(4)
}

fn invalid(cx: &Context<'_>, p: Tag, error: &KeyError, out: &mut Findings) {
    let (value, text) = (p.value, cx.slice(p.value));
    if plus_lost::is_told(cx, value, out) {
        return;
    }
    match error {
        KeyError::Base64(_) if text.contains("-----") => armor(cx, value, out),
        KeyError::Base64(error) => {
            // The reason has offsets in the value; the text of a message has none.
            let found = out.report(&P_NOT_BASE64, cx.label(error.place(text).shifted(value.start as usize)));
            found.arg("why", error);
            let ed25519 = cx.key.k.is_some_and(|k| k.value == Some(KeyType::Ed25519));
            let clean: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c)).collect();
            if is_key(&clean, ed25519) {
                found.fix(Fix::machine("keep only the base64", [Edit::replace(value, clean)]));
            }
        }
        KeyError::PemArmor => {
            let found = out.report(&P_PEM_ARMOR, cx.label(value));
            let body = text.split("-----").nth(2).unwrap_or_default().trim();
            if is_key(body, false) {
                found.fix(Fix::machine("keep only what is between the lines", [Edit::replace(value, body)]));
            }
            // That everybody can sign now is worse than that nobody can verify.
            if text.contains("PRIVATE KEY-----") {
                out.report(&P_PRIVATE, cx.label(value));
            }
        }
        KeyError::Private => {
            out.report(&P_PRIVATE, cx.label(value));
        }
        KeyError::Truncated { found, wanted } => {
            let strings = match cx.key.source.text().len().saturating_sub(text.len()).saturating_add(base64_of(*wanted))
            {
                ..=STRING => String::new(),
                octets => format!(" of {} strings, as one holds {STRING} octets", octets.div_ceil(STRING)),
            };
            let cut = out.report(&P_TRUNCATED, cx.label(value)).arg("found", found).arg("wanted", wanted);
            cut.arg("missing", wanted.saturating_sub(*found)).arg("strings", strings);
        }
        KeyError::NotDer | KeyError::OtherAlgorithm | KeyError::BadNumbers => {
            // `k=rsa` is written: whether that or the key is wrong, only the owner knows.
            if let Some(k) = cx.key.k.filter(|_| is_key(text, true)) {
                let found = out.report(&ED25519_K_MISSING, cx.label(value)).related(cx.label(k.span).with("the type"));
                found.arg("type", "`k` says `rsa`");
                found.fix(Fix::maybe("name the type `ed25519`", [Edit::replace(k.span, "ed25519")]));
            } else {
                out.report(&DER_INVALID, cx.label(value));
            }
        }
        KeyError::BadExponent => rsa::bad_exponent(cx, value, out),
        KeyError::Ed25519Size { .. } => {
            out.report(&ED25519_SIZE, cx.label(value));
        }
        KeyError::RsaDeclaredEd25519 => {
            let found = out.report(&ED25519_SIZE, cx.label(value));
            if let Some(k) = cx.key.k {
                found.fix(Fix::maybe("name the type `rsa`", [Edit::replace(k.span, "rsa")]));
            }
        }
        KeyError::Ed25519Spki(key) => {
            let mut edits = vec![Edit::replace(value, base64::encode(key))];
            match cx.key.k {
                Some(k) if k.value == Some(KeyType::Ed25519) => {}
                Some(k) => edits.push(Edit::replace(k.span, "ed25519")),
                None => edits.push(Edit::insert(p.name.start as usize, "k=ed25519; ")),
            }
            out.report(&ED25519_SPKI, cx.label(value)).fix(Fix::machine("keep the last 32 octets", edits));
        }
        KeyError::Ed25519Undeclared(_) => {
            let found = out.report(&ED25519_K_MISSING, cx.label(value)).arg("type", "`k` is missing");
            // `K` is told and mended by itself.
            if cx.tag("K").is_none() {
                found.fix(Fix::machine("name the type", [Edit::insert(p.name.start as usize, "k=ed25519; ")]));
            }
        }
    }
}

/// One of the lines of a PEM file is left.
fn armor(cx: &Context<'_>, value: Span, out: &mut Findings) {
    let found = out.report(&P_PEM_ARMOR, cx.label(value));
    let pieces = cx.slice(value).split("-----").map(str::trim);
    if let Some(body) = pieces.into_iter().find(|piece| is_key(piece, false)) {
        found.fix(Fix::machine("keep only the key", [Edit::replace(value, body)]));
    }
}

fn space(cx: &Context<'_>, p: Span, out: &mut Findings) {
    let text = cx.slice(p);
    let Some(at) = text.find(|c: char| c.is_ascii_whitespace()) else { return };
    let rest = text[at..].trim_start();
    let first = Span::new(at, text.len() - rest.len()).shifted(p.start as usize);
    let joined: String = text.split_ascii_whitespace().collect();
    out.report(&SPACE_IN_P, cx.label(first)).fix(Fix::machine("take the white space away", [Edit::replace(p, joined)]));
}
