"""Answers SPF sessions with pyspf: a JSON line in (zone, ip, helo, mail_from), the result out.

pyspf runs here, in a process of its own, as a second opinion; the zone stands in for the DNS.
"""
import json
import sys

import spf

ZONE = {}


def lookup(name, qtype, strict=True, timeout=None):
    name = name.rstrip(".").lower()
    data = ZONE.get(name, {})
    if "SERVFAIL" in data:
        raise spf.TempError("DNS SERVFAIL")
    out = []
    for value in data.get(qtype, []):
        if qtype == "TXT":
            value = (value.encode(),)
        elif qtype == "MX":
            value = (10, value)
        elif qtype == "AAAA":
            value = value
        out.append(((name, qtype), value))
    return out


spf.DNSLookup = lookup

for line in sys.stdin:
    case = json.loads(line)
    ZONE = case["zone"]
    try:
        query = spf.query(case["ip"], case["mail_from"], case["helo"], strict=True, receiver="mx.receiver.example")
        result = query.check()[0]
    except Exception as error:
        result = f"crash: {error}"
    print(result, flush=True)
