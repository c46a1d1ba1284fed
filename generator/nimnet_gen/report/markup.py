"""Prose of the specification as markup."""

from __future__ import annotations

from markupsafe import Markup, escape


def prose(text: str) -> Markup:
    """Return a text with everything escaped, and what stands in backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its other half stands for itself
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
