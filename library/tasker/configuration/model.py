"""What the configuration files say: of the machine, the user, the project, and the one named on the command line.

Later files override earlier ones key by key, and what stands in the chosen `[env.NAME]` overrides what stands outside.
Only `os` is needed until there is a file: most runs have none (docs/configuration.md).
"""

import os

from tasker.text.named_tuple import NamedTuple

SYSTEM = "/etc/tasker/tasker.toml"
FILE = "tasker.toml"


class Misuse(Exception):
    """What a person told us is wrong. `problems`: one line each, what is wrong and what to do; `code`: exit code."""

    def __init__(self, *problems, code=2):
        super().__init__("; ".join(problems))
        self.problems, self.code = problems, code


class Value(NamedTuple):
    """A value, and where it comes from: 'FILE:LINE', a variable of the environment, an option, 'default'."""

    value: object
    origin: str


class Configuration:
    """What all files together say for one environment.

    files: those that were read, weakest first. env: the Value of the environment's name, or None. defaults: key of
    [defaults] -> Value. runners: exec type -> Value of the name or path of its runner. rules: see `options`.
    """

    def __init__(self):
        self.files, self.env = [], None
        self.defaults, self.runners, self.rules = {}, {}, []


def load(environment, task_file=None, extra=None, env=None):
    """The Configuration. Raises Misuse with everything that is wrong.

    environment: variables. task_file: its folder may hold the project's file; None: the current folder may.
    extra, env: the values of --config and --env.
    """
    found = [path for path in places(environment, task_file) if _is_there(path)]
    if extra is not None:
        found = [path for path in found if path != os.path.abspath(extra)] + [os.path.abspath(extra)]
    wanted = Value(env, "--env") if env else None
    if not wanted and environment.get("TASKER_ENV"):
        wanted = Value(environment["TASKER_ENV"], "TASKER_ENV")
    if found:
        from tasker.configuration import layers  # here, since it needs tomllib, and few runs need it

        return layers.configuration(found, wanted)
    if wanted:
        raise Misuse(f"no environment '{wanted.value}' ({wanted.origin}): there is no configuration file to name it")
    return Configuration()


def places(environment, task_file):
    """Where a file may be, weakest first."""
    system = environment.get("TASKER_SYSTEM_CONFIG", SYSTEM)
    user = environment.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(user):  # so says the standard
        user = os.path.join(os.path.expanduser("~"), ".config")
    project = os.path.join(os.path.dirname(task_file or ""), FILE)
    return [path for path in (system, os.path.join(user, "tasker", FILE), os.path.abspath(project)) if path]


def _is_there(path):
    try:
        os.stat(path)
    except OSError:  # also where we may not look: who keeps others out of a folder does not mean them by its files
        return False
    return True


def carried(configuration):
    """What a run takes with it, as settings: `runners_map` (exec type -> path) and `options` (the rules). Raises
    Misuse where a runner cannot be used."""
    if not configuration.files:
        return {}
    paths, problems = mapped(configuration.runners)
    if problems:
        raise Misuse(*problems.values(), code=20)
    return {"configuration": configuration.files, "runners_map": paths, "options": configuration.rules}


def standing(workflow):
    """The workflow with what the configuration says as its settings, where no driver has given it any: for a stage
    that somebody calls in a pipe. Raises Problem."""
    if "settings" in workflow:
        return workflow
    try:
        taken = carried(load(os.environ))
    except Misuse as misuse:
        from tasker.protocol.document import Problem

        raise Problem("bad_configuration", str(misuse)) from None
    return {**workflow, "settings": taken} if taken else workflow


def mapped(runners):
    """(exec type -> path of its runner, problems) of what the configuration maps; problems: exec type -> a line."""
    from tasker.protocol import discovery
    from tasker.protocol.document import Problem

    paths, problems = {}, {}
    for name, (target, origin) in runners.items():
        try:
            if os.path.isabs(target) and not os.path.isfile(target):
                raise Problem("no_runner", f"cannot find the runner '{target}'")
            if os.path.isabs(target) and not (target.endswith(".py") or os.access(target, os.X_OK)):
                raise Problem("no_runner", f"cannot start the runner '{target}': chmod +x")
            paths[name] = discovery.runner(name, {name: target}) if os.path.isabs(target) else discovery.runner(target)
        except Problem as problem:
            problems[name] = f"{origin}: exec type '{name}': {problem}"
    return paths, problems


def options(rules, runner, hostname=None):
    """The options of a runner for a host: `options` of its requests.

    rules: as documents carry them, weakest first: {"options": {…}} with "runner", the only one that it is for, and
    "match", patterns of host names, where it has them. hostname: as a request has it, `user@host:port` too.
    """
    made = {}
    host = _host(hostname) if rules and hostname else None
    for rule in rules:
        if rule.get("runner", runner) == runner and ("match" not in rule or _matches(host, rule["match"])):
            made |= rule["options"]
    return made


def _host(hostname):
    from tasker.language.hostname import problem, split

    return None if problem(hostname, authored=True) else split(hostname)[1].lower()


def _matches(host, patterns):
    from fnmatch import fnmatchcase

    return host is not None and any(fnmatchcase(host, pattern) for pattern in patterns)


def unfit(settings, exec_type, about):
    """Why the runner that serves an exec type does not fit what the configuration says, a line each.

    settings: those that `carried` gave. about: what the runner says of itself.
    """
    from tasker.protocol.discovery import runners, served_by

    paths, rules = settings.get("runners_map", {}), settings.get("options", ())
    found, script = [], about.get("words") == "script"
    if exec_type in paths and exec_type in runners() and script != (exec_type == "shell"):
        # the text of a task would mean something else, and was checked as what it is
        given, takes = ("words", "a script") if script else ("a script", "words")
        path = f"'{paths[exec_type]}', which it is mapped to"
        found.append(f"exec type '{exec_type}' is given {given}, and {path}, takes {takes}")
    return found + _unusable(rules, served_by(exec_type, paths), about)


def _unusable(rules, runner, about):
    """What is set for this very runner and is no option of it; of one that does not list its options nothing is
    known."""
    if not isinstance(about.get("options"), list):
        return []
    from tasker.language.fields import did_you_mean

    takes, found = [name for name in about["options"] if isinstance(name, str)], []
    for rule in rules:
        for key in rule["options"] if rule.get("runner") == runner else ():
            if key not in takes:
                fix = did_you_mean(key, takes) or f"it has {', '.join(takes) or 'none'}"
                found.append(f"{rule['at'][key]}: runner '{runner}' has no option '{key}'; {fix}")
    return found
