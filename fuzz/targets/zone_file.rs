//! Zone files as they are: every finding has its place in the file.
#![cfg_attr(fuzzing, no_main)]

use mailproof::Name;
use mailproof::zone_file::lint;
use mailproof_fuzz::{assert_inside, assert_sound_findings};

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let linted = match lint(&text, &Name::parse("d.example").expect("a name")) {
        Ok(linted) => linted,
        Err(error) => return assert_inside(&text, error.span),
    };
    let lines: Vec<&str> = text.split('\n').collect();
    for placed in &linted.findings {
        let place = placed.place;
        assert!((place.line, place.column) <= (place.end_line, place.end_column), "{place:?}");
        let columns = |line: u32| lines.get(line as usize - 1).map(|line| line.chars().count() + 1);
        assert!(columns(place.line).is_some_and(|columns| place.column as usize <= columns), "{place:?} {text:?}");
        assert!(
            columns(place.end_line).is_some_and(|columns| place.end_column as usize <= columns),
            "{place:?} {text:?}"
        );
        assert_sound_findings(std::slice::from_ref(&placed.finding));
    }
});
