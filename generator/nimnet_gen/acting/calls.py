"""Which callable a step means: by its name, its number, its object and its arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nimnet_gen.model.references import reference
from nimnet_gen.model.surface import Callable, Param, Result, Type
from nimnet_gen.naming.kinds import Kind
from nimnet_gen.naming.names import python_name, snake_case
from nimnet_gen.naming.signatures import Signature, signature
from nimnet_gen.naming.symbols import Symbols


@dataclass(frozen=True, eq=False)
class Readable:
    """What can be asked of an object without any argument.

    Attributes:
        name: Nim's name.
        form: whether it is a field or a property that is read, or a call.
        kinds: the types of what it gives.
        entry: what the specification says of it; of a field, as of a property.
    """

    name: str
    form: Literal["field", "property", "call"]
    kinds: tuple[Kind, ...]
    entry: Callable


class Calls:
    """Finds the callables of a specification as scenarios name them."""

    def __init__(self, symbols: Symbols) -> None:
        """Look names up in `symbols`."""
        self._symbols = symbols
        self._fields = {
            key: getter for defined in symbols.types.values() for key, getter in _getters(defined)
        }
        self._setters = {
            entry.name.removesuffix("=")
            for name, overloads in symbols.callables.items()
            for entry in overloads
            if name.endswith("=") and name[:-1].isidentifier()
        }

    def called(self, call: str, given: Collection[str], owner: str) -> Callable:
        """Return the overload that a step calls.

        Args:
            call: The name, or a reference to one of its overloads.
            given: Nim's names of the arguments.
            owner: The type of the object that it is called on, or an empty text.
        """
        meant = reference(call)
        overloads = self._symbols.called(meant.name)
        if not overloads:
            return self._fields[owner, meant.name]
        if (numbered := meant.of(overloads)) is not None:
            return numbered
        ours = [entry for entry in overloads if self._owner(entry) == owner]
        candidates = ours or overloads
        fitting = (entry for entry in candidates if self._fits(entry, given))
        return next(fitting, candidates[0])

    def signature(self, entry: Callable) -> Signature:
        """Return how a callable is called, without the object."""
        found = signature(entry, self._symbols)
        assert found is not None, "the checks let no faulty signature pass"
        return found

    def kinds(self, entry: Callable) -> tuple[Kind, ...]:
        """Return the types of what a call gives."""
        return tuple(Kind(part.type, part.meaning) for part in self.signature(entry).outcomes)

    def is_property(self, entry: Callable) -> bool:
        """Tell whether a callable is read like a field: a property, or the getter of a setter."""
        return entry.kind == "property" or entry.name in self._setters

    def readable(self, name: str, owner: str) -> Readable:
        """Return what `then` asks of an object of a type."""
        if (getter := self._fields.get((owner, name))) is not None:
            return Readable(getter.name, "field", self.kinds(getter), getter)
        entry = next(entry for entry in self._named(name) if self._answers(entry, owner))
        form: Literal["property", "call"] = "property" if self.is_property(entry) else "call"
        return Readable(entry.name, form, self.kinds(entry), entry)

    def _named(self, name: str) -> Sequence[Callable]:
        if name in self._symbols.callables:
            return self._symbols.callables[name]
        return [
            entry
            for overloads in self._symbols.callables.values()
            for entry in overloads
            if python_name(entry) == name and not entry.name.endswith("=")
        ]

    def _answers(self, entry: Callable, owner: str) -> bool:
        form = self.signature(entry)
        return self._owner(entry) == owner and not any(part.required for part in form.arguments)

    def _owner(self, entry: Callable) -> str:
        owner: Type | None = self._symbols.owner(entry)
        return owner.name if owner is not None else ""

    def _fits(self, entry: Callable, given: Collection[str]) -> bool:
        arguments = self.signature(entry).arguments
        known = {argument.param.name for argument in arguments}
        needed = {argument.param.name for argument in arguments if argument.required}
        return needed <= set(given) <= known


def _getters(defined: Type) -> Iterator[tuple[tuple[str, str], Callable]]:
    """Yield the properties that the public fields of a type are, by Nim's and by Python's names."""
    for field in defined.public_fields:
        receiver = Param(at=field.at, keys={}, name="self", type=defined.name)
        getter = Callable(
            at=field.at,
            keys=field.keys,
            name=field.name,
            kind="property",
            params=(receiver,),
            returns=Result(at=field.at, keys={}, type=field.type, as_=field.as_),
            doc=field.doc,
        )
        yield (defined.name, field.name), getter
        yield (defined.name, snake_case(field.name)), getter
