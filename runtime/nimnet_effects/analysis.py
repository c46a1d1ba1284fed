"""What the functions of a module may raise: the analysis, from typed trees to findings."""

from __future__ import annotations

from collections.abc import Mapping

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef

from nimnet_effects import findings
from nimnet_effects.classes import Classes
from nimnet_effects.contracts import Contract, canonical, union
from nimnet_effects.extraction.extractor import Extractor
from nimnet_effects.gathering import Gathering
from nimnet_effects.inference import Escape, Evaluator, helpers, infer
from nimnet_effects.ir import ALWAYS, Function, if_given
from nimnet_effects.request import Finding, Request, Result
from nimnet_effects.summaries import of_alias, of_wrappers, to_json

_UNLIKE_BASE = frozenset(("__init__", "__new__", "__init_subclass__", "__post_init__"))
"""Methods that nobody calls through a base class."""


def analyse(request: Request) -> Result:
    """The findings of one module, and what its functions do."""
    classes = Classes(request.world.modules)
    extractor = Extractor(request.tree, request.checker, request.world, classes)
    extractor.run()
    own = extractor.functions
    module = request.tree.fullname
    gathering = Gathering(extractor, module, request.world, classes)
    gathering.run()
    functions, effects = gathering.functions, gathering.effects
    called = {key: helpers(function.flow) for key, function in functions.items()}
    evaluator = infer(functions, effects, classes.mro, called)
    found: list[Finding] = []
    for function in own.values():
        contract = function.declared
        if contract is None:
            continue
        found += findings.undeclared(function, contract, request.unchecked, evaluator)
        found += findings.needless(function, contract, evaluator, classes.of_library)
    asked = extractor.asked or request.require_declared
    if asked:
        for key, node in extractor.definitions.items():
            found += _overriding(own[key], node, request, classes, evaluator)
    if request.require_declared:
        for key, node in extractor.definitions.items():
            if _must_declare(own[key], node, request, evaluator) and not any(
                # Below a decorator that puts another function in its place.
                each.declared is not None and name.startswith(f"{key}.<")
                for name, each in own.items()
            ):
                found.append(findings.missing(own[key], evaluator, request.unchecked))
    found.sort(key=lambda each: (each.line, each.column))
    summaries = {name: of_alias(*what) for name, what in extractor.exports().items()}
    summaries.update((each.qualname, to_json(effects[key])) for key, each in own.items())
    for key, wrappers in extractor.wrappers.items():
        filled = {called: gathering.filled(key, called) for called in wrappers}
        known = {called: each for called, each in filled.items() if each is not None}
        summaries[own[key].qualname] |= of_wrappers(known)
    return Result(
        tuple(found),
        summaries,
        _transitively(module, own, called, gathering.consulted),
    )


def _transitively(
    module: str,
    own: Mapping[str, Function],
    called: Mapping[str, set[str]],
    consulted: Mapping[str, set[str]],
) -> dict[str, frozenset[str]]:
    """What each function rests on: the functions that it calls, and what those of the module do."""
    result: dict[str, frozenset[str]] = {}
    for key, function in own.items():
        found: set[str] = set()
        seen: set[str] = set()
        path = [key]
        while path:
            each = path.pop()
            if each in seen:
                continue
            seen.add(each)
            found |= consulted.get(each, set())
            path += called.get(each, ())
            if each != key:
                owner, _, name = each.partition(":")
                found.add(f"{owner}.{name}")
        if found:
            result[function.qualname] = frozenset(found)
    if top := consulted.get(f"{module}:"):
        result[""] = frozenset(top)
    return result


def _overriding(
    function: Function, node: FuncDef, request: Request, classes: Classes, evaluator: Evaluator
) -> list[Finding]:
    """Errors of a method that may raise more than what it overrides."""
    info, name = node.info, node.name
    if not info or name in _UNLIKE_BASE or function.qualname.endswith((".setter", ".deleter")):
        return []
    if name.startswith("__") and not name.endswith("__"):
        return []
    for base in info.mro[1:]:
        symbol = base.names.get(name)
        if symbol is None or not isinstance(symbol.node, (FuncDef, OverloadedFuncDef, Decorator)):
            continue
        contracts = request.world.contract_of(f"{base.fullname}.{name}")
        if not contracts:
            continue
        named = [canonical(each, classes.canonical) for each in contracts]
        contract = named[0] if len(named) == 1 else union(named)
        return findings.overriding(
            function,
            f"{base.name.partition('@')[0]}.{name}",
            contract,
            _raised(function, evaluator),
            request.unchecked,
            evaluator,
        )
    return []


def _raised(function: Function, evaluator: Evaluator) -> list[Escape]:
    declared: Contract | None = function.declared
    if declared is None:
        return list(evaluator.escapes(function))
    found = [Escape(each, ALWAYS, function.site, "") for each in declared.raises]
    for parameter, given in declared.given.items():
        condition = if_given(parameter, (), required=False)
        found += [Escape(each, condition, function.site, "") for each in given.raises]
    return found


def _must_declare(
    function: Function, node: FuncDef, request: Request, evaluator: Evaluator
) -> bool:
    """Whether a function is public, and says nothing of what it raises."""
    if function.declared is not None or "<" in function.qualname or node.is_overload:
        return False
    names = function.qualname.split(".")
    special = node.name.startswith("__") and node.name.endswith("__")
    if any(part.startswith("_") for part in (names[:-1] if special else names)):
        return False
    if "@" in function.qualname or request.world.contract_of(node.fullname) is not None:
        return False
    return not special or any(
        not evaluator.is_a(escape.exception, request.unchecked)
        for escape in evaluator.escapes(function)
    )
