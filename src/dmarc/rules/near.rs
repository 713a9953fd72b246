//! Which word was meant.

/// The one of `words` that `text` was probably meant to be, apart from letter case.
pub(super) fn meant<'w>(text: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    // No word of DMARC is longer than ten letters.
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    let ranked = words.into_iter().map(|word| (cost(&text, word), word));
    ranked.filter(|(cost, word)| *cost <= allowed(word)).min_by_key(|(cost, _)| *cost).map(|(_, word)| word)
}

/// Characters of a word that could be a misspelt one: the cost of comparing grows with the square.
const MAX_LENGTH: usize = 20;

/// Slips that may stand between a text and a word.
fn allowed(word: &str) -> usize {
    match word.len() {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    }
}

fn cost(text: &str, word: &str) -> usize {
    let longer = text.len() > word.len() && word.len() >= 4 && text.starts_with(word);
    let shorter = text.len() >= 3 && word.starts_with(text);
    let slips = distance(text.as_bytes(), word.as_bytes());
    if longer || shorter { slips.min(1) } else { slips }
}

/// Letters added, lost, changed, or swapped with their neighbour.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut rows = [[0; MAX_LENGTH + 1]; 3];
    let width = b.len().min(MAX_LENGTH);
    for (j, cell) in rows[1].iter_mut().enumerate() {
        *cell = j;
    }
    for (i, &x) in a.iter().enumerate() {
        rows[2][0] = i + 1;
        for j in 0..width {
            let changed = rows[1][j] + usize::from(x != b[j]);
            let mut best = changed.min(rows[1][j + 1] + 1).min(rows[2][j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(rows[0][j - 1] + 1);
            }
            rows[2][j + 1] = best;
        }
        rows.rotate_left(1);
    }
    rows[1][width]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let policies = ["none", "quarantine", "reject"];
        for (text, word) in [
            ("rejct", Some("reject")),
            ("rejcet", Some("reject")),
            ("rejected", Some("reject")),
            ("\"reject\"", Some("reject")),
            ("reject.", Some("reject")),
            ("quarentine", Some("quarantine")),
            ("quar", Some("quarantine")),
            ("non", Some("none")),
            ("NONE,", Some("none")),
            ("monitor", None),
            ("block", None),
            ("", None),
        ] {
            assert_eq!(meant(text, policies), word, "{text}");
        }
        assert_eq!(meant("ruaa", ["rua", "ruf", "adkim"]), Some("rua"));
        assert_eq!(meant("adkm", ["rua", "ruf", "adkim"]), Some("adkim"));
    }
}
