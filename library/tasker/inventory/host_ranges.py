"""The names of an Ansible host pattern: `web[01:50].example.com`, `db-[a:f]`, `web[1:9:2]:2222`."""

from __future__ import annotations

from string import ascii_letters

from tasker.inventory.source import InventoryFault

MOST = 200_000  # names of one pattern


def expand_pattern(pattern: str, at: str) -> tuple[list[str], str]:
    """(names, port or ""). Raises InventoryFault."""
    if "[" not in pattern:
        name, port = _split_port(pattern)
        return [name], port
    if pattern.startswith("[") and pattern.count(":") > 1 and "-" not in pattern:  # [::1]:22
        name, _, port = pattern[1:].partition("]")
        return [name], port.removeprefix(":")
    head, port = (
        _split_port(pattern) if pattern.rpartition(":")[2].isdecimal() and pattern[-1] != "]" else (pattern, "")
    )
    names = [""]
    while head:
        before, bracket, rest = head.partition("[")
        names = [name + before for name in names]
        if not bracket:
            break
        inside, closing, head = rest.partition("]")
        if not closing:
            raise InventoryFault(at, f"'{pattern[:80]}' has a '[' without a ']'")
        items = _items(inside, pattern, at)
        if len(names) * len(items) > MOST:
            raise InventoryFault(at, f"'{pattern[:80]}' names more than {MOST} hosts", "split it")
        names = [name + item for name in names for item in items]
    return names, port


def _split_port(text: str) -> tuple[str, str]:
    name, colon, port = text.rpartition(":")
    return (
        (name, port)
        if colon and port.isascii() and port.isdecimal() and text.count(":") == 1 or "]" in name
        else (text, "")
    )


def _items(inside: str, pattern: str, at: str) -> list[str]:
    bounds = inside.split(":")
    if len(bounds) not in (2, 3) or not bounds[1]:
        fix = "write [FIRST:LAST] or [FIRST:LAST:STEP]"
        raise InventoryFault(at, f"'[{inside[:40]}]' in '{pattern[:80]}' is no range", fix)
    first, last, step = bounds[0] or "0", bounds[1], bounds[2] if len(bounds) == 3 else "1"
    if not step.isdecimal() or not 0 < int(step[:9]) < 10**9:
        raise InventoryFault(at, f"'{step[:20]}' is no step of a range in '{pattern[:80]}'")
    if first.isdecimal() and last.isdecimal() and first.isascii() and last.isascii():
        if len(first) > 9 or len(last) > 9:
            raise InventoryFault(at, f"'{pattern[:80]}' has too large a number")
        width = len(first) if len(first) > 1 and first[0] == "0" else 0
        if width and len(last) != width:
            raise InventoryFault(at, f"'{pattern[:80]}': both ends of a range need the same number of digits")
        numbers = range(int(first), int(last) + 1, int(step))
        if not numbers or len(numbers) > MOST:
            raise InventoryFault(at, f"'{pattern[:80]}' names no host, or more than {MOST}")
        return [str(number).zfill(width) for number in numbers]
    if len(first) == len(last) == 1 and first in ascii_letters and last in ascii_letters:
        letters = ascii_letters[ascii_letters.index(first) : ascii_letters.index(last) + 1 : int(step)]
        if letters:
            return list(letters)
    raise InventoryFault(at, f"'[{inside[:40]}]' in '{pattern[:80]}' is no range of numbers or letters")
