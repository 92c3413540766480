"""Hosts are pinged all at once, with one time-out for all; without ICMP, TCP connections do."""

import errno
import socket
import subprocess
import sys
import time

import pytest
from hosting import (
    LIBRARY,
    V4,
    Swallows,
    codes,
    exits,
    run,
    sealed,
    workflow,
)
from tasker.validators import hosts

from tasker.hosts import icmp, reachability


def test_a_thousand_hosts_that_answer_are_quick():
    names = [f"127.9.{n // 250}.{n % 250 + 1}" for n in range(1000)]

    started = time.monotonic()
    doc = hosts.check(workflow(*names))

    assert time.monotonic() - started < 1.05  # three times the 0.35 of the benchmark
    assert doc["findings"] == [] or codes(doc) == ["H006"]
    assert doc["hosts"]["reachable"] == 1000


def test_hosts_that_do_not_answer_cost_one_time_out(tmp_path):
    silent = [f"10.7.{n // 250}.{n % 250 + 1}" for n in range(1000)]
    prefix = sealed(tmp_path)

    started = time.monotonic()
    if prefix:
        doc, _ = run(doc=workflow(*silent, "127.9.0.1", "fd00::1"), prefix=prefix)
    else:
        doc = hosts.check(workflow(*silent), reach=lambda places, watch=None: swallowed(places, 3.0))

    assert 3 <= time.monotonic() - started < 5
    assert codes(doc) == ["H004"] * 1000
    assert set(exits(doc)) == {60}
    assert doc["findings"][0]["message"] == "cannot reach '10.7.0.1': no answer to ICMP echo in 3 s"


def swallowed(places, seconds):
    return reachability.reach_hosts(places, seconds, probe=lambda *given: icmp.ping_hosts(*given, open_socket=Swallows))


def test_an_echo_is_sent_again_to_who_has_not_answered():
    made = []

    def open_socket(family):
        made.append(Swallows(family))
        return made[0]

    outcomes = list(icmp.ping_hosts([(V4, ("127.9.0.1", 0)), (V4, ("127.9.0.2", 0))], 0.1, open_socket=open_socket))

    assert made[0].sent == ["127.9.0.1", "127.9.0.2"] * 3
    assert len(outcomes) == 2


class Forges(Swallows):
    """A socket on which packets come that are no answers to us."""

    def sendto(self, packet, place):
        head = bytes([0]) + packet[1:8]
        self.queue = [
            (packet, place),  # our own request, seen again
            (head + packet[8:], ("127.9.9.9", 0)),  # from somebody else
            (head + bytes(8) + packet[16:], place),  # without our token
            (head + packet[8:] + b"more", place),
            (b"", place),
        ]

    def recvfrom(self, size):
        if not self.queue:
            raise BlockingIOError(errno.EAGAIN, "nothing")
        return self.queue.pop()


def test_what_is_not_surely_an_answer_to_us_is_none():
    outcomes = list(icmp.ping_hosts([(V4, ("127.9.0.1", 0))], 0.05, open_socket=Forges))

    assert [problem for _, problem in outcomes] == ["no answer to ICMP echo in 0.05 s"]


def test_a_host_is_there_when_one_of_its_addresses_answers():
    here, there = (V4, ("127.9.0.1", 22)), (V4, ("127.9.0.2", 22))

    def probe(addresses, seconds, watch):
        yield here, "no route to host"
        yield there, ""
        raise AssertionError("enough was known")

    reached = reachability.reach_hosts({"web1": [here, there]}, probe=probe)

    assert reached.hosts == {"web1": ("127.9.0.2", "")}


def forbidden(addresses, seconds, watch):
    raise PermissionError(errno.EPERM, "Operation not permitted")
    yield


def test_without_icmp_a_refused_connection_means_that_the_host_is_there():
    reached = reachability.reach_hosts({"web1": [(V4, ("127.9.0.1", 1))]}, probe=forbidden)

    assert reached.hosts == {"web1": ("127.9.0.1", "")}
    assert (reached.method, reached.refusal) == ("tcp", "operation not permitted")


def test_without_icmp_an_open_port_means_that_the_host_is_there():
    with socket.create_server(("127.9.0.1", 0)) as server:
        places = {"web1": [(V4, server.getsockname())]}

        assert reachability.reach_hosts(places, probe=forbidden).hosts == {"web1": ("127.9.0.1", "")}


CROWD = """
import resource, socket
from tasker.hosts.tcp import connect_hosts
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if {raised} else 40
resource.setrlimit(resource.RLIMIT_NOFILE, (40, hard))
port = {port}
found = list(connect_hosts([(2, (f"127.9.{{n // 250}}.{{n % 250 + 1}}", port)) for n in range(300)], 3))
assert len(found) == 300 and {{problem for _, problem in found}} == {{""}}, found
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (40, hard)
"""


@pytest.mark.parametrize("raised", [True, False])
def test_more_connections_than_descriptors_wait_for_room(raised):
    with socket.create_server(("0.0.0.0", 0), backlog=400) as server:
        code = CROWD.format(port=server.getsockname()[1], raised=raised)
        ended = subprocess.run([sys.executable, "-c", code], env=LIBRARY, capture_output=True, text=True, timeout=30)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("datagrams", [False, True])
def test_where_icmp_is_not_allowed_it_says_so_and_connects(tmp_path, datagrams):
    allow = "0 2147483647" if datagrams else "1 0"
    prefix = sealed(tmp_path, script=f"echo '{allow}' > /proc/sys/net/ipv4/ping_group_range")
    given = workflow("10.7.0.1:2222", "10.7.0.2", "127.9.0.1", "fd00::1")

    if prefix:
        bare = [sys.executable, "-c", f"import ctypes, os, sys\n{DROP}\nos.execv(sys.argv[1], sys.argv[1:])"]
        doc, _ = run(doc=given, prefix=[*prefix, *bare])
    else:
        probe = (lambda *asked: icmp.ping_hosts(*asked, open_socket=Swallows)) if datagrams else forbidden
        given["tasks"] = given["tasks"][:2]
        doc = hosts.check(given, reach=lambda places, watch=None: reachability.reach_hosts(places, 1.0, probe=probe))

    tried = [one["message"].rpartition(" in ")[0] for one in doc["findings"] if one["code"] == "H004"]
    if datagrams:
        assert doc["hosts"]["method"] == "icmp"
        assert codes(doc) == ["H004", "H004"]
    else:
        assert doc["hosts"]["method"] == "tcp"
        assert doc["findings"][0]["severity"] == "hint"
        assert "operation not permitted" in doc["findings"][0]["message"]
        if prefix:
            assert tried[0] == "cannot reach '10.7.0.1': no answer on TCP port 2222"
            assert tried[1] == "cannot reach '10.7.0.2': no answer on TCP port 22"


DROP = "ctypes.CDLL(None).prctl(24, 13, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_NET_RAW"
