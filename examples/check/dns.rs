//! Who answers DNS questions: a zone file, a server, or the system's resolver.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mailproof::Name;
use mailproof::dns::{Records, Snapshot, Step};
use mailproof::finding::{Label, Subject};
use mailproof::report::text::{Plain, Text};
use mailproof::report::{Input, Report};
use mailproof::resolver::zone::{Data, Reason};
use mailproof::resolver::{Zone, ZoneError, drive_sync};
use mailproof::text::Span;

use crate::output::Failure;

/// Where DNS answers come from. Without either option: the resolver of this system.
#[derive(clap::Args)]
#[group(multiple = false)]
pub(crate) struct Dns {
    /// Take all answers from this zone file (RFC 1035 master text) and those it includes; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    zone: Option<PathBuf>,
    /// Ask this DNS server: an address, or an address and port.
    #[arg(long, value_name = "ADDR")]
    server: Option<String>,
}

impl Dns {
    /// The report on `input`.
    pub(crate) fn check(&self, input: &Input) -> Result<Report, Failure> {
        self.drive(|dns| input.check(dns))
    }

    /// What `evaluate` comes to.
    pub(crate) fn drive<T>(&self, evaluate: impl Fn(&Snapshot) -> Step<T>) -> Result<T, Failure> {
        match &self.zone {
            Some(path) => {
                let zone = read_zone(path)?;
                let mut dns = Snapshot::new();
                let told = drive_sync(&mut dns, |question| zone.answer(question), evaluate);
                if let Some(note) = outside(&zone, &dns) {
                    crate::output::remark(&note);
                }
                Ok(told)
            }
            None => network(self.server.as_deref(), evaluate),
        }
    }
}

/// What was taken as not there though a server of these zones would not say so: names of others, and names that it delegates. A file
/// without SOA records is a whole world.
fn outside(zone: &Zone, dns: &Snapshot) -> Option<String> {
    let owners = |of: fn(&Data) -> bool| {
        let entries = zone.entries().iter().filter(move |entry| of(&entry.data));
        entries.map(|entry| entry.name.clone()).collect::<BTreeSet<_>>()
    };
    let tops = owners(|data| matches!(data, Data::Record(Records::Soa(_))));
    let cuts = owners(|data| matches!(data, Data::Record(Records::Ns(_))));
    // What the file leaves to others of a name: the name itself, or the one above it that it delegates.
    let left = |name: &Name| {
        let mut above = std::iter::successors(Some(name.clone()), Name::parent);
        match above.find(|name| tops.contains(name) || cuts.contains(name)) {
            Some(nearest) => cuts.contains(&nearest).then_some(nearest).filter(|cut| !tops.contains(cut)),
            None => Some(name.clone()),
        }
    };
    // The tree walk goes above the zone, where nobody expects it to speak; nor of the names of addresses.
    let is_above = |name: &Name| {
        if name.as_str().ends_with("in-addr.arpa") || name.as_str().ends_with("ip6.arpa") {
            return true;
        }
        let bare = name.as_str().trim_start_matches("_dmarc.");
        tops.iter().any(|top| bare.is_empty() || top.as_str().ends_with(&format!(".{bare}")))
    };
    let missing = dns.iter().filter(|(_, answer)| answer.records().is_none()).map(|(question, _)| &question.name);
    let names: BTreeSet<Name> = missing.filter_map(left).filter(|name| !is_above(name)).collect();
    if tops.is_empty() || names.is_empty() {
        return None;
    }
    let shown: Vec<&str> = names.iter().map(Name::as_str).take(MAX_SHOWN).collect();
    let more = names.len().saturating_sub(MAX_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "note: the zone file does not speak for {}{more}; what it does not have of them was taken as not there",
        shown.join(", ")
    ))
}

/// Names that a note shows.
const MAX_SHOWN: usize = 5;

/// The zone in a file, with the files that it includes, or why it is none.
pub(crate) fn read_zone(path: &Path) -> Result<Zone, Failure> {
    included(path, &Name::root(), 0)
}

/// Files that include files: as many as a person would still follow.
const MAX_INCLUDES: usize = 8;

fn included(path: &Path, origin: &Name, depth: usize) -> Result<Zone, Failure> {
    let (name, text) = read_text(path)?;
    let refused = |error| Failure::new(told(&name, &text, &error));
    let (mut zone, unread) = Zone::parse_lossy(origin, &text).map_err(refused)?;
    for error in unread {
        match &error.reason {
            // No mail asks for it.
            Reason::Class { .. } => {}
            Reason::Include { file, origin } if depth < MAX_INCLUDES => {
                let beside = path.parent().unwrap_or(Path::new("")).join(file);
                zone.merge(included(&beside, origin, depth + 1)?);
            }
            _ => return Err(refused(error)),
        }
    }
    Ok(zone)
}

/// What a file is called, and its text; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> Result<(String, String), Failure> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        ("standard input".to_owned(), bytes)
    } else {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Failure::new(format!("{name}: {error}")))?;
        (name, bytes)
    };
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::new(format!("{name}: byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
    Ok((name, text))
}

/// The line of a zone file that cannot be read, with a caret.
pub(crate) fn told(name: &str, text: &str, error: &ZoneError) -> String {
    let line = text.lines().nth(error.line.saturating_sub(1) as usize).unwrap_or_default();
    let label = Label::new(&Subject::given(line), caret(line, error));
    let mut out = format!("the zone file cannot be read: {}\n", error.reason);
    let _ = writeln!(out, " --> {name}:{}:{}", error.line, error.column);
    let _ = Text::new(&Plain).snippet(&label, &mut out);
    out
}

/// The place of an error in its line.
fn caret(line: &str, error: &ZoneError) -> Span {
    let column = error.column.saturating_sub(1) as usize;
    let start = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    Span::new(start, (start + error.span.len()).min(line.len()))
}

#[cfg(feature = "hickory")]
fn network<T>(server: Option<&str>, evaluate: impl Fn(&Snapshot) -> Step<T>) -> Result<T, Failure> {
    use mailproof::resolver::drive;
    use mailproof::resolver::hickory::{HickoryResolver, Options};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let resolver = match server {
            Some(server) => HickoryResolver::server(address(server)?, Options::default())?,
            None => HickoryResolver::system(Options::default())?,
        };
        Ok(drive(&mut Snapshot::new(), &resolver, evaluate).await)
    })
}

/// `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`; port 53 unless it is given.
#[cfg(feature = "hickory")]
pub(crate) fn address(text: &str) -> Result<std::net::SocketAddr, Failure> {
    let with_port = text.parse().ok();
    let found = with_port.or_else(|| Some(std::net::SocketAddr::new(text.parse().ok()?, 53)));
    found.ok_or_else(|| {
        Failure::new(format!("`{text}` is not the address of a server; an address, or an address and port, is"))
    })
}

#[cfg(not(feature = "hickory"))]
fn network<T>(_: Option<&str>, _: impl Fn(&Snapshot) -> Step<T>) -> Result<T, Failure> {
    Err(Failure::new(
        "this build cannot ask the DNS.\n\
         Give it a zone file with `--zone FILE` (`-` for standard input), or build it with the feature `hickory`:\n\
         cargo run --features hickory --example check -- spf --ip …",
    ))
}
