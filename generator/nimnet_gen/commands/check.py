"""`nimnet-gen check`: tell whether the generated files are up to date."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK, mention_foreign

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    return commands.add_parser("check", help="tell whether the generated files are up to date")


def run(project: Project, _options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print how the files differ from what the specification gives."""
    from nimnet_gen.commands.specification import reported_build
    from nimnet_gen.files.write import State, compare

    made = reported_build(project)
    if made is None:
        return DIFFERENT
    differences = compare(project.root, made.outputs, project.output)
    wrong = [difference for difference in differences if difference.state is not State.FOREIGN]
    for difference in wrong:
        print(difference.diff(), end="")
    for difference in wrong:
        print(f"{difference.state.value}: {difference.path}")
    mention_foreign(differences)
    if wrong:
        print("run `nimnet-gen generate`, and commit what it changes")
        return DIFFERENT
    print(f"{len(made.outputs)} files are up to date")
    return OK
