//! Dates (RFC 5322 §3.3, with the obsolete forms of §4.3).

use super::tokens::{Kind, tokens};
use crate::Timestamp;
use crate::text::Span;

/// The moment that a Date field, or the end of a Received field, names; `None` if it names none after 1970.
///
/// A zone that is missing or unknown counts as UTC (§4.3).
///
/// ```
/// use mailproof::{Timestamp, message::parse_date};
///
/// assert_eq!(parse_date("Thu, 1 Jan 1970 01:00:10 +0100 (CET)"), Some(Timestamp(10)));
/// assert_eq!(parse_date("2 Jan 70 0:0 GMT"), Some(Timestamp(86_400)));
/// assert_eq!(parse_date("yesterday"), None);
/// ```
pub fn parse_date(text: &str) -> Option<Timestamp> {
    u64::try_from(read(text)?.0).ok().map(Timestamp)
}

/// Seconds since 1970 in UTC, and the minutes east of it of the zone in which they were told.
pub(crate) fn read(text: &str) -> Option<(i64, i64)> {
    // Dates are short; what is longer is none, or has comments that hold no date.
    let tokens = tokens(text);
    let mut words =
        tokens.iter().filter(|token| token.kind != Kind::Comment).map(|token| (&text[token.span], token.span));
    let mut next = || words.next();
    let mut first = next()?.0;
    if first.bytes().all(|b| b.is_ascii_alphabetic()) {
        // day-of-week, with its comma or without.
        first = next()?.0;
        if first == "," {
            first = next()?.0;
        }
    }
    let (day, month, year) = match number(first, 2) {
        Some(day) => (day, next()?.0.to_owned(), next()?.0),
        // `22-Nov-2026` is no date of any RFC, but is written.
        None => {
            let mut parts = first.split('-');
            let (day, month) = (number(parts.next()?, 2)?, parts.next()?);
            (day, month.to_owned(), parts.next()?)
        }
    };
    let month = 1 + MONTHS.iter().position(|name| month.get(..3).is_some_and(|m| m.eq_ignore_ascii_case(name)))? as i64;
    let year = match (year.len(), number(year, 4)?) {
        (4, year) => year,
        // §4.3: two digits up to 49 are of this century; three digits count from 1900.
        (2, year) if year < 50 => 2_000 + year,
        (2 | 3, year) => 1_900 + year,
        _ => return None,
    };
    let hour = number(next()?.0, 2)?;
    (next()?.0 == ":").then_some(())?;
    let minute = number(next()?.0, 2)?;
    let mut zone = next();
    let mut second = 0;
    if zone.is_some_and(|(word, _)| word == ":") {
        second = number(next()?.0, 2)?;
        zone = next();
    }
    let in_bounds = (1..=days_in(year, month)).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    in_bounds.then_some(())?;
    let local = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let zone = zone.map_or(0, |(word, _)| offset(word));
    Some((local - zone * 60, zone))
}

/// Where the date stands in the body of a Received field: behind the last `;` that is in no comment.
pub(super) fn after_semicolon(tokens: &[super::tokens::Token], length: usize) -> Option<(usize, Span)> {
    let at = tokens.iter().rposition(|token| token.kind == Kind::Special(b';'))?;
    Some((at, Span::new(tokens[at].span.end as usize, length)))
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A number of at most `digits` digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let good = !text.is_empty() && text.len() <= digits && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

/// Minutes east of UTC.
fn offset(zone: &str) -> i64 {
    let hours = |hours: i64| hours * 60;
    match zone.as_bytes() {
        [sign @ (b'+' | b'-'), digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) => {
            let value: i64 = zone[1..].parse().unwrap_or_default();
            let minutes = value / 100 * 60 + value % 100;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => match zone.to_ascii_uppercase().as_str() {
            "EDT" => hours(-4),
            "EST" | "CDT" => hours(-5),
            "CST" | "MDT" => hours(-6),
            "MST" | "PDT" => hours(-7),
            "PST" => hours(-8),
            _ => 0,
        },
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar: years are counted from March, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months = (month + 9) % 12;
    let day_of_year = (153 * months + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Year, month and day, both from 1, of a day since 1970-01-01: `days` undone.
#[cfg(any(test, feature = "crypto"))]
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    // Of 400 years each, from a first of March on.
    let (era, day) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let months = (5 * day + 2) / 153;
    let month = if months < 10 { months + 3 } else { months - 9 };
    (400 * era + year + i64::from(month <= 2), month, day - (153 * months + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_there_and_back() {
        assert_eq!((civil(0), civil(-1), civil(11_016)), ((1970, 1, 1), (1969, 12, 31), (2000, 2, 29)));
        for day in -200_000..200_000 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=days_in(year, month)).contains(&of_month));
        }
    }

    #[test]
    fn forms() {
        let at = |text: &str| parse_date(text).map(|at| at.0);
        assert_eq!(at("Wed, 2 Nov 2022 14:45:38 -0400"), Some(1_667_414_738));
        assert_eq!(at("Wed,\r\n 02 Nov 2022 18:45:38 GMT"), Some(1_667_414_738));
        assert_eq!(at("2 Nov 2022 18:45:38 -0000"), Some(1_667_414_738));
        assert_eq!(at("Sun, 9 Jun 2013 02:37:02 -0700 (PDT)"), Some(1_370_770_622));
        assert_eq!(at("29 Feb 2024 00:00:00 +0000"), Some(1_709_164_800));
        assert_eq!(at("1 Jan 00 00:00 Z"), Some(946_684_800));
        // §4.3: obsolete years.
        assert_eq!(at("1 Jan 49 00:00 Z"), at("1 Jan 2049 00:00 Z"));
        assert_eq!(at("1 Jan 99 00:00 Z"), at("1 Jan 1999 00:00 Z"));
        assert_eq!(at("1 Jan 122 00:00 Z"), at("1 Jan 2022 00:00 Z"));
        assert_eq!(at("2-Nov-2022 18:45:38 GMT"), Some(1_667_414_738));
        for none in [
            "",
            "1 Jan 2 00:00 Z",
            "Wed",
            "Wed,",
            "31 Feb 2024 00:00 GMT",
            "1 Foo 2020 00:00",
            "1 Jan 2020 25:00",
            "1 Jan 2020 1",
            "1 Jan 1969 0:0 Z",
            "é Jan 2020 0:0",
        ] {
            assert_eq!(at(none), None, "{none}");
        }
    }
}
