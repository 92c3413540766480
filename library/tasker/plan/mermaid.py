"""A plan for mermaid, which many wikis and code sites can draw."""

from __future__ import annotations

import re

from tasker.plan import graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.plan.types import PlanFacts

ARROWS = {graph.GOOD: "-->", graph.BAD: "-->", graph.SKIPPED: "-.->"}
COLOURS = {graph.GOOD: "#2e7d32", graph.BAD: "#c62828", graph.SKIPPED: "#757575"}
_UNSAFE = re.compile(r"[^\w .,:/@+=~()-]|_(?=_)")


def mermaid_text(plan: PlanFacts) -> str:
    """The text of a flowchart."""
    made, lines = ["flowchart TD"], []
    links: list[graph.Edge] = []
    for entry, depth, frame in graph.walk_tasks(plan):
        indent = "  " * (depth + 1)
        if frame == "close":
            made.append(f"{indent}end")
            continue
        if frame == "open":
            made.append(f"{indent}subgraph b{entry['task']}[{quote(entry['type'])}]")
            indent += "  "
            links += graph.branches(entry) if entry["type"] == "conditional" else ()
        label = "\n".join(filter(None, (f"{entry['task']}  {graph.caption(entry)[0]}", graph.caption(entry)[1])))
        made.append(f"{indent}t{entry['task']}[{quote(label)}]")
        links += graph.edges(entry)
    ends: dict[str, str] = {}
    for place, edge in enumerate(links):
        if isinstance(edge.to, str):
            ends.setdefault(edge.to, f"e{len(ends)}")
        to = ends[edge.to] if isinstance(edge.to, str) else f"t{edge.to}"
        label = f"|{quote(edge.label)}|" if edge.label else ""
        lines.append(f"  t{edge.source} {ARROWS[edge.meaning]}{label} {to}")
        lines.append(f"  linkStyle {place} stroke:{COLOURS[edge.meaning]}")
    made += [f"  {name}([{quote(code)}])" for code, name in ends.items()]
    return "\n".join([*made, *lines]) + "\n"


def quote(label: str) -> str:
    """A label in quotes, with a character code for everything that mermaid could interpret."""
    escaped = _UNSAFE.sub(lambda found: f"#{ord(found[0])};", label.replace("\n", "\0"))
    return '"' + escaped.replace("#0;", "<br/>") + '"'
