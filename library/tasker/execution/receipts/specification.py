"""The keys `receipt` and `ask` of a request, as docs/PROTOCOL.md has them."""

from __future__ import annotations

import math

DO = ("settle", "end", "close", "clean")


def is_receipt(value: object) -> bool:
    if not isinstance(value, dict) or not _names_delivery(value):
        return False
    done = value.get("done", [])
    return isinstance(value.get("output", True), bool) and isinstance(done, list) and all(map(_is_delivery, done))


def is_ask(value: object) -> bool:
    if not isinstance(value, dict) or value.get("do") not in DO:
        return False
    if not all(_is_seconds(value.get(key, 0)) for key in ("timeout", "since", "patience", "older")):
        return False
    return _names_delivery(value) if value["do"] in DO[:2] else isinstance(value.get("run", ""), str)


def _names_delivery(value: dict[object, object]) -> bool:
    return isinstance(value.get("run"), str) and _is_delivery([value.get("request"), value.get("delivery")])


def _is_delivery(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
