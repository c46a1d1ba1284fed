"""Flows of decorators are kept as JSON: callers elsewhere hear nothing of what is lost."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Final

import pytest
from nimnet_effects import flows
from nimnet_effects.ir import (
    Argument,
    Call,
    Default,
    Flow,
    Handler,
    Ignorance,
    Part,
    Raise,
    Reraise,
    Step,
    Try,
    Unknown,
    With,
    Yield,
)

SITE: Final = (1, 2, 3, 4)
ARGUMENT: Final = Argument(("1", "2"), "size", "5", True, True, False, ("3",), True)
CALL: Final = Call(SITE, "f", (("a.A", ""),), "m:f", True, {"size": ARGUMENT}, Part.CLOSING, "m:g")
INNER: Final[Flow] = [Raise(SITE, ("a.A", "b.B"))]
HANDLER: Final = Handler(7, ("a.A",), INNER, False, True)
STEPS: Final[tuple[Step, ...]] = (
    CALL,
    Default("size", INNER),
    INNER[0],
    Reraise(SITE, 7, ((("a.A",), True),)),
    Try(INNER, [HANDLER], INNER, INNER, True, True),
    Try(INNER, [Handler(8, None, INNER)]),
    With(INNER, INNER, INNER, (((("a.A",), True),),), ("a.A",), "m:g"),
    Yield(INNER),
    Unknown(Ignorance.ANYTHING),
)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_what_is_written_of_a_step_is_read_again(step: Step) -> None:
    read = flows.from_json(json.loads(json.dumps(flows.to_json([step]))))
    assert repr(read) == repr([step])


@pytest.mark.parametrize("of", [*STEPS, ARGUMENT, HANDLER], ids=lambda of: type(of).__name__)
def test_the_steps_that_are_written_have_something_in_each_field(of: object) -> None:
    others = [name for name, value, usual in _fields(of) if value == usual]
    assert not others or of is STEPS[5]  # the one with what is usual


def _fields(of: object) -> Iterator[tuple[str, object, object]]:
    if is_dataclass(of):
        for field in fields(of):
            usual = field.default if field.default_factory is MISSING else field.default_factory()
            yield field.name, getattr(of, field.name), usual
    elif isinstance(of, tuple):
        names: dict[str, object] = getattr(of, "_field_defaults", {})
        for name, usual in names.items():
            yield name, getattr(of, name), usual
