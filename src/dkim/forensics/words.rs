//! Encoded words (RFC 2047), there and back.

use super::coding;
use crate::dkim::base64;

/// Encoded words decoded, and the other way round (RFC 2047).
pub(super) fn words(value: &str, out: &mut Vec<String>) {
    if let Some(decoded) = decoded(value) {
        encoded(&decoded, out);
        out.push(decoded);
        out.push(value.replace("?= =?", "?==?"));
        for (from, to) in [
            ("=?utf-8?", "=?UTF-8?"),
            ("=?UTF-8?", "=?utf-8?"),
            ("?q?", "?Q?"),
            ("?Q?", "?q?"),
            ("?b?", "?B?"),
            ("?B?", "?b?"),
        ] {
            out.push(value.replace(from, to));
        }
        out.push(value.replace("=?utf-8?q?", "=?UTF-8?Q?"));
        out.push(value.replace("=?UTF-8?Q?", "=?utf-8?q?"));
        out.push(value.replace("=?utf-8?b?", "=?UTF-8?B?"));
        out.push(value.replace("=?UTF-8?B?", "=?utf-8?b?"));
    } else if !value.is_ascii() {
        encoded(value, out);
    }
}

/// `value` with its encoded words decoded; `None` without one that can be.
pub(super) fn decoded(value: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    let mut found = false;
    while let Some((before, after)) = rest.split_once("=?") {
        let (word, next) = after.split_once("?=").filter(|(word, _)| word.matches('?').count() == 2).or_else(|| {
            // A Q-encoded word may start with `=`: `=?utf-8?q?=C3=BC?=` splits too early.
            let end = after.match_indices("?=").map(|(at, _)| at).find(|&at| after[..at].matches('?').count() == 2)?;
            Some((&after[..end], &after[end + 2..]))
        })?;
        let mut parts = word.split('?');
        let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
        let octets = match encoding {
            "q" | "Q" => {
                let spaced = text.replace('_', " ");
                coding::decode_quoted_printable(spaced.as_bytes()).unwrap_or_else(|| spaced.into_bytes())
            }
            "b" | "B" => base64::decode(text.as_bytes()).ok()?,
            _ => return None,
        };
        let text = match charset.to_ascii_lowercase().as_str() {
            "utf-8" | "us-ascii" => String::from_utf8(octets).ok()?,
            "iso-8859-1" | "windows-1252" => octets.iter().map(|&byte| char::from(byte)).collect(),
            _ => return None,
        };
        // White space between two encoded words is nothing (RFC 2047 §6.2).
        out.push_str(if found && before.trim().is_empty() { "" } else { before });
        out.push_str(&text);
        found = true;
        rest = next;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// `text` as one encoded word, and with only its words that need it encoded.
pub(super) fn encoded(text: &str, out: &mut Vec<String>) {
    let q = |text: &str, start: &str| {
        let body: String = text
            .bytes()
            .map(|byte| match byte {
                b' ' => "_".to_owned(),
                b'?' | b'=' | b'_' | b'"' | b'(' | b')' | b',' | b'<' | b'>' => format!("={byte:02X}"),
                33..=126 => char::from(byte).to_string(),
                byte => format!("={byte:02X}"),
            })
            .collect();
        format!("{start}{body}?=")
    };
    for (q_start, b_start) in [("=?utf-8?q?", "=?utf-8?b?"), ("=?UTF-8?Q?", "=?UTF-8?B?"), ("=?utf-8?Q?", "=?utf-8?B?")]
    {
        out.push(q(text, q_start));
        out.push(format!("{b_start}{}?=", base64::encode(text.as_bytes())));
        if text.contains(' ') {
            let each = |encode: &dyn Fn(&str) -> String| {
                let word = |word: &str| if word.is_ascii() { word.to_owned() } else { encode(word) };
                text.split(' ').map(word).collect::<Vec<_>>().join(" ")
            };
            out.push(each(&|word| q(word, q_start)));
            out.push(each(&|word| format!("{b_start}{}?=", base64::encode(word.as_bytes()))));
        }
    }
}
