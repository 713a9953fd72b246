//! The SMTP session that delivered a message, as far as it is known.

use crate::message::Message;
use crate::report::{Branch, Mark, Report, SpfInput, Trace};

/// What SPF goes by.
pub(super) enum Envelope {
    /// The client is not known: SPF is not asked for.
    Unknown,
    /// The client is known, and neither a HELO name nor a reverse-path.
    ClientOnly,
    /// All of it was given.
    Given(SpfInput),
    /// The reverse-path is that of Return-Path: what the message says of itself.
    Claimed(SpfInput),
}

impl Envelope {
    pub(super) fn of(given: Option<&SpfInput>, message: &Message<'_>) -> Self {
        let Some(given) = given else { return Self::Unknown };
        if given.mail_from.is_some() {
            return Self::Given(given.clone());
        }
        match return_path(message) {
            // A null path is judged by its HELO name.
            Some(path) if !path.is_empty() || !given.helo.is_empty() => {
                Self::Claimed(SpfInput { mail_from: Some(path), ..given.clone() })
            }
            _ if given.helo.is_empty() => Self::ClientOnly,
            _ => Self::Given(given.clone()),
        }
    }

    pub(super) fn session(&self) -> Option<&SpfInput> {
        match self {
            Self::Given(session) | Self::Claimed(session) => Some(session),
            Self::Unknown | Self::ClientOnly => None,
        }
    }

    /// The end of the headline.
    pub(super) fn told(&self, spf: Option<&Report>) -> String {
        let result = spf.and_then(|spf| Some(spf.verdicts.first()?.result)).unwrap_or_default();
        match self {
            Self::Unknown => String::new(),
            Self::ClientOnly => "; SPF was not judged, since there is no Return-Path".to_owned(),
            Self::Given(_) => format!("; SPF says {result}"),
            Self::Claimed(_) => format!("; SPF says {result}, if Return-Path is true"),
        }
    }

    /// Where the reverse-path came from, if not from who asked.
    pub(super) fn trace(&self) -> Option<Trace> {
        let (outcome, note) = match self {
            Self::Unknown | Self::Given(_) => return None,
            Self::Claimed(session) => {
                let path = session.mail_from.as_deref().unwrap_or_default();
                (format!("<{path}>"), "taken from Return-Path, which a sender can forge: give MAIL FROM if you know it")
            }
            Self::ClientOnly => {
                ("not known".to_owned(), "the message has no Return-Path: give MAIL FROM or the HELO name to check SPF")
            }
        };
        let mark = Mark::Skipped;
        let notes = vec![note.to_owned()];
        let branches = vec![Branch { text: "MAIL FROM".to_owned(), outcome, mark, notes, ..Branch::default() }];
        Some(Trace { title: "what SPF goes by".to_owned(), counters: Vec::new(), branches })
    }
}

/// The path in the topmost Return-Path (RFC 5322 §3.6.7), without angle brackets.
fn return_path(message: &Message<'_>) -> Option<String> {
    let at = message.fields_named("Return-Path").next()?;
    let text = std::str::from_utf8(message.fields()[at].body()).ok()?.trim();
    Some(text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_path_is_a_claim() {
        let given = SpfInput { mail_from: None, ..SpfInput::new("192.0.2.1".parse().unwrap(), "", "") };
        let of = |text: &str| match Envelope::of(Some(&given), &Message::parse(text.as_bytes())) {
            Envelope::Claimed(session) => session.mail_from,
            Envelope::ClientOnly => None,
            Envelope::Unknown | Envelope::Given(_) => panic!("{text}"),
        };
        assert_eq!(of("Return-Path: <a@d.example>\r\n\r\n").as_deref(), Some("a@d.example"));
        assert_eq!(of("Return-Path: a@d.example \r\n\r\n").as_deref(), Some("a@d.example"));
        assert_eq!(of("Return-Path: <>\r\n\r\n"), None);
        assert_eq!(of("From: a@d.example\r\n\r\n"), None);
    }
}
