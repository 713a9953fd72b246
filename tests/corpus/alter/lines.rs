//! Line ends, white space, and what transports do to lines.

use super::{Kind, kind};
use crate::mail::{Mail, all_replaced, by_line, find, replaced};

pub(super) const KINDS: &[Kind] = &[
    kind("line ends", &[lf_only, cr_cr_lf, cr_only]),
    kind("blank lines added", &[line_on_top, doubled, line_in_the_middle, empty_lines_doubled]),
    kind("blank lines lost", &[runs_joined, one_lost]),
    kind("trailing space added", &[space_at_each_line, space_at_one_line]),
    kind("trailing space lost", &[trailing_lost, flowed_lost, blanks_lost, hard_breaks_lost]),
    kind("TABs", &[expanded, expanded_to_stops, four_spaces]),
    kind("two spaces after a sentence made one", &[sentences_joined]),
    kind("dots", &[stuffed, unstuffed]),
    kind("mbox From", &[from_quoted]),
    kind("space put before From", &[from_stuffed]),
    kind("long lines broken", &[at_990, at_998_with_space, at_990_with_mark, at_1000]),
    kind("text wrapped anew", &[wrapped_at_76, wrapped_at_78]),
];

pub(super) fn lf_only(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n", b"\n")?)
}

fn cr_cr_lf(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n", b"\r\r\n")?)
}

fn cr_only(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n", b"\r")?)
}

fn line_on_top(mail: &Mail) -> Option<Mail> {
    mail.with_body([b"\r\n", &mail.body[..]].concat())
}

fn doubled(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n", b"\r\n\r\n")?)
}

fn line_in_the_middle(mail: &Mail) -> Option<Mail> {
    let half = mail.body.len() / 2;
    let at = half + find(&mail.body[half..], b"\r\n")? + 2;
    mail.with_body([&mail.body[..at], b"\r\n", &mail.body[at..]].concat())
}

fn empty_lines_doubled(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n\r\n", b"\r\n\r\n\r\n")?)
}

/// `cat -s`
fn runs_joined(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\r\n\r\n\r\n", b"\r\n\r\n")?)
}

fn one_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(replaced(&mail.body, b"\r\n\r\n", b"\r\n")?)
}

fn space_at_each_line(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| [line, b" "].concat()))
}

fn space_at_one_line(mail: &Mail) -> Option<Mail> {
    let half = mail.body.len() / 2;
    let at = half + find(&mail.body[half..], b"\r\n")?;
    mail.with_body([&mail.body[..at], b" ", &mail.body[at..]].concat())
}

fn trailing_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| {
        let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |at| at + 1);
        line[..end].to_vec()
    }))
}

/// format=flowed without its soft line ends; the `-- ` of signatures is kept.
fn flowed_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| match line {
        b"-- " => line.to_vec(),
        line => line.strip_suffix(b" ").unwrap_or(line).to_vec(),
    }))
}

/// Of lines that hold nothing else.
fn blanks_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| if line.trim_ascii().is_empty() { Vec::new() } else { line.to_vec() }))
}

fn hard_breaks_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"  \r\n", b"\r\n")?)
}

fn expanded(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| {
        line.strip_prefix(b"\t").map_or(line.to_vec(), |rest| [b"        ", rest].concat())
    }))
}

/// As `expand` does it.
fn expanded_to_stops(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| {
        let mut out = Vec::new();
        let mut column = 0;
        for &byte in line {
            let width = if byte == b'\t' { 8 - column % 8 } else { usize::from(byte & 0xC0 != 0x80) };
            match byte {
                b'\t' => out.resize(out.len() + width, b' '),
                byte => out.push(byte),
            }
            column += width;
        }
        out
    }))
}

fn four_spaces(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b"\t", b"    ")?)
}

fn sentences_joined(mail: &Mail) -> Option<Mail> {
    mail.with_body(all_replaced(&mail.body, b".  ", b". ")?)
}

fn stuffed(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(
        &mail.body,
        |line| if line.starts_with(b".") { [b".", line].concat() } else { line.to_vec() },
    ))
}

fn unstuffed(mail: &Mail) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| line.strip_prefix(b".").unwrap_or(line).to_vec()))
}

fn from_quoted(mail: &Mail) -> Option<Mail> {
    let from = |line: &[u8]| line.starts_with(b"From ");
    mail.with_body(by_line(&mail.body, |line| if from(line) { [b">", line].concat() } else { line.to_vec() }))
}

/// RFC 3676 §4.4.
fn from_stuffed(mail: &Mail) -> Option<Mail> {
    let from = |line: &[u8]| line.starts_with(b"From ");
    mail.with_body(by_line(&mail.body, |line| if from(line) { [b" ", line].concat() } else { line.to_vec() }))
}

/// Lines longer than `width` in pieces.
fn broken(mail: &Mail, width: usize, joint: &[u8]) -> Option<Mail> {
    mail.with_body(by_line(&mail.body, |line| {
        let mut out = Vec::new();
        for (at, piece) in line.chunks(width).enumerate() {
            if at > 0 {
                out.extend_from_slice(joint);
            }
            out.extend_from_slice(piece);
        }
        out
    }))
}

fn at_990(mail: &Mail) -> Option<Mail> {
    broken(mail, 990, b"\r\n")
}

fn at_998_with_space(mail: &Mail) -> Option<Mail> {
    broken(mail, 998, b"\r\n ")
}

fn at_990_with_mark(mail: &Mail) -> Option<Mail> {
    broken(mail, 990, b"!\r\n ")
}

fn at_1000(mail: &Mail) -> Option<Mail> {
    broken(mail, 1000, b"\r\n")
}

/// Lines longer than `width` at their spaces.
fn filled(mail: &Mail, width: usize) -> Option<Mail> {
    if mail.is_multipart() || matches!(mail.encoding().as_str(), "base64" | "quoted-printable") {
        return None;
    }
    mail.with_body(by_line(&mail.body, |line| {
        let mut out = Vec::new();
        let mut column = 0;
        for (at, word) in line.split(|&b| b == b' ').enumerate() {
            if at > 0 && column + 1 + word.len() > width {
                out.extend_from_slice(b"\r\n");
                column = 0;
            } else if at > 0 {
                out.push(b' ');
                column += 1;
            }
            out.extend_from_slice(word);
            column += word.len();
        }
        out
    }))
}

fn wrapped_at_76(mail: &Mail) -> Option<Mail> {
    filled(mail, 76)
}

fn wrapped_at_78(mail: &Mail) -> Option<Mail> {
    filled(mail, 78)
}
