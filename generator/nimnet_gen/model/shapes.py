"""What each class of the specification accepts, read from its declaration.

`load` decodes by these shapes and `schema` prints them, so that the classes are their only source.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, get_args

from nimnet_gen.model.declaration import Located


@dataclass(frozen=True)
class ScalarShape:
    """A scalar of one type; `any` is any scalar, `value` also lists and mappings of them."""

    kind: Literal["str", "int", "bool", "any", "value"]


@dataclass(frozen=True)
class ChoiceShape:
    """One of a few words."""

    options: tuple[str, ...]


@dataclass(frozen=True)
class ListShape:
    """A list; one of `lone` items may also be written without its brackets."""

    item: Shape
    lone: bool = False


@dataclass(frozen=True)
class MapShape:
    """A mapping with free keys."""

    item: Shape


@dataclass(frozen=True)
class FieldShape:
    """One key of an object."""

    key: str
    attribute: str
    shape: Shape
    required: bool
    doc: str


@dataclass(frozen=True)
class ObjectShape:
    """A mapping with known keys, or what stands for its `shorthand` key alone: a text or a list."""

    cls: Callable[..., Located]
    name: str
    doc: str
    fields: Mapping[str, FieldShape]
    shorthand: str | None


Shape = ScalarShape | ChoiceShape | ListShape | MapShape | ObjectShape

_SCALARS: Final[Mapping[str, ScalarShape]] = {
    "str": ScalarShape("str"),
    "int": ScalarShape("int"),
    "bool": ScalarShape("bool"),
    "Scalar": ScalarShape("any"),
    "Value": ScalarShape("value"),
}


def object_shape(cls: type[Located]) -> ObjectShape:
    """Return the shape of a class of the specification."""
    return _object_shape(cls.__module__, cls.__name__)


@cache
def _object_shape(module: str, name: str) -> ObjectShape:
    # An annotation is a text, whose names are those of the module that declares the class.
    names = vars(sys.modules[module])
    cls: type[Located] = names[name]
    fields: dict[str, FieldShape] = {}
    shorthand: str | None = None
    for declared in dataclasses.fields(cls):
        if declared.name in ("at", "keys"):
            continue
        key = declared.name.rstrip("_")
        required = (
            declared.default is dataclasses.MISSING
            and declared.default_factory is dataclasses.MISSING
        )
        shape = _shape(str(declared.type), names)
        fields[key] = FieldShape(key, declared.name, shape, required, declared.metadata["doc"])
        if "shorthand" in declared.metadata:
            shorthand = key
    # Without docstrings (python -OO) a schema only loses its descriptions.
    doc = (cls.__doc__ or "").partition("\n")[0]
    return ObjectShape(cls, cls.__name__, doc, MappingProxyType(fields), shorthand)


def _shape(annotation: str, names: Mapping[str, object]) -> Shape:
    """Read an annotation's text; the classes use a handful of forms, each a case here."""
    annotation = annotation.removesuffix(" | None")
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if annotation.startswith("tuple[") and annotation.endswith(", ...]"):
        return ListShape(_shape(annotation[len("tuple[") : -len(", ...]")], names))
    if annotation.startswith("OneOrMore["):
        return ListShape(_shape(annotation[len("OneOrMore[") : -1], names), lone=True)
    if annotation.startswith("Mapping[str, "):
        return MapShape(_shape(annotation[len("Mapping[str, ") : -1], names))
    named = names[annotation]
    if isinstance(named, type) and issubclass(named, Located):
        return object_shape(named)
    return ChoiceShape(get_args(named))
