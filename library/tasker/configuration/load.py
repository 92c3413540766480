"""Find and load configuration files, and derive the settings of a run from them."""

from __future__ import annotations

import os

from tasker.configuration.model import Configuration, Misuse, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.protocol.discovery import Served
    from tasker.protocol.types import ApprovalSettings, Settings, SettingsOption, Workflow

SYSTEM = "/etc/tasker/tasker.toml"
FILE = "tasker.toml"
_OF_PARSE = {"exec", "timeout", "on_error"}  # settings that parse has from the head of a task file


def load_configuration(
    environment: Mapping[str, str], task_file: str | None = None, extra: str | None = None, env: str | None = None
) -> Configuration:
    """Load every configuration file that exists. Raises Misuse with all faults.

    environment: the environment variables. task_file: the project's file is looked for in its folder (None: in the
    current folder). extra, env: the values of --config and --env.
    """
    found = [path for path in configuration_files(environment, task_file) if _exists(path)]
    if extra is not None:
        found = [path for path in found if path != os.path.abspath(extra)] + [os.path.abspath(extra)]
    asked = Setting(env, "--env") if env else None
    if not asked and environment.get("TASKER_ENV"):
        asked = Setting(environment["TASKER_ENV"], "TASKER_ENV")
    if found:
        from tasker.configuration import layers  # here: it imports tomllib, and few runs have a file

        machine = [path for path in (environment.get("TASKER_SYSTEM_CONFIG"), SYSTEM) if path]
        return layers.merge_files(found, asked, floor=machine)
    if asked:
        raise Misuse(f"no environment '{asked.value}' ({asked.origin}): there is no configuration file to name it")
    return Configuration()


def configuration_files(environment: Mapping[str, str], task_file: str | None) -> list[str]:
    """Paths where a configuration file may exist, weakest first."""
    system = environment.get("TASKER_SYSTEM_CONFIG", SYSTEM)
    user = environment.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(user):  # the XDG standard says to ignore a relative path
        user = os.path.join(os.path.expanduser("~"), ".config")
    project = os.path.join(os.path.dirname(task_file or ""), FILE)
    return [path for path in (system, os.path.join(user, "tasker", FILE), os.path.abspath(project)) if path]


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:  # also if the folder is closed to us: its files are not meant for this user
        return False
    return True


def run_settings(configuration: Configuration, own_timeouts: bool = True) -> Settings:
    """The settings that a configuration adds to a run: `runners_map` (exec type -> path or table), `options` (the
    rules), and `groups` (name -> hosts), `inventory`, `host_vars` and `approval` where there are any.

    own_timeouts: do the timeouts of [exec.NAME] count? One of the command line is stronger.

    Raises Misuse (exit code 20) if a runner cannot be used.
    """
    if not configuration.files:
        return {}
    paths, problems = resolve_runners(configuration)
    if problems:
        raise Misuse(*problems.values(), code=20)
    if not own_timeouts:
        for served in paths.values():
            if isinstance(served, dict):
                served.pop("timeout", None)
    made: Settings = {
        "configuration": configuration.files,
        "runners_map": paths,
        "options": option_rules(configuration),
    }
    if configuration.groups:
        made["groups"] = configuration.groups
    if configuration.inventory:
        made["inventory"] = configuration.inventory
    if configuration.host_vars:
        made["host_vars"] = configuration.host_vars
    if configuration.approval:
        made["approval"] = approval_settings(configuration)
    return made


def option_rules(configuration: Configuration) -> list[SettingsOption]:
    """The rules of a configuration, with those that follow from a topology.conf. Raises Misuse."""
    if not any("topology" in rule["options"] for rule in configuration.rules):
        return configuration.rules
    from tasker.configuration import topology  # here: few configurations name one

    return topology.with_gateways(configuration.rules)


def approval_settings(configuration: Configuration) -> ApprovalSettings:
    """What [approval] says, without what it switches off."""
    given = {key: setting.value for key, setting in configuration.approval.items()}
    made: ApprovalSettings = {"signed_only": True} if given.get("signed_only") else {}
    if (folder := given.get("folder", "none")) != "none":
        made["folder"] = folder
    if (allowed_signers := given.get("allowed_signers", "none")) != "none":
        made["allowed_signers"] = allowed_signers
    return made


def with_settings(workflow: Workflow) -> Workflow:
    """The workflow with settings from the configuration, unless a driver has set them: for a stage in a shell pipe.

    Raises Problem for an invalid configuration.
    """
    if "settings" in workflow and not ("head_options" in workflow and workflow["settings"].keys() <= _OF_PARSE):
        return workflow
    try:
        settings = run_settings(load_configuration(os.environ))
    except Misuse as misuse:
        from tasker.protocol.document import Problem

        raise Problem("bad_configuration", str(misuse)) from None
    settings |= workflow.get("settings", {})
    return {**workflow, "settings": settings} if settings else workflow


def resolve_runners(configuration: Configuration, only: str | None = None) -> tuple[dict[str, Served], dict[str, str]]:
    """Find the runners that the configuration maps: (exec type -> path or table, exec type -> error line).

    only: the one exec type that is asked for.
    """
    from tasker.protocol import discovery
    from tasker.protocol.document import Problem

    own = {name: setting.value for name, setting in configuration.exec_types.items()}
    paths: dict[str, Served] = {name: table.copy() for name, table in own.items() if only in (None, name)}
    problems: dict[str, str] = {}
    for name, (target, origin) in configuration.runners.items():
        if only not in (None, name):
            continue
        try:
            if target in own:
                paths[name] = own[target].copy()
                continue
            if os.path.isabs(target) and not os.path.isfile(target):
                raise Problem("no_runner", f"cannot find the runner '{target}'")
            if os.path.isabs(target) and not (target.endswith(".py") or os.access(target, os.X_OK)):
                raise Problem("no_runner", f"cannot start the runner '{target}': chmod +x")
            paths[name] = (
                discovery.find_runner(name, {name: target}) if os.path.isabs(target) else discovery.find_runner(target)
            )
        except Problem as problem:
            problems[name] = f"{origin}: exec type '{name}': {problem}"
    return paths, problems
