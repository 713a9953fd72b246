#!/usr/bin/env python3
"""Writes seeds from the public cases of ../shared/conformance, which are not part of the repository.

    fuzz/seeds_of_cases.py fuzz/corpus      one directory for each target
"""

import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT.parent / "shared" / "conformance"


def octets(text):
    """Each character of a case is one octet."""
    return text.encode("latin-1", "replace")


def txt(strings):
    def escaped(string):
        return "".join(c if " " <= c <= "~" and c not in '"\\' else "\\%03d" % (ord(c) & 255) for c in string)

    return " ".join(f'"{escaped(string)}"' for string in strings)


def zone(names):
    lines = []
    for name, types in (names or {}).items():
        for kind, data in types.items():
            if kind == "ERROR":
                lines += [f"{name}. {mark} {'' if of == '*' else of}" for of, mark in data.items()]
            elif kind in ("TXT", "SPF"):
                lines += [f"{name}. {kind} {txt(strings)}" for strings in data]
            elif kind == "MX":
                lines += [f"{name}. MX {preference} {host.rstrip('.')}." for preference, host in data]
            elif kind in ("PTR", "CNAME", "NS"):
                lines += [f"{name}. {kind} {target.rstrip('.')}." for target in data]
            elif kind in ("A", "AAAA"):
                lines += [f"{name}. {kind} {address}" for address in data]
    return "\n".join(lines)


def seeds(case):
    """Targets and inputs that a case gives."""
    protocol, kind = case["protocol"], case["kind"]
    records = zone(case.get("zone"))
    message = b""
    if "message" in case:
        message = (CASES / case["message"]).read_bytes()
    elif "message_text" in case:
        message = octets(case["message_text"])
    if protocol == "spf" and kind == "eval":
        yield "check_host", f"{case['ip']} {case['helo']} {case['mailfrom']}\n{records}".encode()
        yield "zone_text", records.encode()
        yield "peer", f"- {case['ip']} {case['helo']} {case['mailfrom']}\n{records}\n---\n".encode()
    elif protocol == "spf" and kind == "parse":
        yield "spf_record", octets(case["record"])
    elif protocol == "dmarc" and kind == "eval":
        spf = case.get("spf") or {"result": "none", "domain": "x"}
        pairs = [spf, *case.get("dkim", [])]
        ids = " ".join(f"{pair['result']} {pair['domain']}" for pair in pairs if pair.get("domain"))
        yield "dmarc", f"{case['from_domain']} {ids}\n{records}".encode()
    elif protocol in ("dkim", "arc") and kind == "verify" and message:
        yield "message", f"{case.get('now', 1700000000)}\n{records}\n---\n".encode() + message
        yield "peer", f"{case.get('now', 1700000000)}\n{records}\n---\n".encode() + message
    elif protocol == "diagnose":
        session = case.get("connection", {})
        words = [session.get(name) or "-" for name in ("ip", "helo", "mail_from")]
        first = " ".join([str(case.get("received_at", 1700000000)), *words])
        yield "message", f"{first}\n{records}\n---\n".encode() + message
        yield "peer", f"{first}\n{records}\n---\n".encode() + message
    elif protocol == "lint" and case.get("text"):
        yield "lint", kind.encode() + b"\n" + octets(case["text"])
        yield "pasted", octets(case["text"])
        if kind == "mta-sts-policy":
            yield "files", octets(case["text"])
    if protocol == "lint" and case.get("zone"):
        yield "domain", f"{case.get('name', 'd.example')}\n{records}".encode()
        yield "zone_file", records.encode()
    if protocol == "dmarc" and kind == "parse":
        yield "lint", b"dmarc\n" + octets(case["record"])
    if protocol == "dkim" and kind == "key":
        yield "lint", b"dkim-key\n" + octets(case["record"])
    if protocol == "authres":
        yield "fields", case["header"].encode()
        yield "pasted", b"Authentication-Results: " + case["header"].encode()
    if protocol == "srs" and "input" in case:
        yield "srs", case["input"].get("address", case["input"].get("sender", "")).encode()
    if protocol == "dmarc-report":
        yield "aggregate", (CASES / case["report"]).read_bytes()


def main():
    out = pathlib.Path(sys.argv[1])
    count = 0
    for file in sorted(CASES.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            for target, data in seeds(json.loads(line)):
                # Larger inputs are cut by the fuzzers anyway.
                if len(data) > 16_384:
                    continue
                directory = out / target
                directory.mkdir(parents=True, exist_ok=True)
                (directory / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
                count += 1
    print(f"{count} seeds" if count else f"skipped: no cases in {CASES}")


main()
