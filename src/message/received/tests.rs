use super::*;
use crate::message::Message;

/// from, HELO, reverse name, IP, by, protocol, TLS.
type Told<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<bool>);

fn told(field: &Received) -> Told<'_> {
    let ip = field.spans.ip.map(|span| &field.source().text()[span]);
    (field.helo(), field.reverse_name(), ip, field.by(), field.protocol(), field.tls())
}

#[test]
fn postfix() {
    let field = Received::parse(
        "from laptop.lan (host.d.example [IPv6:2001:db8::1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519)\r\n\t(No client certificate requested)\r\n\t(Authenticated sender: a@d.example)\r\n\tby mx.d.example (Postfix) with ESMTPSA id 4X for <bob@d.example>;\r\n\tThu,  1 Jan 2026 10:00:00 +0000 (UTC)",
    );
    let host = Some("host.d.example");
    assert_eq!(
        told(&field),
        (Some("laptop.lan"), host, Some("IPv6:2001:db8::1"), Some("mx.d.example"), Some("ESMTPSA"), Some(true))
    );
    assert_eq!((field.id(), field.recipient(), field.authenticated()), (Some("4X"), Some("bob@d.example"), true));
    assert_eq!((field.ip(), field.is_readable()), (Some("2001:db8::1".parse().unwrap()), true));
    let field = Received::parse("from x (unknown [192.0.2.1]) by mx.d.example with SMTP; 1 Jan 2026 10:00:00 +0000");
    assert_eq!(told(&field), (Some("x"), None, Some("192.0.2.1"), Some("mx.d.example"), Some("SMTP"), Some(false)));
}

#[test]
fn exim() {
    let field = Received::parse(
        "from [192.0.2.1] (port=4711 helo=PSB)\n\tby mx.d.example with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\n\t(Exim 4.96)\n\t(envelope-from <a@d.example>)\n\tid 1abc-0001-2D\n\tfor bob@d.example; Thu, 01 Jan 2026 10:00:00 +0000",
    );
    assert_eq!(told(&field), (Some("PSB"), None, Some("192.0.2.1"), Some("mx.d.example"), Some("esmtps"), Some(true)));
    assert_eq!((field.envelope_from(), field.recipient()), (Some("a@d.example"), Some("bob@d.example")));
    let field = Received::parse("from host.d.example ([192.0.2.1]:25 helo=h) by mx.d.example with esmtp; x");
    let host = Some("host.d.example");
    assert_eq!(told(&field), (Some("h"), host, Some("192.0.2.1"), Some("mx.d.example"), Some("esmtp"), Some(false)));
    assert!(!field.is_readable());
}

#[test]
fn sendmail() {
    let field = Received::parse(
        "from h (ident@host.d.example [192.0.2.1] (may be forged)) by mx.d.example (8.18.1/8.18.1) with ESMTP id x1; Thu, 1 Jan 2026 10:00:00 GMT",
    );
    let host = Some("host.d.example");
    assert_eq!(told(&field), (Some("h"), host, Some("192.0.2.1"), Some("mx.d.example"), Some("ESMTP"), Some(false)));
}

#[test]
fn gmail() {
    let field = Received::parse(
        "from mail-x.google.example (mail-x.google.example. [209.85.1.1])\r\n by mx.google.example with ESMTPS id a1.2.2026\r\n for <bob@d.example>\r\n (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n Thu, 01 Jan 2026 02:00:00 -0800 (PST)",
    );
    let name = Some("mail-x.google.example");
    assert_eq!(told(&field), (name, name, Some("209.85.1.1"), Some("mx.google.example"), Some("ESMTPS"), Some(true)));
    let field = Received::parse("by 2002:a05:6214:10::1 with SMTP id x; Thu, 01 Jan 2026 02:00:00 -0800 (PST)");
    assert_eq!((field.by(), field.from_name(), field.is_readable()), (Some("2002:a05:6214:10::1"), None, true));
}

#[test]
fn exchange() {
    let field = Received::parse(
        "from A.prod.example (2603:10a6::1) by B.prod.example\r\n (2603:10a6::2) with Microsoft SMTP Server (version=TLS1_2,\r\n cipher=X) id 15.20.1; Thu, 1 Jan 2026 10:00:00 +0000",
    );
    let protocol = Some("Microsoft SMTP Server");
    assert_eq!(
        told(&field),
        (Some("A.prod.example"), None, Some("2603:10a6::1"), Some("B.prod.example"), protocol, Some(true))
    );
}

#[test]
fn qmail() {
    let field = Received::parse(
        "from unknown (HELO h.d.example) (user@192.0.2.1)\n  by mx.d.example with SMTP; 1 Jan 2026 10:00:00 -0000",
    );
    assert_eq!(
        told(&field),
        (Some("h.d.example"), None, Some("192.0.2.1"), Some("mx.d.example"), Some("SMTP"), Some(false))
    );
    assert!(Received::parse("(qmail 123 invoked by uid 89); 1 Jan 2026 10:00:00 -0000").is_readable());
}

#[test]
fn odd() {
    let field = Received::parse("from by (by [192.0.2.1]) by with with id; x");
    assert_eq!((field.helo(), field.by()), (Some("by"), Some("with")));
    let field =
        Received::parse("from client.d.example  [192.0.2.1]\r\n by mx.d.example with SUBMISSION; 1 Jan 2026 1:00 Z");
    assert_eq!((field.helo(), field.ip()), (Some("client.d.example"), Some("192.0.2.1".parse().unwrap())));
    for text in
        ["", ";", "from", "by;", "from (", "foo", "from [", "from x ([) by", "from é (é [é]) by é with é id é for é; é"]
    {
        assert!(!Received::parse(text).is_readable(), "{text}");
    }
}

fn path(text: &str, trusted: &[&str]) -> Path {
    let trusted: Vec<_> = trusted.iter().map(|name| name.parse().unwrap()).collect();
    Path::of(&Message::parse(text.as_bytes()), &trusted)
}

#[test]
fn a_forged_field_of_the_own_server_is_not_believed() {
    let text = "Received: from x (x.evil.example [192.0.2.66]) by mx.d.example with ESMTP; 1 Jan 2026 10:00:00 Z\r\n\
                Received: from y (y.bank.example [192.0.2.9]) by mx.d.example with ESMTP; 1 Jan 2026 09:00:00 Z\r\n\r\n";
    for trusted in [&[][..], &["d.example"]] {
        let path = path(text, trusted);
        assert_eq!(path.boundary().and_then(|hop| hop.received.ip()), Some("192.0.2.66".parse().unwrap()));
        assert_eq!(path.claimed().len(), 1);
    }
    assert!(path(text, &["other.example"]).boundary().is_none());
}

/// Below a provider's domain stand its customers too: names that end alike make no house.
#[test]
fn who_belongs_to_the_house() {
    let believed = |client: &str, below: &str, server: &str| {
        let text = format!(
            "Received: from {client} ({client} [192.0.2.66]) by {server} with ESMTPS; 1 Jan 2026 10:00:00 Z\r\n\
             Received: from y (y.bank.example [192.0.2.9]) by {below} with ESMTP; 1 Jan 2026 09:00:00 Z\r\n\r\n"
        );
        path(&text, &[]).trusted().len() == 2
    };
    let house = |client: &str, server: &str| believed(client, client, server);
    for (client, server) in [
        ("mx2.provider.example", "store.provider.example"),
        ("mx-b.provider.example", "mx.provider.example"),
        ("gw-07.provider.example", "mx.provider.example"),
        ("in.provider.example", "mx.provider.example"),
        ("inbound01.provider.example", "store.provider.example"),
    ] {
        assert!(house(client, server), "{client} {server}");
    }
    for (client, server) in [
        ("customer.provider.example", "mx.provider.example"),
        ("dsl-192-0-2-66.provider.example", "mx.provider.example"),
        ("mx.customer.provider.example", "mx.provider.example"),
        ("mail-x.provider.example", "mx.provider.example"),
        ("out.provider.example", "mx.provider.example"),
        ("gw-customer.provider.example", "mx.provider.example"),
        ("mx-customer7.provider.example", "mx.provider.example"),
        ("in-1-2-3.provider.example", "mx.provider.example"),
        ("in192.a.provider.example", "mx.provider.example"),
        ("mx-.provider.example", "mx.provider.example"),
        ("mx7customer.provider.example", "mx.provider.example"),
        ("mx.other.example", "mx.provider.example"),
        ("mx.example", "store.example"),
    ] {
        assert!(!house(client, server), "{client} {server}");
    }
    // It wrote no field of its own, so whoever it is made up the one below.
    assert!(!believed("mx2.provider.example", "mx9.provider.example", "store.provider.example"));
}

#[test]
fn clocks_jump() {
    let text = "Received: by c.d.example; 1 Jan 2026 10:00:00 Z\r\nReceived: by b.d.example; garbage\r\n\
                Received: by a.d.example; 1 Jan 2026 10:00:30 Z\r\n\r\n";
    let path = path(text, &[]);
    let delays: Vec<_> = path.hops().iter().map(|hop| hop.delay).collect();
    assert_eq!(delays, [None, None, Some(-30)]);
}

proptest::proptest! {
    #[test]
    fn any_text(text in "(from |by |with |id |for |;|\\(|\\)|\\[|\\]|<|>|helo=|HELO |envelope-from |192.0.2.1|a|é|@|:| ){0,40}") {
        let field = Received::parse(&text);
        let _ = (told(&field), field.id(), field.recipient(), field.envelope_from(), field.from_name());
    }
}
