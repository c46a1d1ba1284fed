"""From a specification to the Python API (`resolve`), and from that to pages.

A page is the view of one file that a template gives; only `generate` and `check` load that part.
"""

from __future__ import annotations

from nimnet_gen.plan.resolve import resolve

__all__ = ["resolve"]
