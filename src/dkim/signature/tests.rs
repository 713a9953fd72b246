//! Reading the tags of a signature.

use super::*;

const BH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn parse(text: &str) -> Signature {
    Signature::parse(&text.into())
}

fn with(more: &str) -> Signature {
    parse(&format!("v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh={BH}; b=Zm9v; {more}"))
}

fn kinds(signature: &Signature) -> Vec<DefectKind> {
    signature.defects.iter().map(|defect| defect.kind.clone()).collect()
}

#[test]
fn every_tag() {
    let signature = with(
        "c=relaxed; i=a=20b@Sub.D.example; l=10; q=dns/txt:other; t=10; x=20; \
         z=From:a@d.example|Subject:=20x=7Cy; unknown=1",
    );
    assert_eq!(kinds(&signature), []);
    let canonicalization = signature.canonicalization.unwrap();
    assert_eq!(canonicalization.header, Canonicalization::Relaxed);
    assert_eq!(canonicalization.body, Canonicalization::Simple);
    let identity = signature.identity.unwrap().value;
    assert_eq!((identity.local_part.as_str(), identity.domain.as_str()), ("a b", "sub.d.example"));
    assert_eq!(signature.copies[1].body, b" x|y");
    assert_eq!(signature.tags.len(), 15);
}

#[test]
fn defects_have_their_place() {
    let signature = with("x=5; t=5; l=-1; c=foo; z=From; q=http; i=@e.example;; x=9");
    let source = signature.source.clone();
    let text = source.text();
    let found: Vec<(&str, DefectKind)> =
        signature.defects.iter().map(|defect| (&text[defect.span], defect.kind.clone())).collect();
    let first = Span::new(text.find("x=5").unwrap(), text.find("x=5").unwrap() + 1);
    assert_eq!(
        found,
        [
            ("", DefectKind::List(ListFault::Empty)),
            ("x", DefectKind::List(ListFault::Duplicate { first })),
            ("foo", DefectKind::Canonicalization),
            ("-1", DefectKind::Number("l")),
            ("http", DefectKind::QueryMethod),
            ("@e.example", DefectKind::IdentityOutsideDomain),
            ("5", DefectKind::ExpirationNotAfterTimestamp),
            ("From", DefectKind::Copy),
        ]
    );
}

#[test]
fn missing_and_empty() {
    assert_eq!(
        kinds(&parse("v=2; a=; h=to")),
        [
            DefectKind::Version,
            DefectKind::Empty("a"),
            DefectKind::Missing("b"),
            DefectKind::Missing("bh"),
            DefectKind::FromNotSigned,
            DefectKind::Missing("d"),
            DefectKind::Missing("s"),
        ]
    );
}

#[test]
fn domains() {
    let text = |d: &str| format!("v=1; a=rsa-sha256; d={d}; s=s; h=from; bh={BH}; b=Zm9v");
    assert_eq!(kinds(&parse(&text("com"))), [DefectKind::DomainOneLabel]);
    assert_eq!(kinds(&parse(&text("d.example."))), [DefectKind::FinalDot]);
    assert!(matches!(kinds(&parse(&text("d..example")))[..], [DefectKind::Domain(_)]));
    assert!(matches!(kinds(&parse(&text("d example.com")))[..], [DefectKind::Domain(_)]));
    assert_eq!(parse(&text("bücher.example")).domain.unwrap().value, "xn--bcher-kva.example");
}

/// §3.5, `h=`: header field names divided by colons; a name is printable ASCII without colon (RFC 5322 §2.2), and not nothing.
#[test]
fn names_of_header_fields() {
    let h = |h: &str| format!("v=1; a=rsa-sha256; d=d.example; s=s; h={h}; bh={BH}; b=Zm9v");
    for good in ["from", "FROM", "subject : from", "x!~-_:from", "from:from"] {
        assert_eq!(kinds(&parse(&h(good))), [], "{good}");
    }
    for (bad, wrong) in
        [("from:", ""), (":from", ""), ("a::from", ""), ("to from:from", "to from"), ("\u{fc}:from", "\u{fc}")]
    {
        let signature = parse(&h(bad));
        assert_eq!(kinds(&signature), [DefectKind::HeaderName], "{bad}");
        assert_eq!(&signature.source.text()[signature.defects[0].span], wrong, "{bad}");
    }
    assert_eq!(kinds(&parse(&h("to:x-from"))), [DefectKind::FromNotSigned]);
}

/// RFC 8617 §4.1.2 wants no field in particular, so an ARC-Message-Signature may sign none, and what is no name is just not there.
#[test]
fn an_arc_message_signature_may_sign_no_field() {
    let read = |h: &str| {
        let text = format!("a=rsa-sha256; d=d.example; s=s; {h} bh={BH}; b=Zm9v");
        Signature::of(Source::new(&text), Form::ArcMessageSignature)
    };
    for h in ["h=;", "h=to;", "h=to::subject;", "h=to from;"] {
        assert_eq!(kinds(&read(h)), [], "{h}");
    }
    assert!(read("h=;").headers.is_empty());
    assert_eq!(kinds(&read("")), [DefectKind::Missing("h")]);
}

/// §3.5: `z=` is for diagnoses, and no verifier needs it.
#[test]
fn only_copies_may_be_wrong() {
    assert!(with("z=From:x").is_usable() && with("z=From").is_usable());
    assert!(!with("z=From; q=http").is_usable() && !with("c=foo").is_usable());
}

#[test]
fn so_many_defects_are_kept() {
    let faults = |count: usize| parse(&";".repeat(count)).defects.len();
    assert!(faults(MAX_DEFECTS - 10) < MAX_DEFECTS);
    assert_eq!((faults(MAX_DEFECTS + 1), faults(1_000)), (MAX_DEFECTS, MAX_DEFECTS));
}

proptest::proptest! {
    #[test]
    fn any_text(text in "([vabcdhilqstxz]{1,2}=[ -~]{0,10};?|.{0,9})*") {
        let signature = parse(&text);
        for defect in &signature.defects {
            assert!(defect.span.end as usize <= text.len());
        }
    }
}
