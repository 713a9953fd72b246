//! The table of §5 of the digest of forwarding, as scenarios.

use super::*;
use crate::dmarc::{DmarcResult, Policy};
use crate::spf::SpfResult;

/// SPF, whether it is aligned, whether an aligned signature passes, DMARC.
type Told = (SpfResult, bool, bool, DmarcResult);
/// The scenario's name, the author, the way, what the last receiver finds.
type Row<'a> = (&'a str, &'a Author, &'a [Hop], Told);

fn told(author: &Author, hops: &[Hop]) -> Told {
    let end = predict(author, hops);
    let disposition = if end.dmarc == DmarcResult::Pass { Policy::None } else { author.policy };
    assert_eq!(end.disposition, disposition);
    (end.spf, end.spf_aligned, end.dkim_aligned, end.dmarc)
}

fn list(tag: bool, footer: bool, munging: Munging) -> Hop {
    Hop::List(List { tag, footer, munging, signs: munging != Munging::None, arc: None })
}

#[test]
fn the_table() {
    use DmarcResult::{Fail as Fails, Pass as Passes};
    use SpfResult::{Fail, Pass};
    let (signed, unsigned) = (Author::signed(Policy::Reject), Author::unsigned(Policy::Reject));
    let bounce = Author { null_sender: true, ..signed.clone() };
    let with = |signature| Author { signatures: vec![signature], ..signed.clone() };
    let partial = with(Signature { aligned: true, relaxed: true, partial_body: true });
    let simple = with(Signature { aligned: true, relaxed: false, partial_body: false });
    let foreign = with(Signature { aligned: false, relaxed: true, partial_body: false });
    let esp = Author { spf_aligned: false, ..foreign };
    let redirect = |srs| Hop::Redirect { srs };
    let disclaimer = |signs| Hop::Disclaimer { srs: true, signs };
    let rows: &[Row<'_>] = &[
        ("direct", &signed, &[], (Pass, true, true, Passes)),
        ("direct, unsigned", &unsigned, &[], (Pass, true, false, Passes)),
        ("redirect, no SRS", &signed, &[redirect(false)], (Fail, false, true, Passes)),
        ("redirect, no SRS, unsigned", &unsigned, &[redirect(false)], (Fail, false, false, Fails)),
        ("redirect + SRS", &signed, &[redirect(true)], (Pass, false, true, Passes)),
        ("redirect + SRS, unsigned", &unsigned, &[redirect(true)], (Pass, false, false, Fails)),
        ("redirect + SRS + disclaimer", &signed, &[disclaimer(false)], (Pass, false, false, Fails)),
        ("the same, signed again", &signed, &[disclaimer(true)], (Pass, false, false, Fails)),
        ("two redirects", &signed, &[redirect(true), redirect(true)], (Pass, false, true, Passes)),
        ("redirect of a bounce", &bounce, &[redirect(true)], (Pass, false, true, Passes)),
        ("list untouched", &signed, &[list(false, false, Munging::None)], (Pass, false, true, Passes)),
        ("list + tag", &signed, &[list(true, false, Munging::None)], (Pass, false, false, Fails)),
        ("list + footer", &signed, &[list(false, true, Munging::None)], (Pass, false, false, Fails)),
        ("footer + l=", &partial, &[list(false, true, Munging::None)], (Pass, false, true, Passes)),
        ("From munged", &signed, &[list(true, true, Munging::From)], (Pass, true, true, Passes)),
        ("wrapped", &signed, &[list(true, true, Munging::Wrap)], (Pass, true, true, Passes)),
        ("recode", &signed, &[redirect(true), Hop::Recode], (Pass, false, false, Fails)),
        ("refolded, relaxed", &signed, &[redirect(true), Hop::Refold], (Pass, false, true, Passes)),
        ("refolded, simple", &simple, &[redirect(true), Hop::Refold], (Pass, false, false, Fails)),
        ("ESP with own envelope and d=", &esp, &[], (Pass, false, false, Fails)),
        ("Gmail, the same Message-ID", &signed, &[redirect(true), Hop::SameMessageId], (Pass, false, true, Passes)),
    ];
    for (name, author, hops, expected) in rows {
        assert_eq!(told(author, hops), *expected, "{name}");
    }
}

#[test]
fn arc_is_no_pass() {
    let signed = Author::signed(Policy::Reject);
    let sealed = |trust| Hop::List(List { footer: true, arc: Some(trust), ..List::default() });
    let end = predict(&signed, &[sealed(Trust::Trusted)]);
    assert_eq!((end.dmarc, end.arc_override), (DmarcResult::Fail, true));
    assert!(!predict(&signed, &[sealed(Trust::Untrusted)]).arc_override);
    assert!(!predict(&signed, &[sealed(Trust::Trusted), Hop::Recode]).arc_override, "changed after sealing");
}

#[test]
fn who_has_to_act() {
    use crate::Actor;
    let actors = |author: &Author, hops: &[Hop]| -> Vec<Actor> {
        predict(author, hops).advice.iter().map(|advice| advice.actor).collect()
    };
    let (signed, unsigned) = (Author::signed(Policy::Reject), Author::unsigned(Policy::Reject));
    assert!(actors(&signed, &[Hop::Redirect { srs: true }]).is_empty(), "the right set-up");
    assert_eq!(actors(&signed, &[Hop::Redirect { srs: false }]), [Actor::Forwarder]);
    assert_eq!(actors(&unsigned, &[Hop::Redirect { srs: true }]), [Actor::SendingService]);
    assert_eq!(actors(&signed, &[list(true, false, Munging::None)]), [Actor::ListOperator]);
    assert_eq!(actors(&signed, &[Hop::Disclaimer { srs: true, signs: false }]), [Actor::Forwarder]);
    assert_eq!(actors(&signed, &[Hop::SameMessageId]), [Actor::Nobody]);
}

#[test]
fn a_seal_holds_while_nothing_is_changed() {
    let unsigned = Author::unsigned(Policy::Reject);
    let sealing = |arc| Hop::List(List { tag: false, footer: false, munging: Munging::None, signs: false, arc });
    let sealed = sealing(Some(Trust::Trusted));
    let overrides = |hop: Hop| predict(&unsigned, &[sealed, hop]).arc_override;
    assert!(overrides(sealing(None)), "a list that changes nothing");
    assert!(overrides(Hop::Refold), "seals are relaxed");
    assert!(!overrides(Hop::Recode) && !overrides(list(true, false, Munging::None)));
    assert!(!overrides(list(false, false, Munging::From)));
}
