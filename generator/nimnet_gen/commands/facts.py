"""`nimnet-gen facts`: the facts of a module, taken from what `nim jsondoc` says of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "facts", help="print the facts of a documentation that `nim jsondoc` has written as JSON"
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="what `nim jsondoc` wrote")
    parser.add_argument("source", metavar="SOURCE", help="which version of what it documents")
    parser.add_argument(
        "--only", metavar="NAME", nargs="+", default=[], help="these names alone (default: all)"
    )
    return parser


def run(options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print a file of facts."""
    from nimnet_gen.documentation.jsondoc import DocumentationError, read_documentation
    from nimnet_gen.documentation.writing import facts_text

    try:
        text = options.file.read_text(encoding="utf-8")
        print(facts_text(read_documentation(text, options.source, options.only)), end="")
    except (DocumentationError, UnicodeDecodeError) as error:
        return fail(f"{options.file}: {error}")
    return OK
