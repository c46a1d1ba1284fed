"""The names of a Python file: whether each is bound where it is used, and bound once.

What runs while a module is imported (assignments, defaults, decorators, bases, the bodies of
classes) needs its names bound before; the body of a function needs them somewhere; annotations,
which nothing evaluates, may also name what only type checkers import. Scopes inside of a function
are not told apart: what any of them binds counts as known in all of it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

_PROVIDED: Final = frozenset(
    {*dir(builtins), "__file__", "__name__", "__doc__", "__module__", "__qualname__", "__class__"}
)

Fault = tuple[ast.AST, str]
"""A part of the file, and what is wrong with a name in it."""


def name_faults(tree: ast.Module) -> list[Fault]:
    """Return what is wrong with the names of a file, in the order in which it is found."""
    module = _Module()
    module.run(tree.body, _Scope())
    module.run_deferred()
    return module.faults


@dataclass
class _Scope:
    """The module, or a class: what is bound in it so far."""

    bound: set[str] = field(default_factory=set)
    overloaded: set[str] = field(default_factory=set)
    """The function whose next form may follow."""
    packages: set[str] = field(default_factory=set)
    """The packages that are imported under their own names."""
    outer: _Scope | None = None

    def has(self, name: str) -> bool:
        return name in self.bound or (self.outer is not None and self.outer.has(name))


class _Module:
    """Follows the statements of a module as an import runs them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._deferred: list[tuple[_Names, frozenset[str]]] = []
        self._annotations: list[tuple[ast.expr, frozenset[str]]] = []
        self._for_checkers: set[str] = set()
        self._all: set[str] = set()

    def run(self, body: Iterable[ast.stmt], scope: _Scope) -> None:
        """Run statements of the module or of a class."""
        for statement in body:
            self._run(statement, scope)

    def run_deferred(self) -> None:
        """Look at what runs once the module is complete, and at what never runs."""
        known = self._all | _PROVIDED
        for inside, local in self._deferred:
            self._look(inside, known, local)
        known |= self._for_checkers
        for annotation, local in self._annotations:
            self._look(_Names.of(annotation), known, local)

    def _look(self, names: _Names, known: Set[str], local: Set[str]) -> None:
        for name in names.loaded:
            if name.id not in known and name.id not in local:
                self.faults.append((name, f"nothing defines '{name.id}'"))

    def _run(self, statement: ast.stmt, scope: _Scope) -> None:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(statement, scope)
            case ast.ClassDef():
                for part in (*statement.decorator_list, *statement.bases, *statement.keywords):
                    self._evaluate(part, scope)
                self.run(statement.body, _Scope(outer=scope))
                self._bind(statement.name, statement, scope)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                self._for_checkers |= _Names.of(*statement.body).bound
                self.run(statement.orelse, scope)
            case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
                for part in ast.iter_child_nodes(statement):
                    if isinstance(part, ast.stmt):
                        self._run(part, scope)
                    else:
                        self._evaluate(part, scope)
            case ast.AnnAssign():
                self._annotations.append((statement.annotation, frozenset()))
                if statement.value is not None:
                    self._evaluate(statement.value, scope)
                self._bind_targets(statement.target, scope)
            case ast.Assign():
                self._evaluate(statement.value, scope)
                for target in statement.targets:
                    self._bind_targets(target, scope)
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    name = _imported(alias)
                    # `import a` and `import a.b` both bind `a`, and the same.
                    if isinstance(statement, ast.Import) and name in scope.packages:
                        continue
                    if isinstance(statement, ast.Import):
                        scope.packages.add(name)
                    self._bind(name, alias, scope)
            case _:
                self._evaluate(statement, scope)

    def _function(self, function: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        arguments = function.args
        for part in (*function.decorator_list, *arguments.defaults, *arguments.kw_defaults):
            if part is not None:
                self._evaluate(part, scope)
        params = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        params += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        bound = frozenset(scope.bound)
        for annotation in [*(param.annotation for param in params), function.returns]:
            if annotation is not None:
                self._annotations.append((annotation, bound))
        inside = _Names.of(*function.body)
        self._deferred.append((inside, inside.bound | {param.arg for param in params}))
        decorators = function.decorator_list
        follows = any(
            isinstance(one, ast.Attribute) and one.attr in ("setter", "deleter")
            for one in decorators
        )
        is_overload = any(isinstance(one, ast.Name) and one.id == "overload" for one in decorators)
        if not follows and function.name not in scope.overloaded:
            self._bind(function.name, function, scope)
        scope.overloaded = {function.name} if is_overload else set()

    def _evaluate(self, part: ast.AST, scope: _Scope) -> None:
        inside = _Names.of(part)
        for name in inside.loaded:
            if not (scope.has(name.id) or name.id in inside.bound or name.id in _PROVIDED):
                self.faults.append((name, f"'{name.id}' is not defined yet"))

    def _bind_targets(self, target: ast.expr, scope: _Scope) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self._bind(part.id, part, scope)
            elif isinstance(part, ast.Name):
                self._evaluate(part, scope)

    def _bind(self, name: str, node: ast.AST, scope: _Scope) -> None:
        if name in scope.bound:
            self.faults.append((node, f"'{name}' is defined twice"))
        scope.bound.add(name)
        if scope.outer is None:
            self._all.add(name)


@dataclass(frozen=True)
class _Names:
    """The names in parts of a file."""

    loaded: tuple[ast.Name, ...]
    """Where one is used."""
    bound: frozenset[str]
    """What anything inside of them binds."""

    @classmethod
    def of(cls, *parts: ast.AST) -> _Names:
        """Read the names off parts, in one walk: most of what is looked at here is walked here."""
        loaded: list[ast.Name] = []
        bound: set[str | None] = set()
        waiting = list(parts)
        for node in waiting:  # to which their children are added
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    loaded.append(node)
                elif isinstance(node.ctx, ast.Store):
                    bound.add(node.id)
                continue
            if isinstance(node, ast.alias):
                bound.add(_imported(node))
            elif type(node) in _BINDING:
                bound.add(getattr(node, _BINDING[type(node)]))
            for part in node._fields:
                value = getattr(node, part)
                if isinstance(value, list):
                    waiting += [one for one in value if isinstance(one, ast.AST)]
                elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                    waiting.append(value)
        return cls(tuple(loaded), frozenset(filter(None, bound)))


_BINDING: Final[Mapping[type[ast.AST], str]] = {
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.FunctionDef: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.arg: "arg",
}
"""What binds a name besides assignments and imports, with the field that has the name or None."""


def _imported(alias: ast.alias) -> str:
    """Return the name that an import binds; `from` has no dots in its names."""
    return alias.asname or alias.name.partition(".")[0]
