//! The servers, and mail through them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Folder, as_root, example, find, run, stop, wait_for};

/// Addresses of the hosts in `example.zone`, and of its name server.
const ADDRESSES: [&str; 7] =
    ["192.0.2.10", "192.0.2.20", "192.0.2.30", "192.0.2.40", "192.0.2.50", "192.0.2.60", "192.0.2.53"];

/// Each Postfix: its folder, its host name, its address, and what it does beside what all do.
const POSTFIXES: [(&str, &str, &str, &str); 6] = [
    ("papershop", "mx.papershop.example", ADDRESSES[0], include_str!("papershop.cf")),
    ("fwd", "mx.fwd.example", ADDRESSES[1], include_str!("fwd.cf")),
    ("srs", "mx.srs.example", ADDRESSES[2], include_str!("srs.cf")),
    ("lists", "mx.lists.school.example", ADDRESSES[3], include_str!("lists.cf")),
    ("mailbox", "mx.mailbox.example", ADDRESSES[4], include_str!("mailbox.cf")),
    ("guarded", "mx.guarded.example", ADDRESSES[5], include_str!("guarded.cf")),
];

const FOOTER: &str =
    "_______________________________________________\nparents mailing list\nparents@lists.school.example\n";

/// Everything runs in one network namespace and one folder, and is gone when this is dropped.
pub(crate) struct World {
    namespace: String,
    servers: Vec<Child>,
    folder: Folder,
}

impl World {
    /// `None` if something is missing here.
    pub(crate) fn start() -> Option<Self> {
        as_root("true")?;
        for program in ["ip", "nsd", "unbound", "postfix", "postsrsd", "opendkim", "altermime"] {
            find(program)?;
        }
        let mut world = Self {
            namespace: format!("mailproof-{}", std::process::id()),
            servers: Vec::new(),
            folder: Folder::new("mail-system"),
        };
        world.make_network();
        world.start_dns();
        world.start_filters();
        for (name, host, address, more) in POSTFIXES {
            world.start_postfix(name, host, address, more);
        }
        Some(world)
    }

    /// A program inside the namespace, as root.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = root("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program.as_ref());
        command
    }

    /// Hands a message to the sender's Postfix, and waits for it in `mailbox`, a folder below that of a Postfix; the file.
    ///
    /// `number` is the message's, so that it is known again.
    pub(crate) fn send(&self, number: usize, from: &str, to: &str, mailbox: &str) -> PathBuf {
        let domain = from.rsplit_once('@').map_or(from, |(_, domain)| domain);
        let marker = format!("<{number}@{domain}>");
        let mail = format!(
            "From: {domain} <{from}>\nTo: {to}\nSubject: New paper\nDate: Sun, 29 Nov 2026 16:00:00 +0000\n\
             Message-ID: {marker}\n\nWe have new paper.\n\nCome and see it.\n"
        );
        let file = self.folder.file("mail", mail);
        let configuration = format!("{}/papershop/conf", self.directory());
        let sendmail = find("sendmail").expect("part of Postfix");
        let mut command = self.command(sendmail);
        run(command.args(["-C", &configuration, "-f", from, to]).stdin(File::open(file).unwrap()));
        wait_for(&format!("mail {marker} for {to} in {mailbox}: {}", self.folder.path().display()), || {
            let listed = std::fs::read_dir(self.folder.join(mailbox).join("new")).ok()?;
            let files = listed.map(|entry| entry.unwrap().path());
            files.into_iter().find(|file| std::fs::read_to_string(file).is_ok_and(|text| text.contains(&marker)))
        })
    }

    /// The loopback interface with the addresses of the documentation; programs find the resolver in `resolv.conf`.
    fn make_network(&self) {
        let resolver = self.folder.file("resolv.conf", "nameserver 127.0.0.1\n");
        let etc = PathBuf::from("/etc/netns").join(&self.namespace);
        run(root("mkdir").arg("-p").arg(&etc));
        run(root("cp").arg(resolver).arg(etc));
        run(root("ip").args(["netns", "add", &self.namespace]));
        run(root("ip").args(["-n", &self.namespace, "link", "set", "lo", "up"]));
        for address in ADDRESSES {
            run(root("ip").args(["-n", &self.namespace, "address", "add", address, "dev", "lo"]));
        }
    }

    fn start_dns(&mut self) {
        let directory = self.directory();
        let key = include_str!("../../src/dkim/testdata/rsa2048.pub").trim();
        let (first, second) = key.split_at(200);
        let zone = include_str!("example.zone").replace("@KEY@", &format!("\"v=DKIM1; p={first}\" \"{second}\""));
        self.folder.file("example.zone", zone);
        self.folder.file("reverse.zone", include_str!("reverse.zone"));
        let nsd = self.folder.file("nsd.conf", include_str!("nsd.conf").replace("@DIR@", &directory));
        let unbound = self.folder.file("unbound.conf", include_str!("unbound.conf").replace("@DIR@", &directory));
        self.spawn(found("nsd"), |command| command.arg("-d").arg("-c").arg(nsd));
        self.spawn(found("unbound"), |command| command.arg("-d").arg("-c").arg(unbound));
    }

    /// What Postfix asks: OpenDKIM signs, postsrsd rewrites, `examples/mta.rs` judges.
    fn start_filters(&mut self) {
        let key = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dkim/testdata/rsa2048.pem");
        let opendkim = self.folder.file("opendkim.conf", include_str!("opendkim.conf").replace("@KEYFILE@", key));
        self.spawn(found("opendkim"), |command| command.arg("-f").arg("-x").arg(opendkim));
        let secret = self.folder.file("secret", "a secret of this test\n");
        let secret = format!("-s{}", secret.display());
        self.spawn(found("postsrsd"), |command| command.args([&secret, "-dsrs.example", "-f10001", "-r10002", "-4"]));
        self.spawn(example("mta"), |command| command.arg("192.0.2.60:8892"));
    }

    fn start_postfix(&self, name: &str, host: &str, address: &str, more: &str) {
        let directory = format!("{}/{name}", self.directory());
        for part in ["conf", "queue", "data", "mail"] {
            std::fs::create_dir_all(format!("{directory}/{part}")).unwrap();
        }
        let filled = |text: &str| text.replace("@DIR@", &directory).replace("@HOST@", host).replace("@IP@", address);
        let main = filled(&(include_str!("main.cf").to_owned() + more));
        self.folder.file(&format!("{name}/conf/main.cf"), main);
        self.folder.file(&format!("{name}/conf/master.cf"), filled(include_str!("master.cf")));
        self.folder.file("list.py", include_str!("list.py"));
        self.folder.file("footer", FOOTER);
        run(root("chown").args(["-R", "root", &directory]));
        run(root("chown").args(["postfix", &format!("{directory}/data")]));
        run(root("chown").args(["nobody", &format!("{directory}/mail")]));
        run(self.command("postfix").args(["-c", &format!("{directory}/conf"), "start"]));
    }

    fn spawn(&mut self, program: impl AsRef<Path>, arguments: impl FnOnce(&mut Command) -> &mut Command) {
        let mut command = self.command(program);
        arguments(&mut command);
        self.servers.push(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    }

    fn directory(&self) -> String {
        self.folder.path().display().to_string()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for (name, ..) in POSTFIXES {
            let configuration = format!("{}/{name}/conf", self.directory());
            let _ = self.command("postfix").args(["-c", &configuration, "stop"]).output();
        }
        for server in &mut self.servers {
            stop(server);
        }
        let _ = root("ip").args(["netns", "delete", &self.namespace]).status();
        let _ = root("rm").arg("-rf").arg(Path::new("/etc/netns").join(&self.namespace)).status();
    }
}

fn found(program: &str) -> PathBuf {
    find(program).expect("`World::start` looked for it")
}

/// A program as root; `World::start` has seen that this works.
fn root(program: &str) -> Command {
    as_root(program).expect("root, or sudo without a password")
}
