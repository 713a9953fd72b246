//! Which output of mail-auth is about which signature.

use ::mail_auth as theirs;

use crate::dkim;

/// For each of our signatures the output for it. Of copies with another `bh` or `i` mail-auth may have left some out, so what is wholly
/// equal finds its partner first.
pub(super) fn paired<'o, 'm>(
    outcomes: &[dkim::Outcome],
    outputs: &'o [theirs::DkimOutput<'m>],
) -> Vec<Option<&'o theirs::DkimOutput<'m>>> {
    let mut left: Vec<&theirs::DkimOutput<'_>> = outputs.iter().collect();
    let mut paired = vec![None; outcomes.len()];
    for is_it in [is_equal, is_same] {
        for (outcome, output) in outcomes.iter().zip(&mut paired).filter(|(_, output)| output.is_none()) {
            let is_partner = |output: &&theirs::DkimOutput<'_>| {
                output.signature().is_some_and(|theirs| is_it(&outcome.signature, theirs))
            };
            *output = left.iter().position(is_partner).map(|at| left.remove(at));
        }
    }
    paired
}

fn is_equal(ours: &dkim::Signature, theirs: &theirs::dkim::Signature) -> bool {
    let has_body_hash = ours.body_hash.as_ref().is_some_and(|hash| hash.value == theirs.bh);
    let has_identity = match &ours.identity {
        None => theirs.i.is_empty(),
        Some(identity) => {
            let is_identity = |(local_part, domain): (&str, &str)| {
                identity.value.local_part == local_part && identity.value.domain.as_str().eq_ignore_ascii_case(domain)
            };
            theirs.i.rsplit_once('@').is_some_and(is_identity)
        }
    };
    is_same(ours, theirs) && has_body_hash && has_identity
}

/// The signature itself tells most; one that cannot be decoded is known by its domain and selector.
fn is_same(ours: &dkim::Signature, theirs: &theirs::dkim::Signature) -> bool {
    let domain = ours.domain.as_ref().is_some_and(|domain| domain.value.as_str().eq_ignore_ascii_case(&theirs.d));
    let selector =
        ours.selector.as_ref().is_some_and(|selector| selector.value.as_str().eq_ignore_ascii_case(&theirs.s));
    match &ours.signature {
        Some(signature) => signature.value == theirs.b && (domain || selector),
        None => domain && selector,
    }
}
