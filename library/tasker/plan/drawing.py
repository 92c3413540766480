"""The drawing of a plan in one of its forms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.plan.types import PlanFacts


def draw(plan: PlanFacts, form: str) -> str:
    """The drawing of a plan document: mermaid, dot or svg."""
    from tasker.plan import dot, mermaid, svg

    return {"mermaid": mermaid.mermaid_text, "dot": dot.dot_text, "svg": svg.svg_text}[form](plan)
