"""`nimnet-gen lint`: check the specification alone, and count what is in it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    return commands.add_parser(
        "lint", help="check the specification alone, and count what is in it"
    )


def run(project: Project, _options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print how much there is in a specification without faults."""
    from nimnet_gen.commands.counts import counts
    from nimnet_gen.commands.specification import reported_spec

    spec = reported_spec(project)
    if spec is None:
        return DIFFERENT
    for line in counts(spec):
        print(line)
    return OK
