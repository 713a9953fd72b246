#!/usr/bin/env python3
"""How fast `check bulk` is: domains of tests/bulk_speed/world.py behind a real nsd on the loopback interface.

    tests/bulk_speed/run.py [DOMAINS] [--wildcard] [OPTIONS OF `check bulk`]

With `--wildcard` one wildcard zone answers for all names: that measures memory over many domains.
Builds the release of `check` first; needs nsd and nothing else. `CHECK=PROGRAM` takes another build of it.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

# Nothing is left behind.
sys.dont_write_bytecode = True
import world

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")

WILDCARD = world.HEAD + """\
* MX 10 mx.mailer.test.
* A 192.0.2.1
* TXT "v=spf1 include:_spf.mailer.test -all"
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_zones(folder, count, wildcard):
    zones = dict(world.PARENTS)
    lines = []
    if wildcard:
        zones["example"] = WILDCARD
        lines = [f"d{n}.example" for n in range(count)]
    for n in range(0 if wildcard else count):
        name, selectors, zone = world.domain(n)
        lines.append(json.dumps({"domain": name, "selectors": selectors}) if selectors else name)
        if zone:
            zones[name] = zone
    (folder / "zones").mkdir()
    for name, text in zones.items():
        (folder / "zones" / name).write_text(text)
    (folder / "domains").write_text("\n".join(lines) + "\n")
    return zones


def start_nsd(folder, zones):
    port = free_port()
    config = (
        f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n chroot: ""\n zonesdir: "{folder}/zones"\n database: ""\n'
        f' pidfile: "{folder}/pid"\n xfrdfile: "{folder}/xfrd"\n zonelistfile: "{folder}/list"\n logfile: "{folder}/log"\n'
        " server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n"
    )
    config += "".join(f"zone:\n name: {name}\n zonefile: {name}\n" for name in zones)
    (folder / "nsd.conf").write_text(config)
    program = shutil.which("nsd", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if not program:
        sys.exit("nsd is not installed")
    nsd = subprocess.Popen([program, "-d", "-c", folder / "nsd.conf"], stderr=subprocess.DEVNULL)
    # The SOA of `test`, once it is served.
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0\4test\0\0\6\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        for _ in range(300):
            try:
                probe.sendto(question, ("127.0.0.1", port))
                if probe.recv(512)[3] & 15 == 0:
                    return nsd, port
            except (TimeoutError, ConnectionError):
                time.sleep(0.1)
    nsd.terminate()
    sys.exit((folder / "log").read_text())


def cpu_of(root):
    """CPU seconds of a process and of all below it."""
    processes = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        processes[int(stat.parent.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS
    below = {root}
    while more := {pid for pid, (parent, _) in processes.items() if parent in below} - below:
        below |= more
    return sum(processes[pid][1] for pid in below if pid in processes)


def run(command, folder):
    """Runs it over the list of domains. Seconds, and what it used."""
    began = time.monotonic()
    with open(folder / "domains") as domains, open(folder / "out", "wb") as out, open(folder / "err", "w") as err:
        process = subprocess.Popen(command, stdin=domains, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{(folder / 'err').read_text()}status {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used


def main():
    arguments = sys.argv[1:]
    wildcard = "--wildcard" in arguments
    arguments = [argument for argument in arguments if argument != "--wildcard"]
    count = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 10_000
    check = os.environ.get("CHECK")
    if not check:
        build = ["cargo", "build", "--quiet", "--release", "--example", "check", "--features", "hickory"]
        subprocess.run(build, cwd=ROOT, check=True)
        check = ROOT / "target/release/examples/check"
    with tempfile.TemporaryDirectory(prefix="mailproof-bulk-speed-") as name:
        folder = pathlib.Path(name)
        nsd, port = start_nsd(folder, write_zones(folder, count, wildcard))
        try:
            before = cpu_of(nsd.pid)
            seconds, used = run([check, "bulk", "--server", f"127.0.0.1:{port}", *arguments], folder)
            of_nsd = cpu_of(nsd.pid) - before
        finally:
            nsd.terminate()
            nsd.wait()
        print((folder / "err").read_text().strip())
        with open(folder / "out", "rb") as out:
            lines = sum(1 for _ in out)
        if os.environ.get("KEEP"):
            shutil.copy(folder / "out", os.environ["KEEP"])
    if lines != count:
        sys.exit(f"{lines} lines for {count} domains")
    ours = used.ru_utime + used.ru_stime
    print(f"{count} domains in {seconds:.1f} s: {count / seconds:.0f} domains/s")
    print(f"CPU seconds: {ours:.2f} of check ({used.ru_utime:.2f} user, {used.ru_stime:.2f} system), {of_nsd:.2f} of nsd")
    print(f"domains per CPU second: {count / ours:.0f} of check, {count / (ours + of_nsd):.0f} of both")
    print(f"most memory: {used.ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main()
