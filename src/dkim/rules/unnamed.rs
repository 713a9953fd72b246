//! The key, or the second half of it, as a part of the record by itself: `v=DKIM1; MII…`, `p=; MII…`, `p=MII…;…AQAB`.

use super::context::{Context, is_key};
use crate::dkim::KeyType;
use crate::finding::{Applicability, Edit, Fix};
use crate::tag_list::segments;
use crate::text::Span;

/// Octets from which on a text without `=` may be a damaged key, and those from which on it may be a piece of one if it is of base64.
const KEY: usize = 40;
const PIECE: usize = 16;

/// Whether the text may be a key or a piece of one: nobody takes it away.
pub(super) fn may_be_of_a_key(text: &str) -> bool {
    let is_base64 = || text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    text.len() >= KEY || text.len() >= PIECE && is_base64()
}

/// Whether the text is a key of the type that `k` names, and how sure that is: the octets of RSA say so themselves, and any 32 are a key of
/// Ed25519 (RFC 8463 §4).
pub(super) fn is_meant(cx: &Context<'_>, text: &str) -> Option<Applicability> {
    let k = cx.key.k.map(|k| k.value == Some(KeyType::Ed25519));
    let sure = if k == Some(true) { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect };
    let is_rsa = is_key(text, false).then_some(Applicability::MachineApplicable);
    is_rsa.or_else(|| (k != Some(false) && is_key(text, true)).then_some(sure))
}

/// How the part at `span` becomes the value of `p`, or the rest of it, where it is a key only so.
pub(super) fn key(cx: &Context<'_>, span: Span) -> Option<Fix> {
    let part = cx.slice(span);
    let Some(p) = cx.tag("p").map(|p| p.value) else {
        let name = |sure| Fix::edit("name the key `p`", [Edit::insert(span.start as usize, "p=")], sure);
        return is_meant(cx, part).map(name);
    };
    let gap = Span { start: p.end, end: span.start };
    let follows = p.end <= span.start && cx.slice(gap).trim() == ";";
    let start = cx.slice(p);
    // A whole key has no rest, whatever stands behind it.
    let is_whole = !follows || is_key(start, false) || is_key(start, true);
    let sure = is_meant(cx, &format!("{start}{part}")).filter(|_| !is_whole)?;
    Some(Fix::edit("take the semicolon away", [Edit::delete(gap)], sure))
}

/// What stands between two semicolons and begins with `name`.
pub(super) fn segment(cx: &Context<'_>, name: Span) -> Option<Span> {
    segments(cx.text()).map(|segment| segment.span).find(|segment| segment.start == name.start && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::dkim::mended_key;
    use crate::finding::{Applicability, apply, apply_all};

    const RSA: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB";
    const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    /// §3.6.1: an empty `p` revokes the key. A semicolon too many must not do that.
    #[test]
    fn a_key_behind_a_semicolon_is_not_revoked() {
        for (k, key) in
            [("rsa", RSA), ("ed25519", ED25519), ("ed25519", &ED25519.replace("11", "AB").replace('/', "x"))]
        {
            let good = format!("v=DKIM1; k={k}; p={key}");
            let (start, rest) = key.split_at(20);
            for text in [
                format!("v=DKIM1; k={k}; p=;{key}"),
                format!("v=DKIM1; k={k}; p= ; {key}"),
                format!("v=DKIM1; k={k}; {key}"),
                format!("v=DKIM1; k={k}; p:{key}"),
                format!("v=DKIM1; k={k}; p={start};{rest}"),
                format!("v=DKIM1; k={k}; p={start}; {rest}"),
            ] {
                assert_eq!(mended_key(&text).as_ref(), Some(&good), "{text}");
            }
        }
        // What is no key as a whole is left to somebody.
        for text in [
            format!("v=DKIM1; k=rsa; p=;{}", &RSA[..60]),
            format!("v=DKIM1; k=rsa; p={};{}", &RSA[..60], &RSA[80..]),
            format!("v=DKIM1; p=; k=rsa; {RSA}"),
        ] {
            assert_eq!(mended_key(&text), None, "{text}");
        }
    }

    /// RFC 8463 §4: any 32 octets are one of Ed25519, and most are none.
    #[test]
    fn a_hash_is_no_key() {
        let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        for text in ["n=note; ", "p=; ", "k=rsa; ", "k=rsa; p=; ", "p:"] {
            let text = format!("v=DKIM1; {text}{hash}");
            let lint = |text: &str| crate::dkim::lint_key(&text.into());
            let sure = apply_all(&text, Applicability::MachineApplicable, lint).text;
            assert_eq!(sure, text);
        }
        // Of two the key is kept.
        let text = format!("v=DKIM1; p=; p={RSA}");
        let found = crate::dkim::lint_key(&text.as_str().into());
        let twice = found.iter().find(|found| found.code == "dkim-key-duplicate-tag").unwrap();
        assert_eq!(apply(&text, twice.fixes[0].edits()), Some(format!("v=DKIM1; p={RSA}")));
    }
}
