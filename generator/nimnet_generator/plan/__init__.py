"""From the Python API to pages: one view for each file that a template gives."""

from __future__ import annotations

from nimnet_generator.plan.pages import Page, pages
from nimnet_generator.plan.resolve import resolve

__all__ = ["Page", "pages", "resolve"]
