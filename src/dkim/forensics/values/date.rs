//! One moment written in all the ways in which mailers write it (RFC 5322 §3.3).

use crate::message::date;

/// The same moment as `value`, otherwise written; the zone as it is and usual zones in the usual form come first.
pub(super) fn rewritten(value: &str) -> Vec<String> {
    let Some(date) = Date::parse(value) else { return Vec::new() };
    let mut out = Vec::new();
    let local = |zone: i32| date.seconds + i64::from(zone) * 60;
    for zone in [date.zone].into_iter().chain(USUAL_ZONES.iter().map(|hours| hours * 60)) {
        out.push(write(local(zone), &numeric(zone), true, false, true));
        if day(local(zone)) < 10 {
            out.push(write(local(zone), &numeric(zone), true, true, true));
        }
        if zone == 0 {
            out.push(write(local(zone), "GMT", true, false, true));
            // RFC 5322 §3.3: nothing is known of the local time.
            out.push(write(local(zone), "-0000", true, false, true));
            if day(local(zone)) < 10 {
                out.push(write(local(zone), "-0000", true, true, true));
            }
        }
        if zone == date.zone {
            for (_, name) in ZONE_NAMES.iter().filter(|(hours, _)| hours * 60 == zone) {
                out.push(write(local(zone), &format!("{} ({name})", numeric(zone)), true, false, true));
                out.push(write(local(zone), &format!("{} ({name})", numeric(zone)), true, true, true));
            }
        }
    }
    let quarters = (-48..=56).filter(|quarter| quarter * 15 != date.zone);
    for zone in [date.zone, 0].into_iter().chain(quarters.map(|quarter| quarter * 15)) {
        let local = local(zone);
        let names = ["GMT", "UT", "UTC", "Z", "-0000", "+0000 (UTC)", "+0000 (GMT)", "GMT (GMT)"].map(str::to_owned);
        let names = names.into_iter().filter(|_| zone == 0);
        for zone in [numeric(zone)].into_iter().chain(names) {
            for weekday in [true, false] {
                for padded in [false, true] {
                    if padded && day(local) > 9 {
                        continue;
                    }
                    out.push(write(local, &zone, weekday, padded, true));
                    if !date.comment.is_empty() {
                        out.push(format!("{} {}", write(local, &zone, weekday, padded, true), date.comment));
                    }
                }
            }
            if local % 60 == 0 {
                out.push(write(local, &zone, true, false, false));
            }
        }
    }
    out
}

/// Other moments in the same form, the nearest first.
pub(super) fn earlier(value: &str) -> Vec<String> {
    let Some(date) = Date::parse(value) else { return Vec::new() };
    let zone = value.split('(').next().and_then(|value| value.split_ascii_whitespace().last()).unwrap_or_default();
    let local = date.seconds + i64::from(date.zone) * 60;
    let weekday = value.contains(',');
    let day = value.rsplit(',').next().and_then(|date| date.split_ascii_whitespace().next());
    let padded = day.is_some_and(|day| day.starts_with('0'));
    let at = |seconds: i64| write(local - seconds, zone, weekday, padded, true);
    (1..=LATE).flat_map(|late| if late <= EARLY { vec![at(late), at(-late)] } else { vec![at(late)] }).collect()
}

/// Seconds that a mail may have waited before a relay wrote its own date, and that clocks may differ.
const LATE: i64 = 900;
const EARLY: i64 = 60;

/// Hours east, where many people live.
const USUAL_ZONES: &[i32] = &[0, 1, 2, -5, -4, -8, -7, -6, 3, 8, 9, 10, -3];

const ZONE_NAMES: &[(i32, &str)] = &[
    (0, "UTC"),
    (0, "GMT"),
    (1, "CET"),
    (1, "BST"),
    (2, "CEST"),
    (2, "EET"),
    (3, "EEST"),
    (3, "MSK"),
    (-4, "EDT"),
    (-5, "EST"),
    (-5, "CDT"),
    (-6, "CST"),
    (-6, "MDT"),
    (-7, "MST"),
    (-7, "PDT"),
    (-8, "PST"),
    (8, "CST"),
    (9, "JST"),
    (10, "AEST"),
];

fn numeric(zone: i32) -> String {
    format!("{}{:02}{:02}", if zone < 0 { '-' } else { '+' }, zone.abs() / 60, zone.abs() % 60)
}

struct Date {
    /// Since 1970, UTC.
    seconds: i64,
    /// Minutes east.
    zone: i32,
    comment: String,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Date {
    fn parse(value: &str) -> Option<Self> {
        let (seconds, zone) = date::read(value).filter(|(seconds, _)| *seconds >= 0)?;
        let zone = i32::try_from(zone).ok().filter(|zone| zone.abs() < 24 * 60)?;
        let comment = value.find('(').map_or("", |at| value[at..].trim()).to_owned();
        Some(Self { seconds, zone, comment })
    }
}

fn day(seconds: i64) -> i64 {
    date::civil(seconds.div_euclid(86_400)).2
}

fn write(seconds: i64, zone: &str, weekday: bool, padded: bool, with_seconds: bool) -> String {
    let (year, month, day) = date::civil(seconds.div_euclid(86_400));
    let clock = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    // 1970-01-01 was a Thursday; the index is below 7.
    let name = WEEKDAYS[usize::try_from(seconds.div_euclid(86_400).rem_euclid(7)).unwrap_or(0)];
    let weekday = if weekday { format!("{name}, ") } else { String::new() };
    let day = if padded { format!("{day:02}") } else { day.to_string() };
    let second = if with_seconds { format!(":{second:02}") } else { String::new() };
    format!("{weekday}{day} {} {year} {hour:02}:{minute:02}{second} {zone}", name_of(month))
}

/// Of a month from 1 to 12.
fn name_of(month: i64) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment() {
        let all = rewritten("Sun, 22 Nov 2026 00:30:05 +0100 (CET)");
        assert!(all.contains(&"Sat, 21 Nov 2026 23:30:05 GMT".to_owned()));
        assert!(all.contains(&"21 Nov 2026 18:30:05 -0500".to_owned()));
        assert_eq!(all[0], "Sun, 22 Nov 2026 00:30:05 +0100");
        let leap = rewritten("Tue, 29 Feb 2028 23:59:00 -0000");
        assert!(leap.contains(&"Wed, 1 Mar 2028 00:59:00 +0100".to_owned()));
        assert!(leap.contains(&"Wed, 01 Mar 2028 00:59:00 +0100".to_owned()));
        assert!(leap.contains(&"Tue, 29 Feb 2028 23:59 GMT".to_owned()));
        assert!(rewritten("tomorrow").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "([A-Z][a-z]{2},? )?[0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,5} [0-9]{1,3}:[0-9]{1,3}(:[0-9]{2})? .{0,7}") {
            let _ = rewritten(&text);
        }
    }
}
