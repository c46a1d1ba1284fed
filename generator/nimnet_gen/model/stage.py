"""The stage: what a project's scenarios can be given, where they run, and what their peers can do.

A project that has one says so in a file of its own. Each class is what an entry of that file can
say; without the file there is nothing to be given, and scenarios are calls alone. The keys that it
adds to scenarios, and to what their peers do, are made in `vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from nimnet_gen.model.declaration import Located, Value, described, shorthand
from nimnet_gen.source.position import Position

Taken = Literal["data", "number", "signal", "switch", "word"]

GENERATED_NAMES: Final = frozenset(
    {"transport", "peer", "result", "stage", "scenario", "raising", "lasting"}
    | {"started", "actions", "operations", "pytest"}
)
"""Names that generated tests use themselves, besides those of variants."""

NOTHING: Final = "nothing"
"""What every stage can give: nothing, on no transport, without a peer, in a single test."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Group(Located):
    """Several transports under one name."""

    name: str = field(metadata=described("The name, as good as those of all its transports."))
    transports: tuple[str, ...] = field(metadata=described("The transports, in order."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Variant(Located):
    """A way in which what is given differs on every transport; a scenario runs in each of them."""

    name: str = field(
        metadata=described(
            "The key of scenarios that are restricted by it; an adjective if it has no `values`."
        )
    )
    doc: str = field(metadata=described("What the key means to a scenario."))
    values: tuple[str, ...] = field(
        default=(), metadata=described("The words that it can be; without any, true or false.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Subject(Located):
    """The object that is ready, on which methods are called where no step says `on`."""

    name: str = field(metadata=described("What steps call it."))
    type: str = field(metadata=described("The type of the specification that it has."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Given(Located):
    """What can be ready when a scenario's steps begin."""

    name: str = field(metadata=described("What a scenario's `given` says."))
    doc: str = field(metadata=described("What is ready, and what the peer has done."))
    transports: str | None = field(
        default=None,
        metadata=described("The group of transports that it is on; absent for a single place."),
    )
    variants: tuple[str, ...] | None = field(
        default=None, metadata=described("The variants that it has, where not all.")
    )
    subject: Subject | None = field(
        default=None, metadata=described("The object that is ready, if there is one.")
    )
    peer: bool = field(default=True, metadata=described("Whether there is a peer with a script."))
    opens: str | None = field(
        default=None,
        metadata=described("The action that has to begin what the peer has not from the start."),
    )
    begins: tuple[str, ...] = field(
        default=(), metadata=described("The states that hold when the peer's script begins.")
    )
    actions: tuple[str, ...] | None = field(
        default=None, metadata=described("What the peer can do, where not everything.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class StageName(Located):
    """A name that steps can use, and what the stage has for it."""

    name: str = field(metadata=described("The name, for {the: name}."))
    type: str = field(metadata=described("`text`, `data`, or a type of the specification."))
    doc: str = field(metadata=described("What it stands for."))
    givens: tuple[str, ...] | None = field(
        default=None, metadata=described("What has to be given for it, where not anything at all.")
    )
    of_peer: bool = field(
        default=False, metadata=described("It is the peer's: there is none without one.")
    )
    only: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which alone it is there.")
    )
    never: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which it is not there.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Where(Located):
    """Something that is given, alone or with an action that makes the difference."""

    given: str = field(metadata=shorthand("What is given."))
    action: str | None = field(
        default=None, metadata=described("An action that the peer's script has to have.")
    )
    word: str | None = field(
        default=None, metadata=described("The word that the action has to have.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Setting(Located):
    """A key of scenarios that chooses what the peer is like."""

    name: str = field(metadata=described("The key."))
    doc: str = field(metadata=described("What it chooses."))
    choices: tuple[str, ...] = field(metadata=described("The words that it can be."))
    default: str = field(metadata=described("The word that holds without the key."))
    where_: tuple[Where, ...] | None = field(
        default=None, metadata=described("Where it means something, if not everywhere.")
    )
    only: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which alone it is there.")
    )
    because: str = field(default="", metadata=described("Why it is not everywhere, in words."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class State(Located):
    """Something that holds of a peer between two actions or does not, and that actions need."""

    name: str = field(metadata=described("The name that actions and givens refer to."))
    missing: str = field(
        metadata=described("Where it has not held yet, after `'send'`: `before there is ...`.")
    )
    over: str = field(
        metadata=described("What has happened when it no longer holds: `it has ended`.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Word(Located):
    """A word that an action can have: alone, or a mapping."""

    word: str = field(metadata=shorthand("The word."))
    passes: Mapping[str, Value] | None = field(
        default=None,
        metadata=described("The Python class's arguments by keyword; absent for the word itself."),
    )
    sets: tuple[str, ...] = field(
        default=(), metadata=described("The states that hold after the action with this word.")
    )
    clears: tuple[str, ...] = field(
        default=(), metadata=described("The states that do not hold after it.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Beside(Located):
    """A number that may stand beside an action."""

    name: str = field(metadata=described("The key, and the keyword of the Python class."))
    doc: str = field(metadata=described("What the number is."))
    unit: str = field(default="", metadata=described("What it counts, in the plural."))
    says: str = field(metadata=described("It in words, after those of the action, with {value}."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Action(Located):
    """One thing that a peer can do."""

    name: str = field(metadata=described("The key in a peer's script."))
    doc: str = field(metadata=described("What it does, and what its value is."))
    takes: Taken = field(
        default="switch",
        metadata=described(
            "What its value is: bytes (`data`), a positive `number`, a `signal` that is waited "
            "for, one `word` of several, or `true` (a `switch`)."
        ),
    )
    words: tuple[Word, ...] = field(
        default=(), metadata=described("The words, where it takes one.")
    )
    class_: str = field(metadata=described("The Python class that it becomes in generated tests."))
    says: str = field(metadata=described("What the peer does, in words; {value} is its value."))
    beside: tuple[Beside, ...] = field(
        default=(), metadata=described("Numbers that may stand beside it.")
    )
    needs: tuple[str, ...] = field(
        default=(), metadata=described("The states that have to hold before it.")
    )
    sets: tuple[str, ...] = field(default=(), metadata=described("The states that hold after it."))
    clears: tuple[str, ...] = field(
        default=(), metadata=described("The states that do not hold after it.")
    )
    last: bool = field(
        default=False, metadata=described("Whether it can only be the last of a script.")
    )
    only: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which alone it is possible.")
    )
    never: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which it is not possible.")
    )
    because: str = field(default="", metadata=described("Why not on all of them, in words."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class OwnMeans(Located):
    """What is worth a reason where nothing is given: calls that a stage would serve better."""

    tags: tuple[str, ...] = field(metadata=described("The effects by which such calls are known."))
    says: str = field(metadata=described("What the scenario then has: `files of its own`."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Resolver(Located):
    """The facility of answers to host names, which scenarios write under `names`."""

    module: str = field(metadata=described("The Python module with `known`, which is an answer."))
    address: str | None = field(
        default=None, metadata=described("The peer's own IP address, where no queue can be full.")
    )
    givens: tuple[str, ...] = field(
        default=(), metadata=described("Where the peer has a port that can be `full` elsewhere.")
    )
    never: tuple[str, ...] = field(
        default=(), metadata=described("The transports and groups on which it has none.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Stage(Located):
    """A stage, whole."""

    module: str = field(
        metadata=described(
            "The Python module with `stage`, which makes ready what a scenario is given."
        ),
    )
    actions_module: str = field(
        default="", metadata=described("The Python module with the classes of the actions.")
    )
    failure: str | None = field(
        default=None,
        metadata=described(
            "The call that tells the error number which an object keeps of a call that raises none."
        ),
    )
    own_means: OwnMeans | None = field(
        default=None, metadata=described("What needs its reason where nothing is given.")
    )
    resolver: Resolver | None = field(
        default=None, metadata=described("The answers to host names, if scenarios can have any.")
    )
    transports: tuple[str, ...] = field(
        default=(),
        metadata=described("What can carry a scenario, in the order of reports."),
    )
    groups: tuple[Group, ...] = field(
        default=(), metadata=described("Named groups of transports; a given is on one of them.")
    )
    variants: tuple[Variant, ...] = field(
        default=(), metadata=described("What else is tried of everything that is given.")
    )
    default: str | None = field(
        default=None,
        metadata=described("What is given where a scenario has a peer and no `given`."),
    )
    givens: tuple[Given, ...] = field(
        default=(), metadata=described("What can be given, besides `nothing`.")
    )
    names: tuple[StageName, ...] = field(
        default=(), metadata=described("The names that steps can use.")
    )
    settings: tuple[Setting, ...] = field(
        default=(), metadata=described("Further keys of scenarios.")
    )
    states: tuple[State, ...] = field(
        default=(), metadata=described("What holds of a peer between its actions.")
    )
    actions: tuple[Action, ...] = field(default=(), metadata=described("What peers can do."))


_NOWHERE: Final = Position("", 1, 1)

NOTHING_GIVEN: Final = Given(
    at=_NOWHERE, keys={}, name=NOTHING, doc="Nothing.", variants=(), peer=False
)

NO_STAGE: Final = Stage(at=_NOWHERE, keys={}, module="")
"""The stage of a project without the file."""
