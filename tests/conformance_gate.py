#!/usr/bin/env python3
"""Fails when an undisputed public case is answered wrongly.

conformance_gate.py COMMAND [ARG ...]

The cases and their judge are in ../shared/conformance, beside the repository. Where that folder is absent there is
nothing to judge by: one line says so, and in CI (CI=true) it is a failure.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "..", "shared", "conformance")

# File, and whether the answer "unsupported" is right for some of its cases: those of kinds that are not built yet.
FILES = [
    ("spf.jsonl", False),
    ("srs.jsonl", False),
    ("sender.jsonl", False),
    ("authres.jsonl", False),
    ("dkim.jsonl", False),
    ("arc.jsonl", False),
    ("dmarc.jsonl", False),
    ("dmarcreport.jsonl", False),
    ("orgdomain.jsonl", False),
    ("lint.jsonl", True),
    ("scenarios.jsonl", False),
    ("forwarding.jsonl", False),
]


# Wrong answers that are printed for each file.
SHOWN = 20


def main():
    if not os.path.isdir(CASES):
        print("conformance: skipped, ../shared/conformance is absent")
        return 1 if os.environ.get("CI") == "true" else 0
    wrong = 0
    for name, some_unsupported in FILES:
        verdicts = judged(name)
        counted = [v for v in verdicts if v["status"] == "ok"]
        right = [v for v in counted if v["verdict"] == "ok"]
        bad = [v for v in counted if v["verdict"] != "ok" and not (some_unsupported and v["verdict"] == "unsupported")]
        print(f"{name}: {len(right)} of {len(counted)} right")
        for v in bad[:SHOWN]:
            print(f"  {v['id']}: {v['verdict']}: {v.get('why', '')}")
        if len(bad) > SHOWN:
            print(f"  and {len(bad) - SHOWN} more")
        # A judge that judged nothing proves nothing.
        wrong += len(bad) + (not right)
    return 1 if wrong else 0


def judged(name):
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as out:
        score = [sys.executable, os.path.join(CASES, "score.py"), "--max", "0", "--json", out.name]
        subprocess.run(
            score + [os.path.join(CASES, name), "--"] + sys.argv[1:], check=True, stdout=subprocess.DEVNULL
        )
        with open(out.name) as lines:
            return [json.loads(line) for line in lines]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
