"""What `fleet` makes of a request: it goes to a gateway as it is, when it is known to be valid."""

from __future__ import annotations

from importlib.util import find_spec

from tasker.execution import connection_faults
from tasker.execution.fleet import settings
from tasker.execution.fleet.executor import FleetAttempt, FleetExecutor
from tasker.execution.openssh import ssh_options
from tasker.execution.template_runner import TIMEOUT, TemplateRunner, checked_request
from tasker.protocol.results import not_started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify, Startable
    from tasker.execution.template_runner import Template, Words
    from tasker.protocol.types import About, Document, Request, Result

NO_COPIES: tuple[str, ...] = ()


class FleetBackend:
    """Commands are those of other runners, on gateways (execution/executor.py)."""

    logins = becomes = receipts = True
    options = tuple(dict.fromkeys((*ssh_options.NAMES, *settings.NAMES)))
    copies = NO_COPIES

    def missing(self, _program: Words) -> str:
        if find_spec("execnet"):
            return ""
        from tasker.system.missing_library import install_command  # here, as the library is there mostly

        return f"cannot find the library 'execnet': {install_command('execnet')}"

    def refusal(self, request: Request) -> Result | None:
        faults = settings.option_problems(request.get("options", {}))
        return _bad_setting(request, [], "; ".join(faults)) if faults else None

    def command_line(self, _template: Template, _request: Request, argv: list[str]) -> list[str]:
        return argv

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, _sudo: SudoDialogue | None = None
    ) -> FleetAttempt | Result:
        sent: Request = request if "marker" in request else {**request, "marker": marker}
        gateways = settings.gateways_of(request.get("options", {}))
        if not gateways:
            file = request.get("options", {}).get("topology")
            return _bad_setting(request, argv, settings.NO_WAY.format(file) if file else settings.NO_GATEWAYS)
        return FleetAttempt(sent, argv, timeout, gateways)

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> FleetExecutor:
        return FleetExecutor(loop, answer, notify)


def _bad_setting(request: Request, argv: list[str], why: str) -> Result:
    return connection_faults.with_class(not_started(request, argv, f"bad_setting: {why}"), "bad_setting")


class FleetRunner(TemplateRunner):
    """The hosts are names that gateways know, and the passwords of sudo are read there."""

    def about(self) -> About:
        about = super().about()
        about["resolve"] = False
        about["at_once"] = settings.WINDOW
        about["at_once_by"] = {"number": "window", "each": "gateways"}
        return about

    def attempt(self, asked: Document) -> Startable | Result:
        becomes = "become" in asked or (isinstance(asked.get("options"), dict) and "become" in asked["options"])
        if not becomes or asked.get("dry_run") or "copy" in asked or "ask" in asked:
            return super().attempt(asked)
        shown = super().attempt({**asked, "dry_run": True})  # it checks all that can be checked here
        if not isinstance(shown, dict) or not shown["ok"]:
            return shown
        request = checked_request(asked, set())
        return self.backend.attempt(request, shown["argv"], self._marker(request), request.get("timeout", TIMEOUT))
