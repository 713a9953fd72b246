"""Reads {"port", "inputs": [{"ip", "helo", "mail_from", "spf"}]} and writes what spftrace says in its audit mode:
{"verdict", "words"}, where the words are the lines that its own command prints, but for those that only repeat a
record. Inputs that are not about SPF answer null."""

import asyncio
import json
import sys

import spftrace
from spftrace.cli import render_text

ECHO = ("Line #", "Policy: ", "Sender: ", "Domain: ", "EHLO/HELO domain: ")


async def main():
    asked = json.load(sys.stdin)
    resolver = spftrace.LiveResolver(["127.0.0.1"])
    resolver.resolver.port = asked["port"]
    json.dump([await answer(resolver, one) for one in asked["inputs"]], sys.stdout)


async def answer(resolver, asked):
    if not asked["spf"]:
        return None
    found = await spftrace.acheck(asked["ip"], asked["mail_from"], helo=asked["helo"], resolver=resolver, audit=True)
    lines = [line.split(" ms ", 1)[-1].strip() for line in render_text(found).splitlines()]
    return {"verdict": f"spf={found.verdict}", "words": [line for line in lines if line and not line.startswith(ECHO)]}


asyncio.run(main())
