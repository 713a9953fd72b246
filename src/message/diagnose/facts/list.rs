//! Mailing lists (RFC 2369, RFC 2919).

use crate::dkim::Signature;
use crate::finding::Label;
use crate::message::diagnose::mail::Mail;

/// A field that only a mailing list writes.
#[derive(Clone, Debug)]
pub(in super::super) struct ListMark {
    /// Its name.
    pub(in super::super) field: &'static str,
    /// Its body.
    pub(in super::super) value: String,
    /// Where it stands.
    pub(in super::super) label: Label,
}

/// Senders of newsletters write List-Unsubscribe (RFC 8058) and List-ID too, so the first is no mark, and the others are
/// none where the author's own signature covers them.
const FIELDS: &[&str] = &[
    "List-Id",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "List-Subscribe",
    "List-Help",
    "Mailing-List",
    "X-BeenThere",
    "X-Mailman-Version",
];

/// What shows that the message came over a mailing list.
pub(in super::super) fn list_mark(mail: &Mail<'_>) -> Option<ListMark> {
    FIELDS
        .iter()
        .find_map(|field| {
            let label = mail.label(field)?;
            Some(ListMark { field, value: mail.text(field).unwrap_or_default(), label })
        })
        .or_else(|| simple_list(mail))
}

/// Old or simple list programs: `Precedence: list` (RFC 3834 §2 knows it), and Sender is the address of whoever runs the list.
fn simple_list(mail: &Mail<'_>) -> Option<ListMark> {
    let is_list = mail.text("Precedence").is_some_and(|word| word.eq_ignore_ascii_case("list"));
    let label = mail.label("Sender").filter(|_| is_list)?;
    let value = super::first_address(&mail.text("Sender")?)?;
    let (local, domain) = value.split_once('@')?;
    let ends = ["-bounces", "-owner", "-request", "-admin"].iter().find_map(|end| local.strip_suffix(end));
    let list = local.strip_prefix("owner-").or(ends)?;
    Some(ListMark { field: "Sender", value: format!("{list}@{domain}"), label })
}

impl ListMark {
    /// Whether the list wrote it after `signature` was made.
    pub(in super::super) fn is_newer_than(&self, signature: &Signature) -> bool {
        signature.signs(self.field) == 0
    }

    /// How people call the list: the text in angle brackets, or all of it.
    pub(in super::super) fn name(&self) -> &str {
        let inside = self.value.split_once('<').and_then(|(_, after)| after.split_once('>'));
        inside.map_or(self.value.as_str(), |(inside, _)| inside).trim_start_matches("mailto:")
    }
}
