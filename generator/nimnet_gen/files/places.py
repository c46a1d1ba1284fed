"""Where a report's files are.

They hold the results of a run and not what the specification gives. So they stand beside the
generated files without being of them: `generate` and `check` pass them over.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

PAGE: Final = PurePosixPath("conformance.html")
DOCUMENT: Final = PurePosixPath("conformance.json")
JUNIT: Final = PurePosixPath("conformance.xml")
LISTINGS: Final = PurePosixPath("conformance")
"""The folder of the specification's files as pages with numbered lines, which the page links to."""


def report_folder(output: PurePosixPath) -> PurePosixPath:
    """Return where a project's report is: among the pages of the reference.

    Args:
        output: The folder that everything generated goes to.
    """
    return output / "reference"


def is_reported(path: PurePosixPath, output: PurePosixPath) -> bool:
    """Tell whether a path below the project's root is of a report."""
    folder = report_folder(output)
    return path in (folder / PAGE, folder / DOCUMENT, folder / JUNIT) or path.is_relative_to(
        folder / LISTINGS
    )
