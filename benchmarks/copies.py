"""How fast put= is, against scp: one file over exec=ssh and exec=openssh to an sshd of this machine, by turns.

usage: copies.py [MEGABYTES [ROUNDS]], by default 1000 and 3. The seconds of put= are those of its result: from the
start of the copy to the file in its place, synced, with its digest. Hashing alone is shown beside it.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))

import sshd  # noqa: E402  # found by the line above
from sshing import at_home, client  # noqa: E402  # as well


def written(folder, megabytes):
    """A file that no compression makes smaller."""
    path = folder / "source"
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1 << 20))
    return path


def scp(server, folder, source, _environment):
    words = ["scp", "-q", "-P", str(server.port), "-i", str(server.key)]
    words += ["-o", f"UserKnownHostsFile={server.known_hosts}", str(source), f"127.0.0.1:{folder}/scp"]
    began = time.monotonic()
    subprocess.run(words, check=True)
    return time.monotonic() - began


def put(exec_type):
    def once(_server, folder, source, environment):
        file = folder / f"{exec_type}.txt"
        file.write_text(f"task=0\nexec={exec_type}\nhostname=127.0.0.1\nput={source}\nto={folder}/{exec_type}\n")
        base = Path(tempfile.mkdtemp(dir=folder))
        words = [sys.executable, "-I", ROOT / "bin/tasker", "-r", "-l", base, file]
        subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL)
        (folder / exec_type).unlink()  # an equal file would not be written
        (journal,) = base.glob("runs/*/journal.jsonl")
        records = [json.loads(line) for line in journal.read_text().splitlines()]
        return next(one["doc"]["seconds"] for one in records if one["what"] == "result")

    return once


def hashing(_server, _folder, source, _environment):
    began = time.monotonic()
    with source.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.monotonic() - began


def main(megabytes=1000, rounds=3):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, home = written(folder, megabytes), folder / "home"
        home.mkdir()
        with sshd.running(folder / "sshd", Subsystem="sftp internal-sftp") as server:
            at_home(server, home)
            environment = {**os.environ, "HOME": str(home), **client(server, folder)}
            contestants = {"scp": scp, "put, ssh": put("ssh"), "put, openssh": put("openssh"), "hashing": hashing}
            seen: dict = {name: [] for name in contestants}
            for _ in range(rounds):
                for name, once in contestants.items():
                    seen[name].append(once(server, folder, source, environment))
    usual = statistics.median(seen["scp"])
    for name, seconds in seen.items():
        middle = statistics.median(seconds)
        print(f"{name:14} {middle:6.2f} s (least {min(seconds):.2f}), {usual / middle:.2f} of scp's speed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
