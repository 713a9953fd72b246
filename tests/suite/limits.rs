//! Every limit is a constant with its reason, and SECURITY.md lists them all.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- limits -->\n";
const END: &str = "<!-- end of limits -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// `const MAX_…: T = value;`, with what stands above it.
struct Limit {
    file: String,
    name: String,
    value: String,
    reason: String,
}

#[test]
fn security_md_lists_every_limit() {
    let mut limits = Vec::new();
    read(&root().join("src"), &mut limits);
    let mut table = "| where | limit | value | reason |\n|---|---|---|---|\n".to_owned();
    for Limit { file, name, value, reason } in &limits {
        assert!(!reason.is_empty(), "{file}: {name} has no reason");
        writeln!(table, "| `{file}` | `{name}` | {value} | {reason} |").expect("memory");
    }
    let path = root().join("SECURITY.md");
    let text = std::fs::read_to_string(&path).expect("SECURITY.md");
    let (before, rest) = text.split_once(BEGIN).expect("where the limits begin");
    let (listed, after) = rest.split_once(END).expect("where they end");
    if listed != table && std::env::var_os("MAILPROOF_WRITE_LIMITS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("a file");
        return;
    }
    let missing: Vec<&str> = table.lines().filter(|line| !listed.lines().any(|other| other == *line)).collect();
    let stale: Vec<&str> = listed.lines().filter(|line| !table.lines().any(|other| other == *line)).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "run with MAILPROOF_WRITE_LIMITS=1\nmissing: {missing:#?}\nstale: {stale:#?}"
    );
}

fn read(directory: &Path, out: &mut Vec<Limit>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            of_file(&path, out);
        }
    }
}

fn of_file(path: &Path, out: &mut Vec<Limit>) {
    let text = std::fs::read_to_string(path).expect("a file");
    let file = path.strip_prefix(root()).expect("inside").display().to_string().replace('\\', "/");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut reason = Vec::new();
    for line in code.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            reason.push(doc.trim().to_owned());
            continue;
        }
        if let Some((name, value)) = limit(line) {
            let reason = reason.join(" ").replace('|', "\\|");
            out.push(Limit { file: file.clone(), name, value, reason });
        }
        reason.clear();
    }
}

/// Name and value, as a number where it is one.
fn limit(line: &str) -> Option<(String, String)> {
    let declared = line.split_once("const ")?.1;
    let (name, rest) = declared.split_once(':')?;
    let value = rest.split_once(" = ")?.1.strip_suffix(';')?;
    let is_limit = name.starts_with("MAX_")
        && line.split("const ").next().is_some_and(|before| before.is_empty() || before.starts_with("pub"));
    is_limit.then(|| (name.to_owned(), value.to_owned()))
}
