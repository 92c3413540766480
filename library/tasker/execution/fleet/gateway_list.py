"""The gateways of a configuration, and what each of them answers to a greeting: `tasker gateways`."""

from __future__ import annotations

import signal
import time

from tasker.execution.event_loop import ENDING, EventLoop
from tasker.execution.fleet import settings
from tasker.execution.fleet.link import GREETING, READY, Link
from tasker.language.runner_options import options_for
from tasker.text.host_ranges import fold_hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasker.execution.fleet.link import Open
    from tasker.execution.fleet.settings import Gateway
    from tasker.protocol.types import GatewaysEntry, SettingsOption

RUNNER = "fleet"
EVERY_HOST = "*"
GOODBYE = 5.0  # seconds for gateways to end what was started there
_LONGEST = 40  # characters of a version


class InvalidOptions(Exception):
    """problems: why gateways cannot be read from a configuration, in words."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def gateways_in(rules: Sequence[SettingsOption]) -> dict[Gateway, list[str]]:
    """Each gateway of the runner `fleet`, with the patterns of the hosts that go through it. Raises InvalidOptions.

    rules: of a configuration, weakest first.
    """
    patterns = [EVERY_HOST]
    for rule in rules:
        if rule.get("runner", RUNNER) == RUNNER and any(name in rule["options"] for name in settings.NAMES):
            patterns += [one for one in (*rule.get("match", ()), *_folded(rule)) if one not in patterns]
    found: dict[Gateway, list[str]] = {}
    problems: dict[str, None] = {}
    for pattern in patterns:
        chosen = [rule for rule in rules if "match" not in rule or pattern in rule["match"]]
        chosen = [rule for rule in chosen if "hosts" not in rule or pattern in _folded(rule)]
        bare: list[SettingsOption] = [
            {"runner": rule.get("runner", RUNNER), "options": rule["options"]} for rule in chosen
        ]
        options = options_for(bare, RUNNER)
        faults = settings.option_problems(options)
        problems |= dict.fromkeys(faults)
        if not faults:
            for gateway in settings.gateways_of(options):
                found.setdefault(gateway, []).append(pattern)
    if problems:
        raise InvalidOptions(list(problems))
    return found


def _folded(rule: SettingsOption) -> list[str]:
    """The hosts of a rule as one text; none of a rule without any."""
    return [fold_hosts(rule["hosts"])] if "hosts" in rule else []


class Visit:
    """A link to one gateway, which is asked for its greeting alone."""

    def __init__(self, gateway: Gateway, loop: EventLoop, open_carrier: Open) -> None:
        from tasker.execution.fleet.program import program_for

        self.is_over = False
        self.link = Link(gateway, loop, open_carrier, program_for, self)
        self.link.want()

    def link_ready(self, _link: Link) -> None:
        self.is_over = True

    def link_final(self, _link: Link, _reason: str) -> None:
        self.is_over = True

    def link_cut(self, _link: Link) -> None:
        pass

    link_may_connect = link_cut

    def link_line(self, _link: Link, _line: bytes) -> None:
        pass

    def entry(self, hosts: Sequence[str]) -> GatewaysEntry:
        link = self.link
        made: GatewaysEntry = {
            "name": link.gateway.name,
            "ready": link.state == READY,
            "window": link.gateway.window,
            "leaf": link.gateway.leaf,
            "hosts": list(hosts),
        }
        if not made["ready"]:
            made["reason"] = link.reason or "it did not answer in time"
        else:
            add_facts(made, link.about)
        return made


def add_facts(made: GatewaysEntry, about: Mapping[str, object]) -> None:
    """What a gateway says of itself, without what cannot be."""
    version, python = about.get("version"), about.get("python")
    if isinstance(version, str) and 0 < len(version) <= _LONGEST:
        made["version"] = version
    if isinstance(python, str) and 0 < len(python) <= _LONGEST:
        made["python"] = python
    cores, load = about.get("cores"), about.get("load")
    if type(cores) is int and 0 < cores < 1 << 20:
        made["cores"] = cores
    if isinstance(load, float) and 0 <= load < 1e9:
        made["load"] = round(load, 2)


def ask_gateways(hosts: Mapping[Gateway, Sequence[str]], open_carrier: Open | None = None) -> list[GatewaysEntry]:
    """What each gateway says, in order; after a signal those that have not answered are not ready. open_carrier: see
    FleetExecutor."""
    if open_carrier is None:
        from tasker.execution.fleet.carrier import ExecnetCarrier

        open_carrier = ExecnetCarrier
    loop = EventLoop((*ENDING, signal.SIGINT))
    visits = [Visit(gateway, loop, open_carrier) for gateway in hosts]
    _turn(loop, GREETING + GOODBYE, lambda: all(visit.is_over for visit in visits))
    made = [visit.entry(patterns) for visit, patterns in zip(visits, hosts.values(), strict=True)]
    for visit in visits:
        visit.link.say_goodbye()
    _turn(loop, GOODBYE, lambda: all(visit.link.is_gone for visit in visits))
    for visit in visits:
        visit.link.kill()
    return made


def _turn(loop: EventLoop, seconds: float, is_over: Callable[[], bool]) -> None:
    """Turn the loop until it is over, for these seconds at most, or until a signal comes."""
    until = time.monotonic() + seconds
    while not is_over() and not loop.signalled and time.monotonic() < until:
        loop.turn(until - time.monotonic())
