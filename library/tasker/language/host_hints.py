"""Names in a list of hosts that are read as they stand, and were probably meant otherwise."""

from __future__ import annotations

from tasker.language.host_list import split_parts
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# `web1-3`, `web1-3.example.com`; not `ip-10-0-1-23`, `db-2024-1` or `shop-0`: what is in front of a range is no `-`
_LIKE_A_RANGE = Pattern(r"([A-Za-z0-9._-]*[A-Za-z._])([0-9]{1,6})-([0-9]{1,6})((?:\.[A-Za-z0-9.-]*)?)")


def names_like_ranges(text: str) -> Iterator[tuple[int, str, str]]:
    """(offset, name, the range) of names such as `web1-3`. Several with one beginning are a way to name hosts."""
    if "-" not in text:
        return
    found = [(offset, match) for offset, part in split_parts(text) if (match := _LIKE_A_RANGE.fullmatch(part))]
    beginnings = [match[1] for _, match in found]
    for offset, match in found:
        before, low, high, after = match.groups()
        is_range = int(low) < int(high) and (len(low) == len(high) or low[0] != "0" != high[0])
        if is_range and beginnings.count(before) == 1:
            yield offset, match[0], f"{before}[{low}-{high}]{after}"
