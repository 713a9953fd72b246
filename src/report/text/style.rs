//! Where colour goes, left to the caller.

use std::fmt::{self, Write};

/// What a piece of text is, for who gives it a colour.
///
/// ```
/// use mailproof::report::{RecordInput, text::{Role, Style, Text}};
/// use std::fmt::{self, Write};
///
/// /// Errors in red, as a terminal shows them.
/// struct Red;
/// impl Style for Red {
///     fn start(&self, role: Role, out: &mut dyn Write) -> fmt::Result {
///         if role == Role::Error { out.write_str("\x1b[31m") } else { Ok(()) }
///     }
///     fn end(&self, role: Role, out: &mut dyn Write) -> fmt::Result {
///         if role == Role::Error { out.write_str("\x1b[0m") } else { Ok(()) }
///     }
/// }
/// let mut out = String::new();
/// Text::new(&Red).report(&RecordInput::new("v=spf1 ipv4:192.0.2.1 -all").report(), &mut out)?;
/// assert!(out.contains("\x1b[31merror[spf-mechanism-typo]\x1b[0m"));
/// # Ok::<(), fmt::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Role {
    /// Nothing in particular.
    Plain,
    /// The word of an error, and the caret line under it.
    Error,
    /// The same of a warning.
    Warning,
    /// The same of a note.
    Note,
    /// The word of a repair, or who has to do something.
    Help,
    /// An answer that is well.
    Good,
    /// An answer that is not.
    Bad,
    /// What should be read first.
    Strong,
    /// What should not be in the way.
    Faint,
    /// Lines and marks beside quoted text.
    Gutter,
    /// The line under a second place.
    Related,
    /// A line that a repair adds.
    Added,
    /// A line that a repair takes away.
    Removed,
}

/// Gives text its colour by what it writes before and after.
///
/// ```
/// use std::fmt::{self, Write};
/// use mailproof::report::text::{Role, Style};
///
/// struct Html;
/// impl Style for Html {
///     fn start(&self, role: Role, out: &mut dyn Write) -> fmt::Result {
///         write!(out, "<span class=\"{role:?}\">")
///     }
///     fn end(&self, _: Role, out: &mut dyn Write) -> fmt::Result {
///         out.write_str("</span>")
///     }
/// }
/// ```
pub trait Style {
    /// Writes what comes before a text of this role.
    ///
    /// # Errors
    /// Those of `out`.
    fn start(&self, role: Role, out: &mut dyn Write) -> fmt::Result;

    /// Writes what comes after it.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&self, role: Role, out: &mut dyn Write) -> fmt::Result;
}

/// No colour at all.
///
/// ```
/// use mailproof::report::{RecordInput, text::{Plain, Text}};
///
/// let mut log = String::new();
/// Text::new(&Plain).report(&RecordInput::new("v=spf1 ipv4:192.0.2.1 -all").report(), &mut log)?;
/// assert!(!log.contains('\x1b'), "fit for a file");
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Style for Plain {
    fn start(&self, _: Role, _: &mut dyn Write) -> fmt::Result {
        Ok(())
    }

    fn end(&self, _: Role, _: &mut dyn Write) -> fmt::Result {
        Ok(())
    }
}

/// What `write` writes, as text of `role`.
pub(super) fn styled(
    style: &dyn Style,
    role: Role,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    style.start(role, out)?;
    write(out)?;
    style.end(role, out)
}

/// `text` as text of `role`, for use in a format string.
pub(super) fn paint<'a>(style: &'a dyn Style, role: Role, text: &'a dyn fmt::Display) -> Paint<'a> {
    Paint { style, role, text }
}

pub(super) struct Paint<'a> {
    style: &'a dyn Style,
    role: Role,
    text: &'a dyn fmt::Display,
}

impl fmt::Display for Paint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.style.start(self.role, f)?;
        self.text.fmt(f)?;
        self.style.end(self.role, f)
    }
}
