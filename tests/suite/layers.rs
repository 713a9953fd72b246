//! Imports point one way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which folders and files of `src/` each of them may import. The order is that of the house: words, syntax and
/// evaluation, telling, edges. Protocol folders never import each other. All may import `order` and `reading`.
const ALLOWED: &[(&str, &[&str])] = &[
    // Words, downwards in this order.
    ("order", &[]),
    ("reading", &[]),
    ("text", &[]),
    ("ip", &[]),
    ("time", &[]),
    ("name", &["text"]),
    ("mailbox", &["name"]),
    ("dns", &["text", "name"]),
    ("finding", &["text", "name", "dns"]),
    ("tag_list", &["text"]),
    ("actor", &[]),
    ("aliases", &["text", "name", "dns", "finding"]),
    ("panel", &["unread", "text", "finding"]),
    ("unread", &["text", "finding"]),
    ("other_record", &["name", "dns", "finding"]),
    // Protocols.
    ("spf", &["panel", "unread", "other_record", "text", "time", "name", "mailbox", "dns", "finding"]),
    ("dkim", &["aliases", "panel", "unread", "text", "time", "name", "dns", "finding", "tag_list", "message"]),
    // The one exception: ARC reuses DKIM's canonicalization, keys and hashes, through `dkim::primitives`.
    ("arc", &["unread", "text", "time", "name", "dns", "finding", "tag_list", "message", "dkim"]),
    (
        "dmarc",
        &[
            "aliases",
            "panel",
            "unread",
            "other_record",
            "text",
            "time",
            "name",
            "mailbox",
            "dns",
            "finding",
            "tag_list",
        ],
    ),
    ("srs", &["text", "time", "name", "mailbox", "dns", "finding"]),
    ("message", &["ip", "unread", "text", "time", "name", "mailbox", "dns", "finding", "tag_list"]),
    ("xml", &["text"]),
    ("txt_place", &["panel", "text", "name", "dns", "finding"]),
    ("version_repair", &["text", "finding", "tag_list", "other_record"]),
    (
        "tls_rpt",
        &[
            "aliases",
            "panel",
            "unread",
            "version_repair",
            "text",
            "name",
            "mailbox",
            "dns",
            "finding",
            "tag_list",
            "txt_place",
        ],
    ),
    (
        "mta_sts",
        &["aliases", "panel", "unread", "version_repair", "text", "name", "dns", "finding", "tag_list", "txt_place"],
    ),
    (
        "bimi",
        &[
            "panel",
            "unread",
            "aliases",
            "version_repair",
            "text",
            "time",
            "name",
            "dns",
            "finding",
            "tag_list",
            "txt_place",
            "xml",
        ],
    ),
    // Telling.
    ("sender", &["text", "name", "mailbox", "finding", "actor", "message"]),
    ("aggregate", &["unread", "text", "time", "finding", "message", "xml"]),
    ("bounce", &["ip", "text", "name", "mailbox", "finding", "tag_list", "actor", "message"]),
    (
        "domain",
        &[
            "aliases", "ip", "unread", "panel", "text", "name", "dns", "finding", "spf", "dkim", "dmarc", "mta_sts",
            "tls_rpt", "bimi",
        ],
    ),
    ("forwarding", &["ip", "text", "name", "finding", "actor", "message", "spf", "dmarc", "srs"]),
    ("cause", &["finding", "actor"]),
    // A room inside syntax that tells: a message with every check about it.
    (
        "message/diagnose",
        &[
            "ip",
            "unread",
            "text",
            "time",
            "name",
            "mailbox",
            "dns",
            "finding",
            "spf",
            "dkim",
            "arc",
            "dmarc",
            "srs",
            "actor",
            "sender",
            "bounce",
            "cause",
            "forwarding",
            "message",
        ],
    ),
    (
        "report",
        &[
            "unread",
            "text",
            "time",
            "name",
            "mailbox",
            "dns",
            "finding",
            "tag_list",
            "spf",
            "dkim",
            "arc",
            "dmarc",
            "srs",
            "actor",
            "cause",
            "domain",
            "message",
            "panel",
            "bimi",
            "mta_sts",
            "tls_rpt",
            "sender",
            "bounce",
            "forwarding",
        ],
    ),
    // Pages only.
    ("guide", &[]),
    // Edges.
    ("resolver", &["text", "name", "dns"]),
    ("mail_auth", &["text", "time", "name", "dns", "finding", "spf", "dkim", "arc", "dmarc", "message", "resolver"]),
    (
        "wasm",
        &[
            "text",
            "time",
            "name",
            "dns",
            "finding",
            "dmarc",
            "srs",
            "sender",
            "bounce",
            "report",
            "resolver",
            "forwarding",
            "rule",
            "rules",
            "rules_of_texts",
        ],
    ),
    ("zone_file", &["text", "name", "dns", "finding", "domain", "resolver"]),
];

/// Files of a protocol that evaluate or read: they decide, and never tell.
const SILENT: &[&str] = &[
    "record",
    "qualifier",
    "parse",
    "macros",
    "check_host",
    "select",
    "session",
    "expand",
    "outcome",
    "trace",
    "received_spf",
];

/// Files that only tests see.
const TEST_FILES: &[&str] = &["tests.rs", "testing.rs", "pages.rs", "shared.rs"];

#[test]
fn imports_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files(&src) {
        let path = file.strip_prefix(&src).expect("a file of src").to_string_lossy().replace('\\', "/");
        let room = path.split(['/', '.']).next().unwrap_or_default().to_owned();
        if room == "lib" {
            continue;
        }
        seen.insert(room.clone());
        // A room inside a room has a line of its own; otherwise that of the room around it holds.
        let inner = |name: &str| name.contains('/') && path.starts_with(&format!("{name}/"));
        let line = ALLOWED.iter().find(|(name, _)| inner(name));
        let Some((_, allowed)) = line.or_else(|| ALLOWED.iter().find(|(name, _)| *name == room)) else {
            wrong.push(format!("{path}: `{room}` has no place in the order"));
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for (line, import) in imports(&text) {
            let target = match import.as_str() {
                "Name" => "name",
                "Mailbox" => "mailbox",
                "Timestamp" => "time",
                "Actor" => "actor",
                other => other,
            };
            if target != room && !["order", "reading"].contains(&target) && !allowed.contains(&target) {
                wrong.push(format!("{path}:{line}: imports `{target}`"));
            }
        }
        let inside = path.split(['/', '.']).nth(1).unwrap_or_default();
        if SILENT.contains(&inside)
            && text.lines().any(|line| line.contains("rules::") && line.trim_start().starts_with("use "))
        {
            wrong.push(format!("{path}: an evaluator tells"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.contains("spf") && seen.contains("text"), "{seen:?}");
}

/// What stands after `crate::` in code, with its line; tests may import what they like.
fn imports(text: &str) -> Vec<(usize, String)> {
    let code = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for (number, line) in code {
        // `pub(in crate::spf)` and `$crate::` name a place and import nothing.
        let line = line.replace("$crate::", "").replace("in crate::", "");
        for after in line.split("crate::").skip(1) {
            let list = after.strip_prefix('{').map_or(after, |list| list.split('}').next().unwrap_or_default());
            let parts = if after.starts_with('{') { list.split(',').collect() } else { vec![list] };
            for part in parts {
                let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !name.is_empty() {
                    found.push((number + 1, name));
                }
            }
        }
    }
    found
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !TEST_FILES.iter().any(|f| path.ends_with(f))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}
