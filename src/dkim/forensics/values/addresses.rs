//! Mailboxes before lists and gateways wrote their own.

use super::context::Context;
use super::quoting;
use super::words::{decoded, encoded};

/// The display name and address of mailboxes, munged, quoted or not.
pub(super) fn addresses(value: &str, context: &Context, out: &mut Vec<String>) {
    let name = display_name(value).unwrap_or_default();
    // "Alice via List", "Alice (via List)", "'Alice' via List": what mailing lists make of From.
    let plain = unquoted(name);
    let person = [" via ", " (via ", " on behalf of ", " - "].iter().find_map(|via| plain.split_once(via));
    let munged = person.is_some();
    let person = person.map(|(person, _)| person.trim().trim_matches('\'')).unwrap_or(plain.as_str());
    if munged {
        put_aside(person, context, out);
    }
    let address = address_of(value);
    if let Some(address) = address {
        let readable = decoded(&plain);
        let written = [Some(name), Some(plain.as_str()), readable.as_deref()];
        let untagged: Vec<&str> = written.into_iter().flatten().filter_map(untagged).collect();
        names(&untagged, address, out);
    }
    quoting(value, out);
    separators(value, out);
    if let Some(address) = address {
        if name.is_empty() {
            out.extend(names_of(address).iter().map(|name| format!("{name} <{address}>")));
        }
        names(&[person, plain.as_str()], address, out);
        out.push(format!("<{address}>"));
        other_capitals(value, address, context, out);
        if !name.is_empty() {
            out.push(address.to_owned());
        }
    }
    if !munged {
        put_aside(person, context, out);
    }
}

/// The name before a gateway put its tag before or after it: `[EXT] Ann`, `Ann (External)`, `EXTERNAL: Ann`.
fn untagged(name: &str) -> Option<&str> {
    let name = name.trim();
    let bracketed = [('[', ']'), ('(', ')'), ('{', '}'), ('*', '*')].into_iter().find_map(|(open, close)| {
        let before = || Some(name.strip_prefix(open)?.split_once(close)?.1);
        let after = || Some(name.strip_suffix(close)?.rsplit_once(open)?.0);
        before().or_else(after)
    });
    let told = || name.split_once(": ").map(|(_, name)| name);
    bracketed.or_else(told).map(|name| name.trim_matches(['*', ' '])).filter(|name| !name.is_empty())
}

/// The mailbox that a relay put elsewhere.
fn put_aside(person: &str, context: &Context, out: &mut Vec<String>) {
    // As it is, where it has the name that is left here; such a value is the field itself.
    let (same, other): (Vec<&String>, Vec<&String>) =
        context.addresses.iter().partition(|value| !person.is_empty() && value.contains(person));
    out.extend(same.into_iter().chain(other.iter().copied()).take(3).cloned());
    for value in &context.addresses {
        let Some(address) = address_of(value) else { continue };
        for name in [person, display_name(value).map(unquoted).as_deref().unwrap_or_default()] {
            if !name.is_empty() {
                out.push(format!("{name} <{address}>"));
                out.push(format!("\"{name}\" <{address}>"));
                if !name.is_ascii() {
                    let mut words = Vec::new();
                    encoded(name, name, &mut words);
                    out.extend(words.into_iter().map(|word| format!("{word} <{address}>")));
                }
            }
        }
        out.push(address.to_owned());
        out.push(format!("<{address}>"));
        out.extend(names_of(address).iter().map(|name| format!("{name} <{address}>")));
    }
    out.extend(context.addresses.iter().cloned());
}

/// The same address with its name written in other ways.
fn names(names: &[&str], address: &str, out: &mut Vec<String>) {
    for name in names {
        if name.is_empty() {
            continue;
        }
        let mut words = Vec::new();
        if let Some(decoded) = decoded(name) {
            encoded(&decoded, name, &mut words);
            words.push(decoded);
        } else if name.is_ascii() {
            let pieces: Vec<&str> = name.split(' ').collect();
            // One encoded word among plain ones.
            for (at, piece) in pieces.iter().enumerate() {
                let Some(text) = decoded(piece) else { continue };
                let mut others = Vec::new();
                encoded(&text, piece, &mut others);
                others.push(text);
                words.extend(others.into_iter().map(|other| {
                    let mut pieces: Vec<&str> = pieces.clone();
                    pieces[at] = &other;
                    pieces.join(" ")
                }));
            }
        } else {
            encoded(name, name, &mut words);
        }
        words.push((*name).to_owned());
        out.extend(words.iter().map(|word| format!("{word} <{address}>")));
        // An encoded word in quotes is not one, and written all the same.
        out.extend(words.iter().rev().map(|word| format!("\"{word}\" <{address}>")));
        out.push(format!("{address} ({name})"));
    }
}

/// Names that people have whose address is `name@` or `first.last@`.
fn names_of(address: &str) -> Vec<String> {
    let local = address.split('@').next().unwrap_or_default();
    let words: Vec<String> = local.split(['.', '_']).filter(|word| !word.is_empty()).map(capital).collect();
    let name = words.join(" ");
    if name.is_empty() { Vec::new() } else { vec![format!("\"{name}\""), name, local.to_owned()] }
}

fn capital(text: &str) -> String {
    match text.get(..1) {
        Some(first) => first.to_ascii_uppercase() + &text[1..],
        None => text.to_owned(),
    }
}

/// The address in the letters that it has elsewhere, and in others.
fn other_capitals(value: &str, address: &str, context: &Context, out: &mut Vec<String>) {
    for other in context.addresses.iter().filter_map(|other| address_of(other)) {
        if other.eq_ignore_ascii_case(address) {
            out.push(value.replace(address, other));
        }
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return };
    for changed in [
        address.to_ascii_lowercase(),
        format!("{local}@{}", domain.to_ascii_lowercase()),
        format!("{local}@{}", domain.to_ascii_uppercase()),
        format!("{local}@{}", capital(domain)),
        format!("{}@{domain}", capital(local)),
        format!("{}@{}", capital(local), capital(domain)),
        address.to_ascii_uppercase(),
    ] {
        out.push(value.replace(address, &changed));
    }
    if value.matches('@').count() > 1 {
        out.push(value.to_ascii_lowercase());
        // Domains in lower case, names as they are.
        let domains = value.split('@').enumerate().map(|(at, piece)| match piece.find(['>', ',', ' ']) {
            _ if at == 0 => piece.to_owned(),
            Some(end) => piece[..end].to_ascii_lowercase() + &piece[end..],
            None => piece.to_ascii_lowercase(),
        });
        out.push(domains.collect::<Vec<_>>().join("@"));
    }
}

/// One mailbox more than there was, or other separators.
fn separators(value: &str, out: &mut Vec<String>) {
    let list: Vec<&str> = value.split(',').map(str::trim).collect();
    if list.len() > 1 {
        out.push(list.join(", "));
        out.push(list.join(","));
        for at in 0..list.len().min(24) {
            let others = list.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, mailbox)| *mailbox);
            out.push(others.collect::<Vec<_>>().join(", "));
        }
    }
}

fn display_name(value: &str) -> Option<&str> {
    value.rsplit_once('<').map(|(name, _)| name.trim())
}

fn unquoted(name: &str) -> String {
    name.trim_matches('"').replace("\\\"", "\"")
}

/// The last addr-spec in a value.
pub(super) fn address_of(value: &str) -> Option<&str> {
    let address = match value.rsplit_once('<') {
        Some((_, rest)) => rest.split_once('>')?.0,
        None => value.split([' ', ',', ';']).find(|word| word.contains('@'))?,
    };
    address.contains('@').then_some(address)
}
