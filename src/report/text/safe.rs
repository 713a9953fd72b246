//! Texts from outside, made fit for a terminal.

use std::fmt::{self, Write as _};

use crate::text::is_invisible;

/// A message or name whose control and invisible characters are shown as escapes.
pub(super) struct Safe<'a>(pub(super) &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        for c in self.0.chars() {
            if is_invisible(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

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
