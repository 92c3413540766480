"""What all tests share: the stages importable as `tasker.modules.…` from a checkout."""

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "library"), str(ROOT / "tests/support")]

import pytest  # noqa: E402
from whole_program import Place  # noqa: E402

# what the person who runs the tests has configured is none of their business
os.environ.pop("TASKER_ENV", None)
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"
os.environ["TASKER_SYSTEM_CONFIG"] = ""

# in the background of a shell these are ignored, and all that tests start would be told to ignore them too
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

import tasker  # noqa: E402

tasker.__path__.append(str(ROOT))


@pytest.fixture
def place(tmp_path):
    """Where the whole program is run. Whatever a test ran: flow, fed with its journal, does again what was done."""
    made = Place(tmp_path)
    yield made
    made.verify()


def pytest_sessionfinish(session):
    """A skipped test proves nothing, so it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and not session.exitstatus:
        reporter.write_line("\na skipped test proves nothing, so it counts as failed", red=True)
        session.exitstatus = 1
