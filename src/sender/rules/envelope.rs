//! MAIL FROM and the login.

use super::super::check::{Author, Context};
use super::super::directory::Status;
use super::super::key::Key;
use super::why;
use crate::Name;
use crate::finding::{Edit, Findings, Fix, Label, Subject, rules};
use crate::mailbox::closing_quote;
use crate::text::Span;

rules! {
    /// # MAIL FROM is not an address of the login
    ///
    /// Who logs in may use as envelope sender its own address, its aliases, sub-addresses, addresses at alias domains and
    /// those it was given a right to. Postfix says "Sender address rejected: not owned by user", Exchange "Client does not
    /// have permissions to send as this sender", others "Sender mismatch".
    ///
    /// ```sender bad login=alice@d.example mail-from=bob@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// ```
    NOT_OWNED = "mailfrom-not-owned", Error, MailRefused, ["RFC 6409 §6.1"],
        "`{login}` may not send as `{address}`, which {why}";

    /// # MAIL FROM belongs to an account and nobody logged in
    ///
    /// A server that takes mail for its own addresses from strangers lets anybody forge them. Log in, on port 465 or 587.
    /// On port 25 the same check also hits one's own mail that comes back from a redirect or a list.
    ///
    /// ```sender bad mail-from=alice@d.example
    /// ```
    ///
    /// ```sender good mail-from=stranger@elsewhere.example
    /// ```
    NOT_LOGGED_IN = "mailfrom-owned-not-logged-in", Error, MailRefused, ["RFC 6409 §4.3"],
        "`{address}` belongs to an account, and nobody has logged in";

    /// # MAIL FROM is not an address
    ///
    /// The envelope sender is a mailbox or empty (RFC 5321 §4.1.2). Devices often send a bare user name.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// ```
    INVALID = "mailfrom-invalid", Error, MailRefused, ["RFC 5321 §4.1.2"], "MAIL FROM `{address}` is not an address";

    /// # MAIL FROM can be read in two ways
    ///
    /// Comments, routes, several `@` and quoted `@` in the envelope sender are read differently by SPF, by DMARC and by
    /// whatever writes Authentication-Results: a forger gets a pass for a domain that is not his.
    ///
    /// ```sender bad mail-from=any@legit.example(.attack.example
    /// ```
    ///
    /// ```sender good mail-from=any@legit.example
    /// ```
    AMBIGUOUS = "mailfrom-syntax-ambiguous", Warning, Differs, ["RFC 8601 §2.2", "RFC 5321 §4.1.2"],
        "MAIL FROM `{address}` has {what}, which programs read differently";

    /// # The envelope sender is null
    ///
    /// Bounces and automatic replies have no sender, so that nobody answers them (RFC 5321 §4.5.5). SPF then looks at the HELO
    /// name. Some servers (Stalwart, Yandex) refuse it from those who log in.
    ///
    /// ```sender bad login=alice@d.example mail-from=
    /// From: alice@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// ```
    NULL = "returnpath-null", Note, Ok, ["RFC 5321 §4.5.5", "RFC 7208 §2.4"],
        "the envelope sender is null: right for bounces and automatic replies, and SPF looks at HELO";

    /// # The envelope sender is not known
    ///
    /// Without MAIL FROM or a Return-Path field nothing can be said about SPF. Ask for the message with all of its header
    /// fields, as it was delivered.
    ///
    /// ```sender bad login=alice@d.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// From: alice@d.example
    /// ```
    MISSING = "returnpath-missing", Note, Ok, ["RFC 5321 §4.4"], "the envelope sender is not known: SPF cannot be judged";

    /// # The envelope sender is of another organisation than From
    ///
    /// SPF counts for DMARC only if the domain of the envelope sender has the Organizational Domain of From. Otherwise an
    /// aligned DKIM signature has to do it alone. That is usual with newsletter services and after forwarding with SRS.
    ///
    /// ```sender bad login=alice@d.example mail-from=alice@d.example
    /// From: alice@alias.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@alias.example
    /// From: alice@alias.example
    /// ```
    MISMATCH = "returnpath-from-mismatch", Note, Ok, ["RFC 9989 §4.4.2"],
        "MAIL FROM `{address}` and From have different organizational domains: SPF cannot align";

    /// # The login is not an address
    ///
    /// Which addresses belong to it, only the directory knows.
    ///
    /// ```sender bad login=scanner01 mail-from=scanner@d.example
    /// ```
    ///
    /// ```sender good login=alice@d.example mail-from=alice@d.example
    /// ```
    LOGIN = "login-not-address", Note, Ok, ["RFC 4954 §4"],
        "the login `{login}` is not an address: what belongs to it is in the directory";
}

pub(in crate::sender) fn check(cx: &Context<'_>, mail_from: Option<&str>, out: &mut Findings) -> Option<Author> {
    if let Some(login) = cx.login.filter(|login| !login.contains('@')) {
        out.report(&LOGIN, Label::whole(&Subject::session("login", login))).quote("login");
    }
    let subject = Subject::session("mail-from", mail_from.unwrap_or_default());
    let Some(address) = mail_from else {
        out.report(&MISSING, Label::whole(&subject));
        return None;
    };
    let author = cx.author(address);
    check_syntax(address, &subject, out);
    let label = Label::whole(&subject);
    match (author.status, cx.login) {
        (Status::Null, _) => {
            out.report(&NULL, label);
        }
        (Status::Invalid, _) => {
            out.report(&INVALID, label).quote("address");
        }
        (Status::OwnedNotLoggedIn, _) => {
            out.report(&NOT_LOGGED_IN, label).quote("address");
        }
        (status, Some(login)) if !status.is_allowed() => {
            let found = out.report(&NOT_OWNED, label).quote("address").arg("login", login).arg("why", why(status));
            if let Some(own) = cx.directory.mailbox(login) {
                let whole = Span::new(0, address.len());
                found.fix(Fix::maybe(format!("send as `{own}`"), [Edit::replace(whole, own)]));
            }
        }
        _ => {}
    }
    Some(author)
}

/// What makes two readings of an envelope sender.
fn check_syntax(address: &str, subject: &Subject, out: &mut Findings) {
    let end = if address.starts_with('"') { closing_quote(address.as_bytes()) } else { None };
    let quoted = end.map(|end| &address[1..end]);
    let outside = quoted.map_or(address, |inside| &address[inside.len() + 2..]);
    let offset = address.len() - outside.len();
    let last_at = outside.rfind('@');
    // An apostrophe in a local-part is a name like any other.
    let separates = |&(at, c): &(usize, char)| match c {
        '<' | '>' | ',' | '"' => last_at.is_some(),
        '\'' => last_at.is_some_and(|last| at > last),
        _ => false,
    };
    let what = if outside.starts_with('@') && offset == 0 && outside.contains(':') {
        Some(("a route", 0))
    } else if let Some(at) = outside.find(['(', ')']) {
        Some(("a comment", offset + at))
    } else if let Some(inside) = quoted.filter(|inside| inside.contains(['@', '(', ')', '<', '>', ','])) {
        inside.find(['@', '(', ')', '<', '>', ',']).map(|at| ("special characters in quotes", 1 + at))
    } else if let Some((at, _)) = outside.char_indices().find(separates) {
        Some(("a character that separates addresses", offset + at))
    } else if outside.matches('@').count() > 1 {
        outside.find('@').map(|at| ("several `@`", offset + at))
    } else {
        None
    };
    if let Some((what, at)) = what {
        let place = Label::new(subject, Span::new(at, at + 1));
        out.report(&AMBIGUOUS, place).arg("address", Label::whole(subject).quoted()).arg("what", what);
    }
}

/// Whether SPF could align with an author.
pub(in crate::sender) fn check_alignment(
    cx: &Context<'_>,
    mail_from: Option<&str>,
    authors: &[Name],
    out: &mut Findings,
) {
    let Some(address) = mail_from else { return };
    let Some(key) = Key::new(address) else { return };
    let elsewhere = key.name().map_or(!authors.is_empty(), |name| cx.is_elsewhere(&name, authors));
    if elsewhere {
        out.report(&MISMATCH, Label::whole(&Subject::session("mail-from", address))).quote("address");
    }
}
