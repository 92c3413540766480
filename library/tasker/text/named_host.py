"""Lines that differ only in the name of a host, made equal: `copy to web1` and `copy to web2` are `copy to HOST`."""

from __future__ import annotations

PLACEHOLDER = "HOST"


def without_host(text: str, host: str) -> str:
    """The text with HOST where the host is named as a whole, so that those of many hosts are equal."""
    made = ""
    while host and (place := text.find(host)) >= 0:
        end = place + len(host)
        whole = not (text[:place] or made)[-1:].isalnum() and not text[end : end + 1].isalnum()
        made += text[:place] + (PLACEHOLDER if whole else host)
        text = text[end:]
    return made + text
