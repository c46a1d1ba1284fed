"""The commands: `nimnet-gen generate | check | lint | diff REV | explain NAME | report FILE`.

What a command finds goes to the standard output, faults to the standard error. A fault of the
specification, of the disk or of the user never shows as a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nimnet_generator.interruption import InterruptedRunError

if TYPE_CHECKING:
    from nimnet_generator.interruption import Interruptions
    from nimnet_generator.model import Spec
    from nimnet_generator.project import Project
    from nimnet_generator.write import Difference

OK: Final = 0
DIFFERENT: Final = 1
FAILED: Final = 2

_EXTRA: Final = ("jinja2", "yaml")
"""Modules that only the generator needs, so that the library does not install them."""

_EXIT_STATUS: Final = """\
exit status:
  0    done; for check, everything is up to date; for report, tests passed, and
       none failed or is missing (skipped ones, which need what the machine
       lacks, count as neither)
  1    the specification has faults; for check, the committed output differs; for
       report, no test passed, one failed or did not run, or Nim did not do what
       was expected or, where it was asked, was not asked about a scenario
  2    the command could not be carried out: wrong usage, no such name or
       revision, hand-edited files in the way, no results of this specification,
       an error of the system
  130  interrupted before anything was changed
"""


def run(arguments: Sequence[str] | None, interruptions: Interruptions) -> int:
    """Run one command and return its exit status.

    Args:
        arguments: The command line; None stands for the process's own.
        interruptions: What `generate` holds while it changes files, and dismisses then.
    """
    try:
        status = _run(_parser().parse_args(arguments), interruptions)
        sys.stdout.flush()
    except InterruptedRunError:
        _silence_output()
        raise
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:  # pragma: no cover - an installation that lacks its own parts
            raise
        return _fail(f"{error.name} is not installed: pip install 'nimnet[generator]'")
    except BrokenPipeError:
        _silence_output()
        return FAILED
    except OSError as error:
        _silence_output()
        return _fail(f"{_os_message(error)}; nothing was changed")
    return status


def _run(options: argparse.Namespace, interruptions: Interruptions) -> int:
    """Find the project and carry out the command."""
    from nimnet_generator.project import ProjectNotFoundError, find_project
    from nimnet_generator.write import UnsafePathError

    try:
        project = find_project(options.root, options.spec, options.runtime)
        match options.command:
            case "generate":
                return _generate(project, interruptions, force=options.force)
            case "check":
                return _check(project)
            case "lint":
                return _lint(project)
            case "diff":
                return _diff(project, options.revision)
            case "report":
                return _write_report(project, interruptions, options.results, options.oracle)
            case _:
                return _explain(project, options.name)
    except (ProjectNotFoundError, UnsafePathError) as error:
        return _fail(str(error))


def _parser() -> argparse.ArgumentParser:
    from nimnet_generator.project import RUNTIME, SPEC

    parser = argparse.ArgumentParser(
        prog="nimnet-gen",
        description="Generate a typed package, its tests and its reference from a specification.",
        epilog=_EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the project's root (default: the nearest folder, from here upwards, with the spec)",
    )
    parser.add_argument(
        "--spec", type=Path, default=SPEC, metavar="DIR", help=f"below the root (default: {SPEC})"
    )
    parser.add_argument(
        "--runtime",
        type=Path,
        default=RUNTIME,
        metavar="DIR",
        help=f"the folder of the runtime package, below the root (default: {RUNTIME})",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    generate = commands.add_parser(
        "generate", help="write what changed, remove what is no longer generated"
    )
    generate.add_argument(
        "--force", action="store_true", help="replace files that were edited by hand, too"
    )
    commands.add_parser("check", help="tell whether the generated files are up to date")
    commands.add_parser("lint", help="check the specification alone, and count what is in it")
    diff = commands.add_parser("diff", help="say what the changes since a revision mean to users")
    diff.add_argument("revision", metavar="REV", help="a git revision, for example HEAD")
    explain = commands.add_parser("explain", help="print all that the specification says of a name")
    explain.add_argument(
        "name", metavar="NAME", help="Nim's or Python's name: recvLine, Socket.recv_line, recv/3"
    )
    report = commands.add_parser("report", help="write what a run of the scenarios gave as a page")
    report.add_argument(
        "results", type=Path, metavar="FILE", help="what pytest --conformance-json FILE wrote"
    )
    report.add_argument(
        "--oracle",
        type=Path,
        metavar="FILE",
        help="what pytest --oracle-all --oracle-json FILE wrote (default: Nim was not asked)",
    )
    return parser


def _checked(project: Project) -> Spec | None:
    """Return the specification if it has no faults; report them otherwise."""
    from nimnet_generator.specification import checked_spec

    spec, found = checked_spec(project)
    if not found:
        return spec
    count = len(found)
    print(found.render(), file=sys.stderr)
    more = "more than " if found.is_full else ""
    print(f"\n{more}{count} fault{'' if count == 1 else 's'} in {project.source}", file=sys.stderr)
    return None


def _generate(project: Project, interruptions: Interruptions, *, force: bool) -> int:
    from nimnet_generator.build import build
    from nimnet_generator.write import apply, compare

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    made = build(spec, project)
    differences = compare(project.root, made.outputs)
    edited = [difference for difference in differences if difference.is_edited]
    if edited and not force:
        return _refuse(edited, project)
    interruptions.hold()
    apply(project.root, differences, interruptions.check)
    # It is done, and nothing may say otherwise: no signal from here on, and no broken output.
    interruptions.dismiss()
    try:
        _report(differences, len(made.outputs))
        sys.stdout.flush()
    except OSError as error:
        _silence_output()
        if not isinstance(error, BrokenPipeError):  # pragma: no branch - a reader gone just then
            return _fail(f"everything was written, but not this report: {_os_message(error)}")
    return OK


def _report(differences: Sequence[Difference], count: int) -> None:
    """Print what was done with each file that was not as it had to be."""
    from nimnet_generator.write import State

    for difference in differences:
        if difference.state is not State.FOREIGN:
            print(f"{'removed' if difference.wanted is None else 'wrote'} {difference.path}")
    _mention_foreign(differences)
    if all(difference.state is State.FOREIGN for difference in differences):
        print(f"{count} files are up to date")


def _refuse(edited: Sequence[Difference], project: Project) -> int:
    for difference in edited:
        print(f"edited by hand: {difference.path}", file=sys.stderr)
    return _fail(
        "nothing was written. To keep such a change, make it in "
        f"{project.source} (or in a template) and take it back here; "
        "to lose it, run `nimnet-gen generate --force`"
    )


def _check(project: Project) -> int:
    from nimnet_generator.build import build
    from nimnet_generator.write import State, compare

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    made = build(spec, project)
    differences = compare(project.root, made.outputs)
    wrong = [difference for difference in differences if difference.state is not State.FOREIGN]
    for difference in wrong:
        print(difference.diff(), end="")
    for difference in wrong:
        print(f"{difference.state.value}: {difference.path}")
    _mention_foreign(differences)
    for template in made.unused:
        print(f"unused template: {template}")
    if wrong:
        print("run `nimnet-gen generate`, and commit what it changes")
        return DIFFERENT
    print(f"{len(made.outputs)} files are up to date")
    return OK


def _lint(project: Project) -> int:
    from nimnet_generator.counts import counts

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    for line in counts(spec):
        print(line)
    return OK


def _diff(project: Project, revision: str) -> int:
    from nimnet_generator.diff import changes_since
    from nimnet_generator.revision import RevisionError

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    try:
        for line in changes_since(revision, spec, project):
            print(line)
    except RevisionError as error:
        return _fail(str(error))
    return OK


def _explain(project: Project, name: str) -> int:
    from nimnet_generator.explain import UnknownNameError, explain

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    try:
        for line in explain(name, spec):
            print(line)
    except UnknownNameError as error:
        return _fail(str(error))
    return OK


def _write_report(
    project: Project, interruptions: Interruptions, results: Path, oracle: Path | None
) -> int:
    from nimnet_generator.report import files
    from nimnet_generator.report.places import PAGE
    from nimnet_generator.report.results import ResultsError
    from nimnet_generator.report.success import succeeded
    from nimnet_generator.report.summary import summary

    spec = _checked(project)
    if spec is None:
        return DIFFERENT
    try:
        document = files.read_document(spec, results, oracle)
    except ResultsError as error:
        return _fail(str(error))
    made = tuple(files.outputs(document, spec))
    interruptions.hold()
    files.write(project.root, made, interruptions.check)
    interruptions.dismiss()
    for line in summary(document):
        print(line)
    print(f"\nthe report is {PAGE}")
    return OK if succeeded(document) else DIFFERENT


def _mention_foreign(differences: Sequence[Difference]) -> None:
    """Name the files that stand among the generated ones and are not the generator's."""
    from nimnet_generator.write import State

    for difference in differences:
        if difference.state is State.FOREIGN:
            print(f"left alone, not generated: {difference.path}")


def _fail(message: str) -> int:
    # Where even that output is broken, the exit status has to say it.
    with suppress(OSError):
        print(f"nimnet-gen: {message}", file=sys.stderr)
    return FAILED


def _os_message(error: OSError) -> str:
    """Return an error of the system as one sentence with the file it is about."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _silence_output() -> None:
    """Keep the interpreter from failing, at its end, to write what is left in a broken output."""
    with suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
