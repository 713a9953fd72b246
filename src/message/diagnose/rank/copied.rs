//! A signature that the key of the author's domain made, and perhaps not for this message: whoever has a mail of that domain can copy
//! it, alone or with all of the signed header.

use super::Case;
use crate::cause::{Cause, Evidence, Found};
use crate::dkim::explain;
use crate::message::diagnose::facts::{Client, client, covering_include, forwarded, rewritten};
use crate::message::diagnose::signatures::Signed;
use crate::spf::SpfResult;

/// Signatures that fail and are no proof of whose the message is, though the key of the author's domain made them.
pub(super) fn claims<'a>(case: &Case<'a>) -> Vec<&'a Signed> {
    case.aligned_failures().into_iter().filter(|signed| signed.is_of_unproven_mail()).collect()
}

pub(super) fn evidence(case: &Case<'_>, signed: &Signed) -> Evidence {
    let why = if signed.is_copied() {
        "fits nothing of this message: whoever has a mail of that domain can copy it"
    } else {
        "was made by its key: perhaps a message of that domain was changed on its way"
    };
    let signature = explain::name(&signed.outcome.signature);
    let seen = format!("the DKIM signature of {signature} {why}");
    Evidence::at(case.mail.label_at(signed.outcome.field), seen)
}

/// A changed body of which nothing gives back the signed one: by what can be seen of it, it may be another text under a copied
/// signature. That is told where nobody is known who passed the message on.
pub(super) fn or_copied(case: &Case<'_>, signed: &Signed, found: Found) -> Found {
    let how = match found.cause {
        Cause::DkimBodyContentChanged if signed.has_other_body() => {
            "or the signed header was put on another text: the two cannot be told apart"
        }
        Cause::DkimBodyContentChanged if signed.is_copied() => {
            "or the signature was taken from another mail: it fits nothing of this one"
        }
        _ => return found,
    };
    if !is_strangers(case, signed) {
        return found;
    }
    let told = format!("{}, {how}", found.told);
    found.told(told).advise(
        "If a server on the way replaces content, have it verify DKIM before; if none does, the mail is forged and nothing has to be \
         published",
    )
}

/// Whether nothing shows how the client came by a message of the author.
fn is_strangers(case: &Case<'_>, signed: &Signed) -> bool {
    let Some(author) = case.mail.author_domain() else { return false };
    let passes = case.spf_result() == Some(SpfResult::Pass) && case.spf_is_aligned();
    // Without SPF nobody can be told from the own people.
    case.checks.spf.is_some()
        && !passes
        && client(case.mail, case.checks, author) != Client::Own
        && covering_include(case.dns, case.mail, author).is_none()
        && rewritten(case.mail).is_none()
        && forwarded(case.mail, case.checks).is_none()
        && case.came_over_list(signed).is_none()
}

/// Whether the client may have no more to do with the author than a message that the author signed.
pub(super) fn has_signed_mail(case: &Case<'_>) -> bool {
    case.aligned_failures().into_iter().any(|signed| signed.is_genuine() || signed.is_of_unproven_mail())
}
