"""`NamedTuple` as in typing, without importing typing, which would be a sixth of the start of a stage.

A class with annotated fields, some with defaults, becomes a tuple class as `collections.namedtuple` makes it; its
methods stay. `collections` and what it imports would take 2 ms of the start of a run.
"""

from __future__ import annotations

__all__ = ["NamedTuple"]

TYPE_CHECKING = False  # a type checker takes it as True, so it knows the fields

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple, Self
else:
    from _collections import _tuplegetter

    _new = tuple.__new__
    # number of fields: `__new__` of a class, without their names. To compile one takes 50 µs of the start
    _MAKERS = {
        2: lambda _cls, a, b: _new(_cls, (a, b)),
        3: lambda _cls, a, b, c: _new(_cls, (a, b, c)),
        4: lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
        5: lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
        6: lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
        7: lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
        8: lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
    }
    _Function = type(lambda: None)

    class _Methods:
        """What every class has besides its fields. Private names are those of `collections.namedtuple`."""

        __slots__ = ()

        @classmethod
        def _make(cls, values: Iterable[object]) -> Self:
            return cls(*values)

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self))

        def _replace(self, **changed: object) -> Self:
            made = [changed.pop(field, value) for field, value in zip(self._fields, self)]
            if changed:
                raise ValueError(f"Got unexpected field names: {[*changed]!r}")
            return self._make(made)

        def __repr__(self) -> str:
            values = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self))
            return f"{type(self).__name__}({values})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

    def _maker(fields: tuple[str, ...]) -> _Function:
        """A function of a class and these fields: no other way to take arguments by name is as fast."""
        if (known := _MAKERS.get(len(fields))) is None:
            names = ", ".join(fields)
            return eval(f"lambda _cls, {names}: _new(_cls, ({names},))", {"__builtins__": {}, "_new": _new})
        return _Function(known.__code__.replace(co_varnames=("_cls", *fields)), globals())

    class _Made(type):
        """Makes a tuple class of each class below NamedTuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            make = _maker(fields)
            make.__defaults__ = tuple([body[field] for field in fields if field in body])
            made = {"__slots__": (), "_fields": fields, "__match_args__": fields, "__new__": make}
            made |= {field: _tuplegetter(at, "") for at, field in enumerate(fields)}
            return type(name, (_Methods, tuple), {**made, **{key: body[key] for key in body if key not in fields}})

    class NamedTuple(metaclass=_Made):
        """The base: `class Point(NamedTuple):`, then `x: int`."""
