"""The bare loop over SSH: threads with a connection each, whose host key has to be known; all output is read.

over_paramiko.py HOSTS_FILE PORT USER KEY KNOWN_HOSTS AT_ONCE TIMES: `echo hello` so many times on each host. With more
than once, AT_ONCE has to be the number of hosts: after the first command, all wait until every connection is there.
"""

import base64
import sys
import threading

import paramiko


def known(path):
    """{name: key}. A look-up in paramiko's own list goes through all of it."""
    made = {}
    with open(path) as lines:
        for line in lines:
            name, _, text = line.split()[:3]
            made[name] = paramiko.Ed25519Key(data=base64.b64decode(text))
    return made


def hello(transport):
    channel = transport.open_session()
    channel.exec_command("echo hello")
    out, _ = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    status = channel.recv_exit_status()
    channel.close()
    return b"" if status else out


def main(hosts_file, port, user, key_file, known_hosts, at_once, times):
    with open(hosts_file) as file:
        hosts = iter(file.read().split())
    keys, key = known(known_hosts), paramiko.Ed25519Key.from_private_key_file(key_file)
    said, lock = [], threading.Lock()
    everybody = threading.Barrier(int(at_once)) if int(times) > 1 else None

    def work():
        while True:
            with lock:
                host = next(hosts, None)
            if host is None:
                return
            transport = paramiko.Transport((host, int(port)))
            transport.connect(keys[f"[{host}]:{port}"], user, pkey=key)
            said.append(hello(transport))
            if everybody:
                everybody.wait(60)
            said.extend(hello(transport) for _ in range(int(times) - 1))
            transport.close()

    threads = [threading.Thread(target=work) for _ in range(int(at_once))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.buffer.write(b"".join(said))


main(*sys.argv[1:])
