"""The names of a Python file: whether each is bound where it is used, and bound once.

What runs while a module is imported (assignments, defaults, decorators, bases, the bodies of
classes) needs its names bound before; the body of a function needs them somewhere; annotations,
which nothing evaluates, may also name what only type checkers import. Scopes inside of a function
are not told apart: what any of them binds counts as known in all of it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
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
        self._deferred: list[tuple[ast.AST, frozenset[str]]] = []
        self._annotations: list[tuple[ast.AST, frozenset[str]]] = []
        self._for_checkers: set[str] = set()
        self._all: set[str] = set()

    def run(self, body: Iterable[ast.stmt], scope: _Scope) -> None:
        """Run statements of the module or of a class."""
        for statement in body:
            self._run(statement, scope)

    def run_deferred(self) -> None:
        """Look at what runs once the module is complete, and at what never runs."""
        known = self._all | _PROVIDED
        for part, local in self._deferred:
            self._look(part, known | local)
        for part, local in self._annotations:
            self._look(part, known | self._for_checkers | local)

    def _look(self, part: ast.AST, known: Iterable[str]) -> None:
        for name in _loaded(part):
            if name.id not in known:
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
                self._for_checkers |= {
                    name for part in statement.body for name in _bound_within(part)
                }
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
                for name, node in _imported([statement]):
                    # `import a` and `import a.b` both bind `a`, and the same.
                    if isinstance(statement, ast.Import) and name in scope.packages:
                        continue
                    if isinstance(statement, ast.Import):
                        scope.packages.add(name)
                    self._bind(name, node, scope)
            case _:
                self._evaluate(statement, scope)

    def _function(self, function: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        arguments = function.args
        for part in (*function.decorator_list, *arguments.defaults, *arguments.kw_defaults):
            if part is not None:
                self._evaluate(part, scope)
        params = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        params += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        for annotation in [*(param.annotation for param in params), function.returns]:
            if annotation is not None:
                self._annotations.append((annotation, frozenset(scope.bound)))
        local = frozenset(_bound_within(function))
        self._deferred += [(part, local) for part in function.body]
        replaces = {ast.unparse(decorator) for decorator in function.decorator_list}
        follows = any(one.endswith((".setter", ".deleter")) for one in replaces)
        if not follows and function.name not in scope.overloaded:
            self._bind(function.name, function, scope)
        scope.overloaded = {function.name} if "overload" in replaces else set()

    def _evaluate(self, part: ast.AST, scope: _Scope) -> None:
        local = set(_bound_within(part))
        for name in _loaded(part):
            if not (scope.has(name.id) or name.id in local or name.id in _PROVIDED):
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


def _loaded(part: ast.AST) -> Iterator[ast.Name]:
    return (
        node
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _imported(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.asname or alias.name.partition(".")[0], alias
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                yield alias.asname or alias.name, alias


def _bound_within(part: ast.AST) -> Iterator[str]:
    """Yield every name that anything inside of a part binds."""
    for node in ast.walk(part):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.Import() | ast.ImportFrom():
                yield from (name for name, _ in _imported([node]))
            case _:
                pass
