//! Subjects before lists, spam filters and gateways put their tags in.

use super::words::{decoded, encoded};

/// Tags of lists, spam filters and gateways: anything between two words may have been put in.
pub(super) fn subject(value: &str, out: &mut Vec<String>) {
    // A tag inside an encoded word: decoded, shortened, encoded again.
    if let Some(decoded) = decoded(value) {
        for to in boundaries(&decoded).into_iter().skip(1) {
            encoded(&decoded[to..], value, out);
            out.push(decoded[to..].to_owned());
        }
    }
    let bounds = boundaries(value);
    // At the start, then after `Re: `, then at the end, then anywhere.
    for &to in bounds.iter().skip(1) {
        out.push(value[to..].to_owned());
    }
    if let Some(colon) = value.find(": ").filter(|&colon| colon < 8) {
        for &to in bounds.iter().filter(|&&to| to > colon + 2) {
            out.push(format!("{}{}", &value[..colon + 2], &value[to..]));
            // `[tag] Re: x` may have been `Re: [tag] x`, and the other way round.
            out.push(format!("{}{}{}", &value[colon + 2..to], &value[..colon + 2], &value[to..]));
        }
    }
    for &from in bounds.iter().rev() {
        out.push(value[..from].trim_end().to_owned());
    }
    for (i, &from) in bounds.iter().enumerate() {
        for &to in &bounds[i + 1..] {
            out.push(format!("{}{}", &value[..from], &value[to..]));
        }
    }
    if !value.is_ascii() {
        for &to in &bounds {
            encoded(&value[to..], value, out);
        }
    }
}

/// Encoded words as they are, without the plain words that somebody put before or after them.
pub(super) fn encoded_words_alone(value: &str, out: &mut Vec<String>) {
    for at in boundaries(value) {
        let (before, after) = (value[..at].trim_end(), &value[at..]);
        out.extend([after].into_iter().filter(|text| text.starts_with("=?")).map(str::to_owned));
        out.extend([before].into_iter().filter(|text| text.ends_with("?=")).map(str::to_owned));
    }
}

/// Where words start: 0, and after each space; at most 24.
fn boundaries(value: &str) -> Vec<usize> {
    let spaces = value.match_indices(' ').map(|(at, _)| at + 1);
    [0].into_iter().chain(spaces).chain([value.len()]).take(24).collect()
}

/// Whether it looks as if somebody had put a tag before it.
pub(super) fn is_tagged(value: &str) -> bool {
    let text = decoded(value);
    let text = text.as_deref().unwrap_or(value);
    text.starts_with(['[', '*', '{', '(']) || text.contains("] ")
}
