"""The drawing of a plan in one of its forms."""


def draw(plan, form):
    """The drawing of a plan document: mermaid, dot or svg."""
    from tasker.plan import dot, mermaid, svg

    return {"mermaid": mermaid.text, "dot": dot.text, "svg": svg.text}[form](plan)
