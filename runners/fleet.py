#!/usr/bin/env python3
"""Run a command on another host by way of gateways, with the library execnet: `pip install execnet`.

Command line: that of ssh, which runs on the gateway; nothing is installed there, and Python 3.11 has to be there.
Connection test: logs in from a gateway and runs `true`.

It serves other exec types: `[env.fleet.runners] openssh = "fleet"`, and `[runner.fleet] gateways = ["g1", "g2"]`
(docs/howto/several-jump-hosts.md).
"""

from tasker.execution.fleet.runner import FleetBackend, FleetRunner
from tasker.execution.request_server import serve_runner

COMMAND = ["ssh", "--", "{hostname}", "{words:shell}"]
CHECK = ["ssh", "--", "{hostname}", "true"]

if __name__ == "__main__":
    raise SystemExit(serve_runner(FleetRunner("fleet", COMMAND, CHECK, FleetBackend(), "required", 22)))
