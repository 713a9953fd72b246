//! The text of an HTML page, as far as notices need it: Exchange and others write for people in HTML only.

/// The text of a page: without tags, with an end of line where a browser shows one.
pub(super) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    // Of elements whose lines are kept as they are.
    let mut kept = 0_usize;
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        write(&mut out, &rest[..at], kept > 0);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('&') {
            let (character, length) = entity(after).unwrap_or(('&', 0));
            write(&mut out, character.encode_utf8(&mut [0; 4]), kept > 0);
            rest = &after[length..];
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            out.push('<');
            rest = &rest[1..];
        } else {
            let (tag, after) = rest.split_at(end_of_tag(rest));
            let tag = &tag[1..];
            rest = after.strip_prefix('>').unwrap_or(after);
            let is_end = tag.starts_with('/');
            let name =
                tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "pre" => kept = if is_end { kept.saturating_sub(1) } else { kept + 1 },
                // What they hold is not shown.
                "style" | "script" | "title" if !is_end => rest = behind(rest, &name),
                _ => {}
            }
            separate(&mut out, &name);
        }
    }
    write(&mut out, rest, kept > 0);
    out
}

/// Where the `>` of a tag stands: values in quotes may hold others. A quote that is open where the next tag begins is none.
fn end_of_tag(tag: &str) -> usize {
    let (mut quote, mut before) = (None, b' ');
    for (at, octet) in tag.bytes().enumerate().skip(1) {
        match quote {
            None if octet == b'>' => return at,
            None if before == b'=' && matches!(octet, b'"' | b'\'') => quote = Some(octet),
            Some(_) if octet == b'<' => break,
            Some(open) if octet == open => quote = None,
            _ => {}
        }
        if !octet.is_ascii_whitespace() {
            before = octet;
        }
    }
    memchr::memchr(b'>', tag.as_bytes()).unwrap_or(tag.len())
}

/// What stands behind the end tag of an element.
fn behind<'a>(rest: &'a str, name: &str) -> &'a str {
    let is_end = |at: &usize| rest[at + 2..].get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    rest.match_indices("</").map(|(at, _)| at).find(is_end).map_or("", |at| &rest[at..])
}

/// White space is one space, and none at the start of a line.
fn write(out: &mut String, text: &str, is_kept: bool) {
    if is_kept {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

/// What a tag is in the text: the end of a paragraph or of a line, a space between cells, or nothing.
fn separate(out: &mut String, name: &str) {
    let ends = match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "dl" | "hr" | "blockquote" | "pre" => 2,
        "div" | "tr" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "body" => 1,
        "br" => {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            return;
        }
        "td" | "th" => return write(out, " ", false),
        _ => return,
    };
    out.truncate(out.trim_end_matches(' ').len());
    let there = out.bytes().rev().take(ends).take_while(|octet| *octet == b'\n').count();
    if !out.is_empty() {
        out.extend(std::iter::repeat_n('\n', ends - there));
    }
}

/// The character that `name;` behind a `&` stands for, and its length.
fn entity(after: &str) -> Option<(char, usize)> {
    let end = after.bytes().take(MAX_ENTITY).position(|octet| octet == b';')?;
    let name = &after[..end];
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((character, end + 1))
}

/// Those that notices have; the others stay as they are.
const ENTITIES: [(&str, char); 8] = [
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("rsquo", '\u{2019}'),
    ("lsquo", '\u{2018}'),
];
/// Octets of an entity that is looked for: `&#x10ffff;` is among the longest.
const MAX_ENTITY: usize = 10;

#[cfg(test)]
mod tests {
    use super::text;
    use crate::bounce::{Cause, Dsn};

    #[test]
    fn as_it_is_shown() {
        for (html, shown) in [
            ("<p>Hi  <b>there</b>,\r\n you</p><p>Bye</p>", "Hi there, you\n\nBye\n\n"),
            ("a<br>b<BR/>c", "a\nb\nc"),
            ("<tr><td>a</td><td>b</td></tr><tr><td>c", "a b\nc"),
            ("<style>p { x }</style><script>1 < 2</SCRIPT>x<!-- > <p> -->y", "xy"),
            ("&lt;bob@d.example&gt;&nbsp;&amp;&#39;&#x27; &copy; &;", "<bob@d.example> &'' &copy; &;"),
            ("1 < 2 & 3", "1 < 2 & 3"),
            ("<pre>550 a\n  b</pre>c", "550 a\n  b\n\nc"),
            ("x <a href='mailto:a@b.c", "x "),
            ("<a title=\"x>y 552 full\">z</a>", "z"),
            ("<a title='>' href = \">\">z<img alt=a>b\"c>d", "zb\"c>d"),
            // A quote that is not closed ends with its tag.
            ("<a title=\"x>y<b>z", "yz"),
            ("<p>it's</p ><a b=c'd>e'>f", "it's\n\ne'>f"),
            ("<", "<"),
            ("é<é", "é<é"),
            ("</style", ""),
        ] {
            assert_eq!(text(html), shown, "{html}");
        }
    }

    /// As Exchange and Outlook write them.
    #[test]
    fn a_notice_in_html_only() {
        let html = "<html><head><title>Undeliverable</title><style>p { color: #550 5.7.1 }</style></head><body>\r\n\
            <p>Delivery has failed to these recipients or groups:</p>\r\n\
            <p><a href=\"mailto:bob@d.example\">bob@d.example</a><br>\r\nThe recipient&#8217;s server refused it.</p>\r\n\
            <p><b>Diagnostic information for administrators:</b></p>\r\n<p>Generating server: mx.d.example</p>\r\n\
            <p>bob@d.example<br>\r\nRemote Server returned &#39;550 5.7.23 The message was rejected because of\r\n\
            Sender Policy Framework violation&#39;</p>\r\n<p>Original message headers:</p>\r\n<pre>To: bob@d.example\r\n\
            Subject: 550 User unknown</pre></body></html>";
        let head = "From: postmaster@d.example\r\nMIME-Version: 1.0\r\n";
        let html_part = format!("Content-Type: text/html; charset=us-ascii\r\n\r\n{html}\r\n");
        let status = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.d.example\r\n\r\n\
            Final-Recipient: rfc822; bob@d.example\r\nAction: failed\r\n";
        let report = "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n";
        for message in
            [format!("{head}{report}--x\r\n{html_part}--x\r\n{status}--x--\r\n"), format!("{head}{html_part}")]
        {
            let dsn = Dsn::parse(message.as_bytes()).unwrap();
            let [bounce] = &dsn.bounces()[..] else { panic!("{dsn:?}") };
            assert_eq!((bounce.cause, bounce.reply.code), (Cause::Spf, Some(550)), "{dsn:?}");
        }
        // Where the same is said in plain text, that is read.
        let plain = "Content-Type: text/plain\r\n\r\n550 5.1.1 User unknown\r\n";
        let both = "Content-Type: multipart/alternative; boundary=x\r\n\r\n";
        let message = format!("{head}{both}--x\r\n{plain}--x\r\n{html_part}--x--\r\n");
        assert_eq!(Dsn::parse(message.as_bytes()).unwrap().bounces()[0].cause, Cause::UnknownUser);
    }

    /// Some programs put a space, or a line for old readers, into the plain text.
    #[test]
    fn a_plain_text_that_says_nothing() {
        let html = "Content-Type: text/html\n\n<p>550 5.1.1 user unknown</p>\n";
        for plain in ["", " \n", "This message is in HTML.\n"] {
            let message = format!(
                "From: MAILER-DAEMON@d.example\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\
                 Content-Type: text/plain\n\n{plain}\n--x\n{html}\n--x--\n"
            );
            let dsn = Dsn::parse(message.as_bytes()).unwrap();
            assert_eq!(dsn.bounces()[0].cause, Cause::UnknownUser, "{plain:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_page(html in "(<|>|/|!--|-->|pre|style|script|p|br|&|#|x41|;|nbsp|é| |\n|a){0,30}") {
            // Marks that are taken out bring at most the ends of lines.
            proptest::prop_assert!(text(&html).len() <= 2 * html.len());
        }
    }
}
