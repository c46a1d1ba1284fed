"""The codes of faults, explained: what each means, a wrong example, and what would be right.

The meanings are those of the registry. The examples are faults of the specifications that the
generator's own tests keep for each code: `examples.json` is made of them, and a test holds it
against them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nimnet_gen.source.diagnostics import CODES, did_you_mean

_EXAMPLES: Final = Path(__file__).with_name("examples.json")
_CODE: Final = re.compile(r"spec-?[0-9]+", re.IGNORECASE)
_OWN: Final = frozenset({"SPEC150", "SPEC151", "SPEC152", "SPEC153"})
"""The codes that no specification is to bring about."""


class UnknownCodeError(Exception):
    """There is no such code; the message says which there are."""


@dataclass(frozen=True)
class Example:
    """One fault: the line that has it, what is said of it, and what would be right."""

    line: str
    column: int
    message: str
    right: str


def is_code(name: str) -> bool:
    """Tell whether somebody asks for a code, and for no name of a specification."""
    return name.upper() in CODES or (
        _CODE.fullmatch(name) is not None and name[:4].upper() == "SPEC"
    )


def examples() -> Mapping[str, Example]:
    """Return the example of each code that has one."""
    read = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return {code: Example(**example) for code, example in read.items()}


def explain_code(name: str) -> Iterator[str]:
    """Yield the lines about one code.

    Raises:
        UnknownCodeError: There is none of that name.
    """
    code = name.upper()
    if code not in CODES:
        hint = did_you_mean(code, CODES, "")
        raise UnknownCodeError(
            f"no fault has the code '{name}'; {hint or 'explain --codes lists them'}"
        )
    yield f"{code}: {CODES[code]}"
    example = examples().get(code)
    if example is not None:
        yield ""
        yield "wrong:"
        if example.line:
            yield f"    {example.line}"
            yield f"    {' ' * (example.column - 1)}^ {example.message}"
        else:
            yield f"    {example.message}"
    if example is not None and example.right:
        yield "right:"
        yield f"    {example.right}"
    if code in _OWN:
        yield ""
        yield "The fault is the generator's own: no rule on the specification has caught what gave"
        yield "this output. Nothing was written. Report it, with the specification."


def list_codes() -> Iterator[str]:
    """Yield a line about each code."""
    for code, meaning in CODES.items():
        yield f"{code}  {meaning}"
