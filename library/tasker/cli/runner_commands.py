"""`tasker runner NAME` becomes that runner; `tasker runners` lists them all."""

from __future__ import annotations

import os
import sys

from tasker.cli import start_up
from tasker.cli.printing import print_either, print_misuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def run_runner(arguments: Sequence[str]) -> int:
    """Become a runner. `NAME.py` is that of the collection, whatever is configured: the driver starts it like this."""
    from tasker.configuration import load, model
    from tasker.protocol import discovery
    from tasker.protocol.document import Problem

    try:
        given, (name, *rest) = _leading_options(arguments, ("--env", "--config"))
        if name.startswith("-"):  # --help
            raise ValueError("no name of a runner")
        served: discovery.Served | None = None
        if name.endswith(".py"):
            path = discovery.own_runner(name)
        else:
            configuration = load.load_configuration(os.environ, None, given.get("--config"), given.get("--env"))
            paths, problems = load.resolve_runners(configuration, only=name)
            if problems:
                return print_misuse(problems[name])
            path, served = discovery.find_runner(name, paths), paths.get(name)
    except ValueError:
        print(
            "usage: tasker runner [--env NAME] [--config FILE] NAME [--about | --lines] < request.json", file=sys.stderr
        )
        return 2
    except (Problem, model.Misuse) as problem:
        return print_misuse(problem)
    command = discovery.start_command(path, served)
    if path.endswith(".py") and len(command) > 2:
        table = [command[-1]] if isinstance(served, dict) else []
        return start_up.run_as_stage(path, [*table, *rest])
    try:
        os.execv(command[0], [*command, *rest])
    except OSError as error:
        return print_misuse(f"cannot start '{command[0]}': {error.strerror}")


def configured_command(exec_type: str, config: str | None, env: str | None) -> list[str] | None:
    """The command of the runner that the configuration has for an exec type, None where it has none. Raises Problem.

    config, env: the values of --config and --env.
    """
    from tasker.configuration import load, model
    from tasker.protocol import discovery
    from tasker.protocol.document import Problem

    try:
        configuration = load.load_configuration(os.environ, None, config, env)
    except model.Misuse as misuse:
        raise Problem("bad_configuration", str(misuse)) from None
    paths, problems = load.resolve_runners(configuration, only=exec_type)
    if problems:
        raise Problem("no_runner", problems[exec_type])
    return discovery.runner_command(exec_type, paths) if exec_type in paths else None


def _leading_options(arguments: Iterable[str], names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """({option: value}, the other arguments) of options that stand first. Raises ValueError where a value is missing,
    or nothing follows them."""
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest and rest[0].partition("=")[0] in names:
        name, equals, value = rest.pop(0).partition("=")
        value = value if equals else rest.pop(0) if rest else ""
        if not value:
            raise ValueError(f"{name} needs a value")
        given[name] = value
    if not rest:
        raise ValueError("no runner is named")
    return given, rest


def list_runners(arguments: Sequence[str]) -> int:
    from tasker.cli import listings
    from tasker.configuration import load, model
    from tasker.protocol.stage_process import Interrupted
    from tasker.system.signals import ENDING, wakeup_pipe

    try:
        given, rest = _leading_options([*arguments, ""], ("--env", "--config", "--output"))
        form = given.get("--output", "text")
        if rest != [""] or form not in ("text", "json"):
            raise ValueError
        configuration = load.load_configuration(os.environ, None, given.get("--config"), given.get("--env"))
    except ValueError:
        print("usage: tasker runners [--env NAME] [--config FILE] [--output text|json]", file=sys.stderr)
        return 2
    except model.Misuse as misuse:
        return print_misuse(misuse)
    wake = wakeup_pipe(ENDING)
    try:
        doc = listings.runners_document(configuration, wake)
    except Interrupted:
        return 128 + os.read(wake, 1)[0]
    print_either(doc, listings.runners_text, form)
    return 0 if doc["ok"] else 1
