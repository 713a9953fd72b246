//! The author of a message: From, and Sender beside it.

use std::collections::BTreeSet;

use crate::Name;
use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::message::confusable::skeleton;
use crate::message::find_address::addresses_in;
use crate::message::{Address, AddressList, NameAddr, decode_words};
use crate::text::{Span, lowercase};

rules! {
    /// # There is no From field
    ///
    /// Every message has exactly one From field (RFC 5322 §3.6). Without it there is no author, DMARC has nothing to check,
    /// and most receivers refuse the message.
    ///
    /// ```fields bad
    /// To: bob@d.example
    /// ```
    ///
    /// ```fields good
    /// From: alice@d.example
    /// ```
    MISSING = "from-missing", Error, Fail, ["RFC 5322 §3.6", "RFC 9989 §5.3.1"], "the message has no From field";

    /// # There is more than one From field
    ///
    /// One program shows the first, another checks the last: that is how forged authors get past DMARC. Receivers refuse
    /// such messages.
    ///
    /// ```fields bad
    /// From: alice@d.example
    /// From: ceo@bank.example
    /// ```
    ///
    /// ```fields good
    /// From: alice@d.example
    /// ```
    MULTIPLE_FIELDS = "from-multiple-fields", Error, Fail, ["RFC 5322 §3.6", "RFC 9989 §11.5"],
        "the message has {count} From fields, and one is allowed";

    /// # From cannot be read
    ///
    /// The author's address does not follow RFC 5322 §3.4, so that programs read different authors out of it, or none.
    /// Write one mailbox: a name, and the address in angle brackets.
    ///
    /// ```fields bad
    /// From: <alice@d.example> ceo@bank.example
    /// ```
    ///
    /// ```fields good
    /// From: Alice <alice@d.example>
    /// ```
    UNPARSABLE = "from-unparsable", Error, Fail, ["RFC 5322 §3.4"], "`{text}` in From is not an address";

    /// # From has no mailbox
    ///
    /// RFC 6854 lets a group stand in From, and a group may be empty; but without a mailbox there is no domain whose DMARC
    /// policy could be asked, and receivers refuse the message.
    ///
    /// ```fields bad
    /// From: Undisclosed sender:;
    /// ```
    ///
    /// ```fields good
    /// From: Undisclosed sender <no-reply@d.example>
    /// ```
    GROUP = "from-group-syntax", Warning, Fail, ["RFC 6854 §2", "RFC 9989 §5.3.1"], "`{text}` in From names no mailbox";

    /// # From has several mailboxes
    ///
    /// RFC 5322 allows several authors if a Sender field names the one who sends. Gmail and others refuse such messages all
    /// the same, because DMARC needs one author.
    ///
    /// ```fields bad
    /// From: alice@d.example, bob@d.example
    /// Sender: alice@d.example
    /// ```
    ///
    /// ```fields good
    /// From: alice@d.example
    /// ```
    MULTIPLE_AUTHORS = "from-multiple-authors", Warning, Differs, ["RFC 5322 §3.6.2", "RFC 9989 §5.3.1"],
        "From has {count} mailboxes: large receivers refuse more than one author";

    /// # From has several mailboxes and there is no Sender
    ///
    /// With more than one author, a Sender field must name the one mailbox that sent the message (RFC 5322 §3.6.2).
    ///
    /// ```fields bad
    /// From: alice@d.example, bob@d.example
    /// ```
    ///
    /// ```fields good
    /// From: alice@d.example, bob@d.example
    /// Sender: alice@d.example
    /// ```
    NO_SENDER = "from-no-sender-with-many", Warning, Ok, ["RFC 5322 §3.6.2"],
        "From has {count} mailboxes and there is no Sender field that names one";

    /// # The display name shows another address
    ///
    /// Many mail programs show the display name only. An address in it that is not the real one looks like the real one,
    /// and that is what forgers want; filters punish it.
    ///
    /// ```fields bad
    /// From: "ceo@bank.example" <alice@d.example>
    /// ```
    ///
    /// ```fields good
    /// From: "alice@d.example" <alice@d.example>
    /// ```
    DISPLAY_NAME = "from-display-name-address", Warning, Ok, ["RFC 9989 §11.4"],
        "the display name of `{address}` shows another address, `{shown}`";

    /// # A comment in From holds an address
    ///
    /// Comments in parentheses are not part of the address, but old programs show them as the author's name.
    ///
    /// ```fields bad
    /// From: alice@d.example (ceo@bank.example)
    /// ```
    ///
    /// ```fields good
    /// From: alice@d.example (Alice)
    /// ```
    COMMENT = "from-comment-address", Warning, Ok, ["RFC 5322 §3.2.2"], "a comment in From holds an address, `{shown}`";

    /// # The domain of From looks like another one
    ///
    /// Letters of other scripts look like Latin ones: a domain with a Cyrillic `а` is another domain, and somebody else's.
    ///
    /// ```fields bad known=example.com
    /// From: alice@ехаmple.com
    /// ```
    ///
    /// ```fields good known=example.com
    /// From: alice@example.com
    /// ```
    HOMOGRAPH = "from-domain-homograph", Warning, Ok, ["UTS 39 §4", "RFC 5890 §4.4"],
        "`{domain}` in From looks like `{known}` and is another domain, `{name}`";
}

/// What the header says about its author. `from` are all From fields, in order.
pub(crate) struct Author<'a> {
    pub(crate) from: &'a [(Subject, AddressList)],
    pub(crate) has_sender: bool,
    /// Domains for which another one might be taken.
    pub(crate) known: &'a BTreeSet<Name>,
    /// What stands for the header where there is no From field.
    pub(crate) header: &'a Subject,
}

pub(crate) fn check(author: &Author<'_>, out: &mut Findings) {
    let Some((subject, list)) = author.from.first() else {
        out.report(&MISSING, Label::whole(author.header));
        return;
    };
    if let [_, (second, _), ..] = author.from {
        let found = out.report(&MULTIPLE_FIELDS, Label::whole(second)).arg("count", author.from.len());
        found.related(Label::whole(subject).with("the first one"));
    }
    let text = list.source().text();
    if list.is_broken() {
        let flaw = list.flaws().iter().find(|flaw| flaw.kind.is_structural());
        let label = flaw.map_or(Label::whole(subject), |flaw| Label::new(subject, flaw.span));
        out.report(&UNPARSABLE, label).arg("text", Label::whole(subject).quoted());
        return;
    }
    let mailboxes: Vec<&NameAddr> = list.mailboxes().collect();
    if mailboxes.is_empty() {
        let span = list.addresses().iter().find_map(|address| match address {
            Address::Group(group) => Some(group.span),
            Address::Mailbox(_) => None,
        });
        let label = span.map_or(Label::whole(subject), |span| Label::new(subject, span));
        out.report(&GROUP, label).quote("text");
    }
    if let [first, .., last] = mailboxes.as_slice() {
        let span = first.span.to(last.span);
        out.report(&MULTIPLE_AUTHORS, Label::new(subject, span)).arg("count", mailboxes.len());
        if !author.has_sender {
            out.report(&NO_SENDER, Label::new(subject, span)).arg("count", mailboxes.len());
        }
    }
    for mailbox in &mailboxes {
        check_mailbox(author, subject, list, mailbox, out);
    }
    for &comment in list.comments() {
        let decoded = decode_words(&text[comment]);
        if let Some(shown) = addresses_in(&decoded).next() {
            out.report(&COMMENT, Label::new(subject, comment)).arg("shown", shown);
        }
    }
}

/// What stands in a mailbox before its address.
fn text_before<'a>(list: &'a AddressList, mailbox: &NameAddr) -> &'a str {
    let (start, end) = (mailbox.span.start, mailbox.local_part.start.max(mailbox.span.start));
    &list.source().text()[Span { start, end }]
}

fn check_mailbox(author: &Author<'_>, subject: &Subject, list: &AddressList, mailbox: &NameAddr, out: &mut Findings) {
    // §3.4: a name before an address needs angle brackets around that.
    let is_bare = mailbox.display_name.is_none() && mailbox.route.is_none();
    let has_name = is_bare && !text_before(list, mailbox).trim().is_empty();
    if has_name || !is_address(&mailbox.address) {
        out.report(&UNPARSABLE, Label::new(subject, mailbox.span)).quote("text");
    }
    if let (Some(span), Some(name)) = (mailbox.display_name, list.display_name(mailbox))
        && let Some(shown) = addresses_in(&name).find(|shown| !same_address(shown, &mailbox.address))
    {
        let found = out.report(&DISPLAY_NAME, Label::new(subject, span));
        found.arg("address", &mailbox.address).arg("shown", shown);
    }
    let Some((span, name)) = domain_of(list, mailbox) else { return };
    let look = skeleton(&name.to_unicode());
    if author.known.contains(&name) {
        return;
    }
    if let Some(known) = author.known.iter().find(|known| skeleton(&known.to_unicode()) == look) {
        let found = out.report(&HOMOGRAPH, Label::new(subject, span));
        found.arg("domain", name.to_unicode()).arg("known", known).arg("name", &name).evidence(Evidence::Guessed);
    }
}

fn domain_of(list: &AddressList, mailbox: &NameAddr) -> Option<(Span, Name)> {
    let span = mailbox.domain?;
    let name = Name::parse(&list.source().text()[span]).ok()?;
    Some((span, name))
}

/// RFC 5322 §3.4.1, with the domains that mail has: spaces and second `@` show in the address, literals are addresses too.
pub(crate) fn is_address(address: &str) -> bool {
    crate::Mailbox::parse(address.strip_suffix('.').unwrap_or(address)).is_ok()
}

fn same_address(a: &str, b: &str) -> bool {
    let folded = |address: &str| {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        let domain = Name::parse(domain).map_or_else(|_| lowercase(domain), |name| name.as_str().to_owned());
        (lowercase(local.trim_matches('"')), domain)
    };
    folded(a) == folded(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;

    fn codes(text: &str, words: &str) -> Vec<String> {
        let fields = text.lines().filter_map(|line| line.split_once(": "));
        let from: Vec<_> = fields
            .clone()
            .filter(|(name, _)| *name == "From")
            .enumerate()
            .map(|(index, (name, body))| {
                let list = AddressList::parse(body);
                (Subject::new(Origin::Field { name: name.into(), index }, list.source().clone()), list)
            })
            .collect();
        let known = words.split("known=").skip(1).map(|name| Name::parse(name).unwrap()).collect();
        let has_sender = fields.clone().any(|(name, _)| name == "Sender");
        let mut out = Findings::default();
        check(&Author { from: &from, has_sender, known: &known, header: &Subject::given("") }, &mut out);
        for found in out.as_slice() {
            assert!(!found.message().contains('{'), "{}", found.message());
        }
        out.into_vec().iter().map(|found| found.code.to_string()).collect()
    }

    #[test]
    fn pages_tell_the_truth() {
        for rule in RULES {
            let mut seen = (false, false);
            for block in rule.page.split("```fields ").skip(1) {
                let (words, rest) = block.split_once('\n').unwrap();
                let text: String = rest
                    .lines()
                    .take_while(|line| !line.contains("```"))
                    .map(|line| format!("{}\n", line.trim()))
                    .collect();
                let has = codes(&text, words).iter().any(|code| code == rule.code);
                let bad = words.starts_with("bad");
                assert_eq!(has, bad, "{}: {text} {:?}", rule.code, codes(&text, words));
                if bad { seen.0 = true } else { seen.1 = true }
            }
            assert_eq!(seen, (true, true), "{}", rule.code);
        }
    }

    #[test]
    fn names_without_an_address_are_not_authors() {
        assert_eq!(codes("From: Alice\n", ""), ["from-unparsable"]);
        assert_eq!(codes("From: Alice alice@d.example\n", ""), ["from-unparsable"]);
        assert_eq!(codes("From: a@b@c.example\n", ""), ["from-unparsable"]);
        assert_eq!(codes("From: Alice B. alice@d.example\n", ""), ["from-unparsable"]);
    }

    /// RFC 5322 §4.4: comments and white space may stand beside the dots of a local-part.
    #[test]
    fn local_parts_of_several_words() {
        for address in ["\"john doe\"@d.example", "a.(c)b@d.example", "a . b@d.example", "a (c) .b. (d) c@d.example"] {
            assert_eq!(codes(&format!("From: {address}\n"), ""), Vec::<String>::new(), "{address}");
        }
    }
}
