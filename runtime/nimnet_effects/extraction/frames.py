"""The function that the walk is in, and the flow that is being written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import Context, Expression, NameExpr, SymbolNode, Var
from mypy.types import Type

from nimnet_effects.ir import OTHERS, Flow, Function, Ignorance, Narrowing, Reraise, Site
from nimnet_effects.resolution.resolver import Resolver
from nimnet_effects.traversal import Traverser

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import Block, MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World
    from nimnet_effects.spelling import Fault


class Caught:
    """A handler that the walk is inside of."""

    def __init__(self, number: int, variable: Var | None) -> None:
        """Come to a handler."""
        self.number = number
        self.variable = variable
        self.rebound = False
        """Whether the variable gets another value in it."""
        self.raised: list[Again] = []
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


class Frame:
    """The function that the walk is inside of."""

    def __init__(self, function: Function, within: str, outer: Frame | None = None) -> None:
        """Begin a function.

        Args:
            function: what its flow is written to.
            within: what the qualified names of functions inside of it begin with.
            outer: the function that it stands in.
        """
        self.function = function
        self.within = within
        self.outer = outer
        self.flow = function.flow
        self.classes = ""
        """The classes in it that the walk is inside of, each with a dot."""
        self.parameters: dict[Var, Parameter] = {}
        self.handlers: list[Caught] = []
        self.facts: list[tuple[Caught, Narrowing]] = []
        """What is known, where the walk is, of what handlers caught."""
        self.count = 0
        self.reassigned: dict[str, tuple[str, ...]] = {}
        self.tests: list[Expression] = []
        """Conditions that the walk has come to, and nobody has looked into."""
        self.tested: set[SymbolNode | None] = set()
        """The names in those that somebody has looked into."""
        self.outside: set[str] = set()
        """Names of variables that functions inside of it may give values."""
        self.ignorance = Ignorance.NONE
        self.consulted: set[str] = set()
        self.returns: Type | None = None
        """The type of what the function returns."""
        self.yields: Type | None = None
        """The type of what it yields."""
        self.collected: list[Var] = []
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
        self._frame = Frame(top, "")

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
