"""`NamedTuple` of our own: what a class of typing.NamedTuple gives, whatever the number of its fields."""

from __future__ import annotations

import inspect

import pytest

from tasker.text.named_tuple import NamedTuple


@pytest.mark.parametrize("count", range(1, 12))
def test_fields_are_taken_by_place_and_by_name(count: int) -> None:
    names = [f"field{number}" for number in range(count)]
    made = type(NamedTuple)("Made", (NamedTuple,), {"__annotations__": dict.fromkeys(names, int), names[-1]: 99})
    values = range(count)

    assert tuple(values) == made(*values) == made(**dict(zip(names, values)))
    assert [*range(count - 1), 99] == list(made(*values[:-1]))
    assert {name: made(*values)._asdict()[name] for name in names} == dict(zip(names, values))
    assert names == list(inspect.signature(made.__new__).parameters)[1:]
    with pytest.raises(TypeError):
        made(*values, count)
    with pytest.raises(TypeError):
        made(*values, other=1)


def test_methods_and_defaults_stay() -> None:
    class Point(NamedTuple):
        x: int
        y: int = 2

        def total(self) -> int:
            return self.x + self.y

    one = Point(1)

    assert (one.x, one.y, one.total(), one._replace(y=5)) == (1, 2, 3, (1, 5))
    assert repr(one) == "Point(x=1, y=2)"
