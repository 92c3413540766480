#!/usr/bin/env python3
"""A runner that answers with what is in the folder HOSTILE: file N for a request to the host 127.0.1.N or `answer N`.

A file is JSON: a list of texts, which are written as Latin-1 as they stand; {ID} in them is the id of the request.
Its `about` has the keys of HOSTILE_ABOUT, which is JSON too.
"""

import json
import os
import sys

ABOUT = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}


def write(data):
    while data:
        data = data[os.write(1, data) :]


def main():
    about = ABOUT | {"name": "hostile", "argv": ["hostile", "{words}"], "words": "argv", "parallel": False}
    write(json.dumps(about | json.loads(os.environ.get("HOSTILE_ABOUT", "{}"))).encode() + b"\n")
    if sys.argv[1:] == ["--about"]:
        return 0
    for text in sys.stdin.buffer:
        request = json.loads(text)
        if request["kind"] != "request" or request["words"][0] != "answer":
            continue
        number = int(request["words"][1] if len(request["words"]) > 1 else request["hostname"].rpartition(".")[2])
        with open(os.path.join(os.environ["HOSTILE"], str(number))) as file:
            pieces = json.load(file)
        for piece in pieces:
            write(piece.replace("{ID}", request["id"]).encode("latin-1"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
