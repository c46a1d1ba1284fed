"""Functions that call each other: they are evaluated until nothing is added."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from nimnet_effects.inference.effects import Effects
from nimnet_effects.inference.evaluator import Evaluator
from nimnet_effects.inference.hierarchy import Mro
from nimnet_effects.inference.walking import helpers
from nimnet_effects.ir import Function, Part

MOST_TURNS: Final = 30


def infer(
    functions: Mapping[str, Function],
    effects: dict[str, Effects],
    mro: Mro,
    called: Mapping[str, set[str]] | None = None,
    beyond: Callable[[str], Effects | None] = lambda _: None,
) -> Evaluator:
    """Add the effects of the functions, which may call each other, to those that are known.

    Args:
        functions: by their keys.
        effects: of all others that they call; theirs are added.
        mro: of an exception class.
        called: what `helpers` says of each function, if that has been asked already.
        beyond: the effects of a function that none of them calls.

    Returns:
        What evaluates further flows with them.
    """
    evaluator = Evaluator(mro, effects, beyond)
    callers: dict[str, list[str]] = {}
    calls: dict[str, list[str]] = {}
    for key, function in functions.items():
        each = helpers(function) if called is None else called[key]
        calls[key] = sorted(callee for callee in each if callee in functions)
        for callee in calls[key]:
            callers.setdefault(callee, []).append(key)
    waiting = deque(_callees_first(calls))
    queued = set(waiting)
    turns = dict.fromkeys(waiting, 0)
    while waiting:
        key = waiting.popleft()
        queued.discard(key)
        turns[key] += 1
        now = evaluator.function(functions[key])
        if turns[key] > MOST_TURNS:
            # A manager around itself has no end of layers, and what it handles cannot be told.
            now.layers, now.imposes = (), ()
        before = effects.get(key)
        if before is not None:
            # The way that was found first stays, or it would grow with every turn of a cycle.
            for part in Part:
                former, found = before.of(part), now.of(part)
                found.update({what: former[what] for what in found if what in former})
            if now.same(before):
                continue
        effects[key] = now
        for caller in callers.get(key, ()):
            if caller not in queued:
                queued.add(caller)
                waiting.append(caller)
    return evaluator


def _callees_first(calls: Mapping[str, list[str]]) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for start in calls:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(calls[start]))]
        while path:
            key, rest = path[-1]
            for callee in rest:
                if callee not in seen:
                    seen.add(callee)
                    path.append((callee, iter(calls[callee])))
                    break
            else:
                path.pop()
                order.append(key)
    return order
