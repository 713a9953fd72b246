//! Files beside the DNS: the MTA-STS policy and the logo of BIMI.
#![cfg_attr(fuzzing, no_main)]

use mailproof::dns::Snapshot;
use mailproof::mta_sts::{Fetched, Policy, lint_policy};
use mailproof::{Name, bimi};
use mailproof_fuzz::{World, assert_inside, assert_sound_findings};

mailproof_fuzz::target!(|data: &[u8]| {
    let domain = Name::parse("d.example").expect("a name");
    let policy = Policy::parse(data);
    for line in &policy.lines {
        [line.span, line.key, line.value].into_iter().for_each(|span| assert_inside(policy.source.text(), span));
    }
    assert_sound_findings(&bimi::lint_logo(&domain, data));
    let zone =
        b"\nd.example. MX 10 mx.d.example.\nd.example. MX 20 x.y.d.example.\n_mta-sts.d.example. TXT \"v=STSv1; id=1\"";
    let Some(world) = World::read(zone) else { return };
    let (found, _) = world.drive(|dns: &Snapshot| lint_policy(dns, &domain, &Fetched::body(data)));
    assert_sound_findings(&found);
});
