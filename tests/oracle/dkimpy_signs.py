"""Signs messages with dkimpy: one JSON object a line {key, algorithm, header, body, message}, all but the modes
in base64 where they are octets; answers each with the base64 of the signature field."""

import base64
import json
import sys

import dkim

for line in sys.stdin:
    job = json.loads(line)
    field = dkim.sign(
        base64.b64decode(job["message"]),
        b"s",
        b"d.example",
        base64.b64decode(job["key"]),
        canonicalize=(job["header"].encode(), job["body"].encode()),
        signature_algorithm=job["algorithm"].encode(),
        include_headers=None,
    )
    print(base64.b64encode(field).decode(), flush=True)
