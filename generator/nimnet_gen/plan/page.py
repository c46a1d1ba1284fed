"""A file that a target has: its template, what stands in its name, and its view."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One file to render.

    Attributes:
        file: its path in the target's folder, which is that of its template as well; `{module}`
            stands in it.
        module: the module that replaces `{module}`; empty for the files of all of them.
        view: what the template sees.
    """

    file: str
    module: str
    view: object
