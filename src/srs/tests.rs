//! There and back, and what must not go either way.

use proptest::prelude::{prop_assert, proptest};

use super::{Address, Alphabet, Forwarded, LocalDomain, ReverseError, Secret, Separator, Settings, Srs};
use crate::{Name, Timestamp};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn srs(keys: &[&str]) -> Srs {
    Srs::new(keys.iter().filter_map(|key| Secret::new(key.as_bytes())))
}

fn forward(srs: &Srs, sender: &str, forwarder: &str) -> String {
    match srs.forward(sender, &Name::parse(forwarder).unwrap(), NOW) {
        Ok(Forwarded::Rewritten { address, cautions }) => {
            let words = cautions.iter().map(|caution| caution.as_str());
            [address.as_str()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
        }
        Ok(Forwarded::Unchanged(reason)) => reason.as_str().to_owned(),
        Err(error) => error.as_str().to_owned(),
    }
}

fn reverse(srs: &Srs, address: &str) -> String {
    srs.reverse(address, NOW).map_or_else(|error| error.as_str().to_owned(), |found| found.address)
}

#[test]
fn three_forwarders_and_back() {
    let (a, b, c) = (srs(&["tops3cr3t"]), srs(&["second-hop-secret"]), srs(&["third-hop-secret"]));
    let one = forward(&a, "alice@example.com", "fwd.example");
    let two = forward(&b, &one, "second.example");
    let three = forward(&c, &two, "third.example");
    assert_eq!(two, "SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example");
    assert_eq!(three, "SRS1=A2y2=fwd.example==PGkz=G3=example.com=alice@third.example");
    assert_eq!(reverse(&c, &three), one);
    assert_eq!(reverse(&a, &one), "alice@example.com");
}

#[test]
fn every_separator_and_alphabet_comes_back() {
    for (separator, alphabet) in [(Separator::Plus, Alphabet::Standard), (Separator::Minus, Alphabet::UrlSafe)] {
        let srs = srs(&["tops3cr3t"]).with(Settings { separator, alphabet, ..Settings::default() });
        let address = forward(&srs, "a-b@example.com", "fwd.example");
        assert_eq!(address.contains("/haN"), alphabet == Alphabet::Standard);
        assert_eq!(reverse(&srs, &address), "a-b@example.com");
        assert_eq!(reverse(&srs, &address.to_lowercase()), "a-b@example.com");
    }
}

/// RFC 4648 §5: in the alphabet for URLs `-` stands for `+` and `_` for `/`; nothing else differs.
#[test]
fn the_alphabet_for_urls() {
    let forwarded = |alphabet, user: u32| {
        let srs = srs(&["tops3cr3t"]).with(Settings { alphabet, hash_length: 27, ..Settings::default() });
        let address = forward(&srs, &format!("user{user}@example.com"), "fwd.example");
        address.split('=').nth(1).unwrap().to_owned()
    };
    let mut seen = String::new();
    for user in 0..20 {
        let (standard, urls) = (forwarded(Alphabet::Standard, user), forwarded(Alphabet::UrlSafe, user));
        assert_eq!(standard.replace('+', "-").replace('/', "_"), urls);
        seen += &standard;
    }
    assert!(seen.contains('+') && seen.contains('/'));
}

/// RFC 6531 §3.3: UTF-8 may stand in both parts of an address, and needs no quotes (RFC 6532 §3.2).
#[test]
fn addresses_in_utf_8() {
    let srs = srs(&["k"]);
    for sender in ["j\u{fc}rgen@h.example", "用户.名@h.example", "\"j\u{fc}rgen x\"@h.example", "a@b\u{fc}cher.example"]
    {
        let address = forward(&srs, sender, "f.example");
        assert_eq!(address.starts_with('"'), sender.starts_with('"'), "{address}");
        assert_eq!(reverse(&srs, &address), sender, "{address}");
    }
}

#[test]
fn case_and_rotation_are_told() {
    let (old, both) = (srs(&["old"]), srs(&["new", "old"]));
    let address = forward(&old, "alice@example.com", "fwd.example");
    let found = both.reverse(&address.to_uppercase(), NOW).unwrap();
    assert_eq!((found.secret, found.case_changed), (1, true));
    assert!(!both.reverse(&address, NOW).unwrap().case_changed);
    assert_eq!(reverse(&srs(&["new"]), &address), "bad_hash");
}

#[test]
fn nothing_breaks_out_of_an_address() {
    let srs = srs(&["k"]);
    let broken =
        ["a\r\nRCPT TO:<x@y>@h", "a b@h", "a@h\0", "a\"b@h", "a@h=b", "\"\"@h", "\"a\nb\"@h", "a@<h>", "a\u{2028}@h"];
    // CSI, with which terminals are driven.
    let hidden = ["a\u{9b}@h", "a@h\u{9b}", "\"a\u{9b}\"@h"];
    for sender in broken.into_iter().chain(hidden) {
        assert_eq!(forward(&srs, sender, "f"), "invalid_sender", "{sender:?}");
    }
    assert_eq!(forward(&srs, "alice.@h", "f").matches('"').count(), 2);
    // What comes back by SRS1 is an address at the host that it carries.
    assert_eq!(forward(&srs, "SRS1=AAAA=a<b==x@h", "f"), "malformed");
    // Signed by a program that does not look at what it signs.
    let hash = String::from_utf8(Secret::new(b"k").unwrap().hash(["G3", "h", "a\r\nb"]).to_vec()).unwrap();
    assert_eq!(reverse(&srs, &format!("SRS0={}=G3=h=a\r\nb@f", &hash[..4])), "malformed");
}

#[test]
fn without_a_secret() {
    let srs = srs(&[]);
    assert_eq!(forward(&srs, "a@h", "f"), "no_secret");
    assert_eq!(reverse(&srs, "SRS0=PGkz=G3=h=a@f"), "no_secret");
    assert_eq!(format!("{:?}", Srs::new([Secret::new(b"tops3cr3t").unwrap()]).secrets), "[Secret(..)]");
}

#[test]
fn local_domains() {
    let local = |text: &str| LocalDomain::parse(text).unwrap();
    assert!(local("own.example").holds("OWN.example") && !local("own.example").holds("a.own.example"));
    assert!(local(".own.example").holds("a.own.EXAMPLE") && !local(".own.example").holds("own.example"));
    assert!(!local(".own.example").holds("xown.example"));
    assert!(!local(".own.example").holds("é.example"));
}

#[test]
fn a_key_to_a_data_base_is_no_sender() {
    let srs = srs(&["tops3cr3t"]);
    let address = "SRS0=C0_y=G3=1=VGHPH9PTQL6M4DU4VMQOVLUNAD3SUMNJ@fwd.example";
    assert_eq!(reverse(&srs, address), "database");
    assert_eq!(reverse(&srs, &address.replace("C0_y", "AAAA")), "bad_hash");
}

/// The hash verifies, so the address is not forged; a clock is wrong, here or where it was written.
#[test]
fn a_stamp_of_a_day_to_come_has_not_expired() {
    let srs = srs(&["k"]);
    let day = |days: u64| Timestamp(NOW.0 + days * 86_400);
    let Ok(Forwarded::Rewritten { address, .. }) =
        srs.forward("a@d.example", &Name::parse("f.example").unwrap(), day(40))
    else {
        panic!()
    };
    let reverse = |now| srs.reverse(&address, now).map(|found| found.address);
    assert_eq!(reverse(day(39)), Err(ReverseError::FromFuture));
    assert_eq!(reverse(day(9)), Err(ReverseError::FromFuture));
    assert_eq!(reverse(day(8)), Err(ReverseError::Expired), "a stamp that far ahead is rather one of long ago");
    assert_eq!(reverse(day(62)), Err(ReverseError::Expired));
    assert_eq!(reverse(day(61)).as_deref(), Ok("a@d.example"));
}

/// Of a hash of one character, one guess in 64 would be right.
#[test]
fn a_hash_has_at_least_as_many_characters_as_are_written() {
    let srs = srs(&["tops3cr3t"]);
    // The hash of these fields is PGkzM2fmRPDO/P21IzulO0aFRso.
    let with = |hash: &str| format!("SRS0={hash}=G3=example.com=alice@fwd.example");
    for short in ["P", "PG", "PGk"] {
        assert_eq!(reverse(&srs, &with(short)), "hash_too_short");
    }
    for long in ["PGkz", "PGkzM", "PGkzM2fmRPDO/P21IzulO0aFRso"] {
        assert_eq!(reverse(&srs, &with(long)), "alice@example.com");
    }
    for wrong in ["PGkx", "PGkzN", "PGkzM2fmRPDO/P21IzulO0aFRsoA", "QGkz"] {
        assert_eq!(reverse(&srs, &with(wrong)), "bad_hash");
    }
    let lenient = srs.with(Settings { hash_min: Some(2), ..Settings::default() });
    assert_eq!(reverse(&lenient, &with("PG")), "alice@example.com");
    assert_eq!(reverse(&lenient, &with("P")), "hash_too_short");
}

#[test]
fn what_needs_no_new_sender_is_left_as_it_is() {
    let plain = srs(&["k"]);
    assert_eq!(
        (forward(&plain, "", "f.example"), forward(&plain, "<>", "f.example")),
        ("null_sender".into(), "null_sender".into())
    );
    assert_eq!(forward(&plain, "a@F.example", "f.example"), "own_domain");
    assert!(forward(&plain, "a@x.f.example", "f.example").ends_with("=x.f.example=a@f.example"));
    let always = srs(&["k"]).with(Settings { always_rewrite: true, ..Settings::default() });
    assert!(forward(&always, "a@f.example", "f.example").ends_with("=f.example=a@f.example"));
    assert_eq!(forward(&always, "<>", "f.example"), "null_sender");
    assert!(always.settings().always_rewrite);
}

/// An SRS0 address that lacks fields is for the first forwarder to judge; in SRS1 that one's name may be what is lacking.
#[test]
fn damaged_addresses_on_their_way_through() {
    let srs = srs(&["k"]);
    for lacking in ["SRS0=x@h.example", "SRS0=PGkz=G3@h.example"] {
        assert!(forward(&srs, lacking, "f.example").starts_with("SRS1="), "{lacking}");
    }
    for lacking in ["SRS1=x@h.example", "SRS1=MAwv=a.example@h.example", "SRS1==a.example==x@h.example"] {
        assert_eq!(forward(&srs, lacking, "f.example"), "malformed", "{lacking}");
    }
}

/// RFC 5321 §4.5.3.1: a local-part has up to 64 octets, and a path 256, two of them its brackets.
#[test]
fn what_is_too_long_for_strict_hosts_is_told() {
    let srs = srs(&["k"]);
    // `SRS0=hash=G3=h=` is 15 octets.
    for (user, domain, cautions) in [
        (49, 9, ""),
        (50, 9, " local_part_over_64"),
        (178, 60, " local_part_over_64"),
        (179, 60, " local_part_over_64 address_over_254"),
    ] {
        let forwarder = format!("{}.example", "f".repeat(domain - ".example".len()));
        let written = forward(&srs, &format!("{}@h", "u".repeat(user)), &forwarder);
        let (address, told) = written.split_at(written.find(' ').unwrap_or(written.len()));
        assert_eq!((address.len(), told), (15 + user + 1 + domain, cautions));
    }
}

proptest! {
    #[test]
    fn what_is_rewritten_comes_back(
        user in "[a-zA-Z0-9=+_-]{1,20}(\\.[a-z0-9=]{1,9}){0,2}|\"[ -!#-\\[\\]-~]{1,20}\"",
        host in "[a-zA-Z0-9-]{1,20}(\\.[a-z]{1,9}){0,3}|\\[192\\.0\\.2\\.1\\]",
        key in "[ -~]{1,70}",
        seconds in 0u64..4_000_000_000,
    ) {
        let sender = format!("{user}@{host}");
        let srs = Srs::new(Secret::new(key.as_bytes()));
        let own = Name::parse("fwd.example").unwrap();
        if let Ok(Forwarded::Rewritten { address, .. }) = srs.forward(&sender, &own, Timestamp(seconds)) {
            let back = srs.reverse(&address, Timestamp(seconds + 86_400)).unwrap().address;
            let plain = |text: &str| text.replacen('"', "", 2);
            prop_assert!(back == sender || plain(&back) == plain(&sender), "{} {} {}", sender, address, back);
        }
    }

    #[test]
    fn any_text_is_read(text in "(SRS[01])?[=+-]?\\PC{0,40}(@\\PC{0,20})?") {
        let address = Address::parse(&text);
        let spans = [Some(address.local_part_span()), address.domain_span(), address.form().hash(), address.form().stamp()];
        for span in spans.into_iter().flatten() {
            prop_assert!(text.get(span.range()).is_some());
        }
        let srs = srs(&["k"]);
        let _ = (address.dialect(), srs.reverse(&text, NOW), srs.forward(&text, &Name::parse("f").unwrap(), NOW));
    }
}

#[test]
fn own_addresses_are_never_too_short() {
    let settings = Settings { hash_length: 4, hash_min: Some(8), ..Settings::default() };
    let srs = Srs::new(Secret::new(b"k")).with(settings);
    let now = Timestamp(1_700_000_000);
    let Ok(Forwarded::Rewritten { address, .. }) =
        srs.forward("alice@example.com", &Name::parse("fwd.example").unwrap(), now)
    else {
        panic!()
    };
    assert_eq!(srs.reverse(&address, now).unwrap().address, "alice@example.com");
}
