"""What the tests of host validation share: workflows to check, a resolver and a network to put in, a sealed machine.

Loopback only (every address in 127/8 answers), and network namespaces that a test makes itself. Where the machine
allows no namespaces, the same facts are tested with a resolver and a network that are put in.
"""

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

from tasker.hosts import resolver as resolve

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = {**os.environ, "PYTHONPATH": str(ROOT / "library")}  # the environment of a program that imports ours
HOSTS = [sys.executable, "-I", str(ROOT / "library/tasker/__main__.py"), "hosts"]
SCHEMA = json.loads((ROOT / "library/tasker/protocol/schemas/workflow.json").read_text())
V4 = int(socket.AF_INET)
CALM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

# -- how the tests ask


def workflow(*names, **keys):
    """A workflow with one ssh task for each name, as parse would write it."""
    tasks = [
        {"task": n, "line": n + 1, "hostname": name, "exec": "ssh", "at": {"hostname": [n + 1, 10]}}
        for n, name in enumerate(names)
    ]
    doc = {
        "tasker": 1,
        "kind": "workflow",
        "ok": True,
        "file": "t.txt",
        "variables": {},
        "tasks": tasks,
        "findings": [],
    }
    return {**doc, **keys}


def run(*arguments, doc=None, prefix=(), **options):
    """What the whole program answers: (document, exit status)."""
    text = "" if doc is None else json.dumps(doc)
    ended = subprocess.run(
        [*prefix, *HOSTS, *arguments], input=text, capture_output=True, text=True, timeout=60, **options
    )
    assert "Traceback" not in ended.stderr
    return json.loads(ended.stdout), ended.returncode


def book(**addresses):
    """A resolver that knows these names, for `check(resolve=…)`."""

    def look_up(name):
        if name not in addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [[V4, [addresses[name], 0]]], f"{name}.example.com"

    return lambda names, watch=None: resolve.resolve_hosts(names, look_up=look_up)


def nobody(names, watch=None):
    raise AssertionError("nothing had to be asked")


def codes(doc):
    return [one["code"] for one in doc["findings"]]


def exits(doc):
    return [one.get("exit") for one in doc["findings"]]


def own_children():
    """Pids of the children of this program, the dead ones that are not reaped included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(errors="replace").rpartition(") ")[2].split()[1]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.add(int(stat.parent.name))
    return found


# -- a machine of its own


def sealed(tmp_path, script="", hosts_file="", resolver=""):
    """The start of a command line that runs the rest in namespaces of its own, or None where that is not allowed.

    There 10.7.0.0/16 swallows what is sent to it, fd00::1 answers, /etc/hosts and the name server are the given ones.
    """
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n" + hosts_file)
    (tmp_path / "resolv.conf").write_text(f"nameserver {resolver or '127.0.0.1'}\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    mounts = [f"mount --bind {tmp_path}/{name} /etc/{name}" for name in ("hosts", "resolv.conf", "nsswitch.conf")]
    net = ["ip link set lo up", "ip route add 10.7.0.0/16 dev lo", "ip addr add fd00::1/128 dev lo nodad"]
    text = " && ".join([*net, *mounts, *([script] if script else []), 'exec "$@"'])
    for enter in (["unshare", "-n", "-m"], ["unshare", "-U", "-r", "-n", "-m"]):
        prefix = [*enter, "sh", "-c", text, "sh"]
        try:
            if subprocess.run([*prefix, "true"], capture_output=True, timeout=20).returncode == 0:
                return prefix
        except FileNotFoundError:
            return None
    return None


SILENT_SERVER = """
import socket, subprocess, sys
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 53))  # takes every question and answers none
sys.exit(subprocess.call(sys.argv[1:]))
"""


class Swallows:
    """A socket to hosts that do not answer."""

    def __init__(self, family):
        self.ends, self.sent = os.pipe(), []

    def fileno(self):
        return self.ends[0]

    def sendto(self, packet, place):
        self.sent.append(place[0])

    def recvfrom(self, size):
        raise BlockingIOError(errno.EAGAIN, "nothing")

    def close(self):
        for end in self.ends:
            os.close(end)
