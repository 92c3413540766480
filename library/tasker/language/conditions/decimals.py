"""Plain decimals, compared exactly at any length: ``[+-]?digits[.digits]`` or ``.5`` (as bc prints it), ASCII only.

No float, which rounds; no int(), which refuses 4,301 digits and is quadratic below; nothing that a locale changes.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Decimal: TypeAlias = tuple[int, tuple[int, str, str]]  # sign; digits before the point, and all without outer zeros

PLAIN = Pattern(r"([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]+))?")


def parse_decimal(text: str) -> Decimal | None:
    """A tuple that sorts like the number: (sign, size). None if the text is not a plain decimal."""
    found = PLAIN.fullmatch(text)
    if not found:
        return None
    whole, part = found[2].lstrip("0"), (found[3] or "").rstrip("0")
    if not whole and not part:
        return (0, (0, "", ""))
    return (-1 if found[1] == "-" else 1, (len(whole), whole, part))


def compare_decimals(one: str, other: str) -> int | None:
    """-1, 0 or 1 if the first is smaller than, equal to or larger than the other; None unless both are decimals."""
    first, second = parse_decimal(one), parse_decimal(other)
    if first is None or second is None:
        return None
    if first == second:
        return 0
    if first[0] != second[0]:
        return -1 if first[0] < second[0] else 1
    return first[0] if first[1] > second[1] else -first[0]
