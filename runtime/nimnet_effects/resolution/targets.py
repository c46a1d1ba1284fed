"""What a call may call."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, TypeAlias

from mypy.nodes import FuncDef

from nimnet_effects.contracts import Contract
from nimnet_effects.ir import Ignorance


class Lazy(Enum):
    """When a call's exceptions are raised, if not by the call."""

    NO = auto()
    ITERATED = auto()
    AWAITED = auto()
    ENTERED = auto()


class Target:
    """Something that a call may call.

    Attributes:
        name: for people: `Socket.recv`.
        fullname: of the definition.
        forms: its signatures, one for each overload.
        bound: whether the first parameter is given by what stands before the dot.
        contracts: what it declares: one for each form, or one for all.
        helper: the key under which inference knows it.
        module: where its definition stands.
        lazy: when its exceptions are raised.
        ignorance: how much of what it does cannot be seen.
        function: the definition, if it is one function alone.
        given: whether it stands for whatever a decorator is given.
    """

    __slots__ = (
        "bound",
        "contracts",
        "forms",
        "fullname",
        "function",
        "given",
        "helper",
        "ignorance",
        "lazy",
        "module",
        "name",
    )

    def __init__(
        self,
        name: str,
        fullname: str = "",
        forms: tuple[FuncDef, ...] = (),
        bound: bool = False,
        contracts: tuple[Contract, ...] = (),
        *,
        helper: str | None = None,
        module: str = "",
        ignorance: Ignorance = Ignorance.NONE,
        function: FuncDef | None = None,
        given: bool = False,
    ) -> None:
        """Take what is known; the rest is set as it is found."""
        self.name = name
        self.fullname = fullname
        self.forms = forms
        self.bound = bound
        self.contracts = contracts
        self.helper = helper
        self.module = module
        self.lazy = Lazy.NO
        self.ignorance = ignorance
        self.function = function
        self.given = given

    @property
    def silent(self) -> bool:
        """Whether nothing is known that it raises."""
        return not self.contracts and self.helper is None


UNSEEN: Final = Target("", ignorance=Ignorance.ANYTHING)
Targets: TypeAlias = tuple[Target, ...]
