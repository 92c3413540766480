"""Many hosts through twenty gateways, with stub leaves: work grows with the hosts, and memory does not.

3,000 hosts in `make check`, 100,000 in `make soak`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from whole_program import ROOT

LARGE = "TASKER_SWEEP" in os.environ
HOSTS, AT_ONCE = (100_000, 10_000) if LARGE else (3_000, 300)
GATEWAYS = 20


def cost(hosts: int) -> dict[str, int]:
    words = [sys.executable, "-I", ROOT / "tests/support/fleet_stub.py", str(hosts), str(GATEWAYS), str(AT_ONCE)]
    found: dict[str, int] = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    assert found["good"] == hosts
    return found


def test_work_grows_with_hosts_and_memory_does_not() -> None:
    few, many = cost(HOSTS // 4), cost(HOSTS)

    assert many["calls"] / HOSTS < few["calls"] / (HOSTS // 4) * 1.05
    assert many["peak"] < few["peak"] * 1.12
    assert many["peak"] < AT_ONCE * 8_000 + 4_000_000
