//! Domains of the author that mix letters of several scripts, or whose letters all look like Latin ones.

use super::author_domains::MAX_AUTHORS;
use crate::Name;
use crate::finding::{Evidence, Findings, Label, rules};
use crate::message::confusable::skeleton;
use crate::message::lint::{Context, domain_name};

rules! {
    /// # The author's domain mixes scripts, or passes for a Latin name
    ///
    /// One label with Latin and Cyrillic letters, or only Cyrillic letters that all look like Latin ones: people read another name
    /// than the one that the DNS has. Registries refuse most such labels; who uses one mostly wants to be taken for somebody else.
    ///
    /// ```message bad
    /// From: alice@xn--pypal-4ve.example
    /// ```
    ///
    /// ```message good
    /// From: alice@xn--bcher-kva.example
    /// ```
    MIXED = "from-mixed-scripts", Warning, Ok, ["UTS 39 §5.1", "RFC 5890 §4.4"],
        "`{domain}` in From is the domain `{name}`: {why}, so that it reads like `{look}`";
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some((subject, list)) = cx.from.first() else { return };
    for mailbox in list.mailboxes().take(MAX_AUTHORS) {
        let (Some(span), Some(name)) = (mailbox.domain, domain_name(list, mailbox)) else { continue };
        let shown = name.to_unicode();
        let look = skeleton(&shown);
        // Whom it imitates is told by name, where that is known.
        if look == shown || cx.options.known.iter().any(|known| skeleton(&known.to_unicode()) == look) {
            continue;
        }
        if let Some(why) = why(&shown, &name) {
            let found = out.report(&MIXED, Label::new(subject, span)).arg("domain", shown).arg("name", &name);
            found.arg("why", why).arg("look", look).evidence(Evidence::Guessed);
        }
    }
}

/// What is odd about the first label that is.
fn why(shown: &str, name: &Name) -> Option<&'static str> {
    // Below a top level of the same script, letters that look Latin are what everybody expects.
    let is_latin_top = name.labels().next_back().is_some_and(|top| !top.starts_with("xn--"));
    shown.split('.').find_map(|label| {
        let mut scripts: Vec<Script> = label.chars().filter_map(script).collect();
        scripts.dedup();
        match scripts[..] {
            [] | [Script::Latin] => None,
            [_] => (is_latin_top && skeleton(label).is_ascii())
                .then_some("all its letters look like Latin ones and are none"),
            _ => Some("it mixes letters of several scripts"),
        }
    })
}

/// The scripts whose letters are taken for each other (UTS 39 §4). Others, as Japanese ones, are mixed every day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
}

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(domain: &str) -> Option<&'static str> {
        let name = Name::parse(domain).unwrap();
        why(&name.to_unicode(), &name)
    }

    #[test]
    fn mixed_labels_and_labels_that_pass_for_latin_ones() {
        for domain in ["pаypal.example", "gооgle.com", "αpple.com", "www.bаnk.example", "mаil"] {
            assert_eq!(told(domain), Some("it mixes letters of several scripts"), "{domain}");
        }
        assert_eq!(told("аррӏе.com"), Some("all its letters look like Latin ones and are none"));
    }

    #[test]
    fn honest_names() {
        for domain in [
            "bücher.example",
            "пример.рф",
            "почта.com",
            "сор.рф",
            "例え.jp",
            "tokyo東京.jp",
            "ελλάδα.gr",
            "d.example",
            "straße-42.de",
        ] {
            assert_eq!(told(domain), None, "{domain}");
        }
    }
}
