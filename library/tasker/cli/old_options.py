"""Options of TASKER 2.2: what they mean here."""

from __future__ import annotations

import os

from tasker.configuration.model import Misuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Document


def idle_lines(names: Iterable[str]) -> list[str]:
    """A line for each option that does nothing here."""
    from tasker.language.parse.head_options import IDLE

    return [f"{name} does nothing here: {IDLE[name]}" for name in names]


def bring_into_form(settings: Document, origins: dict[str, str]) -> None:
    """Replace --force-instance and --output-json by what they stand for. Raises Misuse."""
    if settings.pop("force_instance", False):
        if settings.get("instance_lock") and origins["instance_lock"].startswith("-"):
            raise Misuse(f"{origins['instance_lock']} and --force-instance exclude each other: leave one out")
        settings["instance_lock"], origins["instance_lock"] = False, origins.pop("force_instance")
    path = settings.pop("output_json", None)
    if path is None:
        return
    origin = origins.pop("output_json")
    if path is True:
        if origins["output"].startswith("-") and settings["output"] != "json":
            raise Misuse(f"{origin} is --output json: leave it out, or --output {settings['output']}")
        settings["output"], origins["output"] = "json", origin
        return
    path = os.path.abspath(os.path.expanduser(path))
    if not os.path.isdir(os.path.dirname(path)):
        raise Misuse(f"{origin}: there is no folder '{os.path.dirname(path)}'")
    if os.path.isdir(path):
        raise Misuse(f"{origin}: '{path}' is a folder")
    settings["summary_file"], origins["summary_file"] = path, origin
