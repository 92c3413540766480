"""The options of a runner for a host, as the rules of a configuration and an inventory have them."""

from __future__ import annotations

from tasker.protocol.discovery import served_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.protocol.types import Document, HostConnection, Settings, SettingsOption, Task

OF_INVENTORIES = ("ssh", "ssh2", "openssh", "fleet")  # runners that get what an inventory says about a connection


def options_for(
    rules: Iterable[SettingsOption],
    runner: str,
    hostname: str | None = None,
    connections: Mapping[str, HostConnection] | None = None,
) -> Document:
    """The options of a runner for a host, as they go into `options` of a request.

    rules: weakest first, each {"options": {…}}; with "runner" it applies to that runner only, with "match" (patterns)
    to matching hosts only, with "hosts" ({name: true}) to these. hostname: as in a request, `user@host:port` too; None:
    no host. connections: what inventories have for the host: stronger than rules without "match", and weaker than those
    with it.
    """
    made: Document = {}
    host = _host_of(hostname) if (rules or connections) and hostname else None
    if connections and host is not None and (found := connections.get(host)) is not None and runner in OF_INVENTORIES:
        given = found.get("options", {})
        rules = [rule for rule in rules if "match" not in rule] + [
            {"options": {**given}},
            *(rule for rule in rules if "match" in rule),
        ]
    for rule in rules:
        if "hosts" in rule and host not in rule["hosts"]:
            continue
        if rule.get("runner", runner) == runner and ("match" not in rule or _matches_any(host, rule["match"])):
            made |= rule["options"]
    return made


def _host_of(hostname: str) -> str | None:
    from tasker.language.hostname import hostname_problem, split_hostname

    return None if hostname_problem(hostname, authored=True) else split_hostname(hostname)[1].lower()


def _matches_any(host: str | None, patterns: Iterable[str]) -> bool:
    from fnmatch import fnmatchcase

    return host is not None and any(fnmatchcase(host, pattern) for pattern in patterns)


def user_of_command(
    task: Task,
    exec_type: str,
    hostname: str | None,
    settings: Settings,
    connections: Mapping[str, HostConnection] | None = None,
) -> Document:
    """Who runs the command of a task, if that is not the login: its `become`, `become_direct`; {} for the login.

    The field of the task is stronger than the option of its runner. settings, connections: of the workflow.
    """
    rules = settings.get("options", [])
    made: Document = {}
    if any("become" in rule["options"] for rule in rules):
        options = options_for(rules, served_by(exec_type, settings.get("runners_map")), hostname, connections)
        made = {key: options[key] for key in ("become", "become_direct") if key in options}
    if "become" in task:
        made["become"] = task["become"]
    if "become_direct" in task:
        made["become_direct"] = task["become_direct"] == "true"
    return made if "become" in made else {}


def user_of_request(request: Mapping[str, object]) -> str:
    """As whom a command of the journal was to run, "" for the login: by its task, or by an option of its runner."""
    options = request.get("options")
    user = request.get("become") or (options.get("become") if isinstance(options, dict) else None)
    return user if isinstance(user, str) else ""
