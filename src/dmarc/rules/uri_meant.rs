//! The URI that a member of `rua` or `ruf` was meant to be.

use crate::dmarc::uri::read_list;
use crate::dmarc::{Target, Uri, UriProblem};
use crate::text::Span;

/// Slips of one member that are mended one after another. One with more is for somebody to read.
const MAX_SLIPS: usize = 6;

/// The valid URI that a member was meant to be, if its slips leave no doubt about the address.
pub(super) fn meant(member: &str) -> Option<String> {
    if is_hidden(member) {
        return None;
    }
    let address = linked(member).map(str::to_owned).or_else(|| in_angles(member));
    let mut text = address.unwrap_or_else(|| member.to_owned());
    for _ in 0..MAX_SLIPS {
        let [Uri { target, .. }] = read_list(&text, Span::new(0, text.len()))[..] else { return None };
        let Target::Unusable { problem, span } = target else { return Some(text) };
        text = without_slip(&text, problem, span)?;
    }
    None
}

/// The text without what is wrong at `span`.
fn without_slip(text: &str, problem: UriProblem, span: Span) -> Option<String> {
    let before = &text[..span.start as usize];
    match problem {
        UriProblem::Percent => Some(format!("{before}%25{}", text.get(span.start as usize + 1..)?)),
        UriProblem::Space => without_spaces(text),
        UriProblem::Character => {
            let inner = text.trim_matches(['<', '>', '"', '\'', '(', ')', '[', ']', '\\', '|']);
            (inner != text && inner.is_ascii()).then(|| inner.to_owned())
        }
        UriProblem::NoScheme => {
            // `__mailto:a@x`, ` mailto :a@x`
            let scheme = text.to_ascii_lowercase().find("mailto:").filter(|&at| at > 0);
            // `mailtoa@x`
            let address =
                text.strip_prefix("mailto").filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
            let address = address.unwrap_or(text);
            let bare = || (text.contains('@') && !text.contains(':')).then(|| format!("mailto:{address}"));
            scheme.map(|at| text[at..].to_owned()).or_else(bare)
        }
        // `mailto:a@d.example!x`: no domain has one, but a size may have followed.
        UriProblem::Bang if before.contains('@') => Some(before.to_owned()),
        UriProblem::Bang => Some(format!("{before}%21{}", text.get(span.end as usize..)?)),
        // It reaches to the end.
        UriProblem::Size => Some(before.to_owned()),
        // `mailto:a@x.`, `mailto:mailto:a@x`
        UriProblem::Address if text.ends_with(['.', ':', '/', ')', ']']) => {
            Some(text.trim_end_matches(['.', ':', '/', ')', ']']).to_owned())
        }
        UriProblem::Address => {
            let again = text.get("mailto:".len()..)?;
            again.get(.."mailto:".len()).filter(|head| head.eq_ignore_ascii_case("mailto:"))?;
            Some(again.to_owned())
        }
        UriProblem::Empty => None,
    }
}

/// The address in a text with spaces: what is torn is joined, and words around an address are none of its domain.
fn without_spaces(text: &str) -> Option<String> {
    let pieces: Vec<&str> = text.split([' ', '\t']).filter(|piece| !piece.is_empty()).collect();
    let Some(at) = pieces.iter().position(|piece| piece.contains('@')) else { return Some(pieces.concat()) };
    let (address, behind) = (pieces[at], &pieces[at + 1..]);
    if behind.iter().any(|piece| piece.contains('@')) {
        return None;
    }
    let is_torn = |pair: &[&str]| pair[0].ends_with(['@', '.']) || pair[1].starts_with('.');
    if pieces[at..].windows(2).all(is_torn) && !behind.is_empty() {
        return Some(pieces.concat());
    }
    let has_scheme = at > 0 && pieces[0].starts_with("mailto:");
    // Of `mailto:a b@d.example c` nobody knows what is a word beside the address.
    if has_scheme && !behind.is_empty() && (at > 1 || pieces[0] != "mailto:") {
        return None;
    }
    let scheme = if address.contains(':') { "" } else { "mailto:" };
    let uri = format!("{scheme}{address}");
    let is_whole = read_list(&uri, Span::new(0, uri.len())).iter().all(Uri::is_valid);
    let has_words = !behind.is_empty() || at > 1 && !has_scheme;
    if has_words && is_whole && address.rsplit('@').next().is_some_and(|domain| domain.contains('.')) {
        return Some(uri);
    }
    behind.is_empty().then(|| pieces.concat())
}

/// `[email protected]`, which web pages show where a script would put the address.
pub(super) fn is_hidden(text: &str) -> bool {
    text.to_ascii_lowercase().replace(['\u{a0}', ' '], "").contains("[emailprotected]")
}

/// The URI in a link of Markdown or HTML: `[…](mailto:a@d.example)`, `<a href="mailto:a@d.example">…`.
fn linked(text: &str) -> Option<&str> {
    let is_html = || text.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("<a"));
    let is_link = text.starts_with('[') && text.contains("](") || is_html();
    let at = text.to_ascii_lowercase().rfind("mailto:").filter(|_| is_link)?;
    let uri = text[at..].split(['"', '\'', '>', '<', '(', ')', '[', ']', ' ', '\t']).next()?;
    // An address literal has brackets too.
    uri.rsplit_once('@').is_some_and(|(_, domain)| !domain.is_empty()).then_some(uri)
}

/// The address behind a name, as mail programs write it: `A B <a@d.example>`.
fn in_angles(text: &str) -> Option<String> {
    let (_, inner) = text.rsplit_once('<')?;
    let inner = inner.split('>').next()?.trim_matches([' ', '\t']);
    let address = match inner.get(.."mailto:".len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &inner["mailto:".len()..],
        _ => inner,
    };
    address.contains('@').then(|| format!("mailto:{address}"))
}

/// The runs of white space.
pub(super) fn gaps(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find([' ', '\t'])?;
        at = text.len() - text[start..].trim_start_matches([' ', '\t']).len();
        Some(Span::new(start, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dmarc::{LintOptions, Record, mended};

    #[test]
    fn what_is_meant_is_valid_or_not_known() {
        for (member, uri) in [
            ("a b@d.example", "mailto:ab@d.example"),
            ("\"A B\" <mailto:a@d.example>", "mailto:a@d.example"),
            ("mailtoa@ d.example", "mailto:a@d.example"),
            ("mailto:a@example. com", "mailto:a@example.com"),
            ("mailto:a@mail. d.example", "mailto:a@mail.d.example"),
            ("mailto:a@ d .example", "mailto:a@d.example"),
            ("mailto:a b@d.example", "mailto:ab@d.example"),
            ("mailto: a@d.example x", "mailto:a@d.example"),
            ("mailto:a%b%c@d.example", "mailto:a%25b%25c@d.example"),
            ("mailto:a!b@d.example", "mailto:a%21b@d.example"),
        ] {
            assert_eq!(meant(member).as_deref(), Some(uri), "{member}");
        }
        for member in [
            "mailto:a@b@d.example",
            "mailto:.a@d.example",
            "mailto:nobody",
            "a@d.example b@",
            "mailto:a b@d.example c",
            "mailto:\u{e9}@d.example",
        ] {
            assert_eq!(meant(member), None, "{member}");
        }
        let torn = Record::parse("v=DMARC1; p=reject; rua=mailto:a@mail. d.example");
        let mended = mended(&torn, None, &LintOptions::default());
        assert_eq!(mended.as_deref(), Some("v=DMARC1; p=reject; rua=mailto:a@mail.d.example"));
        // Found by a random test: the percent sign stands before a character of two octets.
        assert_eq!(meant("mailto:a@%0\u{a0}"), None);
    }
}
