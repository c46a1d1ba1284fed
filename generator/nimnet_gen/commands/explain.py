"""`nimnet-gen explain NAME`: print all that the specification says of a name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser("explain", help="print all that the specification says of a name")
    parser.add_argument(
        "name", metavar="NAME", help="Nim's or Python's name: parseUri, Uri.to_text, parse/2"
    )
    return parser


def run(project: Project, options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print everything about one name."""
    from nimnet_gen.commands.explanation import UnknownNameError, explain
    from nimnet_gen.commands.specification import reported_spec

    spec = reported_spec(project)
    if spec is None:
        return DIFFERENT
    try:
        for line in explain(options.name, spec):
            print(line)
    except UnknownNameError as error:
        return fail(str(error))
    return OK
