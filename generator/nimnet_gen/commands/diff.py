"""`nimnet-gen diff REV [OTHER]`: say what the changes between revisions mean to users."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.model.surface import Spec
    from nimnet_gen.project.folders import Project

_GATES: Final = ("breaking", "addition", "wording")

_EPILOG: Final = """\
Changes are breaking (callers may have to change), additions (they can go on as
they are), wording (only what is said has changed) or internal (nothing that
users see).

The document of --format json has the keys
  format   the version of this form, a number
  before   the revision REV, a text
  now      the revision OTHER, or null for the files as they are
  gravest  the gravest impact of all, or null if nothing has changed
  changes  a list, the gravest first, of
    impact   breaking, addition, wording or internal
    text     the change in one sentence
    added    a list of what is new: its signature, and of what is called raises
             and tags, lists of names, which are null for the rest, and since,
             the version of the original that has it, if no documented one

exit status:
  0  done, and no change is as grave as --fail-on says
  1  a change is as grave as --fail-on says, or graver; or the specification, as
     it is, has faults
  2  wrong usage, no such revision, one whose specification has faults, no git
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "diff",
        help="say what the changes between revisions mean to users",
        description="Say what the changes since a revision mean to users, or between two.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("revision", metavar="REV", help="a git revision, for example HEAD")
    parser.add_argument(
        "other",
        metavar="OTHER",
        nargs="?",
        help="a later revision to compare with (default: the files as they are)",
    )
    parser.add_argument(
        "--fail-on",
        choices=_GATES,
        metavar="IMPACT",
        help=f"exit with status 1 for changes that grave, or graver: {', '.join(_GATES)}",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to print (default: text)"
    )
    return parser


def run(project: Project, options: argparse.Namespace, _interruptions: Interruptions) -> int:
    """Print the changes, the gravest first."""
    from nimnet_gen.comparison.changes import compare
    from nimnet_gen.comparison.impact import Impact
    from nimnet_gen.comparison.report import document, report
    from nimnet_gen.comparison.revision import RevisionError, spec_at
    from nimnet_gen.plan import resolve

    before, other = options.revision, options.other
    try:
        now = _now(project, other)
        if now is None:
            return DIFFERENT
        changes = list(compare(resolve(spec_at(before, project)), resolve(now)))
    except RevisionError as error:
        return fail(str(error))
    if options.format == "json":
        print(document(changes, before, other))
    else:
        between = f"since {before}" if other is None else f"between {before} and {other}"
        for line in report(changes, between):
            print(line)
    gate = None if options.fail_on is None else Impact(options.fail_on)
    failed = gate is not None and any(change.impact.is_at_least(gate) for change in changes)
    return DIFFERENT if failed else OK


def _now(project: Project, other: str | None) -> Spec | None:
    """Return what is compared with the past; None if its faults have been reported."""
    from nimnet_gen.commands.specification import reported_spec
    from nimnet_gen.comparison.revision import spec_at

    return reported_spec(project) if other is None else spec_at(other, project)
