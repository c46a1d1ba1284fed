"""How the analysis gets its moment in a run of mypy.

A plugin is asked about single calls and types, never about a whole module that has been checked. So
each module of the project is given a function of its own, which mypy checks like any other:

    def _nimnet_effects_() -> None: "nimnet_effects:checkpoint".isidentifier()

The hook of `str.isidentifier` recognises that string, and has the module's type checker in its
hands. The first time it puts the function back among those that mypy checks once more, after all
others; the second time, every expression of the module has its type. A statement of the same form,
at the top of the module, tells of the checker earlier: other modules of an import cycle may need
it. What is reported in this moment is reported by mypy's own means, so that ignores, the cache and
the daemon treat it as any error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.checker import DeferredNode, TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.errors import ErrorInfo, Errors
from mypy.nodes import (
    GDEF,
    MISSING_FALLBACK,
    Block,
    CallExpr,
    Context,
    Decorator,
    ExpressionStmt,
    FuncDef,
    MemberExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    StrExpr,
    SymbolTableNode,
    TypeInfo,
    Var,
)
from mypy.traverser import NameAndMemberCollector
from mypy.types import (
    CallableType,
    Instance,
    LiteralType,
    NoneType,
    Type,
    TypeVarId,
    TypeVarType,
    UnionType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy.options import Options
    from mypy.plugin import Plugin

    from nimnet_effects.request import Finding

RAISES: Final = ErrorCode(
    "raises", "Check what functions raise against what they declare", "Raises"
)
NAME: Final = "_nimnet_effects_"
METHOD: Final = "builtins.str.isidentifier"
TOP: Final = "nimnet_effects:top"
CHECKPOINT: Final = "nimnet_effects:checkpoint"


def place(tree: MypyFile) -> None:
    """Give a module that was parsed, and nothing more yet, its statement and its function."""
    tree.defs[:0] = [_statement(TOP), _function(Instance(MISSING_FALLBACK, [], -1))]


def place_top(tree: MypyFile) -> None:
    """Give a module that was parsed its statement alone."""
    tree.defs.insert(0, _statement(TOP))


def place_late(tree: MypyFile, fallback: Instance, *, always: bool) -> None:
    """Give a module whose names have been bound already its function.

    mypy shows a plugin a module that is read again only for a change elsewhere no earlier.

    Args:
        fallback: the type `builtins.function`.
        always: whether mypy has to check it where it looks into no function.
    """
    function = _function(fallback)
    function.def_or_infer_vars = always
    function._fullname = f"{tree.fullname}.{NAME}"
    tree.names[NAME] = SymbolTableNode(GDEF, function)
    tree.defs.append(function)


def hide(tree: MypyFile) -> None:
    """Keep the module's function out of mypy's cache, where it would count to the interface."""
    if NAME in tree.names:
        tree.names[NAME].no_serialize = True


def is_placed(tree: MypyFile) -> bool:
    """Whether a module that is being checked has its function."""
    if NAME in tree.names:
        node = tree.names[NAME].node
        return isinstance(node, FuncDef) and bool(node.body.body)
    return any(isinstance(node, FuncDef) and node.name == NAME for node in tree.defs[:2])


def function_of(tree: MypyFile) -> FuncDef | None:
    """The function that a module was given."""
    node = tree.names[NAME].node if NAME in tree.names else None
    return node if isinstance(node, FuncDef) else None


def recognised(call: Context) -> str | None:
    """TOP or CHECKPOINT, if a call of `str.isidentifier` is one of those that were placed."""
    if (
        isinstance(call, CallExpr)
        and isinstance(call.callee, MemberExpr)
        and isinstance(call.callee.expr, StrExpr)
        and call.callee.expr.value in (TOP, CHECKPOINT)
    ):
        return call.callee.expr.value
    return None


def defer(checker: TypeChecker) -> None:
    """Have mypy check the module's function once more, after what it has to check again anyway."""
    function = function_of(checker.tree)
    if function is not None:
        checker.deferred_nodes.append(DeferredNode(function, None))


def _statement(text: str) -> ExpressionStmt:
    string = StrExpr(text)
    callee = MemberExpr(string, "isidentifier")
    call = CallExpr(callee, [], [], [])
    statement = ExpressionStmt(call)
    for node in (string, callee, call, statement):
        node.set_line(1, 0, 1, 1)
    return statement


def _function(fallback: Instance) -> FuncDef:
    body = Block([_statement(CHECKPOINT)])
    function = FuncDef(NAME, [], body, CallableType([], [], [], NoneType(), fallback))
    for node in (function, body):
        node.set_line(1, 0, 1, 1)
    function.unanalyzed_type = function.type
    return function


def report(errors: Errors, finding: Finding) -> None:
    """Report a finding in the file that is being checked.

    Not by `TypeChecker.fail`: with `--show-error-context` that would name the function above.
    """
    errors.add_error_info(
        ErrorInfo(
            import_ctx=errors.import_context(),
            local_ctx=(None, None),
            line=finding.line,
            column=finding.column,
            end_line=max(finding.line, finding.end_line),
            end_column=finding.end_column,
            severity=finding.severity,
            message=finding.message,
            code=RAISES,
            blocker=False,
            only_once=False,
            origin_span=range(finding.line, max(finding.line, finding.end_line) + 1),
            module=errors.current_module(),
            target=errors.current_target(),
        )
    )


def request(errors: Errors, target: str, path: str) -> None:
    """Have the daemon check a function, or the top of a module, at the end of its present round.

    It does so with all that had an error when the round began, and this is one that nobody sees.
    """
    if path in errors.flushed_files:
        return
    error = ErrorInfo(
        import_ctx=[],
        local_ctx=(None, None),
        line=0,
        column=0,
        end_line=0,
        end_column=0,
        severity="error",
        message="",
        code=None,
        blocker=False,
        only_once=False,
        origin_span=(),
        module=None,
        target=target,
    )
    error.hidden = True
    errors.add_error_info(error, file=path)


def silent_checker(
    tree: MypyFile, modules: dict[str, MypyFile], options: Options, plugins: Plugin
) -> TypeChecker:
    """Another checker of a module, whose errors nobody sees."""
    if options.ignore_errors:
        # Set for the module alone, it has a checker look into no body.
        options = options.apply_changes({"ignore_errors": False})
    return TypeChecker(Errors(options), modules, options, tree, tree.path, plugins, {})


def retyped(checker: TypeChecker) -> TypeChecker:
    """The checker, which has checked all of its module.

    For modules of which mypy checked a part, or nothing but the interface: what it would infer
    itself is left to it.
    """
    inferred = _Inferred(checker.tree)
    checker.check_first_pass()
    while checker.check_second_pass():
        pass
    inferred.restore()
    return checker


def typed_ahead(checker: TypeChecker, function: FuncDef, info: TypeInfo | None) -> TypeChecker:
    """The checker, which has checked one function of its module, likewise."""
    inferred = _Inferred(function)
    checker.check_second_pass([DeferredNode(function, info)])
    while checker.check_second_pass():
        pass
    inferred.restore()
    return checker


class _Inferred:
    """The variables of a tree, as they are before anything more is inferred of them."""

    def __init__(self, tree: MypyFile | FuncDef) -> None:
        self._variables: dict[Var, tuple[Type | None, bool]] = {}
        for name in _names(tree):
            if isinstance(name.node, Var):
                self._variables.setdefault(name.node, (name.node.type, name.node.is_ready))

    def restore(self) -> None:
        for variable, (type_, ready) in self._variables.items():
            variable.type = type_
            variable.is_ready = ready


def is_typed(checker: TypeChecker, function: FuncDef) -> bool:
    """Whether the checker has types of the expressions of a function; True if it has none."""
    names = _names(function)
    return not names or any(checker.lookup_type_or_none(name) is not None for name in names)


def _names(tree: MypyFile | FuncDef) -> list[NameExpr | MemberExpr]:
    # mypy is compiled: its visitors cannot be subclassed, but it has one that does this.
    collector = NameAndMemberCollector()
    (tree.body if isinstance(tree, FuncDef) else tree).accept(collector)
    return [*collector.name_exprs, *collector.member_exprs]


def functions_of(tree: MypyFile) -> Iterator[FuncDef]:
    """The functions of a module and of its classes that have bodies."""
    for _, node, _ in tree.local_definitions():
        definition = node.node
        if isinstance(definition, OverloadedFuncDef):
            definition = definition.impl
        if isinstance(definition, Decorator):
            definition = definition.func
        if isinstance(definition, FuncDef) and definition.name != NAME:
            yield definition


def taken_from_modules(tree: MypyFile) -> set[str]:
    """The full names `module.name` that stand in a module as such, imported there or defined."""
    return {f"{module.fullname}.{name.name}" for name, module in _taken(tree)}


def outdated(tree: MypyFile) -> set[str]:
    """What the daemon has to check again: a module has something else under a name by now.

    Before 2.3, mypy's daemon forgets that the meaning of `module.name` depends on that module, if
    it imports the name from elsewhere. The function of the module itself is among them.
    """
    found = {id(name) for name, module in _taken(tree) if _means_another(name, module)}
    if not found:
        return set()
    targets = {f"{tree.fullname}.{NAME}"}
    for function in functions_of(tree):
        inside = found & {id(name) for name, _ in _taken(function)}
        if inside:
            targets.add(function.fullname)
            found -= inside
    return targets | {tree.fullname} if found else targets


def _taken(tree: MypyFile | FuncDef) -> Iterator[tuple[MemberExpr, MypyFile]]:
    for name in _names(tree):
        if isinstance(name, MemberExpr) and isinstance(name.expr, RefExpr):
            module = name.expr.node
            if isinstance(module, MypyFile):
                yield name, module


def _means_another(name: MemberExpr, module: MypyFile) -> bool:
    symbol = module.names.get(name.name)
    return symbol is not None and symbol.node is not None and symbol.node is not name.node


def publish(tree: MypyFile, digest: str, triggers: Iterable[str], string: Instance) -> None:
    """Tell the daemon, in the type of a module's function, what the module does.

    If the type differs from that of the time before, the daemon checks what depends on it once
    more: the functions of modules in whose types it is among the `triggers`. It follows the full
    names of type variables wherever they stand, which is how they are written here.
    """
    function = function_of(tree)
    if function is None or not isinstance(function.type, CallableType):
        return
    variables = [
        TypeVarType(name, name, TypeVarId(-1 - index), [], string, string)
        for index, name in enumerate(sorted(triggers))
    ]
    # As its guard, for nothing looks at that while the function is checked.
    function.type = function.type.copy_modified(
        type_guard=UnionType([LiteralType(digest, string), *variables])
    )
