"""Host names folded: web1, web2, web3 and db1 become `db1,web[1-3]`, as `hosts=` reads them (language/host_list.py)."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NUMBERED = Pattern(r"(?s)(.*?)([0-9]{1,9})([^0-9]*)")
_NUMBER = Pattern("([0-9]+)")


def fold_hosts(names: Iterable[str]) -> str:
    """One text for many host names, sorted."""
    plain: set[str] = set()
    groups: dict[tuple[str, str, int], set[int]] = {}
    for name in names:
        login, host, port = _split_login(name) if ":" in name or "@" in name else ("", name, "")
        found = _NUMBERED.fullmatch(host)
        # 007 and 7 are different names: numbers fold only with numbers of the same width
        if found is None:
            plain.add(name)
        else:
            padded = len(found[2]) if found[2].startswith("0") and found[2] != "0" else 0
            groups.setdefault((login + found[1], found[3] + port, padded), set()).add(int(found[2]))
    for before, after, width in [key for key in groups if key[2]]:
        wide = {number for number in groups.get((before, after, 0), ()) if len(str(number)) == width}
        if wide:  # 100 is as wide as 099
            groups[before, after, width] |= wide
            groups[before, after, 0] -= wide
    made = list(plain)
    for (before, after, width), numbers in sorted(groups.items()):
        if numbers:
            made.append(before + _bracketed(sorted(numbers), width) + after)
    return ",".join(sorted(made, key=natural_order))


def _split_login(name: str) -> tuple[str, str, str]:
    """The text before the host, the host, and the text after it: brackets and port."""
    at = name.rfind("@") + 1
    if name[at : at + 1] == "[":
        host, bracket, port = name[at + 1 :].partition("]")
        return name[: at + 1], host, bracket + port
    if name.count(":", at) != 1:  # none, or an address
        return name[:at], name[at:], ""
    host, _, port = name[at:].partition(":")
    return name[:at], host, f":{port}"


def natural_order(text: str) -> tuple[list[tuple[int, str]], str]:
    """A key to sort by, so that web2 comes before web10, and 10.0.0.9 before 10.0.0.10."""
    parts = _NUMBER.split(text)
    return [(int(part), part) if place % 2 else (0, part) for place, part in enumerate(parts)], text


def number_ranges(numbers: Iterable[int], width: int = 0) -> str:
    """'1-3,7' for sorted numbers, each at least `width` digits wide."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low:0{width}d}" if low == high else f"{low:0{width}d}-{high:0{width}d}" for low, high in runs)


def _bracketed(numbers: Sequence[int], width: int) -> str:
    text = number_ranges(numbers, width)
    return text if len(numbers) == 1 else f"[{text}]"
