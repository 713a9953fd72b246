//! What the tests with real parts share: finding programs, starting them as root, waiting for them, and cleaning up.
#![allow(dead_code, unreachable_pub, clippy::disallowed_methods, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Says that a test is skipped since `what` is missing; fails with `MAILPROOF_REQUIRE_REAL_PARTS=1`.
#[track_caller]
pub fn skipped(what: &str) {
    let required = std::env::var_os("MAILPROOF_REQUIRE_REAL_PARTS").is_some_and(|value| value == "1");
    assert!(!required, "{what}");
    eprintln!("skipped: {what}");
}

/// A program in `PATH`, or where Debian puts what only root starts.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    directories.map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// The program, started as root: directly, or by sudo if it asks for no password.
pub fn as_root(program: impl AsRef<OsStr>) -> Option<Command> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(Command::new(program));
    }
    let allowed =
        Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    allowed.then(|| {
        let mut command = Command::new("sudo");
        command.arg("-n").arg(program);
        command
    })
}

/// Runs it to its end, which has to be a good one; what it printed.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A port of the loopback interface that is free for UDP and TCP, and that no other test of this program got: the system gives a
/// port again before the server that is to have it has started.
pub fn free_port() -> SocketAddr {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..100 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() && GIVEN.lock().unwrap().insert(address.port()) {
            return address;
        }
    }
    panic!("no port is free for UDP and TCP")
}

/// A connection to a server that may still be starting.
#[track_caller]
pub fn connect(port: u16, server: &str) -> TcpStream {
    let stream = wait_for(server, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// What `look` finds, within 20 seconds.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Ends a server with SIGTERM, so that it can end its children; with SIGKILL after five seconds.
pub fn stop(process: &mut Child) {
    let _ = Command::new("kill").arg(process.id().to_string()).status();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline && matches!(process.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = process.kill();
    let _ = process.wait();
}

/// A folder for a test's files, removed when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mailproof-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file into it.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    /// Servers that root started leave files that only root may remove.
    fn drop(&mut self) {
        if std::fs::remove_dir_all(&self.0).is_err()
            && let Some(mut remove) = as_root("rm")
        {
            let _ = remove.arg("-rf").arg(&self.0).status();
        }
    }
}

/// `examples/check`, built once.
pub fn check_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example("check"))
}

/// A program of `examples`, built. `cargo test` has built it, `cargo test --test suite` has not, so cargo is asked again:
/// where nothing has changed that takes no time.
pub fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/suite-0123 and target/<profile>/examples/check
    let profile = test.parent().and_then(Path::parent).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--example", name, "--target-dir"]).arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    // With other features than the test's own it would be built again and again.
    if cfg!(feature = "mail-auth") {
        build.args(["--features", "mail-auth"]);
    } else if cfg!(feature = "hickory") {
        build.args(["--features", "hickory"]);
    }
    run(build.current_dir(env!("CARGO_MANIFEST_DIR")));
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
