"""A plan for Graphviz."""

from __future__ import annotations

from tasker.plan import graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.plan.types import PlanFacts

STYLES = {graph.GOOD: "color=forestgreen", graph.BAD: "color=firebrick", graph.SKIPPED: "color=gray40 style=dashed"}


def dot_text(plan: PlanFacts) -> str:
    """The text of a digraph."""
    made = [
        "digraph plan {",
        '  node [shape=box style=rounded fontname="sans-serif"]',
        '  edge [fontname="sans-serif"]',
    ]
    links: list[graph.Edge] = []
    for entry, depth, frame in graph.walk_tasks(plan):
        indent = "  " * (depth + 1)
        if frame == "close":
            made.append(f"{indent}}}")
            continue
        if frame == "open":
            made.append(f"{indent}subgraph cluster_{entry['task']} {{")
            indent += "  "
            made.append(f"{indent}label={quote(entry['type'])}")
            links += graph.branches(entry) if entry["type"] == "conditional" else ()
        title, below = graph.caption(entry)
        label = "\n".join(filter(None, (f"{entry['task']}  {title}", below)))
        made.append(f"{indent}t{entry['task']} [label={quote(label)}]")
        links += graph.edges(entry)
    for code in dict.fromkeys(edge.to for edge in links if isinstance(edge.to, str)):
        made.append(f"  {quote(code)} [shape=oval style=filled fillcolor=gray90]")
    for edge in links:
        to = quote(edge.to) if isinstance(edge.to, str) else f"t{edge.to}"
        label = f" label={quote(edge.label)}" if edge.label else ""
        made.append(f"  t{edge.source} -> {to} [{STYLES[edge.meaning]}{label}]")
    return "\n".join([*made, "}"]) + "\n"


def quote(label: str) -> str:
    """A label in quotes. A backslash would start an escape of Graphviz."""
    return '"' + label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
