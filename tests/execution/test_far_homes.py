"""Homes of receipts over there that are full, read-only or shared by hosts, and questions that come late."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from far_side import FarSide, wait_until


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarSide]:
    made = FarSide(tmp_path)
    yield made
    made.end()


def mounted(far: FarSide, options: str, prepare: str = ":") -> FarSide:
    """The far side with its home on a small file system, seen by its own processes alone."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True)
    as_root = ["unshare", "-m"] if probe.returncode == 0 else ["unshare", "-rm"]
    text = (
        f"mount -t tmpfs -o mode=0700,{options} tmpfs {far.home} && mkdir -m 0700 -p {far.home}/.tasker/receipts && "
        f'chmod 0700 {far.home}/.tasker {far.home}/.tasker/receipts && {{ {prepare}; }} && exec sh "$@"'
    )
    far.shell = [*as_root, "sh", "-c", text, "sh"]
    return far


def test_in_a_home_without_room_nothing_starts(far: FarSide) -> None:
    fill = f"dd if=/dev/zero of={far.home}/fill bs=4096 count=100 2>/dev/null || true"
    report, _, _ = mounted(far, "size=16k", fill).run(far.effect())

    assert (report[0], far.count()) == ("no", 0), report


def test_in_a_home_that_can_only_be_read_nothing_starts(far: FarSide) -> None:
    report, _, _ = mounted(far, "size=64k", f"mount -o remount,ro {far.home}").run(far.effect())

    assert (report[:3], far.count()) == (["no", "cannot", "write"], 0)


def test_hosts_that_share_a_home_start_a_delivery_once(far: FarSide) -> None:
    both = [far.deliver(far.effect("exit 0"), boot=boot) for boot in ("one", "two")]
    reports = sorted(far.report(process)[0][0] for process in both)

    assert (reports, far.count()) == (["ended", "other"], 1)
    assert far.ask(boot="one")[:2] == far.ask(boot="two")[:2] == ["ended", "0"]


def test_another_host_of_a_shared_home_does_not_judge_what_runs_here(far: FarSide) -> None:
    process = far.deliver(far.effect("sleep 25"), boot="one")
    wait_until(lambda: far.count() == 1)

    assert far.ask(boot="two") == ["gone", "the", "host", "has", "rebooted"]
    assert far.ask(boot="one", mode="end")[0] == "ended"
    far.report(process)


def test_a_void_of_one_host_holds_for_all_of_a_shared_home(far: FarSide) -> None:
    assert far.ask(boot="one") == ["never"]
    assert far.run(far.effect(), boot="two")[0] == ["void"]
    assert far.count() == 0


def test_an_hour_later_the_result_is_the_same(far: FarSide) -> None:
    """The clock of the wall decides nothing over there: neither what is asked for late, nor a date that jumps."""
    report, out, _ = far.run(["echo", "kept"])
    for path in (far.home / ".tasker").rglob("*"):
        os.utime(path, (1, 1))
    again, kept, _ = far.report(far.start("settle", "1.1", "3600"))

    assert (again, kept) == (report, out)


def test_what_runs_is_taken_over_whatever_the_time_of_its_intent(far: FarSide) -> None:
    go = far.folder / "go"
    process = far.deliver(far.effect(f"until [ -e {go} ]; do sleep 0.05; done", "echo whole"))
    wait_until(lambda: far.count() == 1)
    far.cut(process)
    asked = [far.start("settle", "1.1", since) for since in ("0", "3600", "-")]
    go.touch()

    assert [far.report(process)[1] for process in asked] == [b"whole\n"] * 3
    assert far.count() == 1
    far.wait_until_quiet()
