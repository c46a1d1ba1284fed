"""What a scenario has of its stage: what is given, on which transports, in which variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import Scenario
from nimnet_gen.model.stage import NOTHING, NOTHING_GIVEN, Given, Stage, StageName, Variant


@dataclass(frozen=True)
class Kind:
    """One value of a variant.

    Attributes:
        variant: the variant's name.
        value: the value: a truth value, or a word.
    """

    variant: str
    value: bool | str

    @property
    def label(self) -> str:
        """The value as people read it: `buffered`, `unbuffered`, or the word."""
        if isinstance(self.value, str):
            return self.value
        return self.variant if self.value else f"un{self.variant}"


def variant_labels(stated: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the values of variants that a scenario or a verdict states, as people read them."""
    return tuple(
        Kind(name, value).label for name, value in stated.items() if isinstance(value, bool | str)
    )


def given(scenario: Scenario, stage: Stage) -> Given:
    """Return what is ready when a scenario begins."""
    name = scenario.given
    if name is None:
        name = stage.default if "peer" in scenario.keys else None
    return next((one for one in stage.givens if one.name == name), NOTHING_GIVEN)


@lru_cache(maxsize=64)
def names(given: Given, stage: Stage) -> tuple[StageName, ...]:
    """Return the names that the stage has where this is given."""
    here = (name for name in stage.names if name.givens is None or given.name in name.givens)
    return tuple(name for name in here if given.peer or not name.of_peer)


def transports_of(given: Given, stage: Stage) -> tuple[str, ...]:
    """Return all that scenarios with this can run on."""
    return () if given.transports is None else expanded((given.transports,), stage)


def expanded(listed: Iterable[str], stage: Stage) -> tuple[str, ...]:
    """Return transports, where some are listed as the groups that they are in."""
    groups = {group.name: group.transports for group in stage.groups}
    found = (transport for name in listed for transport in groups.get(name, (name,)))
    return tuple(dict.fromkeys(found))


def variants_of(given: Given, stage: Stage) -> tuple[Variant, ...]:
    """Return the variants that what is given has."""
    if given.name == NOTHING:
        return ()
    return tuple(
        one for one in stage.variants if given.variants is None or one.name in given.variants
    )


def kinds_of(variant: Variant) -> tuple[Kind, ...]:
    """Return every value of a variant, the first of which is the usual one."""
    return tuple(Kind(variant.name, value) for value in variant.values or (True, False))


def chosen(scenario: Scenario, stage: Stage) -> Mapping[str, str]:
    """Return the settings that a scenario has another word for than their default."""
    return {
        one.name: scenario.settings[one.name]
        for one in stage.settings
        if scenario.settings.get(one.name, one.default) != one.default
    }
