//! TABs that became spaces, and spaces that became TABs.

use super::{Candidate, by_line, replaced};
use crate::dkim::forensics::What;

/// A TAB at the start of a line became eight spaces: in every line that starts with them, or in one.
pub(super) const TAB_WAYS: usize = 12;

pub(super) fn tabs_expanded(body: &[u8], way: usize) -> Option<Candidate> {
    let mut found = 0;
    let out = by_line(body, |line, out| {
        let mut rest = line;
        while let Some(next) = rest.strip_prefix(b"        ") {
            found += 1;
            if way != 0 && way != found {
                break;
            }
            out.push(b'\t');
            rest = next;
        }
        out.extend_from_slice(rest);
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// Every TAB became the spaces up to the next stop: how far stops are apart, and of how many spaces at least a TAB is made.
/// A single space before a stop may have been a TAB too.
const STOPS: &[(usize, usize)] = &[(8, 2), (8, 1), (4, 2), (4, 1)];
pub(super) const STOP_WAYS: usize = STOPS.len();

pub(super) fn tabs_to_stops(body: &[u8], way: usize) -> Option<Candidate> {
    let (width, least) = *STOPS.get(way)?;
    let out = by_line(body, |line, out| unexpanded(line, width, least, out))?;
    Some(Candidate::exactly(What::Whitespace, out))
}

/// As `unexpand -a` does it.
fn unexpanded(line: &[u8], width: usize, least: usize, out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
        let end = column + spaces;
        let stops = end / width - column / width;
        if spaces >= least && stops > 0 {
            out.extend(std::iter::repeat_n(b'\t', stops));
            out.extend(std::iter::repeat_n(b' ', end % width));
        } else {
            out.extend_from_slice(&rest[..spaces]);
        }
        rest = &rest[spaces..];
        let text = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        // Characters count, and not their octets.
        column = end + rest[..text].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        out.extend_from_slice(&rest[..text]);
        rest = &rest[text..];
    }
}

/// Each TAB became so many spaces, at the starts of lines or everywhere.
const SPACES: &[&[u8]] = &[b"    ", b" ", b"        ", b"  "];
pub(super) const SPACES_WAYS: usize = SPACES.len() * 2;

pub(super) fn tabs_to_spaces(body: &[u8], way: usize) -> Option<Candidate> {
    let spaces = *SPACES.get(way / 2)?;
    if way % 2 == 1 {
        return Some(Candidate::exactly(What::Whitespace, replaced(body, spaces, b"\t")?));
    }
    let out = by_line(body, |line, out| {
        let mut rest = line;
        while let Some(next) = rest.strip_prefix(spaces) {
            out.push(b'\t');
            rest = next;
        }
        out.extend_from_slice(rest);
    })?;
    Some(Candidate::exactly(What::Whitespace, out))
}

/// So many spaces became a TAB.
pub(super) const OF_SPACES_WAYS: usize = SPACES.len();

pub(super) fn tabs_of_spaces(body: &[u8], way: usize) -> Option<Candidate> {
    Some(Candidate::exactly(What::Whitespace, replaced(body, b"\t", SPACES.get(way)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(undo: fn(&[u8], usize) -> Option<Candidate>, body: &str, ways: usize) -> Vec<String> {
        let all = (0..ways).filter_map(|way| undo(body.as_bytes(), way));
        all.map(|candidate| String::from_utf8(candidate.body).unwrap()).collect()
    }

    #[test]
    fn stops() {
        let table = "Übung   Preis\r\nChair   12      4\r\n a  b\r\n";
        let all = undone(tabs_to_stops, table, STOP_WAYS);
        assert_eq!(all[0], "Übung\tPreis\r\nChair\t12\t4\r\n a  b\r\n");
        assert_eq!(undone(tabs_to_stops, "letters of\r\n", STOP_WAYS), ["letters\tof\r\n", "letters\tof\r\n"]);
        assert_eq!(undone(tabs_to_stops, "                  x\r\n", 1), ["\t\t  x\r\n"]);
    }

    #[test]
    fn spaces() {
        let all = undone(tabs_to_spaces, "    a  b\r\n", SPACES_WAYS);
        assert_eq!(all[..3], ["\ta  b\r\n", "\ta  b\r\n", "\t\t\t\ta  b\r\n"]);
        assert_eq!(undone(tabs_of_spaces, "\ta\r\n", 2), ["    a\r\n", " a\r\n"]);
        assert_eq!(undone(tabs_of_spaces, "a\r\n", OF_SPACES_WAYS), Vec::<String>::new());
    }
}
