use super::Canonicalization::{Relaxed, Simple};
use super::*;

fn canonical(mode: Canonicalization, text: &str) -> String {
    ends(mode, text, LineEnds::Crlf)
}

fn ends(mode: Canonicalization, text: &str, ends: LineEnds) -> String {
    let mut out = Vec::new();
    body(mode, text.as_bytes(), ends, &mut out);
    String::from_utf8(out).unwrap()
}

fn header(mode: Canonicalization, text: &str) -> String {
    let mut out = Vec::new();
    header_field(mode, text.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

/// §3.4.4 read line by line: slow, and plain to see.
fn relaxed_by_the_book(body: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let text = String::from_utf8_lossy(body);
    for line in text.split("\r\n") {
        let mut out = Vec::new();
        let line = line.trim_end_matches([' ', '\t']);
        for c in line.bytes() {
            match c {
                b' ' | b'\t' if out.last() == Some(&b' ') => {}
                b' ' | b'\t' => out.push(b' '),
                c => out.push(c),
            }
        }
        lines.push(out);
    }
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines.into_iter().flat_map(|line| [line, b"\r\n".to_vec()].concat()).collect()
}

#[test]
fn rfc_6376_section_3_4_5() {
    assert_eq!(header(Relaxed, "A: X\r\n"), "a:X\r\n");
    assert_eq!(header(Relaxed, "B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
    assert_eq!(header(Simple, "B : Y\t\r\n\tZ  \r\n"), "B : Y\t\r\n\tZ  \r\n");
    assert_eq!(canonical(Relaxed, " C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
    assert_eq!(canonical(Simple, " C \r\nD \t E\r\n\r\n\r\n"), " C \r\nD \t E\r\n");
}

#[test]
fn empty_bodies() {
    for text in ["", "\r\n", "\r\n\r\n"] {
        assert_eq!((canonical(Simple, text).as_str(), canonical(Relaxed, text).as_str()), ("\r\n", ""));
    }
    assert_eq!(canonical(Relaxed, " \r\n\t \r\n"), "");
    assert_eq!(canonical(Simple, " \r\n"), " \r\n");
}

#[test]
fn the_last_line_end_is_supplied() {
    assert_eq!(canonical(Simple, "abc"), "abc\r\n");
    assert_eq!(canonical(Relaxed, "abc \t"), "abc\r\n");
}

#[test]
fn bare_cr_and_lf_are_octets() {
    assert_eq!(canonical(Simple, "a\nb\r\r\n\n"), "a\nb\r\r\n\n\r\n");
    assert_eq!(canonical(Relaxed, "a \nb \r\r\n"), "a \nb \r\r\n");
}

#[test]
fn files_with_lf_count_as_crlf() {
    assert_eq!(ends(Simple, "a \nb\n\n", LineEnds::Lf), "a \r\nb\r\n");
    assert_eq!(ends(Relaxed, "a \t\n\n b  c\r\n \n", LineEnds::Lf), "a\r\n\r\n b c\r\n");
}

#[test]
fn the_value_of_b_is_found_by_reading() {
    let found = |text: &str| text[signature_value(text.as_bytes())].to_owned();
    assert_eq!(found("S: bh=x; z=b=y; b = a b\r\n c ; d=e\r\n"), " a b\r\n c ");
    assert_eq!(found("S: b=last\r\n"), "last\r\n");
    assert_eq!(found("S: bh=x\r\n"), "");
    let mut out = Vec::new();
    signature_field(Relaxed, b"Dkim-Signature: b=  x y ;\r\n\tbh=z\r\n", &mut out);
    assert_eq!(out, b"dkim-signature:b=; bh=z");
    out.clear();
    signature_field(Simple, b"S: a=1;\r\n b=\r\n xyz\r\n", &mut out);
    assert_eq!(out, b"S: a=1;\r\n b=");
}

/// §3.4.4: "all sequences of WSP within a line" become one SP, however long they are and wherever they stand.
#[test]
fn long_runs_of_white_space_are_one_space() {
    for length in 1..30 {
        let spaces = " ".repeat(length);
        for run in [spaces.clone(), "\t".repeat(length), format!("\t{spaces}"), format!("{spaces}\t{spaces}")] {
            for words in 0..18 {
                let word = "a".repeat(words);
                let body = format!("{word}{run}b{run}\r\n{run}{word}{run}c");
                assert_eq!(canonical(Relaxed, &body), format!("{word} b\r\n {word} c\r\n").replace("\n  c", "\n c"));
                let field = format!("X:{run}{word}{run}b{run}\r\n{run}c{run}");
                assert_eq!(header(Relaxed, &field), format!("x:{word} b c\r\n").replace("x: ", "x:"));
            }
        }
    }
}

/// White space is SP and TAB (§2.8): an octet of a longer character, as the last of `à`, is neither, whatever bits they share.
#[test]
fn no_other_octet_is_white_space() {
    for octet in (0..=255).filter(|octet| !b" \t\r\n".contains(octet)) {
        let word = [octet; 3];
        let folded =
            [&word[..], b" ", &word[..], b"  ", &word[..], b"\t", &word[..], b" \t \t \t \t \t \t", &word[..]].concat();
        let words = [word; 5].join(&b' ');
        assert_eq!(Relaxed.body(&folded), [&words[..], b"\r\n"].concat(), "{octet}");
        let mut out = Vec::new();
        unfolded(&[b" ", &folded[..], b"\r\n"].concat(), &mut out);
        assert_eq!(out, words, "{octet}");
    }
}

proptest::proptest! {
    #[test]
    fn relaxed_as_by_the_book(text in "([a-c]{0,40}[ \t]{0,3}(\r\n|\r|\n|)){0,12}") {
        let mut fast = Vec::new();
        body(Relaxed, text.as_bytes(), LineEnds::Crlf, &mut fast);
        assert_eq!(String::from_utf8(fast).unwrap(), String::from_utf8(relaxed_by_the_book(text.as_bytes())).unwrap());
    }

    #[test]
    fn unfolded_as_by_the_book(text in "([a-c]{0,12}|[ \t]{0,3}|\r\n|\r|\n){0,12}") {
        let mut fast = Vec::new();
        unfolded(text.as_bytes(), &mut fast);
        // CR alone is set aside, all else that is white is folding.
        let aside = text.replace("\r\n", "\n").replace('\r', "x\u{1}x");
        let words: Vec<&str> = aside.split([' ', '\t', '\n']).filter(|word| !word.is_empty()).collect();
        assert_eq!(String::from_utf8(fast).unwrap(), words.join(" ").replace("x\u{1}x", "\r"));
    }

    #[test]
    fn canonical_forms_stay(text in "([a-c]{0,9}[ \t]{0,3}(\r\n|\r|\n|)){0,12}", lf in proptest::bool::ANY) {
        for mode in [Simple, Relaxed] {
            let once = ends(mode, &text, if lf { LineEnds::Lf } else { LineEnds::Crlf });
            assert_eq!(canonical(mode, &once), once);
        }
    }
}
