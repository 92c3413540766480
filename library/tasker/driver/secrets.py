"""Read the secrets of a run. `run_context.Secrets` puts them into requests at the last moment, and masks the rest.

`secret=TOKEN` declares the global TOKEN, whose value is `env:VARIABLE`, `file:PATH` or the secret itself. Only the
driver knows the values: parse leaves them where they are, flow says where they go (`hidden` in a request).
"""

from __future__ import annotations

import os

from tasker.driver.run_context import Secrets
from tasker.language.fields import SOURCE_OF_PASSWORD
from tasker.language.findings import finding
from tasker.language.quoting import quote as shell
from tasker.language.secrets import declared_secrets, is_literal
from tasker.system.digest import sha256
from tasker.system.private_files import FileTooLarge, IrregularFile, create_private, read_regular
from tasker.system.trust import exposure_reason
from tasker.text.json_codec import decode_json, encode_json
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.driver.run_context import RunContext
    from tasker.protocol.types import Finding, Workflow

SHORTEST = 4  # characters: to mask less would leave no text readable
LARGEST = 16 * 1024  # characters
GIVEN = "given"  # given.json of a run: `keep_given`
MOST = 100  # values in there
_VARIABLE = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class NoSecret(Exception):
    """A secret cannot be had. The text says why; fix: what to do."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.fix = fix


def read_secrets(workflow: Workflow, environment: Mapping[bytes, bytes] = os.environb) -> tuple[Secrets, list[Finding]]:
    """(Secrets, findings). A value that stands in the task file is taken out of the workflow."""
    values: dict[str, str] = {}
    findings: list[Finding] = []
    for name, entry in declared_secrets(workflow).items():
        if entry.get("required") and "origin" not in entry:
            continue  # parse has reported that it has no value
        try:
            values[name] = _value(entry["value"], environment)
        except NoSecret as error:
            line, column = entry["at"]
            message, file = f"secret '{name}': {error}", workflow["file"]
            found = finding("S001", message, error.fix, file=file, line=line, column=column, field=name)
            findings.append(found)
        if is_literal(entry):
            entry["value"], entry["literal"] = "", True
    by_name = [name for name, entry in declared_secrets(workflow).items() if "by_name" in entry]
    return Secrets(values, by_name=by_name), findings


def read_passwords(
    workflow: Workflow, environment: Mapping[bytes, bytes] = os.environb
) -> tuple[set[str], list[Finding]]:
    """(passwords that `become_password` of tasks names, to be masked; what keeps runners from reading one, each place
    once)."""
    passwords: set[str] = set()
    findings: list[Finding] = []
    seen: set[str] = set()
    for task in workflow["tasks"]:
        place = task.get("become_password", "")
        if place in seen or not SOURCE_OF_PASSWORD.fullmatch(place):  # else validation has reported it
            continue
        seen.add(place)
        kind, _, name = place.partition(":")
        try:
            text = _variable(name, environment) if kind == "env" else _content(name)
            if password := text.partition("\n")[0].strip("\r"):
                passwords.update({password} if len(password) >= SHORTEST else ())
            else:
                raise NoSecret("it is empty", "put the password into it, as its first line")
        except NoSecret as error:
            line, column = task["at"]["become_password"]
            message, file = f"the password for sudo: {error}", workflow["file"]
            found = finding("S001", message, error.fix, file=file, line=line, column=column, field="become_password")
            findings.append(found)
    return passwords, findings


def keep_given(context: RunContext) -> None:
    """Keep in the folder of the run what a resume could read nowhere else: values of a call for secrets that are not
    declared. Raises OSError."""
    if names := _given_by_call(context.workflow):
        kept = encode_json({name: context.secrets.values[name] for name in names})
        _, descriptor = create_private(context.folder, GIVEN, ".json", kept.encode())
        context.disk.sync(descriptor)
        os.close(descriptor)


def restore_given(workflow: Workflow, folder: str) -> Workflow:
    """A workflow from a journal with the values that `keep_given` has kept in the folder of its run. What is not there
    stays empty."""
    names = _given_by_call(workflow)
    if not names:
        return workflow
    try:
        kept = decode_json(read_regular(os.path.join(folder, f"{GIVEN}.json"), 2 * LARGEST * MOST).decode())
    except (OSError, ValueError):
        return workflow
    variables = workflow["variables"].copy()
    for name in names:
        if isinstance(kept, dict) and isinstance(value := kept.get(name), str):
            variables[name] = {**variables[name], "value": value}
    return {**workflow, "variables": variables}


def _given_by_call(workflow: Workflow) -> list[str]:
    return [
        name
        for name, entry in declared_secrets(workflow).items()
        if entry.get("by_name") == "value" and "origin" in entry
    ]


def restore_literals(workflow: Workflow, copies: Iterable[str]) -> Workflow:
    """A workflow from a journal with the secrets that stood in its task file: the first copy that is that file has
    them. Those that are nowhere stay empty."""
    from tasker.language.parse.source import LARGEST as LARGEST_FILE  # here: few runs need it
    from tasker.language.parse.taskfile import parse_workflow as parsed

    missing = [
        name for name, entry in declared_secrets(workflow).items() if entry.get("literal") and not entry["value"]
    ]
    for path in copies if missing else ():
        try:
            data = read_regular(path, LARGEST_FILE)
        except OSError:
            continue
        if sha256(data).hexdigest() == workflow.get("sha256"):
            found = parsed(data, path)["variables"]
            known = {name: found[name] for name in missing if name in found}
            return {**workflow, "variables": {**workflow["variables"], **known}}
    return workflow


def _value(written: str, environment: Mapping[bytes, bytes]) -> str:
    """The secret that a global means. Raises NoSecret."""
    if written.startswith("env:"):
        value = _variable(written[4:].strip(), environment)
    elif written.startswith("file:"):
        value = _content(written[5:].strip())
    else:
        value = written
    return _usable(value)


def _variable(name: str, environment: Mapping[bytes, bytes]) -> str:
    if not _VARIABLE.fullmatch(name):
        from tasker.language.parse.source import quote_name

        raise NoSecret(f"{quote_name(name)} is not the name of an environment variable", "write env:NAME")
    value = environment.get(name.encode())
    if value is None:
        raise NoSecret(f"the environment variable {name} is not set", f"export {name} before tasker is started")
    return _decoded(value, f"the environment variable {name}")


def _content(path: str) -> str:
    """The text in a private file."""
    from tasker.language.parse.source import quote_name

    called = quote_name(path)
    place = os.path.expanduser(path)

    def require_private(status: os.stat_result) -> None:
        if why := exposure_reason(place, status):
            what, _, fix = why.partition("; ")
            raise NoSecret(f"cannot trust {called}: {what}", f"{fix} {shell(path)}" if fix == "chmod 600" else fix)

    try:
        data = read_regular(place, 4 * LARGEST + 2, require_private)
    except IrregularFile:
        raise NoSecret(f"{called} is not a regular file", "name a file that holds nothing but the secret") from None
    except FileTooLarge:
        raise NoSecret(f"it has more than {LARGEST} characters", "hand over the name of a file instead") from None
    except OSError as error:
        fix = "name a file that you may read: file:PATH, from the folder where tasker is started, or from ~"
        raise NoSecret(f"cannot read {called}: {str(error.strerror).lower()}", fix) from None
    return _decoded(data, called)


def _decoded(data: bytes, called: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NoSecret(f"{called} is not UTF-8", "a secret is text: encode it, for example with base64") from None


def _usable(value: str) -> str:
    value = value.rstrip("\r\n")
    if not value.strip():
        raise NoSecret("it is empty", "give it a value: env:VARIABLE, or file:PATH")
    if "\0" in value:
        raise NoSecret("it holds a NUL byte, which no command can be given", "take that out")
    if len(value) < SHORTEST:
        fix = f"use one of {SHORTEST} characters or more, or do not call it a secret"
        raise NoSecret(f"it has fewer than {SHORTEST} characters: to mask it would make all texts unreadable", fix)
    if len(value) > LARGEST:
        raise NoSecret(f"it has more than {LARGEST} characters", "hand over the name of a file instead")
    return value
