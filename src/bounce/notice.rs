//! What a notice for people says of each recipient. RFC 3464 §2.3 keeps apart what happened to each; so do the texts of mailers.

use super::cause::Cause;
use super::diagnose::{Context, diagnose};
use super::dsn::Recipient;
use super::passages::{MAX_SHARED, addresses, bare, by_address, is_told, told};
use super::repeated::once_each;
use super::reply::Reply;
use crate::order;

/// What the notice says of each recipient: the reply where there is one, else the words; empty where nothing is said. What is said of
/// nobody is said of a recipient who is the only one, and of none of several, unless it is the only reply that there is.
/// `senders` are addresses of whom nothing is said.
pub(super) fn said_of(notice: &str, recipients: &[&Recipient], senders: &[&str]) -> Vec<String> {
    if recipients.is_empty() {
        return Vec::new();
    }
    let names: Vec<Vec<&str>> = recipients.iter().map(|recipient| recipient.names()).collect();
    let mut said = by_address(notice, &names);
    if let [only] = &mut said[..]
        && (only.is_empty() || reply_lines(only).next().is_none() && reply_lines(notice).next().is_some())
    {
        notice.trim().clone_into(only);
    }
    // A reply of which it is known whose it is is nobody else's.
    if recipients.iter().all(|recipient| recipient.said().is_none())
        && !once_each(&said, |place| reply_lines(&said[place]).next().is_some()).contains(&true)
        && let Some(reply) = only_reply(notice)
        && !is_of_another(reply, notice, names.iter().flatten().chain(senders))
    {
        let is_told = once_each(&said, |place| tells_why(&said[place]));
        let (got, cause) = (Reply::parse(reply), diagnose(reply, &Context::default()).cause);
        for ((said, is_told), recipient) in said.iter_mut().zip(is_told).zip(recipients) {
            if !is_told && recipient.may_have_got(&got, cause) {
                reply.clone_into(said);
            }
        }
    }
    once_each(&said, |place| reply_lines(&said[place]).next().unwrap_or(said[place].trim()).to_owned())
}

/// Whether somebody else is named at the head of the only reply, or above it: an alias or a list may lead to addresses that the sender
/// does not know.
fn is_of_another<'a>(reply: &str, notice: &str, known: impl Iterator<Item = &'a &'a str>) -> bool {
    let known = order::set(known.flat_map(|name| addresses(name)).map(bare));
    let names_another = |text: &str| addresses(text).any(|address| !known.contains(&bare(address)));
    let first = reply.lines().next().unwrap_or_default();
    let Reply { code, text, .. } = Reply::parse(first);
    let before_code = code.and_then(|code| first.split_once(&code.to_string())).map_or("", |(before, _)| before);
    // Words that follow may say whom to ask.
    let first_word = text.split(' ').next().unwrap_or_default();
    let above = notice.split_once(reply).map_or("", |(above, _)| above);
    names_another(before_code) || names_another(first_word) || directly_above(above).any(names_another)
}

/// The lines of the paragraph that `above` ends in, and the addresses that stand between it and the words before, the last first.
fn directly_above(above: &str) -> impl Iterator<Item = &str> {
    let mut after_gap = false;
    above.trim_end_matches([' ', '\t']).lines().rev().take_while(move |line| {
        let is_gap = line.trim().is_empty();
        after_gap |= is_gap;
        is_gap || !after_gap || !is_told(line)
    })
}

/// Whether anything is known of what is said.
pub(super) fn tells_why(said: &str) -> bool {
    diagnose(said, &Context::default()).cause != Cause::Unknown
}

/// The reply, if there is one and no other; so much of it as everybody may get.
fn only_reply(notice: &str) -> Option<&str> {
    let mut replies = reply_lines(notice);
    let reply = replies.next().filter(|_| replies.next().is_none())?;
    Some(&reply[..reply.floor_char_boundary(MAX_SHARED)])
}

/// Lines that have a reply code of refusal or delay, with the lines that go on after it.
pub(super) fn reply_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").flat_map(|paragraph| paragraph.split("\r\n\r\n")).flat_map(|paragraph| {
        let mut rest = paragraph;
        std::iter::from_fn(move || {
            let (start, code) =
                lines(rest).find_map(|(at, line)| Some((at, Reply::parse(line).code.filter(|code| *code >= 400)?)))?;
            let reply = &rest[start..];
            // RFC 5321 §4.2.1: all lines of a reply have one code.
            let mut others = lines(reply).filter(|(at, line)| *at > 0 && is_another(line, code));
            let end = others.next().map_or(reply.len(), |(at, _)| at);
            rest = &reply[end..];
            Some(reply[..end].trim())
        })
    })
}

/// The lines, and where each begins.
fn lines(paragraph: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    paragraph.split_inclusive('\n').map(move |line| {
        end += line.len();
        (end - line.len(), line)
    })
}

/// Whether a line begins with the codes of another reply than one of `code`, behind addresses at most. Three digits alone are often a
/// number; and what was first put off is told by what refused it in the end.
fn is_another(line: &str, code: u16) -> bool {
    let digits = told(line).next().and_then(|word| {
        let (digits, rest) = word.split_at_checked(3)?;
        digits.parse::<u16>().ok().filter(|_| rest.is_empty() || rest.starts_with('-'))
    });
    let is_other = |own: u16| own != code && own / 100 == code / 100;
    digits.is_some_and(is_other) && Reply::parse(line).enhanced.is_some_and(|enhanced| enhanced.0 == code / 100)
}

#[cfg(test)]
mod tests {
    use crate::bounce::{Cause, Dsn};

    fn causes(message: &str) -> Vec<(Option<String>, Cause)> {
        let dsn = Dsn::parse(message.as_bytes()).unwrap();
        let addresses = dsn.recipients.iter().map(|recipient| recipient.address.clone());
        addresses.zip(dsn.bounces().into_iter().map(|bounce| bounce.cause)).collect()
    }

    fn each(told: &[(&str, Cause)]) -> Vec<(Option<String>, Cause)> {
        told.iter().map(|&(address, cause)| (Some(address.to_owned()), cause)).collect()
    }

    /// What Exim writes for people; `status` is what its newer versions add.
    fn exim(told: &str, status: &str) -> String {
        format!(
            "From: Mailer-Daemon@x.example\nX-Failed-Recipients: bob@d.example, eve@d.example\nContent-Type: multipart/report; \
             boundary=b\n\n--b\n\nA message that you sent could not be delivered to one or more of its\nrecipients. The following \
             address(es) failed:\n\n{told}\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n\
             {status}\n--b--\n"
        )
    }

    const TWO: &str = "  bob@d.example\n    Unrouteable address\n  eve@d.example\n    host mx.d.example [192.0.2.1]\n    SMTP error \
                       from remote mail server after RCPT TO:<eve@d.example>:\n    552 Mailbox full\n";

    #[test]
    fn each_recipient_without_a_diagnostic() {
        let status = "Action: failed\nFinal-Recipient: rfc822;bob@d.example\nStatus: 5.0.0\n\n\
                      Action: failed\nFinal-Recipient: rfc822;eve@d.example\nStatus: 5.0.0\n";
        let (bob, eve) = (("bob@d.example", Cause::UnknownUser), ("eve@d.example", Cause::MailboxFull));
        assert_eq!(causes(&exim(TWO, status)), each(&[bob, eve]));
        // Nothing is said between them, so the same is said of both.
        let listed = "  bob@d.example\n  eve@d.example\n\n552 Mailbox full\n";
        assert_eq!(causes(&exim(listed, status)), each(&[("bob@d.example", Cause::MailboxFull), eve]));
        // What is said of one alone is not said of the other.
        let of_one = "  <eve@d.example>: 552 Mailbox full\n";
        assert_eq!(causes(&exim(of_one, status)), each(&[("bob@d.example", Cause::Unknown), eve]));
        // Of one alone, it is said of that one.
        let (_, of_eve) = status.split_once("\n\n").unwrap();
        assert_eq!(causes(&exim("552 Mailbox full\n", of_eve)), each(&[eve]));
        assert_eq!(causes(&exim("The mailbox is full.\n", of_eve)), each(&[eve]));
    }

    #[test]
    fn each_recipient_of_an_old_bounce() {
        let exim = format!(
            "From: Mailer-Daemon@x.example\nX-Failed-Recipients: bob@d.example,\n eve@d.example\n\nIt failed:\n\n{TWO}"
        );
        let (bob, eve) = (("bob@d.example", Cause::UnknownUser), ("eve@d.example", Cause::MailboxFull));
        assert_eq!(causes(&exim), each(&[bob, eve]));
        let qmail = "From: MAILER-DAEMON@x.example\n\nHi. This is the qmail-send program at x.example.\n\n<bob@d.example>:\n\
                     Sorry, no mailbox here by that name. (#5.1.1)\n\n<eve@e.example>:\n192.0.2.1 failed after I sent the message.\n\
                     Remote host said: 550 5.7.1 DMARC policy of x.example\n";
        assert_eq!(causes(qmail), each(&[bob, ("eve@e.example", Cause::Dmarc)]));
    }

    /// RFC 5321 §4.2.1: all lines of a reply have one code.
    #[test]
    fn a_line_with_another_code_is_another_reply() {
        let replies = |text| super::reply_lines(text).collect::<Vec<_>>();
        assert_eq!(
            replies("550 5.1.1 user unknown\n552 5.2.2 mailbox full\n"),
            ["550 5.1.1 user unknown", "552 5.2.2 mailbox full"]
        );
        assert_eq!(
            replies("550-5.7.1 no\n550 5.7.1 way\nsee 250 pages"),
            ["550-5.7.1 no\n550 5.7.1 way\nsee 250 pages"]
        );
        for one in [
            "550 5.1.1 user unknown\n250 mailbox full",
            "550 5.7.1 rejected by rule\n    503: SPF check failed",
            "550 5.7.1 The message has\n    500 recipients, DMARC policy",
            "<<< 421 too many connections\n>>> RCPT\n<<< 550 5.1.1 user unknown",
        ] {
            assert_eq!(replies(one), [one]);
        }
        let rows = "From: MAILER-DAEMON@x.example\nContent-Type: text/html\n\n<table><tr><td>bob@d.example</td><td>550 5.1.1 user \
                    unknown</td></tr><tr><td>eve@d.example</td><td>552 5.2.2 mailbox full</td></tr></table>";
        let dsn = Dsn::parse(rows.as_bytes()).unwrap();
        assert_eq!(dsn.bounces()[0].cause, Cause::UnknownUser, "{dsn:?}");
    }

    /// What is said of a list is said of each in it; of two replies that name nobody, it cannot be told whose they are.
    #[test]
    fn one_reply_for_several() {
        let told = |text: &str| {
            let head = "From: MAILER-DAEMON@x.example\nX-Failed-Recipients: bob@d.example, eve@d.example\n\n";
            let dsn = Dsn::parse(format!("{head}{text}").as_bytes()).unwrap();
            let causes: Vec<Cause> = dsn.bounces().into_iter().map(|bounce| bounce.cause).collect();
            (causes, dsn.recipients.iter().map(|recipient| recipient.diagnostic.clone()).collect::<Vec<_>>())
        };
        let spf = || (vec![Cause::Spf; 2], vec![Some("550 5.7.1 SPF fail".to_owned()); 2]);
        assert_eq!(told("It failed for bob@d.example and eve@d.example:\n\n550 5.7.1 SPF fail\n"), spf());
        assert_eq!(told("bob@d.example\neve@d.example\n\n550 5.7.1 SPF fail\n"), spf());
        assert_eq!(told("bob@d.example\n\neve@d.example\n550 5.7.1 SPF fail\n"), spf());
        assert_eq!(told("It failed for bob@d.example.\n\nIt failed for eve@d.example.\n\n550 5.7.1 SPF fail\n"), spf());
        assert_eq!(told("550 5.7.1 SPF fail\n"), spf());
        let (causes, _) = told("<bob@d.example> and <eve@d.example>: 552 Mailbox full\n");
        assert_eq!(causes, [Cause::MailboxFull; 2]);
        let (causes, diagnostics) = told("550 5.7.1 SPF fail\n\n552 Mailbox full\n");
        assert_eq!((causes, diagnostics), (vec![Cause::Unknown; 2], vec![None; 2]));
    }

    /// RFC 3464 §2.3: what happened to each is told of each.
    #[test]
    fn the_reply_of_another() {
        let told = |reply: &str, eve: &str| {
            let bob = "Final-Recipient: rfc822;bob@d.example\nAction: failed\nStatus: 5.1.1\n";
            let status = format!("{bob}\nFinal-Recipient: rfc822;eve@d.example\n{eve}\n");
            causes(&exim(reply, &status)).remove(1).1
        };
        let unknown = "550 5.1.1 User unknown\n";
        assert_eq!(told(unknown, "Action: failed\nStatus: 5.4.7"), Cause::Network);
        assert_eq!(told(unknown, "Action: delayed\nStatus: 4.4.1"), Cause::Network);
        assert_eq!(told(unknown, "Action: delayed\nStatus: 4.0.0"), Cause::Unknown);
        assert_eq!(told(unknown, "Action: delayed"), Cause::Unknown);
        assert_eq!(told("550 5.7.1 SPF check failed\n", "Action: failed\nStatus: 5.2.2"), Cause::MailboxFull);
        // A code of "policy" says no more than the words, and one of three digits says nothing else.
        for (reply, status) in [
            ("550 SPF check failed\n", "5.7.1"),
            ("550 5.7.23 SPF check failed\n", "5.7.1"),
            ("550 5.7.1 SPF check failed\n", "5.7.0"),
        ] {
            assert_eq!(told(reply, &format!("Action: failed\nStatus: {status}")), Cause::Spf, "{reply}");
        }
        // Of another subject or class is what somebody else got.
        assert_eq!(told("550 5.1.1 User unknown\n", "Action: failed\nStatus: 5.7.1"), Cause::Policy);
        assert_eq!(told("550 mailbox unavailable\n", "Action: failed\nStatus: 5.7.1"), Cause::Policy);
        assert_eq!(told("451 4.7.1 Greylisted\n", "Action: failed\nStatus: 5.7.1"), Cause::Policy);
        // The status says what the reply says, or nothing.
        assert_eq!(told("550 5.7.1 SPF check failed\n", "Action: failed\nStatus: 5.7.1"), Cause::Spf);
        assert_eq!(told("550 5.7.1 SPF check failed\n", "Action: failed\nStatus: 5.0.0"), Cause::Spf);
        assert_eq!(told("451 4.7.1 Greylisted\n", "Action: delayed\nStatus: 4.0.0"), Cause::Greylisting);
    }

    /// It is told whose the reply is.
    #[test]
    fn the_reply_of_one_who_has_it() {
        let bob = "Final-Recipient: rfc822;bob@d.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User \
                   unknown\n";
        let status = |eve: &str| format!("{bob}\nFinal-Recipient: rfc822;eve@d.example\nAction: failed\n{eve}\n");
        for eve in ["", "Status: 5.0.0", "Diagnostic-Code: smtp; 550 No"] {
            let unknown = ("eve@d.example", Cause::Unknown);
            assert_eq!(
                causes(&exim("550 5.1.1 User unknown\n", &status(eve))),
                each(&[("bob@d.example", Cause::UnknownUser), unknown])
            );
        }
    }

    /// A list has a member who is not known to the sender.
    #[test]
    fn the_reply_of_an_address_that_nobody_wrote_to() {
        let told = |text: &str| {
            let head = "From: MAILER-DAEMON@x.example\nTo: Ann <ann@x.example>\nX-Failed-Recipients: bob@d.example, eve@d.example\n\n\
                        bob@d.example\n  delivery failed\neve@d.example\n  delivery failed\n\n";
            causes(&format!("{head}{text}"))
        };
        let each = |cause| each(&[("bob@d.example", cause), ("eve@d.example", cause)]);
        let full = "552 5.2.2 mailbox full\n";
        assert_eq!(told(&format!("Of all:\n  {full}")), each(Cause::MailboxFull));
        for head in [
            "mallory@d.example\n  ",
            "mallory@d.example\n\n",
            "<mallory@d.example>\nhost mx.d.example said\n",
            "<mallory@d.example>: ",
            "SMTP error after RCPT TO:<mallory@d.example>: ",
        ] {
            assert_eq!(told(&format!("{head}{full}")), each(Cause::Unknown), "{head}");
        }
        assert_eq!(told("552 5.2.2 <mallory@d.example>... Mailbox full\n"), each(Cause::Unknown));
        // Of the sender, of whoever helps, and of somebody in another paragraph.
        for text in [
            "550 5.7.1 <ann@x.example>: Sender address rejected: SPF fail\n",
            "After MAIL FROM:<ann@x.example>:\n550 5.7.1 SPF fail\n",
            "550 5.7.1 SPF fail, ask postmaster@d.example\n",
            "Ask postmaster@x.example\n\n550 5.7.1 SPF fail\n",
        ] {
            assert_eq!(told(text), each(Cause::Spf), "{text}");
        }
    }

    /// Sendmail lists them first, and tells below what each got.
    #[test]
    fn a_transcript_names_each() {
        let sendmail = "From: MAILER-DAEMON@x.example\n\n   ----- The following addresses had permanent fatal errors -----\n\
                        <bob@d.example>\n<eve@d.example>\n\n   ----- Transcript of session follows -----\n\
                        550 5.1.1 <bob@d.example>... User unknown\n552 5.2.2 <eve@d.example>... Mailbox full\n";
        let exim_names =
            sendmail.replacen('\n', "\nX-Failed-Recipients: bob@d.example\nX-Failed-Recipients: eve@d.example\n", 1);
        let (bob, eve) = (("bob@d.example", Cause::UnknownUser), ("eve@d.example", Cause::MailboxFull));
        assert_eq!(causes(&exim_names), each(&[bob, eve]));
    }

    #[test]
    fn what_is_said_above_a_list() {
        let told = |text: &str| {
            let head =
                "From: MAILER-DAEMON@x.example\nX-Failed-Recipients: bob@d.example, eve@d.example, carl@d.example\n\n";
            let dsn = Dsn::parse(format!("{head}{text}").as_bytes()).unwrap();
            dsn.bounces().into_iter().map(|bounce| bounce.cause).collect::<Vec<_>>()
        };
        let causes = [Cause::UnknownUser, Cause::UnknownUser, Cause::MailboxFull];
        let lists = |unknown: &str, full: &str| {
            format!("{unknown}\n  bob@d.example\n  eve@d.example\n{full}\n  carl@d.example\n")
        };
        assert_eq!(told(&lists("550 5.1.1 user unknown:", "552 5.2.2 mailbox full:")), causes);
        assert_eq!(told(&lists("550 5.1.1 user unknown", "552 5.2.2 mailbox full")), causes);
        assert_eq!(
            told(&lists("550-5.1.1 no\n550 5.1.1 user unknown\n", "\n552-5.2.2 the\n552 5.2.2 mailbox is full\n")),
            causes
        );
        assert_eq!(told(&lists("It failed.\n\n550 5.1.1 user unknown", "552 5.2.2 mailbox full")), causes);
        assert_eq!(told(&lists("These users are unknown users:", "\nThe mailbox is full:\n")), causes);
        let more = format!("{}\nPlease ask somebody.\n", lists("These are unknown users:", "The mailbox is full:"));
        assert_eq!(told(&more), causes);
        let more = format!("{}\nPlease ask somebody.\n", lists("550 5.1.1 user unknown", "552 5.2.2 mailbox full"));
        assert_eq!(told(&more), causes);
    }

    /// Most mailers tell below, and what they write above says nothing of anybody.
    #[test]
    fn what_is_said_below_a_list() {
        let told = |text: &str| {
            let head = "From: MAILER-DAEMON@x.example\nX-Failed-Recipients: bob@d.example, eve@d.example\n\n";
            causes(&format!("{head}{text}"))
        };
        let each = each(&[("bob@d.example", Cause::UnknownUser), ("eve@d.example", Cause::MailboxFull)]);
        let below = "bob@d.example\n550 5.1.1 user unknown\neve@d.example\n552 5.2.2 mailbox full\n";
        assert_eq!(told(&format!("The following addresses failed:\n{below}")), each);
        assert_eq!(told(&format!("554 Your message was refused as spam:\n{below}")), each);
        assert_eq!(told(&format!("554 Your message was refused as spam\n{below}")), each);
        let words = "bob@d.example\nuser unknown\neve@d.example\nmailbox full\n";
        assert_eq!(told(&format!("554 Your message was refused as spam\n{words}")), each);
        assert_eq!(told(&format!("Rejected:\n\n{words}")), each);
    }

    #[test]
    fn a_close_below_the_last_list_says_nothing_of_it() {
        let told = "From: MAILER-DAEMON@x.example\nX-Failed-Recipients: bob@d.example, eve@d.example\n\n\
                    550 5.1.1 user unknown\nbob@d.example\n552 5.2.2 mailbox full\neve@d.example\nBest regards,\n";
        assert_eq!(causes(told), each(&[("bob@d.example", Cause::UnknownUser), ("eve@d.example", Cause::MailboxFull)]));
    }

    #[test]
    fn the_header_that_came_back_says_nothing() {
        let told = "Delivery has failed to these recipients:\n\nbob@d.example\nThe mailbox is full.\n\nOriginal message headers:\n\n\
                    To: bob@d.example\nSubject: 550 User unknown\n";
        let twice = "Final-Recipient: rfc822;bob@d.example\nAction: failed\n";
        let (first, second) = (("bob@d.example", Cause::MailboxFull), ("bob@d.example", Cause::MailboxFull));
        assert_eq!(causes(&exim(told, &format!("{twice}\n{twice}"))), each(&[first, second]));
    }

    #[test]
    fn an_address_within_a_longer_one() {
        let told = "From: MAILER-DAEMON@x.example\nX-Failed-Recipients: bob@d.example, jbob@d.example\n\n\
                    <jbob@d.example>: 552 Mailbox full\n\n<Bob@d.example>: 550 User unknown\n";
        let (bob, jbob) = (("bob@d.example", Cause::UnknownUser), ("jbob@d.example", Cause::MailboxFull));
        assert_eq!(causes(told), each(&[bob, jbob]));
    }
}
