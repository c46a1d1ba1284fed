"""The command line: which command it asks for, in which project, and what becomes of errors."""

from __future__ import annotations

import argparse
import os
import traceback
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from nimnet_gen.commands import check, diff, explain, facts, generate, init, lint, report
from nimnet_gen.commands.interruption import InterruptedRunError
from nimnet_gen.commands.outcome import EXIT_STATUS, FAILED, fail, os_message, silence_output

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions

_COMMANDS: Final = (generate, check, lint, diff, explain, report)
"""What is done in a project."""

_ANYWHERE: Final = (init, facts)
"""What makes a project, or a part of one."""

TRACEBACK: Final = "NIMNET_GEN_TRACEBACK"
"""The variable that makes a fault of the generator's own a traceback, for those who mend it."""

_REQUIRED: Final = ("jinja2", "yaml")
"""Modules that an installation without its dependencies lacks."""


def run(arguments: Sequence[str] | None, interruptions: Interruptions) -> int:
    """Run one command and return its exit status.

    Args:
        arguments: The command line; None stands for the process's own.
        interruptions: What a command holds while it changes files, and dismisses then.
    """
    try:
        status = _run(_parser().parse_args(arguments), interruptions)
        print(end="", flush=True)
    except InterruptedRunError:
        silence_output()
        raise
    except ModuleNotFoundError as error:
        if (
            error.name not in _REQUIRED
        ):  # pragma: no cover - an installation that lacks its own parts
            raise
        return fail(f"{error.name} is not installed: pip install nimnet-gen")
    except BrokenPipeError:
        silence_output()
        return FAILED
    except OSError as error:
        silence_output()
        return fail(f"{os_message(error)}; nothing was changed")
    except Exception as error:
        if TRACEBACK in os.environ:
            raise
        return fail(_own_fault(error))
    return status


def _own_fault(error: Exception) -> str:
    """Return what is said of a fault of the generator itself: its place, and how to see more."""
    from nimnet_gen.source.diagnostics import Diagnostic
    from nimnet_gen.source.position import Position

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if __package__.partition(".")[0] in frame.filename] or frames
    last = ours[-1]
    place = Position("/".join(PurePath(last.filename).parts[-3:]), last.lineno or 1, 1)
    return Diagnostic(
        "SPEC153",
        f"the generator fails here: {' '.join(f'{type(error).__name__}: {error}'.split())}",
        place,
        f"nothing was changed; no specification should bring this about: report it, with what "
        f"{TRACEBACK}=1 shows",
    ).render()


def _run(options: argparse.Namespace, interruptions: Interruptions) -> int:
    """Find the project and carry out the command."""
    from nimnet_gen.files.write import UnsafePathError
    from nimnet_gen.project.configuration import ConfigurationError
    from nimnet_gen.project.folders import ProjectNotFoundError, find_project

    if (
        options.command == "explain"
        and (status := explain.run_without_project(options)) is not None
    ):
        return status
    try:
        if options.anywhere:
            return int(options.run(options, interruptions))
        project = find_project(options.root)
        return int(options.run(project, options, interruptions))
    except (ConfigurationError, ProjectNotFoundError, UnsafePathError) as error:
        return fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nimnet-gen",
        description="Generate a typed package, its tests and its reference from a specification.",
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the project's root (default: the nearest folder, from here upwards, whose "
        "pyproject.toml has [tool.nimnet-gen])",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for place in _ANYWHERE:
        place.add(subparsers).set_defaults(run=place.run, anywhere=True)
    for command in _COMMANDS:
        command.add(subparsers).set_defaults(run=command.run, anywhere=False)
    return parser
