"""What the engine asks of the analysis of one module, and what it gets.

The engine (`mypy`, `checkpoint`, `store`) finds the moment at which mypy has typed a module, and
keeps results between runs. The analysis says what the functions of the module may raise. Both know
this file and nothing else of each other: the engine calls `analysis.analyse(request)`.

mypy is compiled, and its visitors (`TraverserVisitor`, `NodeVisitor`) cannot be subclassed in
Python: whoever walks a tree does it by the classes of its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from mypy.checker import TypeChecker
from mypy.nodes import Decorator, FuncDef, MypyFile

from nimnet_effects.contracts import Contract

if TYPE_CHECKING:
    from mypy.nodes import Expression, Var

_Kept = TypeVar("_Kept")

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Summary: TypeAlias = "dict[str, Json]"
"""What an undeclared function does, in the analysis' own words; the engine keeps it."""
LINES: Final = "lines"
"""The key of a summary under which it has nothing but the lines that messages tell."""


class Opened(NamedTuple):
    """A function of a module that mypy has not come to yet: both stand in one import cycle.

    Its expressions have been typed ahead, so that the analysis can treat it as one of the module's
    own; `checker.lookup_type_or_none` has their types. `decorator` is what stands around it.
    """

    module: str
    qualname: str
    function: FuncDef
    decorator: Decorator | None
    tree: MypyFile
    checker: TypeChecker


class World(Protocol):
    """What the analysis can ask about other modules, and about declarations anywhere.

    The engine notes what is asked: it is what the module depends on in the next runs.
    """

    @property
    def modules(self) -> Mapping[str, MypyFile]:
        """All modules that mypy has loaded, by their full names."""

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        """What a function declares, one contract for each of its forms.

        From a contract file, or from its own `@raises`, in whichever module; None if it declares
        nothing. An overloaded function with `@raises` on its implementation has one contract,
        which holds for each form. Functions inside of functions have no full name that means them
        alone.

        Args:
            fullname: of the definition, not of an import of it; of the class for a constructor; of
                a property for reading it, and with `.setter` or `.deleter` for the others.
        """

    def wraps(self, decorator: Expression) -> bool | None:
        """Whether a decorator puts a function of its own in the place of the one it is given.

        A `@raises` below it holds for that one alone. False if it gives back what it is given; None
        if that cannot be seen, or is more complicated.
        """

    def value_of(self, variable: Var) -> Expression | None:
        """The one value that the top of the module gives to a name; None for any other name."""

    def summary_of(self, module: str, qualname: str) -> Summary | None:
        """What an undeclared function of another module does, if it is known.

        Args:
            qualname: within the module: `function` or `Class.method`.
        """

    def opened(self, module: str, qualname: str) -> Opened | None:
        """An undeclared function of a module of the same import cycle which mypy has yet to check.

        None if it is no such function: then `summary_of` is what there is.
        """

    def kept(self, make: Callable[[], _Kept]) -> _Kept:
        """What the analysis keeps from one module to the next: the same for the same `make`.

        In mypy's daemon, where trees change, it is made anew for each module.
        """


class Request(NamedTuple):
    """One module to analyse.

    Attributes:
        tree: the module, with the types of all its expressions known to `checker`.
        unchecked: full names of exception classes that nobody has to declare.
        require_declared: whether every public function must declare.
    """

    tree: MypyFile
    checker: TypeChecker
    world: World
    unchecked: frozenset[str]
    require_declared: bool


class Mention(NamedTuple):
    """A name of a class in a module, and what must be imported for it."""

    text: str
    home: str = ""
    """The module that it is imported from; empty if nothing has to be imported."""
    imported: str = ""
    """What is imported from there; empty if it is the module itself."""
    late: bool = False
    """Whether the class is defined further down, so that a decorator cannot have it yet."""


class Finding(NamedTuple):
    """An error or a note at a place of the module. Lines count from 1, columns from 0.

    A comment `# type: ignore[raises]` on any line from `line` to `end_line` silences it. A note
    that explains an error follows it, with the same place.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    severity: Literal["error", "note"]
    message: str


class Result(NamedTuple):
    """What a module's functions do.

    Attributes:
        findings: in the order of their places; none if nothing in the module asked.
        summaries: of all functions of the module, declared or not, by their qualified names;
            not of those that were opened.
        consulted: full names of functions, those of the module included, whose summaries or
            contracts a summary or a finding rests on, by the qualified name of the function that it
            is about; "" stands for what no function's summary has in it.
        told: the modules of which findings tell lines.
    """

    findings: tuple[Finding, ...]
    summaries: Mapping[str, Summary]
    consulted: Mapping[str, frozenset[str]]
    told: frozenset[str] = frozenset()
