//! The command-line face, run as people run it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::check_program;

const REDIRECT: [&str; 7] = [
    "spf",
    "--zone",
    "examples/zones/redirect.zone",
    "--ip",
    "198.51.100.20",
    "--mail-from",
    "john.doe@gmahoo1.example",
];

struct Run {
    status: i32,
    out: String,
    err: String,
}

#[track_caller]
fn check<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    check_with("", args)
}

#[track_caller]
fn check_with<S: AsRef<OsStr>>(stdin: &str, args: impl IntoIterator<Item = S>) -> Run {
    let mut child = Command::new(check_program())
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file that is gone when the test is over.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mailproof-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_answer_comes_first() {
    let run = check(REDIRECT);
    assert_eq!(run.status, 1, "{}", run.err);
    let first = run.out.lines().next().unwrap();
    assert!(first.starts_with("fail: 198.51.100.20 may not send mail for gmahoo1.example"), "{first}");
    assert!(run.out.contains("^^^^"), "{}", run.out);
}

#[test]
fn exit_statuses() {
    let mut passing = REDIRECT;
    passing[4] = "192.0.2.17";
    assert_eq!(check(passing).status, 0);
    assert_eq!(check(REDIRECT).status, 1);
    assert_eq!(check(["record", "v=spf1 -all"]).status, 0);
    assert_eq!(check(["codes", "spf"]).status, 0);
    for usage in [
        &["spf"][..],
        &["spf", "--ip", "nonsense", "--mail-from", "a@example.com"],
        &["spf", "--ip", "192.0.2.1", "--mail-from", "<>", "--zone", "examples/zones/redirect.zone"],
        &["spf", "--ip", "192.0.2.1", "--mail-from", "a@example.com", "--zone", "no/such/file"],
        &["record", "MS=ms12345678"],
        &["record", "v=spf1 -all", "--kind", "nonsense"],
        &["explain", "spf-eval-fial"],
        &["codes", "--severity", "fatal"],
        &["--replay", "no/such/file"],
        &[],
    ] {
        let run = check(usage);
        assert_eq!(run.status, 2, "{usage:?}: {}{}", run.out, run.err);
        assert!(run.out.is_empty(), "{usage:?}: {}", run.out);
        assert!(run.err.starts_with("error"), "{usage:?}: {}", run.err);
    }
}

#[test]
fn json_is_json_and_replays_as_itself() {
    let json = check(REDIRECT.iter().chain(&["--json"]));
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["verdicts"][0]["result"], "fail");
    assert_eq!(value["passed"], false);
    let file = File::new("report.json", &json.out);
    let replay = |more: &[&str]| {
        let mut args = vec!["--replay", file.0.to_str().unwrap()];
        args.extend(more);
        check(args)
    };
    assert_eq!(replay(&["--json"]).out, json.out);
    let text = check(REDIRECT);
    let again = replay(&[]);
    assert_eq!(again.out, text.out);
    assert_eq!(again.status, text.status);
    assert_eq!(check_with(&json.out, ["--replay", "-"]).out, text.out);
}

#[test]
fn domains_and_dmarc() {
    const ZONE: [&str; 2] = ["--zone", "examples/zones/newsletter.zone"];
    let domain = ["domain", "papershop.example", "--selector", "s1"];
    let dmarc = ["dmarc", "--from", "Papershop <news@papershop.example>", "--dkim"];
    let run = check(domain.iter().chain(&ZONE));
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.out.starts_with("papershop.example is protected, but"), "{}", run.out);
    let fails = check(dmarc.iter().chain(&["pass:mailer.example"]).chain(&ZONE));
    assert_eq!(fails.status, 1, "{}", fails.err);
    assert!(fails.out.starts_with("fail: d=mailer.example passed"), "{}", fails.out);
    let passes = check(dmarc.iter().chain(&["pass:papershop.example"]).chain(&ZONE));
    assert_eq!(passes.status, 0, "{}", passes.out);
    for (args, text) in [(&domain[..], &run.out), (&[&dmarc[..], &["pass:mailer.example"]].concat()[..], &fails.out)] {
        let json = check(args.iter().chain(&ZONE).chain(&["--json"])).out;
        assert_eq!(&check_with(&json, ["--replay", "-"]).out, text);
        assert_eq!(check_with(&json, ["--replay", "-", "--json"]).out, json);
    }
    for usage in [
        &["domain", "https://papershop.example/"][..],
        &["domain", "papershop.example", "--selector", "a..b"],
        &["dmarc", "--spf", "pass:papershop.example"],
        &["dmarc", "--from", "papershop.example", "--spf", "papershop.example"],
        &["dmarc", "--from", "papershop.example", "--dkim", "good:papershop.example"],
    ] {
        let run = check(usage.iter().chain(&ZONE));
        assert_eq!(run.status, 2, "{usage:?}: {}{}", run.out, run.err);
        assert!(run.out.is_empty() && run.err.starts_with("error"), "{usage:?}: {}{}", run.out, run.err);
    }
}

/// Without a secret in the environment, unless `secret` is one.
#[track_caller]
fn srs(secret: Option<&str>, args: &[&str]) -> Run {
    let mut command = Command::new(check_program());
    command.arg("srs").args(args).env_remove("MAILPROOF_SRS_SECRET").stdin(Stdio::null());
    if let Some(secret) = secret {
        command.env("MAILPROOF_SRS_SECRET", secret);
    }
    let output = command.output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
#[cfg(feature = "crypto")]
fn srs_addresses() {
    const KEY: &str = "-tops3cr3t";
    let file = File::new("srs.secret", &format!("# newest first\n{KEY}\nolder\n"));
    let forward = ["forward", "alice@example.com", "--forwarder", "fwd.example", "--now", "1700000000"];
    let by_file = srs(None, &[&forward[..], &["--secret-file", file.0.to_str().unwrap()]].concat());
    assert_eq!(by_file.status, 0, "{}", by_file.err);
    assert!(by_file.out.starts_with("rewritten: "), "{}", by_file.out);
    assert_eq!(srs(Some(KEY), &forward).out, by_file.out);
    let by_option = srs(None, &[&forward[..], &["--secret", KEY, "--json"]].concat());
    assert!(!by_option.out.contains("tops3cr3t"), "{}", by_option.out);
    let report: serde_json::Value = serde_json::from_str(&by_option.out).unwrap();
    let address = report["srs"]["result"].as_str().unwrap();
    assert_eq!(check_with(&by_option.out, ["--replay", "-"]).out, by_file.out);
    let reversed = srs(Some(KEY), &["reverse", address, "--now", "1700000000"]);
    assert_eq!(reversed.status, 0, "{}", reversed.out);
    assert!(reversed.out.starts_with("reversed: a bounce goes to the original sender, alice@example.com"));
    let forged = srs(Some("another"), &["reverse", address, "--now", "1700000000"]);
    assert_eq!(forged.status, 1);
    assert!(forged.out.starts_with("refused: the hash does not verify"), "{}", forged.out);
    let inspected = srs(None, &["inspect", "alice+caf_=bob=fwd.example@gmail.com"]);
    assert_eq!(inspected.status, 0);
    assert!(inspected.out.starts_with("Gmail forwarding: "), "{}", inspected.out);
    for (secret, args) in [
        (None, &forward[..]),
        (Some(""), &forward[..]),
        (None, &["reverse", "a@b.example", "--secret-file", "no/such/file"]),
        (Some(KEY), &["forward", "alice@example.com"]),
        (Some(KEY), &["reverse", "a@b.example", "--hash-length", "99"]),
    ] {
        let run = srs(secret, args);
        assert_eq!(run.status, 2, "{args:?}: {}{}", run.out, run.err);
        assert!(run.out.is_empty() && run.err.starts_with("error") && !run.err.contains("tops3cr3t"), "{}", run.err);
    }
}

#[test]
fn senders_and_bounces() {
    let sender = ["sender", "--directory", "examples/mail/directory.json", "--login", "alice@papershop.example"];
    let own = check(sender.iter().chain(&["--from", "info@papershop.example"]));
    assert_eq!(own.status, 0, "{}{}", own.out, own.err);
    let other = check(sender.iter().chain(&["--from", "bob@papershop.example"]));
    assert_eq!(other.status, 1);
    assert!(other.out.starts_with("reject: "), "{}", other.out);
    let piped = check_with("From: bob@papershop.example\n\n", sender.iter().chain(&["--message", "-"]));
    assert_eq!(piped.out.lines().next(), other.out.lines().next());
    let bounce = check(["bounce", "--file", "examples/mail/bounce.eml"]);
    assert_eq!(bounce.status, 1);
    assert!(bounce.out.starts_with("refused: Gmail "), "{}", bounce.out);
    assert_eq!(check_with("250 2.1.5 OK", ["bounce", "-"]).status, 0);
    for args in [
        &[&sender[..], &["--from", "bob@papershop.example"]].concat()[..],
        &["bounce", "550 5.1.1 User unknown", "--host", "mx.d.example"],
        &["bounce", "--file", "examples/mail/bounce.eml"],
    ] {
        let text = check(args).out;
        let json = check(args.iter().chain(&["--json"])).out;
        assert_eq!(check_with(&json, ["--replay", "-"]).out, text);
        assert_eq!(check_with(&json, ["--replay", "-", "--json"]).out, json);
    }
    for usage in [
        &["sender", "--from", "a@d.example"][..],
        &["sender", "--directory", "no/such/file", "--from", "a@d.example"],
        &["sender", "--directory", "examples/mail/bounce.eml", "--from", "a@d.example"],
        &sender,
        &["bounce"],
        &["bounce", "hello"],
        &["bounce", "--file", "no/such/file"],
    ] {
        let run = check(usage);
        assert_eq!(run.status, 2, "{usage:?}: {}{}", run.out, run.err);
        assert!(run.out.is_empty() && run.err.starts_with("error"), "{usage:?}: {}{}", run.out, run.err);
    }
}

#[test]
fn messages() {
    const ZONE: [&str; 2] = ["--zone", "examples/mail/papershop.zone"];
    let mail = |name: &str, more: &[&str]| {
        let file = format!("examples/mail/{name}.eml");
        check(["message", file.as_str()].iter().chain(&ZONE).chain(more))
    };
    for (name, status, answer) in [
        ("passes", 0, "nothing is wrong: SPF and DKIM pass for papershop.example"),
        ("list-footer", 1, "the mailing list parents.lists.school.example changed a message"),
        ("subject-tag", 1, "the mailing list parents.lists.school.example changed a message"),
        ("key-missing", 0, "nothing is wrong: SPF passes for papershop.example, the domain in From, which is enough"),
    ] {
        let run = mail(name, &[]);
        assert_eq!(run.status, status, "{name}: {}", run.err);
        assert!(run.out.starts_with(answer), "{name}: {}", run.out);
        let json = mail(name, &["--json"]).out;
        assert_eq!(check_with(&json, ["--replay", "-"]).out, run.out);
    }
    let claimed = mail("passes", &["--ip", "192.0.2.25"]);
    assert_eq!(claimed.status, 0, "{}", claimed.out);
    assert!(claimed.out.contains("MAIL FROM <bounce@papershop.example> (claimed by Return-Path"), "{}", claimed.out);
    let given = mail("passes", &["--ip", "203.0.113.9", "--mail-from", "news@papershop.example"]);
    assert!(given.out.contains("it is harmless that"), "{}", given.out);
    let bob = ["--zone", "examples/mail/helpdesk.zone", "--mailbox", "examples/mail/bob.json"];
    let spoofed = check(["message", "examples/mail/spoofed-own-address.eml"].iter().chain(&bob));
    assert_eq!(spoofed.status, 1, "{}", spoofed.err);
    assert!(spoofed.out.starts_with("somebody at 203.0.113.77 forged bob@club.example"), "{}", spoofed.out);
    let wrong = mail("passes", &["--mailbox", "examples/mail/papershop.zone"]);
    assert!(wrong.status == 2 && wrong.err.contains("papershop.zone"), "{}", wrong.err);
    assert_eq!(mail("no-such-mail", &[]).status, 2);
}

#[test]
fn a_report_with_holes_is_not_replayed() {
    let run = check_with(
        r#"{"input": {"spf": {"ip": "192.0.2.1", "mail_from": "a@example.com"}}, "snapshot": []}"#,
        ["--replay", "-"],
    );
    assert_eq!(run.status, 2);
    assert!(run.err.contains("no answer for example.com TXT"), "{}", run.err);
}

#[test]
fn colour_only_where_it_is_wanted() {
    assert!(!check(REDIRECT).out.contains('\x1b'));
    assert!(!check(REDIRECT.iter().chain(&["--color", "never"])).out.contains('\x1b'));
    let always = check(REDIRECT.iter().chain(&["--color", "always"])).out;
    assert!(always.contains("\x1b["));
    assert!(!check(["--color=always", "--json", "record", "v=spf1 -all"]).out.contains('\x1b'));
}

#[test]
fn a_zone_from_standard_input() {
    let zone = "example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";
    let args = ["spf", "--zone", "-", "--ip", "192.0.2.1", "--mail-from", "a@example.com"];
    assert_eq!(check_with(zone, args).status, 0);
    let broken = check_with("example.com. TXT \"v=spf1 -all\"\nexample.com. MX mail\n", args);
    assert_eq!(broken.status, 2);
    assert!(broken.err.contains(" --> standard input:2:17\n"), "{}", broken.err);
    assert!(broken.err.contains("  | example.com. MX mail\n  |                 ^^^^\n"), "{}", broken.err);
}

/// What a server of the zone would not say is not the domain's mistake.
#[test]
fn names_that_the_zone_does_not_speak_for() {
    let zone = "$ORIGIN d.example.\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ TXT \"v=spf1 include:_spf.elsewhere.example -all\"\n\
                _dmarc NS ns.elsewhere.example.\n";
    let run = check_with(zone, ["domain", "d.example", "--zone", "-"]);
    assert!(run.err.contains("does not speak for _dmarc.d.example, _spf.elsewhere.example"), "{}", run.err);
    assert!(!run.err.contains("mta-sts.d.example"), "{}", run.err);
    let world = zone.lines().filter(|line| !line.contains("SOA")).collect::<Vec<_>>().join("\n");
    assert_eq!(check_with(&world, ["domain", "d.example", "--zone", "-"]).err, "");
}

#[test]
fn a_zone_in_several_files() {
    let keys = File::new("keys.inc", "s1._domainkey TXT ( \"v=DKIM1; \" \"p=\" )\n");
    let include = |file: &std::path::Path| format!("$INCLUDE {} d.example.\n", file.display());
    let text = format!("version.bind. CH TXT 9\nd.example. TXT \"v=spf1 -all\"\n{}", include(&keys.0));
    let run = check_with(&text, ["domain", "d.example", "--selector", "s1", "--zone", "-"]);
    assert!(run.out.contains("error[dkim-key-revoked]"), "{}{}", run.out, run.err);
    // A file that includes itself is followed to an end.
    let endless = File::new("endless.inc", "");
    std::fs::write(&endless.0, include(&endless.0)).unwrap();
    let run = check_with(&include(&endless.0), ["domain", "d.example", "--zone", "-"]);
    assert!(run.status == 2 && run.err.contains("$INCLUDE is not followed"), "{}: {}", run.status, run.err);
}

#[test]
fn without_a_zone() {
    let args = ["spf", "--ip", "192.0.2.1", "--mail-from", "a@example.com"];
    if cfg!(feature = "hickory") {
        let run = check(args.iter().chain(&["--server", "nonsense"]));
        assert_eq!(run.status, 2);
        assert!(run.err.contains("`nonsense` is not the address of a server"), "{}", run.err);
    } else {
        let run = check(args);
        assert_eq!(run.status, 2);
        assert!(run.err.contains("--zone FILE") && run.err.contains("--features hickory"), "{}", run.err);
    }
}

#[test]
fn codes_are_listed_and_explained() {
    let run = check(["codes", "--json"]);
    let codes: Vec<serde_json::Value> = serde_json::from_str(&run.out).unwrap();
    assert_eq!(codes.len(), mailproof::rules().count());
    for code in &codes {
        let code = code["code"].as_str().unwrap();
        let run = check(["explain", code]);
        assert_eq!(run.status, 0, "{code}: {}", run.err);
        assert!(run.out.lines().next().unwrap().contains(&format!("[{code}]")), "{}", run.out);
        assert!(!run.out.contains("```"), "{}", run.out);
    }
    assert!(check(["codes", "spf-eval-fail"]).out.starts_with("spf-eval-fail"));
    assert!(check(["explain", "spf-eval-fial"]).err.contains("spf-eval-fail"));
    assert!(check(["explain", "[SPF-EVAL-FAIL]"]).out.contains("[spf-eval-fail]"));
    let page: serde_json::Value = serde_json::from_str(&check(["explain", "spf-eval-fail", "--json"]).out).unwrap();
    assert_eq!(page["severity"], "error");
}

#[test]
fn a_record_as_a_dns_tool_prints_it() {
    let run = check(["record", "\"v=spf1 ip4:192.0.2.1\" \" -all\"", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(value["input"]["record"]["text"], serde_json::json!(["v=spf1 ip4:192.0.2.1", " -all"]));
    assert_eq!(check_with("v=spf1 -all\n", ["record", "-"]).status, 0);
}

#[test]
fn a_reader_may_go_away() {
    let mut child =
        Command::new(check_program()).args(["codes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// The README shows what is really printed; a line `...` stands for lines left out.
#[test]
fn the_readme_shows_the_real_answers() {
    let readme = include_str!("../../README.md");
    let mut shown = 0;
    for block in readme.split("```sh\ncargo run --example check -- ").skip(1) {
        let Some((command, after)) = block.split_once("\n```\n\n```text\n") else { continue };
        // A command without an answer below it may stand above one with an answer.
        if command.contains('\n') {
            continue;
        }
        let (answer, _) = after.split_once("```").unwrap();
        let out = check(command.split(' ')).out;
        let mut rest = out.as_str();
        let pieces: Vec<&str> = answer.split("...\n").collect();
        for (i, piece) in pieces.iter().enumerate() {
            let at = rest.find(piece).unwrap_or_else(|| panic!("{command}: not printed:\n{piece}\nbut:\n{out}"));
            assert!(i > 0 || at == 0, "{command}: something stands before\n{piece}");
            rest = &rest[at + piece.len()..];
        }
        assert!(rest.is_empty() || pieces.last() == Some(&""), "{command}: not shown:\n{rest}");
        shown += 1;
    }
    assert_eq!(shown, 8);
}

/// Every subcommand in every form: JSON as the schema says, SARIF as the standard says, Markdown without a bare mark-up of others.
#[test]
fn every_form_of_every_command() {
    const ZONE: [&str; 2] = ["--zone", "examples/zones/newsletter.zone"];
    let dmarc = ["dmarc", "--from", "news@papershop.example", "--dkim", "pass:mailer.example"];
    let forward =
        ["forward", "papershop.example", "--through", "198.51.100.20", "--hop", "redirect", "--hop", "list-tag"];
    let message = ["message", "examples/mail/list-footer.eml", "--zone", "examples/mail/papershop.zone"];
    let sender = ["sender", "--directory", "examples/mail/directory.json", "--login", "alice@papershop.example"];
    let commands: &[Vec<&str>] = &[
        REDIRECT.to_vec(),
        [&["domain", "papershop.example", "--selector", "s1"], &ZONE[..]].concat(),
        [&["domain", "absent.example", "--guess-selectors"], &ZONE[..]].concat(),
        [&dmarc[..], &ZONE].concat(),
        [&forward[..], &ZONE].concat(),
        message.to_vec(),
        [&sender[..], &["--from", "bob@papershop.example"]].concat(),
        vec!["bounce", "--file", "examples/mail/bounce.eml"],
        vec!["bounce", "550 5.7.1 Relay access denied"],
        vec!["record", "v=DMARC1; p=rejct | <b>"],
        vec!["zone", "examples/zones/newsletter.zone", "--least", "note"],
        #[cfg(feature = "crypto")]
        vec!["srs", "inspect", "SRS0=PGkz=G3=example.com=alice@fwd.example"],
    ];
    for command in commands {
        let with = |form: &'static str| check(command.iter().chain(&["--format", form]));
        let (text, json, markdown, sarif) = (with("text"), with("json"), with("markdown"), with("sarif"));
        for run in [&json, &markdown, &sarif] {
            assert_eq!(run.status, text.status, "{command:?}: {}", run.err);
        }
        crate::schema::printed_holds(command[0], &json.out);
        crate::sarif::hold(&serde_json::from_str(&sarif.out).unwrap());
        assert!(markdown.out.starts_with("**"), "{}", markdown.out);
        assert!(!markdown.out.contains("<b>") || markdown.out.contains('`'), "{}", markdown.out);
    }
    let advise = [
        &[
            "advise",
            "papershop.example",
            "--network",
            "93.184.216.0/24",
            "--reports",
            "d@papershop.example",
            "--tls",
            "1",
        ],
        &ZONE[..],
    ];
    let advise = advise.concat();
    let run = check(advise.iter().chain(&["--json"]));
    crate::schema::printed_holds("advise", &run.out);
    // It has mail today: that nobody is to send must be said.
    let nobody = [&["advise", "papershop.example"], &ZONE[..]].concat();
    let run = check(&nobody);
    assert!(run.status == 2 && run.err.contains("--no-mail if nobody is to"), "{}{}", run.out, run.err);
    assert!(check(nobody.iter().chain(&["--no-mail"])).out.contains("before that: mail is received or sent today"));
    assert!(check(advise.iter().chain(&["--format", "markdown"])).out.starts_with("**What to publish"));
    crate::schema::printed_holds("codes", &check(["codes", "--json"]).out);
    crate::schema::printed_holds("explain", &check(["explain", "spf-eval-fail", "--json"]).out);
    assert!(check(["explain", "spf-eval-fail", "--format", "markdown"]).out.starts_with("# "));
    for without in [&["codes"][..], &["explain", "spf-eval-fail"], &advise] {
        assert_eq!(check(without.iter().chain(&["--format", "sarif"])).status, 2);
    }
    assert_eq!(check(["record", "v=spf1 -all", "--json", "--format", "text"]).status, 2);
    for full in [&[][..], &["--full"]] {
        let run =
            check_with("papershop.example\n{\"domain\": 1}\nnot a domain\n", ["bulk"].iter().chain(&ZONE).chain(full));
        crate::schema::printed_holds("bulk", &run.out);
        assert_eq!(run.out.lines().count(), 3, "{}", run.err);
    }
}
