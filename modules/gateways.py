#!/usr/bin/env python3
"""Ask the gateways of the configuration: who is ready, its versions, load and slots, and if not, why not."""

from __future__ import annotations

import os
import sys

from tasker import stage
from tasker.protocol import arguments as stage_arguments
from tasker.protocol import document, stage_io
from tasker.protocol.exit_codes import BAD, GOOD, MISUSED
from tasker.system.standard_output import print_text
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.protocol.types import GatewaysEntry

ABOUT = {"accepts": "arguments", "returns": "gateways", "name": "gateways", "parallel": False}
USAGE = """
examples:
  tasker gateways --env fleet        connect to each gateway as a run does, and start nothing on hosts
  tasker gateways --env fleet --json | jq '.gateways[] | select(.ready | not)'

usage: tasker gateways [--env NAME] [--config FILE] [--output text|json]
  --env NAME       the environment whose gateways are meant
  --config FILE    one more configuration file, stronger than the others
  --output json, --json   one document for programs

exit codes: 0 all are ready; 1 one of them is not; 2 there are none, or the configuration is wrong
"""
HEADINGS = ("GATEWAY", "STATE", "TASKER", "PYTHON", "LOAD", "SLOTS", "HOSTS")


def main(arguments: list[str] | None = None) -> int:
    """The exit status of `tasker gateways`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        read = stage_arguments.read_options(
            arguments, forms=("text", "json"), old=("json",), values=("env", "config"), words=(0, 0)
        )
    except ValueError as error:
        return stage_io.print_usage(f"gateways: {error}\n{USAGE}")
    from tasker.configuration.load import load_configuration, option_rules
    from tasker.configuration.model import Misuse
    from tasker.execution.fleet import gateway_list, settings

    try:
        configuration = load_configuration(os.environ, None, read.options.get("config"), read.options.get("env"))
        hosts = gateway_list.gateways_in(option_rules(configuration))
    except (Misuse, gateway_list.InvalidOptions) as misuse:
        for problem in misuse.problems:
            print(f"tasker gateways: {printable(problem)}", file=sys.stderr)
        return MISUSED
    if not hosts:
        print(f"tasker gateways: {settings.NO_GATEWAYS}, or name an environment with --env", file=sys.stderr)
        return MISUSED
    found = gateway_list.ask_gateways(hosts)
    good = all(entry["ready"] for entry in found)
    if read.form == "json":
        stage_io.Output().say(document.document("gateways", good, gateways=found))
    else:
        print_text("\n".join(_lines(found)))
    return GOOD if good else BAD


def _lines(found: Sequence[GatewaysEntry]) -> Iterator[str]:
    rows = [HEADINGS, *map(_row, found)]
    shown = [[shorten(printable(cell), 60) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(len(HEADINGS))]
    for row in shown:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for entry in found:
        if not entry["ready"]:
            yield printable(f"{entry['name']} is not ready: {entry.get('reason', 'no reason given')}")


def _row(entry: GatewaysEntry) -> tuple[str, ...]:
    load = f"{entry['load']:.1f} of {entry['cores']}" if "load" in entry and "cores" in entry else ""
    state = "ready" if entry["ready"] else "not ready"
    versions = entry.get("version", ""), entry.get("python", "")
    return entry["name"], state, *versions, load, str(entry["window"]), ", ".join(entry["hosts"])


if __name__ == "__main__":
    raise SystemExit(main())
