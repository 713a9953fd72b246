//! How near two words are.

/// Whether `word` is `target` with one slip: a letter too many, missing, wrong, or two swapped. Of targets with more than five letters, two slips.
pub(super) fn is_near(word: &str, target: &str) -> bool {
    let slips = if target.len() > 5 { 2 } else { 1 };
    word.len().abs_diff(target.len()) <= slips && distance(word.as_bytes(), target.as_bytes()) <= slips
}

/// Longer words than this are none of ours.
const LONGEST: usize = 16;

/// Optimal string alignment, without regard to case.
fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len() >= LONGEST || b.len() >= LONGEST {
        return usize::MAX;
    }
    let mut rows = [[0u8; LONGEST]; LONGEST];
    for (row, i) in rows.iter_mut().zip(0..) {
        row[0] = i;
    }
    for (cell, j) in rows[0].iter_mut().zip(0..) {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let same = a[i - 1].eq_ignore_ascii_case(&b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + u8::from(!same));
            let swapped =
                i > 1 && j > 1 && a[i - 1].eq_ignore_ascii_case(&b[j - 2]) && a[i - 2].eq_ignore_ascii_case(&b[j - 1]);
            if swapped {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips() {
        for word in ["inlcude", "includes", "incude", "INCLUED", "inculde", "include"] {
            assert!(is_near(word, "include"), "{word}");
        }
        assert!(is_near("prt", "ptr"));
        assert!(!is_near("spf", "mx"));
        assert!(!is_near("exclude", "exists"));
        assert!(!is_near("averylongwordindeed", "include"));
    }
}
