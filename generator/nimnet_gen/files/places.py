"""Where a report's files are.

They hold the results of a run and not what the specification gives. So they stand beside the
generated files without being of them: `generate` and `check` pass them over.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

FOLDER: Final = PurePosixPath("generated/reference")
PAGE: Final = FOLDER / "conformance.html"
DOCUMENT: Final = FOLDER / "conformance.json"
JUNIT: Final = FOLDER / "conformance.xml"
LISTINGS: Final = FOLDER / "conformance"
"""The folder of the specification's files as pages with numbered lines, which the page links to."""


def is_reported(path: PurePosixPath) -> bool:
    """Tell whether a path below the project's root is of a report."""
    return path in (PAGE, DOCUMENT, JUNIT) or path.is_relative_to(LISTINGS)
