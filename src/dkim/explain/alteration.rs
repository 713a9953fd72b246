//! What happened to a message, in words.

use crate::dkim::forensics::{Alteration, Certainty, Scope, What};
use crate::message::Message;

/// What happened to a part of the message; a clause without a full stop.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// assert_eq!(explain::alteration(&evidence.body.unwrap(), &message), "three lines were added at its end");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn alteration(found: &Alteration, message: &Message<'_>) -> String {
    let field = || found.header.as_deref().unwrap_or("a field").to_owned();
    let likely = if found.certainty == Certainty::Likely { " probably" } else { "" };
    match found.what {
        What::Appended => lines(added(found, message), likely, "at its end"),
        What::Inserted => match found.edits.len() {
            0 | 1 => match added(found, message) {
                text if !text.contains(&b'\n') => {
                    format!("{}{likely} put in", counted(text.len(), "octet was", "octets were"))
                }
                text if found.at == Some(0) => lines(text, likely, "at its top"),
                text => lines(text, likely, "inside it"),
            },
            n => format!("text was{likely} put in at {} places", number(n)),
        },
        What::Replaced => match lost(found) {
            Some(octets) => format!("{}{likely} lost", counted(octets, "octet was", "octets were")),
            None => format!("text was{likely} replaced"),
        },
        What::Truncated => format!("its end is{likely} missing"),
        What::ReEncoded => format!("it was{likely} put in another encoding or charset"),
        What::Whitespace => format!("only white space{likely} changed"),
        What::LineEndings => format!("its line ends were{likely} changed"),
        What::MimeWrapped => format!("it was{likely} made a part of a multipart"),
        What::Reframed => format!("its parts were{likely} put between other boundaries"),
        What::SignedOtherwise => match found.signed_as {
            Some(how) => format!(
                "the signer hashed it as {}{}, and not as `c=` and `l=` say",
                how.canonicalization.as_str(),
                how.length.map(|length| format!(" up to {length} octets")).unwrap_or_default()
            ),
            None => "the signer hashed it otherwise than `c=` and `l=` say".to_owned(),
        },
        What::HeaderChanged if is_emptied(found, message) => format!("{} was emptied", field()),
        What::HeaderChanged => format!("{} was{likely} changed", field()),
        What::HeaderRefolded => format!("the folding or white space of {} was{likely} changed", field()),
        What::HeaderAdded => format!("a field {} was{likely} added", field()),
        What::HeaderRemoved => format!("the field {} was{likely} removed", field()),
        What::Unknown => "it is not known how".to_owned(),
    }
}

/// Whether a field that is proven to have had a value stands there without one.
fn is_emptied(found: &Alteration, message: &Message<'_>) -> bool {
    let had_value = found.original.as_ref().is_some_and(|value| !value.trim_ascii().is_empty());
    let is_blank = || {
        let field = message.fields().iter().find(|field| Some(field.span().start as usize) == found.at);
        field.is_some_and(|field| field.body().trim_ascii().is_empty())
    };
    found.certainty == Certainty::Proven && had_value && is_blank()
}

/// How many octets were taken out, where nothing was put in.
fn lost(found: &Alteration) -> Option<usize> {
    if found.scope != Scope::Place {
        return None;
    }
    match found.edits.as_slice() {
        [] => found.original.as_ref().filter(|_| found.length == 0).map(Vec::len),
        edits => edits.iter().map(|edit| Some(edit.original.len()).filter(|_| edit.length == 0)).sum(),
    }
}

/// How sure an alteration is, for people.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/subject-tag.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let subject = &evidence.header[0];
/// assert_eq!(explain::alteration(subject, &message), "Subject was changed");
/// assert_eq!(explain::certainty(subject), "proven: with it undone the signer's hash comes out");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn certainty(found: &Alteration) -> String {
    match found.certainty {
        Certainty::Proven => "proven: with it undone the signer's hash comes out".to_owned(),
        Certainty::Likely => "likely, not proven".to_owned(),
        Certainty::Unknown if found.tried == 0 => "unknown: there was nothing to try".to_owned(),
        Certainty::Unknown => {
            format!("unknown: none of {} gives the signer's hash", counted(found.tried, "guess", "guesses"))
        }
    }
}

/// The octets that an alteration put in.
fn added<'m>(found: &Alteration, message: &Message<'m>) -> &'m [u8] {
    let at = found.at.unwrap_or_default();
    message.body().get(at..at.saturating_add(found.length)).unwrap_or_default()
}

fn lines(text: &[u8], likely: &str, place: &str) -> String {
    let ends = memchr::memchr_iter(b'\n', text).count();
    let n = ends + usize::from(!text.is_empty() && !text.ends_with(b"\n"));
    format!("{}{likely} added {place}", counted(n, "line was", "lines were"))
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// Small numbers as words.
fn number(n: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}
