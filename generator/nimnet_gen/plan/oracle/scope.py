"""What of the specification the original has, and under which names."""

from __future__ import annotations

from collections.abc import Mapping

from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.surface import Callable, Const, EnumMember, Param, Spec, Type
from nimnet_gen.naming.effective import BUILTIN_EXCEPTIONS
from nimnet_gen.naming.kinds import kind_of_word


class InexpressibleError(Exception):
    """A scenario, or a form of it, cannot be written in Nim; the message says why."""


class OriginalNames:
    """Names in Nim: the documented ones, and those that a project's `oracle.yaml` adds."""

    def __init__(self, spec: Spec) -> None:
        """Take the names from a specification."""
        oracle = spec.oracle
        self.own = f"{spec.package.name}'s own"
        """What is said of what Nim lacks in every version."""
        self._waits = oracle.waits
        self._procs: Mapping[str, str] = {one.name: one.nim for one in oracle.procs}
        self._params = {(one.of, one.name): one.nim for one in oracle.params}
        self._stage: Mapping[str, str] = {
            kind_of_word(one.type).name: one.nim for one in oracle.names
        }
        exceptions = [
            entry for module in spec.modules for entry in module.types if entry.kind == "exception"
        ]
        documented = {entry.name for entry in exceptions if entry.is_documented}
        self._exceptions = (BUILTIN_EXCEPTIONS - {"Exception"}) | documented
        self._lacking = {e.name: self.lacking(e) for e in exceptions if not e.is_documented}

    def proc(self, entry: Callable) -> str:
        """Return Nim's name of a callable.

        Raises:
            InexpressibleError: the documented version lacks it, or it is a conversion.
        """
        is_conversion = entry.returns is not None and entry.returns.type == entry.name
        if is_conversion and entry.kind != "constructor":
            kind = "text" if entry.params[0].type == "string" else "number"
            raise InexpressibleError(f"a {kind} becomes a {entry.name} unchecked in Nim")
        if entry.is_documented:
            return entry.name
        if entry.name in self._procs:
            return self._procs[entry.name]
        raise InexpressibleError(f"{entry.name} is {self.lacking(entry)}")

    def member(self, enum: Type, member: EnumMember) -> str:
        """Return Nim's name of a member of an enum.

        Raises:
            InexpressibleError: the documented version lacks it, or the enum.
        """
        if not enum.is_documented:
            raise InexpressibleError(f"{enum.name} is {self.lacking(enum)}")
        return self.value(member)

    def value(self, entry: Const | EnumMember) -> str:
        """Return Nim's name of a constant or a member of an enum.

        Raises:
            InexpressibleError: the documented version lacks it.
        """
        if entry.is_documented:
            return entry.name
        raise InexpressibleError(f"{entry.name} is {self.lacking(entry)}")

    def lacking(self, entry: Marked) -> str:
        """Return what is said of what the documented version lacks."""
        return f"there {entry.mark}" if entry.since is not None else self.own

    def param(self, entry: Callable, param: Param) -> str:
        """Return Nim's name of a parameter.

        Raises:
            InexpressibleError: the documented version lacks it.
        """
        if param.is_documented:
            return param.name
        if later := self._params.get((entry.name, param.name)):
            return later
        raise InexpressibleError(f"{entry.name} has no {param.name} in Nim")

    def exception(self, name: str) -> str:
        """Return a name of an exception class that both have.

        Raises:
            InexpressibleError: the documented version lacks it, or it is one of Python's.
        """
        if name in self._exceptions:
            return name
        if name in self._lacking:
            raise InexpressibleError(f"{name} is {self._lacking[name]}")
        raise InexpressibleError(f"{name} is an exception class of Python's")

    def on_stage(self, name: str, kind: str) -> str:
        """Return the expression for what the stage has under a name.

        Args:
            name: the name.
            kind: the type that the stage gives it.

        Raises:
            InexpressibleError: the stage in Nim has no such thing.
        """
        if kind not in self._stage:
            raise InexpressibleError(f"the stage has no {kind} in Nim")
        return self._stage[kind].replace("{name}", name)

    def bounds_waiting(self, param: str) -> bool:
        """Tell whether a parameter bounds how long a call may wait."""
        return self._waits is not None and param == self._waits.param

    def is_bound_reached(self, exception: str | None) -> bool:
        """Tell whether an exception is that of a call that has waited so long."""
        return self._waits is not None and exception == self._waits.raises

    def is_never_reached(self, milliseconds: object) -> bool:
        """Tell whether a bound is one that no scenario reaches, unless it expects to."""
        return (
            self._waits is not None
            and isinstance(milliseconds, int)
            and (milliseconds == -1 or milliseconds >= self._waits.never)
        )

    def patience(self, given: Mapping[str, object], exception: str | None) -> int:
        """Return for how many milliseconds a call may wait by what it is given."""
        bound = None if self._waits is None else given.get(self._waits.param)
        if not isinstance(bound, int):
            return 0
        is_meant = self.is_bound_reached(exception) or not self.is_never_reached(bound)
        return bound if is_meant else 0
