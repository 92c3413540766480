"""The bare loop over SSH with libssh2 (ssh2-python), as over_paramiko.py is with paramiko; the same arguments.

Calls wait in C, so threads cost little: this is about the least that a client in Python takes.
"""

import base64
import socket
import sys
import threading
from pathlib import Path

from ssh2.session import Session


def known(path):
    """{name: key}, in the form in which the server sends it."""
    with open(path) as lines:
        return {line.split()[0]: base64.b64decode(line.split()[2]) for line in lines}


def hello(session):
    channel = session.open_session()
    channel.execute("echo hello")
    out = whole(channel.read)
    whole(channel.read_stderr)
    channel.close()
    return b"" if channel.get_exit_status() else out


def whole(read):
    pieces = []
    while (found := read(32768))[0] > 0:
        pieces.append(found[1])
    return b"".join(pieces)


def main(hosts_file, port, user, key_file, known_hosts, at_once, times):
    hosts = iter(Path(hosts_file).read_text().split())
    keys, key = known(known_hosts), Path(key_file).read_bytes()
    said, lock = [], threading.Lock()
    everybody = threading.Barrier(int(at_once)) if int(times) > 1 else None

    def work():
        while True:
            with lock:
                host = next(hosts, None)
            if host is None:
                return
            with socket.create_connection((host, int(port))) as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                session = Session()
                session.handshake(sock)
                assert session.hostkey()[0] == keys[f"[{host}]:{port}"]
                session.userauth_publickey_frommemory(user, key)
                said.append(hello(session))
                if everybody:
                    everybody.wait(60)
                said.extend(hello(session) for _ in range(int(times) - 1))
                session.disconnect()
                del session  # it writes to its descriptor until then, which another thread may get

    threads = [threading.Thread(target=work) for _ in range(int(at_once))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.buffer.write(b"".join(said))


main(*sys.argv[1:])
