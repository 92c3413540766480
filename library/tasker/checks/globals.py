"""Global variables: cycles, too large, unused (docs/language.md §4)."""

from __future__ import annotations

from tasker.language import template
from tasker.language.variables import DEEPEST, Missing
from tasker.text.graphs import find_cycles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.checks.context import CheckContext


def check_expansion(context: CheckContext) -> None:
    """Globals that cannot be expanded. The innermost come first, so that each is expanded once."""
    texts = context.index.globals.texts
    names = list(texts)
    index = {name: place for place, name in enumerate(names)}
    inner = [
        [index[ref.name] for ref in template.refs_of(texts[name]) if ref.task is None and ref.name in index]
        for name in names
    ]
    depths: dict[int, int] = {}
    for group in find_cycles(inner):
        if len(group) > 1 or group[0] in inner[group[0]]:
            first = min(group)
            _report_cycle(context, names[first], [names[place] for place in group])
            continue
        place = group[0]
        if context.notes.broken_globals.isdisjoint(names[below] for below in inner[place]):
            depths[place] = 1 + max((depths[below] for below in inner[place]), default=0)
            _check_alone(context, names[place], depths[place])
        else:
            context.notes.broken_globals.add(names[place])


def _report_cycle(context: CheckContext, name: str, names: list[str]) -> None:
    context.notes.broken_globals.update(names)
    try:
        context.index.globals.expand(template.parse_template(f"@{name}@"))
    except Missing as missing:
        message = missing.reason
        if missing.kind != "cycle":
            message = f"cycle of global variables: {', '.join(sorted(names)[:10])}"
        context.report("T031", message, "remove one of the uses", field=name, at=context.variables[name].get("at"))


def _check_alone(context: CheckContext, name: str, depth: int) -> None:
    """Check a global whose own globals can be expanded. Undefined ones are reported where they are used."""
    problem = ""
    try:
        context.index.globals.expand(template.parse_template(f"@{name}@"))
    except Missing as missing:
        context.notes.broken_globals.add(name)
        problem = missing.reason if missing.kind == "size" else ""
    if depth > DEEPEST and not problem:
        context.notes.broken_globals.add(name)
        problem = f"global variables are nested more than {DEEPEST} deep"
    if problem:
        context.report("T032", problem, "make it shorter", field=name, at=context.variables[name].get("at"))


def check_unused(context: CheckContext) -> None:
    """Globals that nothing uses. Runs after variables.py has noted all uses. A secret counts as used: it is masked."""
    for name, entry in context.variables.items():
        if name in context.notes.used_globals or (entry.get("secret") and "by_name" not in entry):
            continue
        if not entry.get("mentioned"):  # by a line that parse has left out, and reported
            message = f"unused variable '{name}'"
            context.report("T033", message, f"use it as @{name}@, or remove it", field=name, at=entry.get("at"))
