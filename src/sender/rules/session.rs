//! What the SMTP connection and the signatures show of the sender, apart from any login.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Name;
use crate::finding::{Diagnostic, Evidence, Findings, Label, Subject, rules};
use crate::text::Span;

rules! {
    /// # HELO and the name of the address do not agree
    ///
    /// The name in HELO should be the name that the DNS gives for the client's address (PTR), and that name should have the
    /// address again. Receivers score mail that has three different names.
    ///
    /// ```session-facts bad helo=a.example ptr=b.example
    /// ```
    ///
    /// ```session-facts good helo=a.example ptr=a.example
    /// ```
    HELO_PTR = "helo-ptr-mismatch", Note, Ok, ["RFC 5321 §4.1.1.1", "RFC 1912 §2.1"],
        "HELO `{helo}` is not the name of the client's address, `{pointer}`";

    /// # The client's address has no name
    ///
    /// Large receivers refuse mail from addresses without a PTR record. The provider of the address sets it.
    ///
    /// ```session-facts bad helo=a.example ptr=
    /// ```
    ///
    /// ```session-facts good helo=a.example ptr=a.example
    /// ```
    NO_PTR = "ptr-missing", Warning, Ok, ["RFC 1912 §2.1"], "the client's address{ip} has no PTR record";

    /// # The name of the client's address does not lead back to it
    ///
    /// Whoever has an address can give it any name. So receivers look whether that name has the address too, as `iprev` (RFC 8601
    /// §2.7.3) asks, and large ones refuse mail where it does not. Publish the address at the name, or have the provider set another.
    ///
    /// ```session-facts bad helo=a.example ip=192.0.2.10 ptr=a.example confirmed=no
    /// ```
    ///
    /// ```session-facts good helo=a.example ip=192.0.2.10 ptr=a.example confirmed=yes
    /// ```
    UNCONFIRMED = "ptr-not-confirmed", Warning, Ok, ["RFC 8601 §2.7.3", "RFC 1912 §2.1"],
        "the name of the client's address{ip}, `{pointer}`, does not have that address";

    /// # The name of the client's address looks generic
    ///
    /// A name made of the address, or with words such as `dyn` and `pool`, marks a private connection. Receivers take little
    /// mail from those; send through the provider's server.
    ///
    /// ```session-facts bad helo=a.example ip=192.0.2.10 ptr=10-2-0-192.dyn.isp.example
    /// ```
    ///
    /// ```session-facts good helo=a.example ip=192.0.2.10 ptr=mail.d.example
    /// ```
    GENERIC = "ptr-generic", Note, Ok, ["RFC 1912 §2.1"], "the name of the client's address, `{pointer}`, looks generic";

    /// # HELO is not a full name
    ///
    /// A client names itself by a full domain name or an address literal in brackets (RFC 5321 §2.3.5). `localhost` and bare
    /// host names say nothing, and receivers refuse them.
    ///
    /// ```session-facts bad helo=localhost
    /// ```
    ///
    /// ```session-facts good helo=[192.0.2.1]
    /// ```
    HELO = "helo-invalid", Warning, Ok, ["RFC 5321 §2.3.5", "RFC 5321 §4.1.1.1"],
        "HELO `{helo}` is neither a full domain name nor an address literal";

    /// # The domain of MAIL FROM takes no mail
    ///
    /// It has a null MX, or neither MX nor address: bounces are lost, and many receivers refuse such a sender.
    ///
    /// ```session-facts bad mail-from=a@d.example mail-from-mail=no
    /// ```
    ///
    /// ```session-facts good mail-from=a@d.example mail-from-mail=yes
    /// ```
    MAIL_FROM_NO_MAIL = "mailfrom-domain-no-mail", Warning, Ok, ["RFC 7505 §4.2", "RFC 5321 §5.1"],
        "the domain of MAIL FROM `{address}` takes no mail: bounces are lost";

    /// # The domain of From takes no mail
    ///
    /// Nobody can answer. Receivers look for that too.
    ///
    /// ```session-facts bad author=d.example author-mail=no
    /// ```
    ///
    /// ```session-facts good author=d.example author-mail=yes
    /// ```
    FROM_NO_MAIL = "from-domain-no-mail", Warning, Ok, ["RFC 7505 §4.2"],
        "the domain `{domain}` of From takes no mail: nobody can answer";

    /// # MAIL FROM is at a subdomain of the author's domain that does not exist
    ///
    /// Nobody publishes SPF for a name that does not exist, so some receivers take the result of another name for it. Its
    /// Organizational Domain is that of From all the same.
    ///
    /// ```session-facts bad mail-from=x@nx.legit.example author=legit.example mail-from-exists=no
    /// ```
    ///
    /// ```session-facts good mail-from=x@news.legit.example author=legit.example mail-from-exists=yes
    /// ```
    NONEXISTENT = "mailfrom-nonexistent-subdomain", Warning, Ok, ["RFC 7208 §4.3", "RFC 9989 §4.4.2"],
        "the domain of MAIL FROM `{address}` lies below `{author}` and does not exist";

    /// # A signature's domain or selector has characters that no name has
    ///
    /// What writes Authentication-Results copies `d=` and `s=`. Quotes, parentheses and semicolons there end the value early,
    /// and the rest is read as another result.
    ///
    /// ```session-facts bad d=legit.example'a.attack.example s=sel
    /// ```
    ///
    /// ```session-facts good d=legit.example s=sel
    /// ```
    INJECTION = "dkim-d-injection", Warning, Differs, ["RFC 8601 §2.2"],
        "`{value}` in `{tag}=` of a signature has {character}, which programs read differently";

    /// # A signature's domain or selector has a control character
    ///
    /// A NUL ends the name for some programs and not for others: they ask for different keys.
    ///
    /// ```session-facts bad d=legit.example s=a\0.attack.example
    /// ```
    ///
    /// ```session-facts good d=legit.example s=a
    /// ```
    NUL = "dkim-d-nul", Warning, Differs, ["RFC 6376 §3.5"],
        "`{value}` in `{tag}=` of a signature has a control character: programs ask for different keys";
}

/// What is known of a connection and of a message's signatures. `None` is not known, and nothing is said about it.
///
/// ```
/// use mailproof::sender::{SessionFacts, session_findings};
///
/// // The DNS gives no name for the client's address: large receivers refuse such mail.
/// let facts = SessionFacts { ip: Some("192.0.2.1".parse()?), pointers: Some(&[]), ..SessionFacts::default() };
/// assert_eq!(session_findings(&facts)[0].message(), "the client's address `192.0.2.1` has no PTR record");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionFacts<'a> {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the client said in HELO or EHLO.
    pub helo: Option<&'a str>,
    /// The names that the DNS gives for the address; empty if there are none.
    pub pointers: Option<&'a [Name]>,
    /// Whether one of these names has the address.
    pub pointers_confirmed: Option<bool>,
    /// MAIL FROM.
    pub mail_from: Option<&'a str>,
    /// Whether the domain of MAIL FROM takes mail.
    pub mail_from_takes_mail: Option<bool>,
    /// Whether the domain of MAIL FROM exists in the DNS.
    pub mail_from_exists: Option<bool>,
    /// The Author Domain.
    pub author: Option<&'a Name>,
    /// Whether the Author Domain takes mail.
    pub author_takes_mail: Option<bool>,
    /// `d=` and `s=` of each signature, as written.
    pub signatures: &'a [(&'a str, &'a str)],
}

/// What the connection and the signatures show.
///
/// ```
/// use mailproof::sender::{SessionFacts, session_findings};
///
/// let facts = SessionFacts { helo: Some("localhost"), ..SessionFacts::default() };
/// assert_eq!(session_findings(&facts)[0].code, "helo-invalid");
/// ```
pub fn session_findings(facts: &SessionFacts<'_>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    if let Some(helo) = facts.helo {
        check_helo(facts, helo, &mut out);
    }
    if let Some(pointers) = facts.pointers {
        check_pointers(facts, pointers, &mut out);
    }
    check_domains(facts, &mut out);
    for (d, s) in facts.signatures {
        check_tag("d", d, &mut out);
        check_tag("s", s, &mut out);
    }
    out.into_vec()
}

fn check_helo(facts: &SessionFacts<'_>, helo: &str, out: &mut Findings) {
    let label = Label::whole(&Subject::session("helo", helo));
    // RFC 5321 §4.1.3
    let literal = helo.strip_prefix('[').and_then(|helo| helo.strip_suffix(']'));
    let tagged = |text: &str| text.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:"));
    if let Some(text) = literal
        && (text.parse::<Ipv4Addr>().is_ok() || tagged(text) && text[5..].parse::<Ipv6Addr>().is_ok())
    {
        return;
    }
    let name = Name::parse(helo).ok().filter(|name| name.is_hostname() && name.label_count() > 1);
    // Four numbers are an address without its brackets.
    let is_address = helo.parse::<IpAddr>().is_ok();
    let Some(name) = name.filter(|name| !is_address && !name.as_str().ends_with(".localdomain")) else {
        out.report(&HELO, label).quote("helo");
        return;
    };
    if let Some([first, ..]) = facts.pointers
        && !facts.pointers.unwrap_or_default().contains(&name)
    {
        out.report(&HELO_PTR, label).quote("helo").arg("pointer", first);
    }
}

fn check_pointers(facts: &SessionFacts<'_>, pointers: &[Name], out: &mut Findings) {
    let ip = facts.ip.map_or_else(String::new, |ip| ip.to_string());
    let subject = Subject::session("ip", &ip);
    let told = if ip.is_empty() { ip } else { format!(" `{ip}`") };
    let Some(first) = pointers.first() else {
        out.report(&NO_PTR, Label::whole(&subject)).arg("ip", told);
        return;
    };
    if facts.pointers_confirmed == Some(false) {
        out.report(&UNCONFIRMED, Label::whole(&subject)).arg("ip", told).arg("pointer", first);
    }
    if pointers.iter().all(|pointer| is_generic(pointer, facts.ip)) {
        out.report(&GENERIC, Label::whole(&subject)).arg("pointer", first).evidence(Evidence::Guessed);
    }
}

/// Words by which providers mark private connections.
const GENERIC_WORDS: &[&str] = &[
    "adsl",
    "broadband",
    "cable",
    "customer",
    "dhcp",
    "dial",
    "dialup",
    "dsl",
    "dyn",
    "dynamic",
    "dynip",
    "ppp",
    "pool",
    "pools",
    "residential",
];

fn is_generic(pointer: &Name, ip: Option<IpAddr>) -> bool {
    let parts = || pointer.as_str().split(['.', '-', '_']);
    if parts().any(|part| GENERIC_WORDS.contains(&part)) {
        return true;
    }
    let Some(IpAddr::V4(ip)) = ip else { return false };
    // Three of the four octets in the name are no accident.
    let mut left: Vec<&str> = parts().collect();
    let mut written = 0;
    for octet in ip.octets().map(|octet| octet.to_string()) {
        // One part of the name stands for one octet, also where octets are equal.
        if let Some(at) = left.iter().position(|part| *part == octet) {
            left.swap_remove(at);
            written += 1;
        }
    }
    written >= 3
}

fn check_domains(facts: &SessionFacts<'_>, out: &mut Findings) {
    let mail_from = facts.mail_from.filter(|address| address.contains('@'));
    if let Some(address) = mail_from {
        let subject = Subject::session("mail-from", address);
        let at = address.rfind('@').map_or(0, |at| at + 1);
        let label = || Label::new(&subject, Span::new(at, address.len()));
        if facts.mail_from_takes_mail == Some(false) {
            out.report(&MAIL_FROM_NO_MAIL, label()).arg("address", address);
        }
        if let (Some(author), Ok(domain), Some(false)) =
            (facts.author, Name::parse(&address[at..]), facts.mail_from_exists)
            && domain.is_subdomain_of(author)
        {
            out.report(&NONEXISTENT, label()).arg("address", address).arg("author", author);
        }
    }
    if let (Some(author), Some(false)) = (facts.author, facts.author_takes_mail) {
        out.report(&FROM_NO_MAIL, Label::whole(&Subject::given(author.as_str()))).quote("domain");
    }
}

fn check_tag(tag: &str, value: &str, out: &mut Findings) {
    let subject = Subject::given(value);
    // Some control characters have two octets in UTF-8 (U+0080 to U+009F).
    if let Some((at, character)) = value.char_indices().find(|(_, character)| character.is_control()) {
        let place = Span::new(at, at + character.len_utf8());
        let found = out.report(&NUL, Label::new(&subject, place));
        found.arg("tag", tag).arg("value", Label::whole(&subject).quoted());
    }
    let special = |c: char| matches!(c, '\'' | '"' | '(' | ')' | ';' | '<' | '>' | ',' | '@' | '\\' | '=') || c == ' ';
    if let Some((at, character)) = value.char_indices().find(|&(_, c)| special(c)) {
        let found = out.report(&INJECTION, Label::new(&subject, Span::new(at, at + character.len_utf8())));
        found.arg("tag", tag).arg("value", Label::whole(&subject).quoted()).arg("character", format!("`{character}`"));
    }
}
