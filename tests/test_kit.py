"""The conformance kit sees what is wrong with a runner, and nothing else (docs/PROTOCOL.md; THREATS F)."""

import json
import os
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from driving import ROOT, TASKER, Place

from tasker.kit import work
from tasker.kit.check import CHECKS
from tasker.kit.subject import Subject
from tasker.kit.work import FAILED, INAPPLICABLE, OK, examined

NAMES = [check.name for check in CHECKS]
SWEEP = int(os.environ.get("TASKER_SWEEP", "0"))  # then every check looks at every planted fault
BESIDE = 5  # checks that look at a runner in which another fault was planted


def planted(fault, only=None):
    command = [sys.executable, "-I", "-S", str(ROOT / "tests/planted.py"), fault]
    return {one.check.name: one for one in examined(Subject(f"runner '{fault}'", command), only=only)}


def looked_at(fault):
    """The checks that look at a runner with this fault: its own, and a few more, others for each fault."""
    if SWEEP:
        return NAMES
    start = zlib.crc32(fault.encode()) % len(NAMES)
    return {fault, "commands", *(NAMES * 2)[start : start + BESIDE]}


@pytest.fixture(scope="module")
def seen():
    """{fault: findings}: many at once, since each of them mostly waits."""
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(NAMES, pool.map(lambda fault: planted(fault, looked_at(fault)), NAMES), strict=True))


@pytest.mark.parametrize("fault", NAMES)
def test_a_planted_fault_is_found_by_its_check_and_by_no_other(seen, fault):
    assert [fault] == [name for name, one in seen[fault].items() if one.verdict == FAILED]
    assert seen[fault][fault].seen
