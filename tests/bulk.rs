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
    let folder = Folder::new("interrupt");
    let zone = folder.file("zone", &zone(50));
    let out = folder.0.join("out");
    let arguments = ["--zone", zone.to_str().unwrap(), "--resume", out.to_str().unwrap()];
    let mut child = start(&arguments);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(domains(50).as_bytes()).unwrap();
    stdin.flush().unwrap();
    // The input stays open, so it is still running.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    drop(stdin);
    assert_eq!(status.code(), Some(130));
    let text = std::fs::read(&out).unwrap();
    assert!(text.is_empty() || text.ends_with(b"\n"));
    assert!(lines(&text).len() <= 50);
    assert!(bulk(&arguments, &domains(50)).status.success());
    assert_eq!(lines(&std::fs::read(&out).unwrap()).len(), 50);
}

/// The recipe of `examples/check/bulk/spark.py` says the same as one run.
#[test]
fn spark_says_the_same() {
    let python = std::env::var("MAILPROOF_PYSPARK").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import pyspark"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
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
