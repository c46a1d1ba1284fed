"""`nimnet-gen generate`: write what changed, remove what is no longer generated."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import (
    DIFFERENT,
    OK,
    fail,
    mention_foreign,
    os_message,
    silence_output,
)

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.files.write import Difference
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "generate", help="write what changed, remove what is no longer generated"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace files that were edited by hand, too"
    )
    return parser


def run(project: Project, options: argparse.Namespace, interruptions: Interruptions) -> int:
    """Write the outputs, all or none of them."""
    from nimnet_gen.files.memory import Memory

    memory = None
    with suppress(OSError):  # of what cannot be read, somebody else tells
        memory = Memory(project)
    count = None if memory is None else memory.recall()
    if count is not None:
        return _tell([], count)

    from nimnet_gen.commands.specification import reported_build
    from nimnet_gen.files.write import State, apply, compare

    made = reported_build(project)
    if made is None:
        return DIFFERENT
    differences = compare(project.root, made.outputs, project.output)
    edited = [difference for difference in differences if difference.is_edited]
    if edited and not options.force:
        return _refuse(edited, project)
    interruptions.hold()
    apply(project.root, differences, interruptions.check)
    # It is done, and nothing may say otherwise: no signal from here on, and no broken output.
    interruptions.dismiss()
    if memory is not None and not any(one.state is State.FOREIGN for one in differences):
        memory.remember(made.outputs)
    return _tell(differences, len(made.outputs))


def _tell(differences: Sequence[Difference], count: int) -> int:
    """Report what was done, and return the exit status."""
    try:
        _report(differences, count)
        print(end="", flush=True)
    except OSError as error:
        silence_output()
        if not isinstance(error, BrokenPipeError):  # pragma: no branch - a reader gone just then
            return fail(f"everything was written, but not this report: {os_message(error)}")
    return OK


def _report(differences: Sequence[Difference], count: int) -> None:
    """Print what was done with each file that was not as it had to be."""
    from nimnet_gen.files.write import State

    for difference in differences:
        if difference.state is not State.FOREIGN:
            print(f"{'removed' if difference.wanted is None else 'wrote'} {difference.path}")
    mention_foreign(differences)
    if all(difference.state is State.FOREIGN for difference in differences):
        print(f"{count} files are up to date")


def _refuse(edited: Sequence[Difference], project: Project) -> int:
    for difference in edited:
        print(f"edited by hand: {difference.path}", file=sys.stderr)
    return fail(
        "nothing was written. To keep such a change, make it in "
        f"{project.source} (or in a template) and take it back here; "
        "to lose it, run `nimnet-gen generate --force`"
    )
