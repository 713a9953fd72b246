"""Reads {"port", "inputs": [{"domain"}]} and writes what checkdmarc says of each domain: {"verdict", "words"}, where
the words are its errors and warnings about SPF and DMARC. It reads no messages and no keys: those inputs answer null.
"""

import json
import sys

import dns.resolver
from checkdmarc import check_domains


def main():
    asked = json.load(sys.stdin)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = asked["port"]
    json.dump([answer(resolver, one) for one in asked["inputs"]], sys.stdout)


def answer(resolver, asked):
    if asked["about"] == "message":
        return None
    found = check_domains([asked["domain"]], resolver=resolver)
    words, verdict = [], []
    for method in ("spf", "dmarc"):
        one = found[method]
        verdict.append(f"{method} {'valid' if one['valid'] else 'invalid'}")
        if one.get("error"):
            words.append(f"{method} error: {one['error']}")
        words += [f"{method} warning: {warning}" for warning in one.get("warnings") or []]
    return {"verdict": ", ".join(verdict), "words": words}


main()
