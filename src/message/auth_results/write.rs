//! Writing a field: values from strangers cannot end early or begin another result.

use super::parse::is_token;

/// A result to write.
///
/// ```
/// use mailproof::message::{NewResult, write_auth_results};
///
/// let dkim = NewResult { method: "dkim", result: "fail", reason: "body was changed", ..NewResult::default() };
/// assert_eq!(write_auth_results("mx.example", &[dkim]), "mx.example;\r\n\tdkim=fail reason=\"body was changed\"");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NewResult<'a> {
    /// spf, dkim, dmarc, …
    pub method: &'a str,
    /// pass, fail, …
    pub result: &'a str,
    /// Words for people, written as a comment.
    pub comment: &'a str,
    /// Why, for programs too.
    pub reason: &'a str,
    /// What was looked at.
    pub properties: Vec<NewProperty<'a>>,
}

/// A property to write.
///
/// ```
/// use mailproof::message::{NewProperty, NewResult, write_auth_results};
///
/// let signer = NewProperty { ptype: "header", name: "d", value: "d.example" };
/// let dkim = NewResult { method: "dkim", result: "pass", properties: vec![signer], ..NewResult::default() };
/// assert_eq!(write_auth_results("mx.example", &[dkim]), "mx.example;\r\n\tdkim=pass header.d=d.example");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NewProperty<'a> {
    /// smtp, header, body or policy.
    pub ptype: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its value; it is quoted where that is needed.
    pub value: &'a str,
}

/// The body of an Authentication-Results field; `none` if there are no results.
///
/// Methods, results and names must be keywords: what is not is left out. Lines are folded between results and properties.
///
/// ```
/// use mailproof::message::{NewProperty, NewResult, write_auth_results};
///
/// let mailfrom = NewProperty { ptype: "smtp", name: "mailfrom", value: "any@legit.example(.attack.example" };
/// let spf = NewResult { method: "spf", result: "fail", properties: vec![mailfrom], ..NewResult::default() };
/// assert_eq!(
///     write_auth_results("mx.example", &[spf]),
///     "mx.example;\r\n\tspf=fail smtp.mailfrom=\"any@legit.example(.attack.example\""
/// );
/// ```
pub fn write(authserv_id: &str, results: &[NewResult<'_>]) -> String {
    let mut out = String::new();
    push_token(&mut out, authserv_id);
    let good = results.iter().filter(|result| is_keyword(result.method) && is_keyword(result.result));
    let mut line = Line::default();
    let mut any = false;
    for result in good {
        any = true;
        out.push_str(";\r\n\t");
        line.used = 8;
        line.push(&mut out, &format!("{}={}", result.method, result.result));
        if !result.comment.is_empty() {
            line.push(&mut out, &comment(result.comment));
        }
        if !result.reason.is_empty() {
            let mut reason = "reason=".to_owned();
            push_token(&mut reason, result.reason);
            line.push(&mut out, &reason);
        }
        for property in result.properties.iter().filter(|p| is_keyword(p.ptype) && is_keyword(p.name)) {
            let mut text = format!("{}.{}=", property.ptype, property.name);
            push_value(&mut text, property.value);
            line.push(&mut out, &text);
        }
    }
    if !any {
        out.push_str("; none");
    }
    out
}

/// Columns after which a line is folded (RFC 5322 §2.1.1: 78 without the line end).
const LINE: usize = 78;

#[derive(Default)]
struct Line {
    used: usize,
}

impl Line {
    fn push(&mut self, out: &mut String, text: &str) {
        let length = text.chars().count();
        if !out.ends_with('\t') {
            if self.used + 1 + length > LINE {
                out.push_str("\r\n\t");
                self.used = 8;
            } else {
                out.push(' ');
                self.used += 1;
            }
        }
        out.push_str(text);
        self.used += length;
    }
}

fn is_keyword(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// `value` of RFC 8601 §2.2: a token or a quoted string.
fn push_token(out: &mut String, value: &str) {
    if !value.is_empty() && value.chars().all(is_token) {
        out.push_str(value);
    } else {
        push_quoted(out, value);
    }
}

/// `pvalue`: an address may stand without quotes too.
fn push_value(out: &mut String, value: &str) {
    if is_plain_address(value) {
        out.push_str(value);
    } else {
        push_token(out, value);
    }
}

/// `[local-part]@domain-name` that stays one word; a domain-name has two labels or more (RFC 6376 §3.5).
fn is_plain_address(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let is_label = |label: &str| is_keyword(label);
    (local.is_empty() || local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(|c| is_token(c) && c != '.')))
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn push_quoted(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn comment(text: &str) -> String {
    let mut out = String::from("(");
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out.push(')');
    out
}
