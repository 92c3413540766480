"""How long put= to many hosts takes, against `xargs -P scp` with as many at once: one sshd here, by many names.

usage: many_copies.py [HOSTS [MEGABYTES [AT_ONCE [ROUNDS]]]], by default 1000, 10, 32 and 1. Each host has an address of
its own (127.0.7.1 and so on), so each is a login of its own. The seconds are those of the whole program.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copies import ROOT, sshd, written
from sshing import at_home, client


def scp(server, folder, source, names, at_once, environment):
    words = ["xargs", "-P", str(at_once), "-I", "{}", "scp", "-q", "-F", str(folder / "ssh_config"), str(source)]
    subprocess.run([*words, f"{{}}:{folder}/far/{{}}"], input="\n".join(names), text=True, check=True, env=environment)


def put(exec_type):
    def once(_server, folder, source, names, at_once, environment):
        file = folder / f"{exec_type}.txt"
        text = f"task=0\nexec={exec_type}\nhosts={','.join(names)}\nput={source}\nto={folder}/far/@host@\n"
        file.write_text(f"{text}max_parallel={at_once}\n")
        base = tempfile.mkdtemp(dir=folder)
        words = [sys.executable, "-I", ROOT / "bin/tasker", "-r", "--skip-host-validation", "-l", base, file]
        subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL)

    return once


def main(hosts=1000, megabytes=10, at_once=32, rounds=1):
    names = [f"127.0.{7 + number // 250}.{1 + number % 250}" for number in range(hosts)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, home = written(folder, megabytes), folder / "home"
        home.mkdir()
        options = {"Subsystem": "sftp internal-sftp", "MaxStartups": "500"}
        with sshd.running(folder / "sshd", addresses=names, **options) as server:
            at_home(server, home)
            environment = {**os.environ, "HOME": str(home), **client(server, folder)}
            contestants = {"xargs scp": scp, "put, ssh": put("ssh"), "put, openssh": put("openssh")}
            seen: dict = {name: [] for name in contestants}
            for _ in range(rounds):
                for what, once in contestants.items():
                    (folder / "far").mkdir()
                    began = time.monotonic()
                    once(server, folder, source, names, at_once, environment)
                    seen[what].append(time.monotonic() - began)
                    shutil.rmtree(folder / "far")
    usual = statistics.median(seen["xargs scp"])
    for what, seconds in seen.items():
        middle = statistics.median(seconds)
        print(f"{what:14} {hosts} x {megabytes} MB: {middle:7.2f} s, {middle / usual:.2f} of the time of xargs scp")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
