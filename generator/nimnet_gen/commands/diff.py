"""`nimnet-gen diff REV`: say what the changes since a revision mean to users."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser("diff", help="say what the changes since a revision mean to users")
    parser.add_argument("revision", metavar="REV", help="a git revision, for example HEAD")
    return parser


def run(project: Project, options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print the changes, breaking ones first."""
    from nimnet_gen.commands.specification import reported_spec
    from nimnet_gen.comparison.changes import changes_since
    from nimnet_gen.comparison.revision import RevisionError

    spec = reported_spec(project)
    if spec is None:
        return DIFFERENT
    try:
        for line in changes_since(options.revision, spec, project):
            print(line)
    except RevisionError as error:
        return fail(str(error))
    return OK
