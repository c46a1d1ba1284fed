"""What each class of the specification accepts, read from its declaration.

`load` decodes by these shapes and `schema` prints them, so that the classes are their only source;
a project's stage adds keys and words to those of scenarios, which are handed in.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, Never, get_args

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
    """One key of an object.

    Attributes:
        key: the key.
        attribute: the attribute of the class that holds its value.
        shape: what the value can be.
        required: whether it has to be there.
        doc: what it means.
        gathered: whether the attribute holds it with other keys, in a mapping by their names.
        joins: the key that it can only stand beside, or an empty text.
    """

    key: str
    attribute: str
    shape: Shape
    required: bool
    doc: str
    gathered: bool = False
    joins: str = ""


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
_NONE: Final[Mapping[str, tuple[Never, ...]]] = MappingProxyType({})


class Shapes:
    """The shapes of the classes, with what a stage adds to some of them."""

    def __init__(
        self,
        keys: Mapping[str, tuple[FieldShape, ...]] = _NONE,
        choices: Mapping[str, tuple[str, ...]] = _NONE,
        facilities: frozenset[str] = frozenset(),
    ) -> None:
        """Begin with what the declarations refer to by names.

        Args:
            keys: further keys of objects that gather them.
            choices: the words of choices that the stage offers.
            facilities: the facilities that are there.
        """
        self._keys = keys
        self._choices = choices
        self._facilities = facilities
        self._known: dict[type[Located], ObjectShape] = {}

    def of(self, cls: type[Located]) -> ObjectShape:
        """Return the shape of a class of the specification."""
        if cls not in self._known:
            self._known[cls] = self._object(cls)
        return self._known[cls]

    def _object(self, cls: type[Located]) -> ObjectShape:
        fields: dict[str, FieldShape] = {}
        for field in self._fields(cls):
            if not field.gathered or field.key not in fields:  # what the class declares comes first
                fields[field.key] = field
        shorthands = (
            field.name.rstrip("_")
            for field in dataclasses.fields(cls)
            if "shorthand" in field.metadata
        )
        # Without docstrings (python -OO) a schema only loses its descriptions.
        doc = (cls.__doc__ or "").partition("\n")[0]
        return ObjectShape(cls, cls.__name__, doc, MappingProxyType(fields), next(shorthands, None))

    def _fields(self, cls: type[Located]) -> Iterator[FieldShape]:
        # An annotation is a text, whose names are those of the module that declares the class.
        names = vars(sys.modules[cls.__module__])
        for declared in dataclasses.fields(cls):
            about = declared.metadata
            if declared.name in ("at", "keys"):
                continue
            if "keys" in about:
                for added in self._keys.get(about["keys"], ()):
                    yield replace(added, attribute=declared.name, gathered=True)
                continue
            if "facility" in about and about["facility"] not in self._facilities:
                continue
            required = (
                declared.default is dataclasses.MISSING
                and declared.default_factory is dataclasses.MISSING
            )
            shape = (
                ChoiceShape(self._choices.get(about["choices"], ()))
                if "choices" in about
                else self._shape(str(declared.type), names)
            )
            key = declared.name.rstrip("_")
            yield FieldShape(key, declared.name, shape, required, about["doc"])

    def _shape(self, annotation: str, names: Mapping[str, object]) -> Shape:
        """Read an annotation's text; the classes use a handful of forms, each a case here."""
        annotation = annotation.removesuffix(" | None")
        if annotation in _SCALARS:
            return _SCALARS[annotation]
        if annotation.startswith("tuple[") and annotation.endswith(", ...]"):
            return ListShape(self._shape(annotation[len("tuple[") : -len(", ...]")], names))
        if annotation.startswith("OneOrMore["):
            return ListShape(self._shape(annotation[len("OneOrMore[") : -1], names), lone=True)
        if annotation.startswith("Mapping[str, "):
            return MapShape(self._shape(annotation[len("Mapping[str, ") : -1], names))
        named = names[annotation]
        if isinstance(named, type) and issubclass(named, Located):
            return self.of(named)
        return ChoiceShape(get_args(named))
