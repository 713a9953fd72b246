//! Other ways to fold a header field.

use crate::order::distinct_by;

/// The same field folded in other ways, for simple canonicalization, which signs each octet.
pub(super) fn refolded(field: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(field) else { return Vec::new() };
    let text = text.trim_end_matches(['\r', '\n']);
    let Some((name, body)) = text.split_once(':').filter(|_| text.len() <= MAX_REFOLDED) else { return Vec::new() };
    let mut out: Vec<String> = Vec::new();
    let words: Vec<&str> = body.split_ascii_whitespace().collect();
    let line = words.join(" ");
    let folds = ["\r\n ", "\r\n\t", "\r\n        "];
    for joint in ["\r\n ", "\r\n\t", " ", "\t", ""] {
        // Where it is folded now, otherwise.
        out.push(format!("{name}:{}", body.replace("\r\n\t", "\r\n ").replace("\r\n ", joint)));
    }
    let long = line.len() > 60;
    if long {
        out.extend([78, 80, 76, 79, 72, 77, 75, 74].map(|width| filled(name, &words, "\r\n ", width)));
        out.extend([78, 80, 76, 72].map(|width| filled(name, &words, "\r\n\t", width)));
    }
    for fold in folds {
        for mark in [", ", "; "] {
            out.push(format!("{name}: {}", line.replace(mark, &format!("{}{fold}", mark.trim_end()))));
        }
    }
    for start in [" ", "", "  ", "\t"] {
        out.push(format!("{name}:{start}{}", body.trim_start()));
    }
    out.push(format!("{name}: {line} "));
    out.push(format!("{name}:{}", body.trim_end()));
    // `Message-Id` and `Message-ID`, `Mime-Version` and `MIME-Version`.
    for written in [
        title(name),
        title(name).replace("Id", "ID").replace("Mime", "MIME"),
        name.to_ascii_lowercase(),
        name.to_ascii_uppercase(),
    ] {
        out.push(format!("{written}:{body}"));
    }
    for start in [" ", "", "  ", "\t"] {
        out.push(format!("{name}:{start}{line}"));
    }
    for fold in folds {
        for (at, _) in line.match_indices(' ').take(30) {
            out.push(format!("{name}: {}{fold}{}", &line[..at], &line[at + 1..]));
        }
        if long {
            out.extend([80, 79, 77, 75, 74, 70, 66].map(|width| filled(name, &words, fold, width)));
        }
        out.push(format!("{name}: {}", line.replace(' ', fold)));
        out.push(format!("{name}:{fold}{line}"));
    }
    out.retain(|other| other != text);
    distinct_by(&mut out, Ord::cmp);
    out.iter().map(|other| [other.as_bytes(), b"\r\n"].concat()).collect()
}

/// A value in lines, as mailers write long ones.
pub(super) fn refolded_long(name: &[u8], value: &str) -> Vec<Vec<u8>> {
    let Ok(name) = std::str::from_utf8(name) else { return Vec::new() };
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let ways = ["\r\n ", "\r\n\t"].into_iter().flat_map(|fold| [78, 76, 72, 80].map(|width| (fold, width)));
    let filled = ways.map(|(fold, width)| filled(name, &words, fold, width));
    let marks = ["; ", ", "].into_iter().flat_map(|mark| ["\r\n\t", "\r\n "].map(|fold| (mark, fold)));
    let marked =
        marks.map(|(mark, fold)| format!("{name}: {}", value.replace(mark, &format!("{}{fold}", mark.trim_end()))));
    let folded = marked.chain(filled).filter(|text| text.contains("\r\n"));
    folded.map(|text| [text.as_bytes(), b"\r\n"].concat()).collect()
}

/// Octets of a field that is folded anew: each way is a copy.
const MAX_REFOLDED: usize = 4_000;

fn title(name: &str) -> String {
    let word = |word: &str| match word.get(..1) {
        Some(first) => first.to_ascii_uppercase() + &word[1..].to_ascii_lowercase(),
        None => word.to_owned(),
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// As many words in a line as fit.
fn filled(name: &str, words: &[&str], fold: &str, width: usize) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for word in words {
        if column + 1 + word.len() > width && column > name.len() + 1 {
            out.push_str(fold);
            column = fold.len() - 2;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}
