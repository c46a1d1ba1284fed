"""The one signature behind the forms of an overloaded function, and the calls it answers at once.

Python binds arguments to parameters several times faster than any code could look for them in
`*args` and `**named`. So the function behind the forms has a parameter for each place and each name
that one of them has. A place has a name of its own where all forms agree on it. Where they do not
(the second of `recv(size, timeout)` is the third of `recv(data, size, timeout)`), it is numbered,
and so are all before it: those can be given by place alone, and what the forms call them are
parameters that follow.

The commonest calls are told by the very classes of what they give, and answered there. All others
are taken apart again, into what has a place and what has a name, and meet the tree of `dispatch`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nimnet_gen.plan.api import Form, Parameter
from nimnet_gen.plan.layout import INDENT, LINE_LENGTH, Group, Item, call, prefixed, statement
from nimnet_gen.plan.package.guards import usual_class

ABSENT: Final = ("ABSENT", "_ABSENT")
"""What stands for an argument that was not given, and how modules of the package call it."""
APART: Final = ("apart", "_apart")
"""What takes a call apart again, and how modules of the package call it."""

_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Joint:
    """The parameters of all forms of a function.

    Attributes:
        places: What can be given by place, in order.
        numbered: How many of them have no name of their own.
        required: How many all forms require; only what has a name.
        names: What can be given by its name alone, and has a place in its form. They follow the
            places as if they had one: who gives so many has given one of them twice, or what his
            form does not have.
        keywords: What has no place in its form either.
    """

    places: tuple[str, ...]
    numbered: int
    required: int
    names: tuple[str, ...]
    keywords: tuple[str, ...]

    def parameters(self) -> list[Item]:
        """Return the parameters as the definition of the function shows them."""
        items: list[Item] = [f"{name}: object" for name in self.places[: self.required]]
        items += [_optional(name) for name in self.places[self.required :]]
        if self.numbered:
            items.insert(self.numbered, "/")
        items += map(_optional, self.names)
        return [*items, *(["*"] if self.keywords else []), *map(_optional, self.keywords)]

    def taken_apart(self, depth: int) -> list[str]:
        """Return the statement that takes a call apart, for code of so many levels."""
        given = (*self.places, *self.names, *self.keywords)
        pairs = Group("{", tuple(f'"{name}": {name}' for name in given), "}")
        taken = call(APART[1], [str(len(self.places)), pairs])
        return statement(prefixed("args, named = ", taken), depth)


def _optional(name: str) -> str:
    return f"{name}: object = {ABSENT[1]}"


def join(forms: Sequence[Form]) -> Joint | None:
    """Return what all forms have together; None where one takes any number of arguments."""
    if any(param.variadic for form in forms for param in form.params):
        return None
    longest = max(len(form.places) for form in forms)
    agreed = [_agreed(index, forms) for index in range(longest)]
    numbered = max((index + 1 for index in range(longest) if not agreed[index]), default=0)
    taken = {param.name for form in forms for param in form.params}
    places = [_ordinal(index, taken) for index in range(numbered)] + agreed[numbered:]
    required = 0
    if not numbered:
        least = min(len(form.required) for form in forms)
        while required < least and all(
            form.places[required : required + 1] == form.required[required : required + 1]
            for form in forms
        ):
            required += 1
    named = dict.fromkeys(param for form in forms for param in form.params)
    others = dict.fromkeys(param.name for param in named if param.name not in places)
    placeless = {param.name for form in forms for param in form.params if param not in form.places}
    return Joint(
        tuple(places),
        numbered,
        required,
        tuple(name for name in others if name not in placeless),
        tuple(name for name in others if name in placeless),
    )


def _agreed(index: int, forms: Sequence[Form]) -> str:
    """Return the name of a place in all forms that have it; empty where they do not agree."""
    names = {form.places[index].name for form in forms if index < len(form.places)}
    if len(names) > 1:
        return ""
    [name] = names
    having = [form for form in forms if any(param.name == name for param in form.params)]
    at_place = all(index < len(form.places) and form.places[index].name == name for form in having)
    return name if at_place else ""


def _ordinal(index: int, taken: set[str]) -> str:
    name = _ORDINALS[index] if index < len(_ORDINALS) else f"place_{index + 1}"
    return f"{name}_" if name in taken else name


@dataclass(frozen=True)
class QuickCall:
    """A call of one form, told by the classes of what is given.

    Attributes:
        form: The form.
        count: How many arguments are given by place.
        waits: What may be given by its name besides; None for nothing.
    """

    form: Form
    count: int
    waits: Parameter | None

    @property
    def classes(self) -> list[str]:
        """The classes of what has a place."""
        return [usual_class(param.type) for param in self.form.places[: self.count]]

    @property
    def named(self) -> Mapping[str, str]:
        """The class of what has to be given by its name."""
        waits = self.waits
        needed = waits is not None and waits.default is None
        return {waits.name: usual_class(waits.type)} if waits is not None and needed else {}

    def tests(self, joint: Joint) -> Iterator[str]:
        """Yield what holds for such a call, and no other."""
        for name, one in zip(joint.places, self.classes, strict=False):
            yield f"type({name}) is {one}"
        # Of the numbered places none can be given without the one before it.
        others = joint.places[self.count : self.count + 1]
        others += joint.places[max(self.count + 1, joint.numbered) :]
        for name in (*others, *joint.names, *joint.keywords):
            if self.waits is None or name != self.waits.name:
                yield f"{name} is {ABSENT[1]}"
        for name, one in self.named.items():
            yield f"type({name}) is {one}"

    def values(self, joint: Joint, hoisted: Mapping[str, str], *, waits: bool) -> dict[str, str]:
        """Return what is given for each parameter: a variable, or its default.

        Args:
            joint: The signature of the function.
            hoisted: The constants for defaults that calls make, by their text.
            waits: Whether what may be given by its name is.
        """
        found = {}
        for index, param in enumerate(self.form.params):
            if index < self.count:
                found[param.name] = joint.places[index]
            elif param.default is None or (waits and param is self.waits):
                found[param.name] = param.name
            else:
                found[param.name] = hoisted.get(param.default.text, param.default.text)
        return found


def quick_calls(form: Form, joint: Joint, waits: str, *, is_usual: bool) -> Iterator[QuickCall]:
    """Yield the calls of a form that are worth a test of their own: those that give the least.

    Args:
        form: The form.
        joint: The signature of the function.
        waits: The name of the parameter that says how long a call may wait; empty for none.
        is_usual: Whether it is the form that people use most: then also with one argument more.
    """
    needed = form.required
    by_name = next((param for param in form.params if param.name == waits), None)
    least = len(needed)
    if not least or needed != form.places[:least]:
        return
    first = least - 1 if needed[-1] is by_name and least > 1 else least
    for count in range(first, min(least + is_usual, len(form.positional)) + 1):
        given = form.places[:count]
        if not all(usual_class(param.type) for param in given):
            return
        if any("None" in param.type.classes for param in given):
            return
        # Where what waits keeps its name, the call without it is one with it as well.
        if count == first or joint.places[count - 1] != waits:
            yield QuickCall(form, count, None if by_name in given else by_name)


@dataclass(frozen=True)
class QuickAnswer:
    """A quick call, and what answers it.

    Attributes:
        call: The call.
        body: Returns the lines that answer it, with or without what may be given by its name, for
            code of so many levels.
    """

    call: QuickCall
    body: Callable[[bool, int], Sequence[str]]

    def lines(self, tests: Sequence[str], depth: int) -> Iterator[str]:
        """Yield the statement that answers the call if it passes all tests."""
        yield from condition(tests, depth)
        waits = self.call.waits
        if waits is None or self.call.named:
            yield from _deeper(self.body(True, depth + 1))
            return
        yield f"{INDENT}if {waits.name} is {ABSENT[1]}:"
        yield from _deeper(self.body(False, depth + 2), 2)
        yield f"{INDENT}if type({waits.name}) is {usual_class(waits.type)}:"
        yield from _deeper(self.body(True, depth + 2), 2)


def quick_answers(answers: Sequence[QuickAnswer], joint: Joint, depth: int) -> Iterator[str]:
    """Yield the statements that answer quick calls, in their order.

    Args:
        answers: The calls, each with what answers it.
        joint: The signature of the function.
        depth: How many levels the lines will be indented.
    """
    tests = [list(answer.call.tests(joint)) for answer in answers]
    # What holds for each of several is asked once.
    shared = [test for test in tests[0] if all(test in others for others in tests[1:])]
    if len(answers) == 1 or not shared:
        for answer, own in zip(answers, tests, strict=True):
            yield from answer.lines(own, depth)
        return
    yield from condition(shared, depth)
    for answer, all_tests in zip(answers, tests, strict=True):
        own = [test for test in all_tests if test not in shared]
        yield from _deeper(answer.lines(own, depth + 1))


def _deeper(lines: Iterable[str], levels: int = 1) -> Iterator[str]:
    return (f"{INDENT * levels}{line}" for line in lines)


def condition(tests: Sequence[str], depth: int) -> list[str]:
    """Return the head of a statement whose lines are run if all tests hold."""
    single = f"if {' and '.join(tests)}:"
    if len(INDENT) * depth + len(single) <= LINE_LENGTH:
        return [single]
    first, *others = tests
    return ["if (", f"{INDENT}{first}", *(f"{INDENT}and {one}" for one in others), "):"]
