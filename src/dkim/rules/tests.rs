//! Fixes, and spans. The pages are run by `tests/suite/pages.rs`.

use super::{lint_key, mended_key};
use crate::finding::{Applicability, Diagnostic, Severity, apply};
use crate::text::Source;

const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn lint(text: &str) -> Vec<Diagnostic> {
    lint_key(&Source::new(text))
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

/// The `bad` texts of all pages.
fn bad_texts() -> impl Iterator<Item = (&'static str, String)> {
    let rules = super::OF_TEXTS.iter().chain(super::BEYOND_TEXTS).copied().flatten();
    rules.flat_map(|rule| {
        let blocks = rule.page.split("```dkim-key bad\n").skip(1);
        let texts = blocks.filter_map(|block| Some(block.split_once("\n ```")?.0.trim_start_matches(' ').to_owned()));
        texts.map(|text| (rule.code, text.replace("\\u{200b}", "\u{200b}"))).collect::<Vec<_>>()
    })
}

#[test]
fn each_bad_text_is_told() {
    assert!(bad_texts().count() > 5);
    for (code, text) in bad_texts() {
        let found = lint(&text);
        assert!(codes(&found).contains(&code), "{code}: {text} {:?}", codes(&found));
    }
}

/// Applied alone, a fix makes its finding go away, and brings no new error or warning.
#[test]
fn fixes_mend() {
    for (_, text) in bad_texts() {
        let before = lint(&text);
        for found in &before {
            for fix in &found.fixes {
                let mended = apply(&text, fix.edits()).expect("edits apply");
                let after = lint(&mended);
                let count = |list: &[Diagnostic]| list.iter().filter(|other| other.code == found.code).count();
                assert!(count(&after) < count(&before), "{}: {text:?} became {mended:?}", found.code);
                let machine = fix.applicability == Applicability::MachineApplicable;
                for new in after.iter().filter(|new| machine && !codes(&before).contains(&new.code.as_str())) {
                    assert_eq!(new.severity, Severity::Note, "{} brought {}: {mended:?}", found.code, new.code);
                }
            }
        }
    }
}

/// A key of 2048 bits (294 octets of DER, 392 characters) needs two strings; one of 1024 bits fits into one.
#[test]
fn a_cut_key_says_what_is_missing() {
    let cut = |start: &str, characters: usize| {
        let text = format!("v=DKIM1; k=rsa; p={start}{}", "A".repeat(characters - start.len()));
        lint(&text).iter().find(|found| found.code == "dkim-key-p-truncated").unwrap().message()
    };
    assert_eq!(
        cut("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", 236),
        "the key in `p` ends after 177 of its 294 octets, 117 are missing: all of it goes into one record of 2 strings, as one holds 255 octets"
    );
    assert_eq!(
        cut("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ", 100),
        "the key in `p` ends after 75 of its 162 octets, 87 are missing: all of it goes into one record"
    );
}

#[test]
fn mending_reaches_a_good_record() {
    let good = format!("v=DKIM1; k=ed25519; p={ED25519}");
    for text in [
        format!("\"v=DKIM1\\; k=ed25519\\; p={ED25519}\""),
        format!("\"v=DKIM1; k=ed25519; \" \"p={ED25519}\""),
        format!("v=DKIM1, k=ed25519, p={ED25519}"),
        format!("v=DKIM1; k=ed25519 p={ED25519}"),
        format!("k=ed25519; p={ED25519}; v=DKIM1"),
        format!("v=dkim1; k=ed25519; p={ED25519}; p={ED25519}"),
        format!("v=DKIM1;; k=ed25519; p={ED25519}"),
    ] {
        let mended = mended_key(&text).unwrap_or_default().replace(";  ", "; ");
        assert_eq!(mended, good, "{text}");
    }
}

#[test]
fn spans_are_what_is_wrong() {
    for (text, code, quoted) in [
        ("v=DKIM1; k=ed25519; p=AA**AA", "dkim-key-p-not-base64", "**"),
        ("v=DKIM1; k=ed25519; p=AA==AAAA", "dkim-key-p-not-base64", "==AAAA"),
        ("v=DKIM1; k=rsa; p=MAcCAgCRAgEB", "dkim-key-exponent-odd", "MAcCAgCRAgEB"),
    ] {
        let found = lint(text);
        let found = found.iter().find(|found| found.code == code).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.primary.quoted(), quoted);
    }
}

#[test]
fn an_exponent_of_one_is_no_key() {
    let found = lint("v=DKIM1; k=rsa; p=MAcCAgCRAgEB");
    let told = found.iter().find(|found| found.code == "dkim-key-exponent-odd").unwrap();
    assert_eq!(told.message(), "the exponent of the RSA key is 1 and not 65537, which all verifiers reject");
    assert_eq!(super::key_effect(&found).as_str(), "permerror");
}

#[test]
fn a_key_of_the_other_type() {
    let mended = |text: &str| mended_key(text).unwrap_or_default();
    for (k, told) in [("k=rsa; ", "`k` says `rsa`"), ("", "`k` is missing")] {
        let found = lint(&format!("v=DKIM1; {k}p={ED25519}"));
        let found = found.iter().find(|found| found.code == "dkim-key-ed25519-k-missing").unwrap();
        assert_eq!(found.message(), format!("`p` has the 32 octets of an Ed25519 key, but {told}"));
    }
    assert_eq!(mended(&format!("v=DKIM1; k=rsa; p={ED25519}")), format!("v=DKIM1; k=ed25519; p={ED25519}"));
    let spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for k in ["k=rsa; ", "", "k=ed25519; "] {
        assert_eq!(mended(&format!("v=DKIM1; {k}p={spki}")), format!("v=DKIM1; k=ed25519; p={ED25519}"));
    }
}

proptest::proptest! {
    #[test]
    fn any_text(text in "(v=DKIM1|[vghkpst]=[ -~]{0,12}|[\"\\\\]|.{0,9}|; ?)*") {
        for found in lint(&text) {
            assert!(found.primary.span.end as usize <= text.len());
            for fix in &found.fixes {
                assert!(apply(&text, fix.edits()).is_some(), "{}: {:?}", found.code, fix);
            }
        }
    }
}

#[test]
fn tags_that_are_not_read_are_told() {
    let tags = |count: usize| (0..count).map(|at| format!("; x{at}=1")).collect::<String>();
    let told = |found: &[Diagnostic]| {
        let rest = "more than 200 tags stand there, and this is not read";
        let found: Vec<_> = found.iter().filter(|found| found.params.get("what") == Some(rest)).collect();
        found.iter().map(|found| (found.code.as_str(), found.primary.quoted())).collect::<Vec<_>>()
    };
    let signature = |text: &str| super::lint_signature(&Source::new(text), &super::SignatureFacts::default());
    for (text, code) in [("v=DKIM1; p=", "dkim-key-tag-syntax"), ("v=1; a=rsa-sha256", "dkim-sig-syntax")] {
        let lint = if code.starts_with("dkim-key") { lint } else { signature };
        assert_eq!(told(&lint(&format!("{text}{}", tags(198)))), []);
        assert_eq!(told(&lint(&format!("{text}{}; h=to; b=", tags(198)))), [(code, "h=to; b=".to_owned())]);
    }
}

const RSA: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hwlyC2+HhIZQdZae13BJeeUJ+DH8dQOoLVocMAfQ8gnoXO6Ur5woOqFUE6ws2SDXCRY8YlkXcAp1HGH1AUUg8SWT8SEf9cgv4aTMSnuag5QEohiD1iOAMRjE4DiaARo9wbrtTpaYDtMoIT0uT2InyxeJglMq+qXTrOJwIDAQAB";

#[test]
fn no_repair_takes_the_key_away() {
    let good = format!("v=DKIM1; k=rsa; p={RSA}");
    for text in
        [format!("v=DKIM1; k=rsa; p:{RSA}"), format!("v=DKIM1; k=rsa; p{RSA}"), format!("v=DKIM1; k:rsa; p {RSA}")]
    {
        assert_eq!(mended_key(&text), Some(good.clone()), "{text}");
    }
    // What is cut off or damaged is not taken away either.
    assert_eq!(mended_key(&format!("v=DKIM1; k=rsa; p_{}", &RSA[..60])), None);
}

#[test]
fn a_key_file_becomes_a_key_record() {
    let lines = format!("{}\n{}", &RSA[..64], &RSA[64..]);
    let file = format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n");
    // The second is told of the key in it.
    assert_eq!(codes(&lint(&file)), ["dkim-key-pem-file", "dkim-key-1024"]);
    assert_eq!(mended_key(&file), Some(format!("v=DKIM1; k=rsa; p={RSA}")));
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----";
    let found = lint(private);
    assert!(found[0].message().ends_with("its key is private: only the signer may have it"));
    assert!(found[0].fixes.is_empty() && found.len() == 1);
}

#[test]
fn a_long_string_is_told_of_a_text_too() {
    let text = format!("v=DKIM1; k=rsa; n=made=20by=20opendkim-genkey=20in=20January; p={RSA}");
    let of = |source: Source| -> Option<Severity> {
        let found = lint_key(&source);
        Some(found.iter().find(|found| found.code == "dkim-key-string-over-255")?.severity)
    };
    assert_eq!(of(Source::new(&text)), Some(Severity::Note));
    assert_eq!(of(Source::from_strings([&text[..200], &text[200..]])), None);
    assert_eq!(of(Source::from_strings([&text[..260], &text[260..]])), Some(Severity::Error));
    assert_eq!(of(Source::from_strings([&text])), Some(Severity::Error), "one string in quotation marks");
    let line = |value: String| of(Source::new(&format!("s1._domainkey.d.example. IN TXT {value}")));
    assert_eq!(line(format!("\"{text}\"")), Some(Severity::Error), "a line of a zone file");
    assert_eq!(line(format!("\"{}\" \"{}\"", &text[..200], &text[200..])), None);
    assert_eq!(line(text.clone()), Some(Severity::Note), "without quotation marks it is none");
}

/// §3.2: values are printable ASCII.
#[test]
fn what_is_not_ascii_is_told() {
    let text = format!("v=DKIM1; k=ed25519; n=mañana; p={ED25519}");
    let found = lint(&text);
    assert_eq!((codes(&found), found[0].severity), (vec!["dkim-key-non-ascii"], Severity::Warning));
    assert_eq!(mended_key(&text).unwrap(), text.replace('ñ', "=C3=B1"));
}

/// A program's text has line ends in it, and a file its lines.
#[test]
fn what_else_stands_in_the_key_goes() {
    let good = format!("v=DKIM1; k=rsa; p={RSA}");
    let (start, end) = RSA.split_at(64);
    for (p, code) in [
        (format!("{start}\\n{end}"), "dkim-key-literal-quotes"),
        (format!("{start}\\r\\n{end}"), "dkim-key-literal-quotes"),
        (format!("{RSA}-----END PUBLIC KEY-----"), "dkim-key-p-pem-armor"),
        (format!("-----BEGIN PUBLIC KEY-----{RSA}"), "dkim-key-p-pem-armor"),
    ] {
        let text = format!("v=DKIM1; k=rsa; p={p}");
        assert!(codes(&lint(&text)).contains(&code), "{text}");
        assert_eq!(mended_key(&text).as_deref(), Some(good.as_str()), "{text}");
    }
}

/// What gives a key is taken: a letter of the key stays, and the end of a line goes.
#[test]
fn a_backslash_before_a_letter_of_the_key_leaves_the_letter() {
    use crate::finding::Applicability::{MachineApplicable, MaybeIncorrect};
    let repaired = |p: &str| {
        let text = format!("v=DKIM1; k=rsa; p={p}");
        let found = lint(&text);
        let told = found.iter().find(|found| found.code == "dkim-key-literal-quotes").unwrap();
        assert!(told.message().starts_with("backslashes are part of the data"), "{}", told.message());
        assert_eq!(told.fixes[0].title, "take the backslashes away");
        (
            apply(&text, told.fixes[0].edits()).unwrap().split_off("v=DKIM1; k=rsa; p=".len()),
            told.fixes[0].applicability,
        )
    };
    for letter in ["noXO6", "rtTp"] {
        let stray = RSA.replacen(letter, &format!("\\{letter}"), 1);
        assert_ne!(stray, RSA);
        assert_eq!(repaired(&stray), (RSA.to_owned(), MachineApplicable));
    }
    let (start, end) = RSA.split_at(64);
    assert_eq!(repaired(&format!("{start}\\n{end}")), (RSA.to_owned(), MachineApplicable));
    // Neither gives a key.
    let (start, cut) = (&RSA[..64], &RSA[64..100]);
    assert_eq!(repaired(&format!("{start}\\n{cut}")), (format!("{start}n{cut}"), MaybeIncorrect));
}

/// RFC 8463 §4: whether the type or the key is wrong, only the owner knows.
#[test]
fn a_key_of_32_octets_that_is_named_rsa() {
    let found = lint(&format!("v=DKIM1; k=rsa; p={ED25519}"));
    assert_eq!(codes(&found), ["dkim-key-ed25519-k-missing"]);
    assert_eq!(found[0].fixes[0].applicability, Applicability::MaybeIncorrect);
}

/// §3.2: names are compared with regard to case.
#[test]
fn names_in_capitals_are_written_small() {
    let good = format!("v=DKIM1; k=ed25519; p={ED25519}");
    for text in [
        format!("V=DKIM1; K=ed25519; P={ED25519}"),
        format!("v=DKIM1; K=Ed25519; p={ED25519}"),
        format!("v=DKIM1; k=ed25519; P={ED25519}"),
    ] {
        assert_eq!(mended_key(&text).as_ref(), Some(&good), "{text}");
    }
    // With `t=y` the key would be less than it is.
    assert_eq!(mended_key(&format!("v=DKIM1; k=ed25519; T=y; p={ED25519}")), None);
    assert_eq!(mended_key("v=DKIM1; k=ed25519; P="), None);
}

#[test]
fn the_algorithm_of_a_signature_is_no_type_of_a_key() {
    for (k, key) in [("rsa", RSA), ("ed25519", ED25519)] {
        let good = format!("v=DKIM1; k={k}; p={key}");
        assert_eq!(mended_key(&good.replace(k, &format!("{k}-sha256"))), Some(good));
    }
}

/// What verifiers do not use after all repairs, or revoke, is not offered.
#[test]
fn what_is_offered_is_a_key() {
    for text in [
        "v=dkim1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hw",
        "v=DKIM1; k=rsa; p=;MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3YhYnO8hw",
        "v=dkim1; k=rsa; P=",
    ] {
        assert_eq!(mended_key(text), None, "{text}");
    }
    let note = "n=rotated in May since the old one was too short for us";
    assert_eq!(mended_key(&format!("v=dkim1; p=; {note}")), Some(format!("v=DKIM1; p=; {note}")));
    assert_eq!(mended_key("\"v=DKIM1; p=\"").as_deref(), Some("v=DKIM1; p="));
}
