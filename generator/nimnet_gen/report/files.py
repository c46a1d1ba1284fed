"""A report's files, from the specification and the files of results; and writing them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import jinja2

from nimnet_gen.files.places import DOCUMENT, LISTINGS, PAGE
from nimnet_gen.files.transaction import Replacement, replace_all
from nimnet_gen.model.surface import Spec
from nimnet_gen.render.output import Output
from nimnet_gen.report.assembly import assembled
from nimnet_gen.report.document import Document
from nimnet_gen.report.listing import listing_path, listing_view
from nimnet_gen.report.markup import prose
from nimnet_gen.report.page import page_view
from nimnet_gen.report.results import read_nim_results, read_results

_TEMPLATES: Final = Path(__file__).parent / "templates"


def read_document(spec: Spec, matrix: Path, oracle: Path | None) -> Document:
    """Return the report of a run.

    Args:
        spec: The specification without faults.
        matrix: The results of the generated tests.
        oracle: The results of the oracle, or None where Nim was not asked.

    Raises:
        ResultsError: The results cannot be used.
    """
    nim = None if oracle is None else read_nim_results(oracle, spec.stage)
    return assembled(spec, read_results(matrix, spec.stage), nim)


def outputs(document: Document, spec: Spec, folder: PurePosixPath) -> Iterator[Output]:
    """Yield the files of a report, which goes to a folder below the project's root."""
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    yield Output(folder / DOCUMENT, text.encode())
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
        auto_reload=False,
    )
    environment.filters["prose"] = prose
    page = environment.get_template("conformance.html.jinja")
    yield Output(folder / PAGE, page.render(page=page_view(document)).encode())
    listing = environment.get_template("listing.html.jinja")
    for file in document["files"]:
        view = listing_view(file, spec.sources[file])
        yield Output(folder / listing_path(file), listing.render(page=view).encode())


def write(
    root: Path, files: tuple[Output, ...], folder: PurePosixPath, check: Callable[[], None]
) -> None:
    """Write a report's files, all or none, and remove the listings of files that are gone.

    Args:
        root: The project's root.
        files: The report.
        folder: Where it is, below the root.
        check: Called between the steps; may raise to give up.

    Raises:
        OSError: It did not work; the tree is as before.
    """
    wanted = {root / output.path for output in files}
    gone = (
        path for path in sorted((root / folder / LISTINGS).rglob("*.html")) if path not in wanted
    )
    replace_all(
        (
            *(Replacement(root / output.path, output.content) for output in files),
            *(Replacement(path, None) for path in gone),
        ),
        check,
    )
