//! What comes together: the work of one list server or gateway.

use super::{Kind, coding, header, kind, lines, text, values};
use crate::mail::Mail;

pub(super) const KINDS: &[Kind] = &[
    kind("Subject tag and footer", &[tag_and_footer]),
    kind("Subject tag, From munged and footer", &[list]),
    kind("Subject tag and banner", &[tag_and_banner]),
    kind("Subject tag and disclaimer in HTML", &[tag_and_disclaimer]),
    kind("footer in each part and header folded otherwise", &[footers_and_folds]),
    kind("footer and LF only", &[footer_and_lf]),
    kind("footer and quoted-printable", &[footer_then_quoted]),
    kind("banner and footer", &[banner_and_footer]),
    kind("base64 and Subject tag", &[base64_and_tag]),
];

fn tag_and_footer(mail: &Mail) -> Option<Mail> {
    text::list_footer(&values::tag(mail)?)
}

fn list(mail: &Mail) -> Option<Mail> {
    text::list_footer(&values::munged_reply_to(&values::tag(mail)?)?)
}

fn tag_and_banner(mail: &Mail) -> Option<Mail> {
    text::banner(&values::tag(mail)?)
}

fn tag_and_disclaimer(mail: &Mail) -> Option<Mail> {
    text::disclaimer_in_html(&values::tag(mail)?)
}

fn footers_and_folds(mail: &Mail) -> Option<Mail> {
    text::footer_in_each_part(&header::unfolded(mail)?)
}

fn footer_and_lf(mail: &Mail) -> Option<Mail> {
    lines::lf_only(&text::list_footer(mail)?)
}

fn footer_then_quoted(mail: &Mail) -> Option<Mail> {
    coding::eight_to_quoted(&text::list_footer(mail)?)
}

fn banner_and_footer(mail: &Mail) -> Option<Mail> {
    text::banner(&text::list_footer(mail)?)
}

fn base64_and_tag(mail: &Mail) -> Option<Mail> {
    coding::eight_to_base64(&values::tag(mail)?)
}
