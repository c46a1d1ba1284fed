"""What a stage adds to the language of scenarios: keys, and the words that they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nimnet_gen.model.shapes import ChoiceShape, FieldShape, ScalarShape, Shape, Shapes
from nimnet_gen.model.stage import NOTHING, Action, Stage, Variant

_SHAPES: Final = {
    "data": ScalarShape("value"),
    "number": ScalarShape("int"),
    "signal": ScalarShape("str"),
    "switch": ScalarShape("bool"),
}
"""What the value of an action can be, by what it takes."""


def shapes_with(stage: Stage) -> Shapes:
    """Return the shapes of a specification whose scenarios have this stage.

    Where two things of a stage have one name, the first counts; its checks report the others.
    """
    return Shapes(
        keys={
            "actions": tuple(_actions(stage)),
            "variants": tuple(_key(one.name, _values(one), one.doc) for one in stage.variants),
            "settings": tuple(
                _key(one.name, ChoiceShape(one.choices), one.doc) for one in stage.settings
            ),
        },
        choices={"givens": (*(given.name for given in stage.givens), NOTHING)},
        facilities=frozenset({"resolver"} if stage.resolver is not None else ()),
    )


def _actions(stage: Stage) -> Iterator[FieldShape]:
    for action in stage.actions:
        yield _key(action.name, _taken(action), action.doc)
        for beside in action.beside:
            yield _key(beside.name, ScalarShape("int"), beside.doc, joins=action.name)


def _key(name: str, shape: Shape, doc: str, joins: str = "") -> FieldShape:
    words = " ".join(doc.split())
    return FieldShape(name, name, shape, required=False, doc=words, joins=joins)


def _taken(action: Action) -> Shape:
    if action.takes == "word":
        return ChoiceShape(tuple(word.word for word in action.words))
    return _SHAPES[action.takes]


def _values(variant: Variant) -> Shape:
    return ChoiceShape(variant.values) if variant.values else ScalarShape("bool")
