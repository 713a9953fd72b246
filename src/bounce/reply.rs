//! SMTP replies (RFC 5321 §4.2) as logs, mailers and notifications show them.

/// An SMTP reply.
///
/// ```
/// use mailproof::bounce::{Enhanced, Reply};
///
/// let reply = Reply::parse("host mx.example[192.0.2.1] said: 550-5.7.26 Your message\r\n550 5.7.26 is refused (in reply to end of DATA command)");
/// assert_eq!(reply.code, Some(550));
/// assert_eq!(reply.enhanced, Some(Enhanced(5, 7, 26)));
/// assert_eq!(reply.host.as_deref(), Some("mx.example"));
/// assert_eq!(reply.text, "Your message is refused (in reply to end of DATA command)");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reply {
    /// The three digits.
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463).
    pub enhanced: Option<Enhanced>,
    /// The words, in one line, without the codes at the beginning of each line.
    pub text: String,
    /// The host that said it, if the text tells.
    pub host: Option<String>,
    /// The command that it answers, if the text tells.
    pub stage: Option<Stage>,
}

/// An enhanced status code: class, subject, detail.
///
/// ```
/// use mailproof::bounce::{Enhanced, Reply};
///
/// let Enhanced(class, subject, _) = Reply::parse("550 5.7.26 Unauthenticated mail is refused").enhanced.unwrap();
/// assert_eq!((class, subject), (5, 7), "a failure, about policy");
/// assert_eq!(Enhanced::parse("#5.7.26").unwrap().to_string(), "5.7.26");
/// assert_eq!(Enhanced::parse("9.7.26"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Enhanced(
    /// 2 success, 4 try again, 5 failure.
    pub u16,
    /// What it is about: 1 addresses, 7 policy, …
    pub u16,
    /// Which.
    pub u16,
);

/// What was answered.
///
/// ```
/// use mailproof::bounce::{Reply, Stage};
///
/// let line = "host mx.example.net[192.0.2.1] said: 550 5.7.1 SPF fail (in reply to MAIL FROM command)";
/// assert_eq!(Reply::parse(line).stage, Some(Stage::Mail));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Stage {
    /// The connection, HELO or EHLO.
    Connect,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, or the end of the message.
    Data,
}

/// Octets of a reply that are looked at: providers write some hundred; what comes after is not from them.
pub(super) const MAX_REPLY: usize = 16_384;

impl Reply {
    /// Reads whatever holds a reply: the reply itself, a line of a log, a Diagnostic-Code. Its first 16 KiB are looked at.
    pub fn parse(text: &str) -> Self {
        let text = Self::looked_at(text);
        let lower = text.to_ascii_lowercase();
        let start = first_code(text);
        let mut reply = Self {
            code: start.and_then(|at| text[at..at + 3].parse().ok()),
            host: host(text, &lower),
            stage: stage(&lower),
            ..Self::default()
        };
        let mut words = Vec::new();
        for line in text[start.unwrap_or(0)..].lines() {
            let line = without_code(line.trim(), reply.code);
            let (enhanced, rest) = enhanced(line);
            reply.enhanced = reply.enhanced.or(enhanced);
            words.extend(rest.split_whitespace());
        }
        without_repeated_codes(&mut words, &reply);
        // Exchange and some gateways put it elsewhere.
        reply.enhanced = reply.enhanced.or_else(|| words.iter().find_map(|word| Enhanced::parse(word)));
        reply.text = words.join(" ");
        reply
    }

    /// As much of a text as is looked at.
    pub(crate) fn looked_at(text: &str) -> &str {
        &text[..text.floor_char_boundary(MAX_REPLY)]
    }

    /// Whether trying again is of no use (RFC 5321 §4.2.1); `None` without any code.
    ///
    /// ```
    /// use mailproof::bounce::Reply;
    ///
    /// assert_eq!(Reply::parse("451 4.7.1 Greylisted").is_permanent(), Some(false));
    /// assert_eq!(Reply::parse("5.7.26 DMARC fails").is_permanent(), Some(true));
    /// assert_eq!(Reply::parse("DMARC fails").is_permanent(), None);
    /// ```
    pub fn is_permanent(&self) -> Option<bool> {
        match (self.code, self.enhanced) {
            (Some(code), _) => Some(code >= 500),
            (None, Some(Enhanced(class, ..))) => Some(class == 5),
            (None, None) => None,
        }
    }
}

impl Enhanced {
    /// Reads `5.7.1`, also in brackets or with `#` before it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c: char| !c.is_ascii_digit());
        let mut numbers = text.split('.');
        let mut next = |digits: usize| {
            let number = numbers.next().filter(|number| (1..=digits).contains(&number.len()))?;
            number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse::<u16>().ok())?
        };
        let found = Self(next(1)?, next(3)?, next(3)?);
        (matches!(found.0, 2 | 4 | 5) && numbers.next().is_none()).then_some(found)
    }
}

impl std::fmt::Display for Enhanced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Mailers write a reply of several lines into one, with the codes that began each line: `550-5.7.26`.
fn without_repeated_codes(words: &mut Vec<&str>, reply: &Reply) {
    let (Some(code), Some(enhanced)) = (reply.code, reply.enhanced) else { return };
    let (continued, last) = (format!("{code}-{enhanced}"), [code.to_string(), enhanced.to_string()]);
    words.retain(|word| *word != continued);
    // The last line has a space between the two.
    if let Some(at) = words.windows(2).position(|pair| pair[0] == last[0] && pair[1] == last[1]) {
        words.drain(at..at + 2);
    }
}

/// Where the first reply code stands: three digits from 200 on, nothing but an end or a separator around them.
fn first_code(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_code = |at: &usize| {
        let [class, a, b] = [bytes[*at], bytes[*at + 1], bytes[*at + 2]];
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + 3);
        matches!(class, b'2' | b'4' | b'5')
            && matches!(a, b'0'..=b'7')
            && b.is_ascii_digit()
            && before.is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\'' | b'"' | b':' | b';' | b'<' | b'('))
            // A log tells the cipher, `AES_256_GCM_SHA384:256`.
            && !(class == b'2' && before == Some(b':'))
            && after.is_none_or(|b| matches!(b, b' ' | b'-' | b'\r' | b'\n' | b'\t' | b':' | b','))
    };
    (0..bytes.len().saturating_sub(2)).find(is_code)
}

fn without_code(line: &str, code: Option<u16>) -> &str {
    let Some(code) = code else { return line };
    let rest = line.strip_prefix(&code.to_string());
    rest.map_or(line, |rest| rest.trim_start_matches(['-', ' ', '\t', ':', ',']))
}

fn enhanced(line: &str) -> (Option<Enhanced>, &str) {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let is_bare = first.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '#' | '[' | '('));
    match Enhanced::parse(first).filter(|_| is_bare) {
        Some(found) => (Some(found), rest),
        None => (None, line),
    }
}

/// `host mx.example[192.0.2.1] said:` (Postfix), `host mx.example [192.0.2.1]:` (Exim), `mx.example gave this error:`.
///
/// `Client host 192.0.2.1 is on a list` is about the other side.
fn host(text: &str, lower: &str) -> Option<String> {
    let with_address = lower.match_indices("host ").map(|(at, word)| at + word.len()).find(|&start| {
        let (_, after) = split_name(&text[start..]);
        after.trim_start().starts_with('[')
    });
    let gave = lower.find(" gave this error").map(|at| lower[..at].rfind(char::is_whitespace).map_or(0, |at| at + 1));
    let (name, _) = split_name(&text[with_address.or(gave)?..]);
    (name.contains('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')))
        .then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

/// The name that a text begins with, and what follows it.
fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '[' | ':' | '(')).unwrap_or(text.len());
    text.split_at(end)
}

fn stage(lower: &str) -> Option<Stage> {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["in reply to end of data", "after end of data", "in reply to data", "after data"]) {
        Some(Stage::Data)
    } else if has(&["in reply to rcpt", "after rcpt"]) {
        Some(Stage::Rcpt)
    } else if has(&["in reply to mail from", "after mail from"]) {
        Some(Stage::Mail)
    } else if has(&[
        "in reply to ehlo",
        "in reply to helo",
        "after ehlo",
        "after helo",
        "refused to talk to me",
        "initial connection",
    ]) {
        Some(Stage::Connect)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let reply = Reply::parse("smtp; 550 #5.1.0 Address rejected.");
        assert_eq!((reply.code, reply.enhanced), (Some(550), Some(Enhanced(5, 1, 0))));
        assert_eq!(reply.text, "Address rejected.");
        let reply =
            Reply::parse("Remote Server returned '550 5.7.509 Access denied, sending domain x.example does not pass'");
        assert_eq!((reply.code, reply.enhanced), (Some(550), Some(Enhanced(5, 7, 509))));
        let reply = Reply::parse(
            "SMTP error from remote mail server after RCPT TO:<a@b>: host mx.b.example [192.0.2.1]: 451 Greylisted",
        );
        assert_eq!(
            (reply.code, reply.stage, reply.host.as_deref()),
            (Some(451), Some(Stage::Rcpt), Some("mx.b.example"))
        );
        assert_eq!(reply.is_permanent(), Some(false));
        assert_eq!(Reply::parse("Sender mismatch").text, "Sender mismatch");
        assert_eq!(Reply::parse("Sender mismatch").is_permanent(), None);
        let reply = Reply::parse("smtp; 550-5.7.26 Mail from d.example is 550-5.7.26 refused. See 550 5.7.26 the page");
        assert_eq!(reply.text, "Mail from d.example is refused. See the page");
    }

    #[test]
    fn the_host_that_said_it() {
        let host = |text: &str| Reply::parse(text).host;
        assert_eq!(host("host MX.d.example[192.0.2.1] said: 550 no").as_deref(), Some("mx.d.example"));
        assert_eq!(host("mx.d.example gave this error: 550 no").as_deref(), Some("mx.d.example"));
        // The client, and an address without a name.
        assert_eq!(host("550 Client host 192.0.2.1 is on a list"), None);
        assert_eq!(host("550 Client host [192.0.2.1] is on a list"), None);
        let both = "host mx.d.example[192.0.2.1] said: 550 Client host 192.0.2.9 is on a list";
        assert_eq!(host(both).as_deref(), Some("mx.d.example"));
    }

    #[test]
    fn the_command_that_was_refused() {
        let stage = |text: &str| Reply::parse(text).stage;
        assert_eq!(
            stage("host mx.d.example[192.0.2.1] said: 550 no (in reply to end of DATA command)"),
            Some(Stage::Data)
        );
        assert_eq!(stage("host mx.d.example[192.0.2.1] said: 550 no (in reply to RCPT TO command)"), Some(Stage::Rcpt));
        assert_eq!(stage("SMTP error after MAIL FROM:<a@x.example>: 550 no"), Some(Stage::Mail));
        assert_eq!(stage("host mx.d.example[192.0.2.1] refused to talk to me: 554 no"), Some(Stage::Connect));
        assert_eq!(stage("550 no"), None);
    }

    /// RFC 3463 §2: class 4 is to be tried again, class 5 is not.
    #[test]
    fn the_class_of_an_enhanced_code_alone() {
        assert_eq!(Reply::parse("Status: 5.1.1").is_permanent(), Some(true));
        assert_eq!(Reply::parse("Status: 4.4.1").is_permanent(), Some(false));
    }

    #[test]
    fn numbers_that_are_no_codes() {
        let exim = "** bob@d.example H=mx.d.example [192.0.2.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes: SMTP error: 550 no";
        assert_eq!(Reply::parse(exim).code, Some(550));
        assert_eq!(Reply::parse("Action 1550 of 2024-05-17").code, None);
        assert_eq!(Enhanced::parse("192.0.2.1"), None);
        assert_eq!(Enhanced::parse("5.7"), None);
        assert_eq!(Enhanced::parse("#5.7.1:"), Some(Enhanced(5, 7, 1)));
    }
}
