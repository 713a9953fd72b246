//! Verdicts over a complete snapshot.
//!
//! `parsed`: the snapshot has been read before. `fresh`: it has just been filled, so that each record is parsed on the way.
//! `traced`: with all that happened and why, which mail-auth has not.

use std::hint::black_box;
use std::net::IpAddr;
use std::rc::Rc;

use mailproof::dmarc::{self, Authenticated, MethodResult};
use mailproof::spf::{self, Session};
use mailproof::{Name, Timestamp};

use super::{Cases, Work};
use crate::support::peer::{DmarcMail, Keeps, Peer};
use crate::support::{complete, sessions, zone};

pub fn spf(cases: &mut Cases) {
    let zone = zone();
    for [name, ip, helo, sender, expected] in sessions() {
        let address: IpAddr = ip.parse().expect("an address");
        let session = Rc::new(Session::new(address, &helo, &sender));
        let snapshot = Rc::new(complete(&zone, |dns| spf::check_host(dns, &session, Timestamp(0))));
        let outcome = spf::verdict(&snapshot, &session, Timestamp(0)).done().expect("a complete snapshot");
        assert_eq!(outcome.result.as_str(), expected, "{name}");
        let peer = |keeps| {
            let (peer, helo, sender) = (Peer::new(&snapshot, keeps), helo.clone(), sender.clone());
            move || peer.spf(black_box(address), &helo, &sender)
        };

        let (dns, who) = (snapshot.clone(), session.clone());
        cases
            .same(format!("evaluate/spf/parsed/{name}"), move || spf::verdict(&dns, black_box(&who), Timestamp(0)))
            .beside(peer(Keeps::Parsed));
        let (dns, who) = (snapshot.clone(), session.clone());
        cases
            .add(
                format!("evaluate/spf/fresh/{name}"),
                Work::fresh(move || ((*dns).clone(), who.clone()), |(dns, who)| spf::verdict(dns, who, Timestamp(0))),
            )
            .beside(peer(Keeps::Texts));
        let (dns, who) = (snapshot.clone(), session.clone());
        cases
            .same(format!("evaluate/spf/traced/{name}"), move || spf::check_host(&dns, black_box(&who), Timestamp(0)))
            .beside(peer(Keeps::Parsed));
    }
    let domain: Name = "nested.example".parse().expect("a name");
    let snapshot = complete(&zone, |dns| spf::tree(dns, &domain));
    cases.same("evaluate/spf/tree", move || spf::tree(black_box(&snapshot), &domain));
}

pub fn dmarc(cases: &mut Cases) {
    let zone = zone();
    for (name, author, spf, dkim) in [
        ("own", "example.org", "example.org", "example.org"),
        ("relaxed", "example.org", "bounce.example.org", "mail.example.org"),
        ("unaligned", "example.org", "bounce.esp.example", "esp.example"),
        // The walk that §4.10.1 cuts short: eight names are asked for each identifier.
        ("deep", "a.b.c.d.e.f.g.h.example.org", "x.a.b.c.d.e.f.g.h.example.org", "b.c.d.e.f.g.h.example.org"),
    ] {
        let mail = Rc::new(DmarcMail::new(author, spf, dkim));
        let author: Name = author.parse().expect("a name");
        let ids = Authenticated::default()
            .spf(spf.parse().expect("a name"), MethodResult::Pass)
            .dkim(dkim.parse().expect("a name"), MethodResult::Pass);
        let asked = Rc::new((author, ids));
        let snapshot = Rc::new(complete(&zone, |dns| dmarc::evaluate(dns, &asked.0, &asked.1)));
        let peer = |keeps| {
            let (peer, mail) = (Peer::new(&snapshot, keeps), mail.clone());
            move || peer.dmarc(black_box(&mail))
        };
        let (dns, ids) = (snapshot.clone(), asked.clone());
        cases
            .same(format!("evaluate/dmarc/parsed/{name}"), move || dmarc::verdict(black_box(&dns), &ids.0, &ids.1))
            .beside(peer(Keeps::Parsed));
        let (dns, ids) = (snapshot.clone(), asked.clone());
        cases
            .add(
                format!("evaluate/dmarc/fresh/{name}"),
                Work::fresh(move || ((*dns).clone(), ids.clone()), |(dns, ids)| dmarc::verdict(dns, &ids.0, &ids.1)),
            )
            .beside(peer(Keeps::Texts));
        let (dns, ids) = (snapshot.clone(), asked.clone());
        cases
            .same(format!("evaluate/dmarc/traced/{name}"), move || dmarc::evaluate(black_box(&dns), &ids.0, &ids.1))
            .beside(peer(Keeps::Parsed));
    }
    let start: Name = "a.b.c.d.e.f.g.h.example.org".parse().expect("a name");
    let snapshot = complete(&zone, |dns| dmarc::walk(dns, &start));
    cases.same("evaluate/dmarc/tree-walk", move || dmarc::walk(black_box(&snapshot), &start));
}
