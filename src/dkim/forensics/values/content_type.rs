//! Content-Type before somebody wrote it anew.

use super::context::Context;

/// The likeliest first: the type of the first part, if this is now a multipart around it, and small differences.
pub(super) fn content_type(value: &str, context: &Context, out: &mut Vec<String>) {
    let inner: Vec<&str> =
        context.inner.iter().filter(|(name, _)| name == "content-type").map(|(_, value)| value.as_str()).collect();
    if value.is_empty() || value.to_ascii_lowercase().starts_with("multipart/") {
        out.extend(inner.iter().map(|&value| value.to_owned()));
    }
    let values: Vec<&str> = [value].into_iter().chain(inner).collect();
    for value in &values {
        likely(value, out);
    }
    for value in &values {
        rewritten(value, out);
    }
    for media in ["text/plain", "text/html"] {
        out.push(media.to_owned());
        for charset in CHARSETS {
            out.push(format!("{media}; charset={charset}"));
            out.push(format!("{media}; charset=\"{charset}\""));
            out.push(format!("{media}; charset={charset}; format=flowed"));
            out.push(format!("{media}; charset=\"{charset}\"; format=flowed"));
        }
    }
}

/// The media type and its parameters.
fn split(value: &str) -> Option<(&str, Vec<&str>)> {
    let mut parts = value.split(';').map(str::trim).filter(|part| !part.is_empty());
    Some((parts.next()?, parts.collect()))
}

fn likely(value: &str, out: &mut Vec<String>) {
    let Some((media, parameters)) = split(value) else { return };
    let join = |change: &dyn Fn(&str) -> String| {
        [media.to_owned()].into_iter().chain(parameters.iter().map(|p| change(p))).collect::<Vec<_>>().join("; ")
    };
    let bare = |p: &str| p.replace('"', "");
    out.push(join(&bare));
    out.push(join(&quote_value));
    // One of several parameters in quotes.
    for parameter in parameters.iter().take(4) {
        let one = |p: &str| if p == *parameter { quote_value(&bare(p)) } else { bare(p) };
        out.push(join(&one));
    }
    for written in [upper_value as fn(&str) -> String, lower_value] {
        out.push(join(&written));
        out.push(join(&|p| written(&bare(p))));
        out.push(join(&|p| if is_charset(p) { quote_value(&written(&bare(p))) } else { p.to_owned() }));
    }
    out.push(format!("{value}; format=flowed"));
    if parameters.iter().any(|p| is_charset(p)) {
        for charset in CHARSETS {
            let other = |quote: &str| {
                join(&|p| if is_charset(p) { format!("charset={quote}{charset}{quote}") } else { p.to_owned() })
            };
            out.push(other(""));
            out.push(other("\""));
        }
    }
}

fn rewritten(value: &str, out: &mut Vec<String>) {
    let Some((media, parameters)) = split(value) else { return };
    for separator in ["; ", ";"] {
        let join = |parameters: &[String]| {
            [media.to_owned()].iter().chain(parameters).cloned().collect::<Vec<_>>().join(separator)
        };
        let with = |change: fn(&str) -> String| parameters.iter().map(|p| change(p)).collect::<Vec<_>>();
        for parameters in [
            with(str::to_owned),
            with(|p| p.replace('"', "")),
            with(quote_value),
            with(|p| p.to_ascii_lowercase()),
            with(upper_value),
            with(|p| upper_value(&p.replace('"', ""))),
            with(|p| quote_value(&upper_value(&p.replace('"', "")))),
        ] {
            out.push(join(&parameters));
            out.push(join(&parameters).to_ascii_lowercase());
            out.push(join(&parameters.iter().rev().cloned().collect::<Vec<_>>()));
            for at in 0..parameters.len() {
                let mut fewer = parameters.clone();
                fewer.remove(at);
                out.push(join(&fewer));
            }
            for more in
                ["format=flowed", "charset=utf-8", "charset=\"utf-8\"", "charset=us-ascii", "charset=\"us-ascii\""]
            {
                let mut parameters = parameters.clone();
                parameters.push(more.to_owned());
                out.push(join(&parameters));
            }
        }
    }
    out.push(media.to_owned());
}

const CHARSETS: &[&str] =
    &["utf-8", "UTF-8", "us-ascii", "US-ASCII", "iso-8859-1", "ISO-8859-1", "windows-1252", "iso-8859-15"];

fn quote_value(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if !value.contains('"') => format!("{name}=\"{value}\""),
        _ => parameter.to_owned(),
    }
}

fn upper_value(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => format!("{name}={}", value.to_ascii_uppercase()),
        _ => parameter.to_owned(),
    }
}

fn lower_value(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => format!("{name}={}", value.to_ascii_lowercase()),
        _ => parameter.to_owned(),
    }
}

fn is_charset(parameter: &str) -> bool {
    parameter.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("charset="))
}
