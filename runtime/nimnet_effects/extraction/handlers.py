"""`try`, `raise` and `assert`."""

from __future__ import annotations

from collections.abc import Iterable

from mypy.nodes import (
    AssertStmt,
    CallExpr,
    Expression,
    GlobalDecl,
    ListExpr,
    MemberExpr,
    NameExpr,
    NonlocalDecl,
    RaiseStmt,
    RefExpr,
    StarExpr,
    TryStmt,
    TupleExpr,
    TypeInfo,
    Var,
)

from nimnet_effects.extraction.frames import Again, Caught, site_of
from nimnet_effects.extraction.patterns import Patterns
from nimnet_effects.inference.hierarchy import BASE_GROUP, GROUP, group_of
from nimnet_effects.ir import Handler, Ignorance, Raise, Reraise, Try
from nimnet_effects.leaving import leaves
from nimnet_effects.resolution.actuals import NO_ACTUALS


class Handlers(Patterns):
    """Notes what is raised, and what is caught."""

    def _try_stmt(self, o: TryStmt) -> None:
        step = Try(self._block(o.body), star=o.is_star)
        frame = self._frame
        for typ, variable, body in zip(o.types, o.vars, o.handlers, strict=True):
            frame.count += 1
            number = frame.count
            classes: tuple[str, ...] | None = None
            exact = True
            if typ is not None:
                self.visit(typ)
                classes, exact = self._caught(typ)
                if classes is None:
                    frame.ignorance = Ignorance.ANYTHING
            node = variable.node if variable is not None else None
            self._bound(node)
            caught = Caught(number, node if isinstance(node, Var) else None)
            frame.handlers.append(caught)
            flow = self._block(body)
            frame.handlers.pop()
            if caught.rebound or (variable is not None and variable.name in frame.outside):
                _forget(caught)
            step.handlers.append(Handler(number, classes, flow, exact, leaves(body.body)))
        step.otherwise = self._block(o.else_body)
        if o.finally_body is not None:
            step.final = self._block(o.finally_body)
            step.leaves = leaves(o.finally_body.body)
        if step.body or step.otherwise or step.final or step.leaves or _anything(step.handlers):
            frame.flow.append(step)

    def _raise_stmt(self, o: RaiseStmt) -> None:
        frame = self._frame
        if o.expr is None:
            if frame.handlers:
                self._again(o, frame.handlers[-1], None)
            else:
                frame.ignorance = Ignorance.ANYTHING
            return
        if o.from_expr is not None:
            self.visit(o.from_expr)
        raised = o.expr
        typ = self._type_of(raised)
        if typ is None:
            return
        again = raised
        if (
            isinstance(again, CallExpr)
            and isinstance(again.callee, MemberExpr)
            and again.callee.name == "with_traceback"
        ):
            again = again.callee.expr
        if isinstance(again, NameExpr) and isinstance(again.node, Var):
            for caught in reversed(frame.handlers):
                if caught.variable is again.node:
                    only, known = self._classes.raised(self._type_of(again))
                    if known and only:
                        self._again(o, caught, only)
                        return
        if isinstance(raised, RefExpr) and isinstance(raised.node, TypeInfo):
            self._emit(self._resolver.constructor(raised.node), NO_ACTUALS, o)
        else:
            self.visit(raised)
        classes, known = self._classes.raised(typ)
        if not known:
            frame.ignorance = Ignorance.ANYTHING
        if classes:
            frame.flow.append(Raise(site_of(o), self._complete(raised) or classes))

    def _again(self, o: RaiseStmt, caught: Caught, classes: tuple[str, ...] | None) -> None:
        """What a handler caught is raised, by its name if the classes of that are given."""
        frame = self._frame
        narrowed = [narrowing for of, narrowing in frame.facts if of is caught]
        if classes is not None:
            narrowed.append((classes, True))
        step = Reraise(site_of(o), caught.number, tuple(narrowed))
        caught.raised.append(Again(step, frame.flow, classes))
        frame.flow.append(step)

    def _complete(self, raised: Expression) -> tuple[str, ...] | None:
        """The group that a call makes of exceptions that it lists one by one."""
        if (
            isinstance(raised, CallExpr)
            and isinstance(raised.callee, RefExpr)
            and raised.callee.fullname in (GROUP, BASE_GROUP)
            and len(raised.args) == 2
            and isinstance(listed := raised.args[1], (ListExpr, TupleExpr))
        ):
            found = [self._classes.raised(self._type_of(item)) for item in listed.items]
            if found and all(known and len(classes) == 1 for classes, known in found):
                contents = [classes[0] for classes, _ in found]
                return (group_of(contents, self._classes.mro_of_any, complete=True),)
        return None

    def _global_decl(self, o: GlobalDecl | NonlocalDecl) -> None:
        frame = self._frame.outer
        while frame is not None:
            frame.outside.update(o.names)
            frame = frame.outer

    def _assert_stmt(self, o: AssertStmt) -> None:
        self._condition(o.expr)
        if self._type_of(o.expr) is None:
            return
        if o.msg is not None:
            self.visit(o.msg)
        self._frame.flow.append(Raise(site_of(o), ("builtins.AssertionError",)))

    def _caught(self, typ: Expression, depth: int = 0) -> tuple[tuple[str, ...] | None, bool]:
        """What a handler of the expression catches, and whether it surely does."""
        if isinstance(typ, RefExpr) and isinstance(typ.node, TypeInfo):
            self._classes.add(typ.node)
            return (typ.node.fullname,), True
        if isinstance(typ, TupleExpr) and not any(isinstance(e, StarExpr) for e in typ.items):
            found: dict[str, None] = {}
            exact = True
            for item in typ.items:
                classes, sure = self._caught(item, depth + 1)
                if classes is None:
                    return None, True
                found.update(dict.fromkeys(classes))
                exact = exact and sure
            return tuple(found), exact
        classes, exact = self._classes.caught(self._type_of(typ))
        if not exact and isinstance(typ, RefExpr) and isinstance(typ.node, Var) and depth < 5:
            values = self._aliases.get(typ.node, [])
            if len(values) == 1 and typ.node not in self._frame.parameters:
                return self._caught(values[0], depth + 1)
        return classes, exact


def _forget(caught: Caught) -> None:
    """Believe nothing of a variable that has got another value, or may have."""
    for again in caught.raised:
        if again.classes is None:
            again.step.narrowed = ()
        else:
            raised = Raise(again.step.site, again.classes)
            again.flow[:] = [raised if step is again.step else step for step in again.flow]


def _anything(handlers: Iterable[Handler]) -> bool:
    return any(handler.body for handler in handlers)
