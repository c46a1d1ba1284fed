"""The settings of a scenario, and the stage's names in it: they are there where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nimnet_gen.checks.value_forms import The, forms_in
from nimnet_gen.model.evidence import Scenario, Step
from nimnet_gen.model.stage import NOTHING, Setting, Stage, StageName, Where
from nimnet_gen.source.diagnostics import Diagnostics, alternatives
from nimnet_gen.stage import setting
from nimnet_gen.stage.matrix import Staged


def check_settings(staged: Staged, found: Diagnostics) -> None:
    """Check that the settings of a scenario mean something where it runs."""
    for known in staged.stage.settings:
        if known.name in staged.scenario.settings:
            _check(known, staged, found)


def _check(known: Setting, staged: Staged, found: Diagnostics) -> None:
    at = staged.scenario.where(known.name)
    because = f": {known.because}" if known.because else ""
    only = setting.expanded(known.only, staged.stage)
    wrong = [name for name in staged.transports if only and name not in only]
    if not _is_there(known, staged):
        hint = f"it means something {', or '.join(_places(known))}" if known.where_ else ""
        found.add("SPEC103", f"no '{known.name}' given {staged.given.name}{because}", at, hint)
    elif wrong:
        found.add(
            "SPEC103",
            f"no '{known.name}' on {', '.join(wrong)}{because}",
            at,
            f"restrict `transports` to some of {', '.join(only)}",
        )


def _is_there(known: Setting, staged: Staged) -> bool:
    if known.where_ is None:
        return staged.given.name != NOTHING
    return any(
        place.given == staged.given.name and (place.action is None or _does(staged.scenario, place))
        for place in known.where_
    )


def _does(scenario: Scenario, place: Where) -> bool:
    """Tell whether the script has the action that makes the difference."""
    return any(
        name == place.action and place.word in (None, value)
        for entry in scenario.peer
        for name, value in entry.does.items()
    )


def _places(known: Setting) -> Iterator[str]:
    plain = [place.given for place in known.where_ or () if place.action is None]
    if plain:
        yield f"given {alternatives(plain)}"
    for place in known.where_ or ():
        if place.action is not None:
            yield f"given {place.given} with {{{place.action}: {place.word or '...'}}}"


def check_names(staged: Staged, found: Diagnostics) -> None:
    """Check that the names of the stage that calls use are there on every transport.

    An operation is another matter: each of its forms takes what its transports have.
    """
    if not staged.transports:
        return
    known = {name.name: name for name in setting.names(staged.given, staged.stage)}
    for step in staged.scenario.steps:
        if step.call is not None:
            _check_names_of(step, known, staged, found)


def _check_names_of(
    step: Step, known: Mapping[str, StageName], staged: Staged, found: Diagnostics
) -> None:
    for key, value in step.with_.items():
        for form in forms_in(value):
            if isinstance(form, The) and form.name in known:
                fault = _missing(known[form.name], staged.transports, staged.stage)
                if fault is not None:
                    found.add("SPEC103", fault[0], step.where(f"with.{key}"), fault[1])


def _missing(name: StageName, transports: tuple[str, ...], stage: Stage) -> tuple[str, str] | None:
    """Return where a name is missing, and what to do; None if it is there everywhere."""
    only, never = setting.expanded(name.only, stage), setting.expanded(name.never, stage)
    if only and not set(transports) <= set(only):
        listed = ", ".join(only)
        return (
            f"there is no '{name.name}' but on {listed}",
            f"restrict `transports` to [{listed}]",
        )
    if not set(never).isdisjoint(transports):
        listed = ", ".join(one for one in never if one in transports)
        return (
            f"there is no '{name.name}' on {listed}",
            f"restrict `transports` to others than {listed}",
        )
    return None
