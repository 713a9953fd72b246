//! `check bulk`: many domains in one run, over a zone file and, with the feature `hickory`, over a real nsd.
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unused_crate_dependencies)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// So many domains have all kinds of answers; `MAILPROOF_BULK=10000` measures.
fn size() -> usize {
    std::env::var("MAILPROOF_BULK").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// The example, built once; see `tests/suite/face.rs`.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "check", "--target-dir"]).arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        if cfg!(feature = "hickory") {
            build.args(["--features", "hickory"]);
        }
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        profile.join("examples").join(format!("check{}", std::env::consts::EXE_SUFFIX))
    })
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mailproof-bulk-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn zone(domains: usize) -> String {
    let mut zone = "$ORIGIN example.\n$TTL 3600\n@ SOA ns h 1 7200 3600 1209600 3600\n@ NS ns\nns A 127.0.0.1\n\
                    _spf.service TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nmx1.service A 198.51.100.1\n"
        .to_owned();
    for n in 0..domains {
        let (host, all) = if n % 2 == 0 { (format!("mail.d{n}"), '-') } else { ("mx1.service".to_owned(), '~') };
        let address = n % 250 + 1;
        writeln!(zone, "d{n} MX 10 {host}\nd{n} TXT \"v=spf1 mx include:_spf.service.example {all}all\"").unwrap();
        writeln!(zone, "d{n} A 192.0.2.{address}\nmail.d{n} A 192.0.2.{address}").unwrap();
        if n % 3 > 0 {
            let policy = ["none", "reject", "quarantine"][n % 7 % 3];
            writeln!(zone, "_dmarc.d{n} TXT \"v=DMARC1; p={policy}; rua=mailto:d@d{n}.example\"").unwrap();
        }
    }
    zone
}

fn domains(count: usize) -> String {
    (0..count).fold(String::new(), |all, n| all + &format!("d{n}.example\n"))
}

fn bulk(arguments: &[&str], input: &str) -> Output {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(program());
    command.arg("bulk").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn lines(out: &[u8]) -> Vec<serde_json::Value> {
    std::str::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_line_has_its_answer_in_its_place() {
    let folder = Folder::new("order");
    let zone = folder.file("zone", &zone(size()));
    let input = domains(size())
        + "\n{\"domain\": \"d1.example\", \"selectors\": [\"s1\"]}\n{\"domain\": 7}\nhttps://d1.example/\n";
    let output = bulk(&["--zone", zone.to_str().unwrap(), "--concurrency", "7"], &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = lines(&output.stdout);
    assert_eq!(told.len(), size() + 3);
    for (n, line) in told[..size()].iter().enumerate() {
        assert_eq!(line["domain"], format!("d{n}.example"));
    }
    assert!(told[size()]["findings"].to_string().contains("s1._domainkey.d1.example"));
    assert!(told[size() + 1]["error"].is_string());
    assert_eq!(told[size() + 2]["passed"], false);
}

#[test]
fn a_run_goes_on_where_it_ended() {
    let folder = Folder::new("resume");
    let zone = folder.file("zone", &zone(50));
    let zone = zone.to_str().unwrap();
    let whole = bulk(&["--zone", zone], &domains(50)).stdout;
    // Ended in the middle of a line.
    let out = folder.0.join("out");
    std::fs::write(&out, &whole[..whole.len() / 2]).unwrap();
    let arguments = ["--zone", zone, "--resume", out.to_str().unwrap()];
    assert!(bulk(&arguments, &domains(50)).status.success());
    assert_eq!(std::fs::read(&out).unwrap(), whole);
    // Nothing is left to do, and the same file is left.
    assert!(bulk(&arguments, &domains(50)).status.success());
    assert_eq!(std::fs::read(&out).unwrap(), whole);
    // Another input is refused, and the file stays.
    let other = bulk(&arguments, "d3.example\n");
    assert_eq!(other.status.code(), Some(2), "{}", String::from_utf8_lossy(&other.stderr));
    assert_eq!(std::fs::read(&out).unwrap(), whole);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_whole_lines() {
    ["INT", "TERM"].into_iter().for_each(interrupted_by);
}

#[cfg(unix)]
fn interrupted_by(signal: &str) {
    let folder = Folder::new(signal);
    let zone = folder.file("zone", &zone(50));
    let out = folder.0.join("out");
    let arguments = ["--zone", zone.to_str().unwrap(), "--resume", out.to_str().unwrap()];
    let mut child = start(&arguments);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(domains(50).as_bytes()).unwrap();
    stdin.flush().unwrap();
    // The input stays open, so it is still running.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    drop(stdin);
    assert_eq!(status.code(), Some(130));
    let text = std::fs::read(&out).unwrap();
    assert!(text.is_empty() || text.ends_with(b"\n"));
    assert!(lines(&text).len() <= 50);
    assert!(bulk(&arguments, &domains(50)).status.success());
    assert_eq!(lines(&std::fs::read(&out).unwrap()).len(), 50);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::new("full");
    let zone = folder.file("zone", &zone(50));
    let mut command = Command::new(program());
    command.args(["bulk", "--zone", zone.to_str().unwrap()]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = command.stdout(full).spawn().unwrap();
    child.stdin.take().unwrap().write_all(domains(50).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_zone_from_standard_input_is_refused() {
    let output = bulk(&["--zone", "-"], "d.example\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the zone has to be a file"));
}

/// The recipe of `examples/check/bulk/spark.py` says the same as one run. Once in CI: starting Spark takes its time.
#[cfg(feature = "hickory")]
#[test]
fn spark_says_the_same() {
    let python = std::env::var("MAILPROOF_PYSPARK").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import pyspark"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        let required = std::env::var("MAILPROOF_REQUIRE_REAL_PARTS").is_ok_and(|value| value == "1");
        assert!(!required, "PySpark is not installed for `{python}`");
        eprintln!("skipped: the recipe for Spark (PySpark is not installed for `{python}`)");
        return;
    }
    let folder = Folder::new("spark");
    let (zone, list) = (folder.file("zone", &zone(60)), folder.file("domains", &domains(60)));
    let whole = bulk(&["--zone", zone.to_str().unwrap()], &domains(60)).stdout;
    let out = folder.0.join("out");
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/check/bulk/spark.py");
    let command = format!("{} bulk --zone {}", program().display(), zone.display());
    let run = Command::new(&python).arg(recipe).args([&list, &out]).arg(command).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut parts: Vec<_> = std::fs::read_dir(&out).unwrap().map(|part| part.unwrap().path()).collect();
    parts.retain(|part| part.file_name().is_some_and(|name| name.to_string_lossy().starts_with("part-")));
    parts.sort();
    assert!(parts.len() > 1);
    let together: Vec<u8> = parts.iter().flat_map(|part| std::fs::read(part).unwrap()).collect();
    assert_eq!(String::from_utf8(together).unwrap(), String::from_utf8(whole).unwrap());
}

#[cfg(feature = "hickory")]
struct Server(Child);

#[cfg(feature = "hickory")]
impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM lets nsd end its children.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[cfg(feature = "hickory")]
#[test]
fn a_real_server_says_the_same() {
    let Some(nsd) = ["/usr/sbin/nsd", "/usr/bin/nsd"].into_iter().find(|path| Path::new(path).is_file()) else {
        assert!(std::env::var("MAILPROOF_REQUIRE_REAL_PARTS").is_ok_and(|value| value == "1"), "nsd is not installed");
        eprintln!("skipped: bulk over a real name server (nsd is not installed)");
        return;
    };
    let folder = Folder::new("nsd");
    let text = zone(size());
    let zone = folder.file("example.zone", &text);
    let port = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let directory = folder.0.display();
    let config = format!(
        "server:\n ip-address: 127.0.0.1@{port}\n username: \"\"\n chroot: \"\"\n zonesdir: \"{directory}\"\n \
         database: \"\"\n pidfile: \"{directory}/pid\"\n xfrdfile: \"{directory}/xfrd\"\n zonelistfile: \"{directory}/list\"\n \
         logfile: \"{directory}/log\"\n server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n\
         zone:\n name: example\n zonefile: example.zone\n"
    );
    let config = folder.file("nsd.conf", &config);
    program();
    let server =
        Command::new(nsd).args(["-d", "-c"]).arg(config).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _server = Server(server);
    let address = format!("127.0.0.1:{port}");
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let ready = || String::from_utf8_lossy(&bulk(&["--server", &address], "d0.example\n").stdout).contains("\"spf-");
    while !ready() {
        assert!(
            std::time::Instant::now() < deadline,
            "{}",
            std::fs::read_to_string(folder.0.join("log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let begin = std::time::Instant::now();
    let output = bulk(&["--server", &address], &domains(size()));
    eprintln!("{} domains in {:?}: {}", size(), begin.elapsed(), String::from_utf8_lossy(&output.stderr));
    let offline = bulk(&["--zone", zone.to_str().unwrap()], &domains(size()));
    let (there, here) = (lines(&output.stdout), lines(&offline.stdout));
    assert_eq!(there.len(), size());
    for (there, here) in there.iter().zip(&here) {
        assert_eq!((&there["domain"], &there["policy"]), (&here["domain"], &here["policy"]));
    }
}

/// What came to a name server: questions that it has not answered yet, by their domains.
#[cfg(feature = "hickory")]
#[derive(Default)]
struct Desk {
    open: std::collections::BTreeSet<Vec<u8>>,
    most_questions: usize,
    most_domains: usize,
}

#[cfg(feature = "hickory")]
impl Desk {
    fn take(&mut self, question: &[u8]) {
        self.open.insert(question.to_vec());
        self.most_questions = self.most_questions.max(self.open.len());
        // Who serves a domain is asked before its turn.
        let waiting = self.open.iter().filter(|question| !question.ends_with(NS));
        let domains: std::collections::BTreeSet<_> = waiting.filter_map(|question| domain(question)).collect();
        self.most_domains = self.most_domains.max(domains.len());
    }
}

/// The label before `example` at the end, where it is that of a domain of the list: what is above them is shared.
#[cfg(feature = "hickory")]
fn domain(question: &[u8]) -> Option<&[u8]> {
    let mut labels = Vec::new();
    let mut rest = question;
    while let Some((&length, after)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let (label, after) = after.split_at(length.into());
        labels.push(label);
        rest = after;
    }
    let label = *labels.get(labels.len().checked_sub(2)?)?;
    label.strip_prefix(b"d").is_some_and(|number| number.iter().all(u8::is_ascii_digit)).then_some(label)
}

#[cfg(feature = "hickory")]
const NS: &[u8] = b"\0\x02\0\x01";

/// A name server that takes its time: every name has `ns.host.example` as its name server, and nothing else.
#[cfg(feature = "hickory")]
fn slow_server() -> (String, std::sync::Arc<std::sync::Mutex<Desk>>) {
    let socket = std::sync::Arc::new(std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap());
    let address = socket.local_addr().unwrap().to_string();
    let desk = std::sync::Arc::new(std::sync::Mutex::new(Desk::default()));
    let seen = std::sync::Arc::clone(&desk);
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let name = buffer[12..length].iter().position(|octet| *octet == 0).unwrap();
            let end = 12 + name + 5;
            let mut message = buffer[..end].to_vec();
            // A response with this question and, for NS, an answer; without what EDNS added.
            message[2] |= 0x80;
            message[6..12].fill(0);
            if message.ends_with(NS) {
                message[7] = 1;
                message.extend(b"\xc0\x0c\0\x02\0\x01\0\0\x0e\x10\0\x11\x02ns\x04host\x07example\0");
            }
            seen.lock().unwrap().take(&message[12..end]);
            let (socket, seen) = (std::sync::Arc::clone(&socket), std::sync::Arc::clone(&seen));
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                seen.lock().unwrap().open.remove(&message[12..end]);
                socket.send_to(&message, from).unwrap();
            });
        }
    });
    (address, desk)
}

#[cfg(feature = "hickory")]
#[test]
fn nobody_is_asked_too_much_at_once() {
    let (address, desk) = slow_server();
    let output = bulk(&["--server", &address, "--in-flight", "9", "--per-operator", "3"], &domains(24));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines(&output.stdout).len(), 24);
    let desk = desk.lock().unwrap();
    assert!((5..=9).contains(&desk.most_questions), "{} questions", desk.most_questions);
    assert!((2..=3).contains(&desk.most_domains), "{} domains", desk.most_domains);
}
