#!/usr/bin/env python3
"""Asks mailproof and other tools about the same inputs, and prints what each of them said. COMPARE.md has the outcome.

    python3 tests/compare/run.py            # print
    python3 tests/compare/run.py --write    # ... and put the table into COMPARE.md

Not a part of the tests: it installs the peers from PyPI, npm and crates.io into target/compare (about 600 MB), and
needs nsd, python3 with venv, npm and cargo. What is installed or built already is left as it is: run `cargo build
--example check` first if the library has changed. The questions stay on the machine: nsd serves inputs.zone on the
loopback interface and the peers ask it; mailproof reads the same file.

Beside the verdict it marks what the words of a tool name (see marks() below): the cause of the trouble, its place, the
section of an RFC, who has to act, and a repair. The patterns are in inputs.json; they are generous, and see nothing but
what the tool said.
"""

import datetime
import itertools
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "compare"
PYTHON = WORK / "py" / "bin" / "python"
NODE = WORK / "node" / "node_modules" / ".bin" / "node"
MAIL_AUTH = WORK / "cargo" / "debug" / "compare-mail-auth"
CHECK = ROOT / "target" / "debug" / "examples" / "check"

VERSIONS = {"checkdmarc": "6.0.4", "mailauth": "7.1.0", "mail-auth": "0.15.1", "spftrace": "0.3.0"}
TOOLS = ["mailproof", *VERSIONS]
SECTION = re.compile(r"RFC ?\d{4}(,? *(§|section) *|\.html#section-)\d", re.IGNORECASE)
ACTOR = re.compile(r"domain owner|list operator|forwarder|sending service|postmaster|administrator", re.IGNORECASE)


def main():
    install()
    inputs = [complete(one) for one in json.loads((HERE / "inputs.json").read_text())]
    with Nsd() as nsd:
        answers = {
            "mailproof": [mailproof(one) for one in inputs],
            "checkdmarc": ask([PYTHON, HERE / "ask_checkdmarc.py"], nsd.port, inputs),
            "mailauth": ask([NODE, HERE / "ask_mailauth.js"], nsd.port, inputs, WORK / "node"),
            "mail-auth": ask([MAIL_AUTH], nsd.port, inputs),
            "spftrace": ask([PYTHON, HERE / "ask_spftrace.py"], nsd.port, inputs),
        }
    for index, one in enumerate(inputs):
        print(f"\n## {one['name']}: {one['what']}")
        for tool in TOOLS:
            show(tool, one, answers[tool][index])
    table = "\n".join(rows(inputs, answers))
    print("\n" + table)
    if "--write" in sys.argv[1:]:
        write(table)


def install():
    """What is there already is left as it is."""
    WORK.mkdir(parents=True, exist_ok=True)
    if not PYTHON.exists():
        run([sys.executable, "-m", "venv", WORK / "py"])
        packages = [f"{name}=={VERSIONS[name]}" for name in ("checkdmarc", "spftrace")]
        run([PYTHON, "-m", "pip", "-q", "install", *packages])
    if not NODE.exists():
        # mailauth 7 wants Node 22; the package `node` brings it.
        (WORK / "node").mkdir(exist_ok=True)
        packages = [f"mailauth@{VERSIONS['mailauth']}", "node@22"]
        run(["npm", "install", "--no-audit", "--no-fund", *packages], WORK / "node")
    if not MAIL_AUTH.exists():
        manifest = HERE / "mail_auth" / "Cargo.toml"
        where = ["--manifest-path", manifest, "--target-dir", WORK / "cargo"]
        run(["cargo", "build", "--ignore-rust-version", *where])
    if not CHECK.exists():
        run(["cargo", "build", "--example", "check"], ROOT)


def run(command, directory=None):
    subprocess.run([str(word) for word in command], cwd=directory, check=True)


def complete(one):
    """Gives the inputs that are about a domain an SMTP session and a message, so that verifiers can be asked too."""
    domain = one["domain"]
    one.setdefault("spf", False)
    one.setdefault("ip", "198.51.100.200")
    one.setdefault("helo", f"mx.{domain}")
    one.setdefault("mail_from", f"jane@{domain}")
    if "message" in one:
        one["file"] = str(HERE / "messages" / one["message"])
        one["raw"] = pathlib.Path(one["file"]).read_text().replace("\n", "\r\n")
    else:
        header = [f"From: Jane Doe <jane@{domain}>", "Subject: Hello", "Date: Sat, 21 Nov 2026 10:00:00 +0000"]
        one["raw"] = "\r\n".join([*header, "", "Hello", ""])
    return one


def ask(command, port, inputs, directory=ROOT):
    question = json.dumps({"port": port, "inputs": inputs})
    words = [str(word) for word in command]
    done = subprocess.run(
        words, input=question, cwd=directory, stdout=subprocess.PIPE, text=True, timeout=600, check=True
    )
    return json.loads(done.stdout)


def mailproof(one):
    zone = ["--zone", HERE / "inputs.zone"]
    if one["about"] == "domain":
        reports = [check(["domain", one["domain"], *zone])]
    else:
        session = ["--ip", one["ip"], "--helo", one["helo"], "--mail-from", one["mail_from"]]
        reports = [check(["message", one["file"], *session, *zone])]
    return {
        "verdict": verdict(one, reports),
        "words": [word for report in reports for word in words_of(report)],
    }


def verdict(one, reports):
    verdicts = [each for report in reports for each in report["verdicts"]]
    if one["about"] == "message":
        results = {each["method"]: each["result"] for each in verdicts if each["identity"] != "helo"}
        return " ".join(f"{method}={results.get(method, 'none')}" for method in ("spf", "dkim", "dmarc"))
    errors = sum(finding["severity"] == "error" for finding in reports[0]["findings"])
    policy = next(each["result"] for each in verdicts if each["identity"] == "domain")
    return f"errors: {errors}, DMARC: {policy}"


def check(arguments):
    words = [str(word) for word in [CHECK, *arguments, "--json"]]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout)


def words_of(report):
    """What a report says, without the texts it was made from. Notes are left out, as they are no complaint."""
    # A group is so many findings in a row.
    actors = [group["actor"] for group in report.get("groups", []) for _ in range(group["findings"])]
    findings = [verdict["because"] for verdict in report["verdicts"] if verdict["because"]]
    in_groups = itertools.zip_longest(report["findings"], actors, fillvalue="")
    findings += [{**finding, "actor": actor} for finding, actor in in_groups]
    words = [report["headline"]]
    for finding in findings:
        if finding["severity"] == "note":
            continue
        fixes = [f"{fix['title']}: {fix.get('result', '')}" for fix in finding["fixes"]]
        told = f"{finding['severity']}[{finding['code']}]: {finding['message']}"
        place, actor = f"at `{finding['primary']['quoted']}`", finding.get("actor", "").replace("-", " ")
        words.append("; ".join(filter(None, [told, place, *finding["citations"], *fixes, actor])))
    words += [f"{advice['actor'].replace('-', ' ')}: {advice['text']}" for advice in report["advice"]]
    # What is printed as worth doing where nothing is wrong.
    for cause in report.get("causes", {}).get("secondary", []) if report["passed"] else []:
        words.append(f"{cause['advice_to'].replace('-', ' ')}: {cause['told']}; {cause['advice']}")
    words += notes(report["traces"])
    return words


def notes(branches):
    """What a trace tells of an alteration."""
    found = []
    for branch in branches:
        found += branch.get("notes", []) + notes(branch.get("branches", []))
    return [note for note in found if "proven" in note]


def show(tool, one, answer):
    if answer is None:
        print(f"{tool}: not asked, it does not look at such inputs")
        return
    print(f"{tool}: {short(answer['verdict'], 160)}  [{', '.join(marks(one, answer)) or 'verdict only'}]")
    for word in answer["words"]:
        print(f"    {short(word, 240)}")


def short(text, limit):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def marks(one, answer):
    """Which of the five things the words of a tool name. Nothing counts without the cause; the section has to be told
    beside it, and the actor beside it or in an advice, which begins with the actor."""
    pattern = one.get("cause")
    told = [word for word in answer["words"] if pattern and re.search(pattern, word, re.IGNORECASE)]
    if not told:
        return []
    said, told = "\n".join(answer["words"]), "\n".join(told)
    found = {
        "cause": True,
        "place": re.search(one["place"], said),
        "section": SECTION.search(told),
        "actor": ACTOR.search(told) or any(ACTOR.match(word) for word in answer["words"]),
        "repair": re.search(one["fix"], said, re.IGNORECASE),
    }
    return [name for name, there in found.items() if there]


def rows(inputs, answers):
    yield "| input | " + " | ".join(TOOLS) + " |"
    yield "|---" * (len(TOOLS) + 1) + "|"
    for index, one in enumerate(inputs):
        cells = [cell(one, answers[tool][index]) for tool in TOOLS]
        yield f"| {one['what']} | " + " | ".join(cells) + " |"


def cell(one, answer):
    if answer is None:
        return "-"
    named = marks(one, answer)
    named = "all five" if len(named) == 5 else ", ".join(named)
    return short(answer["verdict"], 60) + (f": **{named}**" if named else "")


def write(table):
    page = ROOT / "COMPARE.md"
    start, end = "<!-- table -->\n", "<!-- end of table -->"
    versions = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    head = f"Measured on {datetime.date.today()} with {versions}, and mailproof as it is in this repository.\n\n"
    before, rest = page.read_text().split(start)
    page.write_text(before + start + head + table + "\n" + end + rest.split(end)[1])


class Nsd:
    """Serves inputs.zone on a free port of the loopback interface: a zone for each $ORIGIN, and an empty root above."""

    def __enter__(self):
        binary = shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin:/usr/local/sbin")
        if binary is None:
            sys.exit("nsd is not installed")
        self.directory = WORK / "nsd"
        self.directory.mkdir(exist_ok=True)
        self.port = free_port()
        (self.directory / "nsd.conf").write_text(self.configuration())
        command = [binary, "-d", "-c", str(self.directory / "nsd.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.wait()
        return self

    def __exit__(self, *_):
        # SIGTERM lets nsd end its children.
        self.process.terminate()
        self.process.wait(10)

    def configuration(self):
        root = "$ORIGIN .\n$TTL 300\n@ SOA a.root h.root 1 7200 900 1209600 300\n@ NS a.root\na.root A 127.0.0.1\n"
        files = {".": root}
        for section in (HERE / "inputs.zone").read_text().split("\n$ORIGIN ")[1:]:
            files[section.split(".\n")[0]] = f"$TTL 300\n$ORIGIN {section}"
        here = self.directory
        lines = ["server:", f" ip-address: 127.0.0.1@{self.port}", ' username: ""', ' chroot: ""', ' database: ""']
        lines += [f' zonesdir: "{here}"', f' pidfile: "{here}/nsd.pid"', f' xfrdfile: "{here}/xfrd.state"']
        lines += [f' zonelistfile: "{here}/zone.list"', f' logfile: "{here}/nsd.log"', " server-count: 1"]
        lines += ["remote-control:", " control-enable: no"]
        for name, text in files.items():
            file = "root.zone" if name == "." else f"{name}.zone"
            (self.directory / file).write_text(text)
            lines += ["zone:", f' name: "{name}"', f" zonefile: {file}"]
        return "\n".join(lines) + "\n"

    def wait(self):
        """Until it takes TCP connections; it opens both sockets before it answers."""
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"nsd does not answer, see {self.directory}/nsd.log")


def free_port():
    for _ in range(100):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]
    sys.exit("no port is free for UDP and TCP")


if __name__ == "__main__":
    main()
