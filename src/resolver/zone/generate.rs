//! `$GENERATE range line`: the line once for each number of the range. No RFC has it; BIND's manual defines it, and others read it.

use std::fmt::Write as _;
use std::str::FromStr;

/// Lines that are written for one text: a network of 65,536 addresses is the widest that anybody writes so.
const MAX_LINES: usize = 65_536;
/// Octets of these lines together: each has about 64.
const MAX_OCTETS: usize = 4 << 20;
/// Digits of one number: no label is longer.
const MAX_WIDTH: usize = 63;

/// Numbers from `start` to `stop`, in steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    start: u32,
    stop: u32,
    step: u32,
}

impl FromStr for Numbers {
    type Err = ();

    /// `1-10`, `0-254/2`
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse::<u32>().map_err(|_| ()) } else { Err(()) }
        };
        let (range, step) = text.split_once('/').unwrap_or((text, "1"));
        let (start, stop) = range.split_once('-').ok_or(())?;
        let (start, stop, step) = (number(start)?, number(stop)?, number(step)?);
        (start <= stop && step > 0).then_some(Self { start, stop, step }).ok_or(())
    }
}

/// What may still be written for a text.
#[derive(Debug)]
pub(super) struct Left {
    lines: usize,
    octets: usize,
}

impl Default for Left {
    fn default() -> Self {
        Self { lines: MAX_LINES, octets: MAX_OCTETS }
    }
}

/// The lines of one directive; `None` if they are too many, or a `${…}` in them is none.
pub(super) fn lines(numbers: Numbers, template: &str, left: &mut Left) -> Option<String> {
    let mut out = String::new();
    let step = usize::try_from(numbers.step).ok()?;
    for number in (numbers.start..=numbers.stop).step_by(step) {
        let before = out.len();
        line(template, number, &mut out)?;
        out.push('\n');
        left.lines = left.lines.checked_sub(1)?;
        left.octets = left.octets.checked_sub(out.len() - before)?;
    }
    Some(out)
}

/// The template with `number` in the place of each `$`.
fn line(template: &str, number: u32, out: &mut String) -> Option<()> {
    let mut rest = template;
    while let Some(at) = memchr::memchr2(b'$', b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let found = &rest[at..];
        rest = if let Some(rest) = found.strip_prefix("\\$").or_else(|| found.strip_prefix("$$")) {
            out.push('$');
            rest
        } else if let Some(modified) = found.strip_prefix("${") {
            let (how, rest) = modified.split_once('}')?;
            modify(number, how, out)?;
            rest
        } else if let Some(rest) = found.strip_prefix('$') {
            // A `String` takes all that is written to it.
            let _ = write!(out, "{number}");
            rest
        } else {
            let escaped = found.char_indices().nth(2).map_or(found.len(), |(at, _)| at);
            out.push_str(&found[..escaped]);
            &found[escaped..]
        };
    }
    out.push_str(rest);
    Some(())
}

/// `offset,width,base`: what is added, how many digits there are at least, and in which form.
fn modify(number: u32, how: &str, out: &mut String) -> Option<()> {
    let mut parts = how.split(',');
    let offset: i64 = parts.next()?.parse().ok()?;
    let width: usize = parts.next().unwrap_or("0").parse().ok()?;
    let base = parts.next().unwrap_or("d");
    let number = u64::try_from(i64::from(number).checked_add(offset)?).ok()?;
    if width > MAX_WIDTH || parts.next().is_some() {
        return None;
    }
    let _ = match base {
        "d" => write!(out, "{number:0width$}"),
        "o" => write!(out, "{number:0width$o}"),
        "x" => write!(out, "{number:0width$x}"),
        "X" => write!(out, "{number:0width$X}"),
        // The digits in reverse, each a label, as reverse names of IPv6 have them. Dots count as width.
        "n" | "N" => {
            let digits = width.div_ceil(2);
            let digits = if base == "n" { format!("{number:0digits$x}") } else { format!("{number:0digits$X}") };
            let labels: Vec<String> = digits.chars().rev().map(String::from).collect();
            write!(out, "{}", labels.join("."))
        }
        _ => return None,
    };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, template: &str) -> Option<String> {
        lines(range.parse().ok()?, template, &mut Left::default())
    }

    #[test]
    fn a_line_for_each_number() {
        assert_eq!(of("1-3", "h$ A 192.0.2.$").unwrap(), "h1 A 192.0.2.1\nh2 A 192.0.2.2\nh3 A 192.0.2.3\n");
        assert_eq!(of("0-4/2", "$").unwrap(), "0\n2\n4\n");
        assert_eq!(
            of("9-10", "${1,3,d} ${0,2,x} ${-9} \\$ $$ \\100").unwrap(),
            "010 09 0 $ $ \\100\n011 0a 1 $ $ \\100\n"
        );
        assert_eq!(of("26-26", "${0,7,n} ${0,0,N}").unwrap(), "a.1.0.0 A.1\n");
    }

    #[test]
    fn what_is_no_range_and_what_is_too_much() {
        for range in ["", "1", "3-1", "1-3/0", "-1-3", "+1-3", "a-b"] {
            assert_eq!(of(range, "$"), None, "{range}");
        }
        for template in ["${x}", "${0", "${-5}", "${0,99}", "${0,1,q}", "${0,1,d,1}"] {
            assert_eq!(of("1-1", template), None, "{template}");
        }
        assert_eq!(of("0-4294967295", "$"), None);
        assert_eq!(of("0-65535", &"x".repeat(65)), None);
        assert!(of("0-65535", "$").is_some());
    }

    #[test]
    fn many_directives_have_one_limit() {
        let mut left = Left::default();
        let mut more = || lines("1-40000".parse().unwrap(), "$", &mut left).is_some();
        assert_eq!([more(), more(), more()], [true, false, false]);
    }
}
