//! Master text to tokens (RFC 1035 §5.1).

use super::error::{Fault, Reason};
use crate::text::Span;

/// A word or a quoted string; its span holds the quotation marks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) span: Span,
    pub(super) quoted: bool,
}

/// Where an entry begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// The entry begins with white space: its owner is the one above.
    pub(super) blank: bool,
    /// The line of its first token, counted from 1.
    pub(super) line: u32,
    pub(super) line_start: usize,
}

/// Splits a text into entries. An entry is a line, or several of them held together by parentheses.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    line_start: usize,
    /// White space that every line begins with and that means nothing.
    indent: usize,
    /// The parentheses that are open.
    open: Vec<usize>,
    /// Where the entry begins that is read.
    head: Head,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, indent: usize) -> Self {
        let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        let head = Head { blank: false, line: 1, line_start: 0 };
        Self { text, at, line: 1, line_start: 0, indent, open: Vec::new(), head }
    }

    /// Puts the tokens of the next entry that has any into `tokens`. `None` at the end of the text.
    pub(super) fn entry(&mut self, tokens: &mut Vec<Token>) -> Result<Option<Head>, Fault> {
        tokens.clear();
        while self.at < self.text.len() {
            let blank = self.skip_indent();
            self.head = Head { blank, line: self.line, line_start: self.line_start };
            self.line_tokens(tokens)?;
            if !tokens.is_empty() {
                return Ok(Some(self.head));
            }
        }
        Ok(None)
    }

    /// Where the entry begins that was read last, or could not be read.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// Goes to the entry behind one that could not be read: behind its line, and behind the parentheses that it opened.
    pub(super) fn skip_entry(&mut self) {
        let mut left_out = Vec::new();
        loop {
            self.at += memchr::memchr(b'\n', self.bytes()).unwrap_or(self.bytes().len());
            if !self.bytes().is_empty() {
                self.newline();
            }
            if self.open.is_empty() || self.line_tokens(&mut left_out).is_ok() {
                return;
            }
        }
    }

    /// Whether white space follows the common indent.
    fn skip_indent(&mut self) -> bool {
        let common = self.bytes().iter().take(self.indent).take_while(|b| is_blank(**b)).count();
        self.at += common;
        self.bytes().first().is_some_and(|b| is_blank(*b))
    }

    fn line_tokens(&mut self, tokens: &mut Vec<Token>) -> Result<(), Fault> {
        while let Some(&byte) = self.bytes().first() {
            match byte {
                b'\n' => {
                    self.newline();
                    if self.open.is_empty() {
                        return Ok(());
                    }
                    if tokens.is_empty() {
                        (self.head.line, self.head.line_start) = (self.line, self.line_start);
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' => self.at += memchr::memchr(b'\n', self.bytes()).unwrap_or(self.bytes().len()),
                b'(' => {
                    self.open.push(self.at);
                    self.at += 1;
                }
                b')' => {
                    if self.open.pop().is_none() {
                        return Err(Reason::StrayParenthesis.at(Span::new(self.at, self.at + 1)));
                    }
                    self.at += 1;
                }
                b'"' => tokens.push(self.quoted()?),
                _ => tokens.push(self.word()?),
            }
        }
        match self.open.pop() {
            Some(at) => Err(Reason::OpenParenthesis.at(Span::new(at, at + 1))),
            None => Ok(()),
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line = self.line.saturating_add(1);
        self.line_start = self.at;
    }

    fn quoted(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            let Some(skip) = memchr::memchr3(b'"', b'\\', b'\n', self.bytes()) else {
                return Err(Reason::OpenQuote.at(Span::new(start, start + 1)));
            };
            self.at += skip;
            match self.bytes()[0] {
                b'"' => {
                    self.at += 1;
                    return Ok(Token { span: Span::new(start, self.at), quoted: true });
                }
                b'\\' => self.escaped()?,
                _ => return Err(Reason::OpenQuote.at(Span::new(start, start + 1))),
            }
        }
    }

    fn word(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        while let Some(&byte) = self.bytes().first() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"' => break,
                b'\\' => self.escaped()?,
                _ => self.at += 1,
            }
        }
        Ok(Token { span: Span::new(start, self.at), quoted: false })
    }

    /// Steps over a backslash and the first byte of what it escapes.
    fn escaped(&mut self) -> Result<(), Fault> {
        match self.bytes().get(1) {
            None | Some(b'\n' | b'\r') => Err(Reason::Escape.at(Span::new(self.at, self.at + 1))),
            Some(_) => {
                self.at += 2;
                Ok(())
            }
        }
    }

    fn bytes(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// White space that all lines share. A master text never has any, since its first entry needs an
/// owner; a text that stands indented in a program has.
pub(super) fn common_indent(text: &str) -> usize {
    let mut indent = usize::MAX;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        indent = indent.min(line.bytes().take_while(|b| is_blank(*b)).count());
        if indent == 0 {
            return 0;
        }
    }
    if indent == usize::MAX { 0 } else { indent }
}
