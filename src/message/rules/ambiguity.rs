//! What lets two programs read two authors out of one header.

use crate::finding::{Effect, Findings, Label, Origin, Rule, Subject, rules};
use crate::message::find_address::addresses_in;
use crate::message::lint::Context;
use crate::message::{Defect, DefectKind, FlawKind, decode_words};
use crate::text::{Source, Span};
use crate::unread;

rules! {
    /// # An address in From has a source route
    ///
    /// RFC 822 let a sender write the servers on the way before the address: `<@a,@b:user@c>`. Readers must ignore them
    /// (RFC 5322 §4.4), but some take the first name for the domain. So one address can show two authors.
    ///
    /// ```message bad
    /// From: <@legit.example,@any.example:x@attack.example>
    /// ```
    ///
    /// ```message good
    /// From: <x@attack.example>
    /// ```
    ROUTE = "from-source-route", Warning, Differs, ["RFC 5322 §4.4"],
        "`{text}` in From is a source route, which programs read differently";

    /// # The local-part in From has an `@`
    ///
    /// Allowed in quotes, and nobody needs it. Programs that look for the first `@` see another domain.
    ///
    /// ```message bad
    /// From: <"ceo@bank.example"@attack.example>
    /// ```
    ///
    /// ```message good
    /// From: <ceo@bank.example>
    /// ```
    QUOTED_AT = "from-quoted-at", Warning, Differs, ["RFC 5322 §3.4.1"],
        "the local-part `{text}` in From has an `@`, after which some programs look for the domain";

    /// # An address in From has several `@`
    ///
    /// Some programs take what follows the first for the domain, some what follows the last.
    ///
    /// ```message bad
    /// From: <a@legit.example@attack.example>
    /// ```
    ///
    /// ```message good
    /// From: <a@legit.example>
    /// ```
    SEVERAL_ATS = "from-multiple-at", Error, Differs, ["RFC 5322 §3.4.1"],
        "`{text}` in From has more than one `@`: programs see different domains";

    /// # Text follows the angle brackets in From
    ///
    /// The address stands in angle brackets and nothing may follow them. If an address does, one program takes the first
    /// and another one the second.
    ///
    /// ```message bad
    /// From: <any@attack.example>admin@legit.example
    /// ```
    ///
    /// ```message good
    /// From: Admin <admin@legit.example>
    /// ```
    AFTER_ANGLE = "from-text-after-angle", Warning, Differs, ["RFC 5322 §3.4"],
        "`{text}` follows the address in From, and some programs take it for the address";

    /// # A backslash stands between addresses in From
    ///
    /// Outside quotes a backslash means nothing, but some programs let it hide the comma behind it, and so see one address
    /// where others see two.
    ///
    /// ```message bad
    /// From: <any@attack.example>\,<admin@legit.example>
    /// ```
    ///
    /// ```message good
    /// From: Admin <admin@legit.example>
    /// ```
    QUOTED_PAIR = "from-quoted-pair-separator", Warning, Differs, ["RFC 5322 §3.2.1"],
        "`{text}` in From is a backslash outside quotes, which programs read differently";

    /// # An encoded-word in From hides an address
    ///
    /// Encoded-words may stand in the display name only, and what they hold is text (RFC 2047 §5). Programs that decode
    /// first and read then find another author.
    ///
    /// ```message bad
    /// From: =?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=,<any@attack.example>
    /// ```
    ///
    /// ```message good
    /// From: =?utf-8?q?J=C3=B6rg?= <any@attack.example>
    /// ```
    ENCODED = "from-encoded-word-address", Warning, Differs, ["RFC 2047 §5"],
        "the encoded-word `{text}` in From hides an address, `{shown}`";

    /// # White space stands before the colon of From
    ///
    /// Old messages have it (RFC 5322 §4.5). Some programs do not see such a field as From, and look for another one; a
    /// field name that is folded has the same effect.
    ///
    /// ```message bad
    /// From : any@attack.example
    /// ```
    ///
    /// ```message good
    /// From: any@attack.example
    /// ```
    SPACE_BEFORE_COLON = "from-space-before-colon", Warning, Differs, ["RFC 5322 §4.5", "RFC 5322 §2.2"],
        "`{text}` has white space before its colon: some programs do not see a From field there";

    /// # A line `From:` begins with a space
    ///
    /// A line that begins with white space continues the field above it, and where there is none it is nothing. Servers that
    /// strip the space see a From field that others did not check.
    ///
    /// ```message bad
    ///  From: admin@legit.example
    /// From: any@attack.example
    /// ```
    ///
    /// ```message good
    /// From: any@attack.example
    /// ```
    LEADING_SPACE = "from-leading-space-line", Warning, Differs, ["RFC 5322 §2.2", "RFC 5322 §2.2.3"],
        "the line `{text}` begins with white space, and is a From field for some programs";

    /// # From has a control character
    ///
    /// For some programs a NUL ends the text, so they read another address than those that do not care.
    ///
    /// ```message bad
    /// From: admin@legit.example\u{0}x@attack.example
    /// ```
    ///
    /// ```message good
    /// From: admin@legit.example
    /// ```
    CONTROL = "from-nul-or-control", Warning, Differs, ["RFC 5322 §2.2", "RFC 5321 §4.1.2"],
        "From has the control character {character}, at which some programs end the address";
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    if let Some((first, _)) = cx.from.get(MAX_FIELDS) {
        unread::beyond(Label::whole(first), "From fields", cx.from.len(), MAX_FIELDS, out);
    }
    for (subject, list) in cx.from.iter().take(MAX_FIELDS) {
        let text = list.source().text();
        // Each kind once in a field: a hostile field has thousands.
        let mut told: Vec<FlawKind> = Vec::new();
        for flaw in list.flaws() {
            let Some(rule) = rule_of(flaw.kind) else { continue };
            if told.contains(&flaw.kind) {
                continue;
            }
            told.push(flaw.kind);
            let span = if flaw.kind == FlawKind::QuotedPair { widened(text, flaw.span) } else { flaw.span };
            let around = list.mailboxes().find(|mailbox| mailbox.span.contains(flaw.span));
            let span = around.filter(|_| flaw.kind == FlawKind::SeveralAts).map_or(span, |mailbox| mailbox.span);
            out.report(rule, Label::new(subject, span)).quote("text");
        }
        encoded(subject, text, out);
        if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\t')) {
            let c = text[at..].chars().next().unwrap_or_default();
            let found = out.report(&CONTROL, Label::new(subject, Span::new(at, at + c.len_utf8())));
            found.arg("character", format_args!("U+{:04X}", u32::from(c)));
        }
    }
    for defect in cx.message.defects() {
        check_line(cx, defect, out);
    }
    continuations(cx, out);
}

/// From fields in which faults are looked for: one is right, two are an attack, more are noise.
const MAX_FIELDS: usize = 10;

fn rule_of(kind: FlawKind) -> Option<&'static Rule> {
    match kind {
        FlawKind::Route => Some(&ROUTE),
        FlawKind::QuotedAt => Some(&QUOTED_AT),
        FlawKind::SeveralAts => Some(&SEVERAL_ATS),
        FlawKind::TextAfterAngle => Some(&AFTER_ANGLE),
        FlawKind::QuotedPair => Some(&QUOTED_PAIR),
        _ => None,
    }
}

/// The backslash with the character behind it.
fn widened(text: &str, span: Span) -> Span {
    let after = text[span.end as usize..].chars().next().filter(|_| span.len() == 1);
    Span::new(span.start as usize, span.end as usize + after.map_or(0, char::len_utf8))
}

/// The first encoded-word that holds an address or an angle bracket.
fn encoded(subject: &Subject, text: &str, out: &mut Findings) {
    let mut from = 0;
    while let Some(start) = text[from..].find("=?").map(|at| from + at) {
        // White space ends an encoded-word (RFC 2047 §2).
        let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
        let end = text[start..start + length].rfind("?=").map_or(start + length, |at| start + at + 2);
        let end = end.max(start + 2);
        let word = &text[start..end];
        let decoded = decode_words(word);
        if decoded != word
            && let Some(shown) = addresses_in(&decoded).next()
        {
            out.report(&ENCODED, Label::new(subject, Span::new(start, end))).quote("text").arg("shown", shown);
            return;
        }
        from = end;
    }
}

/// Lines that are a From field for some programs only.
fn check_line(cx: &Context<'_>, defect: &Defect, out: &mut Findings) {
    let bytes = cx.message.bytes();
    match defect.kind {
        DefectKind::SpaceBeforeColon => {
            // The name ends where the defect begins.
            let name = cx.message.fields().iter().position(|field| {
                field.is(b"From") && field.span().start as usize + field.name().len() == defect.span.start as usize
            });
            if let Some(at) = name {
                let subject = cx.subject(at);
                let label = Label::whole(&subject);
                out.report(&SPACE_BEFORE_COLON, label).arg("text", "From :");
            }
        }
        DefectKind::NotAField => {
            let text = &bytes[defect.span.range()];
            let name = text.get(..4).filter(|name| name.eq_ignore_ascii_case(b"From"));
            if name.is_some() && text[4..].trim_ascii_start().starts_with(b":") {
                let line = given(text);
                out.report(&SPACE_BEFORE_COLON, Label::whole(&line)).quote("text");
            }
        }
        DefectKind::LeadingWhiteSpace => {
            let line = bytes[defect.span.range()].split(|&b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
            let found = out.report(&LEADING_SPACE, Label::whole(&given(line))).quote("text");
            if !is_from(line) {
                found.effect(Effect::Ok);
            }
        }
        _ => {}
    }
}

/// Continuation lines that look like a From field.
fn continuations(cx: &Context<'_>, out: &mut Findings) {
    for (at, field) in cx.message.fields().iter().enumerate() {
        // Signatures list field names, folded where it fits: `h=… ` and on the next line `from:to`.
        if field.name().to_ascii_lowercase().ends_with(b"-signature") {
            continue;
        }
        let body = field.body();
        for line in body.split(|&b| b == b'\n').skip(1) {
            if is_from(line) {
                let subject = cx.subject(at);
                let line = line.split(|&b| b == b'\r').next().unwrap_or_default();
                let shown = String::from_utf8_lossy(line);
                let place = subject.source().text().find(shown.as_ref()).unwrap_or_default();
                let label = Label::new(&subject, Span::new(place, place + shown.len()));
                out.report(&LEADING_SPACE, label).quote("text");
                return;
            }
        }
    }
}

fn is_from(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    text.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"From"))
        && text[4..].trim_ascii_start().starts_with(b":")
}

/// A line that is in no field.
fn given(line: &[u8]) -> Subject {
    Subject::new(Origin::Given, Source::from_bytes(&line[..line.len().min(MAX_SHOWN)]))
}

/// Bytes of a line that are shown: the longest line that RFC 5322 allows.
const MAX_SHOWN: usize = crate::message::MAX_LINE;
