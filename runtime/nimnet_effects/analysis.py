"""What the functions of a module may raise: the analysis, from typed trees to findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from mypy.nodes import FuncDef

from nimnet_effects import findings
from nimnet_effects.classes import Classes
from nimnet_effects.extraction.extractor import Extractor
from nimnet_effects.extraction.frames import site_of
from nimnet_effects.gathering import Gathering
from nimnet_effects.inference.effects import Effects
from nimnet_effects.inference.evaluator import Evaluator
from nimnet_effects.inference.fixpoint import infer
from nimnet_effects.inference.walking import helpers
from nimnet_effects.ir import Function, Ignorance
from nimnet_effects.mentions import Mentions
from nimnet_effects.request import Finding, Request, Result
from nimnet_effects.summaries import of_alias, of_wrappers, to_json


def analyse(request: Request) -> Result:
    """The findings of one module, and what its functions do."""
    classes = Classes(request.world.modules)
    extractor = Extractor(request.tree, request.checker, request.world, classes)
    extractor.run()
    own = extractor.functions
    module = request.tree.fullname
    asked = extractor.asked or request.require_declared
    substitutes = list(extractor.substitutes()) if asked else []
    gathering = Gathering(extractor, module, request.world, classes)
    gathering.run()
    functions, effects = gathering.functions, gathering.effects
    called = {key: helpers(function) for key, function in functions.items()}
    for key in set[str]().union(*called.values()).difference(functions, effects):
        # Overloads without an implementation, for one.
        effects[key] = Effects(ignorance=Ignorance.ANYTHING)
    evaluator = infer(functions, effects, classes.mro, called, gathering.beyond)
    found: list[Finding] = []
    for function in own.values():
        contract = function.declared
        if contract is None:
            continue
        escapes = evaluator.escapes(function)
        found += findings.undeclared(function, escapes, contract, request.unchecked, evaluator)
        found += findings.needless(function, escapes, contract, evaluator, classes.of_library)
    for substitute in substitutes:
        found += findings.substituted(substitute, request.unchecked, evaluator)
    if request.require_declared:
        mentions = Mentions(request.tree, request.world.modules)
        for key, node in extractor.definitions.items():
            if _must_declare(own[key], node, request, evaluator) and not any(
                # Below a decorator that puts another function in its place.
                each.declared is not None and name.startswith(f"{key}.<")
                for name, each in own.items()
            ):
                named = partial(mentions.of, within=_class_around(node), line=node.line)
                found.append(findings.missing(own[key], evaluator, request.unchecked, named))
    found += [
        findings.unreadable(site_of(each.at), each.message, known=each.known)
        for each in extractor.unreadable
    ]
    found.sort(key=lambda each: (each.line, each.column))
    summaries = {name: of_alias(*what) for name, what in extractor.exports().items()}
    summaries.update(
        # With those that decorators put in their places.
        (each.qualname, to_json(effects[key]))
        for key, each in functions.items()
        if key.startswith(f"{module}:")
    )
    for key, wrappers in extractor.wrappers.items():
        filled = {called: gathering.filled(key, called) for called in wrappers}
        known = {called: each for called, each in filled.items() if each is not None}
        summaries[own[key].qualname] |= of_wrappers(known)
    return Result(
        tuple(found),
        summaries,
        _transitively(module, own, called, gathering.consulted),
        frozenset(evaluator.told - {module}),
    )


def _transitively(
    module: str,
    own: Mapping[str, Function],
    called: Mapping[str, set[str]],
    consulted: Mapping[str, set[str]],
) -> dict[str, frozenset[str]]:
    """What each function rests on: the functions that it calls, and what those of the module do."""
    result: dict[str, frozenset[str]] = {}
    names: dict[str, str] = {}
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
                name = names.get(each)
                if name is None:
                    name = names[each] = each.replace(":", ".", 1)
                found.add(name)
        if found:
            result[function.qualname] = frozenset(found)
    if top := consulted.get(f"{module}:"):
        result[""] = frozenset(top)
    return result


def _class_around(node: FuncDef) -> str:
    """The qualified name of the class in whose body a function stands; empty for none."""
    info = node.info
    return info.fullname[len(info.module_name) + 1 :] if info else ""


def _must_declare(
    function: Function, node: FuncDef, request: Request, evaluator: Evaluator
) -> bool:
    """Whether a function is public, and says nothing of what it raises."""
    accessor = node.is_property or function.qualname.endswith((".setter", ".deleter"))
    if function.declared is not None or "<" in function.qualname:
        return False
    names = function.qualname.split(".")
    special = node.name.startswith("__") and node.name.endswith("__")
    if any(part.startswith("_") for part in (names[:-1] if special else names)):
        return False
    if "@" in function.qualname:
        return False
    # Of a property it may be another half that declares.
    declared = None if accessor else request.world.contract_of(node.fullname)
    if declared is not None and not any(form.silent for form in declared):
        return False
    return not special or any(
        not evaluator.is_a(escape.exception, request.unchecked)
        for escape in evaluator.escapes(function)
    )
