"""Hosts that may be down, in whole runs: in a network of its own, in which a host comes up when a task says so."""

import sys

from whole_program import PROGRAM, ROOT, eventually, finished

ALONE = ("unshare", "-n", *PROGRAM)
# 192.0.2.0/24 is a network that no machine is in (RFC 5737): from now on all of it is this machine
COMES_UP = """
import fcntl, socket, struct
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
where = socket.inet_aton("192.0.2.1")
fcntl.ioctl(one, 0x8916, struct.pack("16sH2s4s8s", b"lo", socket.AF_INET, b"", where, b""))  # its address
fcntl.ioctl(one, 0x8914, struct.pack("16sH14s", b"lo", 1, b""))  # up
"""


def up(place):
    """A command after which the hosts answer."""
    (place.folder / "up.py").write_text(COMES_UP)
    return f"{sys.executable} up.py"


def stubs(place):
    return {"PATH": f"{ROOT}/tests/data/stubs:{place.environment()['PATH']}", "STUB_RUN": "exec"}


def really(place, text, *arguments):
    return place.really(text, *arguments, env=stubs(place), program=ALONE)


def effects(place):
    path = place.folder / "effects"
    return path.read_text().splitlines() if path.exists() else []


FAILOVER = """# Stop the old primary
task=1
hostname=192.0.2.1
exec=pbrun
command=sh -c 'echo stopped >>effects'
may_be_down=true
next=always
{}
# Promote the standby
task=2
exec=local
command=sh -c 'echo promoted >>effects'
"""


def test_a_host_that_is_down_is_a_warning_and_its_task_is_not_started(place):
    done = really(place, FAILOVER.format(""))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cannot reach '192.0.2.1', which may be down" in done.stdout + done.stderr
    assert "Task 1 was not started (exit_code=126): unreachable: cannot reach '192.0.2.1'" in place.log()
    assert effects(place) == ["promoted"]
    why = place.run("explain", "-l", place.base, "last", "1").stdout
    assert "unreachable: cannot reach" in why


def test_without_the_word_it_is_an_error(place):
    assert really(place, FAILOVER.format("").replace("may_be_down=true\n", "")).returncode == 60


def test_a_host_that_is_up_when_it_is_its_turn_gets_its_command(place):
    before = f"task=0\nexec=local\ncommand={up(place)}\n\n"
    done = really(place, before + FAILOVER.format(""))

    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == ["stopped", "promoted"]


def test_a_loop_waits_for_a_host(place):
    text = (
        "task=0\ntype=parallel\ntasks=1,2\n\n"
        "task=1\nhostname=192.0.2.1\nexec=pbrun\ncommand=sh -c 'echo here >>effects'\nmay_be_down=true\n"
        "retry_failed=true\nretry_count=10\nretry_delay=1\n\n"
        f"task=2\nexec=shell\n"
        f"command=until grep -q unreachable {place.base}/logs/*.log; do sleep 0.1; done; {up(place)}\n"
    )
    done = really(place, text)

    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == ["here"]


CHAIN = """task=10
type=chain
hosts=127.0.0.1,192.0.2.1
tasks=11,12
finally=13
may_be_down=true
next=min_success=1

task=11
exec=shell
command=echo drain @host@ >>effects

task=12
exec=pbrun
command=sh -c 'echo upgrade $0 >>effects' @host@

task=13
exec=shell
command=echo enable @host@ >>effects

task=20
exec=shell
command=test -e go || { touch begun; sleep 30; }; echo not on @10_failed_hosts@ >>effects
"""


def test_a_chain_leaves_out_a_host_that_is_down_and_a_resume_does_not_look_again(place):
    process = place.begin(CHAIN, "-t", "pbrun", env=stubs(place), program=ALONE)
    eventually((place.folder / "begun").exists)
    eventually(lambda: "Task 10 on 192.0.2.1 was not started" in place.log())  # lines follow what they are about
    process.kill()
    finished(process)
    before = ["drain 127.0.0.1", "upgrade 127.0.0.1", "enable 127.0.0.1"]
    assert effects(place) == before
    (place.folder / "go").touch()
    done = place.run(
        "--resume", "last", "-l", place.base, "--kill-left", "--unknown", "rerun", env=stubs(place), program=ALONE
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == [*before, "not on 192.0.2.1"]
    assert "Task 10 on 192.0.2.1 was not started (exit_code=126): unreachable" in place.log()
    place.verify()


def test_a_fan_out_over_hosts_from_a_value(place):
    text = (
        "task=0\nexec=local\ncommand=echo 127.0.0.1 192.0.2.1\n\n"
        "task=1\nhosts=@0_stdout@\nexec=pbrun\ncommand=sh -c 'echo $0 >>effects' @host@\nmay_be_down=true\n"
        "next=min_success=1\n"
    )
    done = really(place, text)

    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == ["127.0.0.1"]
    assert "Task 1 on 192.0.2.1: not started" in done.stdout
