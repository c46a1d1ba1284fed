"""What the methods of a class stand for: those of its bases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from mypy.nodes import Context, Decorator, OverloadedFuncDef, TypeInfo, Var
from mypy.types import Instance
from mypy.typevars import fill_typevars

from nimnet_effects.declarations import accessors_of
from nimnet_effects.extraction.lambdas import Lambdas
from nimnet_effects.extraction.promises import Promise
from nimnet_effects.ir import How, Substitute
from nimnet_effects.resolution.properties import ACCESSORS

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import ClassDef, MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

_UNLIKE_BASE: Final = frozenset(("__init__", "__new__", "__init_subclass__", "__post_init__"))
"""Methods that nobody calls through a base class."""


class Overriding(Lambdas):
    """Notes classes, and compares what they have with what their bases declare."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no class yet."""
        super().__init__(tree, checker, world, classes)
        self._defined: list[ClassDef] = []

    def substitutes(self) -> Iterator[Substitute]:
        """What is handed over, and what classes have in the place of what their bases declare."""
        yield from super().substitutes()
        for definition in self._defined:
            info = definition.info
            # Where code is never reached, mypy makes no class.
            for name in _members(info) if info else ():
                yield from self._in_place_of(definition, info, name)

    def _in_place_of(self, definition: ClassDef, info: TypeInfo, name: str) -> Iterator[Substitute]:
        """What a member stands for: the members of all bases that declare something for it."""
        if name in _UNLIKE_BASE or (name.startswith("__") and not name.endswith("__")):
            return
        bases = [base for base in info.mro if name in base.names]
        owner = bases[0]
        if owner.names[name].plugin_generated:
            return
        nearer: list[TypeInfo] = []
        for base in bases:
            # What a nearer base declares is compared with it where that one is defined, and so is
            # what a base has in its place already.
            if base is info or any(base in each.mro for each in nearer):
                continue
            if owner is not info and (base in owner.mro or _is_inherited(info, owner, base, name)):
                continue
            promises = list(self._promised_by(base, name))
            nearer += [base] if promises else []
            for promise in promises:
                yield self._compared_to(promise, definition, info, owner)

    def _compared_to(
        self, promise: Promise, definition: ClassDef, info: TypeInfo, owner: TypeInfo
    ) -> Substitute:
        place: Context = Context(definition.line, definition.column)
        if owner is info:
            place = self._place(info, promise)
        form = promise.forms[0]
        if promise.access == "call":
            targets = self._resolver.member(info, promise.member, form.is_class or form.is_static)
        else:
            targets = self._resolver.property(info, promise.member, promise.access, False)
        itself = fill_typevars(info)
        of = itself if isinstance(itself, Instance) else itself.partial_fallback
        return Substitute(
            f"{self._resolver.shown_class(owner)}.{promise.member}",
            self._called_as(promise, of, targets, place),
            promise.name,
            How.OVERRIDES if owner is info else How.INHERITED,
            self._resolver.shown_class(info),
        )

    def _place(self, info: TypeInfo, promise: Promise) -> Context:
        """Where a class defines what it has in the place of something that declares."""
        node = info.names[promise.member].node
        if isinstance(node, OverloadedFuncDef):
            accessors = dict(accessors_of(node))
            node = accessors.get(ACCESSORS.get(promise.access, "")) or node.impl or node.items[0]
        if isinstance(node, Decorator):
            return node.func
        if isinstance(node, Var) and (values := self._aliases.get(node)):
            return values[0]
        return Context() if node is None else node


def _members(info: TypeInfo) -> list[str]:
    """The names of what a class has of its own, and of what several bases may have."""
    found = dict.fromkeys(info.names)
    if len(info.bases) > 1:
        for base in info.mro[1:-1]:
            found.update(dict.fromkeys(base.names))
    return list(found)


def _is_inherited(info: TypeInfo, owner: TypeInfo, base: TypeInfo, name: str) -> bool:
    """Whether a base of a class already has the member of one class in the place of another's."""
    return any(
        owner in nearer.type.mro
        and base in nearer.type.mro
        and next(each for each in nearer.type.mro if name in each.names) is owner
        for nearer in info.bases
    )
