"""The function that the walk is in, and the flow that is being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import Context, Expression, NameExpr, SymbolNode, Var

from nimnet_effects.ir import OTHERS, Flow, Function, Ignorance, Narrowing, Reraise, Site
from nimnet_effects.resolution.resolver import Resolver
from nimnet_effects.traversal import Traverser

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import Block, MypyFile
    from mypy.types import Type

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World
    from nimnet_effects.spelling import Fault


@dataclass(slots=True, eq=False)
class Caught:
    """A handler that the walk is inside of."""

    number: int
    variable: Var | None
    rebound: bool = False
    """Whether the variable gets another value in it."""
    raised: list[Again] = field(default_factory=list)
    """Where what it caught is raised."""


class Again(NamedTuple):
    """A `raise` of what a handler caught.

    Attributes:
        step: it.
        flow: where that is.
        classes: what it raises, by the type of the variable; None if it names none.
    """

    step: Reraise
    flow: Flow
    classes: tuple[str, ...] | None


class Parameter(NamedTuple):
    """A parameter of the function that the walk is inside of."""

    key: str
    default: Expression | None
    starred: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """The function that the walk is inside of."""

    function: Function
    within: str
    """What the qualified names of functions inside of it begin with."""
    flow: Flow
    classes: str = ""
    """The classes in it that the walk is inside of, each with a dot."""
    parameters: dict[Var, Parameter] = field(default_factory=dict)
    handlers: list[Caught] = field(default_factory=list)
    facts: list[tuple[Caught, Narrowing]] = field(default_factory=list)
    """What is known, where the walk is, of what handlers caught."""
    count: int = 0
    reassigned: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tests: list[Expression] = field(default_factory=list)
    """Conditions that the walk has come to, and nobody has looked into."""
    tested: set[SymbolNode | None] = field(default_factory=set)
    """The names in those that somebody has looked into."""
    outside: set[str] = field(default_factory=set)
    """Names of variables that functions inside of it may give values."""
    outer: Frame | None = None
    ignorance: Ignorance = Ignorance.NONE
    consulted: set[str] = field(default_factory=set)
    returns: Type | None = None
    """The type of what the function returns."""
    yields: Type | None = None
    """The type of what it yields."""
    collected: list[Var] = field(default_factory=list)
    """Containers of coroutines in it of which what these raise is returned."""


class Frames(Traverser):
    """Writes flows.

    Args:
        tree: the module that is walked over.
        checker: what has its types.
        world: what the analysis can ask.
        classes: where exception classes are remembered.
    """

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Start at the top of the module."""
        super().__init__()
        self._module = tree.fullname
        self._type_of = checker.lookup_type_or_none
        self._classes = classes
        self._aliases: dict[Var, list[Expression]] = {}
        self.unreadable: list[Fault] = []
        self._resolver = Resolver(self._module, self._type_of, world, self._aliases)
        top = Function(f"{self._module}:", self._module, (1, 0, 1, 0))
        self._frame = Frame(top, "", top.flow)

    def _is_starred(self, expression: Expression) -> bool:
        """Whether an expression is what the function was given by `*` or `**`."""
        node = expression.node if isinstance(expression, NameExpr) else None
        parameter = self._frame.parameters.get(node) if isinstance(node, Var) else None
        return parameter is not None and parameter.starred

    def _block(self, block: Block | None) -> Flow:
        if block is None:
            return []
        return self._collected(lambda: self.visit(block))

    def _collected(self, visit: Callable[[], None]) -> Flow:
        frame = self._frame
        outer = frame.flow
        inner: Flow = []
        frame.flow = inner
        visit()
        frame.flow = outer
        return inner

    def _reassigned(self, target: Expression, literals: tuple[str, ...] = ()) -> bool:
        """Note that a parameter has another value now, or other contents, if the target is one.

        Args:
            target: what gets the value.
            literals: what the value may be, as far as that is known.
        """
        node = target.node if isinstance(target, NameExpr) else None
        parameter = self._frame.parameters.get(node) if isinstance(node, Var) else None
        if parameter is not None:
            reassigned = self._frame.reassigned
            reassigned[parameter.key] = (*reassigned.get(parameter.key, ()), *literals)
            if parameter.starred:
                reassigned[OTHERS] = ()
        return parameter is not None

    def _bound(self, node: SymbolNode | None) -> None:
        """A variable gets a value."""
        for caught in self._frame.handlers:
            if node is not None and caught.variable is node:
                caught.rebound = True


def site_of(node: Context) -> Site:
    """Where a node stands."""
    line, column, end_line, end_column = node.line, node.column, node.end_line, node.end_column
    return (
        line,
        column,
        line if end_line is None else end_line,
        column if end_column is None else end_column,
    )
