"""The drawing of a plan in one of its forms."""


def draw(plan, form):
    """The drawing of a plan document: mermaid, dot or svg."""
    from tasker.plan import dot, mermaid, svg

    return {"mermaid": mermaid.mermaid_text, "dot": dot.dot_text, "svg": svg.svg_text}[form](plan)
