"""What all tests share: the stages importable as `tasker.modules.…` from a checkout."""

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "library"), str(ROOT / "tests/support")]

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from lanes import LANE_OF, LANES, SLOW, Clock  # noqa: E402
from whole_program import Place  # noqa: E402

# what the person who runs the tests has configured is none of their business
os.environ.pop("TASKER_ENV", None)
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"
os.environ["TASKER_SYSTEM_CONFIG"] = ""

# ignored in the background of a shell, or with nohup: all that tests start would be told to ignore them too
ENDING = (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
)
for number, usual in ENDING:
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

# a change is judged by the same examples every time; the sweeps (make soak, make fuzz) are for finding others
settings.register_profile("same", derandomize=True)
if "TASKER_SWEEP" not in os.environ:
    settings.load_profile("same")

import tasker  # noqa: E402

tasker.__path__.append(str(ROOT))


@pytest.fixture(autouse=True)
def _handlers_stay():
    """What a test changes here is inherited by all that later tests start."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    after = [signal.getsignal(number) for number in numbers]
    if after != before:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert after == before, "tests/support/signals_kept.py puts handlers back"


@pytest.fixture
def place(tmp_path):
    """Where the whole program is run. Whatever a test ran: flow, fed with its journal, does again what was done."""
    made = Place(tmp_path)
    yield made
    made.verify()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lane", choices=sorted(LANES), help="run the tests of one lane: tests/support/lanes.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --lane, nothing of another lane is even imported."""
    lane = config.getoption("--lane")
    inside = collection_path.parent == ROOT / "tests" and collection_path.name in LANE_OF
    return True if lane and inside and LANE_OF[collection_path.name] != lane else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.name.partition("[")[0] in SLOW:
            item.add_marker("slow")


CLOCK = Clock()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    CLOCK.add(report.nodeid, report.duration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in CLOCK.lines():
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test proves nothing, so it fails the run; so does a lane over its budget, where nothing is swept."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or session.exitstatus:
        return
    if reporter.stats.get("skipped"):
        reporter.write_line("\na skipped test proves nothing, so it counts as failed", red=True)
        session.exitstatus = 1
    if "TASKER_SWEEP" not in os.environ and (over := CLOCK.over()):
        reporter.write_line(f"\nover the budget of its lane (tests/support/lanes.py): {', '.join(over)}", red=True)
        session.exitstatus = 1
