use super::super::{MacroError, Record};
use super::*;

#[track_caller]
fn good(text: &str) -> Record {
    let record = Record::parse(text);
    assert_eq!(record.errors().next(), None, "{text}");
    record
}

/// `«»` mark what the error must point at.
#[track_caller]
fn bad(marked: &str, kind: SyntaxErrorKind) {
    let start = marked.find('«').expect("a mark");
    let text = marked.replace(['«', '»'], "");
    let end = marked.find('»').expect("a mark") - '«'.len_utf8();
    let errors: Vec<_> = Record::parse(&text).errors().map(|error| (error.kind, error.span)).collect();
    assert_eq!(errors, [(kind, Span::new(start, end))], "{marked}");
}

#[test]
fn section_12_accepts() {
    for text in [
        "v=spf1",
        "V=SPF1 -ALL",
        "v=spf1  +a  mx/24//64 -all  ",
        "v=spf1 a:a.example/24 a:a.example//64 a:a.example/24//64 mx:%{d}/8",
        "v=spf1 a:foo/bar.example a:foo.example/bar.baz/32 ?ptr ptr:x.example",
        "v=spf1 ip4:192.0.2.1 ip4:0.0.0.0/0 ip6:::1 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1/128",
        "v=spf1 exists:%{l1r+}.%%.%_.%-.x.example. include:a..example include:%{d} a:%{d}.1-a",
        "v=spf1 moo= moo.cow-far_out=man:dog/cat all=x ip4=1.2.3.4 redirect=a.example exp=%{d}",
    ] {
        good(text);
    }
}

#[test]
fn each_error_has_its_place() {
    use SyntaxErrorKind as K;
    bad("v=spf1 «ipv4»:192.0.2.1", K::UnknownMechanism);
    bad("v=spf1 «:foo»", K::UnknownMechanism);
    bad("v=spf1 mx «-» all", K::QualifierAlone);
    bad("v=spf1 «--»all", K::DoubleQualifier);
    bad("v=spf1 «-»redirect=a.example", K::QualifierOnModifier);
    bad("v=spf1 «1foo»=bar", K::ModifierName);
    bad("v=spf1 «»=bar", K::ModifierName);
    bad("v=spf1 all«:x.example»", K::UnexpectedArgument);
    bad("v=spf1 all«/8»", K::UnexpectedArgument);
    bad("v=spf1 «include:» -all", K::MissingDomain);
    bad("v=spf1 «exists» -all", K::MissingDomain);
    bad("v=spf1 «a:/27»", K::MissingDomain);
    bad("v=spf1 «redirect=»", K::MissingDomain);
    bad("v=spf1 ip4:«192.0.2»", K::Ip4);
    bad("v=spf1 ip4:«192.0.2.01»", K::Ip4);
    bad("v=spf1 ip4:«192.0.2.256»/24", K::Ip4);
    bad("v=spf1 «ip4»", K::Ip4);
    bad("v=spf1 ip6:«192.0.2.1»", K::Ip6);
    bad("v=spf1 ip4:192.0.2.0«/33»", K::Cidr(CidrError::OutOfRange));
    bad("v=spf1 ip4:192.0.2.0«/08»", K::Cidr(CidrError::LeadingZero));
    bad("v=spf1 a«/»", K::Cidr(CidrError::Malformed));
    bad("v=spf1 mx/«/129»", K::Cidr(CidrError::OutOfRange));
    bad("v=spf1 a:x.example«/99»", K::Cidr(CidrError::OutOfRange));
    bad("v=spf1 a:%{d}«/99»", K::Cidr(CidrError::OutOfRange));
    bad("v=spf1 include:x.example«/24»", K::Cidr(CidrError::NotAllowed));
    bad("v=spf1 ptr«/24»", K::Cidr(CidrError::NotAllowed));
    bad("v=spf1 exists:100«%».x.example", K::Macro(MacroError::Percent));
    bad("v=spf1 foo=«%{i.x»", K::Macro(MacroError::Unterminated));
    bad("v=spf1 exists:«%{c}».x.example", K::Macro(MacroError::ExplanationOnly));
    bad("v=spf1 include:«localhost»", K::SingleLabel);
    bad("v=spf1 a:«%{d}foo»", K::SingleLabel);
    bad("v=spf1 include:192.0.2.«1»", K::TopLabel);
    bad("v=spf1 a:x.«-all»", K::TopLabel);
    bad("v=spf1 a:«%%»", K::TopLabel);
    bad("v=spf1 mx«\t»-all", K::Character);
    bad("v=spf1 mx«\0»", K::Character);
    bad("v=spf1 «includeinclude»:a.example", K::UnknownMechanism);
    bad("v=spf1 a:«ü».example", K::Character);
}

#[test]
fn modifiers_stand_once() {
    let first = Span::new(7, 25);
    bad("v=spf1 redirect=a.example «redirect=b.example»", SyntaxErrorKind::DuplicateModifier { first });
}

#[test]
fn a_cidr_is_cut_off_from_the_right() {
    let record = good("v=spf1 a:a.example/24//64 mx:b.example/c.example//0");
    let cut: Vec<_> = record
        .directives()
        .map(|(_, directive)| match directive.mechanism {
            Mechanism::A { domain, cidr } | Mechanism::Mx { domain, cidr } => {
                (record.text(domain.unwrap().span).to_owned(), cidr.v4, cidr.v6)
            }
            _ => panic!(),
        })
        .collect();
    assert_eq!(cut, [("a.example".to_owned(), 24, 64), ("b.example/c.example".to_owned(), 32, 0)]);
}

#[test]
fn canonical_names_are_known_at_parse_time() {
    let canonical = |text: &str| good(text).terms()[0].domain_spec().unwrap().is_canonical;
    assert!(canonical("v=spf1 include:_spf.example.net"));
    assert!(!canonical("v=spf1 include:_SPF.example.net"));
    assert!(!canonical("v=spf1 include:a..example.net"));
    assert!(!canonical("v=spf1 include:example.net."));
    assert!(!canonical("v=spf1 include:%{d}"));
    assert!(!canonical(&format!("v=spf1 a:{}.example", "x".repeat(64))));
}

/// The canonical form means the same, and stays.
#[test]
fn records_are_written_with_what_is_not_the_default() {
    for (text, canonical) in [
        ("V=SPF1  +A MX/24//64 -All", "v=spf1 a mx/24//64 -all"),
        ("v=spf1 a/32 mx//128 a/31//128 mx:m.example//127 ~all", "v=spf1 a mx a/31 mx:m.example//127 ~all"),
        (
            "v=spf1 ?ip4:192.0.2.1/32 ip4:192.0.2.0/24 ip4:0.0.0.0/0",
            "v=spf1 ?ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:0.0.0.0/0",
        ),
        ("v=spf1 IP6:2001:DB8:0::1/128 ip6:2001:db8::/32", "v=spf1 ip6:2001:db8::1 ip6:2001:db8::/32"),
        ("v=spf1 Include:e.example Exists:%{i}.e.example Ptr", "v=spf1 include:e.example exists:%{i}.e.example ptr"),
        ("v=spf1 Redirect=e.example EXP=x.example moo=1", "v=spf1 redirect=e.example exp=x.example moo=1"),
    ] {
        assert_eq!(good(text).to_string(), canonical);
        assert_eq!(good(canonical).to_string(), canonical);
    }
}
