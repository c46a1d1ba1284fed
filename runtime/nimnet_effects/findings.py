"""What people are told: the texts, and which effects deserve one. Imports no mypy."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from nimnet_effects.contracts import Contract, Given
from nimnet_effects.inference.effects import Chain, Escape, Escapes, Origin
from nimnet_effects.inference.evaluator import Evaluator
from nimnet_effects.ir import (
    CONSTANT,
    IMPOSED,
    Asked,
    Function,
    How,
    Ignorance,
    Site,
    Substitute,
    asked,
    told_apart,
)
from nimnet_effects.request import Finding, Mention

Named: TypeAlias = Callable[[str], "Mention | None"]
"""How a module names a class; None for one that it cannot name."""

_OS_ERROR: Final = "builtins.OSError"
_LINE: Final = re.compile(r"@\d+")
"""Which mypy writes behind the name of a class inside of a function."""
_ROOTS: Final = ("builtins.Exception", "builtins.BaseException")


def covers(
    contract: Contract,
    escape: Escape,
    evaluator: Evaluator,
    wider: Collection[str] = (),
    *,
    required: Collection[str] | None = None,
    exactly: bool = False,
) -> bool:
    """Whether a function with the contract may let the exception escape.

    Args:
        contract: What the function declares.
        escape: The exception.
        evaluator: What knows the classes.
        wider: Bases of the exception from which the contract of what was called tells it apart:
            who declares these has not declared it.
        required: The keys of the parameters that every call of the function gives; None for all.
        exactly: Whether it is known when it is raised: what is always raised is not then taken for
            something that an argument was computed for.
    """
    exception, condition = escape.exception, escape.condition
    declared = [each for each in contract.raises if each not in wider]
    if exactly:
        # An OSError that is declared beside a TimeoutError for calls with a timeout is no such one.
        apart = [each for given in contract.given.values() for each in given.raises]
        mro = evaluator.mro(exception)
        declared = [
            d for d in declared if not any(each in mro for each in evaluator.below(d, apart))
        ]
    if condition == IMPOSED or evaluator.is_a(exception, declared):
        return True
    about = asked(condition)
    if condition == CONSTANT or (exactly and about is None):
        return False
    if about is not None and about.required and required is not None:
        # Every call gives it, or those that do not give it have a default that raises it, too.
        return about.parameter in required and _is_given(contract, escape, about, evaluator)
    return _is_given(contract, escape, about, evaluator)


def _is_given(
    contract: Contract, escape: Escape, about: Asked | None, evaluator: Evaluator
) -> bool:
    """Whether an exception is declared for calls that give an argument."""
    return any(
        evaluator.is_a(escape.exception, promise.raises)
        for name, promise in contract.given.items()
        if about is None or name == about.parameter
    )


class Uncovered(NamedTuple):
    """Something that escapes a function which does not declare it."""

    escape: Escape
    origin: Origin | None
    wider: frozenset[str]
    """Bases of the exception that are not enough to declare it."""

    def goes_without_saying(self, others: Iterable[Uncovered], evaluator: Evaluator) -> bool:
        """Whether what declares the others declares it as well."""
        exception = self.escape.exception
        bases = evaluator.mro(exception)[1:]
        return any(
            other.escape.exception in bases and other.escape.exception not in self.wider
            for other in others
        )


def uncovered(
    function: Function,
    escapes: Escapes,
    contract: Contract,
    unchecked: Collection[str],
    evaluator: Evaluator,
) -> list[Uncovered]:
    """What escapes a function and is not in the contract."""
    apart: dict[tuple[Site, str], list[Escape]] = {}
    for escape in escapes:
        if told_apart(escape.condition):
            apart.setdefault((escape.site, escape.callee), []).append(escape)
    found: list[Uncovered] = []
    for escape, origin in escapes.items():
        wider = frozenset(
            each.exception
            for each in apart.get((escape.site, escape.callee), ())
            if evaluator.is_a(escape.exception, told_apart(each.condition))
        )
        if not covers(
            contract, escape, evaluator, wider, required=function.required
        ) and not evaluator.is_a(escape.exception, unchecked):
            found.append(Uncovered(escape, origin, wider))
    return found


def undeclared(
    function: Function,
    escapes: Escapes,
    contract: Contract,
    unchecked: Collection[str],
    evaluator: Evaluator,
) -> list[Finding]:
    """The places of a function at which something escapes that it does not declare.

    Each names all that has to be declared there, and nothing that goes without saying then.
    """
    calls: dict[tuple[Site, str], list[Uncovered]] = {}
    for each in uncovered(function, escapes, contract, unchecked, evaluator):
        calls.setdefault((each.escape.site, each.escape.callee), []).append(each)
    findings: list[Finding] = []
    for (site, callee), escaping in calls.items():
        ways: dict[tuple[Chain, str], dict[str, None]] = {}
        for each in escaping:
            if not each.goes_without_saying(escaping, evaluator):
                way = evaluator.chain(each.origin), _by_default(each.escape, contract, evaluator)
                ways.setdefault(way, {})[each.escape.exception] = None
        for (chain, parameter), names in ways.items():
            message = _undeclared(callee, chain, list(names), function, parameter)
            findings.append(_finding(site, "error", message))
    return findings


def _by_default(escape: Escape, contract: Contract, evaluator: Evaluator) -> str:
    """The parameter with which an exception is declared, and which raises it by its default too."""
    about = asked(escape.condition)
    given = about is not None and about.required and _is_given(contract, escape, about, evaluator)
    return about.parameter if about is not None and given else ""


def _undeclared(
    callee: str, chain: Chain, names: list[str], function: Function, parameter: str
) -> str:
    classes = _listed(names)
    many = len(names) > 1
    fix = f"declare {'them' if many else 'it'} in @raises, or handle {'them' if many else 'it'}"
    if not callee:
        return f"this raises {classes}, which {_quoted(function.name)} does not declare: {fix}"
    way = f" ({_way(chain)})" if chain else ""
    if parameter:
        way += f" by the default of {_quoted(parameter)} as well"
        fix = fix.replace("@raises", f"@raises without {_quoted(parameter)}")
    return f"{_quoted(callee)} may raise {classes}{way}: {fix}"


def _way(chain: Chain) -> str:
    """The way of an exception through undeclared functions, as `through ... line 12 ...`."""
    steps: list[str] = []
    for link in chain:
        at = f"{link.module}:{link.line}"
        steps.append(f"{at} calls {_quoted(link.callee)}" if link.callee else f"{at} raises it")
    return ", ".join(steps)


def needless(
    function: Function,
    escapes: Escapes,
    contract: Contract,
    evaluator: Evaluator,
    of_library: Callable[[str], bool],
) -> list[Finding]:
    """Notes about what a function declares and nothing in it can raise, if all of it is known."""
    if function.open_ended:
        return []
    ignorance = evaluator.ignorance(function)
    if ignorance is Ignorance.ANYTHING:
        return []
    raised = {escape.exception for escape in escapes}
    # What is said of a function that returns a generator may be meant of that.
    raised |= {escape.exception for escape in evaluator.result(function)}
    declared = dict.fromkeys(contract.raises)
    for given in contract.given.values():
        declared.update(dict.fromkeys(given.raises))
    found: list[Finding] = []
    for exception in declared:
        if exception == function.absorbs:
            # A loop hears of it, and callers need not: saying so is not wrong.
            continue
        if any(exception in evaluator.mro(e) or e in evaluator.mro(exception) for e in raised):
            continue
        if ignorance is Ignorance.COMPUTATION and (
            exception in _ROOTS
            or (of_library(exception) and not evaluator.is_a(exception, (_OS_ERROR,)))
        ):
            continue
        found.append(
            _finding(
                function.site,
                "note",
                f"{_quoted(function.name)} declares {_listed([exception])}, "
                "but nothing in it can raise that",
            )
        )
    return found


def substituted(
    substitute: Substitute, unchecked: Iterable[str], evaluator: Evaluator
) -> list[Finding]:
    """The error of what may raise more than is declared for what it stands for."""
    ways: dict[str, Origin | None] = {}
    for call in substitute.calls:
        for escape, origin in evaluator.escapes(call).items():
            if call.declared is not None and not (
                covers(call.declared, escape, evaluator, exactly=origin is None)
                or evaluator.is_a(escape.exception, unchecked)
            ):
                ways.setdefault(escape.exception, origin)
    if not ways:
        return []
    name, promised = _quoted(substitute.name), _quoted(substitute.promised)
    widest = _widest(list(ways), evaluator)
    it = "them" if len(widest) > 1 else "it"
    what = f"{name} may raise {_listed(widest)}"
    chain = () if substitute.how is How.OVERRIDES else evaluator.chain(ways[widest[0]])
    way = f" ({_way(chain)})" if chain else ""
    if substitute.how is How.OVERRIDES:
        message = (
            f"{what}, which {promised} does not declare: callers of that do not expect {it}; "
            f"declare {it} there, or handle {it} here"
        )
    elif substitute.how is How.INHERITED:
        message = (
            f"{what}{way}, which {promised} does not declare, and {_quoted(substitute.owner)} has "
            f"it in the place of that: declare {it} there, or handle {it} in an override"
        )
    else:
        subject = _quoted(substitute.owner) if substitute.owner else "it"
        message = (
            f"{what}{way}, which {promised} does not declare, and {subject} stands for "
            f"{_quoted(substitute.taken)} here: declare {it} there, or handle {it} in {name}"
        )
    return [_finding(substitute.calls[0].site, "error", message)]


def missing(
    function: Function, evaluator: Evaluator, unchecked: Collection[str], named: Named
) -> Finding:
    """The error of a public function that does not declare, where all must.

    Args:
        function: The function.
        evaluator: What knows the classes.
        unchecked: What nobody has to declare.
        named: How the module names a class.
    """
    contract = suggested(function, evaluator, unchecked)
    needed: dict[str, set[str]] = {}
    late: set[str] = set()

    def texts(exceptions: Iterable[str]) -> list[str]:
        mentions = [_mention(each, evaluator, named) for each in exceptions]
        for mention in mentions:
            if mention.late:
                late.add(mention.text.partition(".")[0])
            if mention.home:
                needed.setdefault(mention.home, set()).add(mention.imported)
        return sorted({mention.text for mention in mentions})

    arguments = texts(contract.raises)
    for parameter, given in contract.given.items():
        listed = texts(given.raises)
        value = listed[0] if len(listed) == 1 else f"({', '.join(listed)})"
        arguments.append(f"{parameter}={value}")
    seen = evaluator.ignorance(function) is Ignorance.NONE
    means = [_import(home, names) for home, names in sorted(needed.items())]
    means += [f"{name} has to be defined above it" for name in sorted(late)]
    return _finding(
        function.site,
        "error",
        f"{_quoted(function.name)} is public and must declare what it raises: "
        f"@raises({', '.join(arguments)}){'' if seen else ', as far as can be seen'}"
        + (f" ({'; '.join(means)})" if means else ""),
    )


def unreadable(site: Site, message: str, *, known: bool) -> Finding:
    """What is said of a declaration that cannot be read: a note, if it may be right."""
    return _finding(site, "error" if known else "note", message)


def _import(home: str, names: set[str]) -> str:
    """The statement that imports names from a module, or the module itself for an empty one."""
    listed = ", ".join(sorted(filter(None, names)))
    return f"from {home} import {listed}" if listed else f"import {home}"


def suggested(function: Function, evaluator: Evaluator, unchecked: Collection[str]) -> Contract:
    """The contract of a function as narrow as it can be, so that nothing escapes undeclared."""
    escapes = evaluator.escapes(function)
    escaping = uncovered(function, escapes, Contract(), unchecked, evaluator)
    always = [each for each in escaping if _parameter(each) is None]
    raises = [
        each.escape.exception for each in always if not each.goes_without_saying(always, evaluator)
    ]
    contract = Contract(tuple(dict.fromkeys(raises)))
    given: dict[str, list[str]] = {}
    for each in uncovered(function, escapes, contract, unchecked, evaluator):
        parameter = _parameter(each)
        if parameter is None:
            raises.append(each.escape.exception)
        else:
            given.setdefault(parameter, []).append(each.escape.exception)
    return Contract(
        tuple(dict.fromkeys(raises)),
        {key: Given(tuple(_widest(names, evaluator))) for key, names in given.items()},
    )


def _parameter(escaping: Uncovered) -> str | None:
    """The parameter without which it does not escape, if `@raises` can say that."""
    about = asked(escaping.escape.condition)
    return None if about is None or about.required or about.is_nameless else about.parameter


def _mention(exception: str, evaluator: Evaluator, named: Named) -> Mention:
    """How the nearest class is named that can be named."""
    whole = exception.partition("[")[0]
    mentions = (named(each) for each in evaluator.mro(whole))
    return next((each for each in mentions if each is not None), Mention(_short(whole)))


def _widest(names: list[str], evaluator: Evaluator) -> list[str]:
    """The classes without those whose base class is among them."""
    return [
        name
        for name in names
        if not any(other != name and other in evaluator.mro(name) for other in names)
    ]


def _listed(names: list[str]) -> str:
    quoted = [_quoted(_short(name)) for name in sorted(names, key=_short)]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _short(exception: str) -> str:
    """The name of a class without its module; of a group with what is in it.

    Of a class inside of another one with that, which is told from a module by its capital letter.
    """
    base, bracket, contents = exception.partition("[")
    *outer, name = base.split(".")
    while outer and outer[-1].lstrip("_")[:1].isupper():
        name = f"{outer.pop()}.{name}"
    name = _LINE.sub("", name)
    if not bracket:
        return name
    inside = " | ".join(_short(each) for each in contents[:-1].replace("&", "|").split("|"))
    return f"{name}[{inside}]"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _finding(site: Site, severity: Literal["error", "note"], message: str) -> Finding:
    line, column, end_line, end_column = site
    return Finding(line, column, end_line, end_column, severity, message)
