"""The last look at outputs before anything is written: none can be broken, or fall on another.

The checks on the specification say what is wrong in its own words, at its own lines. What they let
pass and should not is met here, whatever it was: a file that does not parse, a name that nothing
defines, two files in one place, a file outside of the folder of outputs. Such a fault is the
generator's own, and its place is a line of the output.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Final

from nimnet_gen.render.output import Output
from nimnet_gen.render.python_names import name_faults
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError
from nimnet_gen.source.position import Position

_HINT: Final = (
    "the generator cannot express something in the specification, and no rule of it says so: "
    "look for what this line is made of, and report it"
)


def check_outputs(
    outputs: Iterable[Output], folder: PurePosixPath, besides: frozenset[PurePosixPath]
) -> Diagnostics:
    """Return what is wrong with outputs.

    Args:
        outputs: All of them.
        folder: Where they belong, relative to the project's root.
        besides: The paths of those that belong elsewhere.
    """
    found = Diagnostics()
    with suppress(TooManyFaultsError):
        made = list(outputs)
        _check_places(made, folder, besides, found)
        for output in made:
            _check_content(output, found)
    return found


def _check_places(
    outputs: list[Output],
    folder: PurePosixPath,
    besides: frozenset[PurePosixPath],
    found: Diagnostics,
) -> None:
    """Check paths, also as a file system sees them that does not tell upper from lower case."""
    taken: dict[tuple[str, ...], PurePosixPath] = {}
    folders: dict[tuple[str, ...], PurePosixPath] = {}
    for output in outputs:
        path, at = output.path, Position(str(output.path), 1, 1)
        parts = path.parts
        outside = ".." in parts or path.is_absolute() or not path.is_relative_to(folder)
        if outside and path not in besides:
            found.add("SPEC150", f"this output is outside of the folder '{folder}'", at, _HINT)
        key = tuple(part.casefold() for part in parts)
        other = taken.get(key) or folders.get(key)
        for length in range(1, len(key)):
            other = other or taken.get(key[:length])
            folders.setdefault(key[:length], path)
        if other is not None:
            found.add("SPEC150", f"this output stands in the place of '{other}'", at, _HINT)
        taken.setdefault(key, path)


def _check_content(output: Output, found: Diagnostics) -> None:
    file = str(output.path)
    try:
        match output.path.suffix:
            case ".py":
                _check_python(output, found)
            case ".toml":
                tomllib.loads(output.content.decode())
            case ".json":
                json.loads(output.content)
            case ".jsonl":
                for line in filter(None, output.content.splitlines()):
                    json.loads(line)
    except UnicodeDecodeError as error:
        found.add(
            "SPEC151", f"the output is not UTF-8: {error.reason}", Position(file, 1, 1), _HINT
        )
    except tomllib.TOMLDecodeError as error:
        found.add("SPEC151", f"the output is not TOML: {error}", Position(file, 1, 1), _HINT)
    except json.JSONDecodeError as error:
        at = Position(file, error.lineno, error.colno)
        found.add("SPEC151", f"the output is not JSON: {error.msg}", at, _HINT)


def _check_python(output: Output, found: Diagnostics) -> None:
    file = str(output.path)
    text = output.content.decode()
    found.add_source(file, tuple(text.splitlines()))
    try:
        tree = ast.parse(text)
        compile(tree, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line, column, message = 1, 1, str(error)
        if isinstance(error, SyntaxError):
            line, column, message = error.lineno or 1, error.offset or 1, error.msg
        at = Position(file, line, max(column, 1))
        found.add("SPEC151", f"the output is not Python: {message}", at, _HINT)
        return
    for node, message in name_faults(tree):
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        found.add("SPEC152", f"in the output {message}", Position(file, line, column + 1), _HINT)
