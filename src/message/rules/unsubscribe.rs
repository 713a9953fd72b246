//! Unsubscribing by one click (RFC 2369, RFC 8058), which Gmail and Yahoo ask of bulk senders.

use crate::finding::{Edit, Effect, Evidence, Findings, Fix, Label, Subject, rules};
use crate::message::decode_words;
use crate::message::lint::Context;
use crate::tag_list;
use crate::text::Span;

rules! {
    /// # A bulk message has no List-Unsubscribe
    ///
    /// Gmail and Yahoo ask it of everybody who sends to many; without it readers press "spam".
    ///
    /// ```message bad bulk
    /// From: news@d.example
    /// ```
    ///
    /// ```message good bulk
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// ```
    MISSING = "list-unsubscribe-missing", Note, Ok, ["RFC 2369 §3.2", "RFC 8058 §3.1"],
        "the message went to many and has no List-Unsubscribe field";

    /// # There is no List-Unsubscribe-Post
    ///
    /// It says that one POST request to the https address of List-Unsubscribe is enough. Without it mail programs open a web
    /// page or nothing, because programs that look at links would unsubscribe everybody.
    ///
    /// ```message bad
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// ```
    ///
    /// ```message good
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// List-Unsubscribe-Post: List-Unsubscribe=One-Click
    /// ```
    NO_POST = "list-unsubscribe-post-missing", Warning, Ok, ["RFC 8058 §3.1"],
        "List-Unsubscribe stands without List-Unsubscribe-Post, so nobody can unsubscribe by one click";

    /// # List-Unsubscribe-Post says something else
    ///
    /// Its one value is `List-Unsubscribe=One-Click`: that is what the request will hold.
    ///
    /// ```message bad
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// List-Unsubscribe-Post: yes
    /// ```
    ///
    /// ```message good
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// List-Unsubscribe-Post: List-Unsubscribe=One-Click
    /// ```
    POST_VALUE = "list-unsubscribe-post-value", Error, Ignored, ["RFC 8058 §3.1"],
        "List-Unsubscribe-Post says `{text}`, and must say `List-Unsubscribe=One-Click`";

    /// # List-Unsubscribe has no https address
    ///
    /// Unsubscribing by one click needs an https address (RFC 8058 §3.1); a mailto address may stand beside it.
    ///
    /// ```message bad
    /// From: news@d.example
    /// List-Unsubscribe: <mailto:u@d.example>
    /// ```
    ///
    /// ```message good
    /// From: news@d.example
    /// List-Unsubscribe: <mailto:u@d.example>, <https://d.example/u?1>
    /// ```
    MAILTO_ONLY = "list-unsubscribe-mailto-only", Warning, Ok, ["RFC 8058 §3.1"],
        "List-Unsubscribe `{text}` has no https address";

    /// # List-Unsubscribe is not signed
    ///
    /// A signature must cover List-Unsubscribe and List-Unsubscribe-Post (RFC 8058 §4), or anybody on the way could change
    /// the address. Mail programs ignore them otherwise.
    ///
    /// ```message bad
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=a; h=from:to:subject; bh=x; b=y
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// List-Unsubscribe-Post: List-Unsubscribe=One-Click
    /// ```
    ///
    /// ```message good
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=a; h=from:list-unsubscribe:list-unsubscribe-post; bh=x; b=y
    /// From: news@d.example
    /// List-Unsubscribe: <https://d.example/u?1>
    /// List-Unsubscribe-Post: List-Unsubscribe=One-Click
    /// ```
    NOT_SIGNED = "list-unsubscribe-not-signed", Warning, Ignored, ["RFC 8058 §4"],
        "no DKIM signature covers `{field}`";
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    let (field, post) = (cx.first("List-Unsubscribe"), cx.first("List-Unsubscribe-Post"));
    let Some(field) = field else {
        if cx.options.bulk.unwrap_or_else(|| looks_bulk(cx)) {
            let found = out.report(&MISSING, Label::whole(&cx.header));
            if cx.options.bulk.is_none() {
                found.evidence(Evidence::Guessed);
            }
        }
        return;
    };
    let text = field.source().text();
    let has_https = decode_words(text).to_ascii_lowercase().contains("<https:");
    if !has_https {
        let label = Label::whole(&field);
        let shown = label.quoted();
        out.report(&MAILTO_ONLY, label).arg("text", shown.trim());
    }
    match &post {
        // Without an https address there is nothing to post to.
        None if has_https => {
            out.report(&NO_POST, Label::whole(&field));
        }
        None => {}
        Some(post) => post_value(post, out),
    }
    let names = [Some("List-Unsubscribe"), post.is_some().then_some("List-Unsubscribe-Post")];
    not_signed(cx, &names.into_iter().flatten().collect::<Vec<_>>(), out);
}

/// Signs that a message went to many: `Precedence: bulk` and Feedback-ID, which only senders of bulk mail write. Lists
/// have List-Id, and their members can unsubscribe as well.
fn looks_bulk(cx: &Context<'_>) -> bool {
    let precedence = cx.first("Precedence").is_some_and(|field| {
        let value = field.source().text().trim();
        value.eq_ignore_ascii_case("bulk") || value.eq_ignore_ascii_case("list")
    });
    // Vacation notices and other answers of programs have a Precedence too.
    let automatic = cx.first("Auto-Submitted").is_some();
    (precedence && !automatic) || cx.first("Feedback-ID").is_some() || cx.first("List-Id").is_some()
}

fn post_value(post: &Subject, out: &mut Findings) {
    let text = post.source().text();
    if text.trim().eq_ignore_ascii_case("List-Unsubscribe=One-Click") {
        return;
    }
    let start = text.len() - text.trim_start().len();
    let span = Span::new(start, start + text.trim().len());
    let found = out.report(&POST_VALUE, Label::new(post, span)).quote("text");
    found.fix(Fix::machine("write `List-Unsubscribe=One-Click`", [Edit::replace(span, "List-Unsubscribe=One-Click")]));
}

fn not_signed(cx: &Context<'_>, names: &[&str], out: &mut Findings) {
    let mut signatures = cx.message.fields_named("DKIM-Signature").peekable();
    // A message that is still to be signed.
    if signatures.peek().is_none() {
        return;
    }
    let mut best: Option<&str> = None;
    for at in signatures {
        let body = String::from_utf8_lossy(cx.message.fields()[at].body());
        let signed = tag(&body, "h").unwrap_or_default();
        let covers = |name: &&&str| signed.split(':').any(|part| part.trim().eq_ignore_ascii_case(name));
        match names.iter().find(|name| !covers(name)) {
            None => return,
            Some(name) => best = best.or(Some(name)),
        }
    }
    if let Some(name) = best
        && let Some(field) = cx.first(name)
    {
        let found = out.report(&NOT_SIGNED, Label::whole(&field)).arg("field", name);
        if names.len() == 1 {
            // Without the second field there is no one-click that could be ignored.
            found.effect(Effect::Ok);
        }
    }
}

/// The value of the first tag called `name` in a tag-list.
pub(super) fn tag<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    tag_list::segments(body).find_map(|segment| match segment.kind {
        tag_list::Kind::Tag { name: tag, value } => (&body[tag] == name).then(|| &body[value]),
        tag_list::Kind::Word | tag_list::Kind::Empty => None,
    })
}
