"""What all tests share: the stages importable as `tasker.modules.…` from a checkout."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "library"))

import tasker  # noqa: E402

tasker.__path__.append(str(ROOT))


def pytest_sessionfinish(session):
    """A skipped test proves nothing, so it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and not session.exitstatus:
        reporter.write_line("\na skipped test proves nothing, so it counts as failed", red=True)
        session.exitstatus = 1
