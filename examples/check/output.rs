//! Where answers go, in which form and colour.

use std::fmt;
use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style as Ansi};
use mailproof::report::text::{Plain, Role, Style, Text};
use mailproof::report::{Report, markdown, sarif};

/// How answers are printed.
#[derive(clap::Args)]
pub(crate) struct Output {
    /// In which form.
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", global = true)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long, global = true, conflicts_with = "format")]
    json: bool,
    /// When to use colour.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto", global = true)]
    color: Color,
}

/// A form of an answer.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// The whole report, with everything that the DNS said.
    Json,
    /// For a ticket or a comment.
    Markdown,
    /// SARIF 2.1.0: what was found, as code hosts read it for annotations.
    Sarif,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether all is well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Status {
    /// Exit status 0.
    Pass,
    /// Exit status 1.
    NotPass,
    /// Somebody pressed Ctrl-C: exit status 130, as a shell has it.
    Interrupted,
}

/// Why there is no answer at all: exit status 2.
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Output {
    /// Prints a report; its answer is the exit status.
    pub(crate) fn report(&self, report: &Report) -> Result<Status, Failure> {
        self.report_on(report, None)
    }

    /// Prints a report on a message that is in `file`.
    pub(crate) fn report_on(&self, report: &Report, file: Option<&str>) -> Result<Status, Failure> {
        match self.format() {
            Format::Text => self.text(|text, out| text.report(report, out))?,
            Format::Json => self.json(report)?,
            Format::Markdown => self.text(|_, out| markdown::report(report, out))?,
            Format::Sarif => self.json(&sarif::report(report, file))?,
        }
        Ok(if report.passed { Status::Pass } else { Status::NotPass })
    }

    /// The form that is wanted.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// For what has no findings in files.
    pub(crate) fn without_sarif(&self) -> Result<(), Failure> {
        match self.format() {
            Format::Text | Format::Json | Format::Markdown => Ok(()),
            Format::Sarif => Err(Failure::new("SARIF is a form of findings, and this prints none")),
        }
    }

    /// Prints `value` as JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let mut json = serde_json::to_string_pretty(value)?;
        json.push('\n');
        print(&mut io::stdout().lock(), &json);
        Ok(())
    }

    /// Prints what `write` writes.
    pub(crate) fn text(&self, write: impl FnOnce(Text<'_>, &mut String) -> fmt::Result) -> Result<(), Failure> {
        let mut out = AutoStream::new(io::stdout().lock(), self.choice(&io::stdout()));
        let style: &dyn Style = if out.current_choice() == ColorChoice::Never { &Plain } else { &Colours };
        let mut text = String::new();
        write(Text::new(style), &mut text)?;
        print(&mut out, &text);
        Ok(())
    }

    fn choice(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            Color::Auto => AutoStream::choice(stream),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

/// Prints why there is no answer.
pub(crate) fn complain(output: &Output, failure: &Failure) {
    let mut out = AutoStream::new(io::stderr().lock(), output.choice(&io::stderr()));
    let red = AnsiColor::Red.on_default().bold();
    print(&mut out, &format!("{red}error{red:#}: {}\n", failure.0.trim_end()));
}

/// Says something beside the answer.
pub(crate) fn remark(text: &str) {
    print(&mut io::stderr().lock(), &format!("{text}\n"));
}

/// A reader that went away (`| head`) wants no more, and is no error of ours.
fn print(out: &mut impl io::Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Colours for a terminal of sixteen.
struct Colours;

impl Colours {
    fn of(role: Role) -> Ansi {
        match role {
            Role::Error | Role::Bad => AnsiColor::Red.on_default().bold(),
            Role::Warning => AnsiColor::Yellow.on_default().bold(),
            Role::Note => AnsiColor::Cyan.on_default().bold(),
            Role::Help => AnsiColor::Cyan.on_default(),
            Role::Good => AnsiColor::Green.on_default().bold(),
            Role::Strong => Ansi::new().bold(),
            Role::Faint => Ansi::new().dimmed(),
            Role::Gutter | Role::Related => AnsiColor::Blue.on_default(),
            Role::Added => AnsiColor::Green.on_default(),
            Role::Removed => AnsiColor::Red.on_default(),
            _ => Ansi::new(),
        }
    }
}

impl Style for Colours {
    fn start(&self, role: Role, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}", Self::of(role))
    }

    fn end(&self, role: Role, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{:#}", Self::of(role))
    }
}
