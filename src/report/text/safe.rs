//! Texts from outside, made fit for a terminal.

use std::fmt;

pub(super) use crate::text::Safe;

/// A citation with its section sign in ASCII: `RFC 7208 section 5.5`.
pub(super) struct Ascii<'a>(pub(super) &'a str);

impl fmt::Display for Ascii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.split('\u{a7}').enumerate() {
            if i > 0 {
                f.write_str("section ")?;
            }
            write!(f, "{}", Safe(part))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(Safe("a\u{1b}[31m\u{202e}b\n").to_string(), "a\\u{1b}[31m\\u{202e}b\\n");
        assert_eq!(Ascii("RFC 7208 §5.5").to_string(), "RFC 7208 section 5.5");
    }
}
