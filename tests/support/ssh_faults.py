"""SSH servers that misbehave, each in its own way, in threads of the tests (docs/threats.md H)."""

import contextlib
import os
import re
import socket
import struct
import threading
import time

import paramiko
from paramiko.common import MSG_KEXINIT

LONG = 60.0  # seconds that a server which is stuck would stay so
_PARAMIKO = {"no": paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, "yes": paramiko.OPEN_SUCCEEDED}


class Server:
    """A listener on loopback. behave(connection, server): called in a thread for each connection, until `over`."""

    def __init__(self, behave, backlog=20):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port, self.behave, self.over, self.connections = (
            self.listener.getsockname()[1],
            behave,
            threading.Event(),
            [],
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self.behave(connection, self)

    def stop(self):
        self.over.set()
        for sock in (self.listener, *self.connections):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def says(*pieces, then="wait", pause=0.0):
    """A server that says these, and then waits, hangs up, resets, or says the last again and again."""

    def behave(connection, server):
        for piece in pieces:
            connection.sendall(piece)
        while then == "again" and not server.over.wait(pause):
            connection.sendall(pieces[-1])
        if then == "wait":
            server.over.wait(LONG)
        if then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


GREETING = b"SSH-2.0-zoo\r\n"


def packet(payload):
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def offer(name):
    """A KEXINIT that offers nothing but algorithms of this name."""
    names = struct.pack(">I", len(name)) + name
    return packet(b"\x14" + os.urandom(16) + names * 8 + struct.pack(">II", 0, 0) + bytes(5))


RAW = {
    "silent": says(),
    "hangs up": says(then="close"),
    "resets": says(then="reset"),
    "another protocol": says(b"HTTP/1.1 400 Bad Request\r\n\r\n", then="close"),
    "an old protocol": says(b"SSH-1.5-old\r\n"),
    "endless lines": says(b"welcome " * 100 + b"\r\n", then="again"),
    "a line without end": says(b"welcome " * 100, then="again"),
    "lines that come slowly": says(b"welcome\r\n", then="again", pause=0.2),
    "half a greeting": says(b"SSH-2.0-z"),
    "a greeting without end": says(b"SSH-2.0-", b"z" * 1000, then="again"),
    "silent after its greeting": says(GREETING),
    "hangs up after its greeting": says(GREETING, then="close"),
    "noise after its greeting": says(GREETING, os.urandom(3) + b"\0" * 997),
    "a packet that never ends": says(GREETING, b"\x7f\xff\xff\xff", b"\0" * 1000, then="again"),
    "nothing in common": says(GREETING, offer(b"rot13")),
}


class Far(paramiko.ServerInterface):
    """A server that lets everybody in, but for what its ways say."""

    def __init__(self, server, transport, ways):
        self.server, self.transport, self.ways = server, transport, ways

    def _way(self, name):
        way = self.ways.get(name, "yes")
        if way == "stuck":
            self.server.over.wait(LONG)
        if way == "hang up":
            self.transport.close()
        return way

    def get_allowed_auths(self, username):
        return "publickey"

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL if self._way("auth") == "yes" else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return _PARAMIKO.get(self._way("channel"), paramiko.OPEN_FAILED_RESOURCE_SHORTAGE)

    def check_channel_exec_request(self, channel, command):
        if self._way("exec") != "yes":
            return False
        self.command = command
        act = self.ways.get("act", ends)
        threading.Thread(target=self._act, args=(act, channel), daemon=True).start()
        return True

    def _act(self, act, channel):
        time.sleep(0.05)  # the reply goes first
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            act(channel, self)


def ends(channel, far):
    for token in re.findall(rb"echo (tasker-end-[0-9a-f]+-)", far.command):  # as the shell does for `ssh2`
        channel.sendall_stderr(token + b"0\n")
    channel.send_exit_status(0)
    channel.close()


def stays(channel, far):
    channel.sendall(b"hello\n")
    far.server.over.wait(LONG)


def ends_without_status(channel, far):
    channel.sendall(b"hello\n")
    channel.shutdown_write()
    channel.close()


def falls_silent(channel, far):
    channel.sendall(b"hello\n")
    channel.shutdown_write()
    far.server.over.wait(LONG)


def drops(channel, far):
    channel.sendall(b"hello\n" * 1000)
    far.transport.sock.shutdown(socket.SHUT_RDWR)


def babbles(channel, far):
    while not far.server.over.is_set():
        channel.sendall(b"y\n" * 10_000)


def odd_status(channel, far):
    channel.send_exit_status(70_000)
    channel.close()


def wants_new_keys(channel, far):
    """Begins a key exchange and does not go on with it: nothing may be sent then."""
    far.transport._handler_table[MSG_KEXINIT] = lambda message: far.server.over.wait(LONG)
    channel.sendall(b"hello\n")
    far.transport._send_kex_init()
    far.server.over.wait(LONG)


def speaks(key, face=Far, **ways):
    """A server that speaks SSH. key: its host key. ways: what it does at `kex`, `auth`, `channel`, `exec`, `act`."""

    def behave(connection, server):
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        if ways.get("kex") == "stuck":
            transport._handler_table[MSG_KEXINIT] = lambda message: server.over.wait(LONG)
        transport.start_server(event=threading.Event(), server=face(server, transport, ways))
        server.over.wait(LONG)
        transport.close()

    return behave


def deaf():
    """(socket, port) of a listener whose queue is full, so that the kernel drops who tries to connect."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    held = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        held.append(one)
    return (listener, *held), listener.getsockname()[1]
