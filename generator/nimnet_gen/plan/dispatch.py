"""Telling the forms of an overloaded function apart when it is called.

The forms become the leaves of a tree of tests, over the type of an argument or over whether one is
there. The tree is small: a test is only made where forms remain that it separates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nimnet_gen.plan.api import Api, Distinct, Enum, Form, Parameter


class IndistinctFormsError(Exception):
    """Two forms accept the same call."""


@dataclass(frozen=True)
class IsInstance:
    """The argument at a position, or of that name, is an instance of one of the classes."""

    index: int
    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class IsGiven:
    """The argument is there: by position if it can be, or by its name."""

    index: int | None
    name: str


Test = IsInstance | IsGiven


@dataclass(frozen=True)
class Leaf:
    """The one form that is left."""

    form: Form


@dataclass(frozen=True)
class Branch:
    """A test, what is left where it holds, and where it does not."""

    test: Test
    then: Tree
    otherwise: Tree


Tree = Leaf | Branch


def parents(api: Api) -> Mapping[str, str]:
    """Return the base class of each class of the API that an overload may have to be told from."""
    found = {"bool": "int"}
    for module in api.modules:
        for symbol in module.types:
            if isinstance(symbol, Distinct):
                found[symbol.name] = symbol.base
            elif isinstance(symbol, Enum) and not symbol.is_flag:
                found[symbol.name] = "int"
    return found


def decide(forms: tuple[Form, ...], parents: Mapping[str, str]) -> Tree:
    """Return the tree for forms in documented order.

    Args:
        forms: The forms of one function.
        parents: The base class of each class of the API that has one.

    Raises:
        IndistinctFormsError: Some call would fit two of them.
    """
    if len(forms) == 1:
        return Leaf(forms[0])
    for test in _candidates(forms):
        holds = tuple(form for form in forms if _holds(test, form, parents) is True)
        fails = tuple(form for form in forms if _holds(test, form, parents) is False)
        if holds and fails and len(holds) + len(fails) == len(forms):
            return Branch(test, decide(holds, parents), decide(fails, parents))
    # What the runtime would be asked is the same: no need to tell such forms apart.
    if len({form.runtime for form in forms}) == 1:
        return Leaf(max(forms, key=lambda form: len(form.params) - len(form.required)))
    raise IndistinctFormsError(", ".join(form.entry.name for form in forms))


def leaves(tree: Tree) -> Iterator[Form]:
    """Yield the forms that need a body of their own."""
    if isinstance(tree, Leaf):
        yield tree.form
    else:
        yield from leaves(tree.then)
        yield from leaves(tree.otherwise)


def reached(
    tree: Tree, classes: Sequence[str], named: Mapping[str, str], parents: Mapping[str, str]
) -> Form:
    """Return the form that a call reaches.

    Args:
        tree: How the forms are told apart.
        classes: The class of each argument that has a place.
        named: The class of each that is given by its name.
        parents: The base class of each class of the API that has one.
    """
    while isinstance(tree, Branch):
        test = tree.test
        has_place = test.index is not None and test.index < len(classes)
        given = classes[test.index or 0] if has_place else named.get(test.name)
        holds = given is not None
        if given is not None and isinstance(test, IsInstance):
            holds = _is_subclass(given, test.classes, parents)
        tree = tree.then if holds else tree.otherwise
    return tree.form


def _candidates(forms: tuple[Form, ...]) -> Iterable[Test]:
    """Yield the tests worth a try: the type of the first argument, presence, other types."""
    yield from _types_at(0, forms)
    for form in forms:
        for index, param in enumerate(form.params):
            if param.default is None:
                has_place = not param.keyword_only or index < form.by_place
                yield IsGiven(index if has_place else None, param.name)
    for index in range(1, max(len(form.places) for form in forms)):
        yield from _types_at(index, forms)


def _types_at(index: int, forms: tuple[Form, ...]) -> Iterator[Test]:
    for form in forms:
        if index >= len(form.places):
            continue
        param = form.places[index]
        # A dotted name is imported for annotations only, and None is no class.
        if param.type.classes and not any(
            "." in name or name == "None" for name in param.type.classes
        ):
            yield IsInstance(index, param.name, param.type.classes)


def _holds(test: Test, form: Form, parents: Mapping[str, str]) -> bool | None:
    """Tell whether a test holds for every call of a form, or for none; None if it depends."""
    named = next((param for param in form.params if param.name == test.name), None)
    placed = None
    if test.index is not None and test.index < len(form.places):
        placed = form.places[test.index]
    if named is not None and placed is not named and placed is not None:
        return None
    param = placed or named
    match test:
        case IsGiven():
            if param is None:
                return False
            return True if param.default is None and param is named else None
        case IsInstance(_, _, classes):  # pragma: no branch - the last case
            return _is_instance(param, named, classes, parents)


def _is_instance(
    param: Parameter | None,
    named: Parameter | None,
    classes: tuple[str, ...],
    parents: Mapping[str, str],
) -> bool | None:
    if param is None:
        return False
    covered = [_is_subclass(one, classes, parents) for one in param.type.classes]
    if not any(covered):
        # An instance of a base class may still be one of a class that is tested for; where types
        # are checked, the earlier form takes such a call, and here its test comes first, too.
        return False
    is_certain = all(covered) and param.default is None and param is named
    return True if is_certain else None


def _is_subclass(one: str, classes: tuple[str, ...], parents: Mapping[str, str]) -> bool:
    while True:
        if one in classes:
            return True
        if one not in parents:
            return False
        one = parents[one]
