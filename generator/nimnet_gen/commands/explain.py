"""`nimnet-gen explain NAME`: print what the specification says of a name, or what a code means."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "explain", help="print all that the specification says of a name, or what a code means"
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="Nim's or Python's name (parseUri, Uri.to_text, parse/2), or a code (SPEC062)",
    )
    asked.add_argument("--codes", action="store_true", help="list the codes of all faults")
    return parser


def run_without_project(options: argparse.Namespace) -> int | None:
    """Print what is asked of codes, for which no project is needed; None if something else is."""
    from nimnet_gen.commands.codes import UnknownCodeError, explain_code, is_code, list_codes

    if not options.codes and not is_code(options.name):
        return None
    try:
        for line in list_codes() if options.codes else explain_code(options.name):
            print(line)
    except UnknownCodeError as error:
        return fail(str(error))
    return OK


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
