"""`nimnet-gen report FILE`: write what a run of the scenarios gave as a page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.project.folders import Project


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser("report", help="write what a run of the scenarios gave as a page")
    parser.add_argument(
        "results", type=Path, metavar="FILE", help="what pytest --conformance-json FILE wrote"
    )
    parser.add_argument(
        "--oracle",
        type=Path,
        metavar="FILE",
        help="what pytest --oracle-all --oracle-json FILE wrote (default: Nim was not asked)",
    )
    return parser


def run(project: Project, options: argparse.Namespace, interruptions: Interruptions) -> int:
    """Write the page and its data, and say whether the run succeeded."""
    from nimnet_gen.commands.specification import reported_spec
    from nimnet_gen.files.places import PAGE, report_folder
    from nimnet_gen.report import files
    from nimnet_gen.report.results import ResultsError
    from nimnet_gen.report.success import succeeded
    from nimnet_gen.report.summary import summary

    spec = reported_spec(project)
    if spec is None:
        return DIFFERENT
    try:
        document = files.read_document(spec, options.results, options.oracle)
    except ResultsError as error:
        return fail(str(error))
    folder = report_folder(project.output)
    made = tuple(files.outputs(document, spec, folder))
    interruptions.hold()
    files.write(project.root, made, folder, interruptions.check)
    interruptions.dismiss()
    for line in summary(document):
        print(line)
    print(f"\nthe report is {folder / PAGE}")
    return OK if succeeded(document) else DIFFERENT
