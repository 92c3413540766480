"""A real OpenSSH server on loopback, with keys of its own, for as long as a test or a module needs it.

It runs as whoever runs the tests, so that is who logs in. Its words, and why it refused somebody, are in `log`.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

PLACES = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin:/sbin"  # users have no sbin on theirs
SSHD, KEYGEN = shutil.which("sshd", path=PLACES), shutil.which("ssh-keygen", path=PLACES)
SOCKETS = 16  # addresses that one sshd can listen on; beyond that it takes all of them
DEFAULTS = {
    "PidFile": "none",
    "UsePAM": "no",
    "StrictModes": "no",  # the keys are in /tmp, which everybody may write
    "PermitRootLogin": "yes",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "PrintMotd": "no",
    "MaxStartups": "300",  # its own default drops connections from the tenth on, by chance
    "LogLevel": "VERBOSE",
    "SetEnv": "SHLVL=1",  # bash reads no ~/.bashrc then: whatever the tester has there is slow, or speaks
}


class Server:
    """port, addresses, user; paths: folder, key (log in with it; key.pub), host_key, known_hosts, log, config."""

    def __init__(self, folder, addresses, port, options):
        self.folder, self.addresses, self.user = Path(folder), tuple(addresses), getpass.getuser()
        self.port = port or free_port()
        self.key, self.host_key = self.folder / "client_key", self.folder / "host_key"
        self.known_hosts, self.log, self.config = (self.folder / name for name in ("known_hosts", "log", "sshd_config"))
        self._options, self.process = {**DEFAULTS, **options}, None
        self.prefix = ()  # of its command line: words that start it in a namespace

    def prepare(self):
        """Write keys and configuration. Keys that are there already stay."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for key in (self.key, self.host_key):
            if not key.exists():
                generate(key)
        shutil.copy(f"{self.key}.pub", self.folder / "authorized_keys")
        public = " ".join(Path(f"{self.host_key}.pub").read_text().split()[:2])
        self.known_hosts.write_text(
            "".join(f"[{name}]:{self.port} {public}\n" for name in (*self.addresses, "localhost"))
        )
        listen = self.addresses if len(self.addresses) <= SOCKETS else ("0.0.0.0",)
        lines = [
            f"ListenAddress [{one}]:{self.port}" if ":" in one else f"ListenAddress {one}:{self.port}" for one in listen
        ]
        lines += ["AllowUsers *@127.0.0.0/8 *@::1", f"HostKey {self.host_key}"]
        lines += [f"AuthorizedKeysFile {self.folder}/authorized_keys"]
        # sshd takes the first of two, so what a test asks for comes last only because it is nowhere else
        lines += [f"{name} {value}" for name, value in self._options.items()]
        self.config.write_text("\n".join(lines) + "\n")
        # 9.8 and later shut out who fails often, as tests do; earlier ones do not know the word
        with_it = [SSHD, "-t", "-f", self.config, "-o", "PerSourcePenalties=no"]
        if subprocess.run(with_it, capture_output=True, timeout=20).returncode == 0:
            self.config.write_text("PerSourcePenalties no\n" + self.config.read_text())

    def begin(self):
        """Start it, and come back when it takes connections."""
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", 0o755, exist_ok=True)  # missing in containers, where nothing made it at boot
        self.process = subprocess.Popen(
            [*self.prefix, SSHD, "-D", "-f", self.config, "-E", self.log],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while not _answers(self.addresses[0], self.port):
            assert self.process.poll() is None and time.monotonic() < until, f"no sshd: {self.said()}"
            time.sleep(0.01)
        return self

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def pids(self):
        """The listener and the processes of its sessions, commands included that have not left them."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
                except OSError:
                    continue
        found = [self.process.pid]
        for pid in found:  # grows while it is walked
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def drop(self, commands=True):
        """Cut every connection; the listener goes on. commands: end what runs over them too, which no server does."""
        for pid in self.pids()[1:]:
            if commands or _is_server(pid):
                _kill(pid)

    def stop(self):
        if self.process is None:
            return
        pids = self.pids() if self.process.poll() is None else []
        self.process.kill()
        self.process.wait(10)
        for pid in pids[1:]:
            _kill(pid)
        self.process = None


def _is_server(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("sshd")
    except OSError:
        return False


def start(folder, addresses=("127.0.0.1",), port=0, **options):
    """A server that runs; `stop` it. port 0: a free one. options: of sshd_config, as in MaxSessions=2."""
    server = Server(folder, addresses, port, options)
    server.prepare()
    return server.begin()


@contextmanager
def running(folder, addresses=("127.0.0.1",), port=0, **options):
    server = start(folder, addresses, port, **options)
    try:
        yield server
    finally:
        server.stop()


def generate(path, kind="ed25519", passphrase="", *more):
    """Make a key pair, path and path.pub."""
    words = [KEYGEN, "-q", "-t", kind, "-N", passphrase, "-C", "tasker-test", "-f", str(path), *more]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, timeout=60)


def free_port(address="127.0.0.1"):
    with socket.socket() as listener:
        listener.bind((address, 0))
        return listener.getsockname()[1]


def _answers(address, port):
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
