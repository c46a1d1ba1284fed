"""`python -m nimnet_effects PATH...`: what the plugin finds, and nothing else that mypy says.

It runs mypy with the project's own configuration and the plugin, whether or not the configuration
names it. Exit status: 0 if nothing was found, 1 if something was, 2 if it could not be looked for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy.modulefinder import BuildSource
    from mypy.options import Options

PLUGIN: Final = "nimnet_effects.mypy"
_CODE: Final = "raises"
_FAILED: Final = "nimnet_effects failed"

NOTHING, FOUND, FAILED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Message:
    """One line of what was found. Lines and columns count from 1; 0 stands for none."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: str
    code: str | None
    message: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is returned."""
    line = _command_line().parse_args(arguments)
    try:
        from mypy import main as mypy_main
    except ImportError as error:
        print(f"nimnet_effects needs mypy, which cannot be loaded: {error}", file=sys.stderr)
        print("with nimnet, it comes with: pip install 'nimnet[mypy]'", file=sys.stderr)
        return FAILED
    config = [] if line.config_file is None else ["--config-file", line.config_file]
    sources, options = mypy_main.process_options(
        [*config, "--", *line.paths] if line.paths else config,
        program="python -m nimnet_effects",
        header="%(prog)s [-h] [PATH ...]",
    )
    _prepare(options)
    try:
        messages, blocked = _run(sources, options)
    except BrokenPipeError:
        return FAILED
    found = [message for message in messages if message.code == _CODE]
    for text in _FORMATS[line.format](found):
        print(text)
    if blocked:
        for text in blocked:
            print(text, file=sys.stderr)
        return FAILED
    if any(message.message.startswith(_FAILED) for message in found):
        return FAILED
    return FOUND if any(message.severity == "error" for message in found) else NOTHING


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nimnet_effects",
        description="Check what functions raise against what they declare with @raises.",
        epilog="exit status: 0 if nothing was found, 1 if something was, 2 if it could not be "
        "looked for",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="files and folders; without any, those that mypy's configuration names",
    )
    parser.add_argument(
        "--format",
        choices=sorted(_FORMATS),
        default="text",
        help="text (as mypy writes it), json (one list), github (annotations of GitHub Actions)",
    )
    parser.add_argument(
        "--config-file", metavar="FILE", help="mypy's configuration, where it is not found by mypy"
    )
    return parser


def _prepare(options: Options) -> None:
    """Have mypy run with the plugin, in one process, and tell everything in a form to be read."""
    if PLUGIN not in options.plugins or options.num_workers:
        # Its cache is of other plugins, or of parallel runs: both would only spoil each other's.
        if options.cache_dir != os.devnull:
            options.cache_dir = os.path.join(options.cache_dir, "nimnet_effects")  # noqa: PTH118
        options.num_workers = 0
    if PLUGIN not in options.plugins:
        options.plugins = [*options.plugins, PLUGIN]
    options.output = "json"
    options.pretty = False
    options.show_error_context = False
    options.show_column_numbers = True
    options.hide_error_codes = False
    options.many_errors_threshold = -1
    options.report_dirs = {}


def _run(sources: list[BuildSource], options: Options) -> tuple[list[Message], list[str]]:
    """What mypy said of the code, and what it said instead of going on."""
    from mypy import build
    from mypy.defaults import RECURSION_LIMIT
    from mypy.errors import CompileError
    from mypy.fscache import FileSystemCache

    sys.setrecursionlimit(RECURSION_LIMIT)
    messages: list[Message] = []
    serious: list[str] = []

    def flush(file: str | None, lines: list[str], is_serious: bool) -> None:
        for text in lines:
            entries = list(_parsed(text))
            # What ends the run comes of no file; it may be a warning about the configuration.
            if is_serious or file is None or not entries:
                serious.extend(_plain(entry) for entry in entries)
                serious.extend([] if entries else [text])
            else:
                messages.extend(entries)

    try:
        build.build(sources, options, flush_errors=flush, fscache=FileSystemCache())
    except CompileError as error:
        if not serious:
            for text in error.messages:
                serious.extend([_plain(entry) for entry in _parsed(text)] or [text])
        return messages, serious or ["mypy could not go on"]
    return messages, []


def _parsed(text: str) -> Iterable[Message]:
    """The messages in a line that mypy wrote as JSON; none if it is something else."""
    try:
        entry = json.loads(text)
    except ValueError:
        return
    if not isinstance(entry, dict) or "message" not in entry:
        return
    # mypy hangs the notes that follow an error at the same place to that error.
    texts = [(entry["severity"], entry["message"])]
    texts += [("note", hint) for hint in (entry["hint"] or "").splitlines()]
    for severity, message in texts:
        yield Message(
            file=entry["file"],
            line=max(entry["line"], 0),
            column=max(entry["column"] + 1, 0),
            end_line=max(entry["end_line"], 0),
            end_column=max(entry["end_column"] + 1, 0),
            severity=severity,
            code=entry["code"],
            message=message,
        )


def _plain(message: Message) -> str:
    place = f"{message.file}:{message.line}" if message.line else message.file
    code = f"  [{message.code}]" if message.code and message.severity == "error" else ""
    return f"{place}: {message.severity}: {message.message}{code}"


def _text(messages: list[Message]) -> Iterable[str]:
    return map(_plain, messages)


def _json(messages: list[Message]) -> Iterable[str]:
    return [json.dumps([asdict(message) for message in messages], indent=2)]


def _github(messages: list[Message]) -> Iterable[str]:
    for message in messages:
        properties = {
            "file": message.file,
            "line": message.line,
            "endLine": message.end_line,
            "col": message.column,
            "endColumn": message.end_column,
            "title": _CODE,
        }
        if message.end_line > message.line:
            # GitHub takes columns only for what stands on one line.
            del properties["col"], properties["endColumn"]
        listed = ",".join(
            f"{name}={_escaped(str(value), ',:')}" for name, value in properties.items()
        )
        level = "error" if message.severity == "error" else "notice"
        yield f"::{level} {listed}::{_escaped(message.message)}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


_FORMATS: Final[dict[str, Callable[[list[Message]], Iterable[str]]]] = {
    "github": _github,
    "json": _json,
    "text": _text,
}
