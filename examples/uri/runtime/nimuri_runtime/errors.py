"""The exceptions, which the package hands on."""

from __future__ import annotations


class UriParseError(ValueError):
    """A text is no URI."""
