"""Reading what the two runs wrote: the matrix and the oracle.

Both hold an object for each test, in a list that may stand under `results`. The forms of a test
are a list, or a mapping from its operations. Nothing is taken on trust, because a file may be of
another version, or be cut short.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nimnet_gen.model.stage import Stage, Variant
from nimnet_gen.stage.matrix import label
from nimnet_gen.stage.setting import Kind

OUTCOMES: Final = ("passed", "failed", "skipped")
VERDICTS: Final = ("agrees", "departs", "inexpressible")

_REMEDY: Final = "run `make conformance` to write it anew"


class ResultsError(Exception):
    """A file of results cannot be used; the message says which, where in it, and what to do."""


@dataclass(frozen=True)
class Ran:
    """Which test of the matrix a result is of."""

    statement: str
    scenario: str
    transport: str | None
    kinds: tuple[Kind, ...]
    forms: tuple[str, ...]

    @property
    def label(self) -> str:
        """The test as its id has it: `disk-cached-read/3`."""
        return label(self.transport, self.kinds, self.forms)


@dataclass(frozen=True)
class Result:
    """What one test gave.

    Attributes:
        ran: the test.
        outcome: one of `OUTCOMES`.
        duration: seconds.
        text: why it failed or was skipped; empty where it passed.
    """

    ran: Ran
    outcome: str
    duration: float
    text: str


@dataclass(frozen=True)
class NimResult:
    """What Nim did in one test.

    Attributes:
        ran: the test.
        verdict: one of `VERDICTS`.
        observed: the first difference; empty where there is none.
        why: why the package departs, or why Nim cannot express the scenario.
        outcome: one of `OUTCOMES`; failed where the specification says otherwise.
    """

    ran: Ran
    verdict: str
    observed: str
    why: str
    outcome: str


def read_results(path: Path, stage: Stage) -> tuple[Result, ...]:
    """Return what the tests of the matrix gave.

    Args:
        path: The file.
        stage: The stage whose variants the tests have, each under its name.

    Raises:
        ResultsError: The file is missing, is no JSON, or holds something else.
    """
    return tuple(
        Result(
            item.ran(stage),
            item.choice("outcome", OUTCOMES),
            item.seconds("seconds"),
            item.text("text"),
        )
        for item in _items(path)
    )


def read_nim_results(path: Path, stage: Stage) -> tuple[NimResult, ...]:
    """Return what Nim did.

    Args:
        path: The file.
        stage: The stage whose variants the tests have, each under its name.

    Raises:
        ResultsError: The file is missing, is no JSON, or holds something else.
    """
    return tuple(
        NimResult(
            item.ran(stage),
            item.choice("verdict", VERDICTS),
            item.text("observed"),
            item.text("why"),
            item.choice("outcome", OUTCOMES),
        )
        for item in _items(path)
    )


@dataclass(frozen=True)
class _Item:
    """One object of a file; `place` names it in messages."""

    values: Mapping[str, object]
    place: str

    def ran(self, stage: Stage) -> Ran:
        transport = self.values.get("transport")
        kinds = tuple(kind for variant in stage.variants for kind in self._kinds(variant))
        forms = self.values.get("forms")
        if isinstance(forms, dict):
            forms = list(forms.values())
        if not (transport is None or isinstance(transport, str)):
            raise self._wrong("transport", "a text or null")
        if not isinstance(forms, list):
            raise self._wrong("forms", "a list of texts")
        names = [form for form in forms if isinstance(form, str)]
        if len(names) != len(forms):
            raise self._wrong("forms", "a list of texts")
        return Ran(self.text("statement"), self.text("scenario"), transport, kinds, tuple(names))

    def _kinds(self, variant: Variant) -> Iterator[Kind]:
        """Yield the value of a variant, if the test has one."""
        value = self.values.get(variant.name)
        if variant.values:
            if value in variant.values:
                yield Kind(variant.name, str(value))
            elif value is not None:
                raise self._wrong(variant.name, f"one of {', '.join(variant.values)}, or null")
        elif isinstance(value, bool):
            yield Kind(variant.name, value)
        elif value is not None:
            raise self._wrong(variant.name, "true, false or null")

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        # What a program printed can have half a surrogate pair, which no file can hold.
        return value.encode(errors="backslashreplace").decode()

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or value not in known:
            raise self._wrong(key, f"one of {', '.join(known)}")
        return value

    def seconds(self, key: str) -> float:
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number of seconds")
        return float(value)

    def _wrong(self, key: str, right: str) -> ResultsError:
        found = f"is {self.values[key]!r}" if key in self.values else "is missing"
        return ResultsError(f"{self.place}: '{key}' {found}, but has to be {right}; {_REMEDY}")


def _items(path: Path) -> Iterator[_Item]:
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultsError(f"there is no {path}; {_REMEDY}") from None
    except RecursionError:
        raise ResultsError(f"{path} is nested too deep; {_REMEDY}") from None
    except ValueError as error:
        raise ResultsError(f"{path} is no JSON ({error}); {_REMEDY}") from None
    if isinstance(document, dict):
        document = document.get("results")
    if not isinstance(document, list):
        raise ResultsError(f"{path} holds no list of results; {_REMEDY}")
    for number, values in enumerate(document, start=1):
        place = f"{path}, result {number}"
        if not isinstance(values, dict):
            raise ResultsError(f"{place} is no object; {_REMEDY}")
        yield _Item(values, place)
