"""`oracle.yaml`: what the oracle has to know of the original besides its documentation.

The oracle is a program in Nim that plays the scenarios with the original itself. It is compiled
with a release of Nim that exists, which can be a later one than the one that is documented; and a
project that has a stage has it in Nim as well, in a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nimnet_gen.model.declaration import Located, described


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class LaterParam(Located):
    """A parameter that is an extension here, and that the compiled release has all the same."""

    of: str = field(metadata=described("The callable, by the name that the specification has."))
    name: str = field(metadata=described("The parameter, by the name that it has there."))
    nim: str = field(metadata=described("Nim's name of it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class NamedProc(Located):
    """An extension that stands for something which the original, or its support, has."""

    name: str = field(metadata=described("The callable, by the name that the specification has."))
    nim: str = field(metadata=described("Nim's name of it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class StageExpression(Located):
    """How Nim gets what the stage has under a name."""

    type: str = field(metadata=described("The type that the stage gives the name."))
    nim: str = field(metadata=described("The expression; {name} is the name."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Waits(Located):
    """The parameter that bounds how long a call may wait."""

    param: str = field(metadata=described("Its name; it is in milliseconds, and -1 is no bound."))
    raises: str = field(metadata=described("The exception of a call that has waited so long."))
    never: int = field(
        metadata=described(
            "From how many milliseconds on it is there to end a test that hangs, and no scenario "
            "waits for it: where the original lacks the parameter, it is left out."
        )
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class OracleFile(Located):
    """`oracle.yaml`, whole."""

    support: str = field(
        default="support",
        metadata=described("The module in Nim that programs import: the original, and the stage."),
    )
    subject: str = field(
        default="stage.subject",
        metadata=described("The expression for what is given, which methods are called on."),
    )
    names: tuple[StageExpression, ...] = field(
        default=(), metadata=described("How Nim gets what the stage has, by the type of the name.")
    )
    params: tuple[LaterParam, ...] = field(
        default=(), metadata=described("Extensions that the compiled release has.")
    )
    procs: tuple[NamedProc, ...] = field(
        default=(), metadata=described("Extensions that the original has under another name.")
    )
    waits: Waits | None = field(
        default=None, metadata=described("The parameter that bounds waiting, if there is one.")
    )
