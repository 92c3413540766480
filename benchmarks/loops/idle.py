"""A runner that starts nothing and answers at once that all went well: what a run costs without its commands."""

import json
import os
import sys

ABOUT = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}
ABOUT |= {"argv": ["{hostname}", "{words}"], "host": "required", "words": "argv", "parallel": True}
GOOD = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": 0, "stdout": "", "stderr": ""}


def line(document):
    return json.dumps(document).encode() + b"\n"


def main():
    sys.stdout.buffer.write(line(ABOUT))
    sys.stdout.flush()
    rest = b""
    while "--about" not in sys.argv and (data := os.read(0, 1 << 20)):
        *asked, rest = (rest + data).split(b"\n")
        requests = [one for one in map(json.loads, asked) if one["kind"] == "request"]
        os.write(1, b"".join(line({**GOOD, "id": one["id"], "argv": one["words"]}) for one in requests))


if __name__ == "__main__":
    main()
