"""`python -m nimnet_effects PATH...`: what the plugin finds, and nothing else that mypy says.

It runs mypy with the project's own configuration and the plugin, whether or not the configuration
names it, or there is one. Exit status: 0 if nothing was found, 1 if something was, 2 if it could
not be looked for: never 0 because nothing was looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from nimnet_effects import failures

if TYPE_CHECKING:
    from mypy.build import BuildResult
    from mypy.modulefinder import BuildSource
    from mypy.options import Options

PLUGIN: Final = "nimnet_effects.mypy"
_CODE: Final = "raises"
_DECLARING: Final = frozenset(("nimnet", "nimnet_effects"))
"""Where `raises` comes from: of code that cannot import it, nothing is known to declare."""

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


@dataclass(slots=True)
class _Outcome:
    """What came of a run of mypy.

    Attributes:
        messages: what mypy said of the code.
        blocked: what it said instead of going on.
        remarks: what else it said, of no file.
        unknown: modules that declarations are made with, and that the code could not import.
    """

    messages: list[Message] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is returned."""
    line = _command_line().parse_args(arguments)
    try:
        from mypy import main as mypy_main

        # It gives mypy the code, which configurations may name.
        from nimnet_effects import checkpoint
        from nimnet_effects.session.project import is_looked_into
    except ImportError as error:
        _say(f"nimnet_effects needs mypy, which cannot be loaded: {error}")
        _say("with nimnet, it comes with: pip install 'nimnet[mypy]'")
        return FAILED
    assert checkpoint.RAISES.code == _CODE
    config = [] if line.config_file is None else ["--config-file", line.config_file]
    sources, options = mypy_main.process_options(
        [*config, "--", *line.paths] if line.paths else config,
        program="python -m nimnet_effects",
        header="%(prog)s [-h] [PATH ...]",
    )
    if options.config_file is None:
        # mypy has found nothing of its own in it; the plugin may well find something.
        options.config_file = line.config_file
    _prepare(options)
    missing = [path for source in sources if (path := source.path) and not Path(path).exists()]
    for path in missing:
        _say(f"{path}: there is nothing there")
    if missing:
        return FAILED
    silenced = {
        source.path or source.module: reason
        for source in sources
        if (reason := _silenced(source, options, is_looked_into))
    }
    for path, reason in silenced.items():
        _say(f"{path}: not checked: {reason}")
    if len(silenced) == len(sources):
        return FAILED
    try:
        outcome = _run(sources, options)
    except BrokenPipeError:
        return FAILED
    except Exception as error:  # whatever mypy raises that it does not tell itself
        _say(_described(error, options))
        return FAILED
    found = [message for message in outcome.messages if message.code == _CODE]
    try:
        for text in _FORMATS[line.format](found):
            print(text)
        print(end="", flush=True)
    except OSError as error:
        _silence(sys.stdout)
        _say(f"what was found cannot be written: {error}")
        return FAILED
    for text in (*outcome.remarks, *outcome.blocked):
        _say(text)
    for module in outcome.unknown:
        _say(
            f"nothing was checked where {module} is imported: mypy does not find or follow it "
            "(see its options python_executable, mypy_path, follow_imports)"
        )
    if outcome.blocked or outcome.unknown or failures.told():
        return FAILED
    if any(failures.is_one(message.message) for message in found):
        return FAILED
    return FOUND if any(message.severity == "error" for message in found) else NOTHING


def _described(error: Exception, options: Options) -> str:
    """Why mypy ended, in one sentence."""
    kind = type(error)
    if kind.__module__ == "sqlite3":  # which some builds of Python do not have
        return f"mypy cannot use its cache in {options.cache_dir}: {error}"
    if isinstance(error, OSError):
        return f"mypy could not go on: {error}"
    return f"mypy failed with {kind.__name__}: {error}".removesuffix(": ")


def _say(text: str) -> None:
    """Write a line to standard error; where that cannot be, the exit status has to say it."""
    if sys.stderr is None:  # and `print` would take the other output
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)


def _silence(output: TextIO) -> None:
    """Keep Python from failing, as it ends, to write what is left in a broken output."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nimnet_effects",
        description="Check what functions raise against what they declare with @raises.",
        epilog="exit status: 0 if nothing was found, 1 if something was, 2 if it could not be "
        "looked for, with the reason on standard error",
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
    """Have mypy run in one process, and tell everything in a form to be read."""
    if not _names_plugin(options) or options.num_workers:
        # Its cache is of other plugins, or of parallel runs: both would only spoil each other's.
        if options.cache_dir != os.devnull:
            options.cache_dir = os.path.join(options.cache_dir, "nimnet_effects")  # noqa: PTH118
        options.num_workers = 0
    options.output = "json"
    options.pretty = False
    options.show_error_context = False
    options.show_column_numbers = True
    options.hide_error_codes = False
    options.many_errors_threshold = -1
    options.report_dirs = {}
    # What mypy does next, and what the options of each module begin with. It tells of wrong codes.
    options.process_error_codes(error_callback=lambda _: None)


def _names_plugin(options: Options) -> bool:
    """Whether the configuration has the plugin, perhaps with the name of its function."""
    return any(each.partition(":")[0] == PLUGIN for each in options.plugins)


def _silenced(
    source: BuildSource, options: Options, is_looked_into: Callable[[str, Options], bool]
) -> str | None:
    """Why nobody would see an error of a file, if the configuration, or where it is, says so.

    What a comment in the file itself silences is like any ignore: somebody has looked at it.
    """
    own = options.clone_for_module(source.module)
    if own.ignore_errors:
        return "the configuration of mypy has ignore_errors for it"
    if any(code.code == _CODE for code in own.disabled_error_codes):
        return f'the configuration of mypy has "{_CODE}" in disable_error_code'
    if source.path is not None and not is_looked_into(source.path, options):
        return "it is of an installed package"
    return None


def _run(sources: list[BuildSource], options: Options) -> _Outcome:
    from mypy import build
    from mypy.defaults import RECURSION_LIMIT
    from mypy.errors import CompileError
    from mypy.fscache import FileSystemCache

    from nimnet_effects.mypy import EffectsPlugin

    sys.setrecursionlimit(RECURSION_LIMIT)
    outcome = _Outcome()

    def flush(file: str | None, lines: list[str], is_serious: bool) -> None:
        for text in lines:
            entries = list(_parsed(text))
            # What ends the run comes of no file; it may be a warning about the configuration.
            if is_serious or file is None or not entries:
                outcome.remarks.extend([_plain(entry) for entry in entries] or [text])
            else:
                outcome.messages.extend(entries)

    # mypy loads none of those in `options.plugins` where it has found no configuration.
    plugins = [] if _names_plugin(options) else [EffectsPlugin(options)]
    cache = FileSystemCache()
    try:
        # Where it fails itself, mypy prints what it had to say: that would be taken for findings.
        with contextlib.redirect_stdout(io.StringIO()):
            result = build.build(
                sources, options, flush_errors=flush, fscache=cache, extra_plugins=plugins
            )
    except CompileError as error:
        outcome.blocked = [
            shown
            for text in error.messages
            for shown in [_plain(entry) for entry in _parsed(text)] or [text]
        ]
        if not outcome.blocked and not outcome.remarks:
            outcome.blocked = ["mypy could not go on"]
        outcome.blocked, outcome.remarks = [*outcome.remarks, *outcome.blocked], []
        return outcome
    outcome.unknown = _unknown(result)
    return outcome


def _unknown(result: BuildResult) -> list[str]:
    """The modules which declarations come from that some module could not import."""
    missing = {name for state in result.graph.values() for name in state.suppressed}
    return sorted(missing & _DECLARING)


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
