"""The options of `fleet` in a request (docs/PROTOCOL.md): which gateways reach a host, and how."""

from __future__ import annotations

import math
import re

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasker.protocol.types import Document, RunnerOptions


class Gateway(NamedTuple):
    """name: as in the configuration; "g1>g2" is g2 by way of g1. leaf: the runner there. linger, silence: seconds.

    config: an ssh_config for the way to it, or "". python: the program there.
    """

    name: str
    leaf: str
    window: int
    linger: float
    silence: float
    config: str
    python: str


NO_GATEWAYS = 'no gateways: write gateways = ["g1", "g2"] under [runner.fleet] in tasker.toml'
NO_WAY = "no gateways: {} has no gateway for this host"
NAMES = ("gateways", "topology", "leaf", "window", "linger", "silence", "gateway_config", "gateway_python")
LEAVES = ("openssh", "ssh", "ssh2")
WINDOW, LINGER, SILENCE, PYTHON = 64, 60.0, 15.0, "python3"
HOP = re.compile(r"[A-Za-z0-9_.@:\[\]][A-Za-z0-9_.@:\[\]-]{0,254}")


def _are_gateways(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, str) and all(HOP.fullmatch(hop) for hop in one.split(">")) for one in value)


def _number(low: float, high: float) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and low <= value <= high
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value and "//" not in value


_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "gateways": (_are_gateways, 'a list of hosts, as ["g1", "g2"]; "g1>g2" is g2 by way of g1'),
    "topology": (_is_text, "a file"),
    "leaf": (lambda value: value in LEAVES, f"one of {', '.join(LEAVES)}"),
    "window": (lambda value: _number(1, 10_000)(value) and isinstance(value, int), "a number from 1 to 10000"),
    "linger": (_number(0, 86_400), "a number of seconds from 0 to 86400"),
    "silence": (_number(0.1, 3600), "a number of seconds from 0.1 to 3600"),
    "gateway_config": (_is_text, "a file"),
    "gateway_python": (lambda value: _is_text(value) and re.fullmatch(r"[\w./+-]+", str(value)) is not None, "a path"),
}


class Read(NamedTuple):
    """What options say, read once: most hosts have the same ones, and each of 10,000 requests brings them again."""

    problems: tuple[str, ...]
    gateways: tuple[Gateway, ...]
    for_leaf: dict[str, object]


_read: dict[str, Read] = {}  # by the text of the options, which tells 1, 1.0 and true apart
_MOST_READ = 1000


def _read_options(options: Mapping[str, object]) -> Read:
    text = repr(options)
    if (known := _read.get(text)) is not None:
        return known
    if len(_read) >= _MOST_READ:
        _read.clear()
    problems = tuple(
        f"'{key}' has to be {form}" for key, (good, form) in _FORMS.items() if key in options and not good(options[key])
    )
    for_leaf = {key: value for key, value in options.items() if key not in NAMES}
    made = _read[text] = Read(problems, () if problems else _gateways(dict(options)), for_leaf)
    return made


def _gateways(options: Document) -> tuple[Gateway, ...]:
    return tuple(
        Gateway(
            name,
            options.get("leaf", LEAVES[0]),
            options.get("window", WINDOW),
            float(options.get("linger", LINGER)),
            float(options.get("silence", SILENCE)),
            options.get("gateway_config", ""),
            options.get("gateway_python", PYTHON),
        )
        for name in dict.fromkeys(options.get("gateways", ()))
    )


def option_problems(options: Mapping[str, object]) -> tuple[str, ...]:
    """Why these options cannot be used."""
    return _read_options(options).problems


def gateways_of(options: RunnerOptions | Document) -> tuple[Gateway, ...]:
    """The gateways of a host, each once, in order; none where the options have problems."""
    return _read_options(options).gateways


def options_for_leaf(options: Mapping[str, object]) -> Mapping[str, object]:
    """What the runner on the gateway gets."""
    return _read_options(options).for_leaf
