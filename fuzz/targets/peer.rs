//! mail-auth beside us: where the two come to something else, one of the known differences explains it.
//!
//! The differences, each with its predicate and its sections, are those of `mailproof::mail_auth::Reason`.
#![cfg_attr(fuzzing, no_main)]

use std::time::{SystemTime, UNIX_EPOCH};

use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{ArcOutput, AuthenticatedMessage, DmarcOutput, SpfOutput};
use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::mail_auth::{Reason, Verdicts, explain};
use mailproof::message::Message;
use mailproof::spf::Session;
use mailproof_fuzz::World;

#[path = "../../benches/support/caches.rs"]
mod caches;
#[path = "../../tests/suite/mail_auth_caches.rs"]
mod mail_auth_caches;
use caches::{AUTHENTICATOR, ready};
use mail_auth_caches::caches;

// First line: something, then address, HELO name and reverse-path. Then a zone, `---`, a message.
mailproof_fuzz::target!(|data: &[u8]| {
    let Some(world) = World::read(data) else { return };
    // mail-auth has no other clock than the system's.
    let now = Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs());
    let message = Message::parse(world.message);
    let ip = world.word(1).parse().ok();
    let mail_from = Some(world.word(3)).filter(|word| *word != "-").unwrap_or_default();
    let session = ip.map(|ip| Session::new(ip, world.word(2), mail_from));

    // What mail-auth asks beside what we ask does not exist. We ask about what there is a verdict of.
    let (dmarc, arc) = (DmarcOutput::default(), ArcOutput::default());
    let asking = Verdicts { arc: Some(&arc), dmarc: Some(&dmarc), ..Verdicts::default() };
    let everything = |dns: &Snapshot| explain(dns, &message, session.as_ref(), now, &asking);
    let (_, dns) = world.drive(everything);
    let caches = caches(&dns);
    let spf = ip.map(|ip| {
        let helo = world.word(2);
        let params = SpfParameters::verify_mail_from(ip, helo, "mx.receiver.example", mail_from);
        ready(AUTHENTICATOR.check_host(caches.with(params)))
    });
    let parsed = AuthenticatedMessage::parse(world.message);
    let dkim = parsed.as_ref().map(|parsed| ready(AUTHENTICATOR.verify_dkim(caches.with(parsed))));
    let arc = parsed.as_ref().map(|parsed| ready(AUTHENTICATOR.verify_arc(caches.with(parsed))));
    let none = SpfOutput::new(String::new());
    let dmarc = parsed.as_ref().zip(dkim.as_ref()).map(|(parsed, dkim)| {
        let spf = spf.as_ref().unwrap_or(&none);
        let params = DmarcParameters::new(parsed, dkim, spf.domain(), spf);
        ready(AUTHENTICATOR.verify_dmarc(caches.with(params)))
    });

    let verdicts = Verdicts { spf: spf.as_ref(), dkim: dkim.as_deref(), arc: arc.as_ref(), dmarc: dmarc.as_ref() };
    let (explained, _) = world.drive(|dns| explain(dns, &message, session.as_ref(), now, &verdicts));
    for explained in explained {
        match &explained.difference {
            None => assert_eq!(explained.theirs, explained.ours, "{explained}"),
            Some(difference) => assert_ne!(
                difference.reason,
                Reason::Unknown,
                "{explained}: {}; mail-auth: {:?} {:?}",
                explained.told,
                dkim.iter().flatten().map(|output| output.result()).collect::<Vec<_>>(),
                arc.as_ref().map(|output| output.result()),
            ),
        }
    }
});
