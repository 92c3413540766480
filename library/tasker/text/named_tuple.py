"""`NamedTuple` as in typing, without importing typing, which would be a sixth of the start of a stage.

A class with annotated fields, some with defaults, becomes the same with `collections.namedtuple`; its methods stay.
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["NamedTuple"]

TYPE_CHECKING = False  # a type checker takes it as True, so it knows the fields

if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:

    class _Made(type):
        """Makes a tuple class of each class below NamedTuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:  # Any: of a class body
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            made = namedtuple(name, fields, defaults=[body[field] for field in fields if field in body])
            made.__module__ = body["__module__"]
            return type(name, (made,), {"__slots__": (), **{key: body[key] for key in body if key not in fields}})

    class NamedTuple(metaclass=_Made):
        """The base: `class Point(NamedTuple):`, then `x: int`."""
