//! The domains and names of the author: one or several, whose, and whose they imitate.

use crate::Name;
use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::message::confusable::skeleton;
use crate::message::lint::{Context, domain_name};
use crate::message::providers::is_consumer;
use crate::message::{AddressList, NameAddr};
use crate::text::{Span, lowercase};
use crate::unread;

rules! {
    /// # From has several mailboxes of one domain
    ///
    /// Allowed with a Sender field, and DMARC has one domain to ask. Large receivers refuse it all the same.
    ///
    /// ```message bad
    /// From: alice@d.example, bob@d.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// ```
    SAME_DOMAIN = "from-multiple-addresses-same-domain", Note, Ok, ["RFC 5322 §3.6.2", "RFC 9989 §5.3.1"],
        "From has {count} mailboxes, all of `{domain}`";

    /// # From has mailboxes of several domains
    ///
    /// There is no one domain whose DMARC policy could be asked: receivers refuse the message, or choose one.
    ///
    /// ```message bad
    /// From: alice@d.example, ceo@bank.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// ```
    SEVERAL_DOMAINS = "from-multiple-domains", Error, NoDmarc, ["RFC 9989 §5.3.1"],
        "From has mailboxes of several domains, `{domain}` and `{other}`: there is no one Author Domain";

    /// # The author's address has a domain literal
    ///
    /// An address such as `alice@[192.0.2.1]` has no domain, so DMARC has nothing to ask, and receivers refuse it.
    ///
    /// ```message bad
    /// From: alice@[192.0.2.1]
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// ```
    LITERAL = "from-domain-literal", Warning, NoDmarc, ["RFC 5322 §3.4.1", "RFC 9989 §5.3.1"],
        "`{address}` in From has an address literal and no domain";

    /// # The author's address has no domain
    ///
    /// A program on a server wrote its local name only. The server that takes the message must complete it.
    ///
    /// ```message bad
    /// From: root
    /// ```
    ///
    /// ```message good
    /// From: root@host.d.example
    /// ```
    NO_DOMAIN = "from-no-domain", Error, NoDmarc, ["RFC 5322 §3.4.1", "RFC 9989 §5.3.1"], "`{address}` in From has no domain";

    /// # The author is at a mailbox provider, and somebody else sends
    ///
    /// Yahoo, AOL, Gmail and the like do not let other services send in their users' names: their DMARC policy, or the
    /// receiver's own rule, rejects it. Write from a domain of your own, and put the provider's address into Reply-To.
    ///
    /// ```message bad
    /// From: me@gmail.com
    /// DKIM-Signature: v=1; a=rsa-sha256; d=esp.example; s=a; h=from; bh=x; b=y
    /// ```
    ///
    /// ```message good
    /// From: me@gmail.com
    /// DKIM-Signature: v=1; a=rsa-sha256; d=gmail.com; s=a; h=from; bh=x; b=y
    /// ```
    CONSUMER = "from-consumer-domain-via-other", Error, Fail, ["RFC 9989 §7.4"],
        "`{domain}` in From is a mailbox provider, and the message {why}";

    /// # The display name is that of somebody else
    ///
    /// The name belongs to a company or person whose mail comes from another domain. Most mail programs show this name and
    /// not the address.
    ///
    /// ```message bad brand=Big-Bank:bank.example
    /// From: "Big Bank Service" <x@evil.example>
    /// ```
    ///
    /// ```message good brand=Big-Bank:bank.example
    /// From: "Big Bank Service" <x@news.bank.example>
    /// ```
    BRAND = "from-display-name-brand", Note, Ok, ["RFC 9989 §11.4"],
        "the display name of `{address}` shows `{brand}`, whose mail comes from `{domain}`";

    /// # The author's name or address has characters that cannot be seen
    ///
    /// Characters that turn the direction of writing make `moc.knab` look like `bank.com`, and those without a width hide a
    /// difference between two names.
    ///
    /// ```message bad
    /// From: "\u{202e}knaB" <x@d.example>
    /// ```
    ///
    /// ```message good
    /// From: "Bank" <x@d.example>
    /// ```
    INVISIBLE = "from-bidi-or-invisible", Warning, Ok, ["UTS 39 §3.1", "RFC 5892 §2.3"],
        "{part} in From has {character}, which cannot be seen";

    /// # The author's domain resembles a known one
    ///
    /// One letter more, less or other, the same name under another top-level domain, or the name with a word added: that is
    /// how mail of partners and executives is imitated. It may be an honest neighbour: look who registered it.
    ///
    /// ```message bad known=bigbank.example
    /// From: alice@bigbamk.example
    /// ```
    ///
    /// ```message good known=bigbank.example
    /// From: alice@news.bigbank.example
    /// ```
    COUSIN = "from-cousin-domain", Note, Ok, ["RFC 9989 §11.4"],
        "`{domain}` in From resembles `{known}` and is another domain: {why}";
}

/// Authors that are looked at: nobody reads more, and a header of 1 MiB holds a hundred thousand.
pub(super) const MAX_AUTHORS: usize = 100;

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some((subject, list)) = cx.from.first() else { return };
    several(subject, list, out);
    unread::beyond(Label::whole(subject), "addresses in From", list.mailboxes().count(), MAX_AUTHORS, out);
    for mailbox in list.mailboxes().take(MAX_AUTHORS) {
        check_mailbox(cx, subject, list, mailbox, out);
    }
}

fn several(subject: &Subject, list: &AddressList, out: &mut Findings) {
    let mut mailboxes = list.mailboxes();
    let Some(first) = mailboxes.next() else { return };
    let Some(domain) = domain_name(list, first) else { return };
    let mut last = None;
    let mut count = 1;
    for mailbox in mailboxes {
        if let Some(other) = domain_name(list, mailbox).filter(|other| *other != domain) {
            let found = out.report(&SEVERAL_DOMAINS, Label::new(subject, mailbox.span));
            found.arg("domain", &domain).arg("other", other).related(Label::new(subject, first.span).with("the first"));
            return;
        }
        last = Some(mailbox.span);
        count += 1;
    }
    if let Some(last) = last {
        let found = out.report(&SAME_DOMAIN, Label::new(subject, first.span.to(last)));
        found.arg("count", count).arg("domain", &domain);
    }
}

fn check_mailbox(cx: &Context<'_>, subject: &Subject, list: &AddressList, mailbox: &NameAddr, out: &mut Findings) {
    let text = list.source().text();
    let display = list.display_name(mailbox);
    if let (Some(span), Some(display)) = (mailbox.display_name, &display) {
        check_display_name(cx, subject, list, mailbox, span, display, out);
    }
    let place = mailbox.local_part.to(mailbox.domain.unwrap_or(mailbox.local_part));
    if let Some(c) = mailbox.address.chars().find(|&c| is_hidden(c) || is_joiner(c)) {
        tell_invisible(Label::new(subject, place), "the address", c, out);
    }
    let Some(domain) = mailbox.domain else {
        if !mailbox.address.starts_with("=?") {
            out.report(&NO_DOMAIN, Label::new(subject, mailbox.span)).arg("address", &mailbox.address);
        }
        return;
    };
    if text[domain].starts_with('[') {
        out.report(&LITERAL, Label::new(subject, domain)).arg("address", &mailbox.address);
    }
    let Some(name) = domain_name(list, mailbox) else { return };
    if let Some(why) = consumer_via_other(cx, &name) {
        let found = out.report(&CONSUMER, Label::new(subject, domain)).arg("domain", &name).arg("why", why);
        if cx.options.authenticated.is_none() {
            found.evidence(Evidence::Guessed);
        }
    }
    let known = cx.options.known.iter();
    if !known.clone().any(|known| name.is_within(known))
        && let Some((known, why)) = known.clone().find_map(|known| Some((known, cousin(&name, known)?)))
    {
        let found = out.report(&COUSIN, Label::new(subject, domain)).arg("domain", &name).arg("known", known);
        found.arg("why", why).evidence(Evidence::Guessed);
    }
}

fn check_display_name(
    cx: &Context<'_>,
    subject: &Subject,
    list: &AddressList,
    mailbox: &NameAddr,
    span: Span,
    display: &str,
    out: &mut Findings,
) {
    if let Some(c) = display.chars().find(|&c| is_hidden(c)) {
        tell_invisible(Label::new(subject, span), "the display name", c, out);
    }
    if cx.options.brands.is_empty() {
        return;
    }
    let shown = plain(display);
    let name = domain_name(list, mailbox);
    let is_theirs = |domain: &Name| name.as_ref().is_some_and(|name| name.is_within(domain));
    let imitated = |(brand, _): &&(String, Name)| {
        let brand = plain(brand);
        !brand.trim().is_empty() && shown.contains(&brand)
    };
    let mut imitated = cx.options.brands.iter().filter(imitated).peekable();
    // One brand may have several domains.
    let Some((brand, domain)) = imitated.peek() else { return };
    if !imitated.clone().any(|(_, domain)| is_theirs(domain)) {
        let found = out.report(&BRAND, Label::new(subject, span)).arg("address", &mailbox.address);
        found.arg("brand", brand).arg("domain", domain).evidence(Evidence::Guessed);
    }
}

fn tell_invisible(label: Label, part: &str, c: char, out: &mut Findings) {
    let found = out.report(&INVISIBLE, label).arg("part", part);
    found.arg("character", format_args!("U+{:04X}", u32::from(c))).evidence(Evidence::Guessed);
}

/// Letters only, with one space between words and around all, and look-alikes replaced: for comparing names.
fn plain(text: &str) -> String {
    let letters = lowercase(&skeleton(text));
    let words = letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::from(" "), |mut all, word| {
        all.push_str(word);
        all.push(' ');
        all
    })
}

/// Turns the direction of writing, or has no width and no place in a name.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') || is_format(c)
}

/// Format characters, as opposed to combining marks and variation selectors.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// ZWNJ and ZWJ, which Persian and Indic names and emoji need, and the marks of Hebrew and Arabic texts.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}')
}

/// Why mail from a mailbox provider did not come from it.
fn consumer_via_other(cx: &Context<'_>, name: &Name) -> Option<&'static str> {
    if !is_consumer(name) {
        return None;
    }
    let is_own = |domain: &Name| domain.is_within(name);
    // A list breaks the provider's signature, and is told of by itself.
    let by_list = cx.message.fields_named("List-Id").next().is_some();
    if by_list && signatures(cx).flatten().any(|domain| is_own(&domain)) {
        return None;
    }
    if let Some(authenticated) = &cx.options.authenticated {
        let passed = authenticated.iter().any(is_own);
        return (!passed).then_some("is authenticated for other domains only");
    }
    // Without verdicts, a signature in the provider's name is taken for the provider's.
    let signed = signatures(cx).next().is_some();
    if signatures(cx).flatten().any(|domain| is_own(&domain)) {
        return None;
    }
    let client = cx.path.boundary().and_then(|hop| Name::parse(hop.received.reverse_name()?).ok());
    if client.as_ref().is_some_and(is_own) {
        return None;
    }
    (signed || client.is_some()).then_some("has no signature of it")
}

/// `d=` of each signature; `None` where it cannot be read.
fn signatures(cx: &Context<'_>) -> impl Iterator<Item = Option<Name>> {
    cx.message.fields_named("DKIM-Signature").map(|at| {
        let body = String::from_utf8_lossy(cx.message.fields()[at].body());
        Name::parse(super::unsubscribe::tag(&body, "d")?.trim()).ok()
    })
}

/// Letters that the known label must have before one that differs is a sign: short names resemble each other by chance.
const COUSIN_LETTERS: usize = 5;

/// Why `name` resembles `known`.
fn cousin(name: &Name, known: &Name) -> Option<&'static str> {
    // The label that its owner chose, as far as one can tell without a list of suffixes: the first of the known domain.
    let own = known.labels().next()?;
    let rest: Vec<&str> = known.labels().skip(1).collect();
    let labels: Vec<&str> = name.labels().collect();
    let count = labels.len();
    // The label at the same height, and the one below the top: `bigbank.com` for `bigbank.co.uk`.
    let heights = [count.checked_sub(rest.len() + 1), count.checked_sub(2)];
    for label in heights.into_iter().flatten().filter_map(|at| labels.get(at)) {
        let same_parent = count > rest.len() && labels[count - rest.len()..] == rest;
        if *label == own {
            return (!same_parent && own.len() >= COUSIN_LETTERS).then_some("the same name with another ending");
        }
        if label.split('-').any(|word| word == own) && (own.len() >= COUSIN_LETTERS || same_parent) {
            return Some("the same name with a word added");
        }
        if same_parent && own.len() >= COUSIN_LETTERS && is_one_apart(label, own) {
            return Some("one letter differs");
        }
    }
    None
}

/// Whether one letter was put in, left out, replaced, or swapped with its neighbour.
fn is_one_apart(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 || a == b {
        return false;
    }
    let start = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[start..], &long[start..]);
    match (short, long) {
        ([_, short @ ..], [_, long @ ..]) if short == long => true,
        ([x, y, short @ ..], [v, w, long @ ..]) if (x, y) == (w, v) && short == long => true,
        (short, [_, long @ ..]) => short == long,
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cousins() {
        let told = |name: &str, known: &str| cousin(&name.parse().unwrap(), &known.parse().unwrap());
        for name in ["bigbamk.example", "bigbnak.example", "bigbak.example", "bigbannk.example", "mail.bigbamk.example"]
        {
            assert_eq!(told(name, "bigbank.example"), Some("one letter differs"), "{name}");
        }
        assert_eq!(told("bigbank.test", "bigbank.example"), Some("the same name with another ending"));
        assert_eq!(told("bigbank.com", "bigbank.co.uk"), Some("the same name with another ending"));
        assert_eq!(told("bigbank-login.example", "bigbank.example"), Some("the same name with a word added"));
        assert_eq!(told("d-example.example", "d.example"), Some("the same name with a word added"));
        for name in ["x.example", "bank.example", "big.example", "example"] {
            assert_eq!(told(name, "bigbank.example"), None, "{name}");
        }
        assert_eq!(told("e.example", "d.example"), None);
    }
}
